"""The numbers of the report, against plain computations."""

import numpy as np
import pytest
from scipy.stats import binom

from sklearn_calib import BinningCalibrator, Records, TemperatureScaler
from sklearn_calib._report.numbers import fit_on_records, make_calibrator, make_report, measure
from sklearn_calib.metrics import expected_calibration_error


def records(confidence, correct, **columns):
    confidence, correct = np.asarray(confidence, float), np.asarray(correct, float)
    line = np.arange(1, confidence.size + 1)
    columns = {name: np.asarray(values, object) for name, values in columns.items()}
    return Records(confidence, correct, line, columns, bad=())


def report_of(rows, **options):
    defaults = {"title": "test", "target_accuracy": 0.8, "n_bins": 10}
    return make_report(rows, **{**defaults, **options})


def overconfident(n, seed=0):
    """Say 0.6 to 1.0 and be right in two thirds of what is said."""
    rng = np.random.default_rng(seed)
    confidence = rng.choice([0.6, 0.7, 0.8, 0.9, 1.0], n)
    return records(confidence, rng.random(n) < confidence * 2 / 3)


def test_measure_by_hand():
    """Two bins: says 0.9 thrice and is right twice, says 0.2 once and is right."""
    m = measure(np.array([0.9, 0.9, 0.9, 0.2]), np.array([1.0, 1.0, 0.0, 1.0]), n_bins=10)
    assert (m.n_answers, m.confidence, m.accuracy) == (4, pytest.approx(0.725), 0.75)
    assert m.overconfidence == pytest.approx(3 / 4 * (0.9 - 2 / 3))
    assert m.underconfidence == pytest.approx(1 / 4 * (1 - 0.2))
    assert m.ece == pytest.approx(m.overconfidence + m.underconfidence)
    assert m.brier == pytest.approx((2 * 0.1**2 + 0.9**2 + 0.8**2) / 4)
    assert m.log_loss == pytest.approx(-(2 * np.log(0.9) + np.log(0.1) + np.log(0.2)) / 4)


def test_log_loss_of_a_sure_mistake_is_that_of_the_floor():
    m = measure(np.array([1.0]), np.array([0.0]), n_bins=10)
    assert m.log_loss == pytest.approx(-np.log(0.001))


def test_pvalue_says_whether_it_is_noise():
    rng = np.random.default_rng(0)
    confidence = rng.choice([0.6, 0.7, 0.8, 0.9], 500)
    assert measure(confidence, (rng.random(500) < confidence) * 1.0, n_bins=10).pvalue > 0.05
    assert measure(confidence, (rng.random(500) < confidence - 0.2) * 1.0, n_bins=10).pvalue < 0.001


def test_one_mistake_in_five_hundred_at_100_percent_is_no_evidence():
    """A stated "100 %" is a manner of speaking: 0.999 for the test, under which that is nothing rare."""
    correct = np.append(np.ones(499), 0.0)
    assert measure(np.ones(500), correct, n_bins=10).pvalue > 0.1
    assert measure(np.ones(500), np.repeat([1.0, 0.0], [480, 20]), n_bins=10).pvalue < 0.001


def test_calibration_is_judged_on_held_out_rows():
    """Labels that are noise cannot be learnt: fitted on its own rows, fine binning would seem better."""
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(300), (rng.random(300) < 0.5).astype(float)
    own = fit_on_records(BinningCalibrator(n_bins=60, classes=(0, 1)), confidence, correct)
    in_sample = np.mean((own.predict_proba(confidence)[:, 1] - correct) ** 2)
    held_out = report_of(records(confidence, correct)).calibrated["binning"].brier
    assert in_sample < 0.25 < held_out + 0.01


def test_calibration_mends_overconfidence():
    report = report_of(overconfident(4000))
    assert report.stated.ece_interval[0] > 0.2
    assert report.calibrated["binning"].ece_interval[0] == 0
    assert report.calibrated["binning"].log_loss < report.calibrated["temperature"].log_loss
    assert report.calibrated["temperature"].log_loss < report.stated.log_loss


@pytest.mark.parametrize("calibrator", ["binning", "temperature"])
def test_chosen_calibrator_comes_first(calibrator):
    report = report_of(overconfident(100), calibrator=calibrator)
    assert next(iter(report.calibrated)) == calibrator
    assert len(report.calibrated) == 2


