"""The optimal temperature, against a slow root finder on the same gradient."""

import math
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import log_softmax, softmax

from sklearn_calib._core.temperature import optimal_temperature

SMALL = [(2, 2), (7, 2), (2, 3), (7, 3), (5, 40)]
SHAPES = [(300, 2), (300, 3), (1000, 10), (50, 40)]


def overconfident(n, k, seed=0, temperature=2.0):
    """Scores z and labels drawn from softmax(z / temperature), by the Gumbel-max identity."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=3, size=(n, k))
    return z, (z / temperature + rng.gumbel(size=z.shape)).argmax(axis=1)


def slow_temperature(z, code, weight=None):
    """Root of the gradient of the mean log loss in log(beta), in float64 and with shifted rows."""
    z = np.asarray(z, float)
    z = z - z.max(axis=1, keepdims=True)
    weight = np.ones(len(code)) if weight is None else np.asarray(weight, float)
    scale = np.abs(z).max()
    z = z / scale
    label_score = z[np.arange(len(code)), code]

    def gradient(log_beta):
        mean = np.sum(softmax(math.exp(log_beta) * z, axis=1) * z, axis=1)
        return weight @ (mean - label_score) / weight.sum()

    return scale / math.exp(brentq(gradient, -30, 60, xtol=1e-15, rtol=1e-15))


def assert_optimal(z, code, weight=None, rtol=1e-9):
    result = optimal_temperature(z, code, weight)
    assert result.status == "optimal"
    assert result.value == pytest.approx(slow_temperature(z, code, weight), rel=rtol)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "k"), SHAPES)
def test_against_a_slow_root(n, k, seed):
    z, code = overconfident(n, k, seed)
    assert_optimal(z, code)
    assert_optimal(z.astype(np.float32), code, rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "k"), SMALL)
def test_few_rows_with_one_small_mistake(n, k, seed):
    """All rows are right but the last, which prefers another class a little."""
    z = overconfident(n, k, seed)[0]
    z[-1] /= 10
    code = z.argmax(axis=1)
    code[-1] = z[-1].argsort()[-2]
    assert_optimal(z, code)
    assert_optimal(z.astype(np.float32), code, rtol=1e-6)


@pytest.mark.parametrize(("n", "k"), [(50_000, 2), (50_000, 3), (30_000, 50)])
def test_against_a_slow_root_with_subsample_levels(n, k):
    z, code = overconfident(n, k)
    assert_optimal(z, code)
    assert_optimal(z.astype(np.float32), code, rtol=1e-6)


@pytest.mark.parametrize("k", [2, 3, 10])
def test_weights_are_repetitions(k):
    z, code = overconfident(500, k)
    weight = np.random.default_rng(1).integers(1, 4, code.size)
    assert_optimal(z, code, weight.astype(float))
    repeated = optimal_temperature(np.repeat(z, weight, axis=0), np.repeat(code, weight))
    weighted = optimal_temperature(z, code, weight.astype(float))
    assert weighted.value == pytest.approx(repeated.value, rel=1e-10)
    # only ratios of weights matter for a finite optimum
    scaled = optimal_temperature(z, code, weight * 1e-3)
    assert scaled.value == pytest.approx(weighted.value, rel=1e-10)


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("n", [200, 20_000])
@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e3, 1e8])
def test_scale_of_the_scores_is_the_scale_of_the_temperature(scale, n, k):
    """softmax(s z / (s T)) = softmax(z / T)."""
    z, code = overconfident(n, k)
    unscaled = optimal_temperature(z, code)
    scaled = optimal_temperature(z * scale, code)
    assert scaled.status == unscaled.status == "optimal"
    assert scaled.value / scale == pytest.approx(unscaled.value, rel=1e-9)


@pytest.mark.parametrize("k", [2, 3, 10])
@pytest.mark.parametrize("size", [1e2, 1e3, 1e6, 1e12])
def test_offset_of_a_row_is_free(size, k):
    """The offsets round the scores, hence the reference sees the rounded scores too."""
    z, code = overconfident(1000, k)
    offset = size * np.random.default_rng(1).normal(size=(1000, 1))
    for shifted in (z + offset, z + size, z - size):
        assert_optimal(shifted, code)


def test_offset_of_a_few_rows():
    z, code = overconfident(5000, 4)
    z[::1000] += 1e13
    assert_optimal(z, code)


def test_nearly_uniform_log_probabilities():
    """Each log-probability is log(1/4) up to 1e-9: the common part must not cost the digits."""
    z, code = overconfident(1000, 4)
    assert_optimal(np.log(0.25) + 1e-9 * z, code)


@pytest.mark.parametrize("k", [2, 3])
def test_saturated_scores(k):
    """Log-probabilities of a softmax in float64 that is sure of everything, and wrong at times."""
    z, code = overconfident(2000, k)
    assert_optimal(log_softmax(100 * z, axis=1), code)
    floored = np.log(np.maximum(softmax(100 * z, axis=1), np.finfo(float).tiny))
    assert_optimal(floored, code)


@pytest.mark.parametrize("k", [2, 3])
def test_memory_layout_and_writability(k):
    z, code = overconfident(3000, k)
    expected = optimal_temperature(z, code).value
    wide = np.zeros((6000, 2 * k))
    wide[::2, ::2] = z
    read_only = z.copy()
    read_only.flags.writeable = False
    for same in (np.asfortranarray(z), wide[::2, ::2], z[::-1][::-1], read_only):
        assert optimal_temperature(same, code).value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_array_equal(wide[::2, ::2], z)  # nothing was written


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_array_of_the_size_of_the_scores(dtype):
    n, k = 10_000, 500
    z, code = overconfident(n, k)
    z = z.astype(dtype)
    tracemalloc.start()
    try:
        optimal_temperature(z, code)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    small_vectors = 8 * n * 8  # a few vectors of n float64
    assert peak < 0.05 * z.size * 8 + small_vectors


# No finite optimum: a documented bound in its place


def succession_excess(z, code, temperature, weight=None):
    """Mean log loss above its limit for T -> 0, where tied best scores share the probability."""
    rows = np.arange(len(code))
    loss = -log_softmax(np.asarray(z, float) / temperature, axis=1)[rows, code]
    limit = np.log(np.sum(z == np.max(z, axis=1, keepdims=True), axis=1))
    return np.average(loss - limit, weights=weight)


@pytest.mark.parametrize("scale", [1e-8, 1, 1e8])
@pytest.mark.parametrize(("n", "k"), [(1, 2), (1, 3), *SMALL, *SHAPES])
def test_separable_is_laplaces_rule_of_succession(n, k, scale):
    """n right answers grant the next one the probability (n + 1) / (n + 2)."""
    z = overconfident(n, k)[0] * scale
    code = z.argmax(axis=1)
    result = optimal_temperature(z, code)
    assert result.status == "separable"
    excess = succession_excess(z, code, result.value)
    assert excess == pytest.approx(math.log((n + 2) / (n + 1)), rel=1e-9)


def test_separable_counts_weights():
    z = overconfident(20, 3)[0]
    code, weight = z.argmax(axis=1), np.arange(1.0, 21)
    result = optimal_temperature(z, code, weight)
    excess = succession_excess(z, code, result.value, weight)
    assert excess == pytest.approx(math.log(212 / 211), rel=1e-9)  # 1 + 2 + ... + 20 = 210


def test_one_right_answer_by_hand():
    """log(1 + exp(-1 / T)) = log(3 / 2), hence T = 1 / log(2)."""
    result = optimal_temperature(np.array([[0.0, 1.0]]), np.array([1]))
    assert result == (pytest.approx(1 / math.log(2), rel=1e-9), "separable")


def test_separable_with_ties_at_the_maximum():
    """A tied best score counts as right; its limit is log(2), not 0."""
    z = np.array([[1.0, 1.0, 0.0], [2.0, 0.0, 1.0], [0.0, 3.0, 1.0], [0.0, 0.0, 4.0]])
    code = np.array([0, 0, 1, 2])
    result = optimal_temperature(z, code)
    assert result.status == "separable"
    assert succession_excess(z, code, result.value) == pytest.approx(math.log(6 / 5), rel=1e-9)


def spread_of(z):
    """Root mean square of the standard deviations of the rows."""
    return math.sqrt(np.mean(np.var(z, axis=1)))


@pytest.mark.parametrize(
    "z",
    [
        # nine rows say nothing: the excess is at most log(2) / 10 = 0.069 < 0.087 = log(12 / 11)
        np.vstack([np.zeros((9, 2)), [[1.0, 0.0]]]),
        # at most log(3) - log(2), which is just what one right answer is granted
        np.array([[1.0, 1.0, 0.0]]),
        # at most log(4 / 3) = 0.288 < 0.405 = log(3 / 2)
        np.array([[1.0, 1.0, 1.0, 0.0]]),
    ],
)
def test_ties_alone_support_nothing(z):
    """Where even uniform rows exceed the limit by less than Laplace's rule, the bound is taken."""
    result = optimal_temperature(z, np.zeros(len(z), int))
    assert result == (pytest.approx(1000 * spread_of(z)), "separable")


