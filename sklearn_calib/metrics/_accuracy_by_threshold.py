"""From each of a few confidences on: how many answers are given, and how many of them are right?"""

from dataclasses import dataclass

import numpy as np

from sklearn_calib._core.columns import ColumnsMixin
from sklearn_calib._core.intervals import wilson_interval
from sklearn_calib._core.risk_coverage import answered_from
from sklearn_calib._events import count_rows, selective_events
from sklearn_calib._validation import check_number, check_thresholds

# What people say and ask for; 0.99 is left out, since so few records support it.
DEFAULT_THRESHOLDS = (0.5, 0.8, 0.9, 0.95)


@dataclass(frozen=True, eq=False)
class ThresholdTable(ColumnsMixin):
    """What is answered from each threshold on; `print` it to read it.

    A row is a threshold that at least one row of positive weight reaches, in increasing order.

    Attributes
    ----------
    threshold : ndarray of shape (n_rows,)
        Rows with confidence >= threshold are answered.
    count : ndarray of shape (n_rows,), int
        Number of answered rows.
    weight : ndarray of shape (n_rows,)
        Their weight; equals `count` without weights.
    coverage : ndarray of shape (n_rows,)
        Their share of the weight of all rows, in (0, 1].
    accuracy : ndarray of shape (n_rows,)
        Their accuracy (mean quality of graded answers), in [0, 1].
    accuracy_lower, accuracy_upper : ndarray of shape (n_rows,)
        Wilson score interval of the accuracy, pointwise. For graded answers it is conservative.
    confidence_level : float
        Level of the intervals.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.metrics import accuracy_by_threshold
    >>> gpt = load_mmlu_pro_confidence(model="gpt-4o")
    >>> print(accuracy_by_threshold(gpt.target, gpt.data, kind="record"))
                              answers    share    right   95 % interval
    50 %+ sure                 11,975   99.8 %   72.6 %   71.8 - 73.4 %
    80 %+ sure                 11,668   97.2 %   73.8 %   73.0 - 74.5 %
    90 %+ sure                 10,872   90.6 %   75.8 %   75.0 - 76.6 %
    95 %+ sure                  7,990   66.6 %   83.1 %   82.3 - 83.9 %
    """

    threshold: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    coverage: np.ndarray
    accuracy: np.ndarray
    accuracy_lower: np.ndarray
    accuracy_upper: np.ndarray
    confidence_level: float

    def to_dict(self):
        """Columns by name: threshold, count, weight, coverage, accuracy and its limits.

        Returns
        -------
        columns : dict of str to ndarray of shape (n_rows,)
            In the order of the attributes.
        """
        return {name: value for name, value in vars(self).items() if name != "confidence_level"}

    def __len__(self):
        return self.threshold.size

    def __str__(self):
        header = f"{'':<24} {'answers':>8} {'share':>8} {'right':>8}   {self.interval_name}"
        return "\n".join([header, *map("{:<24} {:>8} {:>8} {:>8}   {}".format, *self.cells())])

    @property
    def interval_name(self):
        """Heading of the column of intervals."""
        return f"{100 * self.confidence_level:.4g} % interval"

    def cells(self):
        """Columns of the table as it is read, without the header.

        Returns
        -------
        columns : tuple of lists of str
            One text per row of the table.
        """
        limits = zip(100 * self.accuracy_lower, 100 * self.accuracy_upper, strict=True)
        return (
            [f"{100 * threshold:.4g} %+ sure" for threshold in self.threshold],
            [f"{count:,}" for count in self.count],
            [f"{100 * share:.1f} %" for share in self.coverage],
            [f"{100 * share:.1f} %" for share in self.accuracy],
            [f"{low:.1f} - {high:.1f} %" for low, high in limits],
        )


def accuracy_by_threshold(
    y_true,
    y_proba,
    *,
    thresholds=DEFAULT_THRESHOLDS,
    confidence_level=0.95,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="confidence",
):
    """Share and accuracy of what is answered from each of several confidences on.

    It is the table from which a threshold is first thought about. To choose one with a promise, use
    :func:`~sklearn_calib.selective.select_threshold`.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, or correctness with ``kind="record"``.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `selective_accuracy`.
    thresholds : array-like of shape (n_thresholds,), default=(0.5, 0.8, 0.9, 0.95)
        Confidences in [0, 1], in any order. One that no row reaches has no row in the table.
    confidence_level : float in (0, 1), default=0.95
        Level of the interval of each accuracy, for each threshold by itself.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies: a row of weight 3 is three rows. Others are
        scaled so that they sum to the effective number of rows ``(sum w)^2 / sum w^2``.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes.
    kind : {"confidence", "record"}, default="confidence"
        Labels and class probabilities, or records of confidence and correctness.

    Returns
    -------
    table : ThresholdTable
        With one row per threshold that is reached, in increasing order.

    See Also
    --------
    risk_coverage_curve : Every threshold instead of a few.
    calibration_table : Accuracy within bins of the confidence, not from a confidence on.

    Examples
    --------
    >>> from sklearn_calib.metrics import accuracy_by_threshold
    >>> correct, confidence = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]
    >>> table = accuracy_by_threshold(correct, confidence, kind="record", thresholds=[0.8, 0.9])
    >>> table.coverage, table.accuracy.round(3)
    (array([0.8, 0.6]), array([0.75 , 0.667]))
    """
    thresholds = check_thresholds(thresholds)
    check_number(confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True)
    events = selective_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    count, weight, right, total = answered_from(thresholds, *count_rows(events)[:3])
    reached = count > 0
    thresholds, count, weight, right = (a[reached] for a in (thresholds, count, weight, right))
    low, high = wilson_interval(right, weight, confidence_level)
    return ThresholdTable(
        thresholds, count, weight, weight / total, right / weight, low, high, confidence_level
    )
