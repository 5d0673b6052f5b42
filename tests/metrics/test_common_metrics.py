"""One property suite over all metrics: a new metric is one more line in `METRICS`."""

from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklearn_calib import metrics
from sklearn_calib._core import calibration_error as formulas
from sklearn_calib.metrics import (
    CalibrationTable,
    RecalibrationCurve,
    ThresholdTable,
    accuracy_by_threshold,
    answered_accuracy,
    answered_cost,
    answered_coverage,
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    calibration_by_group,
    calibration_error,
    calibration_intercept,
    calibration_slope,
    calibration_table,
    calibration_test,
    coverage,
    coverage_at_accuracy,
    cumulative_calibration_error,
    debiased_calibration_error,
    excess_area_under_risk_coverage_curve,
    expected_calibration_error,
    maximum_calibration_error,
    mean_calibration_gap,
    multicalibration_error,
    overconfidence_error,
    recalibration_curve,
    risk_coverage_curve,
    score_decomposition,
    selective_accuracy,
    selective_cost,
    smooth_calibration_error,
    spiegelhalter_z,
    sweep_calibration_error,
    underconfidence_error,
)

# Their results are not one number; their invariances are tested beside them.
INFERENCE = (
    "calibration_error_interval",
    "calibration_test",
    "compare_calibration",
    "confidence_interval",
    "consistency_band",
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


def in_groups(metric, y_true, y_proba, **arguments):
    """A metric of groups, of equal answers where there are columns, as absolute gaps or one number."""
    proba = np.asarray(y_proba)
    columns = proba.ndim == 2 and proba.dtype.kind == "f"
    answer = proba.argmax(axis=1) if columns else np.zeros(len(proba))
    result = metric(y_true, y_proba, answer, min_count=1, **arguments)
    if metric is calibration_by_group:
        order = np.argsort(result.group)
        return np.abs(result.gap)[order], result.table.accuracy[order]
    return float(result)


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
    "calibration_by_group": partial(in_groups, calibration_by_group),
    "multicalibration_error": partial(in_groups, multicalibration_error),
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
METRICS |= {
    f"{metric.__name__}-{kind}": partial(metric, kind=kind)
    for metric, kind in product((sweep_calibration_error, smooth_calibration_error), KINDS)
}
METRICS |= {
    f"score_decomposition-{loss}-{kind}": partial(score_decomposition, loss=loss, kind=kind)
    for loss, kind in product(("brier", "log_loss"), KINDS[1:])
}
METRICS |= {
    f"score_decomposition-{loss}-bins": partial(
        score_decomposition, loss=loss, method="bins", kind="classwise"
    )
    for loss in ("brier", "log_loss")
}
METRICS |= {
    "sweep-l2": partial(sweep_calibration_error, norm="l2"),
    "smooth-bandwidth": partial(smooth_calibration_error, bandwidth=0.05),
    "overconfidence_error": overconfidence_error,
    "underconfidence_error": partial(underconfidence_error, kind="top_label"),
    "mean_calibration_gap": mean_calibration_gap,
    "recalibration_curve": recalibration_curve,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
}
# What depends on the number of rows knows weights as frequencies, by the rule of the package.
FREQUENCIES = {
    f"debiased_calibration_error-{kind}": partial(debiased_calibration_error, kind=kind)
    for kind in KINDS
} | {
    "debiased-root": partial(debiased_calibration_error, squared=False, strategy="quantile"),
    "cumulative-max": partial(cumulative_calibration_error, statistic="max"),
    "cumulative-range": cumulative_calibration_error,
    "spiegelhalter_z": spiegelhalter_z,
}
UNBOUNDED = (
    "mean_calibration_gap",
    "calibration_",
    "debiased",
    "spiegelhalter",
    "log_loss",
    "-bins",
)
INFERENTIAL = {
    "calibration_test": partial(calibration_test, method="spiegelhalter"),
    "by_group": partial(calibration_by_group, min_count=1),
    "multi": partial(multicalibration_error, min_count=1),
    "thresholds": partial(accuracy_by_threshold, thresholds=[0.4, 0.5, 0.6]),
}
# The number of its bins counts rows, by its documentation.
COUNTING = {"cube_root": partial(calibration_error, n_bins="cube_root")}

ALL = METRICS | FREQUENCIES | COUNTING


def each(metrics):
    return pytest.mark.parametrize("metric", metrics.values(), ids=metrics)


def is_bounded(name):
    return not any(part in name for part in UNBOUNDED) or "table" in name


def is_of_probabilities(metric):
    return getattr(metric, "func", metric) not in (decide, in_groups)


every_metric = each(METRICS | FREQUENCIES)
every_metric_without_a_scale = each(METRICS | COUNTING)
every_metric_at_all = each(ALL)
every_share = each({name: metric for name, metric in ALL.items() if is_bounded(name)})
every_metric_of_probabilities = each(
    {name: metric for name, metric in ALL.items() if is_of_probabilities(metric)}
)
TABLES = (CalibrationTable, ThresholdTable)


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
    if isinstance(result, RecalibrationCurve):
        result = result._replace(weight=result.weight / result.weight.sum())
    if isinstance(result, ThresholdTable):
        result = (result.threshold, result.coverage, result.accuracy)
    parts = result if isinstance(result, tuple) else [result]
    return np.concatenate([np.atleast_1d(part) for part in parts])


def evidence(result):
    """What a result says about noise, or its number."""
    for name in ("pvalue", "accuracy_lower"):
        result = getattr(result, name, result)
    return result


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
        and name not in INFERENCE
    }
    called = {m.args[0] if isinstance(m, partial) and m.args else m for m in ALL.values()}
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


