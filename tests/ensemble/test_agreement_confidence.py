from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_calib.ensemble import EnsembleClassifier, agreement_confidence
from sklearn_calib.ensemble._disagreement import MEASURES

X, Y = load_digits(return_X_y=True)
X, NEW, Y, TRUTH = X[:600], X[600:900], Y[:600], Y[600:900]
FOREST = RandomForestClassifier(10, random_state=0).fit(X, Y)


@pytest.mark.parametrize("measure", MEASURES)
def test_orders_rows_against_the_disagreement(measure):
    trees = EnsembleClassifier.from_fitted(FOREST)
    confidence = agreement_confidence(trees, NEW, measure=measure)
    assert confidence.min() >= 0
    assert confidence.max() <= 1
    order = np.argsort(trees.disagreement(NEW, measure=measure), kind="stable")
    assert np.all(np.diff(confidence[order]) <= 1e-12)
    # and it tells right from wrong
    assert roc_auc_score(trees.predict(NEW) == TRUTH, confidence) > 0.6


def test_all_agree_is_one():
    same = EnsembleClassifier.from_fitted([GaussianNB().fit(X[:, :3], Y)] * 3)
    for measure in set(MEASURES) - {"predictive_entropy"}:
        np.testing.assert_allclose(agreement_confidence(same, NEW[:, :3], measure=measure), 1)


def test_opens_ensembles():
    expected = agreement_confidence(EnsembleClassifier.from_fitted(FOREST), NEW)
    pipeline = make_pipeline(StandardScaler(with_mean=False, with_std=False), FOREST).fit(X, Y)
    outer = make_pipeline(
        StandardScaler(with_mean=False, with_std=False), EnsembleClassifier(FOREST)
    )
    for estimator in (FOREST, FrozenEstimator(FOREST), pipeline, outer.fit(X, Y)):
        np.testing.assert_array_equal(agreement_confidence(estimator, NEW), expected)
    with pytest.raises(TypeError, match="members must be a list of classifiers"):
        agreement_confidence(GaussianNB().fit(X[:, :3], Y), NEW)


def test_unknown_measure():
    with pytest.raises(ValueError, match="measure must be one of"):
        partial(agreement_confidence, measure="agreement")(FOREST, NEW)
