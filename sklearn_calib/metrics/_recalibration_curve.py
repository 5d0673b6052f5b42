"""The isotonic regression of outcomes on probabilities: a reliability diagram without bins."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.decomposition import isotonic_pools
from sklearn_calib._core.isotonic import pool_outcomes
from sklearn_calib._events import calibration_events


class RecalibrationCurve(NamedTuple):
    """One entry per distinct probability, ascending.

    Attributes
    ----------
    probability : ndarray of shape (n_values,)
        The distinct probabilities, float64.
    recalibrated : ndarray of shape (n_values,)
        Their isotonic fit, in [0, 1], never decreasing.
    weight : ndarray of shape (n_values,)
        Weight of the events of each; their number without weights.
    """

    probability: np.ndarray
    recalibrated: np.ndarray
    weight: np.ndarray


def recalibration_curve(
    y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None, kind="auto"
):
    """Isotonic regression of the outcomes on the probabilities (CORP).

    The curve of the reliability diagram that needs no bins [1]_: of all non-decreasing maps from
    probability to observed frequency the one with the smallest Brier score, and with the smallest log
    loss. On the diagonal a forecaster is calibrated.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more.

    Returns
    -------
    curve : RecalibrationCurve
        Named tuple of ``probability`` (distinct values, ascending), ``recalibrated`` and ``weight``.

    Raises
    ------
    ValueError
        With the kinds "classwise" and "top_label", which are one curve per class.

    See Also
    --------
    score_decomposition : The curve as three numbers.
    sklearn_calib.display.CorpReliabilityDisplay : The curve as a picture.

    References
    ----------
    .. [1] Dimitriadis, Gneiting and Jordan (2021). Stable reliability diagrams for probabilistic
       classifiers. PNAS 118(8). :doi:`10.1073/pnas.2016191118`

    Examples
    --------
    >>> from sklearn_calib.metrics import recalibration_curve
    >>> curve = recalibration_curve([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9])
    >>> curve.recalibrated
    array([0. , 0.5, 0.5, 1. ])
    """
    events = calibration_events(
        y_true,
        y_proba,
        kind=one_curve(kind),
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    ties = pool_outcomes(*events[:3])
    pools = isotonic_pools(ties.weight, ties.positive)
    mean = np.add.reduceat(ties.positive, pools) / np.add.reduceat(ties.weight, pools)
    size = np.diff(np.append(pools, ties.weight.size))
    recalibrated = np.repeat(np.minimum(mean, 1), size)
    return RecalibrationCurve(ties.score.astype(float) + 0.0, recalibrated, ties.weight)


def one_curve(kind):
    """The kind, if it makes one set of events."""
    if kind in ("classwise", "top_label"):
        raise ValueError(
            f"kind={kind!r} makes one set of events for each class, and this needs one. Ask for class "
            "k alone with y_true == k and y_proba[:, k], or use kind='confidence'."
        )
    return kind
