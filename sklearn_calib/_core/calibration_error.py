"""Calibration errors: short formulas over a table of shares and gaps."""

import numpy as np


def l1_error(table):
    """Weighted mean of the absolute gaps."""
    return float(np.average(np.abs(table.gap), weights=table.weight))


def l2_squared_error(table):
    """Weighted mean of the squared gaps."""
    return float(np.average(table.gap**2, weights=table.weight))


def max_error(table):
    """Largest absolute gap."""
    return float(np.max(np.abs(table.gap)))


def debiased_l2_squared_error(table):
    """Sum over bins of share times the U-statistic of the squared mean of p - o; weights are counts.

    With S = sum d and Q = sum d^2 over the n rows of a bin, (S^2 - Q) / (n (n - 1)) is the mean of
    d_i d_j over all pairs of different rows, whose expectation is the square of that of d. A bin of
    one row has no pair and counts as zero; NaN where no bin has a pair.
    """
    n = table.weight
    has_pairs = n > 1
    if not has_pairs.any():
        return float("nan")
    total = table.sum_probability - table.sum_outcome
    squares = table.sum_probability_squared - 2 * table.sum_product + table.sum_outcome_squared
    pairs = np.where(has_pairs, n * (n - 1), 1)
    squared_gap = np.where(has_pairs, (total**2 - squares) / pairs, 0)
    return float(np.sum(table.share * squared_gap))


def signed_errors(table):
    """Weighted mean of the positive parts of the gaps, and of the negative parts."""
    return tuple(float(np.sum(table.share * np.maximum(g, 0))) for g in (table.gap, -table.gap))
