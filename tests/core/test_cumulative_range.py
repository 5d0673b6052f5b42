import numpy as np
import pytest

from sklearn_calib._core.cumulative_range import (
    MEAN_RANGE,
    expected_largest_range,
    group_ranges,
    range_survival,
)


def slow_range(p, o, w):
    """The walk over distinct probabilities, one by one."""
    total, low, high = 0.0, 0.0, 0.0
    for value in np.unique(p):
        here = p == value
        total += np.sum(w[here] * (o[here] - value))
        low, high = min(low, total), max(high, total)
    return (high - low) / w.sum()


def test_ranges_are_those_of_the_definition():
    rng = np.random.default_rng(0)
    p, o, w = rng.integers(0, 8, 300) / 7, rng.random(300), rng.uniform(0.1, 3, 300)
    group = rng.integers(0, 5, 300)
    ours = group_ranges(p, o, w, group, 5)
    slow = [slow_range(p[group == g], o[group == g], w[group == g]) for g in range(5)]
    np.testing.assert_allclose(ours, slow, rtol=1e-10)
    ones = group_ranges(p, o, None, group, 5)
    np.testing.assert_allclose(ones, group_ranges(p, o, np.ones(300), group, 5))


def test_overconfident_everywhere_is_the_mean_gap():
    """A walk in one direction: its range is its end."""
    p = np.linspace(0.5, 1, 20)
    assert group_ranges(p, p - 0.2, None, np.zeros(20, int), 1)[0] == pytest.approx(0.2)


def test_errors_that_cancel_out_are_seen():
    """Half of the rows 0.2 too low, half 0.2 too high: a mean gap of 0, a range of 0.1."""
    p, o = np.repeat([0.2, 0.8], 10), np.repeat([0.4, 0.6], 10)
    assert group_ranges(p, o, None, np.zeros(20, int), 1)[0] == pytest.approx(0.1)


def test_survival_falls_from_one_to_zero():
    x = np.linspace(0, 12, 2000)
    survival = range_survival(x)
    assert survival[0] == 1
    assert survival[-1] < 1e-25
    assert np.all(np.diff(survival) <= 1e-15)


def test_mean_of_the_law_is_the_known_one():
    """Feller's mean, sqrt(8 / pi), is the integral of the survival function."""
    assert expected_largest_range(1) == pytest.approx(MEAN_RANGE, rel=1e-9)


def test_law_of_simulated_walks():
    """4000 walks of 400 steps; a walk in steps has a range that is smaller by about 1 / sqrt(400)."""
    rng = np.random.default_rng(0)
    p = np.full((4000, 400), 0.5) + rng.uniform(-1e-9, 1e-9, (4000, 400))
    o = (rng.random(p.shape) < 0.5).astype(float)
    group = np.repeat(np.arange(4000), 400)
    ranges = group_ranges(p.ravel(), o.ravel(), None, group, 4000) * 400 / np.sqrt(400 * 0.25)
    for x in (1.2, 1.6, 2.2, 2.8):
        shifted = range_survival(x + 1.0 / np.sqrt(400))
        assert np.mean(ranges > x) == pytest.approx(shifted, abs=0.025)


def test_largest_of_many():
    """The larger of two independent ranges, by simulation of the law from its quantiles."""
    x = np.linspace(0, 10, 10001)
    u = np.random.default_rng(0).random((200000, 2))
    ranges = np.interp(u, 1 - range_survival(x), x)
    assert expected_largest_range(2) == pytest.approx(ranges.max(axis=1).mean(), abs=0.01)
