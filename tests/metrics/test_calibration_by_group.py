from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import binom
from sklearn.metrics import brier_score_loss, log_loss

from sklearn_calib.metrics import (
    calibration_by_group,
    calibration_error,
    expected_calibration_error,
)


@pytest.fixture
def records():
    """Three calibrated subjects and one, "law", whose confidence is 0.2 too high."""
    rng = np.random.default_rng(0)
    subject = rng.choice(["art", "biology", "law", "math"], 2000)
    confidence = rng.uniform(0.3, 1, 2000)
    accuracy = np.where(subject == "law", confidence - 0.2, confidence)
    return (rng.random(2000) < accuracy).astype(int), confidence, subject


def by_group(records, **options):
    return calibration_by_group(*records, **{"kind": "record", **options})


def test_numbers_of_each_group_are_those_of_its_rows(records):
    correct, confidence, subject = records
    result = by_group(records)
    for i, name in enumerate(result.group):
        rows = subject == name
        assert result.table.count[i] == rows.sum()
        assert result.table.confidence[i] == pytest.approx(confidence[rows].mean())
        assert result.gap[i] == pytest.approx(confidence[rows].mean() - correct[rows].mean())
    assert result.overall.gap[0] == pytest.approx(confidence.mean() - correct.mean())


def test_the_wrong_group_comes_first_and_alone(records):
    result = by_group(records)
    assert result.group[0] == "law"
    assert result.pvalue_adjusted[0] < 1e-6
    assert np.all(result.pvalue_adjusted[1:] > 0.05)
    assert result.gap_lower[0] > 0.1
    assert np.all((result.gap_lower[1:] < 0) & (result.gap_upper[1:] > 0))
    assert np.all(np.diff(result.pvalue) >= 0)


def test_family_wise_errors_are_rare():
    """Of 200 calibrated data sets of 20 groups, at most 5 % (plus three sigmas) have any rejection."""
    rng = np.random.default_rng(0)
    group = np.arange(800) % 20
    rejected, missed = 0, 0
    for _ in range(200):
        confidence = rng.beta(9, 1, 800)
        result = calibration_by_group(
            rng.random(800) < confidence, confidence, group, kind="record"
        )
        rejected += result.pvalue_adjusted.min() < 0.05
        # a population at the true gap of 0 must be in all intervals
        missed += np.any((result.gap_lower > 0) | (result.gap_upper < 0))
    assert max(rejected, missed) <= 200 * 0.05 + 3 * np.sqrt(200 * 0.05 * 0.95)


def test_intervals_widen_with_the_number_of_groups():
    confidence, correct = np.full(400, 0.9), np.arange(400) % 10 > 0
    one = calibration_by_group(correct, confidence, np.zeros(400), kind="record")
    four = calibration_by_group(
        np.tile(correct, 4), np.tile(confidence, 4), np.repeat(range(4), 400), kind="record"
    )
    assert four.gap_upper[0] > one.gap_upper[0]
    simultaneous = calibration_by_group(
        correct, confidence, np.zeros(400), kind="record", confidence_level=1 - 0.05 / 4
    )
    assert four.gap_upper[0] == pytest.approx(simultaneous.gap_upper[0])


def test_depth_adds_intersections(records):
    correct, confidence, subject = records
    flag = np.arange(2000) % 2 == 0
    frame = pd.DataFrame({"subject": subject, "flag": flag})
    result = calibration_by_group(correct, confidence, frame, depth=2, kind="record")
    assert len(result) == 4 + 2 + 8
    (i,) = np.flatnonzero(result.group == "subject=law & flag=True")
    assert result.table.count[i] == np.sum((subject == "law") & flag)
    for same in (
        pl.from_pandas(frame),
        frame.to_dict("list"),
        frame.set_index(np.arange(2000) + 9),
    ):
        again = calibration_by_group(correct, confidence, same, depth=2, kind="record")
        np.testing.assert_array_equal(again.group, result.group)
        np.testing.assert_array_equal(again.pvalue, result.pvalue)


def test_names_of_groups():
    y, p = np.array([0, 1] * 40), np.full(80, 0.5)
    for groups, names in [
        (np.repeat([3, 4], 40), ["3", "4"]),
        (np.repeat([1.0, np.nan], 40), ["1", "missing"]),
        (np.repeat([1.5, 2], 40), ["1.5", "2"]),
        (pd.Series([None, "a"] * 40), ["a", "missing"]),
        (np.column_stack([np.repeat([3, 4], 40)] * 2), ["0=3", "0=4", "1=3", "1=4"]),
    ]:
        assert sorted(calibration_by_group(y, p, groups).group) == names


def test_small_groups_are_counted_and_left_out(records):
    correct, confidence, subject = records
    subject = subject.copy()
    subject[:5] = "tiny"
    result = by_group((correct, confidence, subject))
    assert "tiny" not in result.group
    assert result.n_small == 1
    assert "1 smaller groups are left out" in str(result)
    assert "tiny" in by_group((correct, confidence, subject), min_count=5).group
    with pytest.warns(UserWarning, match="No group has min_count=9999 rows; the largest has"):
        empty = by_group((correct, confidence, subject), min_count=9999)
    assert len(empty) == 0
    assert "all rows" in str(empty)


