"""The numbers of a report on rows that stay in their engine: only sums come home."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.bins import cube_root, uniform_edges
from sklearn_calib._core.calibration_tests import monte_carlo_pvalue, smooth
from sklearn_calib._core.intervals import wilson_interval
from sklearn_calib._core.null_model import MAX_CELLS, Cells, expected_squares, simulate_residuals
from sklearn_calib._core.risk_coverage import RiskCoverage
from sklearn_calib._optional import import_narwhals
from sklearn_calib._records_columns import require_fields
from sklearn_calib._report.numbers import (
    CONFIDENCE_LEVEL,
    STATED_EPS,
    Report,
    find_target,
    measure_table,
)
from sklearn_calib._validation import check_n_bins
from sklearn_calib.calibrators._temperature import NO_OPTIMUM
from sklearn_calib.frames._bins import (
    as_table,
    column,
    group_keys,
    of_events,
    quotient,
    sums_in_bins,
)
from sklearn_calib.frames._events import frame_events, refuse_bad_rows
from sklearn_calib.frames._log_odds import LogOddsSums
from sklearn_calib.frames._risk_coverage_from_frame import curve_of_sums
from sklearn_calib.metrics import ThresholdTable
from sklearn_calib.metrics._accuracy_by_threshold import DEFAULT_THRESHOLDS
from sklearn_calib.metrics._calibration_test import generator

_FINE = 10_000  # cells of the confidence, or a few more, so that the bins of the table end with one
_SIMULATIONS = 1999  # as in `calibration_test`
_WORDS = {1.0: ["true", "yes", "1"], 0.0: ["false", "no", "0"]}  # of an outcome that is text
_HELD_OUT = "calibration on held-out rows, and the check of the threshold on them"
_PROMISE = "the certified threshold, whose test of graded answers looks at each row in turn"
_SAME_BINS = "the groups have as many bins as all rows together."
_BAD_ROWS = "a confidence or an outcome that is missing, no number, or outside its range"


class Counted(NamedTuple):
    """Rows of which only the curve is known: what a search for a threshold asks of `Ranked`."""

    curve: RiskCoverage
    n_rows: int
    correct: np.ndarray = np.zeros(0)  # none is graded


def make_engine_report(
    frame, *, columns, title, engine, target_accuracy, n_bins, by=None, percent=False, tell=print
):
    """Report of the rows of a frame, and their risk-coverage curve.

    `columns` are the names of confidence and outcome; `tell` is called with what is done next.
    """
    check_n_bins(n_bins)
    confidence, correct = columns
    events = _events(frame, confidence, correct, by, percent)
    whole, own_bins = events._replace(by=[]), n_bins == "cube_root" and by is not None
    if n_bins == "cube_root":
        tell("counting the rows")
        n_bins = cube_root(max(int(_good(sums_in_bins(whole, 1))["count"].sum()), 1))
    tell("table, curve and test")
    resolution = n_bins * -(-_FINE // n_bins)
    sums, n_bad = _fine_sums(whole, resolution)
    graded = bool(column(sums, "sum_outcome_squared").sum() < column(sums, "sum_outcome").sum())
    stated = _measure(sums, n_bins, resolution, _pvalue(sums, graded))
    good = events._replace(frame=events.frame.filter(import_narwhals().col("good")))
    if by is not None:
        tell(f"each {by}")
    groups = {} if by is None else _groups(good, n_bins)
    tell("temperature")
    temperature, notes = _temperature(good._replace(by=[]), graded)
    curve = curve_of_sums(sums, resolution)
    report = Report(
        title=title,
        stated=stated,
        calibrated={},
        n_folds=0,
        temperature=temperature,
        levels=_levels(sums),
        target=find_target(Counted(curve, stated.n_answers), target_accuracy, tested=not graded),
        by=by,
        groups=groups,
        n_bad=n_bad,
        problems=[_BAD_ROWS] if n_bad else [],
        notes=notes + _grid_note(sums, resolution) + [_SAME_BINS] * own_bins,
        engine=engine,
        left_out=(_HELD_OUT, _PROMISE) if graded else (_HELD_OUT,),
    )
    return report, curve


def _events(frame, confidence, correct, by, percent):
    """Events of the columns, as `read_records` understands them."""
    nw = import_narwhals()
    lazy = nw.from_native(frame).lazy()
    schema = lazy.collect_schema()
    require_fields([confidence, correct] + ([] if by is None else [by]), schema.names())
    if not schema[confidence].is_numeric():
        raise ValueError(
            f"An engine computes with numbers, and the column {confidence!r} is {schema[confidence]}. "
            "Without --engine, numbers are read from text too."
        )
    p = nw.col(confidence).cast(nw.Float64)
    o = nw.col(correct)
    if schema[correct] == nw.String:
        o = _outcome_of_words(o)
    elif not (schema[correct].is_numeric() or schema[correct] == nw.Boolean):
        raise ValueError(f"The column {correct!r} holds no outcomes; it is {schema[correct]}.")
    keys = {} if by is None else {"by": nw.col(by)}
    lazy = lazy.select(p=quotient(p, 100, lazy) if percent else p, o=o, **keys)
    return frame_events(lazy, confidence="p", correct="o", by=list(keys))


def _outcome_of_words(text):
    """1 or 0 for "true" and the like, missing for any other text."""
    nw = import_narwhals()
    text, outcome = text.str.strip_chars().str.to_lowercase(), nw.lit(None).cast(nw.Float64)
    for value, words in _WORDS.items():
        outcome = nw.when(text.is_in(words)).then(nw.lit(value)).otherwise(outcome)
    return outcome


def _fine_sums(events, resolution):
    """Sums per fine cell and stated level, and the number of rows that are no events: one scan."""
    nw = import_narwhals()
    p, o, clipped = nw.col("p"), nw.col("o"), _clipped()
    frame = events.frame.with_columns(level=_level(p))
    sums = sums_in_bins(
        events._replace(frame=frame),
        resolution,
        keys=["level"],
        sums={
            "clipped": clipped,
            "clipped_squared": clipped * clipped,
            "clipped_product": clipped * o,
            "log_loss": _row_loss(),
        },
        minima={"lowest": p, "highest_negated": p * -1.0},
    )
    good = _good(sums)
    n_bad = int(column(sums, "count").sum() - column(good, "count").sum())
    if not len(good):
        refuse_bad_rows(n_bad, 0)
    return good, n_bad


def _good(sums):
    return sums.filter(of_events(sums).tolist())


def _clipped():
    nw = import_narwhals()
    p = nw.col("p")
    raised = nw.when(p > STATED_EPS).then(p).otherwise(nw.lit(STATED_EPS))
    return nw.when(p < 1 - STATED_EPS).then(raised).otherwise(nw.lit(1 - STATED_EPS))


def _row_loss():
    """Log loss of a row, whose confidence is kept away from 0 and 1."""
    nw = import_narwhals()
    p, o = _clipped(), nw.col("o")
    return (o * p.log() + (1.0 - o) * (1.0 - p).log()) * -1.0


def _level(p):
    """How many of the thresholds of `accuracy_by_threshold` a confidence reaches."""
    nw = import_narwhals()
    level = nw.lit(0)
    for threshold in DEFAULT_THRESHOLDS:
        level = level + (p >= threshold).cast(nw.Int64)
    return level


def _levels(sums):
    """What is answered from each threshold on, as `accuracy_by_threshold` tells it."""
    level = sums["level"].to_numpy().astype(int)
    count, right = (
        np.bincount(level, column(sums, name), len(DEFAULT_THRESHOLDS) + 1)[::-1].cumsum()[::-1]
        for name in ("count", "sum_outcome")
    )
    reached = np.flatnonzero(count[1:]) + 1
    share, accuracy = count[reached] / count[0], right[reached] / count[reached]
    low, high = wilson_interval(right[reached], count[reached], CONFIDENCE_LEVEL)
    return ThresholdTable(
        np.array(DEFAULT_THRESHOLDS)[reached - 1],
        count[reached].astype(np.intp),
        count[reached],
        share,
        accuracy,
        low,
        high,
        CONFIDENCE_LEVEL,
    )


def _pvalue(sums, graded):
    """P-value of `calibration_test`, whose cells are made of whole cells of the sums."""
    cells = _cells(sums, graded)
    simulated = smooth(simulate_residuals(cells, _SIMULATIONS, generator(0)), cells)
    return monte_carlo_pvalue(smooth(cells.residual[None], cells)[0], simulated)


def _cells(sums, graded):
    """At most 128 cells of about equally many rows; see `make_cells`, which has the rows."""
    lowest = np.clip(column(sums, "lowest"), STATED_EPS, 1 - STATED_EPS)
    lowest, of_value = np.unique(lowest, return_inverse=True)
    reached = np.cumsum(np.bincount(of_value, column(sums, "count")))
    n, n_cells = int(reached[-1]), min(int(reached[-1]), MAX_CELLS)
    first = np.unique(np.searchsorted(reached, np.arange(n_cells) * n // n_cells, side="right"))
    cell = np.searchsorted(first, of_value, side="right") - 1

    def total(name):
        return np.bincount(cell, column(sums, name))

    count, p, o = total("count"), total("clipped"), total("sum_outcome")
    squared = total("clipped_squared")
    variance = p - squared
    squares = np.maximum(squared - 2 * total("clipped_product") + total("sum_outcome_squared"), 0)
    return Cells(
        lowest=lowest[first],
        weight=count,
        probability=p / count,
        residual=p - o,
        variance=variance,
        squares=expected_squares(squares, variance, count) if graded else None,
    )


def _measure(sums, n_bins, resolution, pvalue):
    """Measurement of rows whose sums are in cells that make up the bins."""
    loss = float(sums["log_loss"].sum()) / int(sums["count"].sum())
    return measure_table(as_table(sums, [], uniform_edges(n_bins), resolution), pvalue, loss)


def _grid_note(sums, resolution):
    if np.array_equal(column(sums, "lowest"), -column(sums, "highest_negated")):
        return []
    return [
        f"the threshold was looked for, and the p-value computed, on a grid of {resolution:,} "
        "confidences; all else is exact."
    ]


def _groups(events, n_bins):
    """One measurement per group, the largest gap first; a test of each would need a scan of its own."""
    sums = sums_in_bins(events, n_bins, sums={"log_loss": _row_loss()})
    names = np.array([str(name) for name in group_keys(sums, events.by)])
    groups = {}
    for name in np.unique(names):
        part = sums.filter((names == name).tolist())
        groups[str(name)] = _measure(part, n_bins, n_bins, None)
    return dict(sorted(groups.items(), key=lambda item: -abs(item[1].gap)))


def _temperature(events, graded):
    """Temperature of all rows, and what is doubtful about it."""
    if graded:
        events = _hard(events)
    temperature, status = LogOddsSums(events, STATED_EPS).temperature()
    notes = [] if status == "optimal" else [NO_OPTIMUM[status].format(temperature)]
    return float(temperature), notes


def _hard(events):
    """A quality q as a right row of weight q and a wrong one of weight 1 - q."""
    nw = import_narwhals()
    o = nw.col("o")
    parts = [
        events.frame.with_columns(w=share, o=nw.lit(outcome))
        for share, outcome in ((o, 1.0), (1.0 - o, 0.0))
    ]
    frame = nw.concat(parts).filter(nw.col("w") > 0)
    return events._replace(frame=frame, weighted=True, graded=False)
