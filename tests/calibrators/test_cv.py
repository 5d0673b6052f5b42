"""The automatic choice, and that it does no harm."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import KFold

from sklearn_calib import BinningCalibrator, CalibratedClassifier, TemperatureScaler
from sklearn_calib.calibrators import CalibratorCV, IdentityCalibrator, SigmoidCalibrator


def softened(n, temperature, n_classes=3, seed=0):
    """Logits z, and codes drawn from softmax(z / temperature)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=2, size=(n, n_classes))
    return softmax(z, axis=1), (z / temperature + rng.gumbel(size=z.shape)).argmax(axis=1)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_calibrated_scores_are_left_alone(n_classes):
    P, y = softened(600, 1, n_classes)
    calibrator = CalibratorCV().fit(P, y)
    assert isinstance(calibrator.best_calibrator_, IdentityCalibrator)
    np.testing.assert_allclose(calibrator.predict_proba(P), P, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("scoring", ["neg_log_loss", "neg_brier_score"])
def test_overconfident_scores_are_mended(n_classes, scoring):
    P, y = softened(1500, 2.5, n_classes)
    fit, test = slice(0, 1000), slice(1000, None)
    calibrator = CalibratorCV(scoring=scoring).fit(P[fit], y[fit])
    assert not isinstance(calibrator.best_calibrator_, IdentityCalibrator)
    assert log_loss(y[test], calibrator.predict_proba(P[test])) < log_loss(y[test], P[test]) - 0.1


def test_table_of_scores_by_hand():
    """Scores of each row by the fit that has not seen it; errors of paired differences."""
    P, y = softened(60, 2, 2)
    p, cv = P[:, 1], KFold(3)
    temperature = np.zeros(60)
    for train, test in cv.split(p):
        fitted = TemperatureScaler().fit(p[train], y[train])
        temperature[test] = np.log(fitted.predict_proba(p[test])[np.arange(20), y[test]])
    identity = np.log(np.where(y, p, 1 - p))
    results = CalibratorCV([TemperatureScaler()], cv=cv).fit(p, y).cv_results_
    row = {name: i for i, name in enumerate(r.split("(")[0] for r in results["calibrator"])}
    i, t = row["IdentityCalibrator"], row["TemperatureScaler"]
    assert results["mean_score"][i] == pytest.approx(identity.mean())
    assert results["mean_score"][t] == pytest.approx(temperature.mean())
    difference = temperature - identity
    assert results["difference"][t] == pytest.approx(difference.mean())
    assert results["standard_error"][t] == pytest.approx(difference.std() / np.sqrt(60))
    assert results["difference"][i] == results["standard_error"][i] == 0


def test_brier_score_is_that_of_scikit_learn():
    """For one candidate that changes nothing, the mean score is minus the Brier score."""
    P, y = softened(90, 1)
    results = CalibratorCV([], scoring="neg_brier_score").fit(P, y).cv_results_
    expected = -brier_score_loss(y, P, labels=[0, 1, 2], scale_by_half=False)
    assert results["mean_score"] == pytest.approx([expected])


def test_a_gain_within_one_standard_error_is_no_reason():
    P, y = softened(2000, 1.05, 2)
    calibrator = CalibratorCV([TemperatureScaler()]).fit(P, y)
    results = calibrator.cv_results_
    best = results["calibrator"][0].startswith("Temperature")
    clear = results["difference"][0] > results["standard_error"][0]
    assert isinstance(calibrator.best_calibrator_, TemperatureScaler) == (best and clear)


@pytest.mark.filterwarnings("ignore:The scores say nothing")
@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_rows_choose_the_identity_or_stay_finite(n):
    rng = np.random.default_rng(0)
    calibrator = CalibratorCV([TemperatureScaler()], classes=[0, 1]).fit(rng.random(n), [1] * n)
    assert np.isfinite(calibrator.predict_proba([0.1, 0.9])).all()


def test_zero_at_a_label_does_not_decide_alone():
    """One zero among many is scored as half the smallest positive probability, not as infinity."""
    P, y = softened(500, 1, 2)
    P[0] = (1.0, 0.0)
    y[0] = 1
    results = CalibratorCV([SigmoidCalibrator()]).fit(P, y).cv_results_
    assert np.isfinite(results["mean_score"]).all()
    assert results["mean_score"].min() > -1


def test_inside_a_calibrated_classifier_and_a_search():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = np.where(rng.random(300) < expit(X[:, 0]), "yes", "no")
    chosen = CalibratorCV([TemperatureScaler(), BinningCalibrator(n_bins=4)], cv=3)
    model = CalibratedClassifier(LogisticRegression(C=1), chosen, cv=3).fit(X, y)
    assert model.predict_proba(X).shape == (300, 2)
    assert set(model.predict(X)) <= {"yes", "no"}


@pytest.mark.parametrize(
    ("parameter", "told"),
    [({"scoring": "accuracy"}, "scoring"), ({"candidates": "all"}, "candidates")],
)
def test_wrong_parameters_are_told(parameter, told):
    P, y = softened(20, 1)
    with pytest.raises(ValueError, match=told):
        CalibratorCV(**parameter).fit(P, y)
