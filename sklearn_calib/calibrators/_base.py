"""The calibrator contract: a small classifier on scores."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_calib._core.labels import encode
from sklearn_calib._core.scores import Scores, learn_floor
from sklearn_calib._validation import (
    check_labels,
    check_logits,
    check_number,
    check_option,
    check_same_length,
    check_unit_range,
    check_weights,
    drop_zero_weights,
)


class BaseCalibrator(ClassifierMixin, BaseEstimator):
    """Labels to codes, scores to `Scores`, weights to positive weights; children do the rest.

    Think twice before adding anything here: every calibrator inherits it. A child has the parameters
    `input` and `classes`, and two methods on clean arrays::

        _fit(scores, code, weight)     learn from `Scores`, integer codes and positive weights
        _predict_proba(scores)         probabilities of shape (n, n_classes), rows summing to 1

    `weight` is None without weights; rows of zero weight are gone.
    """

    n_features_in_: int

    def fit(self, X, y, sample_weight=None):
        """Learn the map from scores to probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes), (n_samples, 1) or (n_samples,)
            Scores: probabilities or logits, as `input` tells, with columns in the order of the sorted
            labels. One column is the score of the last class of two.
        y : array-like of shape (n_samples,)
            True labels, of any kind.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights. Integer weights equal repeated rows, zero weights absent rows.

        Returns
        -------
        self : object
            The fitted calibrator.
        """
        self._fit(*self._clean(X, y, sample_weight, classes=self.classes, reset=True))
        return self

    def predict_proba(self, X):
        """Calibrated probabilities of all classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes), (n_samples, 1) or (n_samples,)
            Scores of the same kind as in `fit`.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Rows sum to 1; columns in the order of `classes_`.
        """
        check_is_fitted(self)
        return self._predict_proba(self._scores(self._validated(X, reset=False)))

    def predict(self, X):
        """Label of the largest calibrated probability.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes), (n_samples, 1) or (n_samples,)
            Scores of the same kind as in `fit`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            One of `classes_` for each row; the first one where probabilities tie.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _clean(self, X, y, sample_weight, *, classes, reset):
        """Scores, codes and positive weights (or None) of calibration rows; sets `classes_`."""
        check_option(self.input, "input", ("proba", "logits"))
        values = self._validated(X, reset=reset)
        y = check_labels(y, "y")
        check_same_length(X=values, y=y)
        weight = check_weights(sample_weight, y.size)
        code = self._encode(y, values.shape[1], classes)
        values, code, weight = drop_zero_weights(weight, values, code)
        return self._scores(values), code, weight

    def _validated(self, X, *, reset):
        """Scores of shape (n, n_columns), float32 or float64, checked for their kind."""
        dtype = [np.float64, np.float32]
        if not hasattr(X, "shape"):
            X = check_array(X, ensure_2d=False, dtype=dtype, estimator=self, input_name="X")
        if len(X.shape) == 1 and (reset or self.n_features_in_ == 1):
            X = np.asarray(X).reshape(-1, 1)
        if not self._is_clean(X, dtype) or not (reset or X.shape[1] == self.n_features_in_):
            X = validate_data(self, X, dtype=dtype, reset=reset)
        elif reset:
            self.n_features_in_ = X.shape[1]
        if self.input == "proba":
            return check_unit_range(X, "X")
        return check_logits(X, "X", few_are_small=not reset)

    def _is_clean(self, X, dtype):
        """Whether `validate_data`, which takes longer than many a fit, would change and say nothing.

        What is not finite is found with the range of the scores.
        """
        plain = type(X) is np.ndarray and X.ndim == 2 and X.size > 0 and X.dtype in dtype
        return plain and not hasattr(self, "feature_names_in_")

    def _encode(self, y, n_columns, given):
        """Codes of the labels; sets `classes_`, one per column (two for one column)."""
        if y.dtype.kind not in "biu":  # integers are labels, however many there are
            check_classification_targets(y)
        present, code = encode(y)
        classes = present if given is None else _given_classes(given, present)
        if classes.size < 2:
            raise ValueError(
                f"y holds one class only, {present.tolist()[0]!r}; at least two classes are needed. "
                "Name all labels in the parameter `classes` if the others are just absent from y."
            )
        if classes.size != max(n_columns, 2):
            raise ValueError(
                f"X must have one column per class: it has {n_columns}, y has {classes.size} classes. "
                "Name all labels in the parameter `classes` if some are absent from y."
            )
        self.classes_ = classes
        return code if present.size == classes.size else np.searchsorted(classes, present)[code]

    def _scores(self, values):
        return Scores(values[:, 0] if values.shape[1] == 1 else values, self.input)


def _given_classes(given, present):
    """Sorted labels as given, which must hold those that are present."""
    classes = check_labels(given, "classes")
    unknown = present[~np.isin(present, classes)]
    if unknown.size:
        raise ValueError(f"y holds {unknown.tolist()[0]!r}, which is not in classes={given!r}.")
    if not np.array_equal(classes, np.unique(classes)):
        raise ValueError(f"classes must be sorted and distinct; got {given!r}.")
    return classes


def floor_in_use(eps, scores):
    """The parameter `eps` of a calibrator that takes logarithms: itself, or learnt from the scores."""
    if eps is None:
        return learn_floor(scores)
    n_classes = scores.values.shape[1] if scores.values.ndim == 2 else 2
    check_number(eps, "eps", low=0, high=1 / n_classes, low_open=True)
    return float(eps)
