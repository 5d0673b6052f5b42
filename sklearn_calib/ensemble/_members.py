"""The fitted members inside an ensemble, whatever its kind, without refitting any of them."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_calib._calibrated import CalibratedClassifier

_OF_LABELS = (CalibratedClassifier, CalibratedClassifierCV)
_OF_CODES = (VotingClassifier, BaggingClassifier, RandomForestClassifier, ExtraTreesClassifier)
_ACCEPTED = (
    "a list of classifiers, or one VotingClassifier, BaggingClassifier, RandomForestClassifier, "
    "ExtraTreesClassifier, CalibratedClassifier or CalibratedClassifierCV (also as the last step of a "
    "Pipeline)"
)


class Member(NamedTuple):
    """A fitted classifier, the labels of its columns, and the columns of X it takes (None: all)."""

    estimator: Any
    labels: np.ndarray
    features: np.ndarray | None = None

    def predict_proba(self, X, classes):
        """Probabilities with one column per class of `classes`; without any, its vote is sure."""
        if self.features is not None:
            X = X[:, self.features]
        if hasattr(self.estimator, "predict_proba"):
            columns = np.asarray(self.estimator.predict_proba(X), dtype=np.float64)
        else:
            own = getattr(self.estimator, "classes_", self.labels)
            columns = (np.asarray(self.estimator.predict(X))[:, None] == own).astype(np.float64)
        proba = np.zeros((columns.shape[0], classes.size))
        proba[:, np.searchsorted(classes, self.labels)] = columns
        return proba


class Opened(NamedTuple):
    """Members, all their classes, their weights (None: equal) and what is done to X before them."""

    members: list[Member]
    classes: np.ndarray
    weights: np.ndarray | None = None
    steps: tuple = ()


def open_list(estimators):
    """Members that are classifiers of their own."""
    for estimator in estimators:
        _check_one_output(estimator)
    labels = [np.asarray(estimator.classes_) for estimator in estimators]
    if len({kind.dtype.kind in "OUS" for kind in labels}) > 1:
        raise TypeError("The members were fitted on labels of different kinds, text and numbers.")
    members = [Member(e, own) for e, own in zip(estimators, labels, strict=True)]
    return Opened(members, np.unique(np.concatenate(labels)))


def open_ensemble(fitted):
    """Members inside one fitted ensemble."""
    if isinstance(fitted, FrozenEstimator):
        return open_ensemble(fitted.estimator)
    if hasattr(fitted, "best_estimator_"):  # a search
        return open_ensemble(fitted.best_estimator_)
    if isinstance(fitted, Pipeline) and len(fitted) > 1:
        opened = open_ensemble(fitted[-1])
        return opened._replace(steps=(fitted[:-1].transform, *opened.steps))
    if hasattr(fitted, "_opened"):  # an EnsembleClassifier
        return fitted._opened
    if not isinstance(fitted, (*_OF_LABELS, *_OF_CODES)):
        raise TypeError(f"members must be {_ACCEPTED}; got {fitted!r}.")
    check_is_fitted(fitted)
    _check_one_output(fitted)
    if isinstance(fitted, _OF_CODES):
        return _open_codes(fitted, fitted.classes_)
    members = [Member(pair, fitted.classes_) for pair in fitted.calibrated_classifiers_]
    return Opened(members, fitted.classes_)


def _check_one_output(fitted):
    if isinstance(fitted.classes_, list):
        raise ValueError(f"members must predict one label per row; {fitted!r} has several outputs.")


def _open_codes(fitted, classes):
    """Members that know the positions of the labels only."""
    labels = [classes[np.asarray(e.classes_, dtype=np.intp)] for e in fitted.estimators_]
    features = getattr(fitted, "estimators_features_", None) or [None] * len(labels)
    members = [Member(*m) for m in zip(fitted.estimators_, labels, features, strict=True)]
    if isinstance(fitted, VotingClassifier):
        return Opened(members, classes, _voting_weights(fitted))
    return Opened(members, classes, steps=(partial(_as_array, fitted),))


def _voting_weights(voting):
    """Weights of the members that were not dropped."""
    if voting.weights is None:
        return None
    pairs = zip(voting.estimators, voting.weights, strict=True)
    return np.array([weight for (_, member), weight in pairs if member != "drop"], dtype=float)


def _as_array(fitted, X):
    """An array or sparse matrix: members of bagging and of forests know no column names."""
    return validate_data(
        fitted, X, reset=False, accept_sparse="csr", dtype=None, ensure_all_finite=False
    )
