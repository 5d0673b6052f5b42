"""What accuracy do confidences promise, before any outcome is known?"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib._validation import (
    check_number,
    check_probabilities,
    check_weights,
    drop_zero_weights,
)
from sklearn_calib._warn import warn_user
from sklearn_calib.monitoring._confidence_shift import (
    ConfidenceShift,
    cells_of,
    check_reference,
    shift_of,
)

# When to warn: so much of the weight is where nothing was calibrated, or so much has moved, beyond
# what chance does once in a thousand batches.
_OUTSIDE, _DISTANCE, _PVALUE = 0.01, 0.1, 1e-3


@dataclass(frozen=True)
class PerformanceEstimate:
    """Expected performance of rows without outcomes.

    Attributes
    ----------
    n_rows : int
        Number of rows of positive weight.
    accuracy, accuracy_interval : float, tuple of 2 floats
        Expected share of right answers, and an interval for the share that will turn out.
    coverage : float
        Share of the answers that are given at the threshold; known, not estimated.
    selective_accuracy, selective_accuracy_interval : float, tuple of 2 floats
        The same as accuracy, among the answers that are given; NaN where none is.
    shift : ConfidenceShift or None
        How the confidences differ from the reference's; None without a reference.
    """

    n_rows: int
    accuracy: float
    accuracy_interval: tuple
    coverage: float
    selective_accuracy: float
    selective_accuracy_interval: tuple
    shift: ConfidenceShift | None

    def __str__(self):
        low, high = self.accuracy_interval
        lines = [
            f"expected accuracy {self.accuracy:.3f} ({low:.3f} to {high:.3f}), {self.n_rows} rows"
        ]
        if self.coverage < 1:
            low, high = self.selective_accuracy_interval
            lines.append(
                f"answering {self.coverage:.1%}: {self.selective_accuracy:.3f} ({low:.3f} to {high:.3f})"
            )
        lines.append("if confidence is worth what it was; only outcomes can tell whether it is")
        return "\n".join(lines)


def estimate_performance(
    confidence, *, threshold=None, sample_weight=None, reference=None, confidence_level=0.95
):
    """Estimate accuracy, coverage and selective accuracy from calibrated confidences alone.

    A calibrated confidence of 0.8 is a right answer in 8 of 10 cases, so that the mean confidence is
    the accuracy to expect [1]_ [2]_. With a reference, the gap that was found in its bins is taken off.

    What this cannot see: whether a confidence is still worth what it was. If right answers become rarer
    at equal confidence, the estimate stays as it is; `CalibrationMonitor` sees that, once outcomes
    come in.

    Parameters
    ----------
    confidence : array-like of shape (n_samples,) or (n_samples, n_classes)
        Calibrated confidence in the answer given, or calibrated probabilities of all classes, of which
        the largest is the confidence.
    threshold : float in [0, 1], default=None
        Answers are given where the confidence is at least this; None gives all.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
    reference : CalibrationTable, default=None
        Table without groups, of labelled rows that the calibrator was not fitted on, such as
        ``calibration_table(correct, confidence, kind="record")``. Its gaps correct the estimate, and
        their uncertainty widens the intervals. Answers in bins that it has not seen may be all right or
        all wrong. None trusts the confidences, and the intervals hold the chance of the outcomes only.
    confidence_level : float in (0, 1), default=0.95
        Level of the intervals.

    Returns
    -------
    estimate : PerformanceEstimate

    Warns
    -----
    UserWarning
        If the confidences have moved away from the reference: more than 1 % of the weight is in bins
        that it has not seen, or more than 10 % would have to move back and chance does not explain it
        (see `confidence_shift_test`).
    UndefinedMetricWarning
        If no answer is given at the threshold.

    References
    ----------
    .. [1] Guillory et al. (2021). Predicting with confidence on unseen distributions. ICCV.
       :arxiv:`2107.03315`
    .. [2] Garg et al. (2022). Leveraging unlabeled data to predict out-of-distribution performance.
       ICLR. :arxiv:`2201.04234`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_calib.metrics import calibration_table
    >>> from sklearn_calib.monitoring import estimate_performance
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 2000)
    >>> right = rng.random(2000) < confidence
    >>> reference = calibration_table(right[:1000], confidence[:1000], kind="record")
    >>> print(estimate_performance(confidence[1000:], threshold=0.8, reference=reference))
    expected accuracy 0.748 (0.711 to 0.785), 1000 rows
    answering 37.2%: 0.897 (0.856 to 0.938)
    if confidence is worth what it was; only outcomes can tell whether it is
    >>> print(f"{right[1000:].mean():.3f}")
    0.7...
    """
    p, weight = _checked(confidence, sample_weight)
    if threshold is not None:
        check_number(threshold, "threshold", low=0, high=1)
    check_number(confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True)
    shift = None
    if reference is not None:
        check_reference(reference)
        shift = shift_of(reference, p, weight)
        _warn_of(shift)
    weight = np.ones(p.size) if weight is None else weight
    gives = np.ones(p.size, bool) if threshold is None else p >= float(threshold)
    accuracy, interval = _expected(p.astype(float), weight, reference, confidence_level)
    if gives.any():
        rows = p[gives].astype(float), weight[gives]
        selective, selective_interval = _expected(*rows, reference, confidence_level)
    else:
        warn_user(
            "No answer is given at this threshold: selective_accuracy is NaN.",
            UndefinedMetricWarning,
        )
        selective, selective_interval = np.nan, (np.nan, np.nan)
    return PerformanceEstimate(
        n_rows=p.size,
        accuracy=accuracy,
        accuracy_interval=interval,
        coverage=float(weight[gives].sum() / weight.sum()),
        selective_accuracy=selective,
        selective_accuracy_interval=selective_interval,
        shift=shift,
    )


def _checked(confidence, sample_weight):
    p = check_probabilities(confidence, "confidence")
    if p.ndim == 2:
        p = p.max(axis=1)
    return drop_zero_weights(check_weights(sample_weight, p.size), p)


def _warn_of(shift):
    if shift.outside > _OUTSIDE:
        warn_user(
            f"{shift.outside:.1%} of the confidences are where the reference has none: nothing is known "
            "about their accuracy. Label some of them."
        )
    elif shift.pvalue < _PVALUE and shift.distance > _DISTANCE:
        warn_user(
            f"Confidences have moved: {shift.distance:.1%} would have to go back to other bins to look "
            f"like the reference (p = {shift.pvalue:.2g}). The rows may be of another kind; label some "
            "of them."
        )


def _expected(p, weight, reference, level):
    """Expected accuracy and its interval.

    Two errors are independent: that of the reference's mean outcome in each bin, which all rows of the
    bin share, and that of the outcomes to come.
    """
    share = weight / weight.sum()
    mean, variance, unknown = p, 0.0, np.zeros(p.size, bool)
    if reference is not None:
        cell = cells_of(reference, p)
        unknown = cell < 0
        mean = np.where(unknown, p, np.clip(p - reference.gap[cell], 0, 1))
        of_bin = np.bincount(cell[~unknown], share[~unknown], minlength=len(reference))
        # One added success and failure keep a bin that is all right from claiming no noise.
        shrunk = (reference.sum_outcome + 1) / (reference.weight + 2)
        variance = np.sum(of_bin**2 * shrunk * (1 - shrunk) / reference.weight)
    variance += np.sum(share**2 * mean * (1 - mean))
    estimate = float(share @ mean)
    half = ndtri((1 + level) / 2) * np.sqrt(variance)
    low = estimate - half - share[unknown] @ p[unknown]
    high = estimate + half + share[unknown] @ (1 - p[unknown])
    return estimate, (max(0.0, float(low)), min(1.0, float(high)))
