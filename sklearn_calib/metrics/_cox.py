"""Calibration intercept and slope on the scale of log-odds (Cox)."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from sklearn_calib._core.logistic import fit_logistic
from sklearn_calib._core.scores import Scores, learn_floor
from sklearn_calib._events import calibration_events
from sklearn_calib._validation import check_number
from sklearn_calib._warn import warn_user
from sklearn_calib.metrics._recalibration_curve import one_curve

_INFINITE = (
    "The outcomes are separable by their probability, so that the calibration {} is infinite; returned "
    "is that of Platt's targets, as if one more row of each outcome had been seen."
)


def calibration_slope(
    y_true, y_proba, *, eps=None, sample_weight=None, pos_label=None, labels=None, kind="auto"
):
    r"""Calibration slope: how much the log-odds should be stretched (Cox 1958).

    The slope :math:`b` of the logistic regression :math:`\operatorname{logit} P(o = 1) = a + b
    \operatorname{logit} p` by weighted maximum likelihood. 1 is perfect; below 1 the forecasts are too
    extreme (overconfident), above 1 too timid, below 0 the wrong way round. One over the slope is a
    temperature.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    eps : float in (0, 0.5), default=None
        Smallest p and 1 - p whose logarithm is taken. None changes nothing unless there are zeros; then
        it is half the smallest positive value among p and 1 - p.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights that count as numbers of rows; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more.

    Returns
    -------
    slope : float
        Finite. Where the outcomes are separable, as in an all-correct batch, there is no finite
        optimum: Platt's targets replace them and a warning tells so. Where all probabilities are equal
        the slope is undetermined and 1.

    Raises
    ------
    ValueError
        With the kinds "classwise" and "top_label", which are one regression per class.

    See Also
    --------
    calibration_intercept : The level, with the slope held at 1.
    sklearn_calib.calibrators.SigmoidCalibrator : The same regression as a remedy.

    References
    ----------
    .. [1] Cox (1958). Two further applications of a model for binary regression. Biometrika
       45:562-565. :doi:`10.1093/biomet/45.3-4.562`
    .. [2] Van Calster, McLernon, van Smeden, Wynants and Steyerberg (2019). Calibration: the Achilles
       heel of predictive analytics. BMC Medicine 17:230. :doi:`10.1186/s12916-019-1466-7`

    Examples
    --------
    Right 3 of 4 times at 90 % and wrong 3 of 4 times at 10 %: log-odds of 3 where 9 was said, which is
    the square root.

    >>> from sklearn_calib.metrics import calibration_slope
    >>> y_true, y_proba = [1, 1, 1, 0, 0, 0, 0, 1], [0.9] * 4 + [0.1] * 4
    >>> round(calibration_slope(y_true, y_proba), 4)
    0.5
    """
    z, outcome, weight = _log_odds_events(
        y_true, y_proba, eps, one_curve(kind), sample_weight, pos_label, labels
    )
    fit = fit_logistic([z], outcome, weight, start=np.array([1.0, 0.0]))
    if not fit.finite:
        warn_user(_INFINITE.format("slope"))
    return float(fit.coef[0])


def calibration_intercept(
    y_true, y_proba, *, eps=None, sample_weight=None, pos_label=None, labels=None, kind="auto"
):
    r"""Calibration intercept: how far the log-odds should be shifted (Cox 1958).

    The intercept :math:`a` of :math:`\operatorname{logit} P(o = 1) = a + \operatorname{logit} p` by
    weighted maximum likelihood, the slope held at 1. 0 is perfect; negative values mean probabilities
    that are too high. It makes the mean forecast equal the mean outcome.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    eps : float in (0, 0.5), default=None
        Smallest p and 1 - p whose logarithm is taken. See `calibration_slope`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights that count as numbers of rows; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more.

    Returns
    -------
    intercept : float
        In log-odds, finite. Where all outcomes are 1, or all 0, the optimum is infinite: Platt's
        targets replace them and a warning tells so.

    Raises
    ------
    ValueError
        With the kinds "classwise" and "top_label", which are one regression per class.

    See Also
    --------
    calibration_slope : The spread, with references.
    mean_calibration_gap : The level on the scale of probabilities.

    Examples
    --------
    Right half of the time (log-odds 0) at 90 % (log-odds log 9 = 2.197):

    >>> from sklearn_calib.metrics import calibration_intercept
    >>> round(calibration_intercept([1, 0], [0.9, 0.9]), 3)
    -2.197
    """
    z, outcome, weight = _log_odds_events(
        y_true, y_proba, eps, one_curve(kind), sample_weight, pos_label, labels
    )
    weight = np.ones(z.size) if weight is None else weight
    total, right = weight.sum(), weight @ outcome
    share = right / total
    if not 0 < share < 1:
        share = (right + 1) / (total + 2)
        warn_user(_INFINITE.format("intercept"))

    def excess(intercept):
        return weight @ expit(intercept + z) / total - share

    # If all log-odds were the largest, or the smallest, the intercept would be one of these.
    low, high = logit(share) - z.max(), logit(share) - z.min()
    if excess(low) >= 0:
        return float(low)
    return float(high) if excess(high) <= 0 else float(brentq(excess, low, high, xtol=1e-12))


def _log_odds_events(y_true, y_proba, eps, kind, sample_weight, pos_label, labels):
    """Log-odds, outcome and weight of the events."""
    if eps is not None:
        check_number(eps, "eps", low=0, high=0.5, low_open=True, high_open=True)
    events = calibration_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    scores = Scores(events.probability.astype(float, copy=False), "proba")
    z = scores.log_odds(learn_floor(scores) if eps is None else eps)
    return z, events.outcome, events.weight
