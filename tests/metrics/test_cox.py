"""Calibration intercept and slope against scikit-learn's logistic regression and closed forms."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from sklearn_calib.metrics import calibration_intercept, calibration_slope


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    z = rng.normal(size=300)
    return (rng.random(300) < expit(0.6 * z - 0.3)).astype(int), expit(z), rng.random(300)


def test_the_slope_is_that_of_an_all_but_unpenalised_logistic_regression(data):
    y, p, weight = data
    model = LogisticRegression(C=1e10, tol=1e-10, max_iter=1000)
    model.fit(logit(p)[:, None], y, sample_weight=weight)
    slope = calibration_slope(y, p, sample_weight=weight)
    assert slope == pytest.approx(model.coef_[0, 0], rel=1e-5)


def test_the_intercept_makes_the_mean_forecast_the_mean_outcome(data):
    y, p, weight = data
    a = calibration_intercept(y, p, sample_weight=weight)
    shifted = expit(logit(p) + a)
    assert np.average(shifted, weights=weight) == pytest.approx(np.average(y, weights=weight))


def test_outcomes_with_known_probability_give_the_map_back():
    # Graded outcomes that are the true probabilities: the likelihood is largest at the truth.
    p = np.linspace(0.05, 0.95, 19)
    outcome = expit(0.5 * logit(p))
    assert calibration_slope(outcome, p, kind="record") == pytest.approx(0.5)
    outcome = expit(logit(p) - 1)
    assert calibration_intercept(outcome, p, kind="record") == pytest.approx(-1)
    assert calibration_slope(outcome, p, kind="record") == pytest.approx(1)


def test_one_forecast():
    # 3 of 4 right at 90 %: log 3 - log 9; a slope cannot be known and stays at 1
    y, p = [1, 1, 1, 0], [0.9] * 4
    assert calibration_intercept(y, p) == pytest.approx(np.log(3) - np.log(9))
    assert calibration_slope(y, p) == pytest.approx(1)


def test_separable_outcomes_warn_and_give_platts_targets():
    y, p = [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]
    with pytest.warns(UserWarning, match="calibration slope is infinite"):
        slope = calibration_slope(y, p)
    # two of each: the targets are 1/4 and 3/4
    assert slope == pytest.approx(calibration_slope([0.25, 0.25, 0.75, 0.75], p, kind="record"))


def test_outcomes_of_one_class_warn_and_give_platts_targets():
    with pytest.warns(UserWarning, match="calibration intercept is infinite"):
        a = calibration_intercept([1, 1, 1], [0.8] * 3, kind="record")
    assert a == pytest.approx(logit(4 / 5) - logit(0.8))
    with pytest.warns(UserWarning, match="calibration intercept is infinite"):
        a = calibration_intercept([0, 0, 0], [0.8] * 3, kind="record")
    assert a == pytest.approx(logit(1 / 5) - logit(0.8))
    with pytest.warns(UserWarning, match="calibration slope is infinite"):
        assert calibration_slope([1, 1, 1], [0.7, 0.8, 0.9], kind="record") == pytest.approx(0)


def test_zeros_and_ones_mean_what_the_other_values_can_express():
    y, p = [0, 1, 1, 1, 0, 0], [0.0, 1.0, 0.98, 0.6, 0.5, 0.7]
    # the smallest of p and 1 - p that is positive is 0.02: zeros are read as 0.01
    for eps, floor in ((None, 0.01), (0.05, 0.05)):
        odds = np.maximum(p, floor) / np.maximum(1 - np.array(p), floor)
        for metric in (calibration_slope, calibration_intercept):
            assert metric(y, p, eps=eps) == pytest.approx(metric(y, odds / (1 + odds)))


@pytest.mark.parametrize("metric", [calibration_slope, calibration_intercept])
def test_wrong_parameters(metric):
    with pytest.raises(ValueError, match=r"eps must be in \(0, 0.5\)"):
        metric([0, 1], [0.2, 0.8], eps=0.5)
    for kind in ("classwise", "top_label"):
        with pytest.raises(ValueError, match=f"kind='{kind}' makes one set of events"):
            metric([0, 1], [[0.8, 0.2], [0.1, 0.9]], kind=kind)
