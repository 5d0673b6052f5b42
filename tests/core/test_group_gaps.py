import numpy as np
import pytest
from scipy.stats import binom, binomtest

from sklearn_calib._core.group_gaps import effective_size, gap_interval, gap_pvalue, holm
from sklearn_calib._core.table import tabulate
from sklearn_calib._events import Events

ONE_BIN = np.array([0.0, 1.0])


def table(p, o, weight=None, group=None):
    return tabulate(Events(np.asarray(p, float), np.asarray(o, float), weight, group), ONE_BIN)


@pytest.mark.parametrize(
    ("n", "k", "p"), [(30, 20, 0.9), (50, 47, 0.99), (12, 0, 0.3), (5, 5, 0.6)]
)
def test_equal_probabilities_are_a_binomial_test(n, k, p):
    one = table(np.full(n, p), np.arange(n) < k)
    assert effective_size(one) == pytest.approx(n)
    tail = min(binom.cdf(k, n, p), binom.sf(k - 1, n, p))
    assert gap_pvalue(one)[0] == pytest.approx(min(1, 2 * tail), rel=1e-9)
    exact = binomtest(k, n).proportion_ci(0.9, method="exact")
    low, high = gap_interval(one, 0.9)
    assert low[0] == pytest.approx(p - exact.high, abs=1e-9)
    assert high[0] == pytest.approx(p - exact.low, abs=1e-9)


def test_interval_and_pvalue_agree():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(200), 40)
    p = rng.beta(8, 2, group.size)
    o = rng.random(group.size) < p - 0.1 * (group % 2)
    every = table(p, o, group=group)
    low, high = gap_interval(every, 0.95)
    rejected = gap_pvalue(every) < 0.05
    assert 20 < rejected.sum() < 180
    np.testing.assert_array_equal(rejected, (low > 0) | (high < 0))


def test_large_groups_are_a_z_test():
    """With n large the p-value is that of gap / sqrt(variance of the residuals / n)."""
    rng = np.random.default_rng(0)
    p = rng.uniform(size=40000)
    o = rng.random(p.size) < p
    residual = p - o
    z = residual.mean() / residual.std() * np.sqrt(p.size)
    from scipy.stats import norm

    assert gap_pvalue(table(p, o))[0] == pytest.approx(2 * norm.sf(abs(z)), rel=0.05)


@pytest.mark.parametrize(
    ("a", "b", "n"), [(50, 1, 30), (1, 1, 30), (0.05, 0.05, 30), (8, 2, 200), (0.1, 0.1, 500)]
)
def test_pvalues_of_calibrated_groups_are_valid(a, b, n):
    """At most 5 % below 0.05, and the binomial error of 2000 groups (three sigmas)."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(2000), n)
    p = rng.beta(a, b, group.size)
    o = rng.random(p.size) < p
    rejected = np.mean(gap_pvalue(table(p, o, group=group)) < 0.05)
    assert rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_pvalues_have_power():
    """A gap of 0.1 in 500 rows of residual variance 0.2 is 5 standard errors."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(100), 500)
    p = rng.uniform(0.3, 0.9, group.size)
    o = rng.random(p.size) < p - 0.1
    assert np.mean(gap_pvalue(table(p, o, group=group)) < 0.05) > 0.95


def test_certain_groups():
    right, wrong = table(np.ones(40), np.ones(40)), table(np.ones(40), np.arange(40) > 0)
    assert gap_pvalue(right)[0] == 1
    assert gap_pvalue(wrong)[0] == 0
    low, high = gap_interval(right, 0.95)
    assert low[0] == 0
    assert 0 < high[0] < 0.1


def test_integer_weights_are_repetitions():
    rng = np.random.default_rng(0)
    p, o, weight = rng.random(60), rng.random(60) < 0.5, rng.integers(1, 4, 60)
    rows = np.repeat(np.arange(60), weight)
    weighted, repeated = table(p, o, weight.astype(float)), table(p[rows], o[rows])
    assert gap_pvalue(weighted)[0] == pytest.approx(gap_pvalue(repeated)[0], rel=1e-9)


def test_holm():
    """The worked example: 0.01, 0.04, 0.03 and 0.005 times 3, 1, 2 and 4, never falling."""
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    np.testing.assert_allclose(adjusted, [0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([])).size == 0
    np.testing.assert_array_equal(holm(np.array([0.9, 0.8])), [1, 1])
