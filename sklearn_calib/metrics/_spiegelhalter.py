"""Spiegelhalter's z: is the Brier score what the forecasts themselves expect?"""

from typing import NamedTuple

from scipy.special import ndtr

from sklearn_calib._core import calibration_tests
from sklearn_calib._events import inference_events
from sklearn_calib.metrics._recalibration_curve import one_curve


class SpiegelhalterZ(NamedTuple):
    """Spiegelhalter's statistic.

    Attributes
    ----------
    statistic : float
        About standard normal at perfect calibration; positive where the Brier score is worse than the
        forecasts expect, as it is with overconfidence.
    pvalue : float
        Two-sided.
    """

    statistic: float
    pvalue: float


def spiegelhalter_z(
    y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None, kind="auto"
):
    r"""Spiegelhalter's z: a test of calibration by the Brier score [1]_.

    If every outcome is 1 with its stated probability, the Brier score has a known mean and variance;

    .. math::
        z = \frac{\sum (o - p)(1 - 2p)}{\sqrt{\sum (1 - 2p)^2\, p (1 - p)}}

    is its standardised distance. Positive values mean forecasts too far from 0.5 (overconfident),
    negative ones too near. It needs no bins, and it does not see an error that leaves the Brier score
    as expected, such as equal shifts of forecasts around 0.5.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies: a row of weight 3 is three rows. Others are
        scaled so that they sum to the effective number of rows ``(sum w)^2 / sum w^2``.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more.

    Returns
    -------
    result : SpiegelhalterZ
        Named tuple of ``statistic`` and ``pvalue``. Where the variance is 0, all forecasts being 0, 0.5
        or 1, the statistic is 0 (p-value 1) if nothing contradicts them, else infinite (p-value 0).

    Raises
    ------
    ValueError
        With the kinds "classwise" and "top_label", which are one test per class.

    See Also
    --------
    cumulative_calibration_error : A test that sees every direction.

    Notes
    -----
    For graded outcomes, whose variance is at most p (1 - p), the test is conservative.

    References
    ----------
    .. [1] Spiegelhalter (1986). Probabilistic prediction in patient management and clinical trials.
       Statistics in Medicine 5:421-433. :doi:`10.1002/sim.4780050506`

    Examples
    --------
    Right half of the time at 90 %:

    >>> from sklearn_calib.metrics import spiegelhalter_z
    >>> result = spiegelhalter_z([1, 0] * 10, [0.9] * 20)
    >>> print(f"z = {result.statistic:.2f}, p = {result.pvalue:.1g}")
    z = 5.96, p = 2e-09
    """
    events = inference_events(
        y_true,
        y_proba,
        kind=one_curve(kind),
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    z = calibration_tests.spiegelhalter_z(events)
    return SpiegelhalterZ(z, float(2 * ndtr(-abs(z))))
