import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.metrics import CalibrationTable, calibration_table

KINDS = ["auto", "positive", "confidence", "top_label", "classwise", "record"]
# Three classes; the argmax is 0, 1, 2, 1; right, right, wrong, wrong.
PROBA = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.25, 0.5, 0.25]])
Y = np.array(["a", "b", "a", "c"])


def rows_of(table):
    """Group, edges and means of each row, as a person would read them."""
    groups = [()] * len(table) if table.group is None else [(g,) for g in table.group.tolist()]
    columns = (table.lower, table.upper, table.count, table.confidence, table.accuracy)
    return [
        (*group, *(round(float(value), 12) for value in values))
        for group, *values in zip(groups, *columns, strict=True)
    ]


def test_positive_by_hand():
    table = calibration_table([0, 1, 1, 0], [0.2, 0.15, 0.9, 1.0])
    assert isinstance(table, CalibrationTable)
    assert rows_of(table) == [
        (0.1, 0.2, 2, 0.175, 0.5),
        (0.8, 0.9, 1, 0.9, 1),
        (0.9, 1.0, 1, 1, 0),
    ]


def test_confidence_by_hand():
    assert rows_of(calibration_table(Y, PROBA, n_bins=2)) == [
        (0, 0.5, 3, round(1.4 / 3, 12), round(1 / 3, 12)),
        (0.5, 1, 1, 0.7, 1),
    ]


def test_top_label_by_hand():
    assert rows_of(calibration_table(Y, PROBA, kind="top_label", n_bins=2)) == [
        ("a", 0.5, 1, 1, 0.7, 1),
        ("b", 0, 0.5, 2, 0.5, 0.5),
        ("c", 0, 0.5, 1, 0.4, 0),
    ]


def test_classwise_by_hand():
    assert rows_of(calibration_table(Y, PROBA, kind="classwise", n_bins=2)) == [
        ("a", 0, 0.5, 3, round(0.65 / 3, 12), round(1 / 3, 12)),
        ("a", 0.5, 1, 1, 0.7, 1),
        ("b", 0, 0.5, 4, 0.375, 0.25),
        ("c", 0, 0.5, 4, 0.2875, 0.25),
    ]


def test_record_by_hand():
    table = calibration_table([1, 0.5], [0.25, 0.3], kind="record", n_bins=2)
    assert rows_of(table) == [(0, 0.5, 2, 0.275, 0.75)]


def test_weights_by_hand():
    table = calibration_table([0, 1, 1], [0.2, 0.3, 0.4], sample_weight=[1, 3, 0], n_bins=1)
    assert rows_of(table) == [(0, 1, 2, 1.1 / 4, 0.75)]
    assert table.weight.tolist() == [4]


def test_a_stated_decimal_is_in_the_bin_that_its_text_says():
    # All nine inner edges of ten bins, as written, each in the bin below it.
    stated = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    table = calibration_table([1] * 9, stated, kind="record")
    np.testing.assert_array_equal(table.upper, stated)
    single = calibration_table([1] * 9, np.array(stated, dtype=np.float32), kind="record")
    np.testing.assert_array_equal(single.upper, stated)


def test_quantile_bins_are_those_of_each_group():
    # Class 0 has probabilities .1 .2 .3 .4 and class 1 the rest: two bins of two rows in each.
    p = np.array([0.1, 0.2, 0.3, 0.4])
    proba = np.column_stack([p, 1 - p])
    table = calibration_table([0, 1, 1, 1], proba, kind="classwise", strategy="quantile", n_bins=2)
    np.testing.assert_array_equal(table.group, [0, 0, 1, 1])
    np.testing.assert_array_equal(table.count, [2, 2, 2, 2])
    np.testing.assert_allclose(table.lower, [0, 0.25, 0, 0.75])
    np.testing.assert_allclose(table.accuracy, [0.5, 0, 1, 0.5])


