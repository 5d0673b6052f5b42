"""Routing by confidence: tiers of a classifier, and what scikit-learn expects of it."""

import pickle
from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedShuffleSplit,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
)
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sklearn_calib import CalibratedClassifier, ConfidenceRouter, TemperatureScaler
from sklearn_calib.selective import SelectedTiers, select_tiers

TIERS = [("answer", 0.9), ("ask", 0.6)]

# Small samples do not fill every tier, and say so.
pytestmark = pytest.mark.filterwarnings("ignore:Tier '.*' is empty:UserWarning")


def problem(n_samples=600, n_classes=3, coding=None):
    X, y = make_classification(
        n_samples, n_features=6, n_informative=4, n_classes=n_classes, flip_y=0.2, random_state=0
    )
    return X, y if coding is None else np.array(coding)[y]


def split(n_samples=3000, **arguments):
    """A fitted classifier, and rows that it has not seen."""
    X, y = problem(n_samples, **arguments)
    half = n_samples // 2
    return FrozenEstimator(GaussianNB().fit(X[:half], y[:half])), X[half:], y[half:]


def confidence_of(classifier, X):
    return classifier.predict_proba(X).max(axis=1)


@pytest.mark.parametrize("level", [None, 0.9])
def test_a_frozen_model_is_kept_and_judged_on_the_rows_given(level):
    frozen, X, y = split()
    router = ConfidenceRouter(frozen, tiers=TIERS, confidence_level=level).fit(X, y)
    assert router.estimator_ is frozen
    expected = select_tiers(
        frozen.predict(X) == y, confidence_of(frozen, X), tiers=TIERS, confidence_level=level
    )
    assert isinstance(router.tiers_, SelectedTiers)
    assert str(router.tiers_) == str(expected)
    assert router.guarantee_ == expected.guarantee
    np.testing.assert_array_equal(router.route(X), expected.route(confidence_of(frozen, X)))
    assert len(set(router.route(X))) > (level is None)


def test_each_tier_has_its_accuracy():
    frozen, X, y = split(24_000, n_classes=2)
    tiers = [("answer", 0.8), ("ask", 0.55)]
    router = ConfidenceRouter(frozen, tiers=tiers, confidence_level=0.9).fit(X[:3000], y[:3000])
    X, y = X[3000:], y[3000:]
    action = router.route(X)
    for tier in router.tiers_:
        if tier.certified:
            inside = action == tier.action
            accuracy, noise = router.score(X[inside], y[inside]), 1 / np.sqrt(inside.sum())
            assert accuracy >= tier.target_accuracy - noise
    assert sum(tier.certified for tier in router.tiers_) == 2


def test_predict_is_total_and_the_estimators_own():
    X, y = problem(coding=["a", "b", "c"])
    router = ConfidenceRouter(GaussianNB(), tiers=TIERS).fit(X, y)
    plain = GaussianNB().fit(X, y)
    np.testing.assert_array_equal(router.predict(X), plain.predict(X))
    np.testing.assert_array_equal(router.predict_proba(X), plain.predict_proba(X))
    assert router.score(X, y) == plain.score(X, y)


def test_rows_are_held_out_to_find_the_tiers():
    X, y = problem()
    router = ConfidenceRouter(GaussianNB(), tiers=TIERS, cv=3).fit(X, y)
    proba = cross_val_predict(GaussianNB(), X, y, cv=3, method="predict_proba")
    expected = select_tiers(
        proba.argmax(axis=1) == y, proba.max(axis=1), tiers=TIERS, confidence_level=None
    )
    for ours, theirs in zip(router.tiers_, expected, strict=True):
        assert astuple(ours)[:7] == astuple(theirs)[:7]


@pytest.mark.parametrize("level", [None, 0.9])
@pytest.mark.parametrize(
    "cv",
    [
        StratifiedShuffleSplit(1, test_size=0.4, random_state=0),
        ShuffleSplit(1, test_size=0.4, random_state=0),
        PredefinedSplit([-1, 0] * 300),
    ],
)
def test_without_refit_the_judged_estimator_is_the_one_in_use(cv, level):
    X, y = problem()
    router = ConfidenceRouter(GaussianNB(), tiers=TIERS, cv=cv, refit=False, confidence_level=level)
    router.fit(X, y)
    ((train, test),) = cv.split(X, y)
    fitted = GaussianNB().fit(X[train], y[train])
    np.testing.assert_array_equal(router.predict_proba(X), fitted.predict_proba(X))
    expected = select_tiers(
        fitted.predict(X[test]) == y[test],
        confidence_of(fitted, X[test]),
        tiers=TIERS,
        confidence_level=level,
    )
    assert str(router.tiers_) == str(expected)


