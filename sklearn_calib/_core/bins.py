"""The one definition of a bin: (lower, upper], with 0 in the first bin."""

import numpy as np

# Two sums of the same weights in another order differ by rounding; a quantile level that a cumulative
# weight reaches up to this relative difference counts as reached.
_LEVEL_TOLERANCE = 1e-12
# A matrix product may round equal rows differently by this many units. A probability p feels what
# happens to its logit by the factor p (1 - p); near 1 only its own rounding is left, or the many
# distinct values of a sure model in float32 would all be one.
_TIE_ULPS = 128
# Below this number of bins float32 holds their number, and the nearest float32 of each edge, exactly.
_MAX_ARITHMETIC = 1 << 20
_CELLS = 1 << 11  # of [0, 1], in which most values find their bin without a search
_FEW = 1 << 12  # values that a search is fast enough for
_FEW_NEAR = 0.1  # share of values next to an edge that are faster picked than all looked at


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
    cuts = _cuts_by_partition if weight is None else _cuts_by_sort
    below, above = cuts(probability, n_bins, weight)
    below, first = np.unique(below, return_index=True)
    return np.concatenate(([0.0], (below + above[first]) / 2, [1.0]))


def _cuts_by_sort(probability, n_bins, weight):
    """The values on both sides of each cut."""
    order = np.argsort(probability, kind="stable")
    values = probability[order].astype(float)
    end = quantile_cuts(values, np.cumsum(weight[order]), n_bins, probability.dtype)
    return values[end - 1], values[end]


def quantile_cuts(values, mass, n_bins, dtype):
    """Where bins of equal weight end, exclusive, of ascending values that reach the mass so far."""
    levels = np.arange(1, n_bins) * mass[-1] / n_bins * (1 - _LEVEL_TOLERANCE)
    reached = values[np.searchsorted(mass, levels)]
    end = np.unique(np.searchsorted(values, _end_of_tie(reached, dtype), side="right"))
    return end[end < values.size]


def _cuts_by_partition(probability, n_bins, _):
    """The same for equal weights, several times faster: values between the cuts stay unsorted."""
    n = probability.size
    rank = -(-np.arange(1, n_bins) * n // n_bins) - 1  # of the ceil(k n / n_bins)-th value, from 0
    # Floats that are not negative are ordered as their bits, which are faster to compare.
    bits = probability + 0.0  # a copy without -0.0
    bits.view(f"i{bits.itemsize}").partition(np.unique(rank))
    values = bits
    limit = _end_of_tie(values[rank].astype(float), values.dtype)
    last = np.append(limit[1:] != limit[:-1], True)[: limit.size]  # of the cuts in one tie
    rank, limit = rank[last], limit[last]
    parts = [values[i : j + 1] for i, j in zip(rank, np.append(rank[1:], n), strict=False)]
    below, above = [], []
    for k in range(rank.size):
        for part in parts[k:]:
            beyond = part > limit[k]
            if beyond.any():
                below.append(part[~beyond].max())
                above.append(part[beyond].min())
                break
    return np.array(below, dtype=float), np.array(above, dtype=float)


def _end_of_tie(value, dtype):
    """Largest number that may be the given value up to rounding."""
    return value + np.finfo(dtype).eps * value * (0.5 + _TIE_ULPS * (1 - value))


def assign_bins(probability, edges):
    """Index of the bin (edges[i], edges[i + 1]] of each value; 0 is in the first bin.

    The comparison is made in the precision of the values: a float32 0.3 lies on the edge 0.3.
    """
    return bin_codes(probability, edges).astype(np.intp, copy=False)


def bin_codes(probability, edges):
    """The same as integers of whatever type is fastest; bytes for up to 255 bins of equal width."""
    n_bins = edges.size - 1
    uniform = n_bins < _MAX_ARITHMETIC and np.array_equal(edges, uniform_edges(n_bins))
    edges = edges.astype(probability.dtype)
    if uniform:
        return _assign_by_arithmetic(probability, edges)
    if probability.size < _FEW:
        return _assign_by_search(probability, edges)
    return _assign_by_cells(probability, edges)


def _assign_by_search(probability, edges):
    return np.maximum(np.searchsorted(edges, probability, side="left") - 1, 0)


def _assign_by_arithmetic(probability, edges):
    """Integer part of n_bins * p, bracketed by products that are a hair too small and too large.

    The hair is more than what rounding does to the factor, the product and the edge. So the bin of a
    value whose brackets agree is certain; else the edge between them decides. A zero has none below it.
    """
    n_bins = edges.size - 1
    hair, code = 2 * np.finfo(edges.dtype).eps, np.min_scalar_type(n_bins)
    low, high = (
        (probability * edges.dtype.type(n_bins * factor)).astype(code)
        for factor in (1 - hair, 1 + hair)
    )
    near = np.flatnonzero(low != high)
    if near.size:
        rows = near if near.size < _FEW_NEAR * low.size else slice(None)
        edges[0] = -1
        low[rows] = high[rows] - (probability[rows] <= edges.take(high[rows]))
    return low


def _assign_by_cells(probability, edges):
    """Look up the bin of a cell of [0, 1]; search only in cells that an edge divides."""
    bounds = np.arange(_CELLS + 1, dtype=probability.dtype) / _CELLS  # exact: a power of two
    bin_of_bound = _assign_by_search(bounds, edges)
    divided = np.append(bin_of_bound[1:] != bin_of_bound[:-1], False)
    table = np.where(divided, -1, bin_of_bound)
    bins = table.take((probability * _CELLS).astype(np.intp))
    if bins.size and bins.min() < 0:
        rows = np.flatnonzero(bins < 0)
        bins[rows] = _assign_by_search(probability[rows], edges)
    return bins


def cube_root(n_samples):
    """Return ceil(n ** (1/3)), exact where n is a cube."""
    root = round(n_samples ** (1 / 3))
    return root if root**3 >= n_samples else root + 1
