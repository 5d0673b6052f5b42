"""Isotonic regression, against its max-min formula in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib._core.isotonic import Knots, fit_isotonic, interpolate, pool_ties

every_precision = pytest.mark.parametrize("dtype", [np.float64, np.float32])

# Sixteenths are exact in both precisions, and few enough to tie.
sixteenths = st.integers(0, 16).map(lambda k: k / 16)
rows = st.lists(st.tuples(sixteenths, st.booleans(), st.integers(1, 4)), min_size=1, max_size=15)


def columns(rows):
    score, positive, weight = zip(*rows, strict=True)
    return np.array(score), np.array(positive), np.array(weight, dtype=float)


def slow_groups(score, positive, weight):
    """{score: (weight, weight of positives)}, by ascending score."""
    groups = {}
    for s, p, w in zip(score.tolist(), positive.tolist(), weight.tolist(), strict=True):
        total, share = groups.get(s, (Fraction(0), Fraction(0)))
        groups[s] = (total + Fraction(w), share + p * Fraction(w))
    return dict(sorted(groups.items()))


def slow_isotonic(groups):
    """{score: value}, the largest over the starts of the smallest over the ends of all means."""
    sums = list(groups.values())

    def mean(a, b):
        return sum(s for _, s in sums[a : b + 1]) / sum(w for w, _ in sums[a : b + 1])

    last = len(sums)
    return {
        score: max(min(mean(a, b) for b in range(g, last)) for a in range(g + 1))
        for g, score in enumerate(groups)
    }


def random_rows(n, n_values, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.integers(0, n_values, n) / n_values
    return score, rng.random(n) < score**2, rng.integers(1, 5, n).astype(float)


# Rows of equal score


@settings(max_examples=100, deadline=None)
@given(rows)
def test_groups_are_sums_over_equal_scores(rows):
    score, positive, weight = columns(rows)
    for w in (None, weight):
        expected = slow_groups(score, positive, np.ones(score.size) if w is None else w)
        groups = pool_ties(score, positive, w)
        np.testing.assert_array_equal(groups.score, list(expected))
        np.testing.assert_array_equal(
            np.column_stack([groups.weight, groups.positive]),
            np.array(list(expected.values()), float),
        )


@every_precision
def test_every_bit_of_a_score_survives_the_sort(dtype):
    """Labels travel in the last bit of shifted keys: all floats of [0, 2) must come back."""
    info = np.finfo(dtype)
    special = [
        0,
        info.smallest_subnormal,
        info.tiny,
        1 - info.epsneg,
        1,
        1 + info.eps,
        2 - info.eps,
    ]
    score = np.concatenate([special, np.random.default_rng(0).random(100)]).astype(dtype)
    score = np.unique(np.concatenate([score, np.nextafter(score[2:], dtype(0))]))
    positive = np.arange(score.size) % 3 == 0
    order = np.random.default_rng(1).permutation(score.size)
    groups = pool_ties(score[order], positive[order])
    assert groups.score.dtype == dtype
    np.testing.assert_array_equal(groups.score, score)
    np.testing.assert_array_equal(groups.positive, positive)


@pytest.mark.parametrize("weight", [None, np.ones(3)])
def test_both_zeros_are_one_score(weight):
    groups = pool_ties(np.array([0.0, -0.0, 0.5]), np.array([True, False, True]), weight)
    np.testing.assert_array_equal(groups.score, [0, 0.5])
    np.testing.assert_array_equal(groups.weight, [2, 1])
    np.testing.assert_array_equal(groups.positive, [1, 1])


@pytest.mark.parametrize("weighted", [False, True])
def test_arguments_are_only_read(weighted):
    score, positive, weight = random_rows(50, 10)
    strided = np.column_stack([1 - score, score])[:, 1]
    strided.flags.writeable = positive.flags.writeable = weight.flags.writeable = False
    fit_isotonic(strided, positive, weight if weighted else None, smoothing=1.0)
    np.testing.assert_array_equal(strided, score)


# The fit


@settings(max_examples=100, deadline=None)
@given(rows)
def test_against_the_max_min_formula(rows):
    score, positive, weight = columns(rows)
    for w in (None, weight):
        groups = slow_groups(score, positive, np.ones(score.size) if w is None else w)
        expected = slow_isotonic(groups)
        value = interpolate(fit_isotonic(score, positive, w), np.array(list(expected)))
        np.testing.assert_allclose(value, [float(v) for v in expected.values()], rtol=1e-13)


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from([0.25, 1.0, 3.0]))
def test_smoothing_is_a_positive_row_below_and_a_negative_one_above(rows, smoothing):
    score, positive, weight = columns(rows)
    smoothed = fit_isotonic(score, positive, weight, smoothing)
    longer = fit_isotonic(
        np.append(score, [score.min(), score.max()]),
        np.append(positive, [True, False]),
        np.append(weight, [smoothing, smoothing]),
    )
    np.testing.assert_allclose(smoothed.score, longer.score)
    np.testing.assert_allclose(smoothed.value, longer.value, rtol=1e-13)
    total = weight.sum()
    assert smoothed.value[0] >= smoothing / (total + 2 * smoothing) * (1 - 1e-15)
    assert smoothed.value[-1] <= (total + smoothing) / (total + 2 * smoothing) * (1 + 1e-15)


def test_smoothing_by_hand():
    """Three zeros and a one added: 1/4; two ones and a zero added: 2/3; the middle stays."""
    score = np.array([0.1, 0.2, 0.3, 0.5, 0.5, 0.8, 0.9])
    positive = np.array([0, 0, 0, 1, 0, 1, 1], dtype=bool)
    knots = fit_isotonic(score, positive, smoothing=1.0)
    np.testing.assert_allclose(knots.score, [0.1, 0.3, 0.5, 0.8, 0.9])
    np.testing.assert_allclose(knots.value, [1 / 4, 1 / 4, 1 / 2, 2 / 3, 2 / 3])


def test_knots_are_the_ends_of_the_blocks():
    """Blocks {0.1}, {0.3, 0.4, 0.6} and {0.8}: a block of one score has one knot."""
    score = np.array([0.1, 0.3, 0.4, 0.6, 0.8])
    knots = fit_isotonic(score, np.array([0, 1, 1, 0, 1], dtype=bool))
    np.testing.assert_array_equal(knots.score, [0.1, 0.3, 0.6, 0.8])
    np.testing.assert_allclose(knots.value, [0, 2 / 3, 2 / 3, 1])


@pytest.mark.parametrize("seed", range(3))
def test_weights_repeat_rows_in_any_order(seed):
    score, positive, weight = random_rows(300, 40, seed)
    weighted = fit_isotonic(score, positive, weight, 1.0)
    order = np.random.default_rng(seed).permutation(int(weight.sum()))
    repeated = [np.repeat(a, weight.astype(int))[order] for a in (score, positive)]
    for same in (
        fit_isotonic(*repeated, None, 1.0),
        fit_isotonic(*repeated, np.ones(order.size), 1.0),
    ):
        np.testing.assert_array_equal(weighted.score, same.score)
        np.testing.assert_allclose(weighted.value, same.value, rtol=1e-13)


def test_single_precision_is_exact_for_exact_scores():
    score, positive, weight = random_rows(300, 64)
    for w in (None, weight):
        single = fit_isotonic(score.astype(np.float32), positive, w)
        assert single.score.dtype == np.float32
        for a, b in zip(single, fit_isotonic(score, positive, w), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("positive", [False, True])
def test_one_row(positive):
    score, label = np.array([0.3]), np.array([positive])
    assert fit_isotonic(score, label) == (0.3, float(positive))
    assert fit_isotonic(score, label, None, 1.0) == (0.3, (positive + 1) / 3)


def test_many_rows():
    """Values are non-decreasing, and their mean over the rows is the share of positives."""
    rng = np.random.default_rng(0)
    score = rng.random(100_000)
    positive = rng.random(100_000) < score
    knots = fit_isotonic(score, positive)
    assert np.all(np.diff(knots.score) > 0)
    assert np.all(np.diff(knots.value) >= 0)
    value = interpolate(knots, score)
    assert value.mean() == pytest.approx(positive.mean(), rel=1e-12)
    assert np.abs(value - score).max() < 0.1


# The map


def test_lines_between_knots_and_constants_outside():
    knots = Knots(np.array([0.25, 0.5, 0.75]), np.array([0.1, 0.1, 0.9]))
    score = np.array([0, 0.25, 0.3, 0.5, 0.625, 0.75, 1])
    np.testing.assert_allclose(interpolate(knots, score), [0.1, 0.1, 0.1, 0.1, 0.5, 0.9, 0.9])
    assert interpolate(knots, score.astype(np.float32)).dtype == np.float64


def test_subnormal_scores():
    """The slope between 0 and 1e-310 is beyond floats, the value half way is not."""
    knots = Knots(np.array([0, 1e-310, 0.5]), np.array([0, 0.5, 1]))
    with np.errstate(over="ignore"):
        assert not np.isfinite(np.interp(5e-311, *knots))  # why scores are scaled
    values = interpolate(knots, np.array([0, 5e-324, 5e-311, 1e-310, 0.25]))
    np.testing.assert_allclose(values, [0, 0, 0.25, 0.5, 0.75], rtol=1e-12, atol=1e-13)
