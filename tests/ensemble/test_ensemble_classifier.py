import pickle
from functools import partial

import numpy as np
import pytest
import sklearn
from joblib import parallel_config
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_calib import CalibratedClassifier, TemperatureScaler
from sklearn_calib.ensemble import (
    EnsembleClassifier,
    combine_probabilities,
    disagreement,
    uncertainty,
)
from sklearn_calib.ensemble import _ensemble_classifier as module


def data(n=90, n_classes=3, seed=0):
    X, code = make_classification(
        n, 6, n_informative=4, n_classes=n_classes, class_sep=0.7, random_state=seed
    )
    return X, np.array(["a", "b", "c"])[code]


X, Y = data()
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
MODELS = [LogisticRegression(C=1), GaussianNB(), TREE]
FOREST = RandomForestClassifier(5, max_depth=4, random_state=0)
BAGGING = BaggingClassifier(TREE, 4, random_state=0)
VOTING = VotingClassifier([("lr", MODELS[0]), ("nb", MODELS[1])], voting="soft")


@parametrize_with_checks(
    [
        EnsembleClassifier([LogisticRegression(C=1), DecisionTreeClassifier(random_state=0)]),
        EnsembleClassifier(
            VotingClassifier([("a", LogisticRegression(C=1)), ("b", LogisticRegression(C=0.1))]),
            combine="geometric_mean",
        ),
        EnsembleClassifier(ExtraTreesClassifier(5, random_state=0), combine="vote"),
    ],
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("combine", ["mean", "geometric_mean", "vote"])
def test_a_list_is_the_array_functions_over_its_members(combine):
    ensemble = EnsembleClassifier(MODELS, combine=combine, weights=[1, 2, 3]).fit(X, Y)
    probas = np.stack([clone(model).fit(X, Y).predict_proba(X) for model in MODELS])
    np.testing.assert_array_equal(ensemble.member_proba(X), probas)
    np.testing.assert_allclose(
        ensemble.predict_proba(X), combine_probabilities(probas, method=combine, weights=[1, 2, 3])
    )
    np.testing.assert_allclose(
        ensemble.disagreement(X, measure="max_kl"),
        disagreement(probas, measure="max_kl", weights=[1, 2, 3]),
    )
    for ours, theirs in zip(
        ensemble.uncertainty(X), uncertainty(probas, weights=[1, 2, 3]), strict=True
    ):
        np.testing.assert_allclose(ours, theirs)


def test_fitted_and_unfitted_members_together():
    half = LogisticRegression().fit(X[:40], Y[:40])
    ensemble = EnsembleClassifier([FrozenEstimator(half), GaussianNB()]).fit(X, Y)
    np.testing.assert_array_equal(ensemble.member_proba(X)[0], half.predict_proba(X))
    np.testing.assert_array_equal(
        ensemble.member_proba(X)[1], GaussianNB().fit(X, Y).predict_proba(X)
    )


@pytest.mark.parametrize("labels", [[-1, 1], [False, True], [1.0, 2.0], ["x", "y"]])
def test_labels_of_any_kind(labels):
    y = np.array(labels)[(X[:, 0] > 0).astype(int)]
    for members in (MODELS, VOTING, BAGGING, FOREST):
        ensemble = EnsembleClassifier(members).fit(X, y)
        assert ensemble.classes_.tolist() == labels
        assert ensemble.score(X, y) > 0.8


def test_votes_of_members_without_probabilities():
    members = [LinearSVC(), LogisticRegression(), TREE]
    ensemble = EnsembleClassifier(members, combine="vote").fit(X, Y)
    votes = np.stack([clone(member).fit(X, Y).predict(X) for member in members])
    expected = np.stack([(votes == label).mean(axis=0) for label in "abc"], axis=1)
    np.testing.assert_allclose(ensemble.predict_proba(X), expected)
    with pytest.raises(
        TypeError, match="combine='mean' needs members with predict_proba, which LinearSVC"
    ):
        EnsembleClassifier(members).fit(X, Y)
    hard = VotingClassifier([("a", LinearSVC()), ("b", TREE), ("c", GaussianNB())]).fit(X, Y)
    opened = EnsembleClassifier.from_fitted(hard, combine="vote")
    np.testing.assert_array_equal(opened.predict(X), hard.predict(X))


def test_rows_in_blocks_are_the_same(monkeypatch):
    pd = pytest.importorskip("pandas")
    ensemble = EnsembleClassifier(MODELS).fit(X, Y)
    expected = ensemble.predict_proba(X), ensemble.disagreement(X), *ensemble.uncertainty(X)
    monkeypatch.setattr(module, "_CELLS", 100)
    for table in (X, csr_array(X).toarray(), X.tolist()):
        found = (
            ensemble.predict_proba(table),
            ensemble.disagreement(table),
            *ensemble.uncertainty(table),
        )
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-12)
    framed = EnsembleClassifier(MODELS).fit(pd.DataFrame(X, columns=list("uvwxyz")), Y)
    framed.predict_proba(pd.DataFrame(X, columns=list("uvwxyz")))


