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
