import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from sklearn_calib.datasets import (
    load_cifar10_probabilities,
    load_stated_confidence,
    load_vlm_option_logits,
)
from sklearn_calib.metrics import (
    calibration_error,
    calibration_table,
    expected_calibration_error,
    maximum_calibration_error,
)

# Published numbers


@pytest.mark.parametrize(
    ("dataset", "model", "published"),
    [("mmbench", "llava-v1.5-13b", 0.08889), ("oodcv", "Monkey", 0.26821)],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_published_error_of_option_logits(dataset, model, published, dtype):
    # Kostumov et al. (2024), repository EnSec-AI/VLM-Uncertainty-Bench: 15 bins, all rows.
    logits, label = load_vlm_option_logits(dataset, model=model, return_X_y=True)
    proba = softmax(logits.astype(dtype), axis=1)
    error = expected_calibration_error(label, proba, kind="confidence", n_bins=15, labels=range(6))
    assert error == pytest.approx(published, abs=5e-6)


@pytest.mark.parametrize(
    ("dataset", "model", "published"),
    [
        ("BoolQ", "gpt-4o", 0.07992),
        ("HaluEval", "claude-3-haiku", 0.36628),
        ("LifeEval", "Meta-Llama-3.1-8B", 0.12362),  # graded outcomes
    ],
)
def test_published_error_of_stated_confidence(dataset, model, published):
    # Michael et al. (2026): ten bins, the questions that all their models answered.
    confidence, correct = load_stated_confidence(
        dataset, model=model, common_only=True, return_X_y=True
    )
    error = expected_calibration_error(correct, confidence, kind="record", n_bins=10)
    assert error == pytest.approx(published, abs=5e-6)


# By hand


def test_norms_by_hand():
    # (0.1, 0.2]: says 0.2, 0 of 2 right; (0.6, 0.7]: says 0.7, 1 of 2; (0.9, 1]: says 1, 1 of 1.
    y, p = [0, 0, 1, 0, 1], [0.2, 0.2, 0.7, 0.7, 1.0]
    assert calibration_error(y, p) == pytest.approx((2 * 0.2 + 2 * 0.2) / 5)
    squared = (2 * 0.2**2 + 2 * 0.2**2) / 5
    assert calibration_error(y, p, norm="l2", squared=True) == pytest.approx(squared)
    assert calibration_error(y, p, norm="l2") == pytest.approx(math.sqrt(squared))
    assert calibration_error(y, p, norm="max") == pytest.approx(0.2)


def test_over_and_underconfidence_do_not_cancel_across_bins_but_within():
    y, p = [1, 0], [0.2, 0.8]
    assert calibration_error(y, p, n_bins=2) == pytest.approx(0.8)
    assert calibration_error(y, p, n_bins=1) == pytest.approx(0)


def test_weights_by_hand():
    # the first bin has weight 3 of 4 and gap 0.2, the second has gap 0.3
    y, p, weight = [0, 1], [0.2, 0.7], [3, 1]
    assert calibration_error(y, p, sample_weight=weight) == pytest.approx(0.75 * 0.2 + 0.25 * 0.3)
    assert calibration_error(y, p, sample_weight=weight, norm="max") == pytest.approx(0.3)


def test_top_label_by_hand():
    # One row each of the answers a (0.7, right), b (0.6, right), b (0.6, wrong), c (0.5, wrong).
    # Per answer: |0.7 - 1| of 1 row, |0.6 - 0.5| of 2, |0.5 - 0| of 1.
    proba = [[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.2, 0.6, 0.2], [0.25, 0.25, 0.5]]
    y = ["a", "b", "a", "a"]
    error = calibration_error(y, proba, kind="top_label", labels=["a", "b", "c"])
    assert error == pytest.approx((0.3 + 2 * 0.1 + 0.5) / 4)


def test_confidence_pools_what_top_label_separates():
    # "a" is always right at 0.75 and "b" right in half: together three in four, as stated.
    proba = [[0.75, 0.25], [0.75, 0.25], [0.25, 0.75], [0.25, 0.75]]
    y = ["a", "a", "a", "b"]
    assert calibration_error(y, proba, kind="confidence") == 0
    assert calibration_error(y, proba, kind="top_label") == 0.25


def test_auto_is_positive_for_two_classes_and_confidence_for_more():
    rng = np.random.default_rng(0)
    p = rng.random(50)
    y = (rng.random(50) < p**2).astype(int)  # too high everywhere: confident answers err both ways
    columns = np.column_stack([1 - p, p])
    positive = calibration_error(y, p, kind="positive")
    assert calibration_error(y, p) == calibration_error(y, columns) == positive
    assert abs(positive - calibration_error(y, p, kind="confidence")) > 0.01
    proba, y = rng.dirichlet([1, 1, 1], 50), rng.integers(0, 3, 50)
    assert calibration_error(y, proba) == calibration_error(y, proba, kind="confidence")


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
@pytest.mark.parametrize("kind", ["auto", "confidence", "top_label", "classwise"])
def test_batches_that_are_all_right(norm, kind):
    sure, unsure = np.eye(3), np.full((3, 3), 0.2) + 0.4 * np.eye(3)
    assert calibration_error([0, 1, 2], sure, norm=norm, kind=kind) == 0
    error = calibration_error([0, 1, 2], unsure, norm=norm, kind=kind)
    # says 0.6 and is right in 1; class by class it also says 0.2 twice where the answer is 0
    if kind == "classwise":
        gaps = {"l1": (0.4 + 2 * 0.2) / 3, "l2": math.sqrt((0.4**2 + 2 * 0.2**2) / 3), "max": 0.4}
        assert error == pytest.approx(gaps[norm])
    else:
        assert error == pytest.approx(0.4)


@pytest.mark.parametrize("y", [[1, 1, 1], [0, 0, 0]])
def test_batches_of_one_class(y):
    assert calibration_error(y, [0.3, 0.3, 0.3]) == pytest.approx(abs(0.3 - y[0]))


def test_one_row():
    assert calibration_error([1], [0.8]) == pytest.approx(0.2)
    assert calibration_error([1], [0.8], strategy="quantile", n_bins="cube_root") == (
        pytest.approx(0.2)
    )


def test_worst_and_best():
    assert calibration_error([0, 1], [1.0, 0.0]) == 1
    assert calibration_error([0, 1], [0.0, 1.0]) == 0


@pytest.mark.parametrize("kind", ["confidence", "top_label"])
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_the_worst_is_exactly_one_under_any_weights(kind, seed, n):
    rng = np.random.default_rng(seed)
    answer, weight = rng.integers(0, 3, n), rng.random(n) + 0.01
    for norm in ("l1", "l2", "max"):
        arguments = {"sample_weight": weight, "labels": range(3), "kind": kind, "norm": norm}
        assert calibration_error((answer + 1) % 3, np.eye(3)[answer], **arguments) == 1


def test_it_does_not_select_models():
    # What the documentation warns of: a constant has no error, a perfect ranking may have.
    y = np.repeat([0, 1], 10)
    assert calibration_error(y, np.full(20, 0.5)) == 0
    assert calibration_error(y, np.where(y == 1, 0.7, 0.3)) == pytest.approx(0.3)


def test_bias_at_perfect_calibration():
    # A bin with m rows of probability p has E|gap| = sqrt(2 p (1 - p) / (pi m)). With m = n / B and p
    # all over [0, 1], whose mean of sqrt(p (1 - p)) is pi / 8: sqrt(2 / pi) pi / 8 sqrt(B / n).
    rng, n, n_bins = np.random.default_rng(0), 2000, 10
    errors = []
    for _ in range(200):
        p = rng.random(n)
        errors.append(calibration_error(rng.random(n) < p, p, n_bins=n_bins))
    expected = math.sqrt(2 / math.pi) * math.pi / 8 * math.sqrt(n_bins / n)
    assert expected == pytest.approx(0.3 * math.sqrt(n_bins / n), rel=0.05)  # the rule documented
    # standard error of the mean: the deviation of one error, a third of its mean, over sqrt(200)
    assert np.mean(errors) == pytest.approx(expected, rel=0.07)


# A slow plain reference


def slow_events(y, proba, weight, kind):
    """Lists of (probability, outcome, weight), one list per group; labels are columns."""
    groups = {}
    for label, row, w in zip(y, proba, weight, strict=True):
        answer = max(range(len(row)), key=lambda k: (row[k], -k))
        if kind == "positive":
            events = [(None, row[1], label == 1)]
        elif kind == "classwise":
            events = [(k, p, label == k) for k, p in enumerate(row)]
        else:
            group = answer if kind == "top_label" else None
            events = [(group, row[answer], label == answer)]
        for group, p, outcome in events:
            groups.setdefault(group, []).append((p, float(outcome), w))
    return list(groups.values())


def slow_bins(events, n_bins, strategy):
    """Lists of events, one list per bin that holds weight."""
    if n_bins == "cube_root":
        rows = sum(w > 0 for _, _, w in events)
        n_bins = next(b for b in range(1, rows + 1) if b**3 >= rows)
    bins = {}
    if strategy == "uniform":
        for event in events:
            k = next(k for k in range(1, n_bins + 1) if event[0] <= k / n_bins)
            bins.setdefault(k, []).append(event)
    else:
        total, cumulated, k = sum(w for _, _, w in events), 0, 1
        for value in sorted({p for p, _, _ in events}):
            tied = [event for event in events if event[0] == value]
            bins.setdefault(k, []).extend(tied)
            cumulated += sum(w for _, _, w in tied)
            while cumulated * n_bins >= k * total and k < n_bins:
                k += 1
    return [rows for rows in bins.values() if sum(w for _, _, w in rows) > 0]


def slow_error(y, proba, weight, kind, n_bins, strategy, norm):
    groups = slow_events(y, proba, weight, kind)
    total = sum(w for events in groups for _, _, w in events)
    gaps, shares = [], []
    for events in groups:
        for rows in slow_bins(events, n_bins, strategy):
            w = sum(w for _, _, w in rows)
            gaps.append(abs(sum(w * (p - o) for p, o, w in rows)) / w)
            shares.append(w / total)
    if norm == "max":
        return max(gaps)
    if norm == "l1":
        return sum(s * g for s, g in zip(shares, gaps, strict=True))
    return math.sqrt(sum(s * g**2 for s, g in zip(shares, gaps, strict=True)))


@st.composite
def problems(draw, n_classes):
    """Labels, probabilities that are multiples of 1 / 20 (on edges, and tied), integer weights."""
    n = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    proba = rng.multinomial(20, np.full(n_classes, 1 / n_classes), size=n) / 20
    return rng.integers(0, n_classes, n), proba, rng.integers(1, 4, n)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("kind", ["positive", "confidence", "top_label", "classwise"])
@settings(max_examples=40, deadline=None)
@given(data=st.data(), n_bins=st.one_of(st.integers(1, 21), st.just("cube_root")))
def test_errors_equal_the_slow_reference(kind, strategy, data, n_bins):
    n_classes = 2 if kind == "positive" else data.draw(st.integers(2, 4))
    y, proba, weight = data.draw(problems(n_classes))
    for norm in ("l1", "l2", "max"):
        arguments = {"kind": kind, "n_bins": n_bins, "strategy": strategy, "norm": norm}
        error = calibration_error(
            y, proba, labels=range(n_classes), sample_weight=weight, **arguments
        )
        slow = slow_error(y.tolist(), proba.tolist(), weight.tolist(), **arguments)
        assert error == pytest.approx(slow, abs=1e-12)


# Relations


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [4, 10, "cube_root"])
@pytest.mark.parametrize("weighted", [False, True])
def test_classwise_is_the_mean_of_the_errors_of_the_classes(strategy, n_bins, weighted):
    rng = np.random.default_rng(0)
    y, proba = rng.integers(0, 4, 300), rng.dirichlet(np.ones(4), 300)
    weight = rng.random(300) if weighted else None
    arguments = {"n_bins": n_bins, "strategy": strategy, "sample_weight": weight}
    binary = [calibration_error(y == k, proba[:, k], **arguments) for k in range(4)]
    error = calibration_error(y, proba, kind="classwise", **arguments)
    assert error == pytest.approx(np.mean(binary))
    error = calibration_error(y, proba, kind="classwise", norm="max", **arguments)
    binary = [calibration_error(y == k, proba[:, k], norm="max", **arguments) for k in range(4)]
    assert error == pytest.approx(max(binary))


