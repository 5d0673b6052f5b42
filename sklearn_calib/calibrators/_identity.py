"""The calibrator that changes nothing: what every other one must beat."""

from sklearn_calib.calibrators._base import BaseCalibrator


class IdentityCalibrator(BaseCalibrator):
    """Return the probabilities as they are.

    The baseline in comparisons and searches. Logits become probabilities by the softmax (one column of
    log-odds by the logistic function); rows of probabilities are divided by their sum, which undoes
    rounding.

    Parameters
    ----------
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    Examples
    --------
    >>> from sklearn_calib.calibrators import IdentityCalibrator
    >>> IdentityCalibrator().fit([0.2, 0.9], [0, 1]).predict_proba([0.7])
    array([[0.3, 0.7]])
    """

    def __init__(self, *, input="proba", classes=None):
        self.input = input
        self.classes = classes

    def _fit(self, scores, code, weight):
        pass  # nothing to learn

    def _predict_proba(self, scores):
        proba = scores.proba()
        return proba / proba.sum(axis=1, keepdims=True)
