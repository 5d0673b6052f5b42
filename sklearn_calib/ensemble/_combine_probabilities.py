"""One probability out of several."""

from sklearn_calib._core import ensemble
from sklearn_calib._validation import check_option
from sklearn_calib.ensemble._probas import check_members

METHODS = {
    "mean": ensemble.arithmetic_mean,
    "geometric_mean": ensemble.geometric_mean,
    "vote": ensemble.vote_share,
}


def combine_probabilities(probas, *, method="mean", weights=None):
    r"""Probabilities of an ensemble from those of its members.

    Parameters
    ----------
    probas : array-like of shape (n_members, n_samples, n_classes) or (n_members, n_samples)
        Probabilities of each member; two dimensions hold the probability of the positive class. Rows of
        classes sum to 1. A row of a member that is all NaN means that it says nothing there: the others
        then share its weight.
    method : {"mean", "geometric_mean", "vote"}, default="mean"
        "mean" is the weighted mean (linear pool); less sure than its members where they disagree.
        "geometric_mean" is the mean of the log-probabilities, for two classes of the log-odds
        (logarithmic pool); a member that excludes a class, with a zero, all but excludes it for all.
        "vote" is the share of the votes; a member votes for the class of its largest probability, the
        first one where several tie.
    weights : array-like of shape (n_members,), default=None
        Non-negative weights of the members; None weighs them equally.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
        Rows sum to 1; two columns for two-dimensional `probas`.

    Raises
    ------
    ValueError
        If `method` is unknown, or as `disagreement` does.

    See Also
    --------
    disagreement : How far the members are from each other.
    EnsembleClassifier : The same from estimators.

    References
    ----------
    Genest and Zidek (1986). Combining Probability Distributions: A Critique and an Annotated
    Bibliography. Statistical Science 1(1):114-135. :doi:`10.1214/ss/1177013825`

    Examples
    --------
    >>> from sklearn_calib.ensemble import combine_probabilities
    >>> probas = [[0.6], [0.7], [0.99]]
    >>> for method in ("mean", "geometric_mean", "vote"):
    ...     print(method, combine_probabilities(probas, method=method).round(3))
    mean [[0.237 0.763]]
    geometric_mean [[0.125 0.875]]
    vote [[0. 1.]]
    """
    check_option(method, "method", tuple(METHODS))
    return METHODS[method](*check_members(probas, weights))