def test_a_promise_needs_the_estimator_that_was_judged():
    X, y = problem()
    for cv in (None, 5, ShuffleSplit(1)):
        with pytest.raises(
            ValueError, match=r"guaranteed only for .*FrozenEstimator .*refit=False"
        ):
            ConfidenceRouter(GaussianNB(), confidence_level=0.9, cv=cv).fit(X, y)
    for cv in (None, 5):
        with pytest.raises(ValueError, match="cv must be a single split"):
            ConfidenceRouter(GaussianNB(), confidence_level=0.9, cv=cv, refit=False).fit(X, y)
    frozen, X, y = split()
    with pytest.raises(ValueError, match="cannot be weighted"):
        ConfidenceRouter(frozen, confidence_level=0.9).fit(X, y, sample_weight=np.ones(y.size))


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"tiers": [("a", 0.8), ("b", 0.9)]}, ValueError, "must decrease"),
        ({"tiers": None}, ValueError, "tiers must be a sequence"),
        ({"otherwise": "answer"}, ValueError, "must differ"),
        ({"confidence_level": 1.5}, ValueError, r"confidence_level must be in \(0, 1\)"),
        ({"confidence_level": "high"}, TypeError, "confidence_level must be a number"),
        ({"confidence": 3}, TypeError, "confidence must be one of"),
    ],
)
def test_wrong_parameters(parameters, error, message):
    X, y = problem()
    with pytest.raises(error, match=message):
        ConfidenceRouter(GaussianNB(), **parameters).fit(X, y)


def test_an_estimator_without_probabilities():
    with pytest.raises(TypeError, match="wrap LinearSVC in CalibratedClassifier"):
        ConfidenceRouter(LinearSVC()).fit(*problem())
    assert not hasattr(ConfidenceRouter(LinearSVC()), "predict_proba")


def test_a_frozen_model_must_be_fitted():
    with pytest.raises(NotFittedError):
        ConfidenceRouter(FrozenEstimator(GaussianNB())).fit(*problem())
    with pytest.raises(NotFittedError):
        ConfidenceRouter(GaussianNB()).route(problem()[0])


@pytest.mark.parametrize(
    "coding", [["no", "yes"], [False, True], [-1, 1], [1, 2], np.array(["no", "yes"], dtype=object)]
)
def test_labels_of_any_kind(coding):
    X, y = problem(n_classes=2)
    plain = ConfidenceRouter(GaussianNB(), tiers=TIERS).fit(X, y)
    coded = ConfidenceRouter(GaussianNB(), tiers=TIERS).fit(X, np.asarray(coding)[y])
    np.testing.assert_array_equal(coded.route(X), plain.route(X))
    np.testing.assert_array_equal(coded.predict(X), np.asarray(coding)[plain.predict(X)])


