"""Dirichlet calibration: the documented objective and map, its limits, and where it has no optimum."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, gammaln, log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from sklearn_calib import TemperatureScaler
from sklearn_calib.calibrators._dirichlet import DirichletCalibrator
from sklearn_calib.datasets import load_cifar10_probabilities, load_vlm_option_logits


def confused(n=400, k=3, seed=0):
    """Probabilities, and labels whose class 0 draws on the scores of two other classes."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=3, size=(n, k))
    mixed = z / 2
    mixed[:, 0] += 0.4 * (z[:, -1] - z[:, 1]) - 0.5
    return softmax(z, axis=1), (mixed + rng.gumbel(size=z.shape)).argmax(axis=1)


def by_hand(fitted, p):
    return softmax(np.log(p) @ fitted.matrix_.T + fitted.intercept_, axis=1)


def objective(matrix, intercept, x, y, weight, off_diagonal, mu):
    """The sentence of the docstring."""
    k = x.shape[1]
    log_p = log_softmax(x @ matrix.T + intercept, axis=1)
    loss = -np.average(log_p[np.arange(y.size), y], weights=weight)
    other = np.sum(matrix**2) - np.sum(np.diag(matrix) ** 2)
    return loss + off_diagonal / (k * (k - 1)) * other + mu / k * np.sum(intercept**2)


