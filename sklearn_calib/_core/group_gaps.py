"""Is the mean gap of a group more than noise? From the sums of a table alone, valid in small groups."""

import numpy as np
from scipy.special import betainc, betaincinv

# Of a variance: probabilities of 0 and 1 that are all right have no noise, and no number of rows.
_LEAST_SHARE = 1e-9


def residual_variance(table):
    """Variance of (outcome - probability) in each row: what it is at calibration, or seen to be.

    The larger of the two is taken. The former keeps a group that happens to be all right from claiming
    no noise, the latter is right where probabilities are wrong in both directions.
    """
    weight = table.weight
    expected = (table.sum_probability - table.sum_probability_squared) / weight
    second = table.sum_probability_squared - 2 * table.sum_product + table.sum_outcome_squared
    return np.maximum(np.maximum(expected, second / weight - table.gap**2), 0)


def effective_size(table):
    """Number of rows of equal probability whose mean outcome is as noisy as that of the row's events.

    At least the weight: differing probabilities make a mean outcome less noisy, not more.
    """
    p, o = table.confidence, table.accuracy
    binomial = np.maximum(p * (1 - p), o * (1 - o))
    share = np.divide(
        residual_variance(table), binomial, out=np.ones(len(table)), where=binomial > 0
    )
    return table.weight / np.clip(share, _LEAST_SHARE, 1)


def gap_interval(table, confidence_level):
    """Interval of each row's gap: Clopper and Pearson (1934) for the effective number of rows.

    The effective size as in Korn and Graubard (1998), Survey Methodology 24, 193-201.
    """
    n = effective_size(table)
    k = np.clip(table.accuracy, 0, 1) * n
    tail = (1 - confidence_level) / 2
    with np.errstate(invalid="ignore"):
        lower = np.where(k > 0, betaincinv(k, n - k + 1, tail), 0)
        upper = np.where(k < n, betaincinv(k + 1, n - k, 1 - tail), 1)
    return table.confidence - upper, table.confidence - lower


def gap_pvalue(table):
    """Two-sided p-value of a mean gap of 0, by which `gap_interval` excludes 0 or not."""
    n = effective_size(table)
    k, p = np.clip(table.accuracy, 0, 1) * n, np.clip(table.confidence, 0, 1)
    with np.errstate(invalid="ignore"):
        at_least = np.where(k > 0, betainc(k, n - k + 1, p), 1)
        at_most = np.where(k < n, betainc(n - k, k + 1, 1 - p), 1)
    return np.minimum(2 * np.minimum(at_least, at_most), 1)


def holm(pvalue):
    """P-values adjusted for their number: rejecting below a level errs at all with less than it.

    Holm (1979), Scandinavian Journal of Statistics 6, 65-70; valid under any dependence.
    """
    order = np.argsort(pvalue, kind="stable")
    factor = np.arange(pvalue.size, 0, -1)
    adjusted = np.empty(pvalue.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(pvalue[order] * factor), 1)
    return adjusted
