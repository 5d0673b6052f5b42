from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib._core.bins import assign_bins, cube_root, quantile_edges, uniform_edges
from sklearn_calib.datasets import load_cifar10_probabilities

every_precision = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def quantile_bins(values, n_bins, weight=None):
    values = np.asarray(values)
    weight = None if weight is None else np.asarray(weight, dtype=float)
    return assign_bins(values, quantile_edges(values, n_bins, weight))


# Equal width


def test_bins_are_open_below_and_closed_above():
    edges = np.array([0.0, 0.25, 0.5, 1.0])
    values = np.array([0.0, 1e-300, 0.25, np.nextafter(0.25, 1), 0.5, 0.75, 1.0])
    np.testing.assert_array_equal(assign_bins(values, edges), [0, 0, 0, 1, 1, 2, 2])


@every_precision
def test_a_decimal_on_an_edge_is_in_the_bin_below_it(dtype):
    # k / n == d / 100 as fractions, so the value is an edge: it belongs to the bin (k - 1) / n, k / n].
    for n_bins in range(1, 51):
        edges = uniform_edges(n_bins)
        for denominator in (100, 1000):
            decimals = [Fraction(d, denominator) for d in range(denominator + 1)]
            on_edge = [d for d in decimals if (d * n_bins).denominator == 1]
            values = np.array([float(d) for d in on_edge]).astype(dtype)
            below = [max(int(d * n_bins) - 1, 0) for d in on_edge]
            np.testing.assert_array_equal(assign_bins(values, edges), below)