@pytest.mark.parametrize(("off_diagonal", "mu"), [(10, 1e-3), (1e-2, 1), (1e-2, 1e-3)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [2, 4])
def test_it_minimises_the_documented_objective(k, weighted, off_diagonal, mu):
    p, y = confused(k=k)
    weight = np.random.default_rng(1).uniform(0.1, 3, y.size) if weighted else None
    fitted = DirichletCalibrator(off_diagonal_strength=off_diagonal, intercept_strength=mu)
    fitted.fit(p, y, sample_weight=weight)

    def flat(parameters):
        matrix = parameters[k:].reshape(k, k)
        return objective(matrix, parameters[:k], np.log(p), y, weight, off_diagonal, mu)

    slow = minimize(flat, np.concatenate([np.zeros(k), np.eye(k).ravel()]), method="BFGS")
    reached = objective(fitted.matrix_, fitted.intercept_, np.log(p), y, weight, off_diagonal, mu)
    assert reached <= slow.fun + 1e-9
    best = softmax(np.log(p) @ slow.x[k:].reshape(k, k).T + slow.x[:k], axis=1)
    np.testing.assert_allclose(by_hand(fitted, p), best, rtol=0, atol=1e-3)


def test_probabilities_are_those_of_the_attributes():
    p, y = confused()
    fitted = DirichletCalibrator().fit(p, y)
    np.testing.assert_allclose(fitted.predict_proba(p), by_hand(fitted, p), rtol=1e-9)
    assert fitted.intercept_.sum() == pytest.approx(0, abs=1e-12)
    logits = np.log(p) + np.random.default_rng(1).normal(size=(len(p), 1))
    same = DirichletCalibrator(input="logits").fit(logits, y)
    np.testing.assert_allclose(same.matrix_, fitted.matrix_, rtol=1e-7)


def test_two_classes_are_beta_calibration():
    """Hardly penalised, the log-odds are linear in the logarithms of p and 1 - p."""
    rng = np.random.default_rng(0)
    s = rng.normal(scale=2, size=2000)
    p = expit(s)
    y = (rng.random(2000) < expit(0.5 * np.log(p) - 1.5 * np.log(1 - p) + 0.3)).astype(int)
    fitted = DirichletCalibrator(off_diagonal_strength=1e-9, intercept_strength=1e-9).fit(p, y)
    features = np.column_stack([np.log(1 - p), np.log(p)])
    regression = LogisticRegression(C=1e30, tol=1e-10, max_iter=1000).fit(features, y)
    np.testing.assert_allclose(
        fitted.matrix_[1] - fitted.matrix_[0], regression.coef_[0], rtol=1e-3
    )
    np.testing.assert_allclose(
        fitted.predict_proba(p), regression.predict_proba(features), rtol=0, atol=1e-4
    )


def test_scores_of_dirichlet_distributions():
    """Bayes' rule for densities Dir(alpha_j) and shares of the classes is linear in the log p."""
    rng = np.random.default_rng(0)
    alpha = np.array([[6.0, 2, 1], [1, 4, 2], [1, 1, 3]])
    share = np.array([0.5, 0.2, 0.3])
    y = rng.choice(3, 30_000, p=share)
    p = np.empty((y.size, 3))
    for j in range(3):
        p[y == j] = rng.dirichlet(alpha[j], np.sum(y == j))
    intercept = np.log(share) + gammaln(alpha.sum(axis=1)) - gammaln(alpha).sum(axis=1)
    posterior = softmax(np.log(p) @ (alpha - 1).T + intercept, axis=1)
    fitted = DirichletCalibrator(off_diagonal_strength=1e-6, intercept_strength=1e-6).fit(p, y)
    distance = np.abs(fitted.predict_proba(p) - posterior)
    assert distance.mean() < 0.005
    assert distance.max() < 0.1


@pytest.mark.parametrize("k", [2, 5])
def test_default_strengths_are_those_of_matrix_scaling(k):
    """k (k - 1) / n sum A_ij^2 and k / n sum b_j^2, divided by the factors of the definition."""
    p, y = confused(k=k)
    weight = np.random.default_rng(1).uniform(0.1, 3, y.size)
    fitted = DirichletCalibrator().fit(p, y, sample_weight=weight)
    n = weight.sum()
    assert fitted.off_diagonal_strength_ / (k * (k - 1)) == pytest.approx(k * (k - 1) / n)
    assert fitted.intercept_strength_ / k == pytest.approx(k / n)
    given = DirichletCalibrator(off_diagonal_strength=2, intercept_strength=3).fit(p, y)
    assert (given.off_diagonal_strength_, given.intercept_strength_) == (2, 3)


def test_strong_penalties_leave_the_diagonal():
    p, y = confused()
    fitted = DirichletCalibrator(off_diagonal_strength=1e9, intercept_strength=1e9).fit(p, y)
    np.testing.assert_allclose(fitted.matrix_[~np.eye(3, dtype=bool)], 0, atol=1e-6)
    np.testing.assert_allclose(fitted.intercept_, 0, atol=1e-6)

    def loss(slopes):
        log_p = log_softmax(np.log(p) * slopes, axis=1)
        return -log_p[np.arange(y.size), y].mean()

    slow = minimize(loss, np.ones(3), method="BFGS")
    np.testing.assert_allclose(np.diag(fitted.matrix_), slow.x, rtol=1e-4)


@pytest.mark.parametrize("k", [3, 9])
def test_permuted_columns_permute_the_parameters(k):
    p, y = confused(n=1000, k=k)
    order = np.random.default_rng(1).permutation(k)
    straight = DirichletCalibrator().fit(p, y)
    permuted = DirichletCalibrator().fit(p[:, order], np.argsort(order)[y])
    np.testing.assert_allclose(permuted.matrix_, straight.matrix_[np.ix_(order, order)], atol=1e-5)
    np.testing.assert_allclose(permuted.intercept_, straight.intercept_[order], atol=1e-5)


# No finite optimum


def test_a_class_without_rows_has_the_documented_penalty():
    p, y = confused(k=4)
    y = np.where(y == 1, 0, y)
    fitted = DirichletCalibrator(
        off_diagonal_strength=10, intercept_strength=1e-3, classes=range(4)
    ).fit(p, y)
    uncalibrated = p[:, 1].mean()
    assert 0 < fitted.predict_proba(p)[:, 1].mean() < uncalibrated / 5
    temperature = TemperatureScaler(classes=range(4)).fit(p, y).temperature_

    def documented(matrix, intercept):
        held = 4 / y.size * (temperature * matrix[1, 1] - 1) ** 2
        return objective(matrix, intercept, np.log(p), y, None, 10, 1e-3) + held

    slow = minimize(
        lambda parameters: documented(parameters[4:].reshape(4, 4), parameters[:4]),
        np.concatenate([fitted.intercept_, fitted.matrix_.ravel()]),
        method="BFGS",
    )
    assert documented(fitted.matrix_, fitted.intercept_) <= slow.fun + 1e-9


def test_all_right():
    p, _ = confused()
    with pytest.warns(UserWarning, match="The scores separate the classes") as record:
        fitted = DirichletCalibrator().fit(p, p.argmax(axis=1))
    assert record[0].filename == __file__
    with pytest.warns(UserWarning, match="Every calibration row"):
        temperature = TemperatureScaler().fit(p, p.argmax(axis=1)).temperature_
    assert np.all(np.abs(temperature * np.diag(fitted.matrix_) - 1) < 1)


def extremes(z):
    same = [z, 0 * z, 0 * z + z[0], z + 1e12]
    return [*same, *(z * scale for scale in (1e-9, 1e3, 1e9)), 1e4 * np.sign(z + 2)]


@pytest.mark.parametrize("k", [2, 9])
@pytest.mark.parametrize("off_diagonal", [1e-3, 10])
@pytest.mark.filterwarnings("ignore:The scores separate")
def test_extreme_scores_stay_finite(off_diagonal, k):
    p, y = confused(n=40, k=k)
    z = np.log(p)
    calibrator = DirichletCalibrator(
        off_diagonal_strength=off_diagonal, input="logits", classes=range(k)
    )
    with np.errstate(all="raise", under="ignore"):
        for scores, rows in product(extremes(z), (slice(None), slice(1), slice(3))):
            fitted = calibrator.fit(scores[rows], y[rows])
            proba = fitted.predict_proba(scores)
            assert np.all(np.isfinite(fitted.matrix_))
            assert np.all(np.isfinite(fitted.intercept_))
            np.testing.assert_allclose(proba.sum(axis=1), 1)


# Real data, parameters


def negative_log_loss(estimator, X, y):
    proba = estimator.predict_proba(X)
    return np.mean(np.log(proba[np.arange(len(y)), y]))


@pytest.mark.parametrize("model", ["wideresnet-16-4", "vgg16"])
def test_networks_on_fresh_images(model):
    images = load_cifar10_probabilities(model=model)
    X, y, fit, test = images.data, images.target, images.cal_idx, images.test_idx
    scores = [
        negative_log_loss(calibrator.fit(X[fit], y[fit]), X[test], y[test])
        for calibrator in (DirichletCalibrator(), TemperatureScaler())
    ]
    assert scores[0] > scores[1] + 0.002


def test_penalties_are_tuned_by_grid_search():
    answers = load_vlm_option_logits("mmbench", model="Monkey")
    X, y, fit, test = answers.data, answers.target, answers.cal_idx, answers.test_idx
    grid = {"off_diagonal_strength": [0.01, 10], "intercept_strength": [1e-3, 10]}
    base = DirichletCalibrator(input="logits", classes=range(6))
    search = GridSearchCV(base, grid, scoring=negative_log_loss, cv=3).fit(X[fit], y[fit])
    default = base.fit(X[fit], y[fit])
    assert negative_log_loss(search, X[test], y[test]) > negative_log_loss(
        default, X[test], y[test]
    )


@pytest.mark.parametrize("name", ["off_diagonal_strength", "intercept_strength"])
@pytest.mark.parametrize("value", [-1, 0, np.nan, np.inf])
def test_penalties_out_of_range(name, value):
    with pytest.raises(ValueError, match=f"{name} must be in"):
        DirichletCalibrator(**{name: value}).fit([0.2, 0.8, 0.6], [0, 1, 0])


@pytest.mark.parametrize("name", ["off_diagonal_strength", "intercept_strength"])
@pytest.mark.parametrize("value", ["1", [1.0], True])
def test_penalties_that_are_no_numbers(name, value):
    with pytest.raises(TypeError, match=f"{name} must be a number"):
        DirichletCalibrator(**{name: value}).fit([0.2, 0.8, 0.6], [0, 1, 0])
