"""Smooth calibration error: the mean absolute residual after smoothing over the stated probability.

The residuals of all events are put on one grid once. What follows does not depend on their number: a
Gaussian kernel reflected at 0 and 1 multiplies the cosine transform of the grid by
exp(-(pi k sigma)^2 / 2), so each bandwidth costs one inverse transform.
"""

import numpy as np
from scipy.fft import dct, idct
from scipy.optimize import brentq

_BLOCK = 1 << 16  # events per block
# Splitting an event between two grid points widens its kernel by at most (h / (2 sigma))^2 / 2 of
# itself: below 1e-4 for bandwidths of at least 0.0022, and noise keeps the fixed point of 1e6 rows
# above 0.003.
_GRID = 1 << 14
_SMALLEST_BANDWIDTH = 1e-6  # below the grid's own width: the residuals as they are
_BANDWIDTH_TOLERANCE = 1e-9


def residual_spectrum(probability, outcome, weight=None):
    """Cosine transform of the mean residual p - o per grid point; assumes p in [0, 1]."""
    grid, total = np.zeros(_GRID + 2), 0.0
    for start in range(0, probability.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        place = probability[rows].astype(float) * _GRID
        residual = probability[rows] - outcome[rows]
        if weight is not None:
            residual = residual * weight[rows]
        cell = place.astype(np.intp)
        place -= cell  # the share that goes to the next point
        right = np.bincount(cell, residual * place, _GRID + 1)
        grid[:-1] += np.bincount(cell, residual, _GRID + 1) - right
        grid[1:] += right
        total += len(residual) if weight is None else weight[rows].sum()
    grid[[0, _GRID]] *= 2  # an end point stands for itself and its reflection
    return dct(grid[:-1], 1) / total


def smoothed_error(spectrum, bandwidth):
    """Integral over [0, 1] of the absolute smoothed residual."""
    frequency = np.pi * np.arange(spectrum.size) * bandwidth
    smooth = np.abs(idct(spectrum * np.exp(-(frequency**2) / 2), 1))
    return float(smooth.sum() - (smooth[0] + smooth[-1]) / 2)


def fixed_point_error(spectrum):
    """The error at the bandwidth that equals it; the error falls as the bandwidth grows."""

    def excess(bandwidth):
        return smoothed_error(spectrum, bandwidth) - bandwidth

    if excess(1.0) >= 0:
        return smoothed_error(spectrum, 1.0)
    if excess(_SMALLEST_BANDWIDTH) <= 0:
        return smoothed_error(spectrum, _SMALLEST_BANDWIDTH)
    return float(brentq(excess, _SMALLEST_BANDWIDTH, 1.0, xtol=_BANDWIDTH_TOLERANCE))
