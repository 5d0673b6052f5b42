"""Vector scaling: the documented objective and map, its limits, and where there is no optimum."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import log_loss

from sklearn_calib import TemperatureScaler
from sklearn_calib.calibrators._vector import VectorScaler
from sklearn_calib.datasets import load_cifar10_probabilities, load_vlm_option_logits


def skewed(n=300, k=4, seed=0):
    """Logits, and labels of which some classes are commoner than the logits say."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=3, size=(n, k))
    shifted = z / 2 * np.linspace(0.7, 1.3, k) + np.linspace(-1, 1, k)
    return z, (shifted + rng.gumbel(size=z.shape)).argmax(axis=1)


def by_hand(fitted, z):
    x = log_softmax(np.asarray(z, float) / fitted.temperature_, axis=1)
    return softmax(x * fitted.scale_ + fitted.intercept_, axis=1)


def objective(scale, intercept, x, y, weight, strength):
    """The sentence of the docstring."""
    n, k = weight.sum(), x.shape[1]
    log_p = log_softmax(x * scale + intercept, axis=1)
    loss = -weight @ log_p[np.arange(y.size), y] / n
    return loss + strength * k / n * (np.sum((scale - 1) ** 2) + np.sum(intercept**2))


@pytest.mark.parametrize("strength", [0, 0.1, 1, 30])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [2, 5])
def test_it_minimises_the_documented_objective(k, weighted, strength):
    z, y = skewed(k=k)
    weight = np.random.default_rng(1).uniform(0.1, 3, y.size) if weighted else np.ones(y.size)
    fitted = VectorScaler(strength=strength, input="logits").fit(z, y, sample_weight=weight)
    temperature = TemperatureScaler(input="logits").fit(z, y, sample_weight=weight).temperature_
    assert fitted.temperature_ == temperature
    x = log_softmax(z / temperature, axis=1)

    def flat(parameters):
        return objective(parameters[:k], parameters[k:], x, y, weight, strength)

    slow = minimize(flat, np.repeat([1.0, 0.0], k), method="BFGS")
    reached = objective(fitted.scale_, fitted.intercept_, x, y, weight, strength)
    assert reached <= slow.fun + 1e-9
    np.testing.assert_allclose(
        by_hand(fitted, z), softmax(x * slow.x[:k] + slow.x[k:], axis=1), rtol=0, atol=1e-4
    )


def test_probabilities_are_those_of_the_attributes():
    z, y = skewed()
    fitted = VectorScaler(input="logits").fit(z, y)
    np.testing.assert_allclose(fitted.predict_proba(z), by_hand(fitted, z), rtol=1e-12)
    assert fitted.intercept_.sum() == pytest.approx(0, abs=1e-12)
    two = VectorScaler().fit(expit(z[:, 0]), y > 1)
    positive = np.column_stack([np.zeros(len(z)), z[:, 0]])
    np.testing.assert_allclose(two.predict_proba(expit(z[:, 0])), by_hand(two, positive), rtol=1e-9)


@pytest.mark.parametrize("k", [2, 4])
def test_infinite_strength_is_temperature_scaling(k):
    z, y = skewed(k=k)
    strong = VectorScaler(strength=1e12, input="logits").fit(z, y)
    temperature = TemperatureScaler(input="logits").fit(z, y)
    np.testing.assert_allclose(strong.predict_proba(z), temperature.predict_proba(z), rtol=1e-9)


