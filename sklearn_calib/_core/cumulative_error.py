"""Cumulative differences of probability and outcome, and their distribution at perfect calibration."""

import numpy as np
from scipy.special import ndtr

from sklearn_calib._core.isotonic import pool_outcomes

# Of Brownian motion the tails of maximum and range are below 1e-17 beyond these values of the series'
# arguments, and a sum of so many terms is exact to rounding in between.
_TERMS = 40
_SWITCH = 2.0  # the range has one series for small values and one for large


def cumulative_differences(probability, outcome, weight=None):
    """Sums of (p - o) over all rows up to each distinct p, as shares of the weight; 0 first."""
    ties = pool_outcomes(probability, outcome, weight)
    difference = ties.weight * ties.score.astype(float) - ties.positive
    return np.append(0.0, np.cumsum(difference) / ties.weight.sum())


def noise_of_sum(probability, weight=None):
    """Standard deviation of the sum of all differences if every outcome is 1 with probability p."""
    p = probability.astype(float, copy=False)
    variance = p * (1 - p)
    if weight is None:
        return float(np.sqrt(variance.sum()) / p.size)
    return float(np.sqrt(weight @ variance) / weight.sum())


def brownian_maximum_sf(x):
    """P(max |B| > x) for Brownian motion B on [0, 1]."""
    if x <= 0:
        return 1.0
    odd = 2 * np.arange(_TERMS) + 1
    sign = (-1.0) ** np.arange(_TERMS)
    if x < 1:  # Fourier series of the heat equation
        terms = sign / odd * np.exp(-((odd * np.pi / x) ** 2) / 8)
        return float(np.clip(1 - 4 / np.pi * terms.sum(), 0, 1))
    return float(np.clip(4 * np.sum(sign * ndtr(-odd * x)), 0, 1))  # reflections


def brownian_range_sf(x):
    """P(max B - min B > x) for Brownian motion B on [0, 1] (Feller 1951)."""
    if x <= 0:
        return 1.0
    k = np.arange(1, _TERMS + 1)
    if x < _SWITCH:
        odd = (2 * k - 1) * np.pi
        terms = (8 / x**2 + 8 / odd**2) * np.exp(-((odd / x) ** 2) / 2)
        return float(np.clip(1 - terms.sum(), 0, 1))
    return float(np.clip(8 * np.sum((-1.0) ** (k - 1) * k * ndtr(-k * x)), 0, 1))
