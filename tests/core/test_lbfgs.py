"""Preconditioned L-BFGS on objectives whose minimum is known."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from sklearn_calib._core.lbfgs import lbfgs, rounding


def quadratic(n=30, condition=1e6, seed=0):
    """(x - best)^T A (x - best) / 2 with eigenvalues from 1 to `condition`."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(n, n)))[0]
    matrix = basis @ np.diag(np.geomspace(1, condition, n)) @ basis.T
    best = rng.normal(size=n)
    calls = []

    def objective(x):
        calls.append(x)
        gradient = matrix @ (x - best)
        return (x - best) @ gradient / 2, gradient

    return objective, matrix, best, calls


def test_the_exact_inverse_is_one_step():
    objective, matrix, best, calls = quadratic()
    inverse = np.linalg.inv(matrix)
    found = lbfgs(objective, np.zeros(30), lambda g: inverse @ g, 1e-12, 10)
    assert found.converged
    assert len(calls) == 2  # the start, and the minimum, where the decrement is seen to be nothing
    np.testing.assert_allclose(found.point, best, rtol=1e-8)


def test_pairs_correct_a_rough_inverse():
    """Steepest descent at its best multiplies the error by (c - 1) / (c + 1) for a condition c.

    From 1 to 1e-14 in the objective it would take log(1e-7) / log(999 / 1001) = 8000 steps.
    """
    objective, _, best, calls = quadratic(condition=1000)
    found = lbfgs(objective, np.zeros(30), lambda g: g * 2 / 1001, 1e-14, 500)
    assert found.converged
    assert len(calls) < 300
    np.testing.assert_allclose(found.point, best, rtol=1e-4)


def test_shape_of_the_point_is_kept():
    def objective(x):
        return np.sum((x - 1) ** 2), 2 * (x - 1)

    found = lbfgs(objective, np.zeros((3, 2)), lambda g: g / 2, 1e-20, 5)
    np.testing.assert_allclose(found.point, np.ones((3, 2)))


def test_steps_that_are_too_long_are_halved():
    """log(2 cosh x) has curvature near 0 far out; its Newton step from 5 lands near -5500."""

    def objective(x):
        return float(np.sum(np.logaddexp(x, -x))), np.tanh(x)

    def newton(g, at=5.0):
        return g * np.cosh(at) ** 2

    found = lbfgs(objective, np.array([5.0]), newton, 1e-16, 100)
    assert found.converged
    assert found.value == pytest.approx(np.log(2), rel=1e-12)


def test_a_narrow_valley():
    """Not convex on the way, but each step decreases it."""
    start = np.array([-1.2, 1.0])
    found = lbfgs(lambda x: (rosen(x), rosen_der(x)), start, lambda g: g / 200, 1e-16, 500)
    assert found.converged
    np.testing.assert_allclose(found.point, [1, 1], rtol=1e-5)


def test_too_few_steps():
    objective, _, _, calls = quadratic()
    found = lbfgs(objective, np.zeros(30), lambda g: g / 1e6, 1e-12, 3)
    assert not found.converged
    assert len(calls) == 4
    assert found.value == objective(found.point)[0] < objective(np.zeros(30))[0]


def test_a_direction_that_rises_is_not_taken():
    """What rounding makes of the inverse of a nearly singular matrix may not be positive."""
    objective, *_ = quadratic()
    start = np.ones(30)
    found = lbfgs(objective, start, lambda g: -g, 1e-12, 10)
    assert not found.converged
    np.testing.assert_array_equal(found.point, start)


def test_an_objective_that_no_step_decreases():
    """Rounding again: a gradient that the values do not follow."""
    found = lbfgs(
        lambda x: (float(np.abs(x).sum()), np.ones(1)), np.zeros(1), lambda g: g, 1e-12, 10
    )
    assert not found.converged
    np.testing.assert_array_equal(found.point, 0)


def test_a_decrement_of_mere_rounding_ends_the_search():
    """The gradient of this one is never below 1e-8, the decrement never below 1e-16."""

    def objective(x):
        return 1 + float(np.sum(x * x)), 2 * x + 1e-8 * np.where(x >= 0, 1, -1)

    found = lbfgs(objective, np.ones(1), lambda g: g / 2, 1e-30, 1000)
    assert found.converged
    assert abs(found.value - 1) <= rounding(1)
