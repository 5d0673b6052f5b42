"""One property suite over all metrics: a new metric is one more line in `METRICS`."""

from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklearn_calib import metrics
from sklearn_calib.metrics import (
    CalibrationTable,
    ThresholdTable,
    accuracy_by_threshold,
    answered_accuracy,
    answered_cost,
    answered_coverage,
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    calibration_error,
    calibration_table,
    coverage,
    coverage_at_accuracy,
    excess_area_under_risk_coverage_curve,
    expected_calibration_error,
    maximum_calibration_error,
    risk_coverage_curve,
    selective_accuracy,
    selective_cost,
)

KINDS = ("auto", "confidence", "top_label", "classwise")
BINNED = (calibration_table, expected_calibration_error, maximum_calibration_error)


def decide(metric, y_true, y_proba, *, labels, **arguments):
    """A metric of decisions, as of a classifier that abstains below a confidence of one half."""
    proba = np.asarray(y_proba)
    answer = np.asarray(labels)[proba.argmax(axis=1)]
    label = "abstain" if answer.dtype.kind in "UO" else -9
    answer = np.where(proba.max(axis=1) >= 0.5, answer.astype(object), label)
    y_pred = np.array(answer.tolist())
    return metric(y_true, y_pred, abstain_label=label, labels=labels, **arguments)


METRICS = {
    f"{metric.__name__}-{kind}-{strategy}": partial(metric, kind=kind, strategy=strategy)
    for metric, kind, strategy in product(BINNED, KINDS, ("uniform", "quantile"))
}
METRICS |= {
    "l2": partial(calibration_error, norm="l2"),
    "l2 squared": partial(calibration_error, norm="l2", squared=True, kind="classwise"),
    "selective_accuracy-threshold": partial(selective_accuracy, threshold=0.6),
    "selective_accuracy-coverage": partial(selective_accuracy, coverage=0.7),
    "coverage": partial(coverage, threshold=0.6),
    "risk_coverage_curve": risk_coverage_curve,
    "area_under_risk_coverage_curve": area_under_risk_coverage_curve,
    "area_under_risk_coverage_curve-trapezoid": partial(
        area_under_risk_coverage_curve, rule="trapezoid"
    ),
    "excess_area_under_risk_coverage_curve": excess_area_under_risk_coverage_curve,
    "area_under_generalized_risk_coverage_curve": area_under_generalized_risk_coverage_curve,
    "area_under_generalized_risk_coverage_curve-rows": partial(
        area_under_generalized_risk_coverage_curve, rule="rows"
    ),
    "coverage_at_accuracy": partial(coverage_at_accuracy, accuracy=0.4),
    "selective_cost": partial(selective_cost, costs=(1, 0.4)),
    "selective_cost-threshold": partial(selective_cost, costs=(1, 0.4), threshold=0.5),
    "accuracy_by_threshold": partial(accuracy_by_threshold, thresholds=[0.4, 0.5, 0.6]),
    "answered_accuracy": partial(decide, answered_accuracy),
    "answered_coverage": partial(decide, answered_coverage),
    "answered_cost": partial(decide, answered_cost, costs=(1, 0.2)),
}
# The number of its bins counts rows, by its documentation.
COUNTING = {"cube_root": partial(calibration_error, n_bins="cube_root")}

TABLES = (CalibrationTable, ThresholdTable)

every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
every_metric_at_all = pytest.mark.parametrize(
    "metric", (METRICS | COUNTING).values(), ids=METRICS | COUNTING
)


@pytest.fixture
def data():
    """Labels, probabilities that are multiples of 1 / 20 (so they tie and lie on edges), weights."""
    rng = np.random.default_rng(0)
    proba = rng.multinomial(20, [0.5, 0.3, 0.2], size=80) / 20
    return rng.integers(0, 3, 80), proba, rng.integers(1, 4, 80)


def numbers(result):
    """What a metric returns as one array: of a table all that does not depend on the scale."""
    if isinstance(result, CalibrationTable):
        names = ("lower", "upper", "share", "confidence", "accuracy")
        return np.concatenate([getattr(result, name) for name in names])
    if isinstance(result, ThresholdTable):
        return np.concatenate([result.threshold, result.coverage, result.accuracy])
    return np.concatenate(result) if isinstance(result, tuple) else np.array([result])


