"""The band holds calibrated curves as often as it says."""

import numpy as np
import pytest
from scipy.optimize import isotonic_regression
from scipy.stats import binom

from sklearn_calib.metrics import calibration_table, consistency_band


def test_one_bin_is_the_central_binomial_interval():
    band = consistency_band(np.zeros(50), np.full(50, 0.3), kind="record", confidence_level=0.9)
    expected = binom.interval(0.9, 50, 0.3)
    np.testing.assert_allclose([band.lower[0], band.upper[0]], np.divide(expected, 50))
    assert band.probability == pytest.approx([0.3])


def test_points_are_the_rows_of_the_table():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], 200)
    y = rng.integers(0, 3, 200)
    for kind in ("confidence", "top_label"):
        band = consistency_band(y, proba, kind=kind, strategy="quantile", n_bins=5)
        table = calibration_table(y, proba, kind=kind, strategy="quantile", n_bins=5)
        np.testing.assert_array_equal(band.probability, table.confidence)


@pytest.mark.parametrize("curve", ["binned", "isotonic"])
def test_calibrated_curves_lie_inside_as_often_as_the_level(curve):
    rng = np.random.default_rng(0)
    p = np.sort(rng.choice(np.linspace(0.05, 0.95, 10), 400))
    band = consistency_band(p > 0.5, p, curve=curve, kind="record", confidence_level=0.9)
    values, code, count = np.unique(p, return_inverse=True, return_counts=True)
    inside = []
    for _ in range(400):
        share = np.bincount(code, rng.random(400) < p) / count
        if curve == "isotonic":
            share = isotonic_regression(share, weights=count).x
        inside.append((band.lower - 1e-9 <= share) & (share <= band.upper + 1e-9))
    np.testing.assert_allclose(band.probability, values)
    inside = np.mean(inside, axis=0)
    assert np.all(inside > 0.85)
    if curve == "isotonic":
        assert np.all(inside[1:-1] < 0.96)  # at the ends shares of few distinct values


def test_isotonic_bands_surround_the_diagonal_and_ascend():
    p = np.random.default_rng(0).random(5_000)
    band = consistency_band(p > 0.5, p, curve="isotonic", n_resamples=300)
    assert band.probability.size == 128
    assert np.all(np.diff(band.lower) >= 0)
    assert np.all(np.diff(band.upper) >= 0)
    inner = slice(2, -2)  # the ends of an isotonic curve lean outwards
    assert np.all(band.lower[inner] <= band.probability[inner])
    assert np.all(band.upper[inner] >= band.probability[inner])


@pytest.mark.parametrize("curve", ["binned", "isotonic"])
def test_integer_weights_are_repetitions(curve):
    rng = np.random.default_rng(0)
    p, weight = rng.choice([0.2, 0.5, 0.9], 60), rng.integers(0, 4, 60)
    weighted = consistency_band(p > 0.5, p, curve=curve, kind="record", sample_weight=weight)
    rows = np.repeat(p, weight)
    repeated = consistency_band(rows > 0.5, rows, curve=curve, kind="record")
    np.testing.assert_allclose(np.array(weighted[:3]), np.array(repeated[:3]))


@pytest.mark.parametrize("curve", ["binned", "isotonic"])
def test_certainty_has_a_band_without_width(curve):
    band = consistency_band([0, 1, 1], [0, 1, 1], curve=curve, kind="record")
    np.testing.assert_array_equal(band.lower, [0, 1])
    np.testing.assert_array_equal(band.upper, [0, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curve": "smooth"}, "curve must be one of"),
        ({"confidence_level": 1.0}, "confidence_level"),
        ({"kind": "classwise"}, "not independent"),
        ({"kind": "top_label", "curve": "isotonic"}, "one curve"),
        ({"n_resamples": 0}, "n_resamples"),
    ],
)
def test_wrong_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        consistency_band([0, 1], [0.2, 0.7], **change)
