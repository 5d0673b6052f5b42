"""Bins of equal weight, as many as keep the accuracies in order (Roelofs et al. 2022)."""

import numpy as np

from sklearn_calib._core.bins import quantile_cuts
from sklearn_calib._core.isotonic import pool_outcomes

# Past so many bins the search stops: its cost is the square of their number.
MAX_BINS = 4096


def sweep(probability, outcome, weight=None):
    """Share, mean probability and mean outcome of the bins of the last number that is in order.

    Bins are added one by one until their accuracies are no longer non-decreasing. Equal probabilities
    never split, so that there are at most as many bins as distinct values.
    """
    ties = pool_outcomes(probability, outcome, weight)
    values = ties.score.astype(float)
    sums = np.cumsum([ties.weight, ties.weight * values, ties.positive], axis=1)
    found = np.diff(sums[:, -1:], prepend=0)
    if np.all(np.diff(ties.positive / ties.weight) >= 0):
        return _means(np.array([ties.weight, ties.weight * values, ties.positive]))
    for n_bins in range(2, min(MAX_BINS, values.size) + 1):
        end = quantile_cuts(values, sums[0], n_bins, probability.dtype)
        bins = np.diff(sums[:, np.append(end, values.size) - 1], prepend=0)
        if np.any(np.diff(bins[2] / bins[0]) < 0):
            break
        found = bins
    return _means(found)


def _means(bins):
    weight, probability, outcome = bins
    return weight / weight.sum(), probability / weight, outcome / weight
