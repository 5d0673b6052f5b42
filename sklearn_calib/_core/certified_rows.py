"""How many of the most confident rows may be answered, with proof?

`available` holds the counts k at which a threshold can cut (every k where no confidences are equal),
`errors` how many of the k most confident rows are wrong. Given the confidence t of the next row, the k
rows above it are independent draws of the rows with confidence > t, so that their errors are Bin(k, r)
with the risk r above t. What is tested where depends on the counts alone:

* a few single checks, early and late, each with a share of alpha;
* one fixed sequence from a start on, with all of alpha that the failed checks leave.

The proof is in ``doc/decide.md``.
"""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.binomial import (
    binomial_cdf,
    crossing_probability,
    fewest_rows,
    most_errors,
)
from sklearn_calib._core.bounded_mean import betting_pvalues

# The constants were compared in benchmarks/selective_guarantee.py. The unit of the sizes below is the
# number of rows that certify if all of them are right. The sequence starts at this share of the rows,
# less so many units: late enough to outlast early errors, early enough for small coverages.
_START_SHARE, _START_UNITS = 0.27, 1.4
# Early checks allow these shares of the errors allowed at the start, with these shares of alpha, less
# by the square root of the number of rows in units: many rows pass at the start.
_EARLY_ERRORS, _EARLY_SHARES, _LARGEST_SHARE = (0.4, 0.7), (1.6, 2.1), 0.75
# A late check, where this share of the rows is answered, has this share of alpha.
_LATE_ROWS, _LATE_SHARE = 0.5, 0.05
# Beyond the first steps of one error each, the sequence steps by this much of the square root of the
# number of errors: a quarter of their standard deviation.
_STEP = 0.125
_SINGLE_STEPS = 64
# Up to so many rows the chance that some of the tests passes is exact.
_EXACT_ROWS = 20_000
# Starts for graded losses, as shares of the rows, with their shares of alpha.
_GRADED_STARTS = ((0.2, 0.6), (0.5, 0.4))


class Tested(NamedTuple):
    """Indices of the counts that were tested, and which of them are certified."""

    position: np.ndarray
    certified: np.ndarray


def certify(available, errors, risk, alpha):
    """Test counts so that any risk above a certified threshold exceeds `risk` with chance <= `alpha`.

    Assumes increasing `available`, integer `errors` and 0 < risk < 1.
    """
    allowed = _errors_at_start(int(available[-1]), risk, alpha)
    checks, limits = _checks(available, allowed, risk, alpha)
    start = _start(available, allowed, available[checks], limits, risk, alpha)
    check_passed = errors[checks] <= limits
    failed = available[checks[~check_passed]], limits[~check_passed]
    sequence = _sequence(available, start, risk, alpha)
    sequence, passed = _test_in_turn(available, errors, sequence, risk, alpha, *failed)
    return _tested([checks, sequence], [check_passed, passed])


def _tested(positions, passed):
    """All tests together; a count that is tested twice is certified by either test."""
    position, place = np.unique(np.concatenate(positions), return_inverse=True)
    return Tested(position, np.bincount(place, np.concatenate(passed), position.size) > 0)


def _first_available(available, rows):
    """Indices of the first counts that are not below `rows`, each once; those beyond the last drop."""
    index = np.unique(np.searchsorted(available, rows))
    return index[index < available.size]


def _errors_at_start(n, risk, level):
    """Errors allowed where the sequence starts: at least one if half of the rows suffice for it."""
    rows = _START_SHARE * n - _START_UNITS * fewest_rows(0, risk, level)
    allowed = max(int(most_errors(max(int(rows), 1), risk, level)), 1)
    return allowed if fewest_rows(allowed, risk, level) <= n / 2 else 0


