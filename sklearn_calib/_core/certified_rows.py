"""How many of the most confident rows may be answered, with proof?

`available` holds the counts k at which a threshold can cut (every k where no confidences are equal),
`errors` how many of the k most confident rows are wrong. Given the confidence t of the next row, the k
rows above it are independent draws of the rows with confidence > t, so that their errors are Bin(k, r)
with the risk r above t. What is tested where depends on the counts alone:

* a few single checks, early, at half and late, each with a small share of alpha;
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

# The constants were compared in benchmarks/selective_guarantee.py. The sequence starts where this many
# square roots of n rows are answered: late enough to outlast early errors, early enough for small
# coverages.
_START = 3.0
# Early checks allow these shares of the errors allowed at the start, with these shares of alpha.
_EARLY_ERRORS, _EARLY_SHARES = (0.4, 0.7), (0.43, 0.58)
# One check where this share of the rows is answered has this share of alpha.
_HALF, _HALF_SHARE = 0.5, 0.05
# Late checks, each this much further out, have this share of alpha each, less (as the square) below so
# many rows, where the sequence needs all of alpha.
_LATE_RATIO, _LATE_SHARE, _LATE_ROWS = 1.2, 0.04, 2_500
# Beyond the first steps of one error each, the sequence steps by this much of the square root of the
# number of errors: a quarter of their standard deviation.
_STEP = 0.125
_SINGLE_STEPS = 64
# Starts for graded losses, as multiples of the first, with their shares of alpha: bets at fixed stakes
# need more rows than binomial tests where every row errs a little.
_GRADED_STARTS = ((1, 0.6), (4, 0.4))
# Up to so many rows the chance of passing any late check is computed; beyond, it is bounded by the sum,
# which is kept at this share of alpha.
_EXACT_ROWS, _LATE_SUM = 20_000, 0.2


class Tested(NamedTuple):
    """Indices of the counts that were tested, and which of them are certified."""

    position: np.ndarray
    certified: np.ndarray


def certify(available, errors, risk, alpha):
    """Test counts so that any risk above a certified threshold exceeds `risk` with chance <= `alpha`.

    Assumes increasing `available`, integer `errors` and 0 < risk < 1.
    """
    n = int(available[-1])
    allowed = _errors_at_start(n, risk, alpha)
    late = _late_checks(available, fewest_rows(allowed, risk, alpha))
    late_level = _late_level(n, late.size, alpha)
    late_limits = most_errors(available[late], risk, late_level)
    main = alpha - _chance(available[late], late_limits, risk, late_level)
    checks, limits = _checks(available, allowed, risk, main)
    start = _start(available, allowed, available[checks], limits, risk, main)
    check_passed, late_passed = errors[checks] <= limits, errors[late] <= late_limits
    level = alpha - _chance(
        available[late[~late_passed]], late_limits[~late_passed], risk, late_level
    )
    failed = available[checks[~check_passed]], limits[~check_passed]
    sequence = _sequence(available, start, risk, alpha)
    sequence, passed = _test_in_turn(available, errors, sequence, risk, level, *failed)
    return _tested([checks, late, sequence], [check_passed, late_passed, passed])


def _tested(positions, passed):
    """All tests together; a count that is tested twice is certified by either test."""
    position, place = np.unique(np.concatenate(positions), return_inverse=True)
    return Tested(position, np.bincount(place, np.concatenate(passed), position.size) > 0)


def _first_available(available, rows):
    """Indices of the first counts that are not below `rows`, each once; those beyond the last drop."""
    index = np.unique(np.searchsorted(available, rows))
    return index[index < available.size]


def _errors_at_start(n, risk, level):
    """Errors allowed where the sequence starts: fewer where that would be beyond half of the rows."""
    allowed = int(most_errors(int(_START * n**0.5), risk, level)) + 1
    while allowed > 0 and fewest_rows(allowed, risk, level) > n / 2:
        allowed -= 1
    return max(allowed, 0)


def _checks(available, allowed, risk, level):
    """Indices of the checks before any possible start and at half, and the errors that each allows."""
    errors = np.unique([int(share * allowed) for share in _EARLY_ERRORS])
    levels = level * np.append(_EARLY_SHARES[: errors.size], _HALF_SHARE)
    rows = np.append(fewest_rows(errors, risk, levels[:-1]), _HALF * available[-1])
    index = np.searchsorted(available, rows)
    useful = index < np.searchsorted(available, fewest_rows(allowed, risk, level))
    useful[-1] = available[-1] <= _EXACT_ROWS
    index, first = np.unique(index[useful], return_index=True)
    return index, most_errors(available[index], risk, levels[useful][first])


def _start(available, allowed, check_rows, limits, risk, level):
    """Index from which on `allowed` errors pass a test that, with the checks, has the level."""
    low, high = int(fewest_rows(allowed, risk, level)) - 1, int(available[-1]) + 1
    while high - low > 1:
        middle = (low + high) // 2
        enough = _chance_of_any(check_rows, limits, middle, allowed, risk) <= level
        low, high = (low, middle) if enough else (middle, high)
    return int(np.searchsorted(available, high))


def _chance_of_any(check_rows, limits, rows, errors, risk):
    """Probability that a test at `rows`, allowing `errors`, or some check passes at the given risk."""
    place = np.searchsorted(check_rows, rows)
    return crossing_probability(
        np.insert(check_rows, place, rows), np.insert(limits, place, errors), risk
    )


def _late_checks(available, start_rows):
    """Indices of the checks beyond the start."""
    first = float(start_rows) * _LATE_RATIO**2
    n_checks = int(np.log(max(available[-1] / first, 1)) / np.log(_LATE_RATIO))
    return _first_available(available, np.ceil(first * _LATE_RATIO ** np.arange(n_checks)))


def _late_level(n, n_checks, alpha):
    """Level of each late check."""
    share = _LATE_SHARE * min(1, n / _LATE_ROWS) ** 2
    return alpha * (share if n <= _EXACT_ROWS else min(share, _LATE_SUM / max(n_checks, 1)))


def _chance(rows, limits, risk, level):
    """Probability, or a bound of it, to pass some of the late checks at the given risk."""
    if rows.size and rows[-1] > _EXACT_ROWS:
        return rows.size * level
    return crossing_probability(rows, limits, risk)


def _test_in_turn(available, errors, index, risk, level, failed_rows, failed_limits):
    """Indices tested one after the other until the first failure, and which passed.

    The first test shares the level exactly with the checks that failed; the others have what the
    union bound leaves.
    """
    if index.size == 0:
        return index, np.empty(0, dtype=bool)
    start = index[0]
    together = _chance_of_any(failed_rows, failed_limits, available[start], errors[start], risk)
    left = level - crossing_probability(failed_rows, failed_limits, risk)
    passed = binomial_cdf(errors[index], available[index], risk) <= left
    passed[0] = together <= level
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
    first = fewest_rows(_errors_at_start(int(available[-1]), risk, alpha), risk, alpha)
    sequences = []
    for factor, share in _GRADED_STARTS:
        start, level = int(np.searchsorted(available, factor * first)), share * alpha
        if start < available.size:
            index = _sequence(available, start, risk, level)
            passed = betting_pvalues(loss, available[index] - 1, risk) <= level
            sequences.append(_until_failure(index, passed))
    if not sequences:
        return Tested(np.empty(0, dtype=np.intp), np.empty(0, dtype=bool))
    return _tested(*zip(*sequences, strict=True))
