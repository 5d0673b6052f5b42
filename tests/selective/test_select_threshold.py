"""Thresholds from records: what is promised, and what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from sklearn_calib import select_threshold


def honest(n=1_000, seed=0):
    """Confidences over [0.5, 1] that are right as often as they say."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.5, 1, n)
    return rng.random(n) < confidence, confidence


# A guaranteed accuracy


def test_the_threshold_lies_just_above_the_first_row_that_is_rejected():
    correct, confidence = honest()
    selected = select_threshold(correct, confidence, target_accuracy=0.9)
    accept = confidence >= selected.threshold
    assert selected.certified
    assert selected.threshold == np.nextafter(confidence[~accept].max(), 2)
    assert selected.n_answered == accept.sum()
    assert selected.coverage == accept.mean()
    assert selected.accuracy == pytest.approx(correct[accept].mean())
    for interval, (k, n) in {
        selected.coverage_interval: (accept.sum(), accept.size),
        selected.accuracy_interval: (correct[accept].sum(), accept.sum()),
    }.items():
        exact = binomtest(int(k), int(n)).proportion_ci(0.95, method="exact")
        assert interval == pytest.approx((exact.low, exact.high))


def test_equal_confidences_stand_or_fall_together():
    """300 rows at 0.9 with 10 errors are certified for 0.9; with 200 rows at 0.8 with 60 they are not."""
    confidence = np.repeat([0.9, 0.8], [300, 200])
    correct = np.ones(500)
    correct[:10] = correct[300:360] = 0
    selected = select_threshold(correct, confidence, target_accuracy=0.9)
    assert (selected.threshold, selected.coverage) == (np.nextafter(0.8, 1), 0.6)
    assert "confidence above 0.8 is at least 0.9" in selected.guarantee


def test_the_order_of_rows_does_not_matter():
    correct, confidence = honest()
    confidence = np.round(confidence, 1)
    order = np.random.default_rng(1).permutation(correct.size)
    for outcome in (correct, 0.9 * correct + 0.05):
        one = select_threshold(outcome, confidence, target_accuracy=0.75)
        other = select_threshold(outcome[order], confidence[order], target_accuracy=0.75)
        assert one.certified
        assert one.threshold == other.threshold


@pytest.mark.parametrize("shape", ["monotone", "sure and wrong", "lumps"])
def test_the_promise_is_kept(shape):
    """300 samples of 150 rows: at most 1 - level + 2 standard errors miss the target of 0.7."""
    rng, missed, certified = np.random.default_rng(0), 0, 0
    u = (np.arange(20_000) + 0.5) / 20_000
    accuracy = {
        "monotone": 1 - 0.6 * u,
        "sure and wrong": np.where(u < 0.1, 0.5, 1.05 - 0.7 * u),
        "lumps": np.repeat([0.8, 0.65, 0.9, 0.3], 5_000),
    }[shape]
    value = np.floor(4 * (1 - u)) if shape == "lumps" else 1 - u
    for _ in range(300):
        rows = rng.integers(u.size, size=150)
        correct = rng.random(150) < accuracy[rows]
        aim = {"target_accuracy": 0.7, "confidence_level": 0.8}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            threshold = select_threshold(correct, value[rows], **aim).threshold
        accept = value >= threshold
        certified += accept.any()
        missed += accept.any() and accuracy[accept].mean() < 0.7
    assert missed / 300 <= 0.2 + 2 * np.sqrt(0.2 * 0.8 / 300)
    assert certified > 30  # or nothing was promised


def test_graded_outcomes():
    """Qualities about 0.95 at the top; their mean is guaranteed, and every row where all are alike."""
    rng = np.random.default_rng(0)
    confidence = rng.random(2_000)
    quality = np.clip(0.5 + 0.5 * confidence - rng.uniform(0, 0.1, 2_000), 0, 1)
    selected = select_threshold(quality, confidence, target_accuracy=0.85)
    assert selected.certified
    # the mean quality above t is 0.45 + 0.5 (1 + t) / 2, so that 0.85 is met above 0.6
    assert 0.6 <= selected.threshold < 0.7
    assert selected.accuracy_interval[0] < selected.accuracy < selected.accuracy_interval[1]
    assert select_threshold(quality, confidence, target_accuracy=0.6).threshold == 0