@every_metric_without_a_scale
@pytest.mark.parametrize("scale", [1e-6, 1 / 3, 1e6])
def test_scale_of_weights_does_not_matter(metric, data, scale):
    y, proba, weight = data
    expected = metric(y, proba, labels=range(3), sample_weight=weight)
    check_same(metric(y, proba, labels=range(3), sample_weight=weight * scale), expected)


@pytest.mark.parametrize(
    "name", [*FREQUENCIES, "calibration_test", "by_group", "multi", "thresholds"]
)
def test_scale_of_fractions_does_not_matter(name, data):
    # Fractions say nothing about how many rows there are, as normalized weights show.
    y, proba, weight = data
    groups = y.size * ["all"]
    metric = (FREQUENCIES | INFERENTIAL).get(name)
    metric = partial(metric, y, proba, *([groups] if name in ("by_group", "multi") else []))
    expected = metric(labels=range(3), sample_weight=weight + 0.5)
    for scale in (0.011, 110.11):
        result = metric(labels=range(3), sample_weight=(weight + 0.5) * scale)
        np.testing.assert_allclose(evidence(result), evidence(expected), rtol=1e-9)


@every_metric_without_a_scale
def test_no_weights_are_equal_weights(metric, data):
    y, proba, _ = data
    expected = metric(y, proba, labels=range(3))
    check_same(metric(y, proba, labels=range(3), sample_weight=np.full(y.size, 7.0)), expected)


@every_metric_at_all
def test_no_weights_are_weights_of_one(metric, data):
    y, proba, _ = data
    expected = metric(y, proba, labels=range(3))
    check_same(metric(y, proba, labels=range(3), sample_weight=np.ones(y.size)), expected)


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
@pytest.mark.filterwarnings("ignore:The log loss is infinite")
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
    arrays = vars(result).values() if isinstance(result, TABLES) else result
    arrays = arrays if isinstance(arrays, (tuple, type({}.values()))) else [arrays]
    assert not any(
        np.shares_memory(array, part)
        for array in arrays
        if isinstance(array, np.ndarray)
        for part in (y, proba, weight)
    )


@every_share
@pytest.mark.parametrize("n_rows", [2, 5])
def test_a_few_rows_that_are_all_right_are_valid(metric, n_rows):
    y, sure = np.arange(n_rows) % 3, np.linspace(0.7, 1, n_rows)[:, None]
    result = numbers(metric(y, sure * np.eye(3)[y] + (1 - sure) / 3, labels=range(3)))
    assert np.all(np.isfinite(result))
    assert np.all((result >= 0) & (result <= 1))


