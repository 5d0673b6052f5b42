"""Beta calibration."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, xlogy
from scipy.stats import beta

from sklearn_calib.calibrators import BetaCalibrator


def draw(n=500, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.4
    return np.where(y, rng.beta(3, 1.5, n), rng.beta(1, 2, n)), y


def log_odds(p, a, b, c):
    return a * np.log(p) - b * np.log1p(-p) + c


def slow_fit(p, y, parameters):
    """Plain bounded optimisation of the definition of Kull et al. (2017)."""

    def abc(x):
        if parameters == "am":
            return x[0], x[0], x[1]
        if parameters == "ab":
            return x[0], x[1], (x[0] - x[1]) * np.log(2)
        return x

    def loss(x):
        q = np.clip(expit(log_odds(p, *abc(x))), 1e-15, 1 - 1e-15)
        return -np.mean(xlogy(y, q) + xlogy(~y, 1 - q))

    n_slopes = {"am": 1, "ab": 2, "abm": 2}[parameters]
    free = 0 if parameters == "ab" else 1
    bounds = [(0, None)] * n_slopes + [(None, None)] * free
    start = [1.0] * n_slopes + [0.0] * free
    return abc(minimize(loss, start, method="L-BFGS-B", bounds=bounds, tol=1e-14).x)


@pytest.mark.parametrize("parameters", ["abm", "am", "ab"])
def test_optimum_against_a_slow_one(parameters):
    p, y = draw()
    calibrator = BetaCalibrator(parameters=parameters).fit(p, y)
    fitted = [calibrator.a_[0], calibrator.b_[0], calibrator.c_[0]]
    np.testing.assert_allclose(fitted, slow_fit(p, y, parameters), atol=2e-4)


def test_scores_that_follow_beta_distributions_have_known_parameters():
    """The ratio of Beta(3, 1.5) to Beta(1, 2): a = 3 - 1, b = 2 - 1.5, c from the constants."""
    p, y = draw(400_000)
    calibrator = BetaCalibrator().fit(p, y)
    c = np.log(0.4 / 0.6) + np.log(beta(3, 1.5).pdf(0.5) / beta(1, 2).pdf(0.5))
    c -= log_odds(0.5, 2, 0.5, 0)
    assert calibrator.a_ == pytest.approx([2], abs=0.03)
    assert calibrator.b_ == pytest.approx([0.5], abs=0.03)
    assert calibrator.c_ == pytest.approx([c], abs=0.06)


def test_ab_leaves_one_half_where_it_is():
    p, y = draw()
    assert BetaCalibrator(parameters="ab").fit(p, y).predict_proba([0.5])[0, 1] == pytest.approx(
        0.5
    )


def test_scores_the_wrong_way_round_give_no_decreasing_map():
    p, y = draw()
    calibrator = BetaCalibrator().fit(1 - p, y)
    assert calibrator.a_[0] >= 0
    assert calibrator.b_[0] >= 0
    mapped = calibrator.predict_proba(np.linspace(0.01, 0.99, 50))[:, 1]
    assert (np.diff(mapped) >= -1e-12).all()


def test_unknown_parameters_are_told():
    with pytest.raises(ValueError, match="parameters must be one of 'abm', 'am', 'ab'; got 'a'"):
        BetaCalibrator(parameters="a").fit([0.1, 0.9], [0, 1])