@every_precision
def test_every_decimal_is_in_the_bin_of_its_fraction(dtype):
    # (k - 1) / n < d / 1000 <= k / n means k = ceil(n d / 1000), in exact integers.
    d = np.arange(1001)
    for n_bins in range(1, 51):
        bins = assign_bins((d / 1000).astype(dtype), uniform_edges(n_bins))
        np.testing.assert_array_equal(bins, np.maximum(-(-d * n_bins // 1000) - 1, 0))


@every_precision
@pytest.mark.parametrize("n_bins", [1, 2, 3, 7, 10, 15, 49, 93, 1000, 999_983])
def test_uniform_bins_by_arithmetic_are_those_of_a_search(dtype, n_bins):
    # On the edges, next to them, and in between.
    edges = uniform_edges(n_bins)
    near = edges.astype(dtype)[:: max(1, n_bins // 2000)]
    values = np.concatenate([near, np.nextafter(near, dtype(0)), np.nextafter(near, dtype(2))])
    values = np.append(values, np.random.default_rng(0).random(5000).astype(dtype))
    values = values[(values >= 0) & (values <= 1)]
    expected = np.maximum(np.searchsorted(edges.astype(dtype), values, side="left") - 1, 0)
    np.testing.assert_array_equal(assign_bins(values, edges), expected)
    np.testing.assert_array_equal(assign_bins(values[:0], edges), [])


@every_precision
@pytest.mark.parametrize("sure", [False, True])
def test_other_bins_by_cells_are_those_of_a_search(dtype, sure):
    rng = np.random.default_rng(0)
    values = rng.random(20_000).astype(dtype)
    if sure:  # all edges in the last cells
        values = 1 - values * dtype(1e-3)
    edges = np.concatenate([[0.0], np.sort(rng.choice(values, 9)).astype(float), [1.0]])
    values = np.append(values, edges.astype(dtype))
    expected = np.maximum(np.searchsorted(edges.astype(dtype), values, side="left") - 1, 0)
    np.testing.assert_array_equal(assign_bins(values, edges), expected)


def test_linspace_would_misplace_three_tenths():
    # Why edges are quotients: this is the mistake that they avoid.
    assert np.linspace(0, 1, 11)[3] > 0.3
    assert uniform_edges(10)[3] == 0.3


def test_edges_of_one_bin():
    np.testing.assert_array_equal(uniform_edges(1), [0, 1])


# Equal mass


def slow_quantile_bins(values, n_bins, weight):
    """Cut after the first value up to which the share k / n_bins is reached, in exact fractions."""
    mass = {}
    for value, w in zip(values, weight, strict=True):
        mass[value] = mass.get(value, 0) + Fraction(w)
    total, cumulated, last_of_bin, k = sum(mass.values()), Fraction(0), [], 1
    for value in sorted(mass):
        cumulated += mass[value]
        if cumulated >= k * total / n_bins:
            last_of_bin.append(value)
            while k <= n_bins and cumulated >= k * total / n_bins:
                k += 1
    return [next(i for i, last in enumerate(last_of_bin) if v <= last) for v in values]


decimals = st.integers(0, 20).map(lambda d: d / 20)
rows = st.lists(st.tuples(decimals, st.integers(1, 4)), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(rows, st.integers(1, 12))
def test_quantile_bins_equal_the_slow_definition(rows, n_bins):
    values, weight = zip(*rows, strict=True)
    bins = quantile_bins(values, n_bins, weight)
    assert bins.tolist() == slow_quantile_bins(values, n_bins, weight)
    assert bins.max() < n_bins


@settings(max_examples=50, deadline=None)
@given(rows, st.integers(1, 12))
def test_quantile_edges_know_weights_as_repetitions(rows, n_bins):
    values, weight = map(np.array, zip(*rows, strict=True))
    edges = quantile_edges(values, n_bins, weight.astype(float))
    np.testing.assert_array_equal(edges, quantile_edges(np.repeat(values, weight), n_bins))
    scaled = quantile_edges(values, n_bins, weight / 7)  # 1 / 7 rounds; the shares do not change
    np.testing.assert_array_equal(edges, scaled)


@every_precision
@pytest.mark.parametrize("seed", range(60))
def test_cuts_by_partition_are_cuts_by_a_sort(dtype, seed):
    # Weights of one take the other way to the same edges; values tie, almost tie, or pile up at 1.
    rng = np.random.default_rng(seed)
    n, n_bins = rng.integers(1, 60), rng.integers(1, 20)
    values = [
        rng.random(n),
        rng.integers(0, 21, n) / 20,
        1 - rng.random(n) ** 8,
        0.3 * (1 + np.finfo(dtype).eps * rng.integers(-300, 300, n)),
    ][seed % 4].astype(dtype)
    np.testing.assert_array_equal(
        quantile_edges(values, n_bins), quantile_edges(values, n_bins, np.ones(n))
    )


def test_quantile_edges_lie_midway_and_reach_from_zero_to_one():
    np.testing.assert_allclose(quantile_edges(np.array([0.2, 0.4, 0.6, 0.8]), 2), [0, 0.5, 1])


def test_unequal_sizes_are_as_equal_as_can_be():
    # levels 10/3 and 20/3 are reached with the 4th and the 7th of ten values
    bins = quantile_bins(np.arange(10) / 10, 3)
    np.testing.assert_array_equal(np.bincount(bins), [4, 3, 3])


def test_equal_values_never_split():
    # A quarter of the answers say 1.0, and most of the rest says 0.9, as language models do.
    values = np.repeat([0.5, 0.9, 1.0], [10, 65, 25])
    bins = quantile_bins(values, 4)
    assert [set(bins[values == v]) for v in (0.5, 0.9, 1.0)] == [{0}, {0}, {1}]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_one_value_is_one_bin(value):
    np.testing.assert_array_equal(quantile_edges(np.full(7, value), 5), [0, 1])


def test_extreme_values_have_bins_of_their_own():
    np.testing.assert_array_equal(quantile_bins([0.0, 0.0, 1.0, 1.0], 2), [0, 0, 1, 1])


def test_fewer_bins_than_asked():
    np.testing.assert_array_equal(quantile_bins([0.1, 0.2, 0.9], 10), [0, 1, 2])


def test_a_value_of_almost_no_weight_gets_no_bin():
    # 1e-20 of the weight reaches no level; the value joins its neighbour.
    bins = quantile_bins([0.1, 0.5, 0.9], 2, [1, 1e-20, 1])
    np.testing.assert_array_equal(bins, [0, 1, 1])


def test_levels_that_a_sum_of_weights_misses_by_rounding_are_reached():
    # In floats ten weights of 0.1 sum to 0.9999999999999999 and five of them to 0.5: all cuts stay.
    assert np.cumsum([0.1] * 10)[-1] < 1
    bins = quantile_bins(np.arange(10) / 10, 10, [0.1] * 10)
    np.testing.assert_array_equal(bins, np.arange(10))


@every_precision
@pytest.mark.parametrize("value", [1e-30, 0.001, 0.3, 0.5, 0.9, 0.995])
def test_ties_apart_by_a_unit_of_rounding_do_not_split(dtype, value):
    value = dtype(value)
    near = [np.nextafter(value, dtype(0)), value, np.nextafter(value, dtype(1))]
    bins = quantile_bins(np.repeat(np.array(near, dtype=dtype), 10), 3)
    assert set(bins) == {0}


@every_precision
def test_ties_of_a_complement_do_not_split(dtype):
    # 1 - 0.07 is not the float 0.93, but it is the same statement.
    d = np.arange(1, 100)
    values = np.concatenate([(d / 100).astype(dtype), 1 - (d[::-1] / 100).astype(dtype)])
    bins = quantile_bins(values, 99)
    np.testing.assert_array_equal(bins[:99], bins[99:])
    np.testing.assert_array_equal(bins[:99], np.arange(99))


def test_confident_values_in_single_precision_keep_their_bins():
    # Half of these confidences are above 0.9999, where float32 has few values: they are distinct
    # though neighbours, and the bins are those of the same numbers in double precision.
    confidence = load_cifar10_probabilities().data.max(axis=1)
    assert confidence.dtype == np.float32
    edges = quantile_edges(confidence, 15)
    np.testing.assert_array_equal(edges, quantile_edges(confidence.astype(float), 15))
    assert edges.size - 1 > 10


# The number of bins


def test_cube_root_is_exact():
    # ceil(n ** (1/3)) is the smallest integer whose cube is not below n.
    n = np.unique(np.concatenate([np.arange(1, 2000), np.arange(1, 1000) ** 3]))
    for size in np.unique(np.concatenate([n, n + 1, n - 1]))[1:].tolist():
        root = cube_root(size)
        assert (root - 1) ** 3 < size <= root**3


def test_dense_single_precision_values_are_no_chain_of_ties():
    """A million neighbours on [0.45, 0.55]: ten bins of a tenth each, within what a float32 resolves."""
    p = np.sort(np.random.default_rng(0).uniform(0.45, 0.55, 1_000_000).astype(np.float32))
    share = np.bincount(assign_bins(p, quantile_edges(p, 10))) / p.size
    np.testing.assert_allclose(share, np.full(10, 0.1), atol=1e-3)
