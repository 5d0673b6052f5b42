"""Comparison of two models and two periods."""

import numpy as np
import pandas as pd
import pytest

from sklearn_calib.metrics import compare_calibration


def models(rng, n):
    """Labels, an honest model, and one that says too much, on the same rows."""
    p = rng.uniform(0.1, 0.9, n)
    odds = (p / (1 - p)) ** 2
    return (rng.random(n) < p).astype(int), p, odds / (1 + odds)


def test_the_better_calibrated_model_is_told():
    y, honest, boastful = models(np.random.default_rng(0), 1_000)
    result = compare_calibration((y, honest), (y, boastful), paired=True)
    assert result.difference == pytest.approx(result.error_a - result.error_b)
    assert result.lower < result.difference < result.upper < 0
    assert result.pvalue < 1e-4
    mirrored = compare_calibration((y, boastful), (y, honest), paired=True)
    np.testing.assert_allclose(
        (mirrored.difference, mirrored.lower, mirrored.upper, mirrored.pvalue),
        (-result.difference, -result.upper, -result.lower, result.pvalue),
    )


def test_pairing_narrows_the_interval():
    y, honest, boastful = models(np.random.default_rng(0), 1_000)
    widths = [
        (r := compare_calibration((y, honest), (y, boastful), paired=paired)).upper - r.lower
        for paired in (True, False)
    ]
    assert widths[0] < widths[1]


@pytest.mark.parametrize("paired", [True, False])
def test_pvalues_and_intervals_at_equal_errors(paired):
    # Mirror images have equal errors. 60 intervals show 95 % to within 0.03 (one sigma).
    rng = np.random.default_rng(0)
    covered, significant = 0, 0
    for _ in range(60):
        p = rng.uniform(0.2, 0.8, 300)
        y = rng.random(300) < p
        other = (y, p + 0.1)
        if not paired:
            q = rng.uniform(0.2, 0.8, 300)
            other = (rng.random(300) < q, q + 0.1)
        result = compare_calibration((y, p - 0.1), other, paired=paired)
        covered += result.lower <= 0 <= result.upper
        significant += result.pvalue < 0.05
    assert covered == 60 - significant
    assert covered / 60 > 0.86


def test_the_same_model_twice_has_no_difference():
    y, honest, _ = models(np.random.default_rng(0), 100)
    result = compare_calibration((y, honest), (y, honest), paired=True)
    assert (result.difference, result.pvalue) == (0, 1)


def test_weights_order_and_containers():
    rng = np.random.default_rng(0)
    y, honest, boastful = models(rng, 200)
    weight = rng.integers(0, 4, 200)
    rows = np.repeat(np.arange(200), weight)
    rng.shuffle(rows)
    expected = compare_calibration((y, honest), (y, boastful), paired=True, sample_weight=weight)
    result = compare_calibration((y[rows], honest[rows]), (y[rows], boastful[rows]), paired=True)
    np.testing.assert_allclose(result[:6], expected[:6], rtol=1e-9)
    separate = compare_calibration((y, honest, weight), (y, boastful, weight), paired=False)
    result = compare_calibration((y[rows], honest[rows]), (y[rows], boastful[rows]), paired=False)
    np.testing.assert_allclose(result[:6], separate[:6], rtol=1e-9)
    names = np.where(y == 1, "yes", "no")
    framed = compare_calibration(
        (pd.Series(names), pd.Series(honest)), (names, boastful.tolist()), paired=True,
        sample_weight=weight,
    )  # fmt: skip
    np.testing.assert_allclose(framed[:6], expected[:6], rtol=1e-9)


def test_many_classes_graded_outcomes_and_equal_weight_bins():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], 300)
    y = (proba.cumsum(axis=1) > rng.random((300, 1))).argmax(axis=1)
    sharp = proba**3 / (proba**3).sum(axis=1, keepdims=True)
    result = compare_calibration((y, sharp), (y, proba), paired=True, strategy="quantile")
    assert result.lower > 0
    quality = np.clip(proba[:, 0] + rng.normal(0, 0.1, 300), 0, 1)
    result = compare_calibration(
        (quality, proba[:, 0]), (quality, sharp[:, 0]), paired=True, kind="record"
    )
    assert result.upper < 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"a": [1, 0]}, TypeError, "a must be a tuple"),
        ({"paired": "yes"}, ValueError, "paired must be one of"),
        ({"kind": "top_label"}, ValueError, "kind must be one of"),
        ({"b": ([1, 0, 1], [0.5, 0.5, 0.5])}, ValueError, "a has 2, b has 3"),
        ({"sample_weight": [1, 1], "paired": False}, ValueError, "for paired rows"),
        ({"a": ([0, 1], [0.5, 0.5], [1, 1])}, ValueError, "one weight"),
        ({"confidence_level": 0}, ValueError, "confidence_level"),
    ],
)
def test_wrong_input_is_named(arguments, error, message):
    part = ([0, 1], [0.2, 0.7])
    with pytest.raises(error, match=message):
        compare_calibration(**{"a": part, "b": part, "paired": True} | arguments)
