import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score

from sklearn_calib.metrics import (
    RiskCoverage,
    answered_accuracy,
    answered_cost,
    answered_coverage,
    coverage,
    risk_coverage_curve,
    selective_accuracy,
)

# Confidence 0.9 right, 0.8 wrong, 0.8 right, 0.6 right, 0.5 wrong.
CORRECT, CONFIDENCE = [1, 0, 1, 1, 0], [0.9, 0.8, 0.8, 0.6, 0.5]
# The same as probabilities of three classes, right or wrong about "b".
PROBA = np.array([[(1 - c) / 2, c, (1 - c) / 2] for c in CONFIDENCE])
Y = ["b", "a", "b", "b", "c"]

both_doors = pytest.mark.parametrize(
    ("y", "proba", "arguments"),
    [(CORRECT, CONFIDENCE, {"kind": "record"}), (Y, PROBA, {})],
    ids=["records", "classes"],
)


# Accuracy and coverage from a threshold on


@both_doors
@pytest.mark.parametrize(
    ("threshold", "answered", "accuracy"),
    [(0, 5, 0.6), (0.5, 5, 0.6), (0.6, 4, 0.75), (0.8, 3, 2 / 3), (0.81, 1, 1), (0.9, 1, 1)],
)
def test_threshold(y, proba, arguments, threshold, answered, accuracy):
    arguments = {**arguments, "threshold": threshold}
    assert coverage(y, proba, **arguments) == pytest.approx(answered / 5)
    assert selective_accuracy(y, proba, **arguments) == pytest.approx(accuracy)


@both_doors
@pytest.mark.parametrize(
    ("share", "accuracy"),
    [(0.2, 1), (0.4, 1), (0.59, 1), (0.6, 2 / 3), (0.79, 2 / 3), (0.8, 0.75), (1, 0.6)],
)
def test_coverage_takes_ties_together_and_never_more_than_told(
    y, proba, arguments, share, accuracy
):
    assert selective_accuracy(y, proba, coverage=share, **arguments) == pytest.approx(accuracy)


@pytest.mark.parametrize("n", [5, 10, 15, 30, 1000])
def test_a_coverage_of_four_fifths_is_four_fifths_of_the_rows(n):
    # 0.8 n rows exactly, although neither 0.8 nor the weights are exact: the first wrong row is just
    # outside, and would be seen if one row more were answered.
    correct = np.arange(n) < round(0.8 * n)
    confidence = 1 - np.arange(n) / n
    for weight in (None, np.full(n, 0.1), np.full(n, 1 / 3)):
        arguments = {"kind": "record", "sample_weight": weight}
        assert selective_accuracy(correct, confidence, coverage=0.8, **arguments) == 1
        one_more = selective_accuracy(correct, confidence, coverage=0.8 + 1 / n, **arguments)
        assert one_more == pytest.approx(0.8 / (0.8 + 1 / n))


def test_weights_decide_how_much_is_covered():
    # The two most confident rows hold 3 of 4 of the weight.
    arguments = {"kind": "record", "sample_weight": [1, 2, 1]}
    assert selective_accuracy([1, 0, 1], [0.9, 0.8, 0.7], coverage=0.75, **arguments) == (
        pytest.approx(1 / 3)
    )
    assert selective_accuracy([1, 0, 1], [0.9, 0.8, 0.7], coverage=0.7, **arguments) == 1
    assert coverage([1, 0, 1], [0.9, 0.8, 0.7], threshold=0.8, **arguments) == 0.75


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.7, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("number", [float, np.float64, np.float32])
def test_a_confidence_on_the_threshold_is_answered_in_any_precision(threshold, dtype, number):
    if number is np.float32 and dtype is np.float64:
        pytest.skip("the threshold is another number than the confidence")
    confidence = np.array([threshold], dtype=dtype)
    arguments = {"kind": "record", "threshold": number(threshold)}
    assert coverage([1], confidence, **arguments) == 1
    assert selective_accuracy([1], confidence, **arguments) == 1


def test_one_dimension_is_confident_on_both_sides():
    # P(1) = 0.1 answers 0 with confidence 0.9.
    y, p = [0, 1, 1, 0], [0.1, 0.8, 0.3, 0.5]
    assert coverage(y, p, threshold=0.75) == 0.5
    assert selective_accuracy(y, p, threshold=0.75) == 1
    assert selective_accuracy(y, p, threshold=0.6) == pytest.approx(2 / 3)
    assert selective_accuracy(y, p, threshold=0) == 0.75  # at 0.5 the answer is the first class
    columns = np.column_stack([1 - np.array(p), p])
    assert selective_accuracy(y, columns, threshold=0.6) == pytest.approx(2 / 3)


