"""Bootstrap limits against closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from sklearn_calib._core.bootstrap import bca_limits, percentile_limits, resampled_counts


def test_rows_are_drawn_as_often_as_there_are_rows():
    counts = resampled_counts(None, 50, None, np.random.default_rng(0))
    assert counts.sum() == 50
    assert counts.size == 50


def test_clusters_are_drawn_whole():
    code = np.repeat(np.arange(10), np.arange(1, 11))
    counts = resampled_counts(code, 10, None, np.random.default_rng(0))
    of_cluster = [np.unique(counts[code == c]) for c in range(10)]
    assert all(c.size == 1 for c in of_cluster)
    assert sum(c[0] for c in of_cluster) == 10


def test_frequencies_are_drawn_row_by_row():
    frequency = np.array([1.0, 2.0, 7.0])
    rng = np.random.default_rng(0)
    draws = np.array([resampled_counts(None, 3, frequency, rng) for _ in range(2_000)])
    assert np.all(draws.sum(axis=1) == 10)
    np.testing.assert_allclose(draws.mean(axis=0), frequency, rtol=0.06)
    # a binomial count of 10 draws, as that of seven rows of ten
    assert draws[:, 2].var() == pytest.approx(10 * 0.7 * 0.3, rel=0.1)


def test_percentiles_of_a_grid():
    low, high = percentile_limits(np.linspace(0, 1, 1001), 0.9)
    assert (low, high) == pytest.approx((0.05, 0.95))


def test_bca_of_an_unbiased_symmetric_statistic_is_the_percentile_interval():
    values = norm.ppf((np.arange(999) + 0.5) / 999)
    jackknife = np.linspace(-1, 1, 21)
    limits = bca_limits(0.0, values, jackknife, 0.95)
    np.testing.assert_allclose(limits, percentile_limits(values, 0.95), atol=0.02)


def test_bca_by_the_formula():
    # 30 % of the values are below the estimate, and the influences are -1, -1 and 2.
    values = np.sort(np.random.default_rng(0).gamma(2, size=1_000))
    estimate = (values[299] + values[300]) / 2
    jackknife = np.array([1.0, 1.0, -2.0])
    z0, a = norm.ppf(0.3), (-1 - 1 + 8) / (6 * 6**1.5)
    levels = [
        norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in (norm.ppf(0.025), norm.ppf(0.975))
    ]
    np.testing.assert_allclose(
        bca_limits(estimate, values, jackknife, 0.95), np.quantile(values, levels)
    )


def test_constant_values_have_no_width():
    assert bca_limits(1.0, np.ones(99), np.ones(10), 0.95) == (1, 1)
