"""The public interval: what it is about, invariances, input."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from sklearn_calib.metrics import (
    calibration_error,
    calibration_error_interval,
    calibration_table,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], 300)
    y = (proba.cumsum(axis=1) > rng.random((300, 1))).argmax(axis=1)
    return y, proba, rng.integers(1, 4, 300)


def limits(result):
    return np.array([result.estimate, result.lower, result.upper])


@pytest.mark.parametrize(
    "options",
    [{"norm": "l1"}, {"norm": "l2"}, {"norm": "l2", "squared": True}, {"strategy": "quantile"}],
    ids=str,
)
@pytest.mark.parametrize("kind", ["confidence", "top_label"])
def test_estimate_is_the_plug_in_error_and_lies_inside(data, options, kind):
    y, proba, weight = data
    result = calibration_error_interval(y, proba, sample_weight=weight, kind=kind, **options)
    expected = calibration_error(y, proba, sample_weight=weight, kind=kind, **options)
    assert result.estimate == pytest.approx(expected, rel=1e-12)
    if kind == "confidence":  # with thirty bins the estimate may be all bias
        assert 0 <= result.lower <= result.estimate <= result.upper <= 1


def test_squared_is_the_square(data):
    y, proba, _ = data
    root = calibration_error_interval(y, proba, norm="l2")
    squared = calibration_error_interval(y, proba, norm="l2", squared=True)
    np.testing.assert_allclose(limits(squared), limits(root) ** 2, rtol=1e-9)


def test_order_coding_and_container_do_not_matter(data):
    y, proba, weight = data
    expected = limits(calibration_error_interval(y, proba, sample_weight=weight))
    rows = np.random.default_rng(1).permutation(y.size)
    names = np.array(["a", "bb", "ccc"])
    for changed in (
        calibration_error_interval(y[rows], proba[rows], sample_weight=weight[rows]),
        calibration_error_interval(names[y], proba, sample_weight=weight),
        calibration_error_interval(
            pd.Series(y, index=np.arange(y.size) + 7),
            pd.DataFrame(proba),
            sample_weight=list(weight),
        ),
        calibration_error_interval(y, np.asfortranarray(proba), sample_weight=weight),
    ):
        np.testing.assert_allclose(limits(changed), expected, rtol=1e-9)


def test_integer_weights_are_repetitions(data):
    y, proba, weight = data
    weight = weight - 1  # zero is none
    rows = np.repeat(np.arange(y.size), weight)
    weighted = calibration_error_interval(y, proba, sample_weight=weight, labels=[0, 1, 2])
    repeated = calibration_error_interval(y[rows], proba[rows], labels=[0, 1, 2])
    np.testing.assert_allclose(limits(weighted), limits(repeated), rtol=1e-9)


def test_other_weights_count_as_their_effective_number_of_rows(data):
    y, proba, _ = data
    # Half of the rows weigh 0.5 and half 1.5: (sum w)^2 / sum w^2 = 300^2 / (150 * 2.5) = 240 rows.
    weight = np.tile([0.5, 1.5], 150)
    result = calibration_error_interval(y, proba, sample_weight=weight)
    assert result.table.weight.sum() == pytest.approx(240)
    scaled = calibration_error_interval(y, proba, sample_weight=weight / 7)
    np.testing.assert_allclose(limits(scaled), limits(result), rtol=1e-9)
    equal = calibration_error_interval(y, proba, sample_weight=np.full(300, 0.01))
    np.testing.assert_allclose(limits(equal), limits(calibration_error_interval(y, proba)))


def test_a_merged_table_has_the_interval_of_all_rows():
    rng = np.random.default_rng(0)
    p = rng.random(400)
    y = rng.random(400) < p**1.3
    whole = calibration_error_interval(y, p, kind="record")
    halves = [calibration_table(y[i::2], p[i::2], kind="record") for i in (0, 1)]
    np.testing.assert_allclose(sum(halves).error_interval(), (whole.lower, whole.upper), rtol=1e-9)
    squared = calibration_error_interval(y, p, kind="record", norm="l2", squared=True)
    result = sum(halves).error_interval("l2", squared=True)
    np.testing.assert_allclose(result, (squared.lower, squared.upper), rtol=1e-9)


def test_single_precision_is_nearly_double_precision(data):
    y, proba, weight = data
    single = calibration_error_interval(y, proba.astype(np.float32), sample_weight=weight)
    double = calibration_error_interval(
        y, proba.astype(np.float32).astype(float), sample_weight=weight
    )
    np.testing.assert_allclose(limits(single), limits(double), rtol=1e-5)


def test_estimand_names_the_edges(data):
    y, proba, _ = data
    assert "equal-width edges" in calibration_error_interval(y, proba).estimand
    result = calibration_error_interval(y, proba, strategy="quantile", norm="l2")
    assert "root mean squared gap" in result.estimand
    assert "equal-weight edges of this sample" in result.estimand


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_all_right_is_valid_input(rows):
    result = calibration_error_interval(np.ones(rows), np.ones(rows), kind="record")
    assert (result.estimate, result.lower) == (0, 0)
    assert 0 < result.upper < 1


def test_a_million_rows_and_weights_of_a_billion_are_finite():
    p = np.linspace(0, 1, 1_001)
    result = calibration_error_interval(
        p > 0.5, p, kind="record", sample_weight=np.full(p.size, 1e9), norm="l2"
    )
    assert result.lower == pytest.approx(result.upper, rel=1e-4)


def test_the_largest_gap_in_closed_form():
    # None of 20 right at 0.3: the accuracy is at most 1 - (0.05 / 2)^(1/20) = 0.1684, so that the gap is
    # 0.3 - 0.1684 to 0.3. With five of 10 right at 0.75 as well, both hold at once at the level
    # sqrt(0.95) of each.
    one = calibration_error_interval([0] * 20, [0.3] * 20, kind="record", norm="max")
    assert (one.lower, one.upper) == pytest.approx((0.3 - (1 - 0.025 ** (1 / 20)), 0.3))
    assert one.estimand.startswith("largest absolute gap")
    y, p = [0] * 20 + [1, 0] * 5, [0.3] * 20 + [0.75] * 10
    two = calibration_error_interval(y, p, kind="record", norm="max")
    level = binomtest(5, 10).proportion_ci(0.95**0.5)
    least = 0.3 - (1 - ((1 - 0.95**0.5) / 2) ** (1 / 20))
    assert (two.lower, two.upper) == pytest.approx(
        (max(least, 0.75 - level.high), 0.75 - level.low)
    )
    assert two.estimate == pytest.approx(0.3)


def test_the_interval_of_the_largest_gap_holds_it():
    # At calibration the gaps are 0: 200 samples, of which at least 95 % must have a lower limit of 0.
    rng = np.random.default_rng(0)
    lower = []
    for _ in range(200):
        p = rng.random(100)
        lower.append(
            calibration_error_interval(rng.random(100) < p, p, kind="record", norm="max").lower
        )
    assert np.mean(np.array(lower) == 0) > 0.95 - 2 * 0.0154


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"norm": "l3"}, "norm must be one of 'l1', 'l2', 'max'"),
        ({"norm": "max", "squared": True}, "squared=True is for norm='l2'"),
        ({"squared": True}, "squared=True is for norm='l2'"),
        ({"confidence_level": 1}, r"confidence_level must be in \(0, 1\)"),
        ({"kind": "classwise"}, "not independent"),
        ({"y_proba": [[0.5, 0.6, 0.2]] * 300}, "sum to 1"),
    ],
)
def test_wrong_input_is_named(data, change, message):
    arguments = {"y_true": data[0], "y_proba": data[1]} | change
    with pytest.raises(ValueError, match=message):
        calibration_error_interval(**arguments)


def test_wrong_input_of_a_table_is_named(data):
    table = calibration_table(*data[:2])
    for arguments, message in [
        ({"norm": "l3"}, "norm"),
        ({"squared": True}, "squared"),
        ({"confidence_level": 0}, "confidence_level"),
    ]:
        with pytest.raises(ValueError, match=message):
            table.error_interval(**arguments)