def test_full_coverage_is_the_accuracy():
    rng = np.random.default_rng(0)
    y, proba, weight = rng.integers(0, 3, 100), rng.dirichlet([1, 1, 1], 100), rng.random(100)
    accuracy = accuracy_score(y, proba.argmax(axis=1), sample_weight=weight)
    for share in ({"coverage": 1}, {"threshold": 0}):
        assert selective_accuracy(y, proba, sample_weight=weight, **share) == (
            pytest.approx(accuracy)
        )
    assert risk_coverage_curve(y, proba, sample_weight=weight).risk[-1] == (
        pytest.approx(1 - accuracy)
    )


# Where nothing is answered


def test_no_answer_has_no_accuracy():
    with pytest.warns(UndefinedMetricWarning, match="no row is answered"):
        assert np.isnan(selective_accuracy([1], [0.8], threshold=0.9, kind="record"))
    with pytest.warns(
        UndefinedMetricWarning, match="shared by 0.5 of the rows, more than coverage=0.4"
    ):
        assert np.isnan(
            selective_accuracy([1, 0, 1, 1], [0.8, 0.8, 0.1, 0.2], coverage=0.4, kind="record")
        )
    with pytest.warns(UndefinedMetricWarning, match="no row is answered"):
        assert np.isnan(answered_accuracy([0, 1], [-1, -1], abstain_label=-1))
    # rows of zero weight are absent
    with pytest.warns(UndefinedMetricWarning, match="no row is answered"):
        assert np.isnan(answered_accuracy([0, 1], [0, -1], abstain_label=-1, sample_weight=[0, 1]))


def test_nothing_else_is_undefined():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert coverage([1], [0.8], threshold=0.9, kind="record") == 0
        assert answered_coverage([0, 1], [-1, -1], abstain_label=-1) == 0
        assert answered_cost([0, 1], [-1, -1], costs=(1, 2), abstain_label=-1) == 2
        assert selective_accuracy([1], [0.0], threshold=0, kind="record") == 1
        assert selective_accuracy([1, 1], [0.0, 0.0], coverage=1, kind="record") == 1


# The curve


@both_doors
def test_curve(y, proba, arguments):
    curve = risk_coverage_curve(y, proba, **arguments)
    assert isinstance(curve, RiskCoverage)
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.6, 0.5])
    np.testing.assert_allclose(curve.coverage, [0.2, 0.6, 0.8, 1])
    np.testing.assert_allclose(curve.risk, [0, 1 / 3, 1 / 4, 2 / 5])


# Decisions


@pytest.mark.parametrize(
    ("y_true", "y_pred", "abstain_label"),
    [
        (["cat", "dog", "dog", "cat"], ["cat", "abstain", "cat", "abstain"], "abstain"),
        ([0, 1, 1, 0], [0, -1, 0, -1], -1),
        ([True, False, False, True], np.array([1, -1, 1, -1], dtype=np.int8), -1),
        ([-1, 1, 1, -1], [-1, -2, -1, -2], -2),
        (np.array(["a", "b", "b", "a"], object), np.array(["a", "?", "a", "?"], object), "?"),
    ],
)
def test_decisions(y_true, y_pred, abstain_label):
    # the first answer is right, the third wrong; two of four are answered
    assert answered_accuracy(y_true, y_pred, abstain_label=abstain_label) == 0.5
    assert answered_coverage(y_true, y_pred, abstain_label=abstain_label) == 0.5
    weights = {"abstain_label": abstain_label, "sample_weight": [3, 2, 1, 4]}
    assert answered_accuracy(y_true, y_pred, **weights) == 0.75
    assert answered_coverage(y_true, y_pred, **weights) == 0.4


@pytest.mark.parametrize(
    ("labels", "abstain_label"),
    [(["a", "b"], "abstain"), ([0, 1], -1), ([-1, 1], -2), ([False, True], -1), ([1, 0], -1)],
)
def test_the_default_label_follows_from_the_labels(labels, abstain_label):
    y_true = [labels[0], labels[1], labels[0]]
    y_pred = np.array([labels[0], abstain_label, labels[1]])
    assert answered_accuracy(y_true, y_pred, labels=labels) == 0.5
    assert answered_coverage(y_true, y_pred, labels=labels) == pytest.approx(2 / 3)


def test_cost_of_decisions():
    # right, not answered, wrong, not answered
    y_true, y_pred = ["a", "b", "b", "a"], ["a", "?", "a", "?"]
    told = {"costs": (10, 1), "abstain_label": "?"}
    assert answered_cost(y_true, y_pred, **told) == (10 + 2 * 1) / 4
    assert answered_cost(y_true, y_pred, **told, sample_weight=[3, 2, 1, 4]) == (10 + 6) / 10
    assert answered_cost(y_true, y_pred, costs=(0.5, 0), abstain_label="?") == 0.5 / 4


def test_cost_is_made_of_accuracy_and_coverage():
    rng = np.random.default_rng(0)
    y_true, y_pred, weight = rng.integers(0, 3, 50), rng.integers(-1, 3, 50), rng.random(50)
    told = {"abstain_label": -1, "sample_weight": weight}
    share = answered_coverage(y_true, y_pred, **told)
    wrong = 1 - answered_accuracy(y_true, y_pred, **told)
    expected = 3 * share * wrong + 0.4 * (1 - share)
    assert answered_cost(y_true, y_pred, costs=(3, 0.4), **told) == pytest.approx(expected)


