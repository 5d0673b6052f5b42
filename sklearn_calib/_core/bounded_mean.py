"""Tests and intervals for the mean of losses in [0, 1], valid in finite samples."""

import numpy as np
from scipy.special import rel_entr

# Bets, as shares of the largest that cannot ruin. Their average is within a factor of this number of
# the best of them; few losses in the simulations wanted a bet between two of these.
_BETS = (np.arange(12) + 0.5) / 12
_BISECTIONS = 60  # halves an interval in [0, 1] to below the spacing of floats


def betting_pvalues(loss, index, risk):
    """P-values of "the mean loss exceeds `risk`" from the first index[i] + 1 losses, for each i.

    If the mean is at least `risk`, every factor ``1 + bet (risk - loss)`` has mean at most 1, hence so
    has their product and an average of products over fixed bets (Waudby-Smith and Ramdas 2024,
    arXiv:2010.09686); Markov's inequality makes its inverse a p-value. The bets are fixed so that the
    order of the losses does not matter.
    """
    log_capital = np.full(np.shape(index), -np.inf)
    for share in _BETS:
        bet = share / (1 - risk)
        log_capital = np.logaddexp(log_capital, np.cumsum(np.log1p(bet * (risk - loss)))[index])
    return np.exp(np.minimum(np.log(_BETS.size) - log_capital, 0.0))


def hoeffding_interval(mean, n, confidence_level):
    """Interval of the mean from Hoeffding's (1963) bound: n KL(sample mean, mean) <= log(2 / alpha).

    doi:10.1080/01621459.1963.10500830
    """
    limit = np.log(2 / (1 - confidence_level)) / n
    return _farthest(mean, 0.0, limit), _farthest(mean, 1.0, limit)


def _farthest(mean, end, limit):
    """Point from `mean` towards `end` at which the relative entropy reaches `limit`."""
    near, far = mean, end
    for _ in range(_BISECTIONS):
        middle = (near + far) / 2
        divergence = rel_entr(mean, middle) + rel_entr(1 - mean, 1 - middle)
        near, far = (middle, far) if divergence <= limit else (near, middle)
    return float(near)
