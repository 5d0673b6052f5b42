"""Exact tails of the binomial distribution and what follows from them."""

import numpy as np
from scipy.special import betainc, betaincinv


def binomial_cdf(successes, n, p):
    """P(Bin(n, p) <= successes) for integers 0 <= successes <= n, elementwise."""
    tail = betainc(np.maximum(n - successes, 1), np.add(successes, 1), 1 - p)
    return np.where(np.less(successes, n), tail, 1.0)


def fewest_rows(errors, risk, level):
    """Smallest n with P(Bin(n, risk) <= errors) <= level, elementwise; assumes 0 < risk, level < 1."""
    low = np.asarray(errors, dtype=np.int64)  # at n = errors the probability is 1
    high = 2 * low + 2
    while np.any(short := binomial_cdf(errors, high, risk) > level):
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        enough = binomial_cdf(errors, middle, risk) <= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high


def most_errors(n, risk, level):
    """Largest e with P(Bin(n, risk) <= e) <= level, elementwise; -1 if there is none."""
    low, high = np.full(np.shape(n), -1), np.asarray(n, dtype=np.int64)  # at e = n it is 1
    while np.any(high - low > 1):
        middle = (low + high) // 2
        fine = binomial_cdf(middle, n, risk) <= level
        low, high = np.where(fine, middle, low), np.where(fine, high, middle)
    return low


def binomial_pmf(n, p, size):
    """P(Bin(n, p) = i) for i < size (and i <= n), as differences of the exact tails."""
    return np.diff(binomial_cdf(np.arange(min(size, n + 1)), n, p), prepend=0.0)


def crossing_probability(rows, errors, risk):
    """P(at some of the counts `rows` at most `errors` of the rows are wrong), each with chance `risk`.

    Assumes increasing `rows`. The distribution of the number of errors, where no check has passed yet,
    is carried from check to check.
    """
    size = max(1, max(errors, default=0) + 1)
    alive, seen, crossed = np.ones(1), 0, 0.0
    for n, limit in zip(rows, errors, strict=True):
        alive = np.convolve(alive, binomial_pmf(n - seen, risk, size))[:size]
        crossed += alive[: limit + 1].sum()
        alive[: limit + 1] = 0.0
        seen = n
    return float(crossed)


def clopper_pearson_interval(successes, n, confidence_level):
    """Exact (Clopper and Pearson 1934) interval of a proportion; assumes 0 <= successes <= n, n > 0.

    doi:10.1093/biomet/26.4.404
    """
    low, high = clopper_pearson_limits(successes, n, confidence_level)
    return float(low), float(high)


def clopper_pearson_limits(successes, n, confidence_level):
    """The same, elementwise; sums of weights may be beyond 0 and n by rounding."""
    tail = (1 - confidence_level) / 2
    successes = np.clip(successes, 0, n)
    failures = n - successes
    low = betaincinv(np.maximum(successes, 1e-300), failures + 1, tail)
    high = betaincinv(successes + 1, np.maximum(failures, 1e-300), 1 - tail)
    return np.where(successes > 0, low, 0.0), np.where(failures > 0, high, 1.0)
