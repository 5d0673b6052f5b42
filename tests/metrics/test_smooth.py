"""Smooth calibration error against direct summation, and what the paper says of it."""

import numpy as np
import pytest
from scipy.stats import norm

from sklearn_calib.metrics import mean_calibration_gap, smooth_calibration_error


def direct(o, p, bandwidth, weight=None, n_points=8001):
    """The definition, summed over rows and reflections at each point of a fine grid."""
    t = np.linspace(0, 1, n_points)
    weight = np.ones(len(p)) if weight is None else weight
    smooth = np.zeros(n_points)
    for pi, oi, wi in zip(p, o, weight, strict=True):
        centers = np.concatenate([pi + 2 * np.arange(-4, 5), -pi + 2 * np.arange(-4, 5)])
        near = centers[np.abs(centers - 0.5) < 0.5 + 9 * bandwidth]
        smooth += wi * (pi - oi) * norm.pdf(t[:, None], near, bandwidth).sum(axis=1)
    smooth = np.abs(smooth) / weight.sum()
    return np.trapezoid(smooth, t)


def rows(name, n=60):
    rng = np.random.default_rng(1)
    p = {
        "all over": rng.random(n),
        "stated": rng.choice([0, 0.5, 0.8, 0.9, 1], n),
        "sure": 1 - 0.1 * rng.random(n) ** 3,
    }[name]
    return (rng.random(n) < p**1.5).astype(float), p, rng.random(n)


@pytest.mark.parametrize("name", ["all over", "stated", "sure"])
@pytest.mark.parametrize("bandwidth", [0.005, 0.03, 0.3, 1])
def test_a_fixed_bandwidth_agrees_with_direct_summation(name, bandwidth):
    o, p, weight = rows(name)
    expected = direct(o, p, bandwidth, weight)
    result = smooth_calibration_error(
        o, p, kind="record", bandwidth=bandwidth, sample_weight=weight
    )
    assert result == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["all over", "stated", "sure"])
def test_the_bandwidth_is_its_own_error(name):
    o, p, _ = rows(name)
    error = smooth_calibration_error(o, p, kind="record")
    again = smooth_calibration_error(o, p, kind="record", bandwidth=error)
    assert again == pytest.approx(error, abs=1e-8)


def test_the_error_falls_as_the_bandwidth_grows():
    o, p, _ = rows("all over")
    errors = [
        smooth_calibration_error(o, p, kind="record", bandwidth=b) for b in np.geomspace(1e-3, 1, 9)
    ]
    assert np.all(np.diff(errors) <= 1e-12)
    assert errors[-1] >= abs(mean_calibration_gap(o, p, kind="record")) - 1e-12


def test_one_residual_is_all_that_it_is():
    # The kernel has mass 1 on [0, 1], wherever it stands.
    for p in (0.0, 1e-9, 0.3, 1.0):
        assert smooth_calibration_error([1], [p], kind="record") == pytest.approx(1 - p)
    assert smooth_calibration_error([0], [1.0], kind="record") == pytest.approx(1)
    assert smooth_calibration_error([1, 1], [1.0, 1.0], kind="record") == 0


def test_far_residuals_do_not_cancel_and_equal_places_do():
    far = smooth_calibration_error([1, 0], [0.1, 0.9], kind="record", bandwidth=0.05)
    assert far == pytest.approx(0.9)
    assert smooth_calibration_error([1, 0], [0.5, 0.5], kind="record") == pytest.approx(0, abs=1e-6)


def test_groups_are_averaged():
    rng = np.random.default_rng(0)
    proba, y = rng.dirichlet([1, 1, 1], 90), rng.integers(0, 3, 90)
    expected = np.mean([smooth_calibration_error(y == k, proba[:, k]) for k in range(3)])
    assert smooth_calibration_error(y, proba, kind="classwise") == pytest.approx(expected)


@pytest.mark.parametrize("bandwidth", [0, -1, 1.5, "auto"])
def test_the_bandwidth_is_checked(bandwidth):
    with pytest.raises((ValueError, TypeError), match="bandwidth must be"):
        smooth_calibration_error([0, 1], [0.2, 0.8], bandwidth=bandwidth)
