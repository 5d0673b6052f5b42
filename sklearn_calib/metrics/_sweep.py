"""Calibration error with as many bins as keep the accuracies in order."""

import numpy as np

from sklearn_calib._core.monotone_sweep import sweep
from sklearn_calib._events import calibration_events, split_by_group
from sklearn_calib._validation import check_option


def sweep_calibration_error(
    y_true,
    y_proba,
    *,
    norm="l1",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
):
    r"""Calibration error with the largest number of bins whose accuracies do not decrease.

    More bins see more of an error and more noise. If accuracy truly grows with confidence, an accuracy
    below that of the bin before is noise: the sweep [1]_ adds bins of equal weight, one by one, until
    that happens, and takes the last number before. There is no number of bins to choose.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    norm : {"l1", "l2"}, default="l1"
        Mean of the absolute gaps, or root of the mean of their squares.
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
        In [0, 1]; 0 is perfect. With groups (``kind="classwise"`` and ``"top_label"``) each has its own
        number of bins, and gaps are averaged over the bins of all.

    See Also
    --------
    calibration_error : With bins of your choice.

    Notes
    -----
    **Bias.** The number of bins grows with the rows, so that the bias falls slowly: at perfect
    calibration it is about :math:`0.28\, n^{-1/3}` for probabilities all over [0, 1], less than that of
    ten bins up to about 2 000 rows and more beyond.

    If the accuracies of all single values are in order, each distinct value is a bin; otherwise no more
    than 4096 bins are tried. Equal probabilities are never split between bins, so that a step may add
    none.

    References
    ----------
    .. [1] Roelofs, Cain, Shlens and Mozer (2022). Mitigating Bias in Calibration Error Estimation.
       AISTATS. :arxiv:`2012.08668`

    Examples
    --------
    Two bins, of accuracy 0 and 0.5, are in order; three, of 0, 1 and 0, are not:

    >>> from sklearn_calib.metrics import sweep_calibration_error
    >>> round(sweep_calibration_error([0, 0, 1, 0], [0.2, 0.2, 0.6, 0.8]), 3)
    0.2
    """
    check_option(norm, "norm", ("l1", "l2"))
    events = calibration_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    parts = split_by_group(events)
    swept = [sweep(part.probability, part.outcome, part.weight) for part in parts]
    share = [part.probability.size if part.weight is None else part.weight.sum() for part in parts]
    power = 1 if norm == "l1" else 2
    errors = [np.sum(of_bin * np.abs(p - o) ** power) for of_bin, p, o in swept]
    return float(np.average(errors, weights=share) ** (1 / power))