def test_pickle_threads_and_searches():
    with parallel_config("threading"):
        ensemble = EnsembleClassifier(MODELS, n_jobs=2).fit(X, Y)
    again = pickle.loads(pickle.dumps(ensemble))
    np.testing.assert_array_equal(again.predict_proba(X), ensemble.predict_proba(X))
    opened = EnsembleClassifier.from_fitted(FOREST.fit(X, Y))
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(opened)).predict_proba(X), opened.predict_proba(X)
    )
    search = GridSearchCV(
        EnsembleClassifier(VOTING), {"members__lr__C": [0.1, 1], "combine": ["mean", "vote"]}, cv=2
    )
    assert search.fit(X, Y).best_score_ > 0.5
    assert cross_val_score(EnsembleClassifier(MODELS), X, Y, cv=2).mean() > 0.5


def test_inside_calibrated_classifier():
    honest = CalibratedClassifier(EnsembleClassifier(MODELS), TemperatureScaler(), cv=2).fit(X, Y)
    np.testing.assert_allclose(honest.predict_proba(X).sum(axis=1), 1)


def test_weights_of_rows_reach_the_members_that_take_them():
    w = np.arange(90) % 3.0
    for members in (MODELS, VOTING):
        weighted = EnsembleClassifier(members).fit(X, Y, sample_weight=w)
        repeated = EnsembleClassifier(members).fit(
            np.repeat(X, w.astype(int), axis=0), np.repeat(Y, w.astype(int))
        )
        np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-3)
    pipeline = make_pipeline(StandardScaler(), GaussianNB())
    with pytest.warns(UserWarning, match=r"Pipeline.fit takes no sample_weight"):
        EnsembleClassifier([pipeline]).fit(X, Y, sample_weight=w)


def test_metadata_routing():
    w = np.arange(90) % 3.0
    with sklearn.config_context(enable_metadata_routing=True):
        with_weight = GaussianNB().set_fit_request(sample_weight=True)
        without = GaussianNB().set_fit_request(sample_weight=False)
        ensemble = EnsembleClassifier([with_weight, without]).fit(X, Y, sample_weight=w)
        routed = ensemble.member_proba(X)
        with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError):
            EnsembleClassifier([GaussianNB()]).fit(X, Y, sample_weight=w)
        search = GridSearchCV(EnsembleClassifier([with_weight]), {"combine": ["mean"]}, cv=2)
        search.fit(X, Y, sample_weight=w)
    np.testing.assert_array_equal(routed[0], GaussianNB().fit(X, Y, w).predict_proba(X))
    np.testing.assert_array_equal(routed[1], GaussianNB().fit(X, Y).predict_proba(X))
    np.testing.assert_allclose(search.predict_proba(X), GaussianNB().fit(X, Y, w).predict_proba(X))


def test_errors():
    with pytest.raises(ValueError, match="members must hold at least one classifier"):
        EnsembleClassifier([]).fit(X, Y)
    for member in (3, "forest", None, GaussianNB, Ridge(), ("nb", GaussianNB())):
        with pytest.raises(
            TypeError, match="members must be a list of classifiers or one ensemble"
        ):
            EnsembleClassifier([member]).fit(X, Y)
    for single in (LogisticRegression(), StackingClassifier([("a", GaussianNB())])):
        with pytest.raises(
            TypeError, match="members must be a list of classifiers, or one VotingClassifier"
        ):
            EnsembleClassifier(single).fit(X, Y)
    with pytest.raises(ValueError, match="combine must be one of"):
        EnsembleClassifier(MODELS, combine="median").fit(X, Y)
    with pytest.raises(ValueError, match="weights must be one number per member"):
        EnsembleClassifier(MODELS, weights=[1]).fit(X, Y)
    with pytest.raises(sklearn.exceptions.NotFittedError):
        EnsembleClassifier(MODELS).predict(X)
    with pytest.raises(ValueError, match="measure must be one of"):
        EnsembleClassifier(MODELS).fit(X, Y).disagreement(X, measure="entropy")


def test_errors_of_fitted_members():
    open_fitted = EnsembleClassifier.from_fitted
    known = GaussianNB().fit(X, Y)
    for given in ([3], None, "forest", [GaussianNB], Ridge().fit(X, Y == "a"), [("nb", known)]):
        with pytest.raises(
            TypeError, match="members must be a list of classifiers or one ensemble; got"
        ):
            open_fitted(given)
    with pytest.raises(sklearn.exceptions.NotFittedError, match="This GaussianNB instance is not"):
        open_fitted([known, GaussianNB()])
    with pytest.raises(TypeError, match="predict_proba, which RidgeClassifier has not"):
        open_fitted([RidgeClassifier().fit(X, Y)])
    with pytest.raises(TypeError, match="labels of different kinds"):
        open_fitted([known, GaussianNB().fit(X, Y == "a")])
    two_outputs = RandomForestClassifier(2).fit(X, np.column_stack([Y, Y]))
    for given in (two_outputs, [two_outputs]):
        with pytest.raises(ValueError, match=r"RandomForestClassifier.* has several outputs"):
            open_fitted(given)


def test_a_partial_is_a_confidence_function():
    """What `AbstainingClassifier` calls can be pickled."""
    from sklearn_calib.ensemble import agreement_confidence

    confidence = partial(agreement_confidence, measure="vote_share")
    ensemble = EnsembleClassifier(MODELS).fit(X, Y)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(confidence))(ensemble, X), confidence(ensemble, X)
    )
