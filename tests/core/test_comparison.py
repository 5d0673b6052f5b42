"""The unbiased squared error and its variance, against sums over pairs and simulation."""

import numpy as np
import pytest

from sklearn_calib._core.comparison import (
    squared_error,
    unpaired_interval,
    unpaired_pvalue,
    variance_of_paired_difference,
)
from sklearn_calib._core.error_interval import error_interval
from sklearn_calib._core.table import tabulate
from sklearn_calib._events import Events


def variance_of_error(error, weight):
    """That of its difference from a model without error or noise."""
    nothing = squared_error(np.zeros(weight.size), weight, np.zeros(weight.size, dtype=int))
    return variance_of_paired_difference(error, nothing, weight)


def sample(rng, n, shift=0.0):
    p = rng.random(n)
    return p - (rng.random(n) < np.clip(p - shift, 0, 1)), (5 * p).astype(int)


def test_estimate_is_the_mean_of_products_of_pairs_of_a_bin():
    residual, code = sample(np.random.default_rng(0), 40)
    expected = 0.0
    for b in range(5):
        r = residual[code == b]
        pairs = np.outer(r, r)[~np.eye(r.size, dtype=bool)]
        expected += r.size / 40 * pairs.mean()
    assert squared_error(residual, np.ones(40), code).estimate == pytest.approx(expected)


def test_integer_weights_are_repetitions():
    rng = np.random.default_rng(0)
    residual, code = sample(rng, 50)
    other, other_code = sample(rng, 50)
    weight = rng.integers(1, 4, 50)
    rows = np.repeat(np.arange(50), weight)
    results = []
    for r, w in ((slice(None), weight.astype(float)), (rows, np.ones(rows.size))):
        a, b = squared_error(residual[r], w, code[r]), squared_error(other[r], w, other_code[r])
        results.append(
            [a.estimate, variance_of_error(a, w), variance_of_paired_difference(a, b, w)]
        )
    np.testing.assert_allclose(results[0], results[1])


def test_a_bin_of_one_row_adds_nothing():
    error = squared_error(np.array([0.4, 0.1, 0.3]), np.ones(3), np.array([0, 1, 1]))
    assert error.estimate == pytest.approx(2 / 3 * 0.1 * 0.3)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_estimate_is_unbiased_and_its_variance_is_that_of_samples(shift):
    # A gap in five equal bins, whose squares are averaged; 1 500 samples show a standard deviation to
    # 2 %. At calibration the estimated variance may be on the safe side.
    rng = np.random.default_rng(0)
    fine = (np.arange(100_000) + 0.5) / 100_000
    gap = (fine - np.clip(fine - shift, 0, 1)).reshape(5, -1).mean(axis=1)
    estimates, variances = [], []
    for _ in range(1_500):
        residual, code = sample(rng, 300, shift)
        error = squared_error(residual, np.ones(300), code)
        estimates.append(error.estimate)
        variances.append(variance_of_error(error, np.ones(300)))
    standard_error = np.std(estimates) / np.sqrt(1_500)
    assert abs(np.mean(estimates) - np.mean(gap**2)) < 4 * standard_error
    ratio = np.sqrt(np.mean(variances)) / np.std(estimates)
    assert (0.95 < ratio < 1.05) if shift else (0.95 < ratio < 1.4)


def test_equal_models_on_the_same_rows_differ_by_nothing():
    residual, code = sample(np.random.default_rng(0), 100)
    error = squared_error(residual, np.ones(100), code)
    assert variance_of_paired_difference(error, error, np.ones(100)) == pytest.approx(0, abs=1e-18)


def test_models_on_unrelated_rows_have_the_sum_of_the_variances():
    rng = np.random.default_rng(0)
    a, b = (squared_error(*split) for split in _weighted(rng, 20_000, 0.3))
    w = np.ones(20_000)
    separate = variance_of_error(a, w) + variance_of_error(b, w)
    assert variance_of_paired_difference(a, b, w) == pytest.approx(separate, rel=0.05)


def _weighted(rng, n, shift):
    for _ in range(2):
        residual, code = sample(rng, n, shift)
        yield residual, np.ones(n), code


def table(n_rows, n_right):
    """One bin at 0.9."""
    outcome = np.repeat([1.0, 0.0], [n_right, n_rows - n_right])
    return tabulate(Events(np.full(n_rows, 0.9), outcome), np.array([0.0, 1.0]))


def test_unpaired_limits_square_and_add_distances():
    tables = [table(1_000, 700), table(500, 450)]
    (low_a, high_a), (low_b, high_b) = (error_interval(t, "l2", 0.9) for t in tables)
    lower, upper = unpaired_interval(
        tables, [0.04, low_b - 1], 0.9
    )  # the second is cut to its limit
    assert lower == pytest.approx(0.04 - low_b - np.hypot(0.04 - low_a, high_b - low_b))
    assert upper == pytest.approx(0.04 - low_b + high_a - 0.04)


def test_unpaired_pvalue_is_the_level_at_which_zero_leaves_the_interval():
    tables, estimates = [table(300, 230), table(300, 262)], [(0.9 - 230 / 300) ** 2, 0.0]
    p = unpaired_pvalue(tables, estimates)
    assert 0.001 < p < 0.05
    assert unpaired_interval(tables, estimates, 1 - 1.01 * p)[0] > 0
    assert unpaired_interval(tables, estimates, 1 - 0.99 * p)[0] < 0
    mirrored = unpaired_pvalue(tables[::-1], estimates[::-1])
    assert mirrored == pytest.approx(p, rel=1e-3)


def test_unpaired_pvalues_end():
    same = [table(300, 270)] * 2
    assert unpaired_pvalue(same, [0.0, 0.0]) == 1
    assert unpaired_pvalue([table(10_000, 3_000), same[0]], [0.36, 0.0]) == 1e-12
