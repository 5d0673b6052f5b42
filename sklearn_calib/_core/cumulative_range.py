r"""Range of the cumulative residuals of groups, and its law under calibration.

With the rows of a group in the order of their probabilities, let C_k be the sum of w (o - p) up to the
k-th, divided by the weight of the group. The range max C - min C, over k from 0 on, is the largest
absolute mean residual, times its share, of any interval of probabilities (Arrieta-Ibarra, Gujral,
Tannen, Tygert and Xu 2022, arXiv:2205.09680). Under calibration C is a walk with the variance sum of
p (1 - p), about a Brownian motion.
"""

from functools import lru_cache

import numpy as np

from sklearn_calib._core.cumulative_error import brownian_range_sf

# Mean of the range of a Brownian motion on [0, 1]: Feller (1951), doi:10.1214/aoms/1177729589.
MEAN_RANGE = np.sqrt(8 / np.pi)
_STEPS = 1000  # of the integral over a range of 0 to 20


def group_ranges(probability, outcome, weight, group, n_groups):
    """Range of the cumulative residuals of each group, in units of probability.

    Equal probabilities are one step. `group` holds codes; every group has a row.
    """
    order = np.lexsort((probability, group))
    p, g = probability[order], group[order]
    weight = np.ones(order.size) if weight is None else weight[order]
    cumulative = np.cumsum(weight * (outcome[order] - p))
    last_of_group = np.flatnonzero(np.append(g[1:] != g[:-1], True))
    start = np.concatenate([[0.0], cumulative[last_of_group[:-1]]])
    step = np.flatnonzero(np.append((g[1:] != g[:-1]) | (p[1:] != p[:-1]), True))
    walk = cumulative[step] - start[g[step]]
    first = np.searchsorted(g[step], np.arange(n_groups))
    high = np.maximum(np.maximum.reduceat(walk, first), 0)
    low = np.minimum(np.minimum.reduceat(walk, first), 0)
    return (high - low) / np.bincount(g, weight)


def range_survival(x):
    """P(range of a Brownian motion on [0, 1] > x) of each x."""
    return np.vectorize(brownian_range_sf, otypes=[float])(x)


@lru_cache
def expected_largest_range(n_groups):
    """Mean of the largest of so many independent ranges."""
    x = np.linspace(0, 20, _STEPS + 1)
    return float(np.trapezoid(1 - (1 - range_survival(x)) ** n_groups, x))
