"""Predictions on rows that a model was not fitted on."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.utils.parallel import Parallel, delayed


def cross_fit(estimator, X, y, predict, *, cv, fit_params, split_params, n_jobs=None):
    """Fit a clone on each training part and apply `predict(fitted, X_test)`.

    Returns a list of (fitted estimator, test rows, what `predict` returned), one per fold.
    """
    splits = list(check_cv(cv, y, classifier=True).split(X, y, **split_params))
    results = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_predict)(clone(estimator), X, y, train, test, fit_params, predict)
        for train, test in splits
    )
    return [(fitted, test, out) for (fitted, out), (_, test) in zip(results, splits, strict=True)]


def _fit_and_predict(estimator, X, y, train, test, fit_params, predict):
    n_samples = y.shape[0]
    params = {
        name: take_rows(value, train) if _n_values(value) == n_samples else value
        for name, value in fit_params.items()
    }
    estimator.fit(take_rows(X, train), y[train], **params)
    return estimator, predict(estimator, take_rows(X, test))


def n_rows(X):
    """Number of rows of what `take_rows` takes rows of."""
    return X.shape[0] if hasattr(X, "shape") else len(X)


def take_rows(X, rows):
    """Rows of an array, sparse matrix, data frame, Arrow table or list."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    if hasattr(X, "take") and not hasattr(X, "dtype"):
        return X.take(rows)  # an Arrow table; the `take` of an array flattens it
    if hasattr(X, "shape"):
        return X[rows]
    return [X[row] for row in rows]


def _n_values(value):
    if hasattr(value, "shape"):
        return value.shape[0] if value.shape else None
    return len(value) if isinstance(value, (list, tuple)) else None


def is_partition(tests, n_samples):
    """Whether the test rows of all folds are each row once."""
    return np.array_equal(np.sort(np.concatenate(tests)), np.arange(n_samples))
