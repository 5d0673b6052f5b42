"""Agreement of an ensemble as the confidence of an abstaining classifier."""

import numpy as np

from sklearn_calib._validation import check_option
from sklearn_calib.ensemble._disagreement import MEASURES
from sklearn_calib.ensemble._ensemble_classifier import EnsembleClassifier


def agreement_confidence(estimator, X, *, measure="mutual_information"):
    """Agreement of the members of a fitted ensemble: 1 where they say the same, less where not.

    A confidence function of :class:`~sklearn_calib.AbstainingClassifier`: it orders rows, its values are
    no probabilities of being right.

    Parameters
    ----------
    estimator : fitted EnsembleClassifier, or fitted ensemble
        An `EnsembleClassifier`, or what `EnsembleClassifier.from_fitted` opens, such as a forest.
    X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        Rows to predict.
    measure : str, default="mutual_information"
        Which disagreement, as in `disagreement`. To choose another as a confidence function, use
        ``functools.partial(agreement_confidence, measure="vote_share")``.

    Returns
    -------
    confidence : ndarray of shape (n_samples,)
        In [0, 1], of the disagreement d: 1 - d for shares and variances, 1 - d / log(n_classes) for
        entropies and "mutual_information", exp(-d) for "max_kl".

    Raises
    ------
    ValueError
        If `measure` is unknown.
    TypeError
        If `estimator` is no ensemble whose members are known.

    See Also
    --------
    disagreement : The measures.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn_calib.ensemble import agreement_confidence
    >>> X, y = load_digits(return_X_y=True)
    >>> forest = RandomForestClassifier(20, random_state=0).fit(X[:1000], y[:1000])
    >>> agreement_confidence(forest, X[1000:1004]).round(2)
    array([0.52, 0.52, 0.91, 0.83])
    """
    check_option(measure, "measure", tuple(MEASURES))
    if not hasattr(estimator, "disagreement"):
        estimator = EnsembleClassifier.from_fitted(estimator)
    value = estimator.disagreement(X, measure=measure)
    if measure == "max_kl":
        return np.exp(-value)
    if measure in ("vote_entropy", "predictive_entropy", "mutual_information"):
        value = value / np.log(max(len(estimator.classes_), 2))
    return np.clip(1 - value, 0, 1)