@pytest.mark.parametrize("kind", ["confidence", "top_label", "classwise"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_cube_root_counts_the_rows_of_the_group(kind, strategy):
    # 27 rows give 3 bins. With groups each has its own rows: 27 class-wise; 8, 8 and 11 top-label,
    # hence 2, 2 and 3 bins.
    rng = np.random.default_rng(0)
    answer = np.repeat([0, 1, 2], [8, 8, 11])
    proba = rng.dirichlet([1, 1, 1], 27)
    order = np.argsort(proba, axis=1)
    sorted_proba = np.take_along_axis(proba, order, axis=1)
    proba = np.array([np.roll(p[::-1], a) for p, a in zip(sorted_proba, answer, strict=True)])
    np.testing.assert_array_equal(proba.argmax(axis=1), answer)
    y = rng.permutation(answer)
    table = calibration_table(y, proba, kind=kind, n_bins="cube_root", strategy=strategy)
    n_bins = {"confidence": [3], "top_label": [2, 2, 3], "classwise": [3, 3, 3]}[kind]
    groups = [slice(None)] if kind == "confidence" else [table.group == k for k in range(3)]
    for rows, n in zip(groups, n_bins, strict=True):
        if strategy == "quantile":
            assert table.lower[rows].size == n
        else:
            np.testing.assert_allclose((table.lower[rows] * n) % 1, 0, atol=1e-12)


def test_cube_root_does_not_count_rows_of_zero_weight():
    y, p = np.arange(64) % 2, (np.arange(64) + 0.5) / 64
    weight = (np.arange(64) < 27).astype(float)  # 27 rows: three bins
    table = calibration_table(
        y, p, kind="record", sample_weight=weight, n_bins="cube_root", strategy="quantile"
    )
    np.testing.assert_array_equal(table.count, [9, 9, 9])


quarters = st.integers(0, 4).map(lambda d: d / 4)
batch = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), max_size=8)
CORNERS = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])


@pytest.mark.parametrize("kind", ["confidence", "top_label", "classwise"])
@settings(max_examples=30, deadline=None)
@given(first=batch, second=batch)
def test_tables_of_two_days_add(kind, first, second):
    # All numbers are multiples of 1/4: sums are exact.
    def table(rows):
        y, row, weight = (np.array(c) for c in zip(*rows, strict=True))
        return calibration_table(
            y, CORNERS[row], labels=[0, 1, 2], kind=kind, n_bins=5, sample_weight=weight
        )

    first, second = first + [(0, 0, 1)], second + [(0, 1, 2)]  # some weight on each day
    assert rows_of(table(first) + table(second)) == rows_of(table(first + second))


def test_tables_of_equal_mass_bins_do_not_add():
    first, second = (
        calibration_table([0, 1, 1], p, strategy="quantile", n_bins=2)
        for p in ([0.1, 0.2, 0.3], [0.1, 0.5, 0.6])
    )
    with pytest.raises(ValueError, match="strategy='uniform'"):
        first + second


def test_tables_of_subjects_add_to_the_table_of_all():
    records = load_mmlu_pro_confidence(model="gpt-4o")
    parts = [
        calibration_table(
            records.target[records.subject == s], records.data[records.subject == s], kind="record"
        )
        for s in np.unique(records.subject)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    whole = calibration_table(records.target, records.data, kind="record")
    np.testing.assert_array_equal(total.count, whole.count)
    np.testing.assert_allclose(total.gap, whole.gap, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [1, 7, "cube_root"])
def test_rows_sum_to_the_data(kind, strategy, n_bins):
    rng = np.random.default_rng(0)
    p, weight = rng.random(50), rng.random(50)
    y = (rng.random(50) < p).astype(int)
    table = calibration_table(
        y, p, kind=kind, strategy=strategy, n_bins=n_bins, sample_weight=weight
    )
    events_per_row = 2 if kind == "classwise" else 1
    assert table.count.sum() == 50 * events_per_row
    assert table.weight.sum() == pytest.approx(weight.sum() * events_per_row)
    assert table.share.sum() == pytest.approx(1)
    assert np.all(table.weight > 0)
    within = (table.lower <= table.confidence) & (table.confidence <= table.upper)
    assert np.all(within)
    low, high = table.accuracy_interval()
    assert np.all((low <= table.accuracy) & (table.accuracy <= high))


def test_group_names_are_the_labels_as_given():
    for labels in (np.array(["a", "b", "c"], dtype=object), np.array([3, 5, 9], dtype=np.uint8)):
        table = calibration_table(labels[[0, 1, 0, 2]], PROBA, kind="classwise", n_bins=1)
        np.testing.assert_array_equal(table.group, labels)
        assert table.group.dtype == labels.dtype


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_bins": 0}, ValueError, "n_bins must be at least 1"),
        ({"n_bins": 2.5}, TypeError, "n_bins must be a positive integer or 'cube_root'"),
        ({"strategy": "kmeans"}, ValueError, "strategy must be one of 'uniform', 'quantile'"),
        ({"kind": "all"}, ValueError, "kind must be one of"),
    ],
)
def test_wrong_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        calibration_table([0, 1], [0.2, 0.7], **arguments)
