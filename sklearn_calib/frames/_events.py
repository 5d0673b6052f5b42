"""Events as expressions, which an engine computes: confidence p, outcome o and weight w per row."""

from typing import Any, NamedTuple

from sklearn_calib._optional import import_narwhals

_LARGEST = 1e300  # of a weight: sums stay finite


class FrameEvents(NamedTuple):
    """A lazy frame with columns p, o, w, good (whether the row is an event) and those of `by`."""

    frame: Any
    by: list
    single: bool  # whether p is float32
    weighted: bool  # otherwise w is 1
    graded: bool  # otherwise o is 0 or 1

    def aggregate(self, keys, sums, minima=None):
        """Sums and minima of expressions per group of the keys, computed by the engine.

        Only these come home, as a small eager frame with the number of rows as "count".
        """
        nw = import_narwhals()
        minima = {} if minima is None else minima
        # A column of its own per summand: not every engine can add up an expression.
        frame = self.frame.select(*keys, **sums, **minima)
        totals = [nw.len().alias("count"), *(nw.col(name).sum() for name in sums)]
        totals += [nw.col(name).min() for name in minima]
        return (frame.group_by(*keys).agg(*totals) if keys else frame.select(*totals)).collect()


def frame_events(frame, *, confidence, correct, weight=None, by=(), binary=False):
    """Events of a frame of any engine; nothing is computed yet."""
    nw = import_narwhals()
    try:
        lazy = nw.from_native(frame).lazy()
    except TypeError as error:
        raise TypeError(
            "frame must be a data frame of pandas, polars, pyarrow, DuckDB, Dask or PySpark; got "
            f"{type(frame).__name__}."
        ) from error
    by = [by] if isinstance(by, str) else list(by)
    schema = lazy.collect_schema()
    _check_columns(schema, {"confidence": confidence, "correct": correct, "weight": weight}, by)
    single = schema[confidence] == nw.Float32
    p = nw.col(confidence) if single else nw.col(confidence).cast(nw.Float64)
    w = nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)
    groups = {f"by{i}": nw.col(name) for i, name in enumerate(by)}
    graded = schema[correct] != nw.Boolean
    lazy = lazy.select(p=p, o=nw.col(correct).cast(nw.Float64), w=w, **groups)
    good = _within("p", 1) & (_within("o", 1) if graded else ~nw.col("o").is_null())
    if binary and graded:
        good &= ((nw.col("o") == 0) | (nw.col("o") == 1)).fill_null(False)
    if weight is not None:
        lazy = lazy.filter((nw.col("w") != 0).fill_null(True))
        good &= _within("w", _LARGEST)
    return FrameEvents(
        lazy.with_columns(good=good),
        list(groups),
        single,
        weight is not None,
        graded and not binary,
    )


def _check_columns(schema, roles, by):
    """Raise unless all columns are there, and those of events are numbers or booleans."""
    nw = import_narwhals()
    for role, name in (*roles.items(), *(("by", name) for name in by)):
        if name is None and role == "weight":
            continue
        if name not in schema.names():
            raise ValueError(f"{role}={name!r} is no column of the frame: {schema.names()!r}.")
        if role != "by" and not (schema[name].is_numeric() or schema[name] == nw.Boolean):
            raise TypeError(
                f"{role}={name!r} must be a column of numbers or booleans; it is {schema[name]}."
            )


def _within(name, high):
    nw = import_narwhals()
    return ((nw.col(name) >= 0) & (nw.col(name) <= high)).fill_null(False)


def refuse_bad_rows(bad, count):
    """Raise where an engine met rows that are no events, or none at all."""
    if bad:
        raise ValueError(
            f"{int(bad)} rows are no events: confidence and correct must be in [0, 1] (and correct 0 or "
            "1 for a fit), weights at least 0 and finite, none of them missing. Filter them out first."
        )
    if not count:
        raise ValueError("frame must hold at least one row of positive weight.")