def test_one_class_and_a_class_unseen_in_calibration():
    X, _ = problem()
    router = ConfidenceRouter(DummyClassifier(), tiers=TIERS).fit(X, np.full(600, "a"))
    assert set(router.route(X)) == {"answer"}
    frozen, X, y = split()
    router = ConfidenceRouter(frozen, tiers=TIERS, confidence_level=0.9).fit(X[y > 0], y[y > 0])
    np.testing.assert_array_equal(router.classes_, [0, 1, 2])


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-2]}, cv=2),
        CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=2),
        TunedThresholdClassifierCV(GaussianNB(), cv=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_outermost_around_everything(estimator):
    X, y = problem(n_classes=2)
    router = ConfidenceRouter(
        estimator,
        tiers=TIERS,
        cv=ShuffleSplit(1, test_size=0.4, random_state=0),
        refit=False,
        confidence_level=0.8,
    )
    router.fit(X, y)
    actions = router.route(X)
    assert set(actions) <= {"answer", "ask", "defer"}
    scores = cross_val_score(router, X, y, cv=2, n_jobs=2)
    assert scores.min() > 0.5


def test_other_confidences_and_jobs():
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    margin = ConfidenceRouter(GaussianNB(), tiers=TIERS, confidence="margin", n_jobs=2).fit(X, y)
    proba = np.sort(margin.predict_proba(X), axis=1)
    action = margin.tiers_.route(proba[:, -1] - proba[:, -2])
    np.testing.assert_array_equal(margin.route(X), action)
    column = ConfidenceRouter(GaussianNB(), tiers=TIERS, confidence="c").fit(frame, y)
    np.testing.assert_array_equal(column.route(frame), column.tiers_.route(X[:, 2]))


def test_pickle_clone_and_a_second_fit():
    X, y = problem()
    router = ConfidenceRouter(GaussianNB(), tiers=TIERS, cv=2)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    router.fit(frame, np.array(["a", "b", "c"])[y])
    np.testing.assert_array_equal(router.feature_names_in_, list("abcdef"))
    copied = pickle.loads(pickle.dumps(router))
    np.testing.assert_array_equal(copied.route(frame), router.route(frame))
    fresh = clone(router).fit(X, y)
    again = router.fit(X, y)
    assert vars(again).keys() == vars(fresh).keys()
    np.testing.assert_array_equal(again.route(X), fresh.route(X))


def test_sparse_features():
    X, y = problem()
    router = ConfidenceRouter(BernoulliNB(), tiers=TIERS, cv=2)
    sparse = clone(router).fit(sp.csr_array(X), y)
    router.fit(X, y)
    np.testing.assert_array_equal(sparse.route(sp.csr_array(X)), router.route(X))


@pytest.mark.parametrize("routing", [False, True])
def test_groups(routing):
    X, y = problem()
    groups = np.arange(y.size) % 5
    router = ConfidenceRouter(GaussianNB(), tiers=TIERS, cv=GroupKFold(5))
    with sklearn.config_context(enable_metadata_routing=routing):
        router.fit(X, y, groups=groups)
    cv = list(GroupKFold(5).split(X, y, groups))
    proba = cross_val_predict(GaussianNB(), X, y, cv=cv, method="predict_proba")
    inside = proba.max(axis=1) >= router.tiers_["answer"].lower
    assert router.tiers_["answer"].count == inside.sum()


def test_weights_are_those_of_the_estimator_and_of_the_tiers():
    X, y = problem()
    weight = np.random.default_rng(0).integers(0, 3, y.size).astype(float)
    weighted = ConfidenceRouter(GaussianNB(), tiers=TIERS, cv=2).fit(X, y, sample_weight=weight)
    expected = GaussianNB().fit(X, y, sample_weight=weight).predict_proba(X)
    np.testing.assert_array_equal(weighted.predict_proba(X), expected)
    with sklearn.config_context(enable_metadata_routing=True):
        piped = make_pipeline(GaussianNB().set_fit_request(sample_weight=True))
        routed = ConfidenceRouter(piped, tiers=TIERS, cv=2).fit(X, y, sample_weight=weight)
    assert str(routed.tiers_) == str(weighted.tiers_)
    frozen, X, y = split()
    weight = np.random.default_rng(0).integers(0, 3, y.size)
    rows = np.repeat(np.arange(y.size), weight)
    weighted = ConfidenceRouter(frozen, tiers=TIERS).fit(X, y, sample_weight=weight)
    repeated = ConfidenceRouter(frozen, tiers=TIERS).fit(X[rows], y[rows])
    assert [t.lower for t in weighted.tiers_] == [t.lower for t in repeated.tiers_]


def test_weights_that_a_pipeline_does_not_take():
    X, y = problem()
    router = ConfidenceRouter(make_pipeline(GaussianNB()), tiers=TIERS)
    with pytest.warns(UserWarning, match="Pipeline.fit takes no sample_weight: .* by ConfidenceR"):
        router.fit(X, y, sample_weight=np.ones(y.size))


def test_held_out_weights_must_not_all_be_zero():
    X, y = problem()
    cv = [(np.arange(100, y.size), np.arange(100))]
    with pytest.raises(ValueError, match=r"sample_weight .*zero"):
        ConfidenceRouter(GaussianNB(), cv=cv).fit(
            X, y, sample_weight=(np.arange(y.size) >= 100).astype(float)
        )
