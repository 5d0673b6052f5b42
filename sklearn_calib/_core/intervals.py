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