def test_small_groups_have_valid_pvalues():
    """Confidence 0.99, one wrong of 30: a z-test would say 0.03, the binomial 0.26 twice."""
    correct = np.arange(30) > 0
    result = calibration_by_group(correct, np.full(30, 0.99), np.zeros(30), kind="record")
    assert result.pvalue[0] == pytest.approx(2 * binom.cdf(29, 30, 0.99), rel=1e-6)


def test_any_metric(records):
    correct, confidence, subject = records
    weight = np.random.default_rng(1).integers(0, 3, 2000).astype(float)
    metrics = {
        "ece": expected_calibration_error,
        "l2": partial(calibration_error, norm="l2", kind="record"),
        "log loss": log_loss,
        "brier": brier_score_loss,
        "rows": lambda y, p: len(y),
    }
    result = by_group(records, metric=metrics, sample_weight=weight)
    used = weight > 0
    for i, name in enumerate(result.group):
        rows = (subject == name) & used
        own = correct[rows], confidence[rows]
        options = {"sample_weight": weight[rows]}
        ece = expected_calibration_error(*own, kind="record", **options)
        assert result.metrics["ece"][i] == pytest.approx(ece)
        assert result.metrics["log loss"][i] == pytest.approx(log_loss(*own, **options))
        assert result.metrics["rows"][i] == rows.sum()
    everything = log_loss(correct[used], confidence[used], sample_weight=weight[used])
    assert result.overall_metrics["log loss"] == pytest.approx(everything)
    assert "brier" in str(result)
    assert by_group(records, metric=log_loss).metrics.keys() == {"log_loss"}
    with pytest.raises(TypeError, match="metric must be callable"):
        by_group(records, metric="log_loss")


def test_metrics_know_all_classes():
    """A group without some class is measured like any other."""
    proba = np.full((60, 3), 1 / 3)
    y = np.array(["a", "b"] * 15 + ["c"] * 30)
    groups = np.repeat(["one", "two"], 30)
    result = calibration_by_group(y, proba, groups, metric=log_loss)
    np.testing.assert_allclose(result.metrics["log_loss"], np.log(3))


def test_binary_classes():
    """The probability of the event against how often it happens."""
    y = np.array(["no", "yes"] * 50)
    p = np.full(100, 0.7)
    columns = np.column_stack([1 - p, p])
    for y_proba, options in [(columns, {}), (p, {}), (1 - p, {"pos_label": "no"})]:
        result = calibration_by_group(y, y_proba, np.zeros(100), metric=log_loss, **options)
        assert result.gap[0] == pytest.approx(-0.2 if options else 0.2)
    assert calibration_by_group(y, columns, np.zeros(100), kind="confidence").gap[0] > 0


def test_frame_and_print(records):
    result = by_group(records, metric=expected_calibration_error)
    frame = result.to_frame()
    assert frame.columns.tolist() == [
        *("group", "count", "weight", "confidence", "accuracy", "gap", "gap_lower", "gap_upper"),
        *("pvalue", "pvalue_adjusted", "expected_calibration_error"),
    ]
    lines = str(result).splitlines()
    assert lines[0].split()[:3] == ["group", "count", "confidence"]
    assert "95 % interval" in lines[0]
    assert lines[1].startswith("law")
    assert "<0.001" in lines[1]
    assert lines[-1].startswith("all rows")
    assert len({len(line) for line in lines}) == 1  # columns in line
    many = calibration_by_group(np.zeros(6000), np.full(6000, 0.5), np.arange(6000) % 60)
    assert "20 more groups" in str(many)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 2}, "depth must be 1 to 1; got 2"),
        ({"depth": True}, "depth must be an integer of 1 to 1; got True"),
        ({"min_count": 0}, "min_count must be at least 1; got 0"),
        ({"confidence_level": 1}, r"confidence_level must be in \(0, 1\)"),
        ({"kind": "classwise"}, "kind must be one of 'auto', 'positive', 'confidence', 'record'"),
    ],
)
def test_errors(records, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        by_group(records, **options)
    with pytest.raises(ValueError, match="y_true has 2000, groups has 3"):
        calibration_by_group(*records[:2], ["a", "b", "c"], kind="record")


def test_fairlearn_accepts_our_metrics(records):
    """Its frame calls metrics with labels and predictions; ours take probabilities as the latter."""
    fairlearn = pytest.importorskip("fairlearn.metrics")
    correct, confidence, subject = records
    frame = fairlearn.MetricFrame(
        metrics=partial(expected_calibration_error, kind="record"),
        y_true=correct,
        y_pred=confidence,
        sensitive_features=subject,
    )
    ours = by_group(records, metric=expected_calibration_error)
    theirs = frame.by_group.loc[ours.group].to_numpy()
    np.testing.assert_allclose(theirs, ours.metrics["expected_calibration_error"])
