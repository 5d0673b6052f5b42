r"""The inductive Venn-Abers predictor: isotonic regression with the test row added, under either label.

Let :math:`P_0, ..., P_G` be the cumulative (weight, weight of positives) of the groups of equal score.
Isotonic values are slopes of the greatest convex minorant of these points, whose corners are the ends
of blocks. A positive row of weight 1, added behind i groups, has the isotonic value

.. math:: \max_{a \le i} \, \min_{b \ge i} \, \mathrm{slope}(P_a, P_b + (1, 1))

The minimum is attained at a corner behind a: it is f(a), the slope of the tangent from :math:`P_a` to
the convex chain of the corners behind it, each moved by (1, 1). So the values are the running maximum
of f. A negative row is a positive one with scores and labels mirrored.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

from sklearn_calib._core.isotonic import Groups, first_of_equals, pool_ties

# A matrix product may round equal rows differently by this many units.
_TIE_ULPS = 64
_EQUAL_ULPS = 16  # of float64: calibration scores that are so close are one


class Steps(NamedTuple):
    """A non-decreasing step function: value[k] above k of the ascending `edge`."""

    edge: np.ndarray
    value: np.ndarray


class VennAbers(NamedTuple):
    """Steps of the added row under the label 1, and under 0 with scores and labels mirrored."""

    positive: Steps
    negative: Steps


def fit_venn_abers(score, positive, weight=None):
    """Step functions of the isotonic value of a row of weight 1, added under either label.

    Assumes the rows of `pool_ties`. Costs a sort, an isotonic fit, and O(log n) for each of the few
    groups at which a value may change.
    """
    group = _pool_rounded(pool_ties(score, positive, weight))
    corner = isotonic_regression(group.positive / group.weight, weights=group.weight).blocks
    x, y = _cumulate(group.weight), _cumulate(group.positive)
    mirrored = -group.score[::-1], _mirror(x), _mirror(x - y), _mirror(corner)
    return VennAbers(_steps(group.score, x, y, corner), _steps(*mirrored))


def _pool_rounded(group):
    """Groups whose scores differ by rounding as one: a step between equal rows would tell them apart."""
    gap = np.diff(group.score)
    if not gap.size or gap.min() > _EQUAL_ULPS * np.finfo(float).eps:  # more than rounding anywhere
        return group
    apart = gap > _rounding(group.score[:-1], _EQUAL_ULPS, float)
    start = np.flatnonzero(np.append(True, apart))
    return Groups(
        group.score[start],
        np.add.reduceat(group.weight, start),
        np.add.reduceat(group.positive, start),
    )


def _rounding(score, ulps, dtype):
    """What `ulps` units of the logit (p feels them by p (1 - p)) and one unit of p do to a score."""
    p = np.abs(score)
    return np.finfo(dtype).eps * p * (ulps * (1 - p) + 1)


def _cumulate(values):
    sums = np.zeros(values.size + 1)
    sums[1:] = np.cumsum(values)
    return sums


def _mirror(sums):
    """The cumulative sums of the same values from the other end."""
    return sums[-1] - sums[::-1]


def _steps(score, x, y, corner):
    """Steps of the isotonic value of a positive row added at any score.

    `x` and `y` are the cumulative weights of all rows and of positives, from 0 before the first group
    on, and `corner` counts the groups before each corner.
    """
    chain_x, chain_y = x[corner], y[corner]
    touch = _touching(chain_x, chain_y)
    a = _candidates(x, y, corner, *_tangents(chain_x, chain_y, touch))
    block = np.searchsorted(corner, a, side="right") - 1
    # the tangent from within a block touches between those from the two corners of the block
    low, high = touch[block], touch[np.minimum(block + 1, corner.size - 1)]
    value = _tangent_slope(x[a], y[a], chain_x + 1, chain_y + 1, low, high)
    value = np.maximum.accumulate(value).clip(0, 1)  # sums of real weights are rounded
    rises = first_of_equals(value)
    return Steps(_edges(score, a[rises][1:]), value[rises])


def _to_next(values, behind_last):
    """Differences to the next value, and a given one behind the last."""
    difference = np.empty_like(values)
    np.subtract(values[1:], values[:-1], out=difference[:-1])
    difference[-1] = behind_last
    return difference


def _touching(x, y):
    """Index of the corner moved by (1, 1) that the tangent from each corner touches: ascending.

    One sweep, in which the tangent leaves a corner for the next one while that lowers its slope.
    """
    x, y = x.tolist(), y.tolist()
    last, touch, k = len(x) - 1, [], 0
    for j in range(last):
        k = max(k, j + 1)
        while k < last and (
            (y[k + 1] - y[k]) * (x[k] + 1 - x[j]) < (y[k] + 1 - y[j]) * (x[k + 1] - x[k])
        ):
            k += 1
        touch.append(k)
    return np.array([*touch, last])


def _tangents(x, y, touch):
    """Slope and value at 0 of the tangent from each corner of the chain."""
    slope = (y[touch] + 1 - y) / (x[touch] + 1 - x)
    return slope, y - slope * x


def _candidates(x, y, corner, slope, intercept):
    """Points at which the running maximum of f may rise: corners, and what lies below their tangents.

    From a point on or above the tangent of the corner before it, the chain is seen at no larger slope.
    """
    size = _to_next(corner, behind_last=1)
    tangent = np.repeat(slope, size)
    tangent *= x
    tangent += np.repeat(intercept, size)
    below = y < tangent
    below[corner] = True
    return np.flatnonzero(below)


def _tangent_slope(x, y, chain_x, chain_y, low, high):
    """Smallest slope from each point to a convex chain, which it sees between two given corners.

    The slope falls and then rises along the chain; bisection finds the corner between. Behind the
    last corner it counts as rising, by an edge of length 0.
    """
    edge_x, edge_y = _to_next(chain_x, behind_last=0), _to_next(chain_y, behind_last=0)
    while (low < high).any():
        k = (low + high) >> 1
        rises = edge_y[k] * (chain_x[k] - x) >= (chain_y[k] - y) * edge_x[k]
        low, high = np.where(rises, low, k + 1), np.where(rises, k, high)
    return (chain_y[low] - y) / (chain_x[low] - x)


def _edges(score, group):
    """Edges between given groups and the ones before them: above what rounding makes of an equal score.

    An edge keeps to the first quarter of the gap, so that it is below the next score in floats too.
    """
    before = score[group - 1]
    after = np.where(group < score.size, score.take(group, mode="clip"), np.inf)
    noise = _rounding(before, _TIE_ULPS, score.dtype)
    return before + np.minimum(noise, (after - before) / 4)


def predict_interval(fitted, score):
    """Isotonic values of a row of each score, added under the label 0 and under 1, in float64."""
    return 1 - _climb(fitted.negative, -score), _climb(fitted.positive, score)


def _climb(steps, score):
    return steps.value[np.searchsorted(steps.edge, score)]


def merge_interval(lower, upper):
    """The probability of least regret in log loss within an interval: p1 / (1 - p0 + p1)."""
    return upper / (1 - lower + upper)
