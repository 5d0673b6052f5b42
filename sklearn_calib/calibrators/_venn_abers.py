"""Venn-Abers calibration: isotonic regression that tells what one more row could change."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._core.venn_abers import fit_venn_abers, merge_interval, predict_interval
from sklearn_calib.calibrators._binary import BinaryCalibrator, ConstantMap


class VennAbersCalibrator(BinaryCalibrator):
    r"""Isotonic regression twice for every row: as if its label were 0, and as if it were 1.

    The inductive Venn-Abers predictor adds a row to the calibration rows and fits isotonic regression
    to all of them, first with the label 0 for this row (not the last class), then with 1. The isotonic
    values of the row are :math:`p_0 < p_1`. If calibration rows and new rows are exchangeable, the
    one that belongs to the true label is perfectly calibrated, whatever the distribution and however
    few the rows. The interval is narrow where calibration rows are many, wide where they are few:
    `predict_interval`. Within it, `predict_proba` takes the probability of least regret in log loss:

    .. math:: \hat p = \frac{p_1}{1 - p_0 + p_1}

    It does not decrease with the score and is never 0 or 1: after :math:`n` calibration rows both
    :math:`p_1` and :math:`1 - p_0` are at least :math:`1 / (n + 1)`, so it lies between
    :math:`1 / (n + 2)` and :math:`(n + 1) / (n + 2)`, and the log loss is finite. Where all scores are
    equal it is :math:`(s + 1) / (n + 2)` for :math:`s` of :math:`n` rows, Laplace's rule of
    succession.

    More classes are calibrated one against the rest, and rows of merged probabilities are divided by
    their sum. The predicted class may then change.

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
    class_prior_ : ndarray of shape (n_classes,)
        Weighted share of each class in `y`.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    See Also
    --------
    IsotonicCalibrator : One isotonic regression, continuous in the score.

    Notes
    -----
    Nothing is fitted again for a new row: both values are slopes of greatest convex minorants that one
    isotonic fit and a sweep in each direction determine for all scores, in O(n log n). They are those of
    the definition, not an approximation.

    Calibration rows may have weights; the added row has the weight 1. Calibration scores that differ by
    rounding only (16 units in the last place of a float64, as equal rows of a model may) are one score. A
    new score that differs from a calibration score by rounding (64 units, as two ways to compute a logit
    may) counts as equal to it, unless it is closer to another one. A logit is first turned into its
    probability: log-odds above 37 all are the probability 1 (17 in float32).

    References
    ----------
    .. [1] Vovk, Petej and Fedorova (2015). Large-scale probabilistic predictors with and without
       guarantees of validity. NeurIPS. :arxiv:`1511.00213`
    .. [2] Vovk and Petej (2014). Venn-Abers predictors. UAI. :arxiv:`1211.0025`

    Examples
    --------
    Ten rows say 0.9, of which six are positive; two rows say 0.2, of which none is:

    >>> from sklearn_calib import VennAbersCalibrator
    >>> score, label = [0.9] * 10 + [0.2] * 2, [1] * 6 + [0] * 6
    >>> calibrator = VennAbersCalibrator().fit(score, label)
    >>> lower, upper = calibrator.predict_interval([0.2, 0.9])
    >>> lower  # 0 of 3, and 6 of 11
    array([0.        , 0.54545455])
    >>> upper  # 1 of 3, and 7 of 11
    array([0.33333333, 0.63636364])
    >>> calibrator.predict_proba([0.2, 0.9])[:, 1]  # 1 / 4, and 7 / 12
    array([0.25      , 0.58333333])
    """

    def __init__(self, *, input="proba", classes=None):
        self.input = input
        self.classes = classes

    def predict_interval(self, X):
        """Lower and upper calibrated probability of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes), (n_samples, 1) or (n_samples,)
            Scores of the same kind as in `fit`.

        Returns
        -------
        lower, upper : ndarray of shape (n_samples,) or (n_samples, n_classes)
            The isotonic values :math:`p_0 < p_1` in [0, 1]. For two classes those of the last one
            (of the first: 1 - upper and 1 - lower). For more, those of each class against the rest,
            with columns in the order of `classes_`; their rows do not sum to 1.
        """
        check_is_fitted(self)
        scores = self._scores(self._validated(X, reset=False))
        bounds = [
            self._interval(binary, parameters)
            for binary, parameters in zip(scores.one_vs_rest(), self._maps, strict=True)
        ]
        lower, upper = (np.column_stack(columns) for columns in zip(*bounds, strict=True))
        if len(bounds) == 1:
            lower, upper = lower[:, 0], upper[:, 0]
        dtype = scores.values.dtype
        return lower.astype(dtype, copy=False), upper.astype(dtype, copy=False)

    def _fit_binary(self, scores, positive, weight):
        return fit_venn_abers(scores.positive(), positive, weight)

    def _predict_binary(self, scores, parameters):
        merged = merge_interval(*self._interval(scores, parameters))
        return merged.astype(scores.values.dtype, copy=False)

    def _interval(self, scores, parameters):
        if isinstance(parameters, ConstantMap):
            bounds = _constant_interval(parameters.value)
            return tuple(np.full(scores.values.shape[0], bound) for bound in bounds)
        return predict_interval(parameters, scores.positive())


def _constant_interval(value):
    """The interval of equal scores that merges to value = (s + 1) / (n + 2), with s = 0 or s = n."""
    total = 1 / min(value, 1 - value) - 2
    positive = total if value > 0.5 else 0.0
    return positive / (total + 1), (positive + 1) / (total + 1)
