"""The calibration table of a data frame, computed by its engine."""

import numpy as np

from sklearn_calib._core.bins import cube_root, uniform_edges
from sklearn_calib._validation import check_n_bins, check_option
from sklearn_calib.frames._bins import as_table, bin_number, binned_sums, column
from sklearn_calib.frames._events import frame_events

_LEVEL_TOLERANCE = 1e-12  # sums of the same weights in another order differ by rounding
_FINE = 10_000  # bins whose sums come home for bins of equal weight: edges have four digits


def table_from_frame(
    frame, *, confidence, correct, weight=None, by=(), n_bins=10, strategy="uniform"
):
    """Confidence and accuracy per bin, computed where the rows are.

    One ``group_by`` runs in the engine, and only its sums come home, so that the rows may be more than
    fit in memory. The result is the table that `sklearn_calib.metrics.calibration_table` gives with
    ``kind="record"``, up to the rounding of sums.

    Parameters
    ----------
    frame : data frame
        Of pandas, polars (lazy too), pyarrow, DuckDB, Dask or PySpark.
    confidence : str
        Column of confidences in [0, 1].
    correct : str
        Column that says whether the answer was right: 0/1, boolean, or a quality in [0, 1].
    weight : str, default=None
        Column of non-negative weights; rows of zero weight count as absent.
    by : str or list of str, default=()
        Columns whose values, or combinations of values, have rows of their own: a segment, a period.
    n_bins : int or "cube_root", default=10
        Number of bins; "cube_root" needs a scan to count the rows.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or of about equal weight (over all groups together). Edges of the latter
        are the multiples of 1 / 10000 up to which k / n_bins of the weight is first reached: an
        approximation, unlike all else here. Edges that coincide are one.

    Returns
    -------
    table : CalibrationTable
        One row per group and bin that holds any weight; ``group`` holds the values of `by`, tuples for
        more than one column, None without. Tables of parts of the data add.

    Raises
    ------
    ValueError
        If a column is unknown, if values are missing or out of range (told with their number), or if
        there is no row.
    TypeError
        If `frame` is no data frame of a known engine.
    ImportError
        If narwhals is not installed.

    See Also
    --------
    sklearn_calib.metrics.calibration_table : The same from arrays.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_calib.frames import table_from_frame
    >>> log = pd.DataFrame({"sure": [0.9, 0.8, 0.95, 0.3], "right": [1, 0, 1, 0]})
    >>> print(table_from_frame(log, confidence="sure", correct="right", n_bins=5))
        bin        count  confidence  accuracy      gap  95 % interval
    (0.2, 0.4]         1       0.300     0.000   +0.300  0.000 - 0.793
    (0.6, 0.8]         1       0.800     0.000   +0.800  0.000 - 0.793
    (0.8, 1.0]         2       0.925     1.000   -0.075  0.342 - 1.000
    """
    check_n_bins(n_bins)
    check_option(strategy, "strategy", ("uniform", "quantile"))
    events = frame_events(frame, confidence=confidence, correct=correct, weight=weight, by=by)
    if n_bins == "cube_root":
        n_bins = cube_root(int(column(binned_sums(events, 1), "count").sum()))
    if strategy == "uniform":
        return as_table(binned_sums(events, n_bins), events.by, uniform_edges(n_bins), n_bins)
    sums = binned_sums(events, _FINE)
    return as_table(sums, events.by, _equal_mass_edges(sums, n_bins), _FINE)


def _equal_mass_edges(sums, n_bins):
    """The fine edges at which the weight so far first reaches each k / n_bins of the total."""
    cell = bin_number(sums)
    reached = np.cumsum(np.bincount(cell, column(sums, "weight"), minlength=_FINE))
    levels = np.arange(1, n_bins) / n_bins * reached[-1]
    cuts = np.searchsorted(reached, levels * (1 - _LEVEL_TOLERANCE)) + 1
    return np.unique(np.concatenate([[0.0], uniform_edges(_FINE)[cuts], [1.0]]))