@pytest.mark.parametrize(
    ("rows", "target", "message"),
    [
        (
            slice(None),
            0.999,
            "certified at no threshold.*fewer than 2995 rows cannot certify it; 1000",
        ),
        (slice(10), 0.9, "fewer than 29 rows cannot certify it; 10 are given"),
        (slice(40), 0.9, "The largest accuracy that could have been certified is 0.8"),
        (slice(None), 1, "No number of right answers shows that errors never happen"),
    ],
)
def test_what_cannot_be_certified_answers_nothing(rows, target, message):
    correct, confidence = (array[rows] for array in honest())
    with pytest.warns(UserWarning, match=message) as record:
        selected = select_threshold(correct, confidence, target_accuracy=target)
    assert record[0].filename == __file__
    assert (selected.threshold, selected.coverage, selected.certified) == (np.inf, 0, False)
    assert np.isnan(selected.accuracy)
    assert selected.accuracy_interval is None
    assert selected.guarantee.startswith("No row is answered")
    assert "accuracy   " not in str(selected)


def test_the_best_accuracy_could_have_been_certified():
    correct, confidence = honest()
    with pytest.warns(UserWarning, match="is certified at no threshold"):
        best = select_threshold(correct, confidence, target_accuracy=0.995).best_certified
    assert select_threshold(correct, confidence, target_accuracy=best).certified
    with pytest.warns(UserWarning, match="is certified at no threshold"):
        above = select_threshold(correct, confidence, target_accuracy=best + 0.002)
    assert not above.certified


def test_float32_thresholds_separate_float32_rows():
    correct, confidence = honest()
    confidence = confidence.astype(np.float32)
    selected = select_threshold(correct, confidence, target_accuracy=0.9)
    assert np.sum(confidence >= selected.threshold) == selected.n_answered


# The plain rule, coverage and costs


def test_without_a_level_nothing_is_promised():
    """0.9: 2 of 2 right; 0.8: 3 of 4; 0.7: 4 of 5. At least 0.75 is met down to 0.7."""
    correct, confidence = [1, 1, 1, 0, 1, 0], [0.9, 0.9, 0.8, 0.8, 0.7, 0.6]
    with pytest.warns(UserWarning, match="Only 5 rows"):
        selected = select_threshold(
            correct, confidence, target_accuracy=0.75, confidence_level=None
        )
    assert (selected.threshold, selected.coverage) == (0.7, 5 / 6)
    assert not selected.certified
    assert selected.coverage_interval is selected.accuracy_interval is None
    assert selected.guarantee.startswith("No accuracy is guaranteed")


def test_coverage():
    selected = select_threshold([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.6], target_coverage=0.5)
    assert (selected.threshold, selected.coverage, selected.accuracy) == (0.8, 0.5, 0.5)


def slow_cost(correct, confidence, weight, costs, threshold):
    error, abstention = costs
    accept = confidence >= threshold
    return np.average(np.where(accept, error * (1 - correct), abstention), weights=weight)


@pytest.mark.parametrize("costs", [(1, 0.2), (5, 1), (1, 0), (1, 1), (1, 3)])
@pytest.mark.parametrize("weighted", [False, True])
def test_costs_against_brute_force(costs, weighted):
    rng = np.random.default_rng(2)
    confidence = rng.integers(5, 11, 60) / 10
    correct = (rng.random(60) < confidence).astype(float)
    weight = rng.integers(0, 4, 60) if weighted else None
    selected = select_threshold(correct, confidence, costs=costs, sample_weight=weight)
    candidates = [*np.unique(confidence), np.inf]
    slow = [slow_cost(correct, confidence, weight, costs, t) for t in candidates]
    assert selected.cost == pytest.approx(min(slow))
    assert selected.cost == pytest.approx(slow[candidates.index(selected.threshold)])
    chow = max(0, 1 - costs[1] / costs[0])
    assert selected.chow_threshold == pytest.approx(chow)
    assert selected.chow_cost == pytest.approx(slow_cost(correct, confidence, weight, costs, chow))


def test_chow_is_nearly_best_for_honest_confidence():
    correct, confidence = honest(20_000)
    selected = select_threshold(correct, confidence, costs=(1, 0.2))
    assert selected.chow_threshold == pytest.approx(0.8)
    assert selected.threshold == pytest.approx(0.8, abs=0.05)
    assert selected.cost <= selected.chow_cost <= selected.cost + 0.002


def test_integer_weights_repeat_rows():
    correct, confidence = honest(60)
    weight = np.random.default_rng(0).integers(0, 3, 60)
    for aim in ({"target_accuracy": 0.85}, {"target_coverage": 0.5}, {"costs": (1, 0.2)}):
        weighted = select_threshold(
            correct, confidence, sample_weight=weight, confidence_level=None, **aim
        )
        repeated = select_threshold(
            np.repeat(correct, weight), np.repeat(confidence, weight), confidence_level=None, **aim
        )
        assert weighted.threshold == repeated.threshold
        assert weighted.coverage == pytest.approx(repeated.coverage)


# Groups


