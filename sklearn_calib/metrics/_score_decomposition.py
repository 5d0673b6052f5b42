"""What a proper score is made of: miscalibration, discrimination and uncertainty."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.decomposition import Brier, LogLoss, isotonic_pools, terms
from sklearn_calib._core.isotonic import pool_outcomes
from sklearn_calib._events import calibration_events, split_by_group
from sklearn_calib._validation import check_option
from sklearn_calib._warn import warn_user
from sklearn_calib.metrics._calibration_table import (
    DEFAULT_N_BINS,
    DEFAULT_STRATEGY,
    table_of_events,
)

_SCORES = {"brier": Brier, "log_loss": LogLoss}


class ScoreDecomposition(NamedTuple):
    """Score = miscalibration - discrimination + uncertainty + within_bin.

    Attributes
    ----------
    score : float
        Mean score of the forecasts; smaller is better.
    miscalibration : float
        What recalibration would gain; 0 is perfect.
    discrimination : float
        What the recalibrated forecasts gain over always forecasting the base rate; larger is better.
    uncertainty : float
        Score of the base rate: a property of the outcomes.
    within_bin : float
        Score that is lost by giving all forecasts of a bin their mean, of either sign; 0 with
        ``method="isotonic"``, which needs no bins.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    within_bin: float


def score_decomposition(
    y_true,
    y_proba,
    *,
    loss="brier",
    method="isotonic",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
):
    r"""Miscalibration, discrimination and uncertainty of the Brier score or the log loss.

    With the mean score :math:`S`, forecasts :math:`x`, recalibrated forecasts :math:`c` and the base
    rate :math:`r`,

    .. math::
        S(x) = \underbrace{S(x) - S(c)}_{\text{miscalibration}}
        - \underbrace{(S(r) - S(c))}_{\text{discrimination}} + \underbrace{S(r)}_{\text{uncertainty}}.

    ``method="isotonic"`` is CORP [1]_: :math:`c` is the isotonic regression of the outcomes on the
    forecasts, which has no bins to choose, and all terms are at least 0. ``method="bins"`` is Murphy's
    [2]_: :math:`c` is the accuracy of a bin and :math:`x` its mean forecast; what the bins hide is the
    fifth term, ``within_bin`` [3]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    loss : {"brier", "log_loss"}, default="brier"
        The proper score: mean of :math:`(p - o)^2`, or of :math:`-o \log p - (1 - o) \log(1 - p)` (in
        nats) over events of probability p and outcome o.
    method : {"isotonic", "bins"}, default="isotonic"
        How forecasts are recalibrated.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "top_label", "classwise", "record"}, default="auto"
        What is compared with what. With "classwise" and "top_label" each class has its own terms, whose
        mean by weight is returned; class-wise, n_classes times the Brier terms are those of the
        multiclass Brier score (the sum over classes).
    n_bins : int or "cube_root", default=10
        Number of bins of ``method="bins"``.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width or of equal weight, with ``method="bins"``.

    Returns
    -------
    decomposition : ScoreDecomposition
        Named tuple of floats: ``score``, ``miscalibration``, ``discrimination``, ``uncertainty`` and
        ``within_bin``. A forecast of exactly 0 or 1 that fails has infinite log loss: then ``score``
        and ``miscalibration`` (with bins, ``within_bin``) are inf, and a warning tells so.

    See Also
    --------
    recalibration_curve : The isotonic fit itself.
    calibration_error : With ``norm="l2", squared=True`` it is Murphy's miscalibration of the Brier
        score.

    Notes
    -----
    **Bias.** The isotonic fit follows noise: at perfect calibration the miscalibration is positive,
    about :math:`0.5\, n^{-2/3}` for the Brier score and probabilities all over [0, 1] (0.005 for a
    thousand rows), and the discrimination too large by as much; with bins it is
    :math:`B\,\overline{p (1 - p)} / n`. Compare forecasts of the same events.

    Graded outcomes are allowed: isotonic regression gives their conditional mean, for which both
    scores are proper. Their uncertainty is that of the outcomes about the base rate.

    References
    ----------
    .. [1] Dimitriadis, Gneiting and Jordan (2021). Stable reliability diagrams for probabilistic
       classifiers. PNAS 118(8). :doi:`10.1073/pnas.2016191118`
    .. [2] Murphy (1973). A new vector partition of the probability score. Journal of Applied
       Meteorology 12:595-600.
    .. [3] Stephenson, Coelho and Jolliffe (2008). Two extra components in the Brier score
       decomposition. Weather and Forecasting 23:752-757. :doi:`10.1175/2007WAF2006116.1`

    Examples
    --------
    The forecaster says 20 % where it is 0 of 2, and 70 % where it is 1 of 2:

    >>> from sklearn_calib.metrics import score_decomposition
    >>> terms = score_decomposition([0, 0, 0, 1], [0.2, 0.2, 0.7, 0.7])
    >>> print(f"{terms.score:.4f} = {terms.miscalibration:.4f} - {terms.discrimination:.4f}"
    ...       f" + {terms.uncertainty:.4f}")
    0.1650 = 0.0400 - 0.0625 + 0.1875
    """
    check_option(loss, "loss", tuple(_SCORES))
    check_option(method, "method", ("isotonic", "bins"))
    events = calibration_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    parts = split_by_group(events)
    if method == "isotonic":
        results = [_isotonic(part, _SCORES[loss]) for part in parts]
    else:
        results = [
            _binned(part, _SCORES[loss], n_bins, strategy, labels=events.group_names)
            for part in parts
        ]
    mass = [_mass(part).sum() for part in parts]
    result = ScoreDecomposition(*np.average(results, axis=0, weights=mass).tolist())
    if np.isinf(result.score):
        warn_user(
            "The log loss is infinite: a forecast of exactly 0 or 1 failed. Its miscalibration is too."
        )
    return result


def _mass(events):
    return np.ones(events.probability.size) if events.weight is None else events.weight


def _isotonic(events, score):
    """The five numbers of events without groups."""
    weight = _mass(events)
    ties = pool_outcomes(*events[:3])
    of = terms(
        score,
        ties.score.astype(float),
        ties.weight,
        ties.positive,
        isotonic_pools(ties.weight, ties.positive),
    )
    return _numbers(of, of.forecast, _constant(score, events, weight), weight.sum())


def _binned(events, score, n_bins, strategy, labels):
    weight = _mass(events)
    table = table_of_events(events._replace(group=None), n_bins, strategy, moments=1)
    of = terms(score, table.confidence, table.weight, table.sum_outcome, np.arange(len(table)))
    exact = score.of(events.probability.astype(float), weight, weight * events.outcome)
    return _numbers(of, exact, _constant(score, events, weight), weight.sum())


def _constant(score, events, weight):
    """What the sums of the Brier score leave out: the squares of the outcomes."""
    return weight @ events.outcome**2 if score is Brier else 0.0


def _numbers(of, exact, constant, total):
    """Score, miscalibration, discrimination, uncertainty, within bin; from sums."""
    sums = (
        exact + constant,
        max(of.forecast - of.recalibrated, 0.0),  # at least 0 but for rounding
        max(of.base_rate - of.recalibrated, 0.0),
        of.base_rate + constant,
        0.0 if exact == of.forecast else exact - of.forecast,  # both may be infinite
    )
    return np.array(sums) / total
