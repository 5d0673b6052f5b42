"""Where the points of a reliability diagram lie when the stated probabilities are right."""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.stats import binom

from sklearn_calib._core.null_model import simulate_outcomes


def binned_consistency_band(table, confidence_level):
    """Limits of each bin's accuracy that hold it with at least the given probability, bin by bin.

    Quantiles of the binomial distribution at the mean probability of the bin, whose variance is at
    least that of outcomes with their own probabilities. Assumes weights that count rows.
    """
    rows = np.maximum(np.round(table.weight), 1)
    probability = np.clip(table.confidence, 0, 1)
    tail = (1 - confidence_level) / 2
    return binom.ppf(tail, rows, probability) / rows, binom.ppf(1 - tail, rows, probability) / rows


def isotonic_consistency_band(cells, confidence_level, n_simulations, rng):
    """Limits, cell by cell, of the isotonic regression of outcomes on probabilities (CORP).

    Quantiles over simulated outcomes of the cells.
    """
    shares = simulate_outcomes(cells, n_simulations, rng) / cells.weight
    curves = [isotonic_regression(share, weights=cells.weight).x for share in shares]
    tail = (1 - confidence_level) / 2
    lower, upper = np.quantile(curves, [tail, 1 - tail], axis=0)
    return lower, upper
