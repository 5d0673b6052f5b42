"""How far the members of an ensemble disagree."""

from sklearn_calib._core import ensemble
from sklearn_calib._validation import check_option
from sklearn_calib.ensemble._probas import check_members

MEASURES = {
    "vote_share": ensemble.dissenting_vote,
    "variation_ratio": ensemble.variation_ratio,
    "vote_entropy": ensemble.vote_entropy,
    "pairwise_disagreement": ensemble.pairwise_disagreement,
    "predictive_entropy": ensemble.total_uncertainty,
    "mutual_information": ensemble.epistemic_uncertainty,
    "winner_variance": ensemble.winner_variance,
    "max_kl": ensemble.max_divergence,
}


def disagreement(probas, *, measure="mutual_information", weights=None):
    r"""Disagreement of the members of an ensemble, for each row.

    Members are models, prompts, seeds or folds; no estimator is needed. All measures are at least 0 and
    grow with disagreement. All but "predictive_entropy" are 0 where the members say the same.

    ========================  ===================================================  ======================
    measure                   value of a row                                       at most
    ========================  ===================================================  ======================
    "vote_share"              1 - share of the votes for the answer of the mean    1
    "variation_ratio"         1 - share of the votes for the most voted class      1 - 1/k
    "vote_entropy"            entropy of the shares of the votes                   log k
    "pairwise_disagreement"   share of the pairs of members with different votes   1
    "predictive_entropy"      entropy of the mean: total uncertainty               log k
    "mutual_information"      mean of :math:`KL(p_m \| \bar p)`: epistemic         log k
                              uncertainty, the score of BALD [1]_
    "winner_variance"         variance of the probability of the mean's answer     1/4
    "max_kl"                  largest :math:`KL(p_m \| \bar p)` of a member        -log of its weight
    ========================  ===================================================  ======================

    :math:`p_m` are the probabilities of member m, :math:`\bar p` their weighted mean. A member votes
    for the class of its largest probability, the first one where several tie. Logarithms are natural.

    Parameters
    ----------
    probas : array-like of shape (n_members, n_samples, n_classes) or (n_members, n_samples)
        Probabilities of each member; two dimensions hold the probability of the positive class. Rows of
        classes sum to 1. A row of a member that is all NaN means that it says nothing there: the others
        then share its weight.
    measure : str, default="mutual_information"
        One of the above.
    weights : array-like of shape (n_members,), default=None
        Non-negative weights of the members; None weighs them equally. A weight of 2 is the member
        twice, except that "pairwise_disagreement" pairs no member with itself.

    Returns
    -------
    value : ndarray of shape (n_samples,)
        Disagreement of each row.

    Raises
    ------
    ValueError
        If `measure` is unknown, `probas` has another shape, values outside [0, 1], rows that do not sum
        to 1 or a row that no member says anything about, or `weights` do not fit.

    See Also
    --------
    uncertainty : The split into aleatoric and epistemic uncertainty.
    EnsembleClassifier : The same from estimators.
    SignalCalibrator : Turn a score and the disagreement into a probability.

    References
    ----------
    .. [1] Houlsby, Huszar, Ghahramani and Lengyel (2011). Bayesian Active Learning for Classification
       and Preference Learning. :arxiv:`1112.5745`

    Examples
    --------
    Three members agree on the first row; on the second each is sure of something else.

    >>> from sklearn_calib.ensemble import disagreement
    >>> probas = [
    ...     [[0.8, 0.1, 0.1], [0.9, 0.1, 0.0]],
    ...     [[0.8, 0.1, 0.1], [0.0, 0.9, 0.1]],
    ...     [[0.8, 0.1, 0.1], [0.1, 0.0, 0.9]],
    ... ]
    >>> disagreement(probas).round(2)
    array([0.  , 0.77])
    >>> disagreement(probas, measure="pairwise_disagreement")
    array([0., 1.])
    """
    check_option(measure, "measure", tuple(MEASURES))
    return MEASURES[measure](*check_members(probas, weights))
