"""Thresholds of several tiers, each with an accuracy of its own that holds with a stated probability.

Tier j answers the rows whose confidence is in [t_j, t_(j-1)), with t_0 infinite, and promises that at
least a share a_j of *these* rows is right. The promise of a tier fails with a probability of at most its
`alpha`, for independent rows of any distribution; over J tiers, 1/J each adds up (Bonferroni).

Candidates. A few pilot rows give the values at which a threshold may lie, and how many rows to expect
between them. Nothing else is learnt from them. The other rows are then independent draws, and for fixed
u > t the errors among the N of them with confidence in [t, u) are Binomial(N, error rate of [t, u)),
with or without ties, so that binom.cdf(errors, N, 1 - a) is a p-value of "[t, u) misses the target".

One tier below a fixed u. Candidates t are tested in decreasing order by the fallback procedure (Wiens
2003): each has a share of alpha, and hands its level on to the next if it is rejected. The chance of any
false rejection is at most alpha, whatever the error rate does between the candidates.

Tiers below each other. u is not fixed: it is the threshold of the tier above, chosen on the same rows.
This costs nothing. Given the rows above u, those below are independent draws. Order what such a row can
be in a chain: right in the highest interval between candidates, ..., right in the lowest, wrong in the
lowest, ..., wrong in the highest. Moving a row along it can only raise the p-values, of every tier. That
the tiers above end at u means, given the rows above u, that their tests further down failed: an event I
that is increasing along the chain. A false rejection below u is a decreasing event D. By Harris's
inequality for independent draws P(D and I) <= P(D) P(I) <= alpha P(I), which summed over u is at most
alpha.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import binom, nbinom

# A pilot of 2 sqrt(n) rows: thresholds a few percent of the rows apart, and few rows lost to the tests.
_PILOT_FACTOR = 2.0
# Tests start where three square roots of n rows are expected, or as many as can pass with one error: late
# enough to outlast a few early errors, early enough for small tiers. Some of alpha is kept for two later
# starts, the last one at all rows that are left. Compared in benchmarks/tiers.py.
_START, _START_SHARE = 3.0, 0.6
_ERRORS_AT_START = 1
_LATE_SHARE = 0.2
# A number of rows that is reached up to the rounding of a power is reached.
_ROUNDING = 1e-9


class Tier(NamedTuple):
    """The rows from `lower` up to below `upper`; an empty tier has `lower` equal to `upper`."""

    lower: float
    upper: float
    certified: bool


def certified_tiers(confidence, correct, targets, alpha):
    """Tiers whose accuracies hold, each with probability 1 - alpha. Assumes 0/1 outcomes."""
    pilot = pilot_rows(confidence.size)
    candidates = np.append(np.unique(confidence[pilot])[::-1], -np.inf)
    count, wrong = _answered_from(
        candidates, np.delete(confidence, pilot), np.delete(correct, pilot)
    )
    expected, _ = _answered_from(candidates, confidence[pilot], correct[pilot])
    expected = expected * (count[-1] / pilot.size)
    tiers, last = [], -1
    for target in targets:
        upper, chosen = candidates[last] if last >= 0 else np.inf, -1
        if last + 1 < candidates.size:
            errors, n_rows, to_expect = (_below(sums, last) for sums in (wrong, count, expected))
            pvalue = binom.cdf(errors, n_rows, 1 - target)
            chosen = _fallback(pvalue, _shares(to_expect, confidence.size, target, alpha))
        if chosen >= 0:
            last += 1 + chosen
        lower = candidates[last] if last >= 0 else np.inf
        tiers.append(Tier(float(lower), float(upper), chosen >= 0))
    return tiers


def _below(sums, last):
    """Sums from the candidates after `last` on, without what is from `last` on."""
    return sums[last + 1 :] - (sums[last] if last >= 0 else 0)


def pilot_rows(n):
    """Evenly spaced rows that only tell where thresholds may lie."""
    size = min(max(int(_PILOT_FACTOR * np.sqrt(n)), 1), n)
    return np.unique(np.linspace(0, n - 1, size).round().astype(np.intp))


def _answered_from(candidates, confidence, correct):
    """Number of rows, and of wrong ones, with confidence >= each of the decreasing candidates."""
    cell = np.searchsorted(-candidates, -confidence, side="left")
    count = np.bincount(cell, minlength=candidates.size)
    wrong = np.bincount(cell, 1 - correct, minlength=candidates.size)
    return count.cumsum(), wrong.cumsum().round()


def _shares(expected, n, target, alpha):
    """Share of alpha of each candidate: of most none; assumes at least one candidate."""
    every = expected[-1]
    first = max(_START * np.sqrt(n), _rows_to_pass(_ERRORS_AT_START, target, alpha))
    first = min(first, every)
    starts = [(first, _START_SHARE), ((first * every) ** 0.5, _LATE_SHARE), (every, _LATE_SHARE)]
    shares = np.zeros(expected.size)
    for rows, share in starts:
        shares[np.searchsorted(expected, rows * (1 - _ROUNDING))] += share
    return alpha * shares / shares.sum()


def _rows_to_pass(errors, target, alpha):
    """Smallest number of rows that pass at level alpha with these errors, up to rounding."""
    # the number of rows until the (errors + 1)-th error exceeds n as often as n rows have <= errors
    return errors + 1 + nbinom.isf(alpha, errors + 1, 1 - target)


def _fallback(pvalue, share):
    """Last candidate that the fallback procedure rejects; -1 if there is none."""
    chosen, handed_on = -1, 0.0
    for k, (p, own) in enumerate(zip(pvalue, share, strict=True)):
        level = handed_on + own
        rejected = p <= level and level > 0
        chosen, handed_on = (k, level) if rejected else (chosen, 0.0)
    return chosen