@pytest.mark.parametrize("n", [1, 2, 3, 200, 20_000])
@pytest.mark.parametrize("k", [2, 3, 10])
def test_uninformative_is_a_thousand_spreads(n, k):
    z = overconfident(n, k)[0]
    result = optimal_temperature(z, z.argmin(axis=1))
    assert result == (pytest.approx(1000 * spread_of(z)), "uninformative")
    assert np.ptp(softmax(z / result.value, axis=1), axis=1).max() < 0.01


@pytest.mark.parametrize("k", [2, 3])
def test_labels_as_good_as_the_average_class(k):
    """The same row with every label once: the gradient at beta = 0 is exactly 0."""
    z = np.tile(np.arange(float(k)), (k, 1))
    result = optimal_temperature(z, np.arange(k))
    assert result == (pytest.approx(1000 * spread_of(z)), "uninformative")


@pytest.mark.parametrize("n", [1, 5, 20_000])
@pytest.mark.parametrize("k", [2, 3])
def test_constant_scores_change_nothing(n, k):
    z = np.tile(np.random.default_rng(0).normal(size=(n, 1)), k)
    assert optimal_temperature(z, np.zeros(n, int)) == (1.0, "constant")


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("factor", [0, 1e-9, 1e9])
def test_subsample_unlike_the_other_rows(factor, k):
    """Every eighth row, which the first levels see alone, has another scale or says nothing."""
    z, code = overconfident(20_000, k)
    z[::8] *= factor
    assert_optimal(z, code)


@pytest.mark.parametrize("k", [2, 3])
def test_subsample_is_right_and_other_rows_are_not(k):
    z, code = overconfident(20_000, k)
    code[::8] = z[::8].argmax(axis=1)
    assert_optimal(z, code)
    code[::8] = z[::8].argmin(axis=1)
    assert_optimal(z, code)
