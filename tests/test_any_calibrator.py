"""Any classifier as a calibrator: what it is given, and its columns."""

import warnings

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from sklearn_calib import TemperatureScaler
from sklearn_calib._any_calibrator import (
    calibrated_proba,
    check_calibrator,
    embed,
    fit_calibrator,
    warn_without_weights,
)
from sklearn_calib._core.scores import Scores


class Recorder(BaseEstimator, ClassifierMixin):
    """Keeps what it is fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.seen_, self.classes_ = (X, y, sample_weight), np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), self.classes_.size), 1 / self.classes_.size)


def test_ours_is_told_what_the_scores_are():
    scores = Scores(np.array([[0.2, -1.0, 0.5], [1.0, 2.0, 0.0], [0.0, 0.0, 3.0]]), "logits")
    fitted = fit_calibrator(
        TemperatureScaler(), scores, ["a", "b", "a"], None, ["a", "b", "c"], 1e-9
    )
    assert fitted.input == "logits"
    assert fitted.classes == ["a", "b", "c"]
    proba = calibrated_proba(fitted, scores, np.array(["a", "b", "c"]), 1e-9)
    np.testing.assert_allclose(proba, fitted.predict_proba(scores.values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.9], [np.log(0.05 / 1), np.log(9)]),
        ([[1.0, 0.0], [0.1, 0.9]], [np.log(0.05 / 1), np.log(9)]),
    ],
)
def test_another_classifier_gets_a_column_of_log_odds_of_two_classes(values, expected):
    scores, weight = Scores(np.array(values), "proba"), np.array([1.0, 2.0])
    X, y, seen = fit_calibrator(Recorder(), scores, ["a", "b"], weight, ["a", "b"], 0.05).seen_
    np.testing.assert_allclose(X, np.array(expected)[:, None])
    assert y == ["a", "b"]
    np.testing.assert_array_equal(seen, weight)


def test_another_classifier_gets_log_probabilities_of_more_classes():
    z = np.array([[0.2, -1.0, 0.5], [1.0, 2.0, 0.0]])
    X, _, _ = fit_calibrator(Recorder(), Scores(z, "logits"), [0, 1], None, [0, 1, 2], 1e-9).seen_
    np.testing.assert_allclose(X, log_softmax(z, axis=1))


def test_columns_of_absent_classes_are_zero():
    proba = np.array([[0.25, 0.75]])
    classes = np.array(["a", "b", "c"])
    np.testing.assert_array_equal(embed(proba, classes[[0, 2]], classes), [[0.25, 0, 0.75]])
    assert embed(proba, classes[:2], classes[:2]) is proba
    assert embed(proba.astype(np.float32), classes[1:], classes).dtype == np.float32


def test_warning_of_weights_that_make_no_difference():
    with pytest.warns(UserWarning, match="KNeighborsClassifier.fit takes no sample_weight"):
        warn_without_weights(KNeighborsClassifier())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_without_weights(GaussianNB())


@pytest.mark.parametrize("wrong", [None, "temperature", TemperatureScaler, LinearSVC()])
def test_what_is_no_calibrator_is_refused(wrong):
    with pytest.raises(TypeError, match="calibrator must be a classifier with predict_proba"):
        check_calibrator(wrong, "calibrator")
