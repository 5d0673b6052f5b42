"""A proper score as miscalibration - discrimination + uncertainty.

With the mean score S, forecasts x, recalibrated forecasts c and the base rate r,

    S(x) = [S(x) - S(c)] - [S(r) - S(c)] + S(r).

Events come in cells of one forecast with their weight W and the sum of outcomes O; a recalibrated
forecast is the mean O / W of a pool of cells, which no other constant beats there.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import xlogy


class Brier:
    """Sums of w (q - o)^2, less those of w o^2, which are the same for every forecast."""

    @staticmethod
    def of(forecast, weight, positive):
        return np.sum(forecast * (weight * forecast - 2 * positive))

    @staticmethod
    def least(weight, positive):
        return -np.sum(positive**2 / weight)


class LogLoss:
    """Sums of -w (o log q + (1 - o) log(1 - q)), infinite where a sure forecast fails."""

    @staticmethod
    def of(forecast, weight, positive):
        return -np.sum(xlogy(positive, forecast) + xlogy(_rest(weight, positive), 1 - forecast))

    @staticmethod
    def least(weight, positive):
        rest = _rest(weight, positive)
        return -np.sum(xlogy(positive, positive / weight) + xlogy(rest, rest / weight))


class Terms(NamedTuple):
    """Sums of scores; `recalibrated` has the least score of all monotone (or binned) forecasts."""

    forecast: float
    recalibrated: float
    base_rate: float


def isotonic_pools(weight, positive):
    """First cell of each pool of the isotonic fit; assumes cells by ascending forecast."""
    return isotonic_regression(positive / weight, weights=weight).blocks[:-1]


def terms(score, forecast, weight, positive, pools):
    """Scores of the forecasts, of the pools' means and of the base rate."""
    pooled = [np.add.reduceat(part, pools) for part in (weight, positive)]
    return Terms(
        score.of(forecast, weight, positive),
        score.least(*pooled),
        score.least(weight.sum(), positive.sum()),
    )


def _rest(weight, positive):
    return np.maximum(weight - positive, 0)  # rounding of the sums
