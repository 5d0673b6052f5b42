"""Isotonic regression of a 0/1 outcome on a probability, by pooling adjacent violators."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

# Interpolation divides by the distance of two knots, which overflows where both are subnormal. Scaled
# by this power of two, which is exact, no distance of two floats in [0, 1] is below 1e-308.
_SCALE = 2.0**52


class Groups(NamedTuple):
    """Rows of equal score as one, by ascending score: `weight`, and weight of the `positive` rows.

    Without weights both are numbers of rows, as integers, whose cumulative sums are fast.
    """

    score: np.ndarray
    weight: np.ndarray
    positive: np.ndarray


class Knots(NamedTuple):
    """A continuous map: the line through (`score`, `value`), both ascending; constant outside."""

    score: np.ndarray
    value: np.ndarray


def pool_ties(score, positive, weight=None):
    """`Groups` of the rows. Assumes scores in [0, 2), boolean `positive` and positive weights."""
    if weight is None:
        score, positive = _sort_together(score, positive)
        weight = np.ones(score.size, dtype=np.int64)
    else:
        order = np.argsort(score)
        score, positive, weight = score[order], (weight * positive)[order], weight[order]
    first = first_of_equals(score)
    if first.all():
        return Groups(score, weight, positive)
    start = np.flatnonzero(first)
    return Groups(score[start], np.add.reduceat(weight, start), np.add.reduceat(positive, start))


def first_of_equals(values):
    """Whether each of the sorted values differs from the one before it."""
    first = np.empty(values.size, dtype=bool)
    first[0] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def pool_outcomes(score, outcome, weight=None):
    """`pool_ties` of finite scores and outcomes in [0, 1].

    Several times faster if all outcomes are 0 or 1, all scores in [0, 2), and there are no weights.
    """
    positive = outcome.astype(bool)
    in_range = score.min() >= 0 and score.max() < 2
    if weight is None and in_range and np.array_equal(positive, outcome):
        return pool_ties(score, positive)
    return pool_ties(score, outcome, np.ones(outcome.size) if weight is None else weight)


def _sort_together(score, positive):
    """Scores and labels by ascending score, several times faster than by an index.

    The bits of floats in [0, 2) are ascending integers with a highest bit of 0 (but for -0.0, which
    becomes 0.0): shifted by one place they have room for the label, and one sort of integers does both.
    """
    key = score.view(f"i{score.itemsize}") << 1
    key |= positive
    key.sort()
    positive = key & 1
    key >>= 1
    return key.view(score.dtype), positive


def fit_isotonic(score, positive, weight=None, smoothing=0.0):
    """`Knots` at both ends of every block of the weighted least-squares non-decreasing fit.

    Rows are those of `pool_ties`, and two more of weight `smoothing`: a positive one at the lowest
    score, a negative one at the highest.
    """
    score, *sums = pool_ties(score, positive, weight)
    weight, positive = (values.astype(float) for values in sums)
    positive[0] += smoothing
    weight[0] += smoothing
    weight[-1] += smoothing
    fit = isotonic_regression(positive / weight, weights=weight)
    ends = np.repeat(fit.blocks, 2)[1:-1]  # the first row of each block, and the last
    ends[1::2] -= 1
    keep = first_of_equals(ends)  # a block of one score has one end
    return Knots(score[ends[keep]], np.repeat(fit.x[ends[::2]], 2)[keep])


def interpolate(knots, score):
    """Values of the map at the scores, in float64."""
    return np.interp(score * _SCALE, knots.score * _SCALE, knots.value)