def check_same(result, expected, rtol=1e-10):
    np.testing.assert_allclose(numbers(result), numbers(expected), rtol=rtol, atol=rtol)


def test_every_public_metric_is_here():
    functions = {
        name
        for name in metrics.__all__
        if callable(getattr(metrics, name))
        and not isinstance(getattr(metrics, name), type)
        and not name.endswith("_scorer")
        and not name.startswith("get_")
    }
    called = {m.args[0] if isinstance(m, partial) and m.args else m for m in METRICS.values()}
    assert {getattr(m, "func", m).__name__ for m in called} == functions


@every_metric_at_all
def test_order_of_rows_does_not_matter(metric, data):
    y, proba, weight = data
    rows = np.random.default_rng(1).permutation(y.size)
    expected = metric(y, proba, labels=range(3), sample_weight=weight)
    check_same(metric(y[rows], proba[rows], labels=range(3), sample_weight=weight[rows]), expected)


@every_metric
def test_integer_weights_are_repetitions(metric, data):
    y, proba, weight = data
    weight = weight - 1  # zero is none
    rows = np.repeat(np.arange(y.size), weight)
    expected = metric(y[rows], proba[rows], labels=range(3))
    check_same(metric(y, proba, labels=range(3), sample_weight=weight), expected)


@every_metric_at_all
@pytest.mark.parametrize("scale", [1e-6, 1 / 3, 1e6])
def test_scale_of_weights_does_not_matter(metric, data, scale):
    y, proba, weight = data
    expected = metric(y, proba, labels=range(3), sample_weight=weight)
    check_same(metric(y, proba, labels=range(3), sample_weight=weight * scale), expected)


@every_metric_at_all
def test_no_weights_are_equal_weights(metric, data):
    y, proba, _ = data
    expected = metric(y, proba, labels=range(3))
    check_same(metric(y, proba, labels=range(3), sample_weight=np.full(y.size, 7.0)), expected)


@every_metric_at_all
@pytest.mark.parametrize(
    "coding",
    [[1, 2, 3], [-1, 0, 1], [0.0, 1.0, 2.0], ["a", "bb", "ccc"]],
    ids=str,
)
def test_coding_of_labels_does_not_matter(metric, data, coding):
    y, proba, weight = data
    expected = metric(y, proba, labels=range(3), sample_weight=weight)
    y = np.array(coding)[y]
    check_same(metric(y, proba, labels=coding, sample_weight=weight), expected)


@every_metric_at_all
def test_labels_are_not_needed_where_every_class_occurs(metric, data):
    if getattr(metric, "func", None) is decide:
        pytest.skip("decisions need the abstain label or the labels")
    y, proba, _ = data
    check_same(metric(y, proba), metric(y, proba, labels=range(3)))


@every_metric_at_all
def test_single_precision_is_nearly_double_precision(metric, data):
    y, proba, weight = data
    expected = metric(y, proba, labels=range(3), sample_weight=weight)
    single = metric(
        y, proba.astype(np.float32), labels=range(3), sample_weight=weight.astype(np.float32)
    )
    check_same(single, expected, rtol=1e-6)


@every_metric_at_all
def test_single_precision_of_saturated_probabilities(metric):
    # A sure model: most confidences are within 1e-5 of 1, where float32 has few values. Both
    # precisions get the same numbers, so they must give the same bins, ties and answers.
    logits = np.random.default_rng(0).normal(scale=8, size=(300, 3))
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba = (proba / proba.sum(axis=1, keepdims=True)).astype(np.float32)
    y = np.random.default_rng(1).integers(0, 3, 300)
    expected = metric(y, proba.astype(float), labels=range(3))
    check_same(metric(y, proba, labels=range(3)), expected, rtol=1e-6)


