"""Cumulative calibration errors: no bins, no kernel, and a p-value."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.cumulative_error import (
    brownian_maximum_sf,
    brownian_range_sf,
    cumulative_differences,
    noise_of_sum,
)
from sklearn_calib._events import inference_events
from sklearn_calib._validation import check_option
from sklearn_calib.metrics._recalibration_curve import one_curve

_ROUNDING = 1e-15  # what the sum of differences that are all zero may be


class CumulativeError(NamedTuple):
    """A cumulative calibration error and its significance.

    Attributes
    ----------
    statistic : float
        In [0, 1], on the scale of probabilities; 0 is perfect.
    pvalue : float
        Probability of at least this error if every outcome is 1 with its stated probability.
    """

    statistic: float
    pvalue: float


def cumulative_calibration_error(
    y_true,
    y_proba,
    *,
    statistic="range",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
):
    r"""Cumulative calibration error: the largest sum of gaps over an interval of probabilities.

    Rows are ordered by probability and their differences added up,
    :math:`C_k = \frac{1}{n} \sum_{i \le k} (p_{(i)} - o_{(i)})`, with :math:`C_0 = 0`:

    * ``"max"``: :math:`\max_k |C_k|` is ECCE-MAD [1]_, the Kolmogorov-Smirnov error of [2]_;
    * ``"range"``: :math:`\max_k C_k - \min_k C_k` is ECCE-R, the Kuiper form: the largest sum over
      any interval of probabilities, so that it also sees an error that another interval cancels.

    Nothing is to be chosen, sums do not follow noise as bins do, and at perfect calibration the
    distribution is known: that of Brownian motion, whose tail gives the p-value.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    statistic : {"range", "max"}, default="range"
        Which of the two.
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
    result : CumulativeError
        Named tuple of ``statistic``, in [0, 1], and ``pvalue``. Where all probabilities are 0 or 1
        nothing may fail: the p-value is 1 if nothing did, else 0.

    Raises
    ------
    ValueError
        With the kinds "classwise" and "top_label", which are one curve per class.

    See Also
    --------
    spiegelhalter_z : A test of one direction.

    Notes
    -----
    Rows of equal probability have no order: sums count at the end of each tie. Then there are fewer
    places where the sum may peak, and the p-value is conservative; so it is for graded outcomes, whose
    variance is at most that of a 0/1 outcome. It is asymptotic: good from about 100 rows on that are
    not all but certain.

    **Bias.** At perfect calibration and probabilities all over [0, 1] the range is about
    :math:`0.62\, n^{-1/2}` and the maximum :math:`0.5\, n^{-1/2}`. An error that changes sign within
    short intervals is averaged out, as in wide bins.

    References
    ----------
    .. [1] Arrieta-Ibarra, Gujral, Tannen, Tygert and Xu (2022). Metrics of Calibration for
       Probabilistic Predictions. JMLR 23(351). :arxiv:`2205.09680`
    .. [2] Gupta, Rahimi, Ajanthan, Mensink, Sminchisescu and Hartley (2021). Calibration of Neural
       Networks using Splines. ICLR. :arxiv:`2006.12800`

    Examples
    --------
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> from sklearn_calib.metrics import cumulative_calibration_error
    >>> games = load_nfl_forecasts()
    >>> decided = games.target != 0.5
    >>> error = cumulative_calibration_error(games.target[decided], games.data[decided])
    >>> print(f"{error.statistic:.3f}, p = {error.pvalue:.2f}")
    0.032, p = 0.01
    """
    check_option(statistic, "statistic", ("range", "max"))
    events = inference_events(
        y_true,
        y_proba,
        kind=one_curve(kind),
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    path = cumulative_differences(*events[:3])
    noise = noise_of_sum(events.probability, events.weight)
    if statistic == "max":
        error, tail = float(np.max(np.abs(path))), brownian_maximum_sf
    else:
        error, tail = float(np.ptp(path)), brownian_range_sf
    if error <= _ROUNDING:
        return CumulativeError(error, 1.0)
    return CumulativeError(error, tail(error / noise) if noise > 0 else 0.0)
