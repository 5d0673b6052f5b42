"""Fit a model and let it answer rows that it was not fitted on."""

from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._cross_fit import cross_fit
from sklearn_calib.selective._confidence import answers_and_confidence, check_states_confidence


class HeldOut(NamedTuple):
    """Indices of the rows held out, the answers to them and how sure these are."""

    rows: np.ndarray
    answer: np.ndarray
    confidence: np.ndarray


def fit_model(owner, X, y, fit_params):
    """Fit a clone of `owner.estimator` on all rows; a frozen one is only checked."""
    if isinstance(owner.estimator, FrozenEstimator):
        check_is_fitted(owner.estimator)
        fitted = owner.estimator
        _check_labels_known(fitted, y)
    else:
        fitted = clone(owner.estimator).fit(X, y, **fit_params)
    check_states_confidence(fitted, owner.confidence)
    return fitted


def fit_and_hold_out(owner, X, y, fit_params, split_params):
    """Return the fitted model, as `owner` wants it, and its answers to rows held out."""

    def ask(fitted, X):
        return answers_and_confidence(fitted, X, owner.confidence)

    if isinstance(owner.estimator, FrozenEstimator):
        fitted = fit_model(owner, X, y, fit_params)
        return fitted, HeldOut(np.arange(y.size), *ask(fitted, X))
    fitted = fit_model(owner, X, y, fit_params) if owner.refit else None
    splits = list(check_cv(owner.cv, y, classifier=True).split(X, y, **split_params))
    if not owner.refit:
        _check_single_split(splits)
    folds = cross_fit(
        owner.estimator,
        X,
        y,
        ask,
        cv=splits,
        fit_params=fit_params,
        split_params={},
        n_jobs=owner.n_jobs,
    )
    answer, confidence = map(np.concatenate, zip(*(fold[2] for fold in folds), strict=True))
    rows = np.concatenate([test for _, test in splits])
    return fitted or folds[0][0], HeldOut(rows, answer, confidence)


def _check_labels_known(fitted, y):
    """Raise if a model can be right about no row, as one fitted on codes of the labels."""
    known, present = np.asarray(fitted.classes_).tolist(), np.unique(y).tolist()
    if set(known).isdisjoint(present):
        raise ValueError(
            f"The frozen estimator knows the classes {known!r}, of which y holds none; it holds "
            f"{present[:5]!r}."
        )


def _check_single_split(splits):
    if len(splits) != 1:
        raise ValueError(
            "refit=False keeps the one model that was fitted without the held-out rows: cv must be a "
            f"single split, such as ShuffleSplit(1, test_size=0.3); it has {len(splits)}."
        )
    train, test = splits[0]
    both = np.intersect1d(train, test)
    if both.size:
        raise ValueError(f"cv must hold rows out; row {both[0]} is in both parts of the split.")