def test_without_abstention_it_is_the_accuracy():
    rng = np.random.default_rng(0)
    y_true, y_pred, weight = *rng.integers(0, 3, (2, 50)), rng.random(50)
    accuracy = accuracy_score(y_true, y_pred, sample_weight=weight)
    decisions = {"abstain_label": -1, "sample_weight": weight}
    assert answered_accuracy(y_true, y_pred, **decisions) == pytest.approx(accuracy)
    assert answered_coverage(y_true, y_pred, **decisions) == 1


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_all_right_is_exactly_one_under_any_weights(seed, n):
    weight = np.random.default_rng(seed).random(n) + 0.01
    arguments = {"sample_weight": weight}
    assert answered_accuracy(np.zeros(n), np.zeros(n), abstain_label=-1, **arguments) == 1
    assert selective_accuracy(np.ones(n), np.ones(n), threshold=0, kind="record", **arguments) == 1


def test_a_label_unknown_to_the_classifier_is_a_wrong_answer():
    # labels are those that can be predicted; y_true may hold others
    assert answered_accuracy([0, 7], [0, 1], labels=[0, 1]) == 0.5


@pytest.mark.parametrize(
    "metric",
    [answered_accuracy, answered_coverage, partial(answered_cost, costs=(1, 0.2))],
    ids=["accuracy", "coverage", "cost"],
)
@pytest.mark.parametrize(
    ("y_true", "y_pred", "arguments", "message"),
    [
        ([0, 1], [0, -1], {}, "Give abstain_label"),
        ([0, 1], [0], {"abstain_label": -1}, "y_true has 2, y_pred has 1"),
        ([0, 1], [0, 5], {"labels": [0, 1]}, r"y_pred holds 5, which is neither .*\[0, 1\] nor"),
        (["a", "b"], ["a", "?"], {"labels": ["a", "b"]}, "y_pred holds '?'"),
        ([0, 1], [0, 1], {"abstain_label": 1, "labels": [0, 1]}, "abstain_label=1 is one of"),
        ([-1, 1], [-1, 1], {"abstain_label": -1}, "abstain_label=-1 is one of the classes"),
        ([0, 1], [0, -1], {"abstain_label": "abstain"}, "abstain_label must be a number"),
        (["0", "1"], [0, -1], {"abstain_label": -1}, "abstain_label must be a string"),
        ([0, 1], [0, -1], {"abstain_label": [-1, -2]}, "abstain_label must be a number"),
        ([0, np.nan], [0, -1], {"abstain_label": -1}, "y_true holds missing labels"),
        ([0, 1], [0, np.nan], {"abstain_label": -1}, "y_pred holds missing labels"),
        ([0, 1], [[0, 1], [1, 0]], {"abstain_label": -1}, "y_pred"),
        ([], [], {"abstain_label": -1}, "y_true must hold at least one"),
        ([0, 1], [0, -1], {"abstain_label": -1, "sample_weight": [1]}, "sample_weight.shape"),
        ([0, 1], [0, -1], {"abstain_label": -1, "sample_weight": [0, 0]}, "all weights are zero"),
        ([0, 1], [0, -1], {"abstain_label": -1, "sample_weight": [1, -1]}, "must not be negative"),
    ],
)
def test_wrong_decisions(metric, y_true, y_pred, arguments, message):
    with pytest.raises(ValueError, match=message):
        metric(y_true, y_pred, **arguments)


# Parameters


def test_threshold_or_coverage():
    for arguments in ({}, {"threshold": 0.5, "coverage": 0.5}):
        with pytest.raises(ValueError, match="exactly one of threshold and coverage"):
            selective_accuracy(CORRECT, CONFIDENCE, kind="record", **arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"threshold": 1.1}, ValueError, r"threshold must be in \[0, 1\]; got 1.1"),
        ({"threshold": -0.1}, ValueError, r"threshold must be in \[0, 1\]"),
        ({"threshold": "0.5"}, TypeError, "threshold must be a number"),
        ({"threshold": float("nan")}, ValueError, "threshold must be in"),
        ({"coverage": 0}, ValueError, r"coverage must be in \(0, 1\]; got 0"),
        ({"coverage": 1.1}, ValueError, r"coverage must be in \(0, 1\]"),
        ({"coverage": True}, TypeError, "coverage must be a number"),
        (
            {"threshold": 0.5, "kind": "auto"},
            ValueError,
            "kind must be one of 'confidence', 'record'",
        ),
    ],
)
def test_wrong_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        selective_accuracy(CORRECT, CONFIDENCE, **arguments)


@pytest.mark.parametrize("threshold", [1.1, None, [0.5]])
def test_wrong_threshold_of_coverage(threshold):
    with pytest.raises((ValueError, TypeError), match="threshold must be"):
        coverage(CORRECT, CONFIDENCE, threshold=threshold)
