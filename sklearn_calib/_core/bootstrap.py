"""Bootstrap limits from resampled values."""

import numpy as np
from scipy.special import ndtr, ndtri


def resampled_counts(code, n_units, frequency, rng):
    """How often each row is drawn, of shape (n_rows,).

    Units (rows or clusters; `code` tells the unit of each row, None that rows are units) are drawn with
    replacement. Rows of integer `frequency` stand for that many rows.
    """
    if frequency is not None:
        total = frequency.sum()
        return rng.multinomial(int(total), frequency / total)
    counts = np.bincount(rng.integers(n_units, size=n_units), minlength=n_units)
    return counts if code is None else counts[code]


def percentile_limits(values, confidence_level):
    """Quantiles of the resampled values."""
    tail = (1 - confidence_level) / 2
    return tuple(np.quantile(values, [tail, 1 - tail]).tolist())


def bca_limits(estimate, values, jackknife, confidence_level):
    """Bias-corrected and accelerated limits (Efron 1987); doi:10.1080/01621459.1987.10478410.

    `jackknife` holds the estimates without each of several equal blocks of rows.
    """
    below = np.mean(values < estimate) + np.mean(values == estimate) / 2
    least = 1 / (values.size + 1)  # no value on one side says less than infinity
    bias = ndtri(np.clip(below, least, 1 - least))
    influence = jackknife.mean() - jackknife
    spread = np.sum(influence**2) ** 1.5
    acceleration = np.sum(influence**3) / (6 * spread) if spread > 0 else 0.0
    z = bias + ndtri([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    return tuple(np.quantile(values, ndtr(bias + z / (1 - acceleration * z))).tolist())
