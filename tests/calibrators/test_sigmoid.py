"""Platt scaling of log-odds."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from sklearn_calib.calibrators import SigmoidCalibrator


def draw(n=400, seed=0):
    rng = np.random.default_rng(seed)
    s = rng.normal(scale=2, size=n)
    return s, (rng.random(n) < expit(0.6 * s - 0.4)).astype(int)


@pytest.mark.parametrize("input", ["proba", "logits"])
def test_unpenalised_logistic_regression_on_log_odds(input):
    s, y = draw()
    calibrator = SigmoidCalibrator(input=input).fit(expit(s) if input == "proba" else s, y)
    reference = LogisticRegression(C=1e30, tol=1e-10, max_iter=1000).fit(s[:, None], y)
    np.testing.assert_allclose(calibrator.coef_, reference.coef_[0], rtol=1e-6)
    np.testing.assert_allclose(calibrator.intercept_, reference.intercept_, rtol=1e-6)


def test_smoothed_targets_are_those_of_scikit_learn():
    """scikit-learn's sigmoid smooths as Platt does; on decision values it has the same optimum."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = (X[:, 0] + rng.normal(size=200) > 0).astype(int)
    model = FrozenEstimator(LinearSVC().fit(X, y))
    theirs = CalibratedClassifierCV(model, method="sigmoid").fit(X, y).predict_proba(X)
    ours = SigmoidCalibrator(input="logits", smooth_targets=True).fit(model.decision_function(X), y)
    np.testing.assert_allclose(
        ours.predict_proba(model.decision_function(X)), theirs, rtol=0, atol=1e-5
    )


def test_calibrated_scores_stay_as_they_are():
    rng = np.random.default_rng(0)
    p = rng.random(200_000)
    calibrator = SigmoidCalibrator().fit(p, (rng.random(p.size) < p).astype(int))
    assert calibrator.coef_ == pytest.approx([1], abs=0.02)
    assert calibrator.intercept_ == pytest.approx([0], abs=0.02)


def test_map_is_the_documented_formula():
    s, y = draw()
    calibrator = SigmoidCalibrator().fit(expit(s), y)
    p = np.array([0.1, 0.5, 0.9])
    expected = expit(calibrator.coef_ * logit(p) + calibrator.intercept_)
    np.testing.assert_allclose(calibrator.predict_proba(p)[:, 1], expected)


def test_more_classes_are_each_against_the_rest():
    rng = np.random.default_rng(0)
    P = rng.dirichlet(np.ones(3), 300)
    y = np.array([rng.choice(3, p=p) for p in P])
    proba = SigmoidCalibrator().fit(P, y).predict_proba(P)
    each = [SigmoidCalibrator().fit(P[:, k], y == k).predict_proba(P[:, k])[:, 1] for k in range(3)]
    expected = np.column_stack(each)
    np.testing.assert_allclose(proba, expected / expected.sum(axis=1, keepdims=True), rtol=1e-9)


def test_separable_scores_warn_and_stay_finite():
    with pytest.warns(UserWarning, match="separate the classes"):
        calibrator = SigmoidCalibrator().fit([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    smooth = SigmoidCalibrator(smooth_targets=True).fit([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    np.testing.assert_array_equal(calibrator.coef_, smooth.coef_)


def test_class_without_rows_is_a_constant():
    """No positive in three rows: Laplace's (0 + 1) / (3 + 2)."""
    calibrator = SigmoidCalibrator(classes=[0, 1]).fit([0.3, 0.4, 0.9], [0, 0, 0])
    np.testing.assert_allclose(calibrator.predict_proba([0.1, 0.9])[:, 1], 1 / 5)
    np.testing.assert_allclose([calibrator.coef_[0], calibrator.intercept_[0]], [0, logit(1 / 5)])
