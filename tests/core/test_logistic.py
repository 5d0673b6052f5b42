"""Newton's method for the binary log loss, against plain optimisation and closed forms."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from sklearn_calib._core.logistic import fit_logistic


def noisy(n, seed=0):
    rng = np.random.default_rng(seed)
    s = rng.normal(scale=2, size=n)
    return s, rng.random(n) < expit(0.6 * s - 0.4)


def plain_loss(coef, columns, target, weight):
    z = np.vstack([*columns, np.ones_like(target)]).T @ coef
    return weight @ (np.logaddexp(0, z) - target * z) / weight.sum()


@pytest.mark.parametrize("n", [20, 1000, 50_000])  # the last one starts on a subsample
def test_unpenalised_logistic_regression_of_scikit_learn(n):
    s, y = noisy(n)
    reference = LogisticRegression(C=1e30, tol=1e-10, max_iter=1000).fit(s[:, None], y)
    fit = fit_logistic([s], y, start=[1, 0])
    assert fit.finite
    np.testing.assert_allclose(
        fit.coef, [reference.coef_[0, 0], reference.intercept_[0]], rtol=1e-6
    )


def test_several_weighted_columns_against_a_slow_optimiser():
    s, y = noisy(300)
    weight = np.random.default_rng(1).random(300) + 0.1
    columns = [s, s * s]
    fit = fit_logistic(columns, y, weight, start=[1, 0, 0])
    slow = minimize(plain_loss, np.zeros(3), (columns, y.astype(float), weight), tol=1e-12)
    np.testing.assert_allclose(fit.coef, slow.x, atol=1e-5)


def test_weights_are_repetition():
    s, y = noisy(200)
    times = np.random.default_rng(1).integers(1, 4, 200)
    weighted = fit_logistic([s], y, times.astype(float), start=[1, 0], smooth=True)
    repeated = fit_logistic([np.repeat(s, times)], np.repeat(y, times), start=[1, 0], smooth=True)
    np.testing.assert_allclose(weighted.coef, repeated.coef, rtol=1e-12)


def test_intercept_alone_is_the_log_odds_of_the_share():
    y = np.array([True, True, True, False])
    assert fit_logistic([], y, start=[0]).coef == pytest.approx([logit(3 / 4)])


def test_platt_targets_of_an_intercept_alone():
    """Three of four: (3 * 4/5 + 1 * 1/3) / 4 is the mean target of Platt."""
    y = np.array([True, True, True, False])
    expected = logit((3 * 4 / 5 + 1 / 3) / 4)
    assert fit_logistic([], y, start=[0], smooth=True).coef == pytest.approx([expected])


@pytest.mark.parametrize(
    "s",
    [[-2.0, -1, 1, 2], [-2, 0, 0, 2], [2, 1, -1, -2], [1e-6, 2e-6, 3e-6, 4e-6], [0, 0, 1e8, 1e8]],
)
def test_separable_classes_fall_back_on_platt_targets(s):
    s, y = np.array(s, float), np.array([False, False, True, True])
    fit = fit_logistic([s], y, start=[1, 0])
    assert not fit.finite
    np.testing.assert_array_equal(fit.coef, fit_logistic([s], y, start=[1, 0], smooth=True).coef)
    assert np.isfinite(fit.coef).all()


def test_rare_positives_are_not_taken_for_separable():
    rng = np.random.default_rng(0)
    s = rng.normal(size=20_000)
    assert fit_logistic([s], rng.random(20_000) < expit(s - 8), start=[1, 0]).finite


def test_undetermined_coefficients_keep_their_start():
    """A constant column cannot be told from the intercept: the slope stays 1."""
    y = np.array([True, False, False])
    fit = fit_logistic([np.full(3, 0.7)], y, start=[1, 0])
    assert fit.finite
    assert fit.coef == pytest.approx([1, logit(1 / 3) - 0.7])


def test_zero_columns_are_harmless():
    y = np.array([True, False, False])
    fit = fit_logistic([np.zeros(3)], y, start=[1, 0])
    assert fit.coef == pytest.approx([1, logit(1 / 3)])


def test_nonnegative_coefficients_against_a_bounded_optimiser():
    s, y = noisy(500)
    for sign in (1, -1):
        columns = [sign * s, -sign * s + np.sin(5 * s)]
        fit = fit_logistic(columns, y, start=[1, 1, 0], nonnegative=2)
        slow = minimize(
            plain_loss,
            [1, 1, 0],
            (columns, y.astype(float), np.ones(500)),
            method="L-BFGS-B",
            bounds=[(0, None), (0, None), (None, None)],
            options={"ftol": 1e-15, "gtol": 1e-10},
        )
        assert (fit.coef[:2] >= 0).all()
        np.testing.assert_allclose(fit.coef, slow.x, atol=1e-4)


def test_far_apart_scales():
    """The optimum is equivariant: scores a million times larger have a slope a million times smaller."""
    s, y = noisy(400)
    one = fit_logistic([s, s * s], y, start=[1, 0, 0]).coef
    large = fit_logistic([1e6 * s, 1e12 * s * s], y, start=[1, 0, 0]).coef
    np.testing.assert_allclose(large * [1e6, 1e12, 1], one, rtol=1e-6)
