"""What a reference allows: for each row an interval of means that agree with the reference rows."""

import numpy as np
from scipy.special import betaincinv, xlogy

from sklearn_calib._core.bins import assign_bins

_BISECTIONS = 60  # to the last bit of a number in [0, 1]


class Reference:
    """Gap of the reference in each of its bins (and groups), with limits that hold for all at once.

    In a bin of mean confidence q the mean outcome of the reference lies in [a, b] with a confidence that
    is shared by all bins. A row of confidence p is then allowed the means from p + a - q to p + b - q:
    what the reference was off, a row may be off.
    """

    def __init__(self, table, error):
        self.edges = np.unique(np.concatenate([[0.0, 1.0], table.lower, table.upper]))
        self.group_codes = None
        codes = np.zeros(len(table), dtype=np.intp)
        if table.group is not None:
            names = table.group.tolist()
            self.group_codes = {name: i for i, name in enumerate(dict.fromkeys(names))}
            codes = np.array([self.group_codes[name] for name in names])
        n_cells = self.edges.size - 1
        low, high = mean_limits(table, error / max(1, len(table)))
        shape = (int(codes.max(initial=0)) + 1, n_cells)
        self.low, self.high = (
            np.full(shape, -1.0),
            np.full(shape, 1.0),
        )  # nothing known: anything goes
        first, last = (np.searchsorted(self.edges, x) for x in (table.lower, table.upper))
        for i, code in enumerate(codes):
            cells = slice(first[i], last[i])
            self.low[code, cells] = low[i] - table.confidence[i]
            self.high[code, cells] = high[i] - table.confidence[i]

    def offsets(self, probability, group):
        """Smallest and largest mean of outcome minus probability that is allowed to each row."""
        cell = assign_bins(probability, self.edges)
        if self.group_codes is None:
            return self.low[0, cell], self.high[0, cell]
        code = np.array([self.group_codes.get(name, -1) for name in group.tolist()])
        known = code >= 0
        return (
            np.where(known, self.low[code, cell], -1.0),
            np.where(known, self.high[code, cell], 1.0),
        )


def mean_limits(table, error):
    """Limits of the mean outcome of each row of a table, each wrong with probability `error` at most.

    Clopper and Pearson (1934) for 0/1 outcomes; with means that differ from event to event they hold
    by Hoeffding (1956). For graded outcomes the Chernoff bound n KL(mean, limit) = log(2 / error) of
    Hoeffding (1963). Weights count as frequencies.
    """
    s, n = table.sum_outcome, table.weight
    squares = table.sum_outcome_squared
    if squares is not None and np.allclose(squares, s, rtol=1e-12, atol=0):
        low = np.where(s > 0, betaincinv(np.maximum(s, 1e-300), n - s + 1, error / 2), 0.0)
        high = np.where(n - s > 0, betaincinv(s + 1, np.maximum(n - s, 1e-300), 1 - error / 2), 1.0)
        return low, high
    mean = np.clip(s / n, 0, 1)
    limit = np.log(2 / error) / n
    return _bisect(mean, np.zeros_like(mean), limit), _bisect(mean, np.ones_like(mean), limit)


def _bisect(mean, far, limit):
    """Farthest point from the mean towards `far` whose divergence is at most the limit."""
    near = mean.copy()
    far = far.copy()
    for _ in range(_BISECTIONS):
        middle = (near + far) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            divergence = xlogy(mean, mean / middle) + xlogy(1 - mean, (1 - mean) / (1 - middle))
        outside = divergence > limit
        far, near = np.where(outside, middle, far), np.where(outside, near, middle)
    return far
