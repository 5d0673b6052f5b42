"""Matrix scaling: the documented objective and map, its limits, what only a matrix can repair."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.metrics import log_loss

from sklearn_calib import TemperatureScaler
from sklearn_calib.calibrators._matrix import MatrixScaler
from sklearn_calib.calibrators._vector import VectorScaler
from sklearn_calib.datasets import load_cifar10_probabilities, load_vlm_option_logits


def confused(n=400, k=3, seed=0):
    """Logits, and labels whose class 0 draws on the scores of two other classes."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=3, size=(n, k))
    mixed = z / 2
    mixed[:, 0] += 0.4 * (z[:, -1] - z[:, 1]) - 0.5
    return z, (mixed + rng.gumbel(size=z.shape)).argmax(axis=1)


def by_hand(fitted, z):
    x = log_softmax(np.asarray(z, float) / fitted.temperature_, axis=1)
    return softmax(x @ fitted.matrix_.T + fitted.intercept_, axis=1)


def objective(matrix, intercept, x, y, weight, strength):
    """The sentence of the docstring."""
    n, k = weight.sum(), x.shape[1]
    log_p = log_softmax(x @ matrix.T + intercept, axis=1)
    loss = -weight @ log_p[np.arange(y.size), y] / n
    deviation = (matrix - np.eye(k)) ** 2
    diagonal = np.trace(deviation)
    other = deviation.sum() - diagonal
    penalty = k / n * np.sum(intercept**2) + k / n * diagonal + k * (k - 1) / n * other
    return loss + strength * penalty


@pytest.mark.parametrize("strength", [0.01, 1, 30])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [2, 4])
def test_it_minimises_the_documented_objective(k, weighted, strength):
    z, y = confused(k=k)
    weight = np.random.default_rng(1).uniform(0.1, 3, y.size) if weighted else np.ones(y.size)
    fitted = MatrixScaler(strength=strength, input="logits").fit(z, y, sample_weight=weight)
    temperature = TemperatureScaler(input="logits").fit(z, y, sample_weight=weight).temperature_
    assert fitted.temperature_ == temperature
    x = log_softmax(z / temperature, axis=1)

    def flat(parameters):
        return objective(parameters[k:].reshape(k, k), parameters[:k], x, y, weight, strength)

    slow = minimize(flat, np.concatenate([np.zeros(k), np.eye(k).ravel()]), method="BFGS")
    reached = objective(fitted.matrix_, fitted.intercept_, x, y, weight, strength)
    assert reached <= slow.fun + 1e-9
    best = softmax(x @ slow.x[k:].reshape(k, k).T + slow.x[:k], axis=1)
    np.testing.assert_allclose(by_hand(fitted, z), best, rtol=0, atol=1e-4)


def test_probabilities_are_those_of_the_attributes():
    z, y = confused()
    fitted = MatrixScaler(input="logits").fit(z, y)
    np.testing.assert_allclose(fitted.predict_proba(z), by_hand(fitted, z), rtol=1e-12)
    assert fitted.intercept_.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("k", [2, 3, 12])
def test_infinite_strength_is_temperature_scaling(k):
    z, y = confused(k=k)
    strong = MatrixScaler(strength=1e12, input="logits").fit(z, y)
    temperature = TemperatureScaler(input="logits").fit(z, y)
    np.testing.assert_allclose(strong.predict_proba(z), temperature.predict_proba(z), rtol=1e-9)


def test_calibrated_scores_stay_as_they_are():
    rng = np.random.default_rng(0)
    z = rng.normal(scale=2, size=(50_000, 3))
    y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    fitted = MatrixScaler(input="logits").fit(z, y)
    assert abs(fitted.temperature_ - 1) < 0.02
    np.testing.assert_allclose(fitted.matrix_, np.eye(3), atol=0.05)
    np.testing.assert_allclose(fitted.intercept_, 0, atol=0.05)
    np.testing.assert_allclose(fitted.predict_proba(z), softmax(z, axis=1), atol=0.05)


def test_a_confusion_that_only_a_matrix_repairs():
    z, y = confused(n=20_000)
    fresh, fresh_y = confused(n=20_000, seed=1)
    matrix = MatrixScaler(input="logits").fit(z, y)
    vector = VectorScaler(input="logits").fit(z, y)
    losses = [log_loss(fresh_y, fitted.predict_proba(fresh)) for fitted in (matrix, vector)]
    assert losses[0] < losses[1] - 0.02
    # 0.4 and 0.5 of the recipe; adding the same to all rows of a column changes no probability
    ratio = (matrix.matrix_[0, 2] - matrix.matrix_[1, 2]) / (
        matrix.matrix_[1, 1] - matrix.matrix_[2, 1]
    )
    assert ratio == pytest.approx(0.8, abs=0.05)


