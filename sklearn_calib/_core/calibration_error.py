"""Calibration errors: short formulas over a table of shares and gaps."""

import numpy as np


def l1_error(table):
    """Weighted mean of the absolute gaps."""
    return float(np.sum(table.share * np.abs(table.gap)))


def l2_squared_error(table):
    """Weighted mean of the squared gaps."""
    return float(np.sum(table.share * table.gap**2))


def max_error(table):
    """Largest absolute gap."""
    return float(np.max(np.abs(table.gap)))
