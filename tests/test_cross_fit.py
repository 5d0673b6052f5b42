"""Rows and folds that the meta-estimators share."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, StratifiedKFold

from sklearn_calib._cross_fit import cross_fit, is_partition, take_rows

NUMBERS = np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("rows", [np.array([4, 1, 1]), np.array([], int), [5]])
@pytest.mark.parametrize(
    "make",
    [
        np.asarray,
        np.ndarray.tolist,
        pd.DataFrame,
        lambda X: pd.DataFrame(X, index=list("zyxwvu")),
        lambda X: pl.DataFrame(X, schema=["a", "b"]),
        lambda X: pa.table({"a": X[:, 0], "b": X[:, 1]}),
        sp.csr_array,
        sp.csr_matrix,
    ],
    ids=["array", "list", "pandas", "pandas index", "polars", "arrow", "csr array", "csr matrix"],
)
def test_take_rows(make, rows):
    taken = take_rows(make(NUMBERS), rows)
    if sp.issparse(taken):
        taken = taken.toarray()
    np.testing.assert_array_equal(np.asarray(taken).reshape(-1, 2), NUMBERS[rows])


def test_take_rows_of_texts_and_series():
    assert take_rows(["a", "b", "c"], np.array([2, 0])) == ["c", "a"]
    assert take_rows(pd.Series(["a", "b", "c"], index=[7, 8, 9]), [2, 0]).tolist() == ["c", "a"]


def test_is_partition():
    assert is_partition([np.array([2, 0]), np.array([1])], 3)
    assert not is_partition([np.array([2, 0])], 3)
    assert not is_partition([np.array([2, 0]), np.array([1, 0])], 3)


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it was fitted with."""

    def fit(self, X, y, sample_weight=None, extra=None, constant=None):
        self.classes_ = np.unique(y)
        self.seen_ = X, y, sample_weight, extra, constant
        return self


def predict_rows(estimator, X):
    return X[:, 0].tolist()


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_each_fold_is_fitted_on_its_training_rows(n_jobs):
    X, y = NUMBERS, np.array([0, 1, 0, 1, 0, 1])
    params = {"sample_weight": np.arange(6.0), "extra": list("abcdef"), "constant": "all"}
    folds = cross_fit(
        Recorder(), X, y, predict_rows, cv=3, fit_params=params, split_params={}, n_jobs=n_jobs
    )
    splits = list(StratifiedKFold(3).split(X, y))
    assert len(folds) == 3
    for (fitted, test, out), (train, expected_test) in zip(folds, splits, strict=True):
        np.testing.assert_array_equal(test, expected_test)
        seen_X, seen_y, weight, extra, constant = fitted.seen_
        np.testing.assert_array_equal(seen_X, X[train])
        np.testing.assert_array_equal(seen_y, y[train])
        np.testing.assert_array_equal(weight, train)
        assert extra == [params["extra"][row] for row in train]
        assert constant == "all"
        assert out == X[test, 0].tolist()


def test_the_estimator_itself_is_not_fitted():
    estimator = Recorder()
    cross_fit(
        estimator, NUMBERS, np.arange(6) % 2, predict_rows, cv=2, fit_params={}, split_params={}
    )
    assert not hasattr(estimator, "seen_")


@pytest.mark.parametrize(
    ("cv", "split_params"),
    [
        (KFold(2), {}),
        (ShuffleSplit(4, test_size=2, random_state=0), {}),
        (GroupKFold(3), {"groups": np.array([1, 1, 2, 2, 3, 3])}),
        ([([0, 1, 2], [3, 4]), ([3, 4, 5], [1])], {}),
    ],
)
def test_any_splitter(cv, split_params):
    y = np.array([0, 1, 0, 1, 0, 1])
    folds = cross_fit(
        Recorder(), NUMBERS, y, predict_rows, cv=cv, fit_params={}, split_params=split_params
    )
    splits = cv if isinstance(cv, list) else cv.split(NUMBERS, y, **split_params)
    for (_, test, out), (_, expected_test) in zip(folds, splits, strict=True):
        np.testing.assert_array_equal(test, expected_test)
        assert out == NUMBERS[test, 0].tolist()
