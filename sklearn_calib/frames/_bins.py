"""The bins of the package as an expression, and tables of what an engine has summed in them."""

import numpy as np

from sklearn_calib._core.table import CalibrationTable, missing_last
from sklearn_calib._optional import import_narwhals
from sklearn_calib.frames._events import refuse_bad_rows

SUMS = (
    "weight",
    "sum_probability",
    "sum_outcome",
    "sum_probability_squared",
    "sum_product",
    "sum_outcome_squared",
)
_BAD = -2  # bin of rows that are no events: a number, and one group however many there are
_LARGEST_INT8 = (
    127  # DuckDB adds up in an array, without hashing, where keys have few possible values
)


def uniform_bin(events, n_bins):
    """Number k, from 0, of the bin (k / n_bins, (k + 1) / n_bins] of p; 0 itself has the number -1.

    The integer part of n_bins * p is never below the bin (see `_assign_by_arithmetic`); it is above, by
    one, for a value on an edge. An edge is compared in the precision of p.
    """
    nw = import_narwhals()
    k = (nw.col("p").cast(nw.Float64) * n_bins).floor()
    edge = quotient(k, n_bins, events.frame).cast(nw.Float32 if events.single else nw.Float64)
    k = k - (nw.col("p") <= edge).cast(nw.Float64)
    bin = nw.when(nw.col("good")).then(k).otherwise(nw.lit(float(_BAD)))
    return bin.cast(nw.Int8 if n_bins <= _LARGEST_INT8 else nw.Int64)


def quotient(x, n, frame):
    """Quotient of float64, correctly rounded in every engine.

    Polars multiplies by the reciprocal of a constant: 3 / 10 would be 0.30000000000000004.
    """
    return x / (x * 0.0 + float(n)) if frame.implementation.is_polars() else x / float(n)


def binned_sums(events, n_bins, *, lowest=False):
    """Sums of the events per group and uniform bin, and the count: what a table holds, in one scan.

    With `lowest` the smallest p of each bin too. Rows that are no events are an error.
    """
    nw = import_narwhals()
    minima = {"lowest": nw.col("p").cast(nw.Float64)} if lowest else {}
    sums = sums_in_bins(events, n_bins, minima=minima)
    refuse_bad_bins(sums)
    return sums


def sums_in_bins(events, n_bins, *, keys=(), sums=None, minima=None):
    """Like `binned_sums`, with more keys, sums and minima; rows that are no events have a bin, `_BAD`."""
    nw = import_narwhals()
    p, o, w = nw.col("p").cast(nw.Float64), nw.col("o"), nw.col("w")
    products = dict(zip(SUMS, (w, p, o, p * p, p * o, o * o), strict=True))
    if events.weighted:
        products.update({name: w * products[name] for name in SUMS[1:]})
    else:
        del products["weight"]  # what the engine need not add up
    if not events.graded:
        del products["sum_outcome_squared"]
    frame = events.frame.with_columns(bin=uniform_bin(events, n_bins))
    keys = [*events.by, *keys, "bin"]
    return events._replace(frame=frame).aggregate(keys, {**products, **(sums or {})}, minima)


def refuse_bad_bins(sums):
    """Raise where sums are of rows that are no events, or of none at all."""
    refuse_bad_rows(column(sums, "count")[~of_events(sums)].sum(), column(sums, "count").sum())


def of_events(sums):
    """Which sums are of rows that are events."""
    return sums["bin"].to_numpy() != _BAD


def as_table(sums, by, edges, n_bins):
    """Table of sums in uniform bins; those within two neighbouring edges are added up.

    Assumes that the edges are among the k / n_bins.
    """
    middle = (bin_number(sums) + 0.5) / n_bins
    cell = np.searchsorted(edges, middle) - 1
    group = group_keys(sums, by)
    keys = list(zip(group, cell.tolist(), strict=True))
    order = sorted(set(keys), key=lambda key: (missing_last(key[0]), key[1]))
    number = {key: i for i, key in enumerate(order)}
    row = [number[key] for key in keys]
    total = {name: np.bincount(row, column(sums, name)) for name in ("count", *SUMS)}
    cells = np.array([k for _, k in order])
    return CalibrationTable(
        lower=edges[cells],
        upper=edges[cells + 1],
        count=total.pop("count").astype(int),
        **total,
        group=_array([name for name, _ in order]) if by else None,
    )


def bin_number(sums):
    """Number of the uniform bin of each row; a zero is in the first."""
    return np.maximum(sums["bin"].to_numpy().astype(int), 0)


def column(sums, name):
    """A column of sums as float64; what was not summed equals another."""
    if name not in sums.columns:
        name = {"weight": "count", "sum_outcome_squared": "sum_outcome"}[name]
    return sums[name].to_numpy().astype(float)


def group_keys(sums, by):
    """Key of the group of each row: a value, or a tuple of several; None where one is missing."""
    columns = [
        [
            None if missing or value != value else value
            for value, missing in zip(
                sums[name].to_list(), sums[name].is_null().to_list(), strict=True
            )
        ]
        for name in by
    ]
    if len(by) == 1:
        return columns[0]
    return list(zip(*columns, strict=True)) if by else [None] * len(sums)


def _array(names):
    """Names of groups as an array; of objects for tuples and missing values."""
    if not any(name is None or isinstance(name, tuple) for name in names):
        return np.array(names)
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return array
