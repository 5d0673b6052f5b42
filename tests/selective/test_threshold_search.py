"""The rules behind a threshold, on records small enough to be counted by hand."""

import re

import numpy as np
import pytest

from sklearn_calib.selective._threshold_search import (
    Aim,
    is_graded,
    rank,
    search,
    search_certified,
)

CONFIDENCE = np.array([0.6, 0.9, 0.8, 0.9, 0.7, 0.8])
CORRECT = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 0.0])


def aim(accuracy=None, coverage=None, costs=None, level=None):
    return Aim(accuracy, coverage, costs, level)


def test_rank_by_hand():
    """0.9: 2 of 2 right; 0.8: 3 of 4; 0.7: 4 of 5; 0.6: 4 of 6."""
    ranked = rank(CORRECT, CONFIDENCE, None)
    np.testing.assert_array_equal(ranked.curve.threshold, [0.9, 0.8, 0.7, 0.6])
    np.testing.assert_allclose(ranked.curve.coverage, np.array([2, 4, 5, 6]) / 6)
    np.testing.assert_allclose(ranked.curve.risk, [0, 1 / 4, 1 / 5, 2 / 6])
    assert ranked.n_rows == 6
    assert [ranked.answered(last) for last in range(4)] == [2, 4, 5, 6]


@pytest.mark.parametrize("shift", [0, -2])
def test_rank_against_plain_sums(shift):
    """Weights, ties, and confidences below zero."""
    rng = np.random.default_rng(0)
    confidence, correct = rng.integers(0, 8, 50) / 8 + shift, rng.random(50)
    weight = rng.uniform(0.5, 2, 50)
    curve = rank(correct, confidence, weight).curve
    np.testing.assert_array_equal(curve.threshold, np.unique(confidence)[::-1])
    for threshold, coverage, risk in zip(*curve, strict=True):
        accept = confidence >= threshold
        assert coverage == pytest.approx(weight[accept].sum() / weight.sum())
        assert risk == pytest.approx(np.average(1 - correct[accept], weights=weight[accept]))


@pytest.mark.parametrize(
    ("given", "threshold"),
    [
        ({"accuracy": 0.8}, 0.7),  # though 0.8 alone has 3 of 4
        ({"accuracy": 0.75}, 0.7),
        ({"accuracy": 1.0}, 0.9),
        ({"accuracy": 0.6}, 0.6),
        ({"coverage": 0.5}, 0.9),
        ({"coverage": 4 / 6}, 0.8),
        ({"coverage": 1.0}, 0.6),
        # costs per six rows, abstaining at 1: 4, 2 + e, 1 + e, 2 e
        ({"costs": (2.0, 1.0)}, 0.7),  # 4, 4, 3, 4
        ({"costs": (1.0, 1.0)}, 0.6),  # 4, 3, 2, 2: of equals the most answers
        ({"costs": (5.0, 1.0)}, 0.9),  # 4, 7, 6, 10
    ],
)
def test_rules_by_hand(given, threshold):
    choice = search(aim(**given), rank(CORRECT, CONFIDENCE, None))
    assert choice.threshold == threshold
    assert not choice.certified
    assert not choice.tested.certified.any()


def test_nothing_is_answered_where_every_answer_costs_more():
    choice = search(aim(costs=(1.0, 0.1)), rank(np.zeros(3), np.array([0.9, 0.8, 0.7]), None))
    assert (choice.last, choice.threshold, choice.problem) == (-1, np.inf, "")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"accuracy": 0.9},
            "target_accuracy=0.9 is not reached at any confidence.*best observed accuracy is 0.8, "
            "answering 83.33% of the rows, those from confidence 0.7",
        ),
        ({"coverage": 0.1}, "33.33% of the rows share the largest confidence, 0.9"),
    ],
)
def test_why_nothing_is_answered(given, told):
    """0.9: 1 of 2 right; 0.8: 3 of 4; 0.7: 4 of 5; 0.6: 4 of 6."""
    wrong_at_the_top = CORRECT.copy()
    wrong_at_the_top[1] = 0
    wrong_at_the_top[5] = 1
    choice = search(aim(**given), rank(wrong_at_the_top, CONFIDENCE, None))
    assert choice.last == -1
    assert re.search(told, choice.problem)


