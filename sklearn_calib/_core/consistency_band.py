"""Where the isotonic reliability curve would lie if the stated probabilities were right."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

# Neighbouring values beyond this number are simulated as one: the curve has far fewer steps.
_MAX_CELLS = 400


class ConsistencyBand(NamedTuple):
    """Pointwise limits at ascending probabilities."""

    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def consistency_band(probability, weight, confidence_level, n_simulations, rng):
    """`ConsistencyBand` of distinct ascending probabilities; weights count as numbers of rows.

    Outcomes are drawn with the stated probabilities and fitted anew (Dimitriadis, Gneiting and Jordan
    2021). Graded outcomes vary less, so that the band is wide for them.
    """
    probability, weight = _merge_neighbours(probability, weight)
    n_rows = np.maximum(np.round(weight), 1).astype(np.int64)
    share = rng.binomial(n_rows, np.clip(probability, 0, 1), (n_simulations, n_rows.size)) / n_rows
    fits = np.array([isotonic_regression(row, weights=weight).x for row in share])
    outside = (1 - confidence_level) / 2
    lower, upper = np.quantile(fits, [outside, 1 - outside], axis=0)
    return ConsistencyBand(
        probability, np.minimum(lower, probability), np.maximum(upper, probability)
    )


def _merge_neighbours(probability, weight):
    """Means of runs of values that hold about equal weights; both ends stay."""
    if probability.size <= _MAX_CELLS:
        return probability, weight
    cell = np.minimum(np.cumsum(weight) / weight.sum() * _MAX_CELLS, _MAX_CELLS - 1).astype(int)
    start = np.flatnonzero(np.diff(cell, prepend=-1))
    mass = np.add.reduceat(weight, start)
    mean = np.add.reduceat(weight * probability, start) / mass
    mean[0], mean[-1] = probability[0], probability[-1]
    return mean, mass