def test_calibrated_scores_stay_as_they_are():
    """Estimates of 1 and 0 are within four standard errors, from the inverse of the information."""
    rng = np.random.default_rng(0)
    z = log_softmax(rng.normal(scale=2, size=(40_000, 3)), axis=1)
    y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    fitted = VectorScaler(input="logits", strength=0.01).fit(z, y)
    p = softmax(z, axis=1)
    q = np.hstack([p * z, p])
    terms = np.stack([z, np.ones_like(z)], axis=2)
    own = np.einsum("nj,nja,njb->jab", p, terms, terms)
    information = -q.T @ q
    for a in range(2):
        for b in range(2):
            information[np.arange(3) + 3 * a, np.arange(3) + 3 * b] += own[:, a, b]
    error = np.sqrt(np.diag(np.linalg.pinv(information, rcond=1e-9, hermitian=True)))
    assert error.max() < 0.05
    assert np.all(np.abs(fitted.scale_ / fitted.temperature_ - 1) < 4 * error[:3])
    assert np.all(np.abs(fitted.intercept_) < 4 * error[3:])


def test_permuted_columns_permute_the_parameters():
    z, y = skewed()
    order = np.array([2, 0, 3, 1])
    straight = VectorScaler(input="logits").fit(z, y)
    permuted = VectorScaler(input="logits").fit(z[:, order], np.argsort(order)[y])
    np.testing.assert_allclose(permuted.scale_, straight.scale_[order], rtol=1e-8)
    np.testing.assert_allclose(permuted.intercept_, straight.intercept_[order], atol=1e-8)


def test_more_rows_need_less_shrinkage():
    """Each row twice is a weight of 2: n counts them, and the result is freer."""
    z, y = skewed()
    once = VectorScaler(input="logits").fit(z, y)
    twice = VectorScaler(input="logits").fit(z, y, sample_weight=np.full(y.size, 2.0))
    free = VectorScaler(strength=0, input="logits").fit(z, y)
    half = VectorScaler(strength=0.5, input="logits").fit(z, y)
    np.testing.assert_allclose(twice.intercept_, half.intercept_, rtol=1e-8)
    size = [np.linalg.norm(fitted.intercept_) for fitted in (once, twice, free)]
    assert size[0] < size[1] < size[2]


# No finite optimum


def test_a_class_without_rows():
    z, y = skewed()
    y = np.where(y == 1, 0, y)
    fitted = VectorScaler(input="logits", classes=range(4)).fit(z, y)
    assert fitted.intercept_.argmin() == 1
    uncalibrated = softmax(z, axis=1)[:, 1].mean()
    assert 0 < fitted.predict_proba(z)[:, 1].mean() < uncalibrated / 5
    with pytest.warns(UserWarning, match="or a class has no calibration rows") as record:
        plain = VectorScaler(strength=0, input="logits", classes=range(4)).fit(z, y)
    assert record[0].filename == __file__
    np.testing.assert_array_equal(plain.intercept_, fitted.intercept_)
    np.testing.assert_array_equal(plain.scale_, fitted.scale_)


def test_one_class_is_told_apart_by_its_score():
    """No temperature makes all rows right, but the slope of class 0 can grow without bound."""
    z, y = skewed()
    z[:, 0] = np.where(y == 0, 30, -30)
    with pytest.warns(UserWarning, match="The scores separate the classes"):
        plain = VectorScaler(strength=0, input="logits").fit(z, y)
    structured = VectorScaler(input="logits").fit(z, y)
    np.testing.assert_array_equal(plain.scale_, structured.scale_)


def test_all_right():
    z, _ = skewed()
    with pytest.warns(UserWarning, match="Every calibration row is answered right"):
        fitted = VectorScaler(input="logits").fit(z, z.argmax(axis=1))
    with pytest.warns(UserWarning, match="Every calibration row"):
        temperature = TemperatureScaler(input="logits").fit(z, z.argmax(axis=1))
    assert fitted.temperature_ == temperature.temperature_
    assert np.all(np.abs(fitted.scale_ - 1) < 1)
    with pytest.warns(UserWarning, match="The scores separate the classes") as record:
        plain = VectorScaler(strength=0, input="logits").fit(z, z.argmax(axis=1))
    assert len(record) == 1
    np.testing.assert_array_equal(plain.scale_, fitted.scale_)


