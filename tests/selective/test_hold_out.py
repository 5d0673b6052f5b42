"""Rows are answered by models that were not fitted on them."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.svm import LinearSVC

from sklearn_calib.selective._hold_out import fit_and_hold_out, fit_model


class Memory(ClassifierMixin, BaseEstimator):
    """Is sure of every row that it was fitted on, and of no other."""

    def fit(self, X, y, sample_weight=None):
        self.classes_, self.known_ = np.unique(y), set(X[:, 0].tolist())
        self.weight_ = sample_weight
        return self

    def predict_proba(self, X):
        k = self.classes_.size
        sure = np.array([row in self.known_ for row in X[:, 0].tolist()])
        proba = np.full((len(X), k), 1 / k)
        proba[sure] = np.eye(k)[0]
        return proba

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


X, Y = np.arange(12.0)[:, None], np.arange(12) % 3


def owner(estimator=None, **options):
    options = {"confidence": "probability", "refit": True, "cv": 3, "n_jobs": None, **options}
    return SimpleNamespace(estimator=estimator or Memory(), **options)


def hold_out(*args, fit_params=(), split_params=(), **options):
    return fit_and_hold_out(owner(*args, **options), X, Y, dict(fit_params), dict(split_params))


def test_every_row_is_held_out_once_and_the_model_knows_all():
    model, held_out = hold_out()
    assert sorted(held_out.rows) == list(range(12))
    np.testing.assert_allclose(held_out.confidence, 1 / 3)
    assert model.known_ == set(range(12))


def test_answers_stand_beside_their_rows():
    """The callable states the row's own feature, so that order can be checked."""
    cv = KFold(3, shuffle=True, random_state=0)
    _, held_out = hold_out(cv=cv, confidence=lambda model, X: X[:, 0])
    np.testing.assert_array_equal(held_out.confidence, held_out.rows)
    np.testing.assert_array_equal(held_out.rows, np.concatenate([test for _, test in cv.split(X)]))


def test_rows_held_out_twice_or_never():
    cv = ShuffleSplit(3, test_size=4, random_state=0)
    _, held_out = hold_out(cv=cv)
    assert held_out.rows.size == held_out.answer.size == 12
    assert np.unique(held_out.rows).size < 12
    np.testing.assert_allclose(held_out.confidence, 1 / 3)  # by none of the models that know it


def test_a_training_part_may_miss_a_class():
    """Probabilities of two classes of three: the confidence is found by the fold's own classes."""
    two, rest = np.flatnonzero(Y != 0)[:4], np.flatnonzero(Y == 0)
    _, held_out = hold_out(cv=[(two, rest)])
    np.testing.assert_array_equal(held_out.answer, 1)
    np.testing.assert_array_equal(held_out.confidence, 0.5)


def test_without_refit_the_model_of_the_only_split_is_kept():
    train, test = np.arange(9), np.arange(9, 12)
    model, held_out = hold_out(refit=False, cv=[(train, test)])
    assert model.known_ == set(range(9))
    np.testing.assert_array_equal(held_out.rows, test)


@pytest.mark.parametrize(
    ("cv", "told"),
    [
        (4, "cv must be a single split, such as ShuffleSplit.*it has 4"),
        ([([0, 1, 2], [2, 3])], "cv must hold rows out; row 2 is in both parts"),
    ],
)
def test_splits_without_refit_that_are_refused(cv, told):
    with pytest.raises(ValueError, match=told):
        hold_out(refit=False, cv=cv)


def test_fit_params_are_split_with_the_rows():
    weight = np.arange(12.0)
    train, test = np.arange(0, 12, 2), np.arange(1, 12, 2)
    params = {"sample_weight": weight}
    kept, _ = hold_out(refit=False, cv=[(train, test)], fit_params=params)
    np.testing.assert_array_equal(kept.weight_, weight[train])
    everything, _ = hold_out(fit_params=params)
    np.testing.assert_array_equal(everything.weight_, weight)


def test_a_frozen_model_answers_all_rows_as_it_is():
    frozen = FrozenEstimator(Memory().fit(X[:6], Y[:6]))
    model, held_out = hold_out(frozen)
    assert model is frozen
    np.testing.assert_array_equal(held_out.rows, np.arange(12))
    np.testing.assert_allclose(held_out.confidence, np.repeat([1, 1 / 3], 6))
    with pytest.raises(NotFittedError):
        hold_out(FrozenEstimator(Memory()))


def test_a_frozen_model_that_knows_none_of_the_labels():
    """Every answer would count as wrong; a model that knows some of them may be asked about more."""
    frozen = owner(FrozenEstimator(Memory().fit(X, Y)))
    with pytest.raises(
        ValueError, match=r"knows the classes \[0, 1, 2\], of which y holds none.*'0'"
    ):
        fit_model(frozen, X, Y.astype(str), {})
    fit_model(frozen, X, Y + 2, {})


def test_the_estimator_given_is_not_fitted():
    given = Memory()
    fitted = fit_model(owner(given), X, Y, {})
    assert fitted is not given
    assert not hasattr(given, "known_")


def test_a_confidence_that_the_model_cannot_state():
    with pytest.raises(TypeError, match="wrap LinearSVC in CalibratedClassifier"):
        fit_model(owner(LinearSVC()), X, Y, {})
    fit_model(owner(LinearSVC(), confidence=lambda model, X: X[:, 0]), X, Y, {})
