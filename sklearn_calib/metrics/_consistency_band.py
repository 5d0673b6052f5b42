"""How far from the diagonal noise alone may put the points of a reliability diagram."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.consistency import binned_consistency_band, isotonic_consistency_band
from sklearn_calib._core.null_model import make_cells
from sklearn_calib._events import inference_events
from sklearn_calib._validation import check_count, check_number, check_option
from sklearn_calib.metrics._calibration_table import (
    DEFAULT_N_BINS,
    DEFAULT_STRATEGY,
    table_of_events,
)
from sklearn_calib.metrics._calibration_test import generator


class ConsistencyBand(NamedTuple):
    """Where a reliability curve lies when the stated probabilities are right.

    Attributes
    ----------
    probability : ndarray of shape (n_points,)
        Stated probability of each point: the mean of the bin, ascending.
    lower, upper : ndarray of shape (n_points,)
        Limits of the observed frequency there, in [0, 1].
    confidence_level : float
        Probability that the curve lies within the limits, at each point by itself.
    """

    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    confidence_level: float


def consistency_band(
    y_true,
    y_proba,
    *,
    curve="binned",
    confidence_level=0.95,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
    n_resamples=1000,
    random_state=0,
):
    """Consistency band of a reliability diagram: where noise alone puts the curve of a calibrated model.

    Outcomes are thought drawn with the stated probabilities, o ~ Bernoulli(p), so that the band
    surrounds the diagonal [1]_. A point outside says that this bin is off, at the level of one point:
    with ten points, one outside of a 95 % band is no surprise. For one answer see `calibration_test`.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right. They say what the events are;
        the band does not depend on how often they are right.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    curve : {"binned", "isotonic"}, default="binned"
        The points of the bins, or the isotonic regression of outcomes on probabilities (CORP [2]_).
    confidence_level : float in (0, 1), default=0.95
        Pointwise level. Bins have at least this probability, since counts are whole.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies; others are scaled so that they sum to the
        effective number of rows ``(sum w)^2 / sum w^2``.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes.
    kind : {"auto", "positive", "confidence", "top_label", "record"}, default="auto"
        What is compared with what. "top_label" (bins only) has one row per bin and predicted class, as
        in `calibration_table`; for "classwise" ask one class at a time.
    n_bins : int or "cube_root", default=10
        Number of bins of the binned curve.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width or of equal weight.
    n_resamples : int, default=1000
        Number of simulated isotonic curves.
    random_state : int, RandomState instance or None, default=0
        Seed of the simulations. The default makes the band the same each time.

    Returns
    -------
    band : ConsistencyBand
        Named tuple of ``probability``, ``lower``, ``upper`` and ``confidence_level``. The points are the
        rows of the `calibration_table`, or at most 128 groups of neighbouring probabilities.

    Notes
    -----
    Graded outcomes vary less than outcomes of 0 or 1 with the same mean, so that the band is too wide
    for them. Bands of bins take no simulation; isotonic bands take some tens of milliseconds for any
    number of rows.

    References
    ----------
    .. [1] Brocker and Smith (2007). Increasing the Reliability of Reliability Diagrams. Weather and
       Forecasting. doi:10.1175/WAF993.1
    .. [2] Dimitriadis, Gneiting and Jordan (2021). Stable reliability diagrams for probabilistic
       classifiers. PNAS. doi:10.1073/pnas.2016191118

    Examples
    --------
    Of 100 answers at 90 %, between 84 and 95 are right if that is so:

    >>> from sklearn_calib.metrics import consistency_band
    >>> band = consistency_band([1] * 80 + [0] * 20, [0.9] * 100, kind="record")
    >>> band.lower, band.upper
    (array([0.84]), array([0.95]))
    """
    check_option(curve, "curve", ("binned", "isotonic"))
    check_number(confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True)
    check_count(n_resamples, "n_resamples", low=1)
    events = inference_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    if curve == "binned":
        table = table_of_events(events, n_bins, strategy)
        lower, upper = binned_consistency_band(table, confidence_level)
        return ConsistencyBand(table.confidence, lower, upper, confidence_level)
    if events.group is not None:
        raise ValueError("curve='isotonic' has one curve; with kind='top_label' there are many.")
    cells = make_cells(events)
    lower, upper = isotonic_consistency_band(
        cells, confidence_level, n_resamples, generator(random_state)
    )
    return ConsistencyBand(cells.probability, lower, upper, confidence_level)
