"""Isotonic calibration: scikit-learn's map, a finite log loss, and the reduction to two classes."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from sklearn_calib import IsotonicCalibrator


def forecasts(n, n_values=None, seed=0):
    """Overconfident probabilities, on a grid if `n_values` is given, with labels and weights."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    p = expit(2 * z)
    if n_values:
        p = np.round(p * n_values) / n_values
    return p, (rng.random(n) < expit(z)).astype(int), rng.exponential(size=n)


@pytest.mark.parametrize("n_values", [None, 20, 1])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_without_smoothing_it_is_that_of_scikit_learn(n_values, weighted, seed):
    """At the calibration rows, between and beyond them."""
    p, y, weight = forecasts(500, n_values, seed)
    weight = weight if weighted else None
    reference = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=weight)
    fitted = IsotonicCalibrator(smoothing=0).fit(p, y, sample_weight=weight)
    new = np.concatenate([p, np.linspace(0, 1, 301)])
    np.testing.assert_allclose(
        fitted.predict_proba(new)[:, 1], reference.predict(new), rtol=0, atol=1e-12
    )


def test_logits_are_turned_into_probabilities_first():
    p, y, _ = forecasts(200)
    logits, new = np.log(p / (1 - p)), np.linspace(-5, 5, 100)
    fitted = IsotonicCalibrator(input="logits", smoothing=0).fit(logits, y)
    reference = IsotonicRegression(out_of_bounds="clip").fit(expit(logits), y)
    np.testing.assert_allclose(
        fitted.predict_proba(new)[:, 1], reference.predict(expit(new)), rtol=0, atol=1e-12
    )


def test_more_classes_are_calibrated_one_against_the_rest():
    rng = np.random.default_rng(0)
    z = rng.normal(scale=2, size=(300, 4))
    X, y = softmax(z, axis=1), (z / 2 + rng.gumbel(size=z.shape)).argmax(axis=1)
    alone = [
        IsotonicCalibrator().fit(X[:, k], y == k).predict_proba(X[:, k])[:, 1] for k in range(4)
    ]
    expected = np.column_stack(alone) / np.sum(alone, axis=0)[:, None]
    fitted = IsotonicCalibrator().fit(X, y)
    # a class against the sum of the others is rounded otherwise than a class against 1 minus itself
    np.testing.assert_allclose(fitted.predict_proba(X), expected, rtol=1e-9)
    assert len(fitted._maps) == 4


def test_no_non_decreasing_map_fits_better():
    """In every proper score; the identity and all powers of the probability are such maps."""
    p, y, weight = forecasts(300)
    q = IsotonicCalibrator(smoothing=0).fit(p, y, sample_weight=weight).predict_proba(p)[:, 1]
    for score in (brier_score_loss, log_loss):
        best = score(y, q, sample_weight=weight)
        for power in (0.3, 0.5, 1, 2, 4):
            assert best <= score(y, p**power, sample_weight=weight)


def test_only_the_order_of_the_calibration_scores_matters_to_their_values():
    p, y, _ = forecasts(300)
    values = IsotonicCalibrator().fit(p, y).predict_proba(p)
    np.testing.assert_allclose(IsotonicCalibrator().fit(p**3, y).predict_proba(p**3), values)


def test_the_ranking_is_kept():
    p, y, _ = forecasts(500)
    q = IsotonicCalibrator().fit(p, y).predict_proba(np.linspace(0, 1, 1001))[:, 1]
    assert np.all(np.diff(q) >= -1e-15)


def test_smoothing_by_hand():
    """Blocks 0 of 3 and 4 of 4: (0 + a) / (3 + a) and 4 / (4 + a)."""
    p, y = [0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9], [0, 0, 0, 1, 1, 1, 1]
    for a in (0.0, 0.5, 1.0, 3.0):
        fitted = IsotonicCalibrator(smoothing=a).fit(p, y)
        expected = [a / (3 + a), 4 / (4 + a)]
        np.testing.assert_allclose(fitted.predict_proba([0.0, 1.0])[:, 1], expected)
    (knots,) = IsotonicCalibrator().fit(p, y)._maps
    np.testing.assert_allclose(knots.score, [0.1, 0.3, 0.6, 0.9])
    np.testing.assert_allclose(knots.value, [0.25, 0.25, 0.8, 0.8])


def test_smoothing_counts_rows_so_weights_have_no_free_scale():
    fitted = IsotonicCalibrator().fit([0.2, 0.9], [0, 1], sample_weight=[99, 9])
    np.testing.assert_allclose(fitted.predict_proba([0.2, 0.9])[:, 1], [0.01, 0.9])


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_log_loss_is_finite(n_classes, dtype):
    """Separable scores of 60 rows: no probability is below that of a single row against all."""
    rng = np.random.default_rng(0)
    z = rng.normal(scale=10, size=(60, n_classes)).astype(dtype)
    fitted = IsotonicCalibrator().fit(softmax(z, axis=1), z.argmax(axis=1))
    new = softmax(rng.normal(scale=20, size=(500, n_classes)).astype(dtype), axis=1)
    proba = fitted.predict_proba(new)
    assert proba.dtype == dtype
    assert proba.min() >= 1 / (60 + 2) / n_classes


def test_rows_without_any_value_get_the_prior():
    """Without smoothing each class may have the value 0 at its low scores."""
    X = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.7, 0.2, 0.1]])
    fitted = IsotonicCalibrator(smoothing=0).fit(X, [0, 1, 2, 0])
    assert [knots.value[0] for knots in fitted._maps] == [0, 0, 0]
    fitted._maps = [knots._replace(value=0 * knots.value) for knots in fitted._maps]
    np.testing.assert_allclose(fitted.predict_proba(X), np.tile([0.5, 0.25, 0.25], (4, 1)))


def test_scores_that_round_to_one_are_tied():
    """Log-odds of 40 and 50 are the probability 1."""
    fitted = IsotonicCalibrator(input="logits", smoothing=0)
    fitted.fit([-1.0, 40.0, 50.0], [0, 0, 1])
    np.testing.assert_allclose(fitted.predict_proba([40.0, 45.0, 50.0])[:, 1], 0.5)


def test_exchanged_classes_exchange_the_probabilities():
    """Also for the smoothing. Dyadic scores have exact complements."""
    rng = np.random.default_rng(0)
    p = rng.integers(0, 65, 100) / 64
    y = (rng.random(100) < p).astype(int)
    straight = IsotonicCalibrator().fit(p, y).predict_proba(p)
    mirrored = IsotonicCalibrator().fit(1 - p, 1 - y).predict_proba(1 - p)
    np.testing.assert_allclose(straight, mirrored[:, ::-1], rtol=1e-12)


@pytest.mark.parametrize(
    ("smoothing", "error", "message"),
    [
        (-1, ValueError, r"smoothing must be in \[0, inf\)"),
        (np.inf, ValueError, r"smoothing must be in \[0, inf\)"),
        (np.nan, ValueError, r"smoothing must be in \[0, inf\)"),
        (None, TypeError, "smoothing must be a number"),
        (True, TypeError, "smoothing must be a number"),
    ],
)
def test_parameters(smoothing, error, message):
    with pytest.raises(error, match=message):
        IsotonicCalibrator(smoothing=smoothing).fit([0.2, 0.9], [0, 1])
