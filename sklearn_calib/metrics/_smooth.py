"""Smooth calibration error: kernel smoothing instead of bins."""

import numpy as np

from sklearn_calib._core.smooth_error import fixed_point_error, residual_spectrum, smoothed_error
from sklearn_calib._events import calibration_events, split_by_group
from sklearn_calib._validation import check_number


def smooth_calibration_error(
    y_true,
    y_proba,
    *,
    bandwidth=None,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
):
    r"""Smooth calibration error (smECE): the mean gap after smoothing with a Gaussian kernel.

    With the Gaussian kernel :math:`K_\sigma` reflected at 0 and 1,

    .. math::
        \mathrm{smECE}_\sigma = \int_0^1
        \Big|\frac{1}{n} \sum_i K_\sigma(t, p_i)\,(p_i - o_i)\Big|\,dt.

    It falls as the bandwidth grows, and the bandwidth that equals its own error is taken [1]_: then the
    error is within a constant factor of the distance to the nearest calibrated forecaster, and a small
    change of the forecasts changes it little, which bins with their jumps do not offer.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    bandwidth : float in (0, 1], default=None
        Standard deviation of the kernel, in probability; None is the fixed point.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "top_label", "classwise", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more. See
        `calibration_table`.

    Returns
    -------
    error : float
        In [0, 1]; 0 is perfect. With groups (``kind="classwise"`` and ``"top_label"``) the mean over
        the groups by weight, each with its own bandwidth.

    See Also
    --------
    calibration_error : The error of bins.

    Notes
    -----
    Sums over rows are put on one grid of 16384 steps once, after which each bandwidth is a cosine
    transform: relative to direct summation the error is below 1e-4 for bandwidths from 0.003 on.

    **Bias.** Absolute residuals of noise do not average out; at perfect calibration the error is about
    :math:`0.3\, n^{-1/3}` for probabilities all over [0, 1]: 0.03 for a thousand rows.

    References
    ----------
    .. [1] Blasiok and Nakkiran (2023). Smooth ECE: Principled Reliability Diagrams via Kernel
       Smoothing. :arxiv:`2309.12236`

    Examples
    --------
    All residuals have one sign, so that smoothing cancels nothing: the mean gap is left.

    >>> from sklearn_calib.metrics import smooth_calibration_error
    >>> round(smooth_calibration_error([1, 1, 1], [0.9, 0.8, 0.7]), 4)
    0.2
    """
    if bandwidth is not None:
        check_number(bandwidth, "bandwidth", low=0, high=1, low_open=True)
    events = calibration_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    parts = split_by_group(events)
    share = [part.probability.size if part.weight is None else part.weight.sum() for part in parts]
    spectra = (residual_spectrum(*part[:3]) for part in parts)
    errors = [
        fixed_point_error(spectrum) if bandwidth is None else smoothed_error(spectrum, bandwidth)
        for spectrum in spectra
    ]
    return float(np.average(errors, weights=share))
