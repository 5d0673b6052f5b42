"""The one definition of a bin: (lower, upper], with 0 in the first bin."""

import numpy as np

# Two sums of the same weights in another order differ by rounding; a quantile level that a cumulative
# weight reaches up to this relative difference counts as reached.
_LEVEL_TOLERANCE = 1e-12
# A matrix product may round equal rows differently by this many units. A probability p feels what
# happens to its logit by the factor p (1 - p); near 1 only its own rounding is left, or the many
# distinct values of a sure model in float32 would all be one.
_TIE_ULPS = 128


def uniform_edges(n_bins):
    """Edges k / n_bins, each the float nearest to its decimal meaning.

    A division is correctly rounded, so the edge 3 / 10 is the float that the text "0.3" is read as
    (`numpy.linspace` puts that edge at 0.30000000000000004).
    """
    return np.arange(n_bins + 1) / n_bins


def quantile_edges(probability, n_bins, weight=None):
    """Edges of at most n_bins bins of equal weight; equal values never split.

    The k-th edge follows the smallest value up to which the bins hold k / n_bins of the weight, midway
    to the next value, so that rounding of a value does not move it to another bin. Edges that coincide
    are one edge; the first and last are 0 and 1, so that the bins apply to new values too.
    """
    order = np.argsort(probability, kind="stable")
    values = probability[order].astype(float)
    mass = np.cumsum(np.ones(order.size) if weight is None else weight[order])
    levels = np.arange(1, n_bins) * mass[-1] / n_bins * (1 - _LEVEL_TOLERANCE)
    reached = values[np.searchsorted(mass, levels)]
    noise = np.finfo(probability.dtype).eps * reached * (0.5 + _TIE_ULPS * (1 - reached))
    last_of_tie = np.searchsorted(values, reached + noise, side="right") - 1
    cuts = np.unique(last_of_tie[last_of_tie < order.size - 1])
    return np.concatenate(([0.0], (values[cuts] + values[cuts + 1]) / 2, [1.0]))


def assign_bins(probability, edges):
    """Index of the bin (edges[i], edges[i + 1]] of each value; 0 is in the first bin.

    The comparison is made in the precision of the values: a float32 0.3 lies on the edge 0.3.
    """
    edges = edges.astype(probability.dtype)
    return np.maximum(np.searchsorted(edges, probability, side="left") - 1, 0)


def cube_root(n_samples):
    """Return ceil(n ** (1/3)), exact where n is a cube."""
    root = round(n_samples ** (1 / 3))
    return root if root**3 >= n_samples else root + 1
