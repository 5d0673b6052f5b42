"""The sweep against a plain loop over numbers of bins."""

import numpy as np
import pytest

from sklearn_calib.metrics import (
    calibration_table,
    expected_calibration_error,
    sweep_calibration_error,
)


def slow_sweep(o, p):
    """Number of bins: add one until accuracies fall, with the package's bins of equal weight."""
    best = 1
    for n_bins in range(2, len(p) + 1):
        table = calibration_table(o, p, kind="record", n_bins=n_bins, strategy="quantile")
        if np.any(np.diff(table.accuracy) < 0):
            break
        best = n_bins
    return best


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ties", [False, True])
def test_it_is_the_error_with_the_number_of_bins_of_a_plain_loop(seed, ties):
    rng = np.random.default_rng(seed)
    p = rng.integers(0, 11, 60) / 10 if ties else rng.random(60)
    o = (rng.random(60) < p**2).astype(float)
    n_bins = slow_sweep(o, p)
    expected = expected_calibration_error(o, p, kind="record", n_bins=n_bins, strategy="quantile")
    assert sweep_calibration_error(o, p, kind="record") == pytest.approx(expected)


def test_outcomes_in_order_have_a_bin_for_each_value():
    # |0.1 - 0| + |0.4 - 0| + |0.5 - 1| over three
    assert sweep_calibration_error([0, 0, 1], [0.1, 0.4, 0.5]) == pytest.approx(1 / 3)
    squares = np.mean([0.01, 0.16, 0.25])
    root = sweep_calibration_error([0, 0, 1], [0.1, 0.4, 0.5], norm="l2")
    assert root == pytest.approx(np.sqrt(squares))


def test_forecasts_the_wrong_way_round_are_one_bin():
    assert sweep_calibration_error([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]) == pytest.approx(0)
    assert sweep_calibration_error([1, 0, 0], [0.3, 0.4, 0.8]) == pytest.approx(0.5 - 1 / 3)


def test_each_group_sweeps_alone():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], 90)
    y = rng.integers(0, 3, 90)
    expected = np.mean([sweep_calibration_error(y == k, proba[:, k]) for k in range(3)])
    assert sweep_calibration_error(y, proba, kind="classwise") == pytest.approx(expected)


def test_many_perfectly_separated_rows_are_fast():
    p = np.linspace(0, 1, 200_001)
    assert sweep_calibration_error(p > 0.5, p) == pytest.approx(0.25, abs=1e-4)


def test_the_norm_is_checked():
    with pytest.raises(ValueError, match="norm must be one of 'l1', 'l2'"):
        sweep_calibration_error([0, 1], [0.2, 0.8], norm="max")
