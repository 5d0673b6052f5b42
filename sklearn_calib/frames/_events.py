"""Events as expressions, which an engine computes: a confidence p, an outcome o and a weight w per row."""

from typing import Any, NamedTuple

from sklearn_calib._optional import import_optional

_LARGEST = 1e300  # of a weight: sums stay finite


class FrameEvents(NamedTuple):
    """A lazy frame with columns p, o, w, bad (1 for rows that are no events) and those of `by`."""

    frame: Any
    by: list
    single: bool  # whether p is float32

    def aggregate(self, keys, **sums):
        """Sums per group of the keys, computed by the engine; only these come home."""
        nw = import_optional("narwhals", extra="frames")
        sums = [expression.sum().alias(name) for name, expression in sums.items()]
        extra = [nw.col("bad").sum().alias("bad")]
        if keys:
            extra += [nw.len().alias("count"), nw.col("p").min().alias("lowest")]
            return self.frame.group_by(*keys).agg(*sums, *extra).collect()
        return self.frame.select(*sums, *extra).collect()


def frame_events(frame, *, confidence, correct, weight=None, by=()):
    """Events of a frame of any engine; nothing is computed yet."""
    nw = import_optional("narwhals", extra="frames")
    try:
        lazy = nw.from_native(frame).lazy()
    except TypeError as error:
        raise TypeError(
            "frame must be a data frame of pandas, polars, pyarrow, DuckDB, Dask or PySpark; got "
            f"{type(frame).__name__}."
        ) from error
    by = [by] if isinstance(by, str) else list(by)
    schema = lazy.collect_schema()
    named = {"confidence": confidence, "correct": correct, "weight": weight}
    for role, name in (*named.items(), *(("by", name) for name in by)):
        if name is not None and name not in schema.names():
            raise ValueError(f"{role}={name!r} is no column of the frame: {schema.names()!r}.")
    single = schema[confidence] == nw.Float32
    p = nw.col(confidence) if single else nw.col(confidence).cast(nw.Float64)
    w = nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)
    groups = {f"by{i}": nw.col(name) for i, name in enumerate(by)}
    lazy = lazy.select(p=p, o=nw.col(correct).cast(nw.Float64), w=w, **groups)
    lazy = lazy.filter((nw.col("w") != 0).fill_null(True))
    good = nw.lit(True)
    for name, high in (("p", 1), ("o", 1), ("w", _LARGEST)):
        good &= ((nw.col(name) >= 0) & (nw.col(name) <= high)).fill_null(False)
    return FrameEvents(lazy.with_columns(bad=(~good).cast(nw.Int64)), list(groups), single)


def refuse_bad_rows(aggregated):
    """Raise where the engine met rows that are no events, or none at all."""
    bad = int(sum(value or 0 for value in aggregated["bad"].to_list()))
    if bad:
        raise ValueError(
            f"{bad} rows are no events: confidence and correct must be in [0, 1] and weight at least 0, "
            "none of them missing. Filter them out in the engine."
        )
    if len(aggregated) == 0 or aggregated["w"][0] is None:
        raise ValueError("frame must hold at least one row of positive weight.")
