"""What the classifiers that judge their own answers share."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from sklearn_calib import AbstainingClassifier, ConfidenceRouter

X = np.random.default_rng(0).normal(size=(300, 2)) + np.repeat([[0], [3]], 150, axis=0)
Y = np.repeat([0, 1], 150)
BOTH = pytest.mark.parametrize("kind", [AbstainingClassifier, ConfidenceRouter])
AIM = {
    AbstainingClassifier: {"target_accuracy": 0.8},
    ConfidenceRouter: {"tiers": [("answer", 0.8)]},
}


@BOTH
def test_probabilities_are_those_of_the_estimator(kind):
    model = kind(GaussianNB(), **AIM[kind])
    with pytest.raises(NotFittedError):
        model.predict_proba(X)
    expected = GaussianNB().fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(model.fit(X, Y).predict_proba(X), expected)
    assert not hasattr(kind(LinearSVC()), "predict_proba")


@BOTH
@pytest.mark.parametrize("level", [0, 1, -0.5, "0.9", True])
def test_confidence_levels_that_are_none(kind, level):
    model = kind(FrozenEstimator(GaussianNB().fit(X, Y)), confidence_level=level, **AIM[kind])
    with pytest.raises((ValueError, TypeError), match=r"confidence_level must be .*in \(0, 1\)"):
        model.fit(X, Y)


@BOTH
def test_no_guarantee_for_a_model_that_knows_the_rows(kind):
    model = kind(GaussianNB(), confidence_level=0.9, **AIM[kind])
    with pytest.raises(
        ValueError, match=r"guaranteed only for .*FrozenEstimator .*refit=False .*ShuffleSplit"
    ):
        model.fit(X, Y)