def test_permuted_columns_permute_the_parameters():
    z, y = confused()
    order = np.array([2, 0, 1])
    straight = MatrixScaler(input="logits").fit(z, y)
    permuted = MatrixScaler(input="logits").fit(z[:, order], np.argsort(order)[y])
    np.testing.assert_allclose(permuted.matrix_, straight.matrix_[np.ix_(order, order)], atol=1e-8)
    np.testing.assert_allclose(permuted.intercept_, straight.intercept_[order], atol=1e-8)


def test_a_class_without_rows():
    z, y = confused(k=4)
    y = np.where(y == 1, 0, y)
    fitted = MatrixScaler(input="logits", classes=range(4)).fit(z, y)
    uncalibrated = softmax(z, axis=1)[:, 1].mean()
    assert 0 < fitted.predict_proba(z)[:, 1].mean() < uncalibrated / 5


def test_all_right():
    z, _ = confused()
    with pytest.warns(UserWarning, match="Every calibration row is answered right") as record:
        fitted = MatrixScaler(input="logits").fit(z, z.argmax(axis=1))
    assert record[0].filename == __file__
    assert np.all(np.abs(fitted.matrix_ - np.eye(3)) < 1)


def extremes(z):
    same = [z, 0 * z, 0 * z + z[0], z + 1e12]
    return [*same, *(z * scale for scale in (1e-9, 1e3, 1e9)), 1e4 * np.sign(z)]


@pytest.mark.parametrize("k", [2, 12])
@pytest.mark.parametrize("strength", [1e-3, 1])
@pytest.mark.filterwarnings("ignore:Every calibration row")
def test_extreme_scores_stay_finite(strength, k):
    z, y = confused(n=40, k=k)
    scaler = MatrixScaler(strength=strength, input="logits", classes=range(k))
    with np.errstate(all="raise", under="ignore"):
        for scores, rows in product(extremes(z), (slice(None), slice(1), slice(3))):
            fitted = scaler.fit(scores[rows], y[rows])
            proba = fitted.predict_proba(scores)
            assert np.all(np.isfinite(fitted.matrix_))
            assert np.all(np.isfinite(fitted.intercept_))
            np.testing.assert_allclose(proba.sum(axis=1), 1)


def losses_on_fresh_rows(data, **params):
    X, y, fit, test = data.data, data.target, data.cal_idx, data.test_idx
    losses = []
    for scaler in (MatrixScaler(), VectorScaler(), TemperatureScaler()):
        scaler.set_params(classes=range(X.shape[1]), **params).fit(X[fit], y[fit])
        proba = scaler.predict_proba(X[test])
        losses.append(-np.log(proba[np.arange(test.size), y[test]]).mean())
    return losses


@pytest.mark.parametrize("model", ["wideresnet-16-4", "vgg16"])
def test_networks_on_fresh_images(model):
    matrix, vector, temperature = losses_on_fresh_rows(load_cifar10_probabilities(model=model))
    assert matrix < vector < temperature


@pytest.mark.parametrize("dataset", ["mmbench", "oodcv"])
@pytest.mark.parametrize("model", ["llava-v1.5-13b", "Monkey", "Qwen-VL-Chat"])
def test_options_that_are_never_right(dataset, model):
    answers = load_vlm_option_logits(dataset, model=model)
    matrix, vector, temperature = losses_on_fresh_rows(answers, input="logits")
    assert matrix < vector < temperature - 0.05


@pytest.mark.parametrize("strength", [-1, 0, np.nan, np.inf])
def test_strength_out_of_range(strength):
    with pytest.raises(ValueError, match=r"strength must be in"):
        MatrixScaler(strength=strength).fit([0.2, 0.8, 0.6], [0, 1, 0])


@pytest.mark.parametrize("strength", ["1", None, True])
def test_strength_that_is_no_number(strength):
    with pytest.raises(TypeError, match="strength must be a number"):
        MatrixScaler(strength=strength).fit([0.2, 0.8, 0.6], [0, 1, 0])
