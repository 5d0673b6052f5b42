"""The risk-coverage curve of a data frame, computed by its engine."""

import numpy as np

from sklearn_calib._core.bins import uniform_edges
from sklearn_calib._core.risk_coverage import RiskCoverage
from sklearn_calib._validation import check_count
from sklearn_calib.frames._bins import as_table, bin_number, binned_sums, column
from sklearn_calib.frames._events import frame_events


def risk_coverage_from_frame(frame, *, confidence, correct, weight=None, resolution=10_000):
    """Risk and coverage of answering from a confidence on, computed where the rows are.

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
    resolution : int, default=10000
        Number of cells of [0, 1] that stand or fall together. Confidences that differ by more than
        1 / resolution are told apart, and each threshold is the smallest confidence of its cell: the
        points are exact, but not all of them are there.

    Returns
    -------
    curve : RiskCoverage
        Named tuple of ``threshold``, ``coverage`` and ``risk``, from the most confident cell on.

    See Also
    --------
    sklearn_calib.metrics.risk_coverage_curve : The same from arrays, for every distinct confidence.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_calib.frames import risk_coverage_from_frame
    >>> log = pd.DataFrame({"sure": [0.9, 0.9, 0.95, 0.3], "right": [1, 0, 1, 0]})
    >>> curve = risk_coverage_from_frame(log, confidence="sure", correct="right")
    >>> curve.threshold, curve.coverage, curve.risk.round(2)
    (array([0.95, 0.9 , 0.3 ]), array([0.25, 0.75, 1.  ]), array([0.  , 0.33, 0.5 ]))
    """
    check_count(resolution, "resolution", low=1)
    events = frame_events(frame, confidence=confidence, correct=correct, weight=weight)
    sums = binned_sums(events, resolution, lowest=True)
    return curve_of_sums(sums, resolution)


def curve_of_sums(sums, resolution):
    """Curve of sums in uniform bins, with the smallest confidence of each as threshold."""
    table = as_table(sums, [], uniform_edges(resolution), resolution)
    lowest = np.full(resolution, np.inf)
    np.minimum.at(lowest, bin_number(sums), column(sums, "lowest"))
    answered = np.cumsum(table.weight[::-1])
    wrong = np.cumsum((table.weight - table.sum_outcome)[::-1])
    return RiskCoverage(
        lowest[np.isfinite(lowest)][::-1], answered / answered[-1], wrong / answered
    )
