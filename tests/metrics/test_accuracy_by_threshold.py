import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib.metrics import (
    ThresholdTable,
    accuracy_by_threshold,
    coverage,
    selective_accuracy,
)

CORRECT, CONFIDENCE = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]


def test_by_hand():
    table = accuracy_by_threshold(CORRECT, CONFIDENCE, kind="record")
    assert isinstance(table, ThresholdTable)
    assert len(table) == 4
    np.testing.assert_array_equal(table.threshold, [0.5, 0.8, 0.9, 0.95])
    np.testing.assert_array_equal(table.count, [5, 4, 3, 2])
    np.testing.assert_array_equal(table.weight, [5, 4, 3, 2])
    np.testing.assert_allclose(table.coverage, [1, 0.8, 0.6, 0.4])
    np.testing.assert_allclose(table.accuracy, [0.6, 0.75, 2 / 3, 1])


def test_intervals_solve_wilsons_equation():
    table = accuracy_by_threshold(CORRECT, CONFIDENCE, kind="record", confidence_level=0.9)
    z = 1.6448536269514722
    for limit in (table.accuracy_lower[:3], table.accuracy_upper[:3]):
        distance = np.abs(table.accuracy[:3] - limit)
        np.testing.assert_allclose(distance, z * np.sqrt(limit * (1 - limit) / table.count[:3]))
    assert table.accuracy_upper[3] == 1  # all right


def test_read_as_a_table():
    table = accuracy_by_threshold(CORRECT, CONFIDENCE, kind="record", thresholds=[0.875, 0.9])
    assert str(table).splitlines() == [
        "                          answers    share    right   95 % interval",
        "87.5 %+ sure                    3   60.0 %   66.7 %   20.8 - 93.9 %",
        "90 %+ sure                      3   60.0 %   66.7 %   20.8 - 93.9 %",
    ]


def test_columns_and_frame():
    table = accuracy_by_threshold(CORRECT, CONFIDENCE, kind="record")
    columns = table.to_dict()
    names = "threshold count weight coverage accuracy accuracy_lower accuracy_upper"
    assert list(columns) == names.split()
    frame = table.to_frame()
    assert list(frame.columns) == list(columns)
    np.testing.assert_array_equal(frame["accuracy"], table.accuracy)


def test_a_threshold_that_nothing_reaches_has_no_row():
    table = accuracy_by_threshold([1, 0], [0.55, 0.85], kind="record")
    np.testing.assert_array_equal(table.threshold, [0.5, 0.8])
    assert len(accuracy_by_threshold([1], [0.3], kind="record")) == 0
    assert str(accuracy_by_threshold([1], [0.3], kind="record")).count("\n") == 0


def test_rows_of_zero_weight_are_absent():
    weight = [1, 1, 1, 1, 0]
    table = accuracy_by_threshold(CORRECT, CONFIDENCE, kind="record", sample_weight=weight)
    np.testing.assert_array_equal(table.count, [4, 4, 3, 2])


levels = st.integers(0, 5).map(lambda d: d / 5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(levels, levels, st.integers(1, 3)), min_size=1, max_size=20),
    st.lists(levels, min_size=1, max_size=4),
)
def test_it_holds_the_metrics_of_each_threshold(rows, thresholds):
    correct, confidence, weight = map(list, zip(*rows, strict=True))
    arguments = {"kind": "record", "sample_weight": weight}
    table = accuracy_by_threshold(correct, confidence, thresholds=thresholds, **arguments)
    assert set(table.threshold) == {t for t in thresholds if t <= max(confidence)}
    for t, share, accuracy in zip(table.threshold, table.coverage, table.accuracy, strict=True):
        assert share == pytest.approx(coverage(correct, confidence, threshold=t, **arguments))
        expected = selective_accuracy(correct, confidence, threshold=t, **arguments)
        assert accuracy == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_confidence_on_the_threshold_is_answered_in_any_precision(dtype):
    confidence = np.array([0.3, 0.6, 0.7, 0.9], dtype=dtype)
    table = accuracy_by_threshold(
        [1] * 4, confidence, thresholds=confidence.tolist(), kind="record"
    )
    np.testing.assert_array_equal(table.count, [4, 3, 2, 1])
    table = accuracy_by_threshold(
        [1] * 4, confidence, thresholds=[0.3, 0.6, 0.7, 0.9], kind="record"
    )
    np.testing.assert_array_equal(table.count, [4, 3, 2, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"thresholds": [0.5, 1.5]}, r"thresholds must be in \[0, 1\]; got 1.5"),
        ({"thresholds": []}, "thresholds"),
        ({"thresholds": [np.nan]}, "thresholds"),
        ({"thresholds": "abc"}, "thresholds"),
        ({"confidence_level": 1}, r"confidence_level must be in \(0, 1\)"),
    ],
)
def test_wrong_parameters(arguments, message):
    with pytest.raises(ValueError, match=message):
        accuracy_by_threshold(CORRECT, CONFIDENCE, kind="record", **arguments)