def _checks(available, allowed, risk, alpha):
    """Indices of the checks, before and beyond any possible start, and the errors that each allows."""
    n = int(available[-1])
    errors = np.unique([int(share * allowed) for share in _EARLY_ERRORS])
    units = n / fewest_rows(0, risk, alpha)
    shares = np.minimum(np.array(_EARLY_SHARES[: errors.size]) / units**0.5, _LARGEST_SHARE)
    levels = alpha * np.append(shares, _LATE_SHARE)
    rows = np.append(fewest_rows(errors, risk, levels[:-1]), int(_LATE_ROWS * n))
    index = np.searchsorted(available, rows)
    useful = index < np.searchsorted(available, fewest_rows(allowed, risk, alpha))
    useful[-1] = index[-1] < available.size
    index, first = np.unique(index[useful], return_index=True)
    return index, most_errors(available[index], risk, levels[useful][first])


def _start(available, allowed, check_rows, limits, risk, alpha):
    """Index from which on `allowed` errors pass a test that, with the checks, has level alpha."""
    low, high = int(fewest_rows(allowed, risk, alpha)) - 1, int(available[-1]) + 1
    while high - low > 1:
        middle = (low + high) // 2
        enough = _chance_of_any(check_rows, limits, middle, allowed, risk) <= alpha
        low, high = (low, middle) if enough else (middle, high)
    return int(np.searchsorted(available, high))


def _chance_of_any(check_rows, limits, rows, errors, risk):
    """Probability that a test at `rows`, allowing `errors`, or some check passes at the given risk."""
    place = np.searchsorted(check_rows, rows)
    return _chance(np.insert(check_rows, place, rows), np.insert(limits, place, errors), risk)


def _chance(rows, limits, risk):
    """Probability that some of the tests passes at the given risk; with many rows the union bound."""
    if rows.size and rows[-1] > _EXACT_ROWS:
        return binomial_cdf(limits, rows, risk).sum()
    return crossing_probability(rows, limits, risk)


def _test_in_turn(available, errors, index, risk, alpha, failed_rows, failed_limits):
    """Indices tested one after the other until the first failure, and which passed.

    The first test shares alpha exactly with the checks that failed; the others have what the union
    bound leaves.
    """
    if index.size == 0:
        return index, np.empty(0, dtype=bool)
    start = index[0]
    together = _chance_of_any(failed_rows, failed_limits, available[start], errors[start], risk)
    left = alpha - _chance(failed_rows, failed_limits, risk)
    passed = binomial_cdf(errors[index], available[index], risk) <= left
    passed[0] = together <= alpha
    return _until_failure(index, passed)


def _sequence(available, start, risk, level):
    """Indices from the start on, at the counts where one error more (or some) can be allowed.

    They must not depend on which checks passed, or the first bad one would not be fixed.
    """
    if start == available.size:
        return np.empty(0, dtype=np.intp)
    first, last = most_errors(available[[start, -1]], risk, level)
    low, high = max(first + 1, 0), max(last, 0)
    allowed = np.arange(low, min(high, low + _SINGLE_STEPS) + 1)
    if low + _SINGLE_STEPS < high:
        wide = np.arange((low + _SINGLE_STEPS) ** 0.5, high**0.5, _STEP) ** 2
        allowed = np.union1d(allowed, np.append(wide.astype(np.int64), high))
    index = _first_available(available, fewest_rows(allowed, risk, level))
    return np.unique(np.concatenate([[start], index[index > start], [available.size - 1]]))


def _until_failure(index, passed):
    n_passed = passed.size if passed.all() else int(np.argmin(passed))
    return index[: n_passed + 1], passed[: n_passed + 1]


def certify_graded(available, loss, risk, alpha):
    """Like `certify` for losses in [0, 1], sorted by confidence: two fixed sequences of bets.

    Assumes increasing `available` and 0 < risk < 1.
    """
    sequences = []
    for rows, share in _GRADED_STARTS:
        level = share * alpha
        enough = fewest_rows(1, risk, level)
        start = int(np.searchsorted(available, max(rows * available[-1], enough)))
        if start < available.size:
            index = _sequence(available, start, risk, level)
            passed = betting_pvalues(loss, available[index] - 1, risk) <= level
            sequences.append(_until_failure(index, passed))
    if not sequences:
        return Tested(np.empty(0, dtype=np.intp), np.empty(0, dtype=bool))
    return _tested(*zip(*sequences, strict=True))
