"""Which way the error goes: over- and underconfidence."""

import numpy as np

from sklearn_calib._core.calibration_error import signed_errors
from sklearn_calib._events import calibration_events
from sklearn_calib.metrics._calibration_table import (
    DEFAULT_N_BINS,
    DEFAULT_STRATEGY,
    first_moments,
)


def overconfidence_error(
    y_true,
    y_proba,
    *,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
):
    r"""Overconfident part of the calibration error: bins whose confidence is above their accuracy.

    .. math:: \sum_b w_b \max(\mathrm{conf}_b - \mathrm{acc}_b, 0)

    Over- and underconfidence add up to the expected calibration error, and their difference is the mean
    gap.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
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
        In [0, 1].

    See Also
    --------
    underconfidence_error : The other part.
    mean_calibration_gap : Their difference, which needs no bins.
    expected_calibration_error : Their sum, with its bias.

    Examples
    --------
    >>> from sklearn_calib.metrics import overconfidence_error
    >>> round(overconfidence_error([0, 0, 1, 1], [0.2, 0.2, 0.7, 0.7]), 3)
    0.1
    """
    return signed_errors(
        first_moments(
            y_true,
            y_proba,
            sample_weight=sample_weight,
            pos_label=pos_label,
            labels=labels,
            kind=kind,
            n_bins=n_bins,
            strategy=strategy,
        )
    )[0]


def underconfidence_error(
    y_true,
    y_proba,
    *,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
):
    r"""Underconfident part of the calibration error: bins whose confidence is below their accuracy.

    .. math:: \sum_b w_b \max(\mathrm{acc}_b - \mathrm{conf}_b, 0)

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
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
        In [0, 1].

    See Also
    --------
    overconfidence_error : The other part.

    Examples
    --------
    >>> from sklearn_calib.metrics import underconfidence_error
    >>> round(underconfidence_error([0, 0, 1, 1], [0.2, 0.2, 0.7, 0.7]), 3)
    0.15
    """
    return signed_errors(
        first_moments(
            y_true,
            y_proba,
            sample_weight=sample_weight,
            pos_label=pos_label,
            labels=labels,
            kind=kind,
            n_bins=n_bins,
            strategy=strategy,
        )
    )[1]


def mean_calibration_gap(
    y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None, kind="auto"
):
    """Mean confidence minus accuracy: positive is overconfident.

    The plainest number of all: unbiased, without bins, and zero for a model that is too sure here and
    not sure enough there. Also called calibration-in-the-large, or bias.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
        "top_label" is the same as "confidence"; "classwise" is 0 by definition, and an error.

    Returns
    -------
    gap : float
        In [-1, 1].

    See Also
    --------
    overconfidence_error : Gaps of one sign, per bin.
    calibration_intercept : The same on the scale of log-odds.

    Examples
    --------
    >>> from sklearn_calib.metrics import mean_calibration_gap
    >>> round(mean_calibration_gap([1, 0, 1, 0], [0.9, 0.8, 0.9, 0.6], kind="record"), 3)
    0.3
    """
    if kind == "classwise":
        raise ValueError(
            "kind='classwise' has a mean gap of 0 by definition: probabilities and labels both sum to "
            "1 in each row. Use 'confidence', or one class alone: y_true == k with y_proba[:, k]."
        )
    events = calibration_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    p = events.probability.astype(float, copy=False)
    return float(np.average(p - events.outcome, weights=events.weight))