def test_one_threshold_per_group():
    correct, confidence = honest(6_000)
    groups = np.array(["a", "b", "c"])[np.arange(6_000) % 3]
    aim = {"target_accuracy": 0.9}
    by_itself = select_threshold(correct, confidence, groups=groups, simultaneous=False, **aim)
    at_once = select_threshold(correct, confidence, groups=pd.Series(groups), **aim)
    assert list(by_itself) == list(at_once) == ["a", "b", "c"]
    for name in "abc":
        rows = groups == name
        alone = select_threshold(correct[rows], confidence[rows], **aim)
        stricter = select_threshold(
            correct[rows], confidence[rows], confidence_level=1 - 0.05 / 3, **aim
        )
        assert by_itself[name].threshold == alone.threshold
        assert at_once[name].threshold == stricter.threshold
        assert f"for all 3 groups at once, the accuracy of the answers of group '{name}'" in (
            at_once[name].guarantee
        )
        assert "for this group by itself" in by_itself[name].guarantee


def test_a_group_that_cannot_be_certified_is_named():
    correct, confidence = honest(1_000)
    groups = np.arange(1_000) >= 990
    with pytest.warns(UserWarning, match="Group True: target_accuracy=0.9 is certified at no"):
        selected = select_threshold(correct, confidence, target_accuracy=0.9, groups=groups)
    assert selected[False].certified
    assert selected[True].threshold == np.inf


def test_a_group_without_weight_is_absent():
    correct, confidence = honest(300)
    groups, aim = np.arange(300) % 3, {"target_coverage": 0.5}
    weighted = select_threshold(
        correct, confidence, groups=groups, sample_weight=(groups != 1) * 1.0, **aim
    )
    kept = groups != 1
    alone = select_threshold(correct[kept], confidence[kept], groups=groups[kept], **aim)
    assert list(weighted) == list(alone) == [0, 2]
    assert [one.threshold for one in weighted.values()] == [one.threshold for one in alone.values()]


# What is refused


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({}, ValueError, "exactly one of target_accuracy, target_coverage and costs; got none"),
        ({"target_accuracy": 0.9, "costs": (1, 0.1)}, ValueError, "exactly one of"),
        ({"target_accuracy": 90}, ValueError, r"target_accuracy must be in \(0, 1\]"),
        ({"target_coverage": 0}, ValueError, r"target_coverage must be in \(0, 1\]"),
        ({"target_accuracy": 0.9, "confidence_level": 1}, ValueError, r"in \(0, 1\); got 1"),
        (
            {"target_accuracy": 0.9, "sample_weight": [1, 1]},
            ValueError,
            "sample_weight cannot be used",
        ),
        ({"costs": 1}, ValueError, "costs must be two numbers"),
        ({"costs": (0, 1)}, ValueError, "the cost of an error, must be in"),
        ({"costs": (1, -1)}, ValueError, "the cost of an abstention, must be in"),
        ({"target_coverage": 0.5, "groups": ["a"]}, ValueError, "groups has 1"),
        ({"target_coverage": 0.5, "groups": "ab"}, ValueError, "groups: .* should be a 1d array"),
    ],
)
def test_parameters(params, error, message):
    with pytest.raises(error, match=message):
        select_threshold([0, 1], [0.5, 0.6], **params)


@pytest.mark.parametrize(
    ("correct", "confidence", "message"),
    [
        ([0, 2], [0.5, 0.6], "correct"),
        ([0, 1], [0.5, np.nan], "confidence"),
        ([0, 1], [[0.5, 0.6]], "confidence must be 1-D"),
        ([0, 1, 1], [0.5, 0.6], "correct has 3, confidence has 2"),
        ([0, 1], ["low", "high"], "confidence: could not convert"),
        ([], [], "correct"),
    ],
)
def test_records_that_are_refused(correct, confidence, message):
    with pytest.raises(ValueError, match=message):
        select_threshold(correct, confidence, target_coverage=0.5)


def test_frames_and_arrays_that_cannot_be_written_to():
    correct, confidence = honest(300)
    expected = select_threshold(correct, confidence, target_accuracy=0.8).threshold
    series = pd.Series(correct, index=range(5, 305)), pd.Series(confidence)
    assert select_threshold(*series, target_accuracy=0.8).threshold == expected
    wide = np.column_stack([confidence, confidence])
    wide.setflags(write=False)
    assert select_threshold(correct, wide[:, 0], target_accuracy=0.8).threshold == expected


def test_chow_threshold_means_the_digits_of_its_costs():
    # 1 - 0.7 is a hair above 0.3 in floating point: rows of confidence 0.3 are answered all the same
    selected = select_threshold([0, 1], [0.3, 0.2], costs=(1, 0.7), confidence_level=None)
    assert selected.chow_threshold == 0.3
    assert selected.chow_cost == (1 + 0.7) / 2
