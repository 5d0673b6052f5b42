"""The automatic choice, and that it does no harm."""

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import KFold, RepeatedStratifiedKFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

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


class Stated(BaseEstimator, ClassifierMixin):
    """States `p` for the class 1, whatever the scores."""

    def __init__(self, p=0.5):
        self.p = p

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X):
        return np.tile([1 - self.p, self.p], (len(X), 1))


def test_the_best_of_the_clearly_better_ones_wins():
    """Against a stated 1/2, a stated q gains log 2q in 15 of 16 rows and log 2(1 - q) in one: these
    differ by log q/(1-q), so that their standard deviation is that times sqrt(15)/16, and the error a
    quarter of it."""
    p, y = np.full(16, 0.5), np.array([1] * 15 + [0])
    gain = {q: (15 * np.log(2 * q) + np.log(2 - 2 * q)) / 16 for q in (0.6, 0.999)}
    error = {q: np.log(q / (1 - q)) * np.sqrt(15) / 64 for q in gain}
    assert gain[0.999] > gain[0.6] > error[0.6]  # the larger gain is ...
    assert gain[0.999] < error[0.999]  # ... within its error, the smaller one is clear
    chosen = CalibratorCV([Stated(0.999), Stated(0.6)]).fit(p, y)
    assert chosen.best_calibrator_.p == 0.6
    table = chosen.cv_results_
    assert table["calibrator"].tolist() == [
        "Stated(p=0.999)",
        "Stated(p=0.6)",
        "IdentityCalibrator()",
    ]
    np.testing.assert_allclose(table["difference"], [gain[0.999], gain[0.6], 0], rtol=1e-12)
    np.testing.assert_allclose(table["standard_error"], [error[0.999], error[0.6], 0], rtol=1e-12)


@pytest.mark.parametrize("scale", [None, 1, 0.3])
def test_order_and_repetition_do_not_change_the_folds(scale):
    """Scores are equal, not only the choice; weights of 0.3 are in whole rows, whatever their order."""
    P, y = softened(80, 2)
    weight = np.random.default_rng(1).integers(0, 4, y.size) * (scale or 1.0)
    order = np.random.default_rng(2).permutation(y.size)
    if scale == 1:
        same = np.repeat(P, weight.astype(int), axis=0), np.repeat(y, weight.astype(int))
    else:
        same = P[order], y[order], None if scale is None else weight[order]
    first = CalibratorCV(cv=3).fit(P, y, None if scale is None else weight)
    second = CalibratorCV(cv=3).fit(*same)
    for name, column in first.cv_results_.items():
        if name != "calibrator":
            np.testing.assert_allclose(column, second.cv_results_[name], rtol=1e-9, atol=1e-12)


def test_rows_that_are_left_out_twice_count_once():
    """Repeated folds average the scores of a row; the error stays that of the rows."""
    P, y = softened(60, 2, 2)
    once, twice = (
        StratifiedKFold(3),
        RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0),
    )
    results = [CalibratorCV([Stated(0.6)], cv=cv).fit(P, y).cv_results_ for cv in (once, twice)]
    for name in ("mean_score", "standard_error"):
        np.testing.assert_allclose(results[0][name], results[1][name], rtol=1e-12)


@pytest.mark.parametrize("input", ["proba", "logits"])
def test_other_classifiers_as_candidates_get_logits(input):
    """An all but unpenalised logistic regression on log-odds is Platt scaling."""
    p, y = softened(200, 2, 2)[0][:, 1], softened(200, 2, 2)[1]
    X = p if input == "proba" else logit(p)
    model = LogisticRegression(C=1e10, tol=1e-10)
    foreign = CalibratorCV([model], input=input).fit(X, y)
    own = CalibratorCV([SigmoidCalibrator()], input=input).fit(X, y)
    assert isinstance(foreign.best_calibrator_, LogisticRegression)
    np.testing.assert_allclose(foreign.predict_proba(X), own.predict_proba(X), rtol=1e-5)
    for name in ("mean_score", "standard_error"):
        np.testing.assert_allclose(foreign.cv_results_[name], own.cv_results_[name], rtol=1e-5)


def test_other_classifiers_of_three_classes_of_which_one_is_absent():
    P, y = softened(200, 2)
    present = y != 1
    chosen = CalibratorCV([GaussianNB()], classes=[0, 1, 2]).fit(P[present], y[present])
    proba = chosen.predict_proba(P)
    assert proba.shape == (200, 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_a_candidate_that_takes_no_weights_says_so():
    p, y = softened(100, 2, 2)[0][:, 1], softened(100, 2, 2)[1]
    with pytest.warns(UserWarning, match="KNeighborsClassifier.fit takes no sample_weight"):
        CalibratorCV([KNeighborsClassifier(30)]).fit(p, y, np.linspace(0.5, 1.5, 100))


def test_a_candidate_that_cannot_be_fitted_is_named():
    P, y = softened(30, 2)
    wrong = BinningCalibrator(n_bins=0)
    with pytest.raises(ValueError, match=r"BinningCalibrator\(n_bins=0\) cannot be fitted.*n_bins"):
        CalibratorCV([TemperatureScaler(), wrong]).fit(P, y)


@pytest.mark.parametrize("candidate", ["temperature", TemperatureScaler, LinearSVC()])
def test_what_is_no_calibrator_is_told(candidate):
    with pytest.raises(
        TypeError, match="each of the candidates must be a classifier with predict_proba"
    ):
        CalibratorCV([candidate]).fit(*softened(30, 2))


@pytest.mark.parametrize("cv", [1, 0, -3, True])
def test_fewer_than_two_folds_are_refused(cv):
    with pytest.raises(ValueError, match="cv must be at least 2 folds"):
        CalibratorCV(cv=cv).fit(*softened(30, 2))


def test_with_one_row_per_class_only_the_identity_takes_part():
    chosen = CalibratorCV().fit([0.9, 0.2], [1, 0])
    assert chosen.cv_results_["calibrator"].tolist() == ["IdentityCalibrator()"]
    assert chosen.cv_results_["mean_score"] == pytest.approx([np.log(0.9 * 0.8) / 2])
    np.testing.assert_allclose(chosen.predict_proba([0.3]), [[0.7, 0.3]])


def test_brier_score_is_that_of_scikit_learn():
    """For one candidate that changes nothing, the mean score is minus the Brier score."""
    P, y = softened(90, 1)
    results = CalibratorCV([], scoring="neg_brier_score").fit(P, y).cv_results_
    expected = -brier_score_loss(y, P, labels=[0, 1, 2], scale_by_half=False)
    assert results["mean_score"] == pytest.approx([expected])


@pytest.mark.parametrize(("right", "chosen"), [(11, IdentityCalibrator), (12, Stated)])
def test_a_gain_within_its_error_is_no_reason(right, chosen):
    """A stated 0.6 gains (r log 1.2 + (16 - r) log 0.8) / 16 if r of 16 are right, with an error of
    log 1.5 sqrt(r (16 - r)) / 64: 1.18 errors for 11, and 1.84 for 12."""
    p, y = np.full(16, 0.5), np.array([1] * right + [0] * (16 - right))
    calibrator = CalibratorCV([Stated(0.6)]).fit(p, y)
    assert isinstance(calibrator.best_calibrator_, chosen)


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