SURE_AND_LESS = np.array([[1, 0, 0], [0, 1, 0], [0.9, 0.05, 0.05], [0.05, 0.05, 0.9]])


@every_share
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


BINARY_CODINGS = {
    "booleans": lambda y: y.astype(bool),
    "minus one and one": lambda y: 2 * y - 1,
    "list": list,
    "list of booleans": lambda y: [bool(label) for label in y],
    "words": lambda y: np.array(["no", "yes"])[y],
    "floats": lambda y: y.astype(float),
    "shifted index": lambda y: pd.Series(y, index=np.arange(y.size) + 5),
}


@pytest.fixture
def binary():
    rng = np.random.default_rng(3)
    proba = rng.integers(1, 20, 120) / 20
    return (rng.random(120) < proba).astype(int), proba


@every_metric_of_probabilities
@pytest.mark.parametrize("code", BINARY_CODINGS.values(), ids=BINARY_CODINGS)
def test_binary_labels_of_any_kind_give_the_same_number(metric, binary, code):
    y, proba = binary
    expected = numbers(metric(y, proba))
    assert np.all(np.isfinite(expected))
    np.testing.assert_array_equal(numbers(metric(code(y), list(proba))), expected)
    frame = pd.DataFrame({"no": 1 - proba, "yes": proba}, index=np.arange(y.size)[::-1])
    check_same(metric(code(y), frame), metric(y, np.column_stack([1 - proba, proba])))


@every_metric_of_probabilities
@pytest.mark.filterwarnings("ignore:The outcomes are separable")
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_only_is_valid(metric, binary, label):
    # An all-correct batch of answers is data like any other.
    y = np.full(binary[0].size, label)
    assert np.all(np.isfinite(numbers(metric(y, binary[1]))))
    result = numbers(metric(["yes"] * y.size, binary[1], pos_label="yes" if label else "no"))
    np.testing.assert_array_equal(result, numbers(metric(y, binary[1])))


@every_metric_of_probabilities
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.2, "y_proba must hold probabilities in"),
        (-0.1, "y_proba must hold probabilities in"),
        (np.nan, "y_proba contains NaN"),
        (np.inf, "y_proba contains infinity"),
        ("high", "y_proba"),
    ],
)
def test_a_value_that_is_no_probability_is_an_error(metric, binary, value, message):
    y, proba = binary
    with pytest.raises(ValueError, match=message):
        metric(y, [*proba[:-1], value])
    columns = np.column_stack([1 - proba, proba]).astype(object)
    columns[5, 1] = value
    with pytest.raises(ValueError, match=message):
        metric(y, columns.tolist())


@every_metric_of_probabilities
def test_empty_and_unequal_input_is_an_error(metric, binary):
    y, proba = binary
    with pytest.raises(ValueError, match="y_proba"):
        metric([], [])
    with pytest.raises(ValueError, match="y_proba has 119"):
        metric(y, proba[1:])
    with pytest.raises(ValueError, match="y_true holds missing labels"):
        metric([*y[1:], None], proba)


TABLE_FORMULAS = (
    formulas.l1_error,
    formulas.l2_squared_error,
    formulas.max_error,
    formulas.debiased_l2_squared_error,
    formulas.signed_errors,
)


@pytest.mark.parametrize("formula", TABLE_FORMULAS, ids=lambda formula: formula.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_merging_tables_is_concatenating_rows(formula, kind, data):
    y, proba, weight = data
    first, second = np.arange(y.size) < 31, np.arange(y.size) >= 31

    def table(rows):
        return calibration_table(
            y[rows], proba[rows], sample_weight=weight[rows], labels=range(3), kind=kind
        )

    merged, whole = table(first) + table(second), table(slice(None))
    np.testing.assert_allclose(formula(merged), formula(whole), rtol=1e-12, atol=1e-15)


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