CONTAINERS = {
    "lists": (list, np.ndarray.tolist, list),
    "pandas with shifted indices": (
        lambda y: pd.Series(y, index=np.arange(y.size) + 3),
        lambda p: pd.DataFrame(p, index=np.arange(len(p))[::-1], columns=list("abc")),
        lambda w: pd.Series(w, index=np.arange(w.size) * 2),
    ),
    "polars": (pl.Series, pl.DataFrame, pl.Series),
    "not contiguous": (
        lambda y: np.repeat(y, 2)[::2],
        np.asfortranarray,
        lambda w: np.repeat(w, 3)[::3],
    ),
    "backwards": (
        lambda y: y[::-1].copy()[::-1],
        lambda p: p[::-1].copy()[::-1],
        lambda w: w[::-1].copy()[::-1],
    ),
}


@every_metric_at_all
@pytest.mark.parametrize("containers", CONTAINERS.values(), ids=CONTAINERS)
def test_container_does_not_matter(metric, data, containers):
    expected = metric(*data[:2], labels=range(3), sample_weight=data[2])
    y, proba, weight = (make(part) for make, part in zip(containers, data, strict=True))
    check_same(metric(y, proba, labels=range(3), sample_weight=weight), expected)


@every_metric_at_all
def test_inputs_are_neither_written_to_nor_changed(metric, data):
    before = [part.copy() for part in data]
    for part in data:
        part.flags.writeable = False
    metric(data[0], data[1], labels=range(3), sample_weight=data[2])
    for part, copy in zip(data, before, strict=True):
        np.testing.assert_array_equal(part, copy)


@every_metric_at_all
def test_result_does_not_share_memory_with_the_input(metric, data):
    y, proba, weight = data[0], data[1], data[2].astype(float)
    result = metric(y, proba, labels=range(3), sample_weight=weight)
    arrays = vars(result).values() if isinstance(result, TABLES) else np.atleast_1d(result)
    assert not any(
        np.shares_memory(array, part)
        for array in arrays
        if isinstance(array, np.ndarray)
        for part in (y, proba, weight)
    )


@every_metric_at_all
@pytest.mark.parametrize("n_rows", [2, 5])
def test_a_few_rows_that_are_all_right_are_valid(metric, n_rows):
    y, sure = np.arange(n_rows) % 3, np.linspace(0.7, 1, n_rows)[:, None]
    result = numbers(metric(y, sure * np.eye(3)[y] + (1 - sure) / 3, labels=range(3)))
    assert np.all(np.isfinite(result))
    assert np.all((result >= 0) & (result <= 1))


SURE_AND_LESS = np.array([[1, 0, 0], [0, 1, 0], [0.9, 0.05, 0.05], [0.05, 0.05, 0.9]])


@every_metric_at_all
def test_values_are_shares_and_errors_of_at_most_one(metric):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        proba = SURE_AND_LESS[rng.integers(0, 4, 200)]
        y = rng.integers(0, 3, 200)
        result = numbers(metric(y, proba, labels=range(3), sample_weight=rng.random(200)))
        assert np.all((result >= 0) & (result <= 1))


@every_metric_at_all
def test_scalars_are_python_floats(metric, data):
    result = metric(*data[:2], labels=range(3), sample_weight=data[2])
    assert isinstance(result, (*TABLES, tuple)) or type(result) is float


@every_metric_at_all
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": [0, 1]}, "y_true has 2"),
        ({"y_true": [[0, 1, 2]] * 80}, "y_true"),
        ({"y_true": [0, None] * 40}, "y_true holds missing labels"),
        ({"sample_weight": [1, 2]}, "sample_weight.shape"),
        ({"sample_weight": [-1] * 80}, "sample_weight must not be negative"),
        ({"sample_weight": [0] * 80}, "all weights are zero"),
        ({"sample_weight": [np.nan] * 80}, "sample_weight contains NaN"),
    ],
)
def test_wrong_input_is_named(metric, data, change, message):
    arguments = {"y_true": data[0], "y_proba": data[1], "labels": range(3)} | change
    with pytest.raises(ValueError, match=message):
        metric(arguments.pop("y_true"), arguments.pop("y_proba"), **arguments)
