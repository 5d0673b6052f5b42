import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_calib import CalibratedClassifier, TemperatureScaler
from sklearn_calib.ensemble import (
    EnsembleClassifier,
)


def data(n=90, n_classes=3, seed=0):
    X, code = make_classification(
        n, 6, n_informative=4, n_classes=n_classes, class_sep=0.7, random_state=seed
    )
    return X, np.array(["a", "b", "c"])[code]


X, Y = data()
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
MODELS = [LogisticRegression(C=1), GaussianNB(), TREE]
VOTING = VotingClassifier([("lr", MODELS[0]), ("nb", MODELS[1])], voting="soft")


ENSEMBLES = {
    "voting": VOTING,
    "bagging": BaggingClassifier(TREE, 4, random_state=0),
    "bagging of features": BaggingClassifier(TREE, 4, max_features=0.5, random_state=0),
    "forest": RandomForestClassifier(5, max_depth=4, random_state=0),
    "extra trees": ExtraTreesClassifier(5, max_depth=4, random_state=0),
    "calibrated": CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=3),
    "calibrated by scikit-learn": CalibratedClassifierCV(GaussianNB(), cv=3),
    "pipeline": make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)),
    "search": GridSearchCV(RandomForestClassifier(4, random_state=0), {"max_depth": [2, 3]}, cv=2),
}


@pytest.mark.parametrize("ensemble", ENSEMBLES.values(), ids=ENSEMBLES)
def test_the_mean_of_the_members_is_the_ensemble(ensemble):
    fitted = clone(ensemble).fit(X, Y)
    opened = EnsembleClassifier.from_fitted(fitted)
    np.testing.assert_allclose(opened.predict_proba(X), fitted.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(opened.predict(X), fitted.predict(X))
    np.testing.assert_array_equal(opened.classes_, fitted.classes_)
    assert opened.n_features_in_ == 6
    refitted = EnsembleClassifier(ensemble).fit(X, Y)
    np.testing.assert_allclose(refitted.predict_proba(X), fitted.predict_proba(X), atol=1e-12)


@pytest.mark.parametrize("ensemble", ENSEMBLES.values(), ids=ENSEMBLES)
def test_data_frames_and_sparse_matrices(ensemble):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("uvwxyz"))
    fitted = clone(ensemble).fit(frame, pd.Series(Y, index=range(5, 95)))
    opened = EnsembleClassifier.from_fitted(fitted)
    np.testing.assert_allclose(opened.predict_proba(frame), fitted.predict_proba(frame), atol=1e-12)
    assert opened.feature_names_in_.tolist() == list("uvwxyz")
    with pytest.raises(ValueError, match=r"feature names|Feature names"):
        opened.predict_proba(frame[list("zyxwvu")])
    if opened.__sklearn_tags__().input_tags.sparse:
        fitted = clone(ensemble).fit(csr_array(X), Y)
        opened = EnsembleClassifier.from_fitted(fitted)
        np.testing.assert_allclose(opened.predict_proba(csr_array(X)), fitted.predict_proba(X))


def test_members_of_a_forest_are_its_own_trees_and_are_not_refitted():
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    before = pickle.dumps(forest)
    opened = EnsembleClassifier.from_fitted(forest)
    assert [m.estimator for m in opened._opened.members] == list(forest.estimators_)
    opened.fit(X[::-1], Y)  # frozen
    cloned = clone(opened).fit(X[::-1], Y)
    np.testing.assert_array_equal(cloned.predict_proba(X), opened.predict_proba(X))
    assert pickle.dumps(forest) == before


def test_weights_of_a_voting_classifier_are_its_own_unless_given():
    voting = clone(VOTING).set_params(weights=[3, 1]).fit(X, Y)
    np.testing.assert_allclose(
        EnsembleClassifier.from_fitted(voting).predict_proba(X), voting.predict_proba(X)
    )
    equal = EnsembleClassifier.from_fitted(voting, weights=[1, 1])
    np.testing.assert_allclose(equal.predict_proba(X), clone(VOTING).fit(X, Y).predict_proba(X))
    three = VotingClassifier([("a", MODELS[0]), ("b", "drop"), ("c", MODELS[1])], voting="soft")
    three = three.set_params(weights=[3, 7, 1]).fit(X, Y)
    opened = EnsembleClassifier.from_fitted(three)
    assert opened.n_members_ == 2
    np.testing.assert_allclose(opened.predict_proba(X), three.predict_proba(X))


def test_a_member_that_never_saw_a_class_gives_it_nothing():
    two = Y != "b"
    members = [GaussianNB().fit(X[two], Y[two]), GaussianNB().fit(X, Y)]
    ensemble = EnsembleClassifier.from_fitted(members)
    assert ensemble.classes_.tolist() == ["a", "b", "c"]
    assert not ensemble.member_proba(X)[0, :, 1].any()
    np.testing.assert_allclose(ensemble.predict_proba(X).sum(axis=1), 1)


def test_bootstraps_that_miss_a_class():
    y = np.where(np.arange(90) < 3, "z", Y)
    neighbours = KNeighborsClassifier(1)  # takes no weights, so that bootstraps are rows
    bagging = BaggingClassifier(neighbours, 20, max_samples=8, random_state=0).fit(X, y)
    assert {3, 4} <= {len(member.classes_) for member in bagging.estimators_}
    opened = EnsembleClassifier.from_fitted(bagging)
    np.testing.assert_allclose(opened.predict_proba(X), bagging.predict_proba(X), atol=1e-12)
