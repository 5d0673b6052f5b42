"""Areas under risk-coverage curves: a whole curve as one number, with its convention named."""

from sklearn_calib._core.risk_coverage import (
    area_under_generalized_risk_coverage,
    area_under_risk_coverage,
    ideal_area_under_risk_coverage,
    risk_coverage,
)
from sklearn_calib._events import selective_events
from sklearn_calib._validation import check_option

RULES = ("rows", "trapezoid")


def area_under_risk_coverage_curve(
    y_true,
    y_proba,
    *,
    rule="rows",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    r"""Area under the risk-coverage curve (AURC): mean risk when each row's confidence is the threshold.

    With ``rule="rows"`` it is the mean over rows of [1]_,

    .. math:: \mathrm{AURC} = \frac{1}{\sum_i w_i} \sum_i w_i\,
              \frac{\sum_j w_j\,(1 - o_j)\,[c_j \ge c_i]}{\sum_j w_j\,[c_j \ge c_i]}

    for confidences :math:`c`, outcomes :math:`o` and weights :math:`w`. Rows of equal confidence share
    the risk of answering all of them, which is the only risk that a threshold can reach there, so that
    the order of the rows does not matter.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    rule : {"rows", "trapezoid"}, default="rows"
        How the curve is integrated: the mean over rows, or straight lines between the distinct
        confidences, with the risk of the largest confidence down to coverage 0.
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
    area : float
        In [0, 1]; smaller is better. A random order of the rows has about the error rate.

    See Also
    --------
    excess_area_under_risk_coverage_curve : What a perfect order of the same answers would save.
    area_under_generalized_risk_coverage_curve : The same of the risk that every row shares.

    Notes
    -----
    **Other packages**, without ties. The mean over rows is the "RCC-AUC" of lm-polygraph; 1 minus it is
    the accuracy-rejection area (AUARC) of MAPIE and of uncertainty-calibration, for which there is no
    function of its own here. The trapezoid is 1/1000 of the AURC of fd-shifts; torch-uncertainty leaves
    out the part below coverage :math:`1/n` and divides by :math:`1 - 1/n`. With ties all of these but
    fd-shifts depend on the order in which rows of equal confidence happen to stand.

    References
    ----------
    .. [1] Geifman, Uziel and El-Yaniv (2019). Bias-Reduced Uncertainty Estimation for Deep Neural
       Classifiers. ICLR. :arxiv:`1805.08206`

    Examples
    --------
    >>> from sklearn_calib.metrics import area_under_risk_coverage_curve
    >>> correct, confidence = [1, 1, 0, 1], [0.9, 0.9, 0.8, 0.7]
    >>> area = area_under_risk_coverage_curve(correct, confidence, kind="record")
    >>> round(area, 4)  # (0 + 0 + 1/3 + 1/4) / 4
    0.1458
    """
    check_option(rule, "rule", RULES)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    return area_under_risk_coverage(risk_coverage(*events[:3]), rule)


def excess_area_under_risk_coverage_curve(
    y_true,
    y_proba,
    *,
    rule="rows",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    r"""Excess AURC: the area under the risk-coverage curve beyond that of a perfect order.

    A perfect confidence puts every right answer above every wrong one. With the error rate :math:`e`
    its curve is :math:`\max(0, 1 - (1 - e) / c)` over the coverage :math:`c`, whose area is

    .. math:: \mathrm{AURC}^* = e + (1 - e) \log(1 - e)

    [1]_; graded outcomes are put in order and integrated in the same way. What is left judges the order
    of the answers and not how many of them are right, so that models of different accuracy compare.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    rule : {"rows", "trapezoid"}, default="rows"
        How the curve is integrated. See `area_under_risk_coverage_curve`.
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
    area : float
        In [0, 1]; smaller is better. With "rows" it is never negative, and for a perfect order of n
        rows of the order 1/n; with "trapezoid" ties and few rows can make it slightly negative.

    See Also
    --------
    area_under_risk_coverage_curve : The whole area, and how other packages integrate.

    Notes
    -----
    With ``rule="trapezoid"`` it is 1/1000 of the e-AURC of fd-shifts.

    References
    ----------
    .. [1] Geifman, Uziel and El-Yaniv (2019). Bias-Reduced Uncertainty Estimation for Deep Neural
       Classifiers. ICLR. :arxiv:`1805.08206`

    Examples
    --------
    >>> from sklearn_calib.metrics import excess_area_under_risk_coverage_curve
    >>> correct, confidence = [1, 1, 0, 1], [0.9, 0.9, 0.8, 0.7]
    >>> area = excess_area_under_risk_coverage_curve(correct, confidence, kind="record")
    >>> round(area, 4)  # 0.1458 - (1/4 + 3/4 log(3/4))
    0.1116
    """
    check_option(rule, "rule", RULES)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    area = area_under_risk_coverage(risk_coverage(*events[:3]), rule)
    excess = area - ideal_area_under_risk_coverage(events.outcome, events.weight)
    return max(excess, 0.0) if rule == "rows" else excess  # below 0 by rounding alone


def area_under_generalized_risk_coverage_curve(
    y_true,
    y_proba,
    *,
    rule="trapezoid",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    r"""AUGRC: area under the generalized risk, the share of rows that are answered and wrong.

    The risk of the risk-coverage curve is among the answered rows; a few wrong answers at the largest
    confidences therefore weigh on it all along. The generalized risk :math:`P(\text{answered and
    wrong})` is among all rows, and its area :math:`\int_0^1 P(\ldots)\,dc` is the mean, over coverages,
    of the harm that silent failures do [1]_. For 0/1 outcomes with accuracy :math:`a`

    .. math:: \mathrm{AUGRC} = a\,(1 - a)\,(1 - \mathrm{AUROC}) + \frac{(1 - a)^2}{2}

    with the area under the ROC curve of confidence as a score of being right, which counts ties half.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    rule : {"trapezoid", "rows"}, default="trapezoid"
        How the curve is integrated: by the trapezoid rule from coverage 0 on, which is the expectation
        over random orders of tied rows and makes the formula above exact; or as the mean over rows of
        the generalized risk at their own confidence.
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
    area : float
        In [0, 1/2] with "trapezoid", in [0, 1] with "rows"; smaller is better. A random order has half
        the error rate.

    See Also
    --------
    area_under_risk_coverage_curve : The area under the risk among the answered rows.

    Notes
    -----
    The trapezoid is 1/1000 of the AUGRC of fd-shifts. torch-uncertainty leaves out the part below
    coverage :math:`1/n` and divides by :math:`1 - 1/n`.

    References
    ----------
    .. [1] Traub et al. (2024). Overcoming Common Flaws in the Evaluation of Selective Classification
       Systems. NeurIPS. :arxiv:`2407.01032`

    Examples
    --------
    >>> from sklearn_calib.metrics import area_under_generalized_risk_coverage_curve
    >>> correct, confidence = [1, 1, 0, 1], [0.9, 0.9, 0.8, 0.7]
    >>> area_under_generalized_risk_coverage_curve(correct, confidence, kind="record")
    0.09375
    """
    check_option(rule, "rule", RULES)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    return area_under_generalized_risk_coverage(risk_coverage(*events[:3]), rule)