def test_both_classes_of_two_have_the_same_error_in_symmetric_bins():
    # No probability lies on an edge, so the bins of 1 - p mirror those of p.
    rng = np.random.default_rng(0)
    p, y = rng.random(200), rng.integers(0, 2, 200)
    columns = np.column_stack([1 - p, p])
    errors = [calibration_error(y, columns, pos_label=k) for k in (0, 1)]
    assert errors[0] == pytest.approx(errors[1])
    assert calibration_error(y, columns, kind="classwise") == pytest.approx(errors[0])


@settings(max_examples=30, deadline=None)
@given(problems(3))
def test_norms_are_ordered(problem):
    # Jensen: the mean is at most the root mean square, which is at most the maximum.
    y, proba, weight = problem
    l1, l2, largest = (
        calibration_error(y, proba, labels=range(3), norm=norm, sample_weight=weight)
        for norm in ("l1", "l2", "max")
    )
    assert 0 <= l1 <= l2 + 1e-12
    assert l2 <= largest + 1e-12
    assert largest <= 1


def test_finer_bins_never_have_a_smaller_error():
    # Each bin of five is a union of bins of ten; the triangle inequality does the rest.
    data = load_cifar10_probabilities()
    errors = [expected_calibration_error(data.target, data.data, n_bins=n) for n in (1, 5, 10, 50)]
    assert errors == sorted(errors)
    # One bin is |mean confidence - accuracy|.
    confidence, right = data.data.max(axis=1), data.data.argmax(axis=1) == data.target
    assert errors[0] == pytest.approx(abs(confidence.mean(dtype=float) - right.mean()))


