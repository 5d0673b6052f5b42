"""The monotone spline, against a slow optimiser and what it promises."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from sklearn_calib._core.logistic import fit_logistic
from sklearn_calib._core.monotone_spline import (
    MonotoneSpline,
    _coefficients_of_slopes,
    _fit_slopes,
    _greville,
    _knots,
    fit_monotone_spline,
)


def bent(s):
    return np.where(s < 0, 0.3 * s, 1.2 * s)


def draw(n, curve, seed=0):
    rng = np.random.default_rng(seed)
    s = rng.normal(scale=2, size=n)
    return s, rng.random(n) < expit(curve(s))


def test_coefficients_on_a_line_are_that_line():
    """Greville's abscissae: equal slopes of 2 and value 1 at the left end give 1 + 2 (s - low)."""
    knots = _knots(np.linspace(-1, 3, 100), np.ones(100))
    slopes = np.full(_greville(knots).size, 2.0)
    slopes[0] = 1
    spline = MonotoneSpline(knots, _coefficients_of_slopes(knots) @ slopes)
    s = np.linspace(-3, 5, 50)  # beyond both ends
    np.testing.assert_allclose(spline(s), 1 + 2 * (s + 1))


def test_projected_newton_against_a_bounded_optimiser():
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(60), np.sort(rng.random((60, 4)), axis=0)])
    share, mass = rng.random(60), rng.random(60) + 0.5
    difference = np.diff(np.eye(4), axis=0)

    def loss(x):
        z = design @ x
        fit = mass @ (np.logaddexp(0, z) - share * z) / mass.sum()
        return fit + 0.01 / mass.sum() * np.sum((difference @ x[1:]) ** 2)

    bounds = [(None, None), *[(0, None)] * 4]
    options = {"ftol": 1e-15, "gtol": 1e-10}
    slow = minimize(loss, np.ones(5), method="L-BFGS-B", bounds=bounds, options=options)
    fast = _fit_slopes(design, share, mass, 0.01)
    assert loss(fast) <= slow.fun + 1e-9
    assert (fast[1:] >= 0).all()


@pytest.mark.parametrize("n", [1, 2, 3, 30, 2000])
def test_always_increasing_and_finite(n):
    s, y = draw(n, lambda s: np.sin(2 * s))  # what is observed is not monotone
    y[0] = True
    curve = fit_monotone_spline(s, y)(np.linspace(-20, 20, 500))
    assert np.isfinite(curve).all()
    assert (np.diff(curve) >= -1e-9).all()


def test_straight_truth_is_nearly_platt_scaling():
    s, y = draw(20_000, lambda s: 0.5 * s + 0.3)
    slope, intercept = fit_logistic([s], y, start=[1, 0]).coef
    grid = np.linspace(-4, 4, 50)
    np.testing.assert_allclose(
        expit(fit_monotone_spline(s, y)(grid)), expit(slope * grid + intercept), atol=0.015
    )


def test_bent_truth_is_found():
    s, y = draw(20_000, bent)
    grid = np.linspace(-4, 4, 50)
    np.testing.assert_allclose(expit(fit_monotone_spline(s, y)(grid)), expit(bent(grid)), atol=0.03)


def test_weights_are_repetition_and_order_does_not_matter():
    s, y = draw(150, bent)
    times = np.random.default_rng(1).integers(1, 4, 150)
    shuffled = np.random.default_rng(2).permutation(times.sum())
    weighted = fit_monotone_spline(s, y, times.astype(float))
    repeated = fit_monotone_spline(np.repeat(s, times)[shuffled], np.repeat(y, times)[shuffled])
    np.testing.assert_allclose(weighted.knots, repeated.knots, rtol=1e-12)
    np.testing.assert_allclose(weighted.coef, repeated.coef, rtol=1e-6, atol=1e-8)


def test_separable_classes_stay_finite():
    s = np.linspace(-3, 3, 40)
    curve = fit_monotone_spline(s, s > 0)
    assert expit(curve(3.0)) < 1 - 1e-9


def test_one_distinct_score_has_the_smoothed_share():
    """Two of three: Platt's targets 3/4, 3/4 and 1/3 have the mean 11/18."""
    curve = fit_monotone_spline(np.full(3, 0.4), np.array([True, True, False]))
    assert expit(curve(0.4)) == pytest.approx(11 / 18, abs=1e-6)
