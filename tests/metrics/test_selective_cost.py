import numpy as np
import pytest

from sklearn_calib.metrics import coverage, selective_accuracy, selective_cost

CORRECT, CONFIDENCE = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]


@pytest.mark.parametrize(
    ("threshold", "cost"), [(0, 20 / 5), (0.8, 11 / 5), (0.9, 12 / 5), (0.95, 3 / 5), (1, 5 / 5)]
)
def test_by_hand(threshold, cost):
    told = {"costs": (10, 1), "kind": "record"}
    assert selective_cost(CORRECT, CONFIDENCE, threshold=threshold, **told) == cost


def test_chows_threshold_is_the_default():
    # 1 - 1 / 10: the answer at 0.9 is given
    assert selective_cost(CORRECT, CONFIDENCE, costs=(10, 1), kind="record") == 12 / 5
    # an abstention that costs as much as an error or more: always answer
    for abstention in (10, 15):
        assert selective_cost(CORRECT, CONFIDENCE, costs=(10, abstention), kind="record") == 4
    # a free abstention: answer where it is certain
    assert selective_cost([0, 1], [1.0, 0.999], costs=(1, 0), kind="record") == 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("abstention", [0.1, 0.2, 0.3, 0.4, 0.7])
def test_a_confidence_on_chows_threshold_is_answered(abstention, dtype):
    # 1 - 0.7 is 0.30000000000000004 in floating point
    confidence = np.array([round(1 - abstention, 1)], dtype=dtype)
    assert selective_cost([1], confidence, costs=(1, abstention), kind="record") == 0


def test_chows_rule_is_the_best_if_confidence_is_honest():
    rng = np.random.default_rng(0)
    confidence = rng.random(200_000)
    correct = rng.random(200_000) < confidence
    told = {"costs": (3, 0.6), "kind": "record"}  # Chow: 1 - 0.2
    best = selective_cost(correct, confidence, **told)
    for threshold in np.linspace(0, 1, 11):
        other = selective_cost(correct, confidence, threshold=threshold, **told)
        assert other >= best - 2e-3
    # closed form: E[min(3 (1 - C), 0.6)] for uniform C
    assert best == pytest.approx(0.8 * 0.6 + 0.2 * 0.3, abs=5e-3)


def test_it_is_made_of_accuracy_and_coverage():
    rng = np.random.default_rng(0)
    y, proba, weight = rng.integers(0, 3, 60), rng.dirichlet([1, 1, 1], 60), rng.random(60)
    told = {"threshold": 0.6, "sample_weight": weight}
    share, accuracy = coverage(y, proba, **told), selective_accuracy(y, proba, **told)
    expected = 2 * share * (1 - accuracy) + 0.3 * (1 - share)
    assert selective_cost(y, proba, costs=(2, 0.3), **told) == pytest.approx(expected)


def test_quality_is_a_part_of_an_error():
    assert selective_cost([0.25], [0.9], costs=(8, 1), threshold=0.5, kind="record") == 6


@pytest.mark.parametrize(
    ("costs", "error", "message"),
    [
        (1, ValueError, r"costs must be two numbers, \(error, abstention\); got 1"),
        ((1, 2, 3), ValueError, "costs must be two numbers"),
        ((0, 1), ValueError, r"costs\[0\].* must be in \(0, inf\); got 0"),
        ((1, -1), ValueError, r"costs\[1\].* must be in \[0, inf\); got -1"),
        ((np.inf, 1), ValueError, r"costs\[0\].* must be in"),
        ((1, np.nan), ValueError, r"costs\[1\].* must be in"),
        (("1", 1), TypeError, r"costs\[0\].* must be a number"),
    ],
)
def test_wrong_costs(costs, error, message):
    with pytest.raises(error, match=message):
        selective_cost(CORRECT, CONFIDENCE, costs=costs, kind="record")


def test_wrong_threshold():
    with pytest.raises(ValueError, match="threshold must be in"):
        selective_cost(CORRECT, CONFIDENCE, costs=(1, 0.1), threshold=1.5, kind="record")
