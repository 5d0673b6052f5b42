"""Difference of two squared calibration errors, each estimated without bias.

Over pairs of distinct rows i, j of one bin, the mean of r_i r_j (r = p - o) estimates the squared gap
without bias, so that

    estimate = sum_b share_b (S_b^2 - Q_b) / (N_b (N_b - 1)),   S_b = sum r,  Q_b = sum r^2

is a U-statistic. Its variance has a linear part, which vanishes at perfect calibration, and a quadratic
part, which is left there.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from sklearn_calib._core.error_interval import error_interval

# p-values below say nothing more, and no distribution is known so far out.
_LEAST_PVALUE = 1e-12


class SquaredError(NamedTuple):
    """The estimate and what its variance needs; `code` is the bin of each row."""

    estimate: float
    influence: np.ndarray  # of each row on the error, up to a constant
    code: np.ndarray
    scale: np.ndarray  # of the products of two rows of a bin: share_b / (N_b (N_b - 1))
    noise: np.ndarray  # residual of each row minus the mean of its bin


def squared_error(residual, weight, code):
    """`SquaredError` of residuals p - o. Assumes weights that count rows; a bin of one row adds 0."""
    n = weight.sum()
    size = np.bincount(code, weight)
    total = np.bincount(code, weight * residual)
    squares = np.bincount(code, weight * residual**2)
    several = size > 1
    scale = np.divide(1, n * (size - 1), out=np.zeros_like(size), where=several)
    gap = np.divide(total, size, out=np.zeros_like(size), where=size > 0)[code]
    return SquaredError(
        estimate=float(scale @ (total**2 - squares)),
        influence=2 * gap * residual - gap**2,
        code=code,
        scale=scale,
        noise=residual - gap,
    )


def variance_of_paired_difference(a, b, weight):
    """Variance of the difference of the estimates of two models on the same rows."""
    n_bins = b.scale.size
    both = np.bincount(a.code * n_bins + b.code, weight * a.noise * b.noise, a.scale.size * n_bins)
    shared = a.scale[:, None] * b.scale * both.reshape(-1, n_bins) ** 2
    own = [
        np.sum((error.scale * np.bincount(error.code, weight * error.noise**2)) ** 2)
        for error in (a, b)
    ]
    quadratic = max(2 * (sum(own) - 2 * shared.sum()), 0.0)
    return _combine(a.influence - b.influence, quadratic, weight)


def unpaired_interval(tables, estimates, confidence_level):
    """Limits of the difference of the errors of two independent tables, from those of each.

    The distances to the limits of the two add as standard errors do, each with the side that matters
    (the square-and-add rule of Zou and Donner 2008; doi:10.1002/sim.3095). So the skewness of an error,
    which cannot be negative, is not lost. Assumes tables with second moments.
    """
    limits = [error_interval(table, "l2", confidence_level) for table in tables]
    a, b = (np.clip(estimate, *limit) for estimate, limit in zip(estimates, limits, strict=True))
    (low_a, high_a), (low_b, high_b) = limits
    lower = a - b - np.hypot(a - low_a, high_b - b)
    return float(lower), float(a - b + np.hypot(high_a - a, b - low_b))


def unpaired_pvalue(tables, estimates):
    """Largest level of significance at which the interval still holds 0."""

    def nearer_limit(log_p):
        lower, upper = unpaired_interval(tables, estimates, 1 - np.exp(log_p))
        return max(lower, -upper)  # positive where 0 is outside

    least, largest = np.log(_LEAST_PVALUE), np.log(0.999)
    if nearer_limit(least) > 0:
        return _LEAST_PVALUE
    if nearer_limit(largest) <= 0:
        return 1.0
    return float(np.exp(brentq(nearer_limit, least, largest, xtol=1e-4)))


def _combine(influence, quadratic, weight):
    """Linear plus quadratic part.

    The gaps in the influence are estimates, whose noise adds twice the quadratic part on average.
    """
    n = weight.sum()
    mean = weight @ influence / n
    linear = weight @ (influence - mean) ** 2 / n**2
    return float(max(linear - quadratic, quadratic))
