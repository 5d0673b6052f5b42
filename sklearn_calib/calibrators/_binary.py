"""The one way in which binary methods become multiclass: one against the rest."""

import numpy as np

from sklearn_calib.calibrators._base import BaseCalibrator


class BinaryCalibrator(BaseCalibrator):
    """A calibrator of two classes; more are each calibrated against the rest, then normalised.

    For two classes one map takes the scores to the probability of the last one. For more, each class
    has a map of its own score against the sum of the others, and the rows of mapped probabilities are
    divided by their sum (Zadrozny and Elkan 2002, doi:10.1145/775047.775151). A class without rows, or
    without rows of any other, has a constant map: (s + 1) / (n + 2) for s of n rows of the class.

    A child has two methods on `Scores` of two classes::

        _fit_binary(scores, positive, weight)    return the parameters of a map, of any type
        _predict_binary(scores, parameters)      probability of the positive class, shape (n,)

    `positive` is boolean with both values, `weight` positive or None. What all maps need, such as the
    floor below a logarithm, a child learns in `_fit` before it calls this one. Attributes set here:
    `_maps`, the list of parameters (one for two classes, else one per class), and `class_prior_`.
    """

    def _fit(self, scores, code, weight):
        n_classes = self.classes_.size
        share = np.bincount(code, weight, minlength=n_classes).astype(float)
        self.class_prior_ = share / share.sum()
        classes = [1] if n_classes == 2 else range(n_classes)
        one_label = np.count_nonzero(share) == 1
        self._maps = [
            ConstantMap((share[k] + 1) / (share.sum() + 2))
            if one_label or share[k] == 0
            else self._fit_binary(binary, code == k, weight)
            for k, binary in zip(classes, scores.one_vs_rest(), strict=True)
        ]

    def _predict_proba(self, scores):
        columns = [
            self._predict_map(binary, parameters)
            for binary, parameters in zip(scores.one_vs_rest(), self._maps, strict=True)
        ]
        if self.classes_.size == 2:
            return np.column_stack([1 - columns[0], columns[0]])
        proba = np.column_stack(columns)
        proba[proba.sum(axis=1) == 0] = self.class_prior_
        return proba / proba.sum(axis=1, keepdims=True)

    def _predict_map(self, scores, parameters):
        if isinstance(parameters, ConstantMap):
            return np.full(scores.values.shape[0], parameters.value, dtype=scores.values.dtype)
        return self._predict_binary(scores, parameters)


class ConstantMap:
    """The map of a class that calibration rows say nothing about."""

    def __init__(self, value):
        self.value = float(value)
