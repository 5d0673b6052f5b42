"""Intervals that need only the sums of a table."""

import numpy as np
from scipy.special import ndtri


def wilson_interval(successes, n, confidence_level):
    """Wilson (1927) score interval of a proportion; assumes 0 <= successes <= n and n > 0.

    Solves |successes / n - p| = z sqrt(p (1 - p) / n) for p. doi:10.1080/01621459.1927.10502953
    """
    z2 = ndtri((1 + confidence_level) / 2) ** 2
    center = (successes + z2 / 2) / (n + z2)
    # Rounding must not push a proportion outside [0, 1] into a negative product.
    variance = np.maximum(successes * (n - successes) / n, 0) + z2 / 4
    half_width = np.sqrt(z2 * variance) / (n + z2)
    return np.clip(center - half_width, 0, 1), np.clip(center + half_width, 0, 1)


def calibration_error_interval(table, confidence_level):
    """Interval of the l1 calibration error at the table's bins, valid at perfect calibration too.

    With bin shares w, estimated gaps g and true gaps d, the triangle inequality bounds the error of
    the plug-in estimate on both sides at once::

        | sum_b w_b |g_b|  -  sum_b w_b |d_b| |  <=  sum_b w_b |g_b - d_b|

    The right side is noise alone. Its terms are about half-normal with the standard errors s of the
    accuracies, so its quantile is that of a sum with mean ``sum w s sqrt(2 / pi)`` and variance
    ``sum w^2 s^2 (1 - 2 / pi)``. The interval is conservative, never empty, and contains 0 whenever
    noise alone explains the estimate. Shares and mean confidences are taken as given.
    """
    estimate = np.sum(table.share * np.abs(table.gap))
    # One added success and failure keep a bin that is all right or all wrong from claiming no noise.
    shrunk = (table.sum_outcome + 1) / (table.weight + 2)
    noise = table.share * np.sqrt(shrunk * (1 - shrunk) / table.weight)
    mean = np.sqrt(2 / np.pi) * noise.sum()
    deviation = np.sqrt((1 - 2 / np.pi) * np.sum(noise**2))
    quantile = mean + ndtri(confidence_level) * deviation
    return max(0.0, float(estimate - quantile)), min(1.0, float(estimate + quantile))
