"""A classifier and a calibrator, joined."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._any_calibrator import (
    calibrated_proba,
    check_calibrator,
    context_of,
    embed,
    fit_calibrator,
    warn_without_weights,
)
from sklearn_calib._core.scores import Scores, learn_floor
from sklearn_calib._cross_fit import cross_fit, is_partition, take_rows
from sklearn_calib._meta_classifier import MetaClassifier, check_rows, copy_input_attributes
from sklearn_calib._validation import check_option
from sklearn_calib._warn import WarnOnce


class CalibratedClassifier(MetaClassifier):
    """Classifier whose probabilities are corrected by a calibrator.

    The calibrator learns from scores of rows that the classifier was not fitted on: by cross-fitting,
    or, for a fitted model in a :class:`~sklearn.frozen.FrozenEstimator`, from the rows given to `fit`,
    which must then be others than the model was fitted on. The model itself is never changed.

    Parameters
    ----------
    estimator : classifier
        Any classifier with `predict_proba`, or else with `decision_function`; also a pipeline or a
        search. Wrap a fitted one in `FrozenEstimator` to keep it as it is.
    calibrator : classifier on scores
        One of the calibrators of this package, or any scikit-learn classifier: a parameter `input`
        is set to what the scores are, "proba" or (decision values) "logits"; a parameter `classes`
        to the labels. A classifier without `input` gets logits: one column of log-odds for two
        classes, else a column of log-probabilities per class. One with a parameter `context`, such as
        `ContextualCalibrator`, gets the columns of `X` that it names (or whose positions it holds)
        behind the scores.
    cv : int, cross-validation generator or iterable, default=None
        How rows are held out: None is 5 stratified folds. Not used for a frozen estimator with
        ``ensemble=False``.
    ensemble : bool or "auto", default="auto"
        True keeps one fitted classifier with its own calibrator per fold and averages their
        probabilities. False fits one calibrator on the held-out scores of all folds, which must
        then hold every row once, and the classifier on all rows. "auto" is False for a frozen
        estimator, else True.
    n_jobs : int, default=None
        Number of folds fitted at the same time; None is 1 unless in a `joblib.parallel_backend`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    calibrated_classifiers_ : list of CalibratedPair
        The fitted pairs, with attributes `estimator` and `calibrator`: one per fold, or a single one.
    n_features_in_ : int
        Number of features, if the fitted estimator tells it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Feature names, if the fitted estimator tells them.

    Warns
    -----
    UserWarning
        If weights are given that the estimator or the calibrator does not take.

    See Also
    --------
    TemperatureScaler : Calibrator that never changes the predicted class.
    AbstainingClassifier : Reject what is not confident enough; goes around this.

    Notes
    -----
    Compared with :class:`sklearn.calibration.CalibratedClassifierCV`: the calibrator is an object with
    parameters of its own that a search can reach (``calibrator__n_bins``); probabilities come before
    decision values, since they are what is to be corrected; labels are encoded once, so that any kind
    works with any calibrator.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.metrics import log_loss
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.naive_bayes import BernoulliNB
    >>> from sklearn_calib import CalibratedClassifier, TemperatureScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> X, X_test, y, y_test = train_test_split(X > 8, y, random_state=0, stratify=y)
    >>> honest = CalibratedClassifier(BernoulliNB(), TemperatureScaler()).fit(X, y)
    >>> f"{log_loss(y_test, BernoulliNB().fit(X, y).predict_proba(X_test)):.2f}"
    '0.56'
    >>> f"{log_loss(y_test, honest.predict_proba(X_test)):.2f}"
    '0.39'
    """

    def __init__(self, estimator, calibrator, *, cv=None, ensemble="auto", n_jobs=None):
        self.estimator = estimator
        self.calibrator = calibrator
        self.cv = cv
        self.ensemble = ensemble
        self.n_jobs = n_jobs

    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the classifier (unless frozen) and its calibrator.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Whatever the estimator accepts.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, for the calibrator and for the estimator if its `fit` takes them.
        **fit_params : dict
            Without metadata routing: `groups` for the splitter, the rest for `estimator.fit`. With
            it: whatever the parts request.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        check_option(self.ensemble, "ensemble", ("auto", True, False))
        check_calibrator(self.calibrator, "calibrator")
        X, y, weight = check_rows(X, y, sample_weight)
        if weight is not None:
            warn_without_weights(self.calibrator)
        estimator_params, split_params = self._route_fit(weight, fit_params)
        frozen = isinstance(self.estimator, FrozenEstimator)
        self.classes_ = _frozen_classes(self.estimator, y) if frozen else np.unique(y)
        ensemble = (not frozen) if self.ensemble == "auto" else self.ensemble
        if frozen and not ensemble:
            pairs = [self._pair(self.estimator, class_scores(self.estimator, X), X, y, weight)]
        else:
            folds = cross_fit(
                self.estimator,
                X,
                y,
                class_scores,
                cv=self.cv,
                fit_params=estimator_params,
                split_params=split_params,
                n_jobs=self.n_jobs,
            )
            if ensemble:
                with WarnOnce():
                    pairs = [
                        self._pair(
                            fitted,
                            scores,
                            take_rows(X, test),
                            y[test],
                            None if weight is None else weight[test],
                        )
                        for fitted, test, scores in folds
                    ]
            else:
                scores = _out_of_fold(folds, self.classes_, y.size)
                fitted = clone(self.estimator).fit(X, y, **estimator_params)
                pairs = [self._pair(fitted, scores, X, y, weight)]
        self.calibrated_classifiers_ = pairs
        copy_input_attributes(self, pairs[0].estimator)
        return self

    def predict_proba(self, X):
        """Calibrated probabilities.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Mean over the pairs; rows sum to 1, columns in the order of `classes_`.
        """
        check_is_fitted(self)
        pairs = self.calibrated_classifiers_
        return sum(pair.predict_proba(X) for pair in pairs) / len(pairs)

    def predict(self, X):
        """Label of the largest calibrated probability.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            One of `classes_` for each row; the first one where probabilities tie.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _pair(self, estimator, scores, X, y, weight):
        return _fit_pair(estimator, self.calibrator, scores, X, y, weight, self.classes_)


