"""Binomial tails against scipy.stats and against enumeration."""

import itertools

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from sklearn_calib._core.binomial import (
    binomial_cdf,
    binomial_pmf,
    clopper_pearson_interval,
    crossing_probability,
    fewest_rows,
    most_errors,
)


def test_tails_are_those_of_scipy():
    n, p = np.arange(1, 60)[:, None], 0.13
    k = np.minimum(np.arange(60), n)
    np.testing.assert_allclose(binomial_cdf(k, n, p), binom.cdf(k, n, p), rtol=1e-9)
    np.testing.assert_allclose(binomial_pmf(50, p, 9), binom.pmf(np.arange(9), 50, p), atol=1e-15)
    np.testing.assert_allclose(binomial_pmf(3, p, 9), binom.pmf(np.arange(4), 3, p), atol=1e-15)
    np.testing.assert_array_equal(binomial_pmf(0, p, 5), [1])


def test_a_billion_rows():
    """The tail at the mean of a large binomial is one half, up to its skewness."""
    assert binomial_cdf(10**8, 10**9, 0.1) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize("risk", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("level", [0.3, 0.05, 1e-4])
def test_fewest_rows_and_most_errors_are_inverse(risk, level):
    errors = np.array([0, 1, 2, 7, 30])
    rows = fewest_rows(errors, risk, level)
    assert np.all(binom.cdf(errors, rows, risk) <= level)
    assert np.all(binom.cdf(errors, rows - 1, risk) > level)
    np.testing.assert_array_equal(most_errors(rows, risk, level), errors)
    assert most_errors(rows[0] - 1, risk, level) == -1


def test_rows_without_error_by_hand():
    """0.9 ** 28 = 0.0523 and 0.9 ** 29 = 0.0471."""
    assert fewest_rows(0, 0.1, 0.05) == 29


@pytest.mark.parametrize(
    ("rows", "errors"),
    [([3], [0]), ([2, 5, 8], [0, 1, 1]), ([4, 5], [2, 0]), ([], []), ([3], [-1])],
)
def test_crossing_by_enumeration(rows, errors):
    """Every sequence of nine rows, weighted by its probability."""
    risk, total = 0.3, 0.0
    for wrong in itertools.product([0, 1], repeat=9):
        if any(sum(wrong[:n]) <= limit for n, limit in zip(rows, errors, strict=True)):
            total += risk ** sum(wrong) * (1 - risk) ** (9 - sum(wrong))
    assert crossing_probability(rows, errors, risk) == pytest.approx(total, abs=1e-14)


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (7, 7), (3, 7), (95, 100)])
def test_exact_interval_is_that_of_scipy(successes, n):
    expected = binomtest(successes, n).proportion_ci(0.9, method="exact")
    assert clopper_pearson_interval(successes, n, 0.9) == pytest.approx(
        (expected.low, expected.high)
    )