@pytest.mark.parametrize(("n_rows", "warns"), [(28, True), (29, False)])
def test_few_right_answers_do_not_show_a_high_accuracy(n_rows, warns):
    """0.9 ** 28 = 0.052: at an accuracy of 90 % that many right answers are no surprise."""
    ranked = rank(np.ones(n_rows), np.linspace(0.5, 0.9, n_rows), None)
    choice = search(aim(accuracy=0.9), ranked)
    assert ("fewer than 29 do not show an accuracy of 0.9" in choice.problem) == warns
    assert choice.last == n_rows - 1
    weighted = ranked._replace(weight=np.full(n_rows, 29 / 28))  # weights count rows
    assert not search(aim(accuracy=0.9), weighted).problem


def test_a_third_of_three_equal_weights_is_reached():
    """0.1 + 0.1 + 0.1 is not 0.3 in binary; the share is one third all the same."""
    ranked = rank(np.ones(3), np.array([0.9, 0.8, 0.7]), np.full(3, 0.1))
    assert search(aim(coverage=2 / 3), ranked).threshold == 0.8


def test_only_outcomes_between_are_graded():
    assert not is_graded(np.array([0.0, 1.0]))
    assert is_graded(np.array([0.0, 1.0, 0.5]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_certified_threshold_is_just_above_the_next_confidence(dtype):
    """300 rows right at 0.9, 300 wrong at 0.5; the rows at 0.9 are certified for 0.95."""
    confidence = np.repeat([0.9, 0.5], 300).astype(dtype)
    ranked = rank(np.repeat([1.0, 0.0], 300), confidence, None)
    choice = search_certified(aim(accuracy=0.95, level=0.95), ranked)
    assert (choice.last, choice.certified) == (0, True)
    assert dtype(choice.threshold) == np.nextafter(dtype(0.5), dtype(1))


@pytest.mark.parametrize(("lowest", "expected"), [(0.2, 0.0), (-0.2, -np.inf)])
def test_all_rows_are_certified(lowest, expected):
    ranked = rank(np.ones(300), np.linspace(lowest, 0.9, 300), None)
    assert search_certified(aim(accuracy=0.9, level=0.95), ranked).threshold == expected


@pytest.mark.parametrize(
    ("right", "accuracy", "told", "best"),
    [
        # 0.99**298 > 0.05 >= 0.99**299
        (np.ones(50), 0.99, "Even all right, fewer than 299 rows cannot certify it; 50 are", True),
        (np.ones(50), 1.0, "No number of right answers shows", True),
        (np.zeros(50), 0.5, "No accuracy could be certified from these rows", False),
    ],
)
def test_what_could_have_been_certified(right, accuracy, told, best):
    ranked = rank(right, np.linspace(0.1, 0.9, 50), None)
    choice = search(aim(accuracy=accuracy, level=0.95), ranked)
    assert (choice.last, choice.threshold, choice.certified) == (-1, np.inf, False)
    assert told in choice.problem
    if not best:
        assert choice.best_certified is None
        return
    again = aim(accuracy=choice.best_certified, level=0.95)
    assert search_certified(again, ranked).certified
    above = again._replace(accuracy=choice.best_certified + 0.001)
    assert not search_certified(above, ranked).certified
    # no test of 50 rows certifies more than 1 - r with (1 - r)**50 = 0.05
    assert choice.best_certified <= 0.05 ** (1 / 50)


def test_a_promise_needs_an_accuracy_and_a_level():
    assert aim(accuracy=0.9, level=0.95).promises
    assert not aim(accuracy=0.9).promises
    assert not aim(coverage=0.9, level=0.95).promises
