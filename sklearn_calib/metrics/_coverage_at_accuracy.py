"""The other way round: how much can be answered at a required accuracy?"""

from sklearn_calib._core.risk_coverage import last_reaching_accuracy, risk_coverage
from sklearn_calib._events import selective_events
from sklearn_calib._validation import check_number


def coverage_at_accuracy(
    y_true,
    y_proba,
    *,
    accuracy,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    """Largest share of rows that a threshold can answer with a required accuracy.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    accuracy : float in (0, 1]
        Accuracy that the answered rows must have at least.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes.
    kind : {"confidence", "record"}, default="confidence"
        Labels and class probabilities, or records of confidence and correctness.

    Returns
    -------
    coverage : float
        In [0, 1]; 0 where no threshold reaches the accuracy. Rows of equal confidence are answered
        together.

    See Also
    --------
    sklearn_calib.selective.select_threshold : The threshold itself, with a promise for other rows.
    selective_accuracy : Accuracy at a coverage.

    Notes
    -----
    The best of many thresholds was picked on the rows it is judged on. For small samples the number is
    optimistic, and no promise.

    Examples
    --------
    >>> from sklearn_calib.metrics import coverage_at_accuracy
    >>> correct, confidence = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]
    >>> coverage_at_accuracy(correct, confidence, accuracy=0.75, kind="record")
    0.8
    """
    check_number(accuracy, "accuracy", low=0, high=1, low_open=True)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    curve = risk_coverage(*events[:3])
    last = last_reaching_accuracy(curve, accuracy)
    return float(curve.coverage[last]) if last >= 0 else 0.0
