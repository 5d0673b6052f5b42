"""The debiased error against its definition, its expectation, and the correction of Kumar et al."""

from itertools import product

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib.metrics import calibration_error, debiased_calibration_error


def mean_over_pairs(d):
    """Mean of d_i d_j over pairs of different rows."""
    pairs = [d[i] * d[j] for i in range(len(d)) for j in range(len(d)) if i != j]
    return sum(pairs) / len(pairs)


def test_it_is_the_mean_over_pairs_of_rows_in_each_bin():
    rng = np.random.default_rng(0)
    p, o = rng.random(40), rng.random(40)  # graded outcomes
    bins = np.ceil(p * 4).astype(int)
    expected = sum(
        np.mean(bins == b) * mean_over_pairs((p - o)[bins == b]) for b in np.unique(bins)
    )
    assert debiased_calibration_error(o, p, kind="record", n_bins=4) == pytest.approx(expected)


@pytest.mark.parametrize("true", [0.3, 0.6, 0.9])
def test_it_is_unbiased(true):
    # All outcomes of five rows that state 0.6 in one bin, each with its probability.
    n, stated = 5, 0.6
    expectation = plug_in = 0.0
    for outcome in product([0, 1], repeat=n):
        chance = true ** sum(outcome) * (1 - true) ** (n - sum(outcome))
        expectation += chance * debiased_calibration_error(outcome, [stated] * n, kind="record")
        plug_in += chance * calibration_error(
            outcome, [stated] * n, kind="record", norm="l2", squared=True
        )
    assert expectation == pytest.approx((stated - true) ** 2, abs=1e-15)
    # the plug-in error adds the variance of the accuracy
    assert plug_in == pytest.approx((stated - true) ** 2 + true * (1 - true) / n)


def test_equal_forecasts_get_the_correction_of_kumar_et_al():
    # gap^2 - acc (1 - acc) / (n - 1); the two packages of that name compute this per bin
    o = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 1])
    p = np.repeat([0.9, 0.3], [6, 4])
    expected = 0.0
    for rows in (slice(0, 6), slice(6, 10)):
        n, acc = o[rows].size, o[rows].mean()
        expected += n / 10 * ((p[rows][0] - acc) ** 2 - acc * (1 - acc) / (n - 1))
    assert debiased_calibration_error(o, p) == pytest.approx(expected)


def test_a_row_alone_says_nothing():
    pair = debiased_calibration_error([1, 0], [0.95, 0.95], kind="record")
    with_a_third = debiased_calibration_error([1, 0, 0], [0.95, 0.95, 0.2], kind="record")
    assert with_a_third == pytest.approx(2 / 3 * pair)
    with pytest.warns(UndefinedMetricWarning, match="no bin holds two rows"):
        assert np.isnan(debiased_calibration_error([1, 0], [0.9, 0.2]))


def test_the_root_is_never_that_of_a_negative_number():
    y, p = [1, 0], [0.5, 0.5]
    assert debiased_calibration_error(y, p) == -0.25
    assert debiased_calibration_error(y, p, squared=False) == 0
    sure = debiased_calibration_error([0, 0, 0], [0.8, 0.8, 0.8])
    assert sure == pytest.approx(0.64)
    assert debiased_calibration_error([0, 0, 0], [0.8] * 3, squared=False) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="squared must be one of True, False"):
        debiased_calibration_error(y, p, squared="yes")
