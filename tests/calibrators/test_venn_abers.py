"""Venn-Abers calibration: its definition, its guarantee, and the reduction to two classes."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.exceptions import NotFittedError
from sklearn.isotonic import IsotonicRegression

from sklearn_calib import VennAbersCalibrator


def forecasts(n, seed=0, n_values=40):
    """Overconfident probabilities on a grid, with labels and weights."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    p = np.round(expit(2 * z) * n_values) / n_values
    return p, (rng.random(n) < expit(z)).astype(int), rng.exponential(size=n)


def slow_interval(p, y, weight, new):
    """Isotonic regression with each new row added, first with the label 0, then with 1."""
    return [
        np.array(
            [
                IsotonicRegression(out_of_bounds="clip")
                .fit(np.append(p, s), np.append(y, label), np.append(weight, 1.0))
                .predict([s])[0]
                for s in new
            ]
        )
        for label in (0, 1)
    ]


def three_classes(n=200, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=2, size=(n, 3))
    return softmax(z, axis=1), (z / 2 + rng.gumbel(size=z.shape)).argmax(axis=1)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_interval_is_that_of_the_definition(weighted, seed):
    p, y, weight = forecasts(120, seed)
    weight = weight if weighted else np.ones(120)
    new = np.linspace(0, 1, 81)  # at the grid, and between
    fitted = VennAbersCalibrator().fit(p, y, sample_weight=weight if weighted else None)
    lower, upper = fitted.predict_interval(new)
    np.testing.assert_allclose([lower, upper], slow_interval(p, y, weight, new), rtol=0, atol=1e-12)
    proba = fitted.predict_proba(new)[:, 1]
    np.testing.assert_allclose(proba, upper / (1 - lower + upper), rtol=1e-14)


def test_the_bound_of_the_true_label_is_calibrated():
    """The guarantee of the method, exact over all ways to choose the new row among n + 1 rows.

    The value of the left-out row under its true label is that of one isotonic fit to all rows; and
    where that fit has a value, it is the share of positives.
    """
    p, y, _ = forecasts(80)
    value = np.empty(80)
    for i in range(80):
        others = np.arange(80) != i
        fitted = VennAbersCalibrator().fit(p[others], y[others])
        value[i] = fitted.predict_interval(p[i : i + 1])[y[i]][0]
    for v in np.unique(value.round(12)):
        assert y[value.round(12) == v].mean() == pytest.approx(v, abs=1e-12)


def test_more_rows_make_the_interval_narrow():
    """The added row has the weight 1, whatever the others weigh."""
    p, y, _ = forecasts(300)
    once = VennAbersCalibrator().fit(p, y).predict_interval(p)
    often = VennAbersCalibrator().fit(p, y, sample_weight=np.full(300, 100.0)).predict_interval(p)
    assert np.mean(often[1] - often[0]) < 0.1 * np.mean(once[1] - once[0])


def test_logits_are_turned_into_probabilities_first():
    p, y, _ = forecasts(200)
    logits, new = np.log((p + 0.01) / (1.01 - p)), np.linspace(-5, 5, 100)
    from_logits = VennAbersCalibrator(input="logits").fit(logits, y).predict_interval(new)
    from_proba = VennAbersCalibrator().fit(expit(logits), y).predict_interval(expit(new))
    np.testing.assert_allclose(from_logits, from_proba, rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_shapes_and_types(dtype):
    X, y = three_classes()
    X = X.astype(dtype)
    for columns, labels, shape in ((X, y, (5, 3)), (X[:, 0], y == 0, (5,))):
        fitted = VennAbersCalibrator().fit(columns, labels)
        for bound in fitted.predict_interval(columns[:5]):
            assert bound.shape == shape
            assert bound.dtype == dtype
            assert np.all((bound >= 0) & (bound <= 1))
        assert fitted.predict_proba(columns).dtype == dtype


def test_more_classes_are_calibrated_one_against_the_rest():
    X, y = three_classes()
    fitted = VennAbersCalibrator().fit(X, y)
    alone = [VennAbersCalibrator().fit(X[:, k], y == k).predict_interval(X[:, k]) for k in range(3)]
    lower, upper = np.moveaxis(alone, 0, -1)
    # a class against the sum of the others is rounded otherwise than a class against 1 minus itself
    np.testing.assert_allclose(fitted.predict_interval(X), [lower, upper], rtol=0, atol=1e-12)
    merged = upper / (1 - lower + upper)
    expected = merged / merged.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.predict_proba(X), expected, rtol=1e-12)


def test_a_class_without_rows():
    """Of 200 rows none: 0 of 201 or 1 of 201, and 1 / 202 merged, as for equal scores."""
    X, y = three_classes()
    y = np.where(y == 2, 0, y)
    fitted = VennAbersCalibrator(classes=[0, 1, 2]).fit(X, y)
    lower, upper = fitted.predict_interval(X)
    np.testing.assert_allclose(lower[:, 2], 0, atol=1e-12)
    np.testing.assert_allclose(upper[:, 2], 1 / 201)
    odds = fitted.predict_proba(X)[:, 2] / fitted.predict_proba(X)[:, 1]
    merged = upper[:, 1] / (1 - lower[:, 1] + upper[:, 1])
    np.testing.assert_allclose(odds, 1 / 202 / merged)


@pytest.mark.parametrize(("code", "bounds"), [(0, (0, 1 / 4)), (1, (3 / 4, 1))])
def test_one_class_only(code, bounds):
    """Three rows of one class: 0 to 1 of 4, or 3 to 4 of 4, merged to 1 / 5 or 4 / 5."""
    fitted = VennAbersCalibrator(classes=[0, 1]).fit([0.1, 0.2, 0.9], [code] * 3)
    for bound, expected in zip(fitted.predict_interval([0.3, 1.0]), bounds, strict=True):
        np.testing.assert_allclose(bound, [expected] * 2, atol=1e-15)
    np.testing.assert_allclose(fitted.predict_proba([0.3])[:, 1], [1 / 5, 4 / 5][code])


def test_probabilities_are_never_certain():
    """After n rows between 1 / (n + 2) and (n + 1) / (n + 2), also where scores separate them."""
    p = np.linspace(0, 1, 30)
    fitted = VennAbersCalibrator().fit(p, p > 0.5)
    proba = fitted.predict_proba(np.linspace(0, 1, 500))
    assert proba.min() >= 1 / 32
    assert fitted.predict_proba([0.0])[0, 1] == pytest.approx(1 / 17)  # 0 of 15, Laplace's rule


def test_an_offset_of_the_logits_changes_nothing():
    """It rounds scores away from calibration scores that they equal."""
    rng = np.random.default_rng(0)
    z = rng.normal(scale=3, size=(200, 2))
    y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    fitted = VennAbersCalibrator(input="logits").fit(z, y)
    shifted = fitted.predict_proba(z + rng.normal(size=(200, 1)))
    np.testing.assert_array_equal(shifted, fitted.predict_proba(z))


def test_the_interval_needs_a_fit():
    with pytest.raises(NotFittedError):
        VennAbersCalibrator().predict_interval([0.5])


def test_the_interval_refuses_what_predict_proba_refuses():
    X, y = three_classes()
    fitted = VennAbersCalibrator().fit(X, y)
    with pytest.raises(ValueError, match="expecting 3 features"):
        fitted.predict_interval(X[:, :2] / X[:, :2].sum(axis=1, keepdims=True))
    with pytest.raises(ValueError, match="must hold probabilities"):
        fitted.predict_interval(2 * X)
