"""Selective metrics: how accurate are the answers that are given, and how many are given?

Two families. The first needs probabilities: a threshold or a coverage is an argument, and a row is
answered when its confidence reaches the threshold. The second needs only the decisions of an abstaining
``predict``, and is the only one that sees the abstainer's own threshold.
"""

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib._abstain_label import resolve_abstain_label
from sklearn_calib._core.abstention_cost import mean_cost
from sklearn_calib._core.risk_coverage import last_within_coverage, risk_coverage
from sklearn_calib._events import selective_events
from sklearn_calib._validation import (
    check_costs,
    check_labels,
    check_number,
    check_same_length,
    check_weights,
)
from sklearn_calib._warn import warn_user


def selective_accuracy(
    y_true,
    y_proba,
    *,
    threshold=None,
    coverage=None,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    """Accuracy of the answers whose confidence reaches a threshold, or of the most confident share.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. The confidence of a row is its largest probability, for a 1-D
        probability p of two classes max(p, 1 - p); with ``kind="record"`` it is `y_proba` itself.
    threshold : float in [0, 1], default=None
        Rows with confidence >= threshold are answered. Give this or `coverage`.
    coverage : float in (0, 1], default=None
        The most confident rows are answered: as many as possible without exceeding this share of the
        weight, rows of equal confidence together. Give this or `threshold`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"confidence", "record"}, default="confidence"
        Labels and class probabilities, or records of confidence and correctness.

    Returns
    -------
    accuracy : float
        In [0, 1]. NaN, with an `UndefinedMetricWarning`, where no row is answered.

    See Also
    --------
    coverage : The share that is answered from a threshold on.
    answered_accuracy : The same of the decisions of an abstaining classifier.

    Examples
    --------
    >>> from sklearn_calib.metrics import selective_accuracy
    >>> correct, confidence = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]
    >>> selective_accuracy(correct, confidence, threshold=0.95, kind="record")
    1.0
    >>> selective_accuracy(correct, confidence, coverage=0.8, kind="record")
    0.75
    """
    if (threshold is None) == (coverage is None):
        raise ValueError(
            "Give exactly one of threshold and coverage; "
            f"got threshold={threshold!r}, coverage={coverage!r}."
        )
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    if threshold is not None:
        check_number(threshold, "threshold", low=0, high=1)
        answered = events.probability >= float(threshold)
        return _mean_of_answered(events.outcome, answered, events.weight)
    check_number(coverage, "coverage", low=0, high=1, low_open=True)
    curve = risk_coverage(*events[:3])
    last = last_within_coverage(curve, coverage)
    if last < 0:
        return _undefined(
            f"the largest confidence is shared by {curve.coverage[0]:.3g} of the rows, more than "
            f"coverage={coverage:.3g}"
        )
    return float(1 - curve.risk[last])


def coverage(
    y_true,
    y_proba,
    *,
    threshold,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    """Share of the rows whose confidence reaches a threshold.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; only their number matters, they are here so that all metrics are called alike.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    threshold : float in [0, 1]
        Rows with confidence >= threshold are answered.
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
        In [0, 1].

    See Also
    --------
    selective_accuracy : The accuracy of those rows.

    Examples
    --------
    >>> from sklearn_calib.metrics import coverage
    >>> coverage([1, 0, 1, 1], [0.99, 0.9, 0.6, 0.2], threshold=0.9, kind="record")
    0.5
    """
    check_number(threshold, "threshold", low=0, high=1)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    return float(np.average(events.probability >= float(threshold), weights=events.weight))


def risk_coverage_curve(
    y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None, kind="confidence"
):
    """Risk and coverage at every threshold.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
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
    curve : RiskCoverage
        Named tuple of three arrays with one entry per distinct confidence, from the largest to the
        smallest: ``threshold``, ``coverage`` (share with confidence >= threshold, increasing, the last
        one is 1) and ``risk`` (1 - accuracy among them).

    See Also
    --------
    area_under_risk_coverage_curve : The curve as one number.

    References
    ----------
    .. [1] El-Yaniv and Wiener (2010). On the Foundations of Noise-free Selective Classification. JMLR
       11:1605-1641.

    Examples
    --------
    >>> from sklearn_calib.metrics import risk_coverage_curve
    >>> curve = risk_coverage_curve([1, 1, 0, 1], [0.9, 0.9, 0.8, 0.7], kind="record")
    >>> curve.threshold, curve.coverage
    (array([0.9, 0.8, 0.7]), array([0.5 , 0.75, 1.  ]))
    >>> curve.risk.round(2)
    array([0.  , 0.33, 0.25])
    """
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    return risk_coverage(*events[:3])


def answered_accuracy(y_true, y_pred, *, abstain_label=None, labels=None, sample_weight=None):
    """Accuracy among the rows that an abstaining classifier answers.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_pred : array-like of shape (n_samples,)
        Predictions of an abstaining classifier, `abstain_label` for the rows it does not answer.
    abstain_label : label, default=None
        What marks a row as not answered. None is the default of `AbstainingClassifier` for `labels`:
        "abstain" for strings, else -1, or min(labels) - 1 where -1 is one of them.
    labels : array-like of shape (n_classes,), default=None
        Labels of all classes; needed, to know the default, where `abstain_label` is None.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.

    Returns
    -------
    accuracy : float
        In [0, 1]. NaN, with an `UndefinedMetricWarning`, where no row is answered.

    See Also
    --------
    answered_coverage : The share of rows that are answered.
    selective_accuracy : The same from probabilities and a threshold.

    Examples
    --------
    >>> from sklearn_calib.metrics import answered_accuracy
    >>> y_true, y_pred = ["cat", "dog", "dog"], ["cat", "abstain", "cat"]
    >>> answered_accuracy(y_true, y_pred, abstain_label="abstain")
    0.5
    """
    y_true, y_pred, answered, weight = _decisions(
        y_true, y_pred, abstain_label, labels, sample_weight
    )
    return _mean_of_answered(y_true == y_pred, answered, weight)


def answered_coverage(y_true, y_pred, *, abstain_label=None, labels=None, sample_weight=None):
    """Share of the rows that an abstaining classifier answers.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; only their number matters, they are here so that all metrics are called alike.
    y_pred : array-like of shape (n_samples,)
        Predictions of an abstaining classifier, `abstain_label` for the rows it does not answer.
    abstain_label : label, default=None
        What marks a row as not answered. See `answered_accuracy`.
    labels : array-like of shape (n_classes,), default=None
        Labels of all classes; needed, to know the default, where `abstain_label` is None.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.

    Returns
    -------
    coverage : float
        In [0, 1].

    See Also
    --------
    answered_accuracy : The accuracy of those rows.

    Examples
    --------
    >>> from sklearn_calib.metrics import answered_coverage
    >>> round(answered_coverage([0, 1, 1], [0, -1, 0], abstain_label=-1), 3)
    0.667
    """
    _, _, answered, weight = _decisions(y_true, y_pred, abstain_label, labels, sample_weight)
    return float(np.average(answered, weights=weight))


def answered_cost(y_true, y_pred, *, costs, abstain_label=None, labels=None, sample_weight=None):
    """Mean cost per row of the decisions of an abstaining classifier.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_pred : array-like of shape (n_samples,)
        Predictions of an abstaining classifier, `abstain_label` for the rows it does not answer.
    costs : tuple of two floats, (error, abstention)
        Cost of a wrong answer, above 0, and of a row that is not answered, at least 0; finite. A right
        answer costs nothing.
    abstain_label : label, default=None
        What marks a row as not answered. See `answered_accuracy`.
    labels : array-like of shape (n_classes,), default=None
        Labels of all classes; needed, to know the default, where `abstain_label` is None.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights.

    Returns
    -------
    cost : float
        In the unit of `costs`, at most the larger of them.

    See Also
    --------
    selective_cost : The same from probabilities and a threshold.

    Examples
    --------
    >>> from sklearn_calib.metrics import answered_cost
    >>> y_true, y_pred = ["cat", "dog", "dog", "cat"], ["cat", "abstain", "cat", "cat"]
    >>> answered_cost(y_true, y_pred, costs=(10, 1), abstain_label="abstain")  # (1 + 10) / 4
    2.75
    """
    costs = check_costs(costs)
    y_true, y_pred, answered, weight = _decisions(
        y_true, y_pred, abstain_label, labels, sample_weight
    )
    return mean_cost(y_true != y_pred, answered, costs, weight)


def _decisions(y_true, y_pred, abstain_label, labels, sample_weight):
    """Labels, decisions, which are answers, and weights, all checked."""
    y_true, y_pred = check_labels(y_true, "y_true"), check_labels(y_pred, "y_pred")
    check_same_length(y_true=y_true, y_pred=y_pred)
    if labels is not None:
        labels = np.unique(check_labels(labels, "labels"))
    elif abstain_label is None:
        raise ValueError(
            "Give abstain_label, the value that y_pred holds for rows that are not answered, or "
            "`labels`, from which its default follows."
        )
    abstain_label = resolve_abstain_label(
        abstain_label, np.unique(y_true) if labels is None else labels
    )
    answered = y_pred != abstain_label
    if labels is not None:
        unknown = y_pred[answered & ~np.isin(y_pred, labels)]
        if unknown.size:
            raise ValueError(
                f"y_pred holds {unknown.tolist()[0]!r}, which is neither one of the labels "
                f"{labels.tolist()!r} nor abstain_label={abstain_label!r}."
            )
    return y_true, y_pred, answered, check_weights(sample_weight, y_true.size)


def _mean_of_answered(correct, answered, weight):
    weight = answered.astype(float) if weight is None else answered * weight
    if weight.sum() == 0:
        return _undefined("no row is answered")
    return float(np.average(correct, weights=weight))


def _undefined(reason):
    warn_user(f"Selective accuracy is undefined and set to NaN: {reason}.", UndefinedMetricWarning)
    return float("nan")
