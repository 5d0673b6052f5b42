"""Limits of what a reference supports."""

import numpy as np
import pytest
from scipy.stats import binomtest, entropy

from sklearn_calib.metrics import calibration_table
from sklearn_calib.monitoring._reference import Reference, mean_limits


def test_limits_of_right_and_wrong_are_clopper_pearson():
    o = np.repeat([0, 1, 0, 1, 1], [3, 7, 5, 0, 5])
    p = np.repeat([0.15, 0.55, 0.95], [10, 5, 5])
    table = calibration_table(o, p, kind="record", n_bins=3)
    low, high = mean_limits(table, 0.01)
    for i, (right, n) in enumerate([(7, 10), (0, 5), (5, 5)]):
        expected = binomtest(right, n).proportion_ci(0.99, method="exact")
        assert (low[i], high[i]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_limits_of_graded_outcomes_are_chernoffs():
    """n KL(mean, limit) = log(2 / error), where it has a solution."""
    o = np.array([0.2, 0.9, 0.7, 1.0])
    table = calibration_table(o, np.full(4, 0.5), kind="record")
    for limit in mean_limits(table, 0.1):
        divergence = entropy([0.7, 0.3], [limit[0], 1 - limit[0]])
        assert 4 * divergence == pytest.approx(np.log(2 / 0.1))
    ones = calibration_table(np.array([1.0, 1.0, 1.0]), np.full(3, 0.5), kind="record")
    assert mean_limits(ones, 0.1)[1] == 1


@pytest.mark.parametrize("graded", [False, True])
def test_limits_cover_the_mean(graded):
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(400):
        o = rng.beta(3, 1, 30) if graded else (rng.random(30) < 0.75).astype(float)
        low, high = mean_limits(calibration_table(o, np.full(30, 0.5), kind="record"), 0.2)
        missed += not low[0] <= 0.75 <= high[0]
    assert missed / 400 < 0.2


def test_offsets_are_per_group_and_bin_and_nothing_is_known_elsewhere():
    table = calibration_table(
        ["b", "a", "a"], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], kind="top_label"
    )
    reference = Reference(table, 0.1)
    p, group = np.array([0.9, 0.8, 0.3, 0.9]), np.array(["a", "b", "a", "c"])
    low, high = reference.offsets(p, group)
    at_a, at_b = np.flatnonzero(table.group == "a"), np.flatnonzero(table.group == "b")
    limits = np.array(mean_limits(table, 0.1 / 3)) - table.confidence
    np.testing.assert_allclose((low[0], high[0]), limits[:, at_a[-1]])
    np.testing.assert_allclose((low[1], high[1]), limits[:, at_b[-1]])
    assert low[2:].tolist() == [-1, -1]
    assert high[2:].tolist() == [1, 1]