def test_named_errors_are_norms():
    rng = np.random.default_rng(0)
    y, proba, weight = rng.integers(0, 3, 80), rng.dirichlet([1, 1, 1], 80), rng.random(80)
    arguments = {
        "sample_weight": weight,
        "labels": [0, 1, 2],
        "kind": "classwise",
        "n_bins": 7,
        "strategy": "quantile",
    }
    for named, norm in ((expected_calibration_error, "l1"), (maximum_calibration_error, "max")):
        expected = calibration_error(y, proba, norm=norm, **arguments)
        assert named(y, proba, **arguments) == expected
        assert named(y, proba) == calibration_error(y, proba, norm=norm)
        p = proba[:, 0]
        assert named(y == 0, p, pos_label=False) == calibration_error(
            y == 0, p, pos_label=False, norm=norm
        )


def test_error_is_a_formula_over_the_table():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 100), rng.random(100)
    table = calibration_table(y, p, n_bins=7)
    error = calibration_error(y, p, n_bins=7)
    assert error == pytest.approx(np.sum(table.share * np.abs(table.gap)))
    assert type(error) is float


def test_squared_is_for_l2():
    for norm in ("l1", "max"):
        with pytest.raises(ValueError, match="squared=True is for norm='l2' only; got norm="):
            calibration_error([0, 1], [0.2, 0.7], norm=norm, squared=True)
    with pytest.raises(ValueError, match="squared must be one of True, False"):
        calibration_error([0, 1], [0.2, 0.7], norm="l2", squared="yes")
    with pytest.raises(ValueError, match="norm must be one of 'l1', 'l2', 'max'; got 'l3'"):
        calibration_error([0, 1], [0.2, 0.7], norm="l3")
