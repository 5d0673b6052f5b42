import numpy as np
import pandas as pd
import polars as pl
import pytest

from sklearn_calib._events import KINDS, Events, calibration_events, distinct, selective_events

# Three classes; the argmax is 0, 1, 2, 1; right, right, wrong, wrong.
PROBA = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.25, 0.5, 0.25]])
CODE = np.array([0, 1, 0, 2])
WEIGHT = np.array([1.0, 2.0, 3.0, 4.0])
CLASS_KINDS = [kind for kind in KINDS if kind != "record"]


def check_events(events, probability, outcome, weight=None, group=None):
    np.testing.assert_allclose(events.probability, probability, rtol=1e-15)
    np.testing.assert_array_equal(events.outcome, outcome)
    for given, expected in ((events.weight, weight), (events.group, group)):
        if expected is None:
            assert given is None
        else:
            np.testing.assert_array_equal(given, expected)


def same_events(a, b):
    check_events(a, b.probability, b.outcome, b.weight, b.group)


# What an event is: one test per row of the table


@pytest.mark.parametrize("kind", ["positive", "auto"])
def test_positive(kind):
    y, proba = [0, 1, 1], np.array([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    check_events(calibration_events(y, proba, kind=kind), [0.2, 0.7, 0.4], [0, 1, 1])
    check_events(calibration_events(y, proba[:, 1], kind=kind), [0.2, 0.7, 0.4], [0, 1, 1])
    # asked about the other class, whose column it is, or whose probability one dimension is
    other = [0.8, 0.3, 0.6], [1, 0, 0]
    check_events(calibration_events(y, proba, kind=kind, pos_label=0), *other)
    check_events(calibration_events(y, proba[:, 0], kind=kind, pos_label=0), *other)


@pytest.mark.parametrize("kind", ["confidence", "auto"])
def test_confidence(kind):
    events = calibration_events(CODE, PROBA, kind=kind, sample_weight=WEIGHT)
    check_events(events, [0.7, 0.5, 0.4, 0.5], [1, 1, 0, 0], WEIGHT)


def test_top_label():
    events = calibration_events(CODE, PROBA, kind="top_label", sample_weight=WEIGHT)
    check_events(events, [0.7, 0.5, 0.4, 0.5], [1, 1, 0, 0], WEIGHT, group=[0, 1, 2, 1])
    np.testing.assert_array_equal(events.group_names, [0, 1, 2])


def test_classwise():
    events = calibration_events(CODE, PROBA, kind="classwise", sample_weight=WEIGHT)
    outcome = [1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    check_events(events, PROBA.T.ravel(), outcome, np.tile(WEIGHT, 3), np.repeat([0, 1, 2], 4))


def test_record():
    events = calibration_events([True, False, True], [0.9, 0.3, 0.5], kind="record")
    check_events(events, [0.9, 0.3, 0.5], [1, 0, 1])  # 0.3 stays 0.3, it is not turned round


def test_record_with_graded_quality_and_a_column():
    events = calibration_events([[0.25], [1]], [[0.9], [0.3]], kind="record", sample_weight=[2, 1])
    check_events(events, [0.9, 0.3], [0.25, 1], [2, 1])


# One dimension of two classes


def test_confidence_of_one_dimension():
    # argmax of (1 - p, p): the first class where p <= 0.5
    p = np.array([0.2, 0.5, 0.9, 0.9])
    events = calibration_events([0, 0, 1, 0], p, kind="confidence")
    check_events(events, [0.8, 0.5, 0.9, 0.9], [1, 1, 1, 0])


@pytest.mark.parametrize("pos_label", ["no", "yes"])
@pytest.mark.parametrize("kind", ["confidence", "top_label", "classwise"])
def test_one_dimension_equals_its_two_columns(kind, pos_label):
    y, p = ["no", "yes", "yes", "no"], np.array([0.25, 0.75, 0.125, 1.0])
    columns = [1 - p, p] if pos_label == "yes" else [p, 1 - p]
    same_events(
        calibration_events(y, p, kind=kind, pos_label=pos_label),
        calibration_events(y, np.column_stack(columns), kind=kind),
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("digits", [2, 3])
def test_the_complement_of_a_decimal_is_the_decimal_that_its_digits_say(dtype, digits):
    # d / 100 and (100 - d) / 100 are one confidence, so they tie, reach the same thresholds and share
    # bins; in floats 1 - 0.07 is below 0.93, and 1 - 0.7 above 0.3.
    n = 10**digits
    d = np.arange(n + 1)
    p = (d / n).astype(dtype)
    events = calibration_events(d % 2, p, kind="confidence")
    np.testing.assert_array_equal(events.probability, (np.maximum(d, n - d) / n).astype(dtype))
    classwise = calibration_events(d % 2, p, kind="classwise")
    np.testing.assert_array_equal(classwise.probability, np.concatenate([p[::-1], p]))


def test_selective_events_are_those_of_confidence():
    p = np.array([0.2, 0.9])
    same_events(selective_events([0, 0], p), calibration_events([0, 0], p, kind="confidence"))
    same_events(selective_events([1, 0], p, kind="record"), Events(p, np.array([1.0, 0.0])))
    with pytest.raises(ValueError, match="kind must be one of 'confidence', 'record'"):
        selective_events([0, 0], p, kind="positive")


@pytest.mark.parametrize(
    ("y", "arguments", "positive"),
    [
        ([0, 1], {}, [0, 1]),
        ([0, 0], {}, [0, 0]),
        ([1, 1], {}, [1, 1]),
        ([False, False], {}, [0, 0]),
        ([0.0, 0.0], {}, [0, 0]),
        ([-1, 1], {}, [0, 1]),
        ([-1, -1], {}, [0, 0]),
        ([1, 2], {}, [0, 1]),  # two labels: the larger
        (["a", "b"], {}, [0, 1]),
        (["b", "b"], {"labels": ["a", "b"]}, [1, 1]),  # the last of labels
        (["a", "a"], {"labels": ["a", "b"]}, [0, 0]),
        ([1, 1], {"labels": [1, 2]}, [0, 0]),
        ([1, 1], {"pos_label": 0}, [0, 0]),
        ([1, 1], {"pos_label": -1}, [0, 0]),
        ([1, 1], {"pos_label": 1}, [1, 1]),
        ([1, 1], {"pos_label": 2}, [0, 0]),
        ([2, 2], {"pos_label": 2}, [1, 1]),
        (["a", "b"], {"pos_label": "a"}, [1, 0]),
        (["a", "a"], {"pos_label": "b"}, [0, 0]),
        (["b", "b"], {"pos_label": "b"}, [1, 1]),
        (["b", "b"], {"pos_label": "a", "labels": ["a", "b"]}, [0, 0]),
    ],
)
def test_which_label_one_dimension_is_about(y, arguments, positive):
    events = calibration_events(y, [0.3, 0.6], **arguments)
    check_events(events, [0.3, 0.6], positive)


@pytest.mark.parametrize(
    "y", [["a", "a"], [2, 2], [0, 2, 1], [-1, 0, 1], np.array(["a"] * 2, object)]
)
def test_what_cannot_be_known_is_an_error(y):
    with pytest.raises(ValueError, match="give the sorted labels of all classes as `labels`"):
        calibration_events(y, np.full(len(y), 0.4))


# Codings, containers, folds

CODINGS = {
    "0, 1, 2": np.array([0, 1, 2]),
    "1, 2, 3": np.array([1, 2, 3]),
    "-1, 0, 1": np.array([-1, 0, 1]),
    "uint8": np.array([3, 7, 255], dtype=np.uint8),
    "floats": np.array([0.0, 1.0, 2.0]),
    "strings": np.array(["a", "bb", "ccc"]),
    "objects": np.array(["a", "bb", "ccc"], dtype=object),
}
CONTAINERS = {
    "list": list,
    "array": np.asarray,
    "shifted series": lambda y: pd.Series(y, index=np.arange(y.size)[::-1] + 5),
    "categories": lambda y: pd.Series(y, dtype="category"),
    "unordered categories": lambda y: pd.Series(pd.Categorical(y, categories=np.unique(y)[::-1])),
    "polars": lambda y: pl.Series(y.tolist()),
    "column": lambda y: pd.DataFrame({"y": y})["y"],
}


@pytest.mark.parametrize("kind", [kind for kind in CLASS_KINDS if kind != "positive"])
@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_labels_of_any_coding_and_container_mean_the_same(kind, coding, container):
    events = calibration_events(container(coding[CODE]), PROBA, kind=kind)
    same_events(events, calibration_events(CODE, PROBA, kind=kind))
    if events.group is not None:
        np.testing.assert_array_equal(events.group_names, coding)


@pytest.mark.parametrize("kind", CLASS_KINDS)
@pytest.mark.parametrize(
    "coding",
    [[0, 1], [1, 2], [-1, 1], [False, True], ["no", "yes"], [0.0, 1.0], [-1.0, 1.0]],
    ids=str,
)
@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_two_labels_of_any_coding_mean_the_same(kind, coding, container):
    code, p = np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.3, 0.6])
    y = container(np.array(coding)[code])
    for proba in (p, np.column_stack([1 - p, p])):
        same_events(
            calibration_events(y, proba, kind=kind), calibration_events(code, proba, kind=kind)
        )


@pytest.mark.parametrize("kind", [kind for kind in CLASS_KINDS if kind != "positive"])
@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
@pytest.mark.parametrize("rows", [[0, 2], [1], [3]])
def test_a_fold_that_misses_classes_is_part_of_the_whole(kind, coding, rows):
    whole = calibration_events(CODE, PROBA, kind=kind)
    fold = calibration_events(coding[CODE][rows], PROBA[rows], kind=kind, labels=coding)
    n_groups = whole.probability.size // 4
    index = (np.arange(n_groups)[:, None] * 4 + rows).ravel()
    group = None if whole.group is None else whole.group[index]
    check_events(fold, whole.probability[index], whole.outcome[index], None, group)


def test_columns_tell_the_number_of_classes_but_not_their_names():
    with pytest.raises(ValueError, match=r"y_true holds 2 distinct labels .* about 3 classes"):
        calibration_events([0, 2], PROBA[:2])
    with pytest.raises(ValueError, match=r"y_true holds 4 distinct labels .* about 3 classes"):
        calibration_events([0, 1, 2, 3], PROBA)


def test_labels_may_be_any_container():
    for labels in ((0, 1, 2), pd.Series([0, 1, 2]), pl.Series([0, 1, 2]), range(3)):
        same_events(
            calibration_events(CODE[:2], PROBA[:2], labels=labels),
            calibration_events(CODE, PROBA)._replace(
                probability=np.array([0.7, 0.5]), outcome=np.array([1.0, 1.0])
            ),
        )


@pytest.mark.parametrize("kind", ["auto", "confidence", "top_label", "classwise"])
@pytest.mark.parametrize("proba", [[1.0, 1.0], [[1.0], [1.0]]])
def test_a_classifier_of_one_class(kind, proba):
    # Its predict_proba has one column, all ones.
    events = calibration_events(["a", "a"], proba, labels=["a"], kind=kind)
    group = [0, 0] if kind in ("top_label", "classwise") else None
    check_events(events, [1, 1], [1, 1], None, group)


def test_the_first_of_tied_classes_is_the_answer():
    events = calibration_events([0, 1, 2], np.full((3, 3), 1 / 3), kind="top_label")
    check_events(events, [1 / 3] * 3, [1, 0, 0], None, [0, 0, 0])


# Weights


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_zero_weight_are_absent(kind):
    y, p, weight = np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.3, 0.6]), np.array([2, 0, 1, 1])
    keep = weight > 0
    same_events(
        calibration_events(y, p, kind=kind, sample_weight=weight),
        calibration_events(y[keep], p[keep], kind=kind, sample_weight=weight[keep]),
    )


