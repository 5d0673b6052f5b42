"""Rows that an estimator was not fitted on, to learn thresholds from."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedShuffleSplit, check_cv
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._cross_fit import cross_fit
from sklearn_calib._validation import check_number, check_weights, drop_zero_weights


class HeldOut(NamedTuple):
    """A fitted estimator, and answers to rows of positive weight: confidence, right or not, weight."""

    estimator: Any
    confidence: np.ndarray
    correct: np.ndarray
    weight: np.ndarray | None


def hold_out(owner, X, y, weight, estimator_params, split_params, predict):
    """Fit `owner.estimator` unless it is frozen, and predict rows that it was not fitted on.

    `predict(fitted, X)` returns answers and confidences. With ``owner.refit`` the estimator is fitted on
    all rows and clones of it answer the rows of each test fold; without, it is fitted on the one training
    part and is itself what answers the other rows.
    """
    if isinstance(owner.estimator, FrozenEstimator):
        check_is_fitted(owner.estimator)
        answer, confidence = predict(owner.estimator, X)
        return _of_rows(owner.estimator, np.arange(y.size), answer, confidence, y, weight)
    cv = owner.cv
    if isinstance(cv, float):
        check_number(cv, "As a share of the rows, cv", low=0, high=1, low_open=True, high_open=True)
        cv = StratifiedShuffleSplit(n_splits=1, test_size=cv, random_state=0)
    check_refit(owner, check_cv(cv, y, classifier=True).get_n_splits(X, y, **split_params))
    folds = cross_fit(
        owner.estimator,
        X,
        y,
        predict,
        cv=cv,
        fit_params=estimator_params,
        split_params=split_params,
    )
    rows = np.concatenate([test for _, test, _ in folds])
    answer, confidence = map(np.concatenate, zip(*(out for _, _, out in folds), strict=True))
    fitted = folds[0][0]
    if owner.refit:
        fitted = clone(owner.estimator).fit(X, y, **estimator_params)
    return _of_rows(fitted, rows, answer, confidence, y, weight)


def _of_rows(fitted, rows, answer, confidence, y, weight):
    held_out_weight = None
    if weight is not None:
        held_out_weight = check_weights(weight[rows], rows.size)  # those held out may all be zero
    correct = (answer == y[rows]).astype(float)
    confidence, correct, held_out_weight = drop_zero_weights(held_out_weight, confidence, correct)
    return HeldOut(fitted, confidence, correct, held_out_weight)


def check_refit(owner, n_splits):
    """Raise unless rows are held out once where the estimator is not fitted again."""
    if not owner.refit and n_splits != 1:
        raise ValueError(
            "With refit=False the estimator is fitted on one training part, so that cv must hold out "
            f"rows once: give the share to hold out, such as cv=0.3; got cv={owner.cv!r}."
        )


def check_can_promise(owner):
    """Raise where the estimator would be another one than the one that answered held-out rows."""
    if owner.refit and not isinstance(owner.estimator, FrozenEstimator):
        raise ValueError(
            f"confidence_level={owner.confidence_level!r} is about the estimator that answered the "
            "held-out rows, and refit=True would fit another one. Give a fitted estimator in a "
            "FrozenEstimator (fit then takes calibration rows only), or cv=0.3 with refit=False."
        )
