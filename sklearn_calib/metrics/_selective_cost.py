"""What a wrong answer and an answer not given cost together."""

from sklearn_calib._core.abstention_cost import chow_threshold, mean_cost
from sklearn_calib._events import selective_events
from sklearn_calib._validation import check_costs, check_number


def selective_cost(
    y_true,
    y_proba,
    *,
    costs,
    threshold=None,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    """Mean cost per row of answering from a confidence on.

    A wrong answer costs the first of `costs`, a row that is not answered the second, a right answer
    nothing. An answer of quality q costs 1 - q times a wrong one.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    costs : tuple of two floats, (error, abstention)
        Finite and not negative, the error above 0.
    threshold : float in [0, 1], default=None
        Rows with confidence >= threshold are answered. None takes Chow's rule [1]_: answer where the
        expected cost ``(1 - confidence) * error`` is at most that of an abstention. It is the best
        threshold if the confidence is honest, so that honesty pays in this metric.
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
    cost : float
        In the unit of `costs`, at most the larger of them.

    See Also
    --------
    answered_cost : The same of the decisions of an abstaining classifier.
    sklearn_calib.selective.select_threshold : The threshold of the smallest cost.

    References
    ----------
    .. [1] Chow (1970). On optimum recognition error and reject tradeoff. IEEE Transactions on
       Information Theory 16(1):41-46. :doi:`10.1109/TIT.1970.1054406`

    Examples
    --------
    An error costs ten, asking a person one, so answers need a confidence of 0.9:

    >>> from sklearn_calib.metrics import selective_cost
    >>> correct, confidence = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]
    >>> selective_cost(correct, confidence, costs=(10, 1), kind="record")  # (10 + 1 + 1) / 5
    2.4
    """
    costs = check_costs(costs)
    if threshold is None:
        threshold = chow_threshold(*costs)
    else:
        check_number(threshold, "threshold", low=0, high=1)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    answered = events.probability >= float(threshold)
    return mean_cost(1.0 - events.outcome, answered, costs, events.weight)
