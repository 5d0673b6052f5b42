"""The temperature of probabilities and logits: published values, its scale, its limits."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax

from sklearn_calib import TemperatureScaler
from sklearn_calib.datasets import load_cifar10_probabilities
from sklearn_calib.metrics import expected_calibration_error


def test_optimum_is_that_of_a_general_minimiser():
    rng = np.random.default_rng(0)
    z = rng.normal(scale=3, size=(400, 4))
    y = (z / 3 + rng.gumbel(size=z.shape)).argmax(axis=1)

    def loss(log_temperature):
        return -log_softmax(z / np.exp(log_temperature), axis=1)[np.arange(400), y].mean()

    best = minimize_scalar(loss, bounds=(-3, 3), options={"xatol": 1e-10})
    fitted = TemperatureScaler(input="logits").fit(z, y)
    # a minimum is flat: the minimiser knows its place to about the root of the machine precision
    assert fitted.temperature_ == pytest.approx(np.exp(best.x), rel=1e-6)


@pytest.mark.parametrize(
    ("model", "temperature", "error"),
    [("wideresnet-16-4", 2.0658, 0.00942), ("vgg16", 1.7226, 0.01535)],
)
def test_published_temperatures_of_networks(model, temperature, error):
    """Temperature and test ECE (15 equal bins) on CIFAR-10, with probabilities clipped at 1e-12.

    The values are those of netcal 1.3 and probmetrics on the same halves, see issue 2.
    """
    images = load_cifar10_probabilities(model=model)
    X = np.clip(images.data.astype(float), 1e-12, 1)
    X /= X.sum(axis=1, keepdims=True)
    y, test = images.target, images.test_idx
    fitted = TemperatureScaler().fit(X[images.cal_idx], y[images.cal_idx])
    assert fitted.temperature_ == pytest.approx(temperature, abs=5e-5)
    proba = fitted.predict_proba(X[test])
    ece = expected_calibration_error(
        y[test], proba, kind="confidence", n_bins=15, strategy="uniform"
    )
    assert ece == pytest.approx(error, abs=5e-6)
    # the original float32 outputs, not clipped, hardly differ
    raw = TemperatureScaler().fit(images.data[images.cal_idx], y[images.cal_idx])
    assert raw.temperature_ == pytest.approx(temperature, rel=2e-3)


# Temperature lives on the log-odds scale


def calibrated_log_odds(n=100_000, seed=0):
    """Log-odds s and labels with P(y = 1) = expit(s)."""
    rng = np.random.default_rng(seed)
    s = rng.normal(scale=2, size=n)
    return s, (rng.random(n) < expit(s)).astype(int)


def test_calibrated_binary_scores_have_temperature_one_in_every_form():
    s, y = calibrated_log_odds()
    p = expit(s)
    probabilities = {
        "one dimension": p,
        "one column": p[:, None],
        "two columns": np.column_stack([1 - p, p]),
    }
    logits = {
        "decision value": s,
        "one column": s[:, None],
        "two columns": np.column_stack([np.zeros_like(s), s]),
        "halves": np.column_stack([-s / 2, s / 2]),
    }
    from_proba = [TemperatureScaler().fit(X, y).temperature_ for X in probabilities.values()]
    from_logits = [
        TemperatureScaler(input="logits").fit(X, y).temperature_ for X in logits.values()
    ]
    assert len(set(from_proba)) == 1
    assert len(set(from_logits)) == 1
    assert from_proba[0] == pytest.approx(from_logits[0], rel=1e-9)
    # the standard error of the maximum-likelihood 1 / T is the inverse root of the information
    standard_error = 1 / np.sqrt(np.sum(s**2 * p * (1 - p)))
    assert abs(1 / from_proba[0] - 1) < 3 * standard_error < 0.05


def test_calibrated_probabilities_of_many_classes_have_temperature_one():
    rng = np.random.default_rng(0)
    z = rng.normal(scale=2, size=(50_000, 5))
    y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    proba = softmax(z, axis=1)
    variance = np.sum(proba * z**2, axis=1) - np.sum(proba * z, axis=1) ** 2
    for X, kind in ((z, "logits"), (proba, "proba")):
        temperature = TemperatureScaler(input=kind).fit(X, y).temperature_
        assert abs(1 / temperature - 1) < 3 / np.sqrt(variance.sum())


@pytest.mark.parametrize("stretch", [0.5, 2, 10])
def test_stretched_log_odds_have_their_factor_as_temperature(stretch):
    s, y = calibrated_log_odds(2000)
    base = TemperatureScaler(input="logits").fit(s, y)
    stretched = TemperatureScaler(input="logits").fit(stretch * s, y)
    assert stretched.temperature_ == pytest.approx(stretch * base.temperature_, rel=1e-9)
    np.testing.assert_allclose(
        stretched.predict_proba(stretch * s), base.predict_proba(s), rtol=1e-8
    )


def test_log_odds_are_divided_by_the_temperature():
    s, y = calibrated_log_odds(2000)
    fitted = TemperatureScaler().fit(expit(3 * s), y)
    calibrated = fitted.predict_proba([0.9, 0.5, 1e-6])[:, 1]
    np.testing.assert_allclose(
        logit(calibrated), logit([0.9, 0.5, 1e-6]) / fitted.temperature_, atol=1e-12
    )


def test_the_answer_never_changes():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(1000, 6))
    y = np.where(rng.random(1000) < 0.5, z.argmax(axis=1), rng.integers(0, 6, 1000))
    fitted = TemperatureScaler(input="logits").fit(z, y)
    np.testing.assert_array_equal(fitted.predict(z), fitted.classes_[z.argmax(axis=1)])


# The floor


def test_probabilities_far_below_one_are_kept_exactly():
    """The log-odds of 1e-300 are -690.8; float64 holds them, and so does the calibrator."""
    s, y = calibrated_log_odds(2000)
    fitted = TemperatureScaler().fit(expit(5 * s), y)
    # log(1 - 1e-300) is 0, hence the log-odds are log(1e-300)
    expected = expit(-300 * np.log(10) / fitted.temperature_)
    assert fitted.predict_proba([1e-300])[0, 1] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("eps", [None, 1e-3, 1e-12])
def test_a_smaller_probability_never_becomes_larger(eps):
    s, y = calibrated_log_odds(2000)
    fitted = TemperatureScaler(eps=eps).fit(
        np.append(expit(20 * s), [0.0, 1.0]), np.append(y, [0, 1])
    )
    p = np.concatenate(
        [[0.0, 5e-324, 1e-310], np.logspace(-305, -1, 400), 1 - np.logspace(-1, -16, 50)]
    )
    calibrated = fitted.predict_proba(np.append(p, 1.0))
    assert np.all(np.diff(calibrated[:, 1]) >= 0)
    assert np.all(np.diff(calibrated[:, 0]) <= 0)


def test_the_floor_is_the_documented_one():
    y = [0, 1, 0, 1]
    assert TemperatureScaler().fit([0.0, 0.6, 0.7, 0.9], y).eps_ == pytest.approx(0.05)
    assert TemperatureScaler().fit([0.1, 0.6, 0.7, 0.9], y).eps_ == np.finfo(np.float64).tiny
    single = np.array([0.1, 0.6, 0.7, 0.9], np.float32)
    assert TemperatureScaler().fit(single, y).eps_ == np.finfo(np.float32).tiny
    assert TemperatureScaler(eps=1e-3).fit([0.0, 0.6, 0.7, 0.9], y).eps_ == 1e-3
    with pytest.raises(ValueError, match=r"eps must be in \(0, 0.5\]"):
        TemperatureScaler(eps=0.0).fit([0.1, 0.6, 0.7, 0.9], y)


def test_a_given_floor_is_where_scores_start():
    """Raising the scores by hand gives the same temperature."""
    p = np.array([1e-9, 1e-4, 0.3, 0.8, 0.9, 0.2, 1.0])
    y = np.array([0, 0, 1, 1, 0, 0, 1])
    two = np.maximum(np.column_stack([1 - p, p]), 1e-3)
    fitted = TemperatureScaler(eps=1e-3).fit(p, y)
    by_hand = TemperatureScaler(input="logits").fit(np.log(two), y)
    assert fitted.temperature_ == pytest.approx(by_hand.temperature_, rel=1e-12)


def test_a_floor_that_float32_cannot_hold():
    """1e-300 is zero in float32; the logarithm must not be minus infinity."""
    X = np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 0.2, 0.8], [0.2, 0.6, 0.2]])
    y = [0, 1, 1, 2, 0]
    single = TemperatureScaler(eps=1e-300).fit(X.astype(np.float32), y)
    double = TemperatureScaler(eps=1e-300).fit(X, y)
    assert single.temperature_ == pytest.approx(double.temperature_, rel=1e-6)


# No finite optimum


def test_all_right_by_hand():
    """Two right answers with log-odds 2 support log(1 + exp(-2 / T)) = log(4 / 3): T = 2 / log(3)."""
    with pytest.warns(UserWarning, match="Every calibration row is answered right") as record:
        fitted = TemperatureScaler().fit([expit(2.0), expit(-2.0)], [1, 0])
    assert fitted.temperature_ == pytest.approx(2 / np.log(3), rel=1e-9)
    # which is Laplace's (n + 1) / (n + 2) for each of them
    np.testing.assert_allclose(fitted.predict_proba([expit(2.0)]), [[0.25, 0.75]])
    assert record[0].filename == __file__  # the warning points at the line that called fit


def test_uninformative_scores():
    with pytest.warns(UserWarning, match="The scores say nothing about the labels"):
        fitted = TemperatureScaler().fit([0.9, 0.2, 0.8], [0, 1, 0])
    # standard deviation within a row of two logits: half their difference
    spread = np.sqrt(np.mean((logit([0.9, 0.2, 0.8]) / 2) ** 2))
    assert fitted.temperature_ == pytest.approx(1000 * spread)
    np.testing.assert_allclose(fitted.predict_proba([0.9]), 0.5, atol=1e-3)


def test_constant_scores():
    with pytest.warns(UserWarning, match="All classes have equal scores"):
        fitted = TemperatureScaler().fit(np.full((4, 4), 0.25), [0, 1, 2, 3])
    assert fitted.temperature_ == 1
    np.testing.assert_array_equal(fitted.predict_proba(np.full((1, 4), 0.25)), 0.25)


def test_answers_without_any_doubt_get_their_accuracy():
    """Zeros and ones carry no confidence; 9 of 10 right answers make each 90 % sure."""
    stated = np.array([1.0] * 5 + [0.0] * 5)
    right = stated.copy()
    right[0] = 0
    fitted = TemperatureScaler().fit(stated, right.astype(int))
    np.testing.assert_allclose(fitted.predict_proba([1.0, 0.0]), [[0.1, 0.9], [0.9, 0.1]])
