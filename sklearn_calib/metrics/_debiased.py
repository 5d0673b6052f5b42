"""The squared calibration error of bins without the part that is noise."""

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib._core.calibration_error import debiased_l2_squared_error
from sklearn_calib._events import calibration_events, count_rows
from sklearn_calib._validation import check_option
from sklearn_calib._warn import warn_user
from sklearn_calib.metrics._calibration_table import (
    DEFAULT_N_BINS,
    DEFAULT_STRATEGY,
    table_of_events,
)


def debiased_calibration_error(
    y_true,
    y_proba,
    *,
    squared=True,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
):
    r"""Squared calibration error of bins, unbiased: it may be negative.

    The plug-in error :math:`\sum_b w_b (\mathrm{conf}_b - \mathrm{acc}_b)^2` squares noise, so that it
    is positive at perfect calibration. Here the square of each bin's mean gap is estimated from pairs of
    different rows, whose noise is independent: with :math:`d = p - o` in the :math:`n_b` rows of a bin,

    .. math::
        \sum_b w_b\, \frac{(\sum d)^2 - \sum d^2}{n_b (n_b - 1)}.

    Its expectation is the squared error of the population at these bins, 0 at perfect calibration; an
    estimate below 0 says that the gaps are smaller than noise would make them.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    squared : bool, default=True
        False returns the root of the squared error where that is positive, else 0; the root is on the
        scale of probabilities, but no longer unbiased.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies: a row of weight 3 is three rows. Others are
        scaled so that they sum to the effective number of rows ``(sum w)^2 / sum w^2``.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "top_label", "classwise", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more. See
        `calibration_table`.
    n_bins : int or "cube_root", default=10
        Number of bins.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width or of equal weight.

    Returns
    -------
    error : float
        In [-1, 1], with ``squared=False`` in [0, 1]. NaN, with an `UndefinedMetricWarning`, where no
        bin has a weight above 1.

    See Also
    --------
    calibration_error : The plug-in error, ``norm="l2", squared=True``.

    Notes
    -----
    A bin of one row says nothing about its own noise and counts as zero; use bins that hold many. Bins
    are averages: an error that changes sign within a bin is not seen, so that this is a lower bound of
    the error before binning [1]_. Edges of ``strategy="quantile"`` are taken as given.

    Kumar et al. subtract :math:`\mathrm{acc}_b (1 - \mathrm{acc}_b) / (n_b - 1)`, the noise of a bin
    whose forecasts are all equal; [2]_ has the general form for which forecasts within a bin may differ
    and outcomes may be graded. Where the forecasts of a bin are equal both are the same number.

    References
    ----------
    .. [1] Kumar, Liang and Ma (2019). Verified Uncertainty Calibration. NeurIPS. :arxiv:`1909.10155`
    .. [2] Broecker (2012). Estimating reliability and resolution of probability forecasts through
       decomposition of the empirical score. Climate Dynamics 39:655-667.
       :doi:`10.1007/s00382-011-1191-1`

    Examples
    --------
    Two of four right where 60 % was stated: a gap of 0.1 is less than noise makes of four rows.

    >>> from sklearn_calib.metrics import debiased_calibration_error
    >>> round(debiased_calibration_error([1, 0, 1, 0], [0.6] * 4, kind="record"), 4)
    -0.0733
    """
    check_option(squared, "squared", (True, False))
    events = calibration_events(
        y_true,
        y_proba,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
        kind=kind,
    )
    error = debiased_l2_squared_error(table_of_events(count_rows(events), n_bins, strategy))
    if np.isnan(error):
        warn_user(
            "The debiased error is undefined and set to NaN: no bin holds two rows. Weights count as "
            "numbers of rows.",
            UndefinedMetricWarning,
        )
    return error if squared else float(np.sqrt(np.maximum(error, 0)))
