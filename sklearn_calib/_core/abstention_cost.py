"""Costs of errors and abstentions."""

import numpy as np

# 1 - 0.7 is a hair above 0.3: a threshold is rounded to what the digits of its costs mean.
_DIGITS = 12


def chow_threshold(error, abstention):
    """Confidence from which on an answer costs at most an abstention, if it is honest (Chow 1970)."""
    return max(0.0, round(1 - abstention / error, _DIGITS))


def mean_cost(loss, answered, costs, weight=None):
    """Mean of error * loss over answered rows and of abstention over the others."""
    error, abstention = costs
    return float(np.average(np.where(answered, error * loss, abstention), weights=weight))


def cost_of_shares(costs, coverage, risk):
    """Mean cost per row where a share `coverage` is answered with the given risk."""
    error, abstention = costs
    return error * coverage * risk + abstention * (1 - coverage)