def test_worthless_to_a_temperature_but_not_to_an_intercept():
    """Confidences above 0.8 of answers of which few are right, the surer the more."""
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.8, 0.99, 4000)
    right = (rng.random(4000) < 2 * (confidence - 0.8)).astype(int)
    with pytest.warns(UserWarning, match="The scores say nothing"):
        TemperatureScaler().fit(confidence, right)
    fitted = VectorScaler().fit(confidence, right)
    two = np.log(np.column_stack([1 - confidence, confidence]))
    assert fitted.temperature_ == pytest.approx(np.sqrt(np.mean(two.var(axis=1))))
    shares = np.full(4000, right.mean())
    assert log_loss(right, fitted.predict_proba(confidence)) < log_loss(right, shares) - 0.01
    # shrunk towards equal probabilities, the limit of temperature scaling
    strong = VectorScaler(strength=1e9).fit(confidence, right)
    np.testing.assert_allclose(strong.predict_proba(confidence), 0.5, atol=1e-6)


def extremes(z):
    same = [z, 0 * z, 0 * z + z[0], z + 1e12]
    return [*same, *(z * scale for scale in (1e-9, 1e3, 1e9)), 1e4 * np.sign(z)]


@pytest.mark.parametrize("strength", [0, 1e-3, 1])
@pytest.mark.filterwarnings("ignore:Every calibration row", "ignore:The scores separate")
def test_extreme_scores_stay_finite(strength):
    z, y = skewed(n=40, k=3)
    scaler = VectorScaler(strength=strength, input="logits", classes=range(3))
    with np.errstate(all="raise", under="ignore"):
        for scores, rows in product(extremes(z), (slice(None), slice(1), slice(3))):
            fitted = scaler.fit(scores[rows], y[rows])
            proba = fitted.predict_proba(scores)
            assert np.all(np.isfinite([*fitted.scale_, *fitted.intercept_]))
            np.testing.assert_allclose(proba.sum(axis=1), 1)


# Real data, parameters


def negative_log_likelihood(fitted, X, y):
    return -np.log(fitted.predict_proba(X)[np.arange(y.size), y]).mean()


@pytest.mark.parametrize("model", ["wideresnet-16-4", "vgg16"])
def test_networks_on_fresh_images(model):
    images = load_cifar10_probabilities(model=model)
    X, y, fit, test = images.data, images.target, images.cal_idx, images.test_idx
    losses = [
        negative_log_likelihood(calibrator.fit(X[fit], y[fit]), X[test], y[test])
        for calibrator in (VectorScaler(), TemperatureScaler())
    ]
    assert losses[0] < losses[1] - 0.002


@pytest.mark.parametrize("dataset", ["mmbench", "oodcv"])
@pytest.mark.parametrize("model", ["llava-v1.5-13b", "Monkey", "Qwen-VL-Chat"])
def test_options_that_are_never_right(dataset, model):
    answers = load_vlm_option_logits(dataset, model=model)
    X, y, fit, test = answers.data, answers.target, answers.cal_idx, answers.test_idx
    fitted = VectorScaler(input="logits", classes=range(6)).fit(X[fit], y[fit])
    temperature = TemperatureScaler(input="logits", classes=range(6)).fit(X[fit], y[fit])
    losses = [negative_log_likelihood(best, X[test], y[test]) for best in (fitted, temperature)]
    assert losses[0] < losses[1] - 0.05
    assert fitted.predict_proba(X[test])[:, 4:].mean() < 0.02


@pytest.mark.parametrize("strength", [-1, np.nan, np.inf])
def test_strength_out_of_range(strength):
    with pytest.raises(ValueError, match=r"strength must be in \[0, inf\)"):
        VectorScaler(strength=strength).fit([0.2, 0.8, 0.6], [0, 1, 0])


@pytest.mark.parametrize("strength", ["1", None, True])
def test_strength_that_is_no_number(strength):
    with pytest.raises(TypeError, match="strength must be a number"):
        VectorScaler(strength=strength).fit([0.2, 0.8, 0.6], [0, 1, 0])
