"""The bins of the package as an expression, and tables of what an engine has summed in them."""

import numpy as np

from sklearn_calib._core.bins import uniform_edges
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib._optional import import_optional
from sklearn_calib.frames._events import refuse_bad_rows

SUMS = ("sum_probability", "sum_outcome", "sum_probability_squared", "sum_product", "sum_outcome_squared")


def uniform_bin(events, n_bins):
    """Number k of the bin ((k - 1) / n_bins, k / n_bins] of p, from 1; 0 belongs to the first.

    The ceiling of p n_bins, corrected where rounding took the product over an edge.
    """
    nw = import_optional("narwhals", extra="frames")
    kind = nw.Float32 if events.single else nw.Float64

    def edge(k):
        return (k.cast(nw.Float64) / n_bins).cast(kind)

    p = nw.when(nw.col("bad") == 0).then(nw.col("p")).otherwise(nw.lit(1.0).cast(kind))
    k = -((-p.cast(nw.Float64) * n_bins) // 1)
    k = k - (p <= edge(k - 1)).cast(nw.Float64) + (p > edge(k)).cast(nw.Float64)
    return nw.when(k < 1).then(nw.lit(1.0)).otherwise(k).cast(nw.Int64)


def binned_sums(events, n_bins):
    """Sums of the events per group and uniform bin: what a table holds, in one scan."""
    nw = import_optional("narwhals", extra="frames")
    p, o, w = nw.col("p").cast(nw.Float64), nw.col("o"), nw.col("w")
    products = zip(SUMS, (p, o, p * p, p * o, o * o), strict=True)
    binned = events._replace(frame=events.frame.with_columns(bin=uniform_bin(events, n_bins)))
    sums = binned.aggregate(
        [*events.by, "bin"], w=w, **{name: w * product for name, product in products}
    )
    refuse_bad_rows(sums)
    return sums


def as_table(sums, by, edges, fine):
    """Table of sums in fine uniform bins, those within two neighbouring edges added up.

    Also returns the lowest confidence of each row. Edges are multiples of 1 / fine.
    """
    groups = [sums[name].to_list() for name in by]
    group = list(zip(*groups, strict=True)) if len(by) > 1 else groups[0] if by else None
    cell = np.searchsorted(edges, uniform_edges(fine)[sums["bin"].to_numpy().astype(int)]) - 1
    keys = [(None if group is None else group[i], int(k)) for i, k in enumerate(cell)]
    order = sorted(set(keys), key=_sortable)
    row = np.array([{key: i for i, key in enumerate(order)}[key] for key in keys])
    total = {
        name: np.bincount(row, sums[name].to_numpy(), minlength=len(order))
        for name in ("count", "w", *SUMS)
    }
    lowest = np.full(len(order), np.inf)
    np.minimum.at(lowest, row, sums["lowest"].to_numpy().astype(float))
    cells = np.array([k for _, k in order])
    names = None
    if group is not None:
        names = np.empty(len(order), dtype=object)
        names[:] = [name for name, _ in order]
    table = CalibrationTable(
        lower=edges[cells],
        upper=edges[cells + 1],
        count=total.pop("count").astype(int),
        weight=total.pop("w"),
        **total,
        group=names,
    )
    return table, lowest


def _sortable(key):
    """Order by group, then by bin; missing values come last."""
    group, cell = key
    parts = group if isinstance(group, tuple) else (group,)
    return [(part is None or part != part, part if part == part else None) for part in parts], cell