def test_fit_on_graded_outcomes_equals_fit_on_repeated_hard_ones():
    """A quality of 3/4 is three right rows and a wrong one, up to the weight of all rows."""
    confidence, quality = np.array([0.2, 0.6, 0.9]), np.array([0.25, 0.5, 0.75])
    graded = fit_on_records(TemperatureScaler(eps=1e-3, classes=(0, 1)), confidence, quality)
    right = (4 * quality).astype(int)
    hard = TemperatureScaler(eps=1e-3).fit(
        np.concatenate([np.repeat(confidence, right), np.repeat(confidence, 4 - right)]),
        np.repeat([1, 0], [right.sum(), (4 - right).sum()]),
    )
    assert graded.temperature_ == pytest.approx(hard.temperature_, rel=1e-9)


def test_target_takes_the_largest_coverage_that_reaches_it():
    """From 0.9 on 4 of 5 are right; from 0.8 on only 4 of 6."""
    rows = records([0.95, 0.95, 0.95, 0.9, 0.9, 0.8], [1, 1, 0, 1, 1, 0])
    target = report_of(rows).target
    assert target.reached
    assert target.answered[:4] == (0.9, 5, pytest.approx(5 / 6), 0.8)


def test_target_out_of_reach_names_the_best():
    rows = records([0.9, 0.9, 0.5], [1, 0, 0])
    target = report_of(rows).target
    assert not target.reached
    assert target.answered[:4] == (0.9, 2, pytest.approx(2 / 3), 0.5)
    assert target.held_out is None


def test_levels_without_answers_are_left_out():
    levels = report_of(records([0.55, 0.85], [1, 0])).levels
    assert levels.threshold.tolist() == [0.5, 0.8]
    assert levels.count.tolist() == [2, 1]


def test_groups_are_measured_each_the_largest_gap_first():
    rows = records([0.9, 0.9, 0.9, 0.9], [1, 1, 0, 0], topic=["a", "a", "b", None])
    groups = report_of(rows, by="topic").groups
    assert list(groups) == ["None", "b", "a"] or list(groups) == ["b", "None", "a"]
    assert groups["a"].gap == pytest.approx(-0.1)
    assert groups["b"].gap == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("confidence", "correct"),
    [
        ([0.9], [1]),
        ([0.9], [0]),
        ([1.0, 1.0], [1, 1]),
        ([0.0, 1.0], [1, 0]),
        ([0.5, 0.5, 0.5], [0, 1, 0]),
        ([0.3, 0.6, 0.9], [0.2, 0.5, 1.0]),
    ],
)
def test_tiny_and_extreme_records_give_finite_numbers(confidence, correct):
    report = report_of(records(confidence, correct))
    for m in [report.stated, *report.calibrated.values()]:
        assert np.isfinite([m.ece, *m.ece_interval, m.brier, m.log_loss]).all()
        assert 0 <= m.ece_interval[0] <= m.ece <= m.ece_interval[1] <= 1


def test_what_is_doubtful_about_the_temperature_is_told_once():
    report = report_of(records([0.9, 0.8, 0.7], [1, 1, 1]))
    assert len(report.notes) == 1
    assert "Every calibration row is answered right" in report.notes[0]


def test_stated_error_is_the_public_metric():
    rows = overconfident(500)
    expected = expected_calibration_error(rows.correct, rows.confidence, kind="record", n_bins=7)
    assert report_of(rows, n_bins=7).stated.ece == pytest.approx(expected, rel=1e-12)


def test_calibrators_know_both_outcomes():
    for name in ("binning", "temperature"):
        assert make_calibrator(name).classes == (0, 1)


def test_a_certified_threshold_passes_the_exact_test():
    rng = np.random.default_rng(0)
    confidence = rng.choice([0.6, 0.8, 0.95], 1000)
    target = report_of(records(confidence, rng.random(1000) < confidence)).target
    certified = target.certified
    assert certified.threshold in (0.8, 0.95)
    right = round(certified.accuracy * certified.n_answers)
    # the chance of as many right answers, were the accuracy just the target, is at most 5 %
    assert binom.sf(right - 1, certified.n_answers, target.accuracy) <= 0.05
    assert target.best_certified is None


def test_what_cannot_be_certified():
    target = report_of(records([0.9] * 8 + [0.6] * 2, [1] * 8 + [0] * 2)).target
    assert target.reached
    assert target.certified is None
    assert 0 < target.best_certified < target.accuracy
