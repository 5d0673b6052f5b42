"""The Venn-Abers predictor, against its definition: isotonic regression with the new row added."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from sklearn_calib._core.venn_abers import fit_venn_abers, merge_interval, predict_interval

sixteenths = st.integers(0, 16).map(lambda k: k / 16)
rows = st.lists(st.tuples(sixteenths, st.booleans(), st.integers(1, 4)), min_size=1, max_size=20)
# All sixteenths, and a score between each two of them.
EVERYWHERE = np.arange(33) / 32


def isotonic_value(score, positive, weight, at):
    """Value of the weighted isotonic regression at one of its scores."""
    groups, code = np.unique(score, return_inverse=True)
    total = np.bincount(code, weight)
    mean = np.bincount(code, weight * positive) / total
    return isotonic_regression(mean, weights=total).x[np.searchsorted(groups, at)]


def slow_interval(score, positive, weight, new):
    """Two isotonic regressions per new score, by the definition."""
    return np.array(
        [
            [
                isotonic_value(
                    np.append(score, s), np.append(positive, label), np.append(weight, 1.0), s
                )
                for s in new
            ]
            for label in (0, 1)
        ]
    )


def exact_upper(score, positive, weight, at):
    """The largest over the starts of the smallest over the ends of all means, with the row added."""
    groups = {at: [Fraction(1), Fraction(1)]}
    for s, p, w in zip(score.tolist(), positive.tolist(), weight.tolist(), strict=True):
        group = groups.setdefault(s, [Fraction(0), Fraction(0)])
        group[0] += Fraction(w)
        group[1] += Fraction(w) * p
    scores = sorted(groups)
    i = scores.index(at)

    def mean(a, b):
        return sum(groups[s][1] for s in scores[a : b + 1]) / sum(
            groups[s][0] for s in scores[a : b + 1]
        )

    return max(min(mean(a, b) for b in range(i, len(scores))) for a in range(i + 1))


def random_rows(n, n_values, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.integers(0, n_values, n) / n_values
    return score, rng.random(n) < score**2, rng.integers(1, 5, n).astype(float)


def between(score):
    """The scores, a score in each gap, and one at each end."""
    score = np.unique(score)
    return np.unique(np.concatenate([[0], score, (score[1:] + score[:-1]) / 2, [1]]))


# Against the definition


@settings(max_examples=200, deadline=None)
@given(rows)
def test_against_two_isotonic_fits_per_score(rows):
    score, positive, weight = (np.array(column) for column in zip(*rows, strict=True))
    for w in (None, weight.astype(float)):
        interval = predict_interval(fit_venn_abers(score, positive, w), EVERYWHERE)
        expected = slow_interval(
            score, positive, np.ones(score.size) if w is None else w, EVERYWHERE
        )
        np.testing.assert_allclose(interval, expected, rtol=0, atol=1e-14)


@settings(max_examples=30, deadline=None)
@given(rows)
def test_against_exact_fractions(rows):
    score, positive, weight = (np.array(column) for column in zip(*rows, strict=True))
    upper = predict_interval(fit_venn_abers(score, positive, weight * 1.0), EVERYWHERE)[1]
    expected = [float(exact_upper(score, positive, weight, s)) for s in EVERYWHERE.tolist()]
    np.testing.assert_allclose(upper, expected, rtol=1e-14)


@pytest.mark.parametrize("n_values", [5, 60, 10**6])
@pytest.mark.parametrize("seed", range(5))
def test_more_rows_and_real_weights(n_values, seed):
    score, positive, _ = random_rows(250, n_values, seed)
    weight = np.random.default_rng(seed).exponential(size=250) * 10.0**seed
    new = between(score)
    for w in (None, weight):
        interval = predict_interval(fit_venn_abers(score, positive, w), new)
        expected = slow_interval(score, positive, np.ones(250) if w is None else w, new)
        np.testing.assert_allclose(interval, expected, rtol=0, atol=1e-12)
        assert np.min(interval) >= 0
        assert np.max(interval) <= 1


def test_tangents_that_jump_over_many_corners():
    """Each group of q rows has p positives, for all fractions p / q: every group is a block.

    Before them come zeros. One after the other, they move the tangent along the whole chain.
    """
    fractions = sorted({Fraction(p, q) for q in range(1, 13) for p in range(1, q + 1)})
    groups = [(0, 1)] * 60 + [(f.numerator, f.denominator) for f in fractions]
    score = np.repeat(np.arange(len(groups)) / len(groups), [q for _, q in groups])
    positive = np.concatenate([np.arange(q) < p for p, q in groups])
    for s, y in ((score, positive), (1 - score, ~positive)):
        new = between(s)
        expected = slow_interval(s, y, np.ones(s.size), new)
        np.testing.assert_allclose(
            predict_interval(fit_venn_abers(s, y), new), expected, rtol=0, atol=1e-13
        )


def test_many_rows():
    rng = np.random.default_rng(0)
    score = rng.random(100_000)
    positive = rng.random(100_000) < score
    new = np.concatenate([score[:5], rng.random(5), [0, 1]])
    fitted = fit_venn_abers(score, positive)
    expected = slow_interval(score, positive, np.ones(score.size), new)
    np.testing.assert_allclose(predict_interval(fitted, new), expected, rtol=0, atol=1e-12)
    for steps in fitted:  # only scores at which the value changes are kept
        assert np.all(np.diff(steps.value) > 0)
        assert steps.value.size < 2000


# Closed forms


@pytest.mark.parametrize(("n", "s"), [(1, 0), (1, 1), (5, 0), (5, 2), (5, 5)])
def test_equal_scores(n, s):
    """At the score all is one group. Below it, a 0 is alone and a 1 joins; above it, conversely."""
    fitted = fit_venn_abers(np.full(n, 0.5), np.arange(n) < s)
    lower, upper = predict_interval(fitted, np.array([0.4, 0.5, 0.6]))
    np.testing.assert_allclose(lower, [0, s / (n + 1), s / (n + 1)], atol=1e-15)
    np.testing.assert_allclose(upper, [(s + 1) / (n + 1), (s + 1) / (n + 1), 1])
    np.testing.assert_allclose(merge_interval(lower, upper)[1], (s + 1) / (n + 2))  # Laplace


def test_separable_scores():
    """Zeros at 0.1 ... 0.4, ones at 0.6 ... 0.9: a 1 among zeros pools those above it, and conversely.

    Zeros above 0.25: two, so p1 = 1/3; ones below 0.75: two, so p0 = 2/3.
    """
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])
    fitted = fit_venn_abers(score, score > 0.5)
    lower, upper = predict_interval(fitted, np.array([0, 0.2, 0.25, 0.5, 0.75, 0.8, 1]))
    np.testing.assert_allclose(upper, [1 / 5, 1 / 4, 1 / 3, 1, 1, 1, 1])
    np.testing.assert_allclose(lower, [0, 0, 0, 0, 2 / 3, 3 / 4, 4 / 5], atol=1e-15)


def test_merged_probability_by_hand():
    """Of two sure and contradicting values it is a half; equal bounds stay."""
    lower, upper = np.array([0, 0.3, 0]), np.array([1, 0.3, 0.5])
    np.testing.assert_allclose(merge_interval(lower, upper), [1 / 2, 0.3, 1 / 3])


def test_merged_probability_has_least_regret():
    """The largest regret in log loss against p0 and p1 is smallest where both are equal."""
    lower, upper = 0.2, 0.7

    def regret(p):  # if the label is 0, the honest forecast was p0; if it is 1, p1
        return max(np.log((1 - lower) / (1 - p)), np.log(upper / p))

    best = merge_interval(lower, upper)
    assert all(regret(best) <= regret(p) + 1e-15 for p in np.linspace(0.01, 0.99, 99))


# Properties


@settings(max_examples=100, deadline=None)
@given(rows)
def test_bounds_are_ordered_monotone_and_never_certain(rows):
    score, positive, weight = (np.array(column) for column in zip(*rows, strict=True))
    lower, upper = predict_interval(fit_venn_abers(score, positive, weight * 1.0), EVERYWHERE)
    merged = merge_interval(lower, upper)
    n = weight.sum()
    assert np.all(lower < upper)
    assert np.all((lower < merged) & (merged < upper))
    assert min(upper.min(), 1 - lower.max()) >= 1 / (n + 1) - 1e-15
    assert min(merged.min(), 1 - merged.max()) >= 1 / (n + 2) - 1e-15
    for values in (lower, upper, merged):
        assert np.all(np.diff(values) >= 0)


@settings(max_examples=100, deadline=None)
@given(rows)
def test_mirrored_scores_and_labels_mirror_the_interval(rows):
    score, positive, weight = (np.array(column) for column in zip(*rows, strict=True))
    lower, upper = predict_interval(fit_venn_abers(score, positive, weight * 1.0), EVERYWHERE)
    mirrored = fit_venn_abers(1 - score, ~positive, weight * 1.0)
    swapped = predict_interval(mirrored, 1 - EVERYWHERE)
    np.testing.assert_allclose([1 - upper, 1 - lower], swapped, rtol=0, atol=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_weights_repeat_rows_in_any_order(seed):
    score, positive, weight = random_rows(300, 40, seed)
    order = np.random.default_rng(seed).permutation(int(weight.sum()))
    repeated = [np.repeat(a, weight.astype(int))[order] for a in (score, positive)]
    new = between(score)
    np.testing.assert_allclose(
        predict_interval(fit_venn_abers(score, positive, weight), new),
        predict_interval(fit_venn_abers(*repeated), new),
        rtol=0,
        atol=1e-14,
    )


def test_single_precision_is_exact_for_exact_scores():
    score, positive, _ = random_rows(300, 64)
    single = fit_venn_abers(score.astype(np.float32), positive)
    expected = predict_interval(fit_venn_abers(score, positive), between(score))
    for new in (between(score), between(score).astype(np.float32)):
        np.testing.assert_array_equal(predict_interval(single, new), expected)


def test_arguments_are_only_read():
    score, positive, weight = random_rows(50, 10)
    score.flags.writeable = positive.flags.writeable = weight.flags.writeable = False
    predict_interval(fit_venn_abers(score, positive, weight), score)
    predict_interval(fit_venn_abers(score, positive), score)


# What rounding does to equal scores


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_score_within_rounding_of_a_calibration_score_is_that_score(dtype):
    score = np.array([1e-30, 0.001, 0.3, 0.5, 0.9], dtype=dtype)
    fitted = fit_venn_abers(np.repeat(score, 2), np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1], bool))
    expected = predict_interval(fitted, score)
    for direction in (0, 1):
        near = score
        for _ in range(4):
            near = np.nextafter(near, dtype(direction))
            np.testing.assert_array_equal(predict_interval(fitted, near), expected)
    far = predict_interval(fitted, score * dtype(1.01))  # a gap, where p1 is that of the next score
    np.testing.assert_array_equal(far[1], [*expected[1][1:], 1])


@pytest.mark.parametrize("at", [1e-300, 0.3, 0.5, 1.0])
def test_neighbours_among_the_floats_are_one_score(at):
    """Equal rows of a model may be rounded to neighbours: no step may come between them."""
    score = np.array([at, np.nextafter(at, 0.6)])
    for positive in ([True, False], [False, True]):
        fitted = fit_venn_abers(score, np.array(positive))
        expected = slow_interval(np.full(2, at), np.array(positive), np.ones(2), [at, at])
        np.testing.assert_allclose(predict_interval(fitted, score), expected, atol=1e-15)


@pytest.mark.parametrize("at", [1e-300, 0.3, 0.5])
def test_scores_that_differ_by_more_than_rounding_are_different(at):
    """Rows 40 units in the last place apart have groups, and new rows at them values, of their own."""
    score = at * np.array([1, 1 + 40 * np.finfo(float).eps])
    for positive in ([True, False], [False, True]):
        fitted = fit_venn_abers(score, np.array(positive))
        expected = slow_interval(score, np.array(positive), np.ones(2), score)
        np.testing.assert_allclose(predict_interval(fitted, score), expected, atol=1e-15)
