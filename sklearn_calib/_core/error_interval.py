"""Interval of a binned calibration error by inversion of a test, valid at and away from calibration.

Per row, the signed gap of bin b is ``x_b = sum_b (p - o) / n``, about normal around the true ``m_b``.
The error is ``sum |m_b|`` (l1) or ``sum m_b^2 / share_b`` (squared l2), its plug-in estimate T the same
of x. T is biased upwards, by an amount that depends on the unknown m: most where m_b = 0. So hypotheses m
are tried along one path that runs through the observed gaps::

    m_b = max(|x_b| - steps * standard_error_b, 0)

from perfect calibration (many steps) over the data (no steps) to larger errors (negative steps).
Shrinking sets the smaller gaps to zero first, which is where T is most biased; growing spreads the
error evenly, where it is least biased. The interval holds the errors along the path under which the
observed T is no surprise on either side. The variance of x_b is that of outcomes with the
hypothesised accuracy, as in Wilson's interval of a proportion, so that a bin without a mistake does not
claim to have no noise.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import erf, gammainc, gammaincc

from sklearn_calib._core.binomial import clopper_pearson_limits

# Below this skewness a gamma distribution is normal for our purpose, and its shape would overflow.
_LEAST_SKEWNESS = 1e-3
# Rows that the variance of graded outcomes, which no hypothesis tells, borrows from Bernoulli outcomes.
_BORROWED_ROWS = 2
# Up to so many standard errors from 0 a gap may be one of the other side.
_UNDECIDED = 2.0
_STEPS_TOLERANCE = 1e-9
_ROUNDING = 1e-12  # an estimate that is summed in another order is not outside for it
# So many deviations from zero, the absolute value of a normal variable is itself.
_FAR = 20.0


class Bins(NamedTuple):
    """What the path needs of a table: per bin, gaps as a share of all rows."""

    n: float
    share: np.ndarray
    confidence: np.ndarray
    side: np.ndarray  # +1 where overconfident, -1 where underconfident, 0 where neither
    gap: np.ndarray  # |x|
    largest_gap: np.ndarray  # with an accuracy of 0 or 1, on the observed side if that is clear
    standard_error: np.ndarray  # the length of a step
    graded_variance: np.ndarray | None  # of one outcome, where outcomes are not all 0 or 1


def error_interval(table, norm, confidence_level):
    """Limits of the l1 error, or of the squared l2 error, of the population at the table's bins.

    Assumes independent rows, weights that count rows, and a table with second moments.
    """
    bins = _read(table)
    cumulants, error = _NORMS[norm]
    tail = (1 - confidence_level) / 2

    def surprise(steps, value, sign):
        """P(sign T >= sign value) - tail, if the truth lies so many steps from the data."""
        gap = _path(bins, steps)
        return _gamma_tail(value, cumulants(bins, gap, _noise(bins, gap)), sign) - tail

    observed = error(bins, bins.gap)
    calibrated = float(np.max(bins.gap / bins.standard_error)) * (1 + _ROUNDING)
    steps = _last_accepted(lambda s: surprise(s, observed, +1), calibrated)
    lower = error(bins, _path(bins, steps))

    # A sample that agrees better than noise allows is no evidence of less error than the usual one.
    nothing = np.zeros_like(bins.gap)
    usual = cumulants(bins, nothing, _noise(bins, nothing))[0]
    value = max(error(bins, bins.gap + _half_a_row(bins)), usual)
    farthest = -float(np.max(bins.largest_gap / bins.standard_error))
    steps = _last_accepted(lambda s: surprise(s, value, -1), farthest)
    upper = max(error(bins, _path(bins, steps)), lower)
    return lower * (1 - _ROUNDING), min(upper * (1 + _ROUNDING), 1.0)


def max_error_interval(table, confidence_level):
    """Limits of the largest absolute gap of the population at the table's bins.

    Exact limits of the accuracy of each bin, at the level at which those of all bins hold together (Sidak
    1967: bins are independent; doi:10.1080/01621459.1967.10482935), are limits of its gap.
    """
    level = confidence_level ** (1 / len(table))
    low, high = clopper_pearson_limits(table.sum_outcome, table.weight, level)
    lower, upper = table.confidence - high, table.confidence - low
    least, most = np.maximum(lower, -upper), np.maximum(-lower, upper)
    return max(float(least.max()), 0.0), float(most.max())


def _half_a_row(bins):
    """Continuity correction, in the largest bin: with n rows, shares are known to 1 / n."""
    return np.where(np.arange(bins.gap.size) == bins.share.argmax(), 0.5 / bins.n, 0)


def _last_accepted(function, far):
    """Where the decreasing `function` of the distance from 0 to `far` falls below 0."""
    if function(far) >= 0:
        return far
    return 0.0 if function(0.0) <= 0 else brentq(function, 0.0, far, xtol=_STEPS_TOLERANCE)


def _read(table):
    n, confidence = table.weight.sum(), table.confidence
    x = (table.sum_probability - table.sum_outcome) / n
    stated = confidence * (1 - confidence)
    shrunk = (table.sum_outcome + 1) / (table.weight + 2)
    one_row = np.maximum(stated, shrunk * (1 - shrunk))
    room = np.where(x > 0, confidence, 1 - confidence)
    undecided = np.abs(x) <= _UNDECIDED * np.sqrt(table.share * stated / n)
    return Bins(
        n=n,
        share=table.share,
        confidence=confidence,
        side=np.sign(x),
        gap=np.abs(x),
        largest_gap=table.share * np.where(undecided, np.maximum(confidence, 1 - confidence), room),
        standard_error=np.sqrt(table.share * one_row / n),
        graded_variance=_graded_variance(table, one_row),
    )


def _graded_variance(table, one_row):
    """Variance of p - o in each bin, leaning on `one_row` where there are few; None for 0/1 outcomes."""
    if np.allclose(table.sum_outcome_squared, table.sum_outcome, rtol=1e-9, atol=0):
        return None
    squares = table.sum_probability_squared - 2 * table.sum_product + table.sum_outcome_squared
    around_mean = np.maximum(squares - table.weight * table.gap**2, 0)
    return (around_mean + _BORROWED_ROWS * one_row) / (table.weight + _BORROWED_ROWS)


def _path(bins, steps):
    return np.clip(bins.gap - steps * bins.standard_error, 0, bins.largest_gap)


def _noise(bins, gap):
    """Standard deviation of x_b if the truth is `gap`, on the observed side while there is room."""
    variance = bins.graded_variance
    if variance is None:
        accuracy = bins.confidence - bins.side * gap / bins.share
        fits = (accuracy >= 0) & (accuracy <= 1) & (bins.side != 0)
        other = bins.confidence - np.where(bins.confidence >= 0.5, 1, -1) * gap / bins.share
        accuracy = np.clip(np.where(fits, accuracy, other), 0, 1)
        variance = accuracy * (1 - accuracy)
    return np.sqrt(bins.share * variance / bins.n)


def _l1(bins, gap):
    return float(gap.sum())


def _l2_squared(bins, gap):
    return float(np.sum(gap**2 / bins.share))


def _l1_cumulants(bins, gap, noise):
    """First three cumulants of T = sum |x_b|; the shares of the bins are random too."""
    mean, variance, third = _absolute_cumulants(gap, noise).sum(axis=1)
    return mean, variance + (np.sum(gap**2 / bins.share) - gap.sum() ** 2) / bins.n, third


def _l2_cumulants(bins, gap, noise):
    """First three cumulants of T = sum x_b^2 / share_b."""
    mean, variance, third = (_square_cumulants(gap, noise) / bins.share ** [[1], [2], [3]]).sum(
        axis=1
    )
    error = gap**2 / bins.share
    return mean, variance + (np.sum(error**2 / bins.share) - error.sum() ** 2) / bins.n, third


def _absolute_cumulants(mean, deviation):
    """First three cumulants of |N(mean, deviation)|, of shape (3, n_bins)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        k = np.where(mean < _FAR * deviation, mean / deviation, _FAR)
    density, inside = np.sqrt(2 / np.pi) * np.exp(-(k**2) / 2), erf(k / np.sqrt(2))
    first, second = density + k * inside, 1 + k**2
    third = (2 + k**2) * density + k * (k**2 + 3) * inside
    return np.array(
        [
            mean + (first - k) * deviation,
            (second - first**2) * deviation**2,
            (third - 3 * first * second + 2 * first**3) * deviation**3,
        ]
    )


def _square_cumulants(mean, deviation):
    """First three cumulants of N(mean, deviation)^2, of shape (3, n_bins)."""
    m, s = mean**2, deviation**2
    return np.array([m + s, 2 * s * (2 * m + s), 8 * s**2 * (3 * m + s)])


_NORMS = {"l1": (_l1_cumulants, _l1), "l2": (_l2_cumulants, _l2_squared)}


def _gamma_tail(value, cumulants, sign):
    """P(X >= value), or P(X <= value) for sign -1, of the shifted gamma with these three cumulants."""
    mean, variance, third = cumulants
    if variance <= 0:
        return float(sign * mean >= sign * value)
    deviation = np.sqrt(variance)
    shape = 4 / max(third / deviation**3, _LEAST_SKEWNESS) ** 2
    scaled = max(shape + (value - mean) / deviation * np.sqrt(shape), 0)
    return float(gammaincc(shape, scaled) if sign > 0 else gammainc(shape, scaled))
