import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib.metrics import coverage, coverage_at_accuracy, selective_accuracy

CORRECT, CONFIDENCE = [1, 1, 0, 1, 0], [0.99, 0.95, 0.9, 0.8, 0.6]


@pytest.mark.parametrize(
    ("accuracy", "share"), [(1, 0.4), (0.76, 0.4), (0.75, 0.8), (0.6, 1), (0.1, 1)]
)
def test_by_hand(accuracy, share):
    assert coverage_at_accuracy(CORRECT, CONFIDENCE, accuracy=accuracy, kind="record") == share


def test_an_accuracy_that_nothing_reaches_covers_nothing():
    assert coverage_at_accuracy([0, 1], [0.9, 0.8], accuracy=0.6, kind="record") == 0


def test_ties_are_answered_together():
    # 1 of 1, then 2 of 3: the right one of the two at 0.8 cannot be answered alone
    assert coverage_at_accuracy([1, 1, 0], [0.9, 0.8, 0.8], accuracy=0.9, kind="record") == (
        pytest.approx(1 / 3)
    )


def test_classes():
    proba = np.array([[(1 - c) / 2, c, (1 - c) / 2] for c in CONFIDENCE])
    y = ["b", "b", "a", "b", "c"]
    assert coverage_at_accuracy(y, proba, accuracy=0.75) == 0.8


levels = st.integers(0, 5).map(lambda d: d / 5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(levels, levels, st.integers(1, 3)), min_size=1, max_size=20),
    st.integers(1, 10).map(lambda d: d / 10),
)
def test_it_is_the_best_of_all_thresholds(rows, accuracy):
    correct, confidence, weight = map(list, zip(*rows, strict=True))
    arguments = {"kind": "record", "sample_weight": weight}
    shares = [0.0]
    for threshold in set(confidence):
        reached = selective_accuracy(correct, confidence, threshold=threshold, **arguments)
        if reached >= accuracy - 1e-12:
            shares.append(coverage(correct, confidence, threshold=threshold, **arguments))
    share = coverage_at_accuracy(correct, confidence, accuracy=accuracy, **arguments)
    assert share == pytest.approx(max(shares))


def test_torch_uncertainty():
    """torch-uncertainty 0.13.0, CovAtxRisk(0.2): 0.36399999 on these records, without ties."""
    rng = np.random.default_rng(7)
    confidence = rng.uniform(0.5, 1, 500)
    correct = rng.random(500) < confidence**2
    share = coverage_at_accuracy(correct, confidence, accuracy=0.8, kind="record")
    assert share == pytest.approx(0.364, abs=1e-7)


@pytest.mark.parametrize(
    ("accuracy", "error"),
    [(0, ValueError), (1.1, ValueError), (None, TypeError), ("0.9", TypeError)],
)
def test_wrong_accuracy(accuracy, error):
    with pytest.raises(error, match=r"accuracy must be .*in \(0, 1\]"):
        coverage_at_accuracy(CORRECT, CONFIDENCE, accuracy=accuracy, kind="record")