@dataclass(eq=False)
class CalibratedPair:
    """A fitted classifier and the calibrator fitted on its held-out scores."""

    estimator: Any
    calibrator: Any
    classes: np.ndarray
    floor: float
    context: list

    def predict_proba(self, X):
        """Calibrated probabilities with one column per class of `classes`."""
        scores = _align(class_scores(self.estimator, X), self.classes)
        return calibrated_proba(self.calibrator, scores, self.classes, self.floor, X, self.context)


def class_scores(estimator, X):
    """Scores of a fitted classifier with the labels of their columns: probabilities, else logits."""
    if hasattr(estimator, "predict_proba"):
        return Scores(np.asarray(estimator.predict_proba(X)), "proba"), estimator.classes_
    if not hasattr(estimator, "decision_function"):
        raise TypeError(
            "estimator must be a classifier with predict_proba or decision_function; "
            f"got {estimator!r}."
        )
    values = np.asarray(estimator.decision_function(X))
    if values.ndim == 2:
        _check_one_column_per_class(estimator, X, values)
    return Scores(values, "logits"), estimator.classes_


def _check_one_column_per_class(estimator, X, values):
    """Raise on values of pairs of classes; three classes have three pairs, so that only answers tell."""
    n_columns, n_classes = values.shape[1], len(estimator.classes_)
    if n_columns == n_classes:
        answers = np.asarray(estimator.classes_)[values.argmax(axis=1)]
        if np.mean(answers == estimator.predict(X)) > 0.5:
            return
    raise ValueError(
        f"decision_function of {type(estimator).__name__} has {n_columns} columns for {n_classes} "
        "classes, the largest of which is not the predicted class (one-vs-one?); one column per class is "
        "needed."
    )


def _align(scored, classes):
    """Scores with one column per class of `classes`; a class the classifier never saw has none."""
    scores, own_classes = scored
    if len(own_classes) == len(classes):
        return scores
    if scores.input == "logits":
        missing = np.setdiff1d(classes, own_classes)
        raise ValueError(
            f"The classifier was fitted on a fold without the class {missing.tolist()[0]!r}, for "
            "which it has no decision value. Use a stratified cv."
        )
    return scores._replace(values=embed(scores.values, own_classes, classes))


def _out_of_fold(folds, classes, n_samples):
    """Scores of all rows, each by the classifier that was not fitted on it."""
    tests = [test for _, test, _ in folds]
    if not is_partition(tests, n_samples):
        raise ValueError(
            "With ensemble=False, cv must hold out every row exactly once; use ensemble=True for "
            "other splits."
        )
    parts = [_align(scores, classes) for _, _, scores in folds]
    values = np.concatenate([part.values for part in parts])
    return Scores(values[np.argsort(np.concatenate(tests))], parts[0].input), classes


def _fit_pair(estimator, calibrator, scored, X, y, weight, classes):
    scores = _align(scored, classes)
    if weight is not None and weight.any():
        rows = np.flatnonzero(weight)
        scores = scores._replace(values=scores.values[rows])
        X, y, weight = take_rows(X, rows), y[rows], weight[rows]
    floor = learn_floor(scores)
    fitted = fit_calibrator(calibrator, scores, y, weight, classes, floor, X)
    return CalibratedPair(estimator, fitted, classes, floor, context_of(calibrator))


def _frozen_classes(estimator, y):
    """Classes of a fitted model, which `y` must hold all of and nothing else."""
    check_is_fitted(estimator)
    classes = np.asarray(estimator.classes_)
    absent, unknown = np.setdiff1d(classes, y), np.setdiff1d(y, classes)
    if absent.size:
        raise ValueError(
            f"The frozen estimator knows the class {absent.tolist()[0]!r}, which is absent from y: its "
            "probability cannot be calibrated. Add rows of that class."
        )
    if unknown.size:
        raise ValueError(
            f"y holds the class {unknown.tolist()[0]!r}, which the frozen estimator does not know."
        )
    return classes