def test_a_label_of_zero_weight_is_absent_too():
    events = calibration_events([0, 7, 1], [0.2, 0.5, 0.9], sample_weight=[1, 0, 1])
    check_events(events, [0.2, 0.9], [0, 1], [1, 1])


# What is wrong is told by name; what is no number or no label at all is in test_validation


@pytest.mark.parametrize(
    ("y", "proba", "arguments", "message"),
    [
        ([0, 1], [0.5], {}, "y_true has 2, y_proba has 1"),
        ([0, 1, 1], [0.5, 1.2, 0.1], {}, "y_proba must hold probabilities"),
        ([0, 1], [0.5, np.nan], {}, "y_proba contains NaN"),
        ([0, 1], [[0.5, 0.4], [0.5, 0.5]], {}, "rows of y_proba must sum to 1"),
        ([0, 1], np.ones((2, 2, 2)) / 2, {}, "y_proba: Found array with dim 3"),
        ([], [], {}, "y_proba: Found array with 0 sample"),
        ([0, np.nan], [0.5, 0.5], {}, "y_true holds missing labels"),
        ([0, 1], [0.5, 0.5], {"labels": [1, 0]}, "labels must be sorted and distinct"),
        ([0, 1], [0.5, 0.5], {"labels": [0, 0]}, "labels must be sorted and distinct"),
        ([0, 1], [0.5, 0.5], {"labels": []}, "labels must hold at least one"),
        ([0, 1], [0.5, 0.5], {"labels": 1}, "labels"),
        ([0, 1], [0.5, 0.5], {"labels": [0, 1, 2]}, "labels names 3 classes .* about 2"),
        ([0, 1], [0.5, 0.5], {"labels": [0, 2]}, r"y_true holds 1, .* not one of labels=\[0, 2\]"),
        ([0, 1], [0.5, 0.5], {"labels": ["a", "b"]}, "y_true holds 0, which is not one of labels"),
        (["a", "b"], [0.5, 0.5], {"labels": [0, 1]}, "y_true holds 'a', which is not one of"),
        ([0, 0], [0.5, 0.5], {"labels": [1]}, "y_true holds 0, which is not one of labels"),
        ([1, 1], [[0.5, 0.5]] * 2, {"labels": [1]}, "labels names 1 classes .* about 2"),
        ([0, 1], [0.5, 0.5], {"pos_label": 7}, r"pos_label=7 is not one of the labels \[0, 1\]"),
        ([0, 1], [0.5, 0.5], {"pos_label": "a"}, "pos_label='a' is not one of the labels"),
        ([0, 1], [0.5, 0.5], {"pos_label": [0, 1]}, r"pos_label=\[0, 1\] is not one of the labels"),
        ([0, 1], [0.5, 0.5], {"sample_weight": [1]}, r"sample_weight.shape must be \(2,\)"),
        ([0, 1], [0.5, 0.5], {"sample_weight": [1, -1]}, "sample_weight must not be negative"),
        ([0, 1], [0.5, 0.5], {"sample_weight": [0, 0]}, "all weights are zero"),
        ([0, 1], [0.5, 0.5], {"sample_weight": [1, np.nan]}, "sample_weight contains NaN"),
        ([0, 1], [0.5, 0.5], {"sample_weight": 2.0}, "sample_weight"),
        ([0, 1], [0.5, 0.5], {"kind": "top"}, "kind must be one of 'auto', 'positive'"),
        ([0, 1, 2], np.eye(3), {"kind": "positive"}, "kind='positive' is for two classes; got 3"),
        ([0, 1], np.eye(2), {"kind": "record"}, r"y_proba .* must be 1-D; got shape \(2, 2\)"),
        ([-1, 1], [0.5, 0.5], {"kind": "record"}, "y_true says whether the answer was right"),
        (np.eye(2), [0.5, 0.5], {"kind": "record"}, "y_true must be 1-D"),
        (["yes", "no"], [0.5, 0.5], {"kind": "record"}, "y_true: could not convert string"),
        ([0], [0.5, 0.5], {"kind": "record"}, "y_true has 1, y_proba has 2"),
        (
            [0, 1],
            [0.5, 0.5],
            {"kind": "record", "labels": [0, 1]},
            "leave `pos_label` and `labels`",
        ),
        ([0, 1], [0.5, 0.5], {"kind": "record", "pos_label": 1}, "leave `pos_label` and `labels`"),
    ],
)
def test_wrong_input_is_named(y, proba, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        calibration_events(y, proba, **arguments)


@pytest.mark.parametrize(
    "values",
    [
        [True, False, True],
        [False, False],
        np.array([-128, 0, 127, 5], dtype=np.int8),
        np.array([-100, 100, 0], dtype=np.int8),
        np.array([0, 255, 7], dtype=np.uint8),
        np.array([2**64 - 1, 2**64 - 3], dtype=np.uint64),
        np.array([2**63 - 1, 2**63 - 3], dtype=np.int64),
        [-(10**15), 10**15, 0],
        [5, 5],
        [1, 2],
        [0.5, -1.0, 0.5],
        ["b", "a", "b"],
        np.append(np.zeros(10_000, dtype=np.int64), [7, 3]),
    ],
    ids=str,
)
def test_distinct_labels_of_any_type(values):
    values = np.asarray(values)
    result = distinct(values)
    np.testing.assert_array_equal(result, np.unique(values))
    assert result.dtype == values.dtype
