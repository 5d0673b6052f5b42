"""The monitor, as a user meets it: what it promises, and what it says."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.base import clone

from sklearn_calib import BinningCalibrator, IsotonicCalibrator, SigmoidCalibrator
from sklearn_calib._core.betting import BETS, log_average, log_factors, log_stakes
from sklearn_calib.datasets import load_nfl_forecasts
from sklearn_calib.metrics import calibration_table
from sklearn_calib.monitoring import CalibrationMonitor


def stream(n, shift=0.0, start=0, seed=0, low=0.0):
    """Outcomes and confidences; right less often by `shift` from row `start` on."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(low, 1, n)
    truth = np.where(np.arange(n) >= start, np.clip(p - shift, 0, 1), p)
    return (rng.random(n) < truth).astype(float), p


def state(monitor):
    return json.dumps(monitor.to_dict())


def fed(batch, o, p, groups=None, time=None, monitor=None):
    monitor = CalibrationMonitor() if monitor is None else monitor
    for i in range(0, o.size, batch):
        s = slice(i, i + batch)
        monitor.update(
            o[s],
            p[s],
            groups=None if groups is None else groups[s],
            time=None if time is None else time[s],
        )
    return monitor


def slow_evidence(o, p, group):
    """Greatest weighted evidence after each row, from the definition: parts, bets, starts, products."""
    factors = np.exp(log_factors(o, p, p, logit(np.clip(p, 1e-6, 1 - 1e-6))))
    cell = np.maximum(np.ceil(p * 10).astype(int) - 1, 0)
    names = list(dict.fromkeys(group))
    left = 1 / (1 + np.log1p(np.arange(len(names) + 1) / 10))
    parts = [(0.7, np.ones(o.size, bool))]
    parts += [(0.15 / 10, cell == b) for b in range(10)]
    parts += [(0.15 * (left[i] - left[i + 1]), group == name) for i, name in enumerate(names)]
    best = np.full(o.size, -np.inf)
    for weight, member in parts:
        rows = np.flatnonzero(member)
        stakes = np.exp(log_stakes(0, rows.size, 0.8 if weight == 0.7 else 0.4))
        mixture = np.zeros(BETS.size)
        value = np.full(o.size, -np.inf)
        for stake, t in zip(stakes, rows, strict=True):
            mixture = (mixture + stake) * factors[:, t]
            value[t:] = np.log(weight) + log_average(np.log(mixture))
        best = np.maximum(best, value)
    return best


def test_evidence_is_that_of_the_definition():
    o, p = stream(120, shift=0.1, seed=3)
    group = np.random.default_rng(0).choice(["a", "b", "c"], 120)
    expected = slow_evidence(o, p, group)
    monitor = CalibrationMonitor()
    for i in range(120):
        monitor.update(o[i], p[i], groups=group[i])
        assert np.log(monitor.report().evidence) == pytest.approx(expected[i])
    assert np.log(monitor.report().peak_evidence) == pytest.approx(expected.max())
    path = [period["log_evidence"] for period in monitor.periods()]
    ends = np.append(np.arange(15, 120, 16), 119)
    np.testing.assert_allclose(path, expected[ends])


@pytest.mark.parametrize("options", [{}, {"average_run_length": 500}], ids=["ever", "run length"])
def test_batches_make_no_difference(options):
    """Through two halvings of the periods, with groups, weights and times."""
    o, p = stream(5_000, shift=0.1, start=2_000)
    group, time = np.arange(5_000) % 7 // 2, np.arange(5_000) // 100
    whole = fed(5_000, o, p, group, time, CalibrationMonitor(**options))
    assert whole.alarm
    assert len(whole.periods()) <= 128
    for batch in (37, 1_000):
        assert state(fed(batch, o, p, group, time, CalibrationMonitor(**options))) == state(whole)
    some = slice(0, 300)
    one_by_one = fed(1, o[some], p[some], group[some], time[some])
    assert state(one_by_one) == state(fed(300, o[some], p[some], group[some], time[some]))


def test_false_alarms_are_rare():
    """At most alpha: of 60 honest streams more than 8 would happen once in 100,000 times."""
    alarms = [CalibrationMonitor(0.05).update(*stream(800, seed=s)).alarm for s in range(60)]
    assert sum(alarms) <= 8


def test_miscalibration_within_the_tolerance_is_tolerated_and_beyond_it_found():
    alarms = [
        CalibrationMonitor(tolerance=0.1).update(*stream(800, shift=0.1, seed=s, low=0.1)).alarm
        for s in range(40)
    ]
    assert sum(alarms) <= 6
    assert CalibrationMonitor(tolerance=0.1).update(*stream(2_000, shift=0.25, low=0.25)).alarm


@pytest.mark.parametrize(
    ("shift", "direction"), [(0.15, "overconfident"), (-0.15, "underconfident")]
)
def test_report_names_direction_onset_and_action(shift, direction):
    o, p = stream(4_000, shift=shift, start=2_000)
    monitor = CalibrationMonitor().update(o, p)
    report = monitor.report()
    first = report.alarms[0]
    assert report.alarm
    assert (first.where, first.direction) == ("all", direction)
    assert abs(first.onset_row - 2_000) < 150
    assert first.row > first.onset_row
    since = slice(first.onset_row, None)
    assert first.gap == pytest.approx(np.mean(p[since] - o[since]), abs=0.02)
    assert report.actions[0] == f"recalibrate on rows since row {first.onset_row}"
    assert str(report).startswith("ALARM after 4000 rows: evidence ")
    assert report.evidence <= report.peak_evidence
    assert report.threshold == pytest.approx(20)


def test_graded_outcomes():
    """Only their mean matters: Beta(4 p, 4 - 4 p) has mean p."""
    rng = np.random.default_rng(0)
    p = rng.uniform(0.1, 0.9, 3_000)
    o = rng.beta(4 * p, 4 - 4 * p)
    assert not CalibrationMonitor().update(o, p).alarm
    assert CalibrationMonitor().update(0.8 * o, p).report().alarms[0].direction == "overconfident"


def test_a_group_is_named_and_the_others_are_not():
    o, p = stream(6_000, seed=5)
    group = np.random.default_rng(1).choice(["north", "south", "east", "west"], 6_000)
    worse = group == "south"
    o[worse] *= np.random.default_rng(2).random(worse.sum()) < 0.6
    report = CalibrationMonitor().update(o, p, groups=group).report()
    groups = [alarm.name for alarm in report.alarms if alarm.where == "group"]
    assert groups == ["south"]
    assert "look at group south" in report.actions


def test_a_bin_is_named():
    o, p = stream(8_000, seed=6)
    inside = (p > 0.8) & (p <= 0.9)
    o[inside] = np.random.default_rng(3).random(inside.sum()) < 0.6
    named = CalibrationMonitor().update(o, p).report().alarms
    assert ("bin", (0.8, 0.9), "overconfident") in [(a.where, a.name, a.direction) for a in named]
    assert {a.name for a in named if a.where == "bin"} == {(0.8, 0.9)}
    assert any(a.place == "confidences 0.8 to 0.9" for a in named)


def test_too_extreme_confidences():
    """High and low confidences err in opposite directions; their mean gap is none."""
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 1, 5_000)
    o = rng.random(5_000) < 0.5 + 0.6 * (p - 0.5)
    assert CalibrationMonitor().update(o, p).report().alarms[0].direction == "too extreme"
    o = rng.random(5_000) < np.clip(0.5 + 1.6 * (p - 0.5), 0, 1)
    assert CalibrationMonitor().update(o, p).report().alarms[0].direction == "too timid"


def test_threshold_that_restores_the_accuracy():
    o, p = stream(6_000, shift=0.15, low=0.3)
    monitor = CalibrationMonitor().update(o, p)
    action = monitor.report(target_accuracy=0.7).actions[-1]
    assert action.startswith("answer above confidence 0.8: accuracy ")
    above = p > 0.8
    assert f"accuracy {o[above].mean():.3f} there" in action
    never = monitor.report(target_accuracy=1.0).actions[-1]
    assert never == "no threshold on the confidence gives accuracy 1: answer nothing"
    honest = CalibrationMonitor().update(*stream(500))
    assert honest.report(target_accuracy=0.7).actions == ()


def test_recalibrator_of_the_rows_since_the_onset():
    o, p = stream(6_000, shift=0.2, start=3_000, low=0.3)
    monitor = CalibrationMonitor().update(o, p)
    fitted = monitor.recalibrator()
    assert isinstance(fitted, SigmoidCalibrator)
    mapped = fitted.predict_proba([0.5, 0.9])[:, 1]
    np.testing.assert_allclose(mapped, [0.3, 0.7], atol=0.06)
    np.testing.assert_allclose(
        monitor.recalibrator(since=0).predict_proba([0.5, 0.9])[:, 1], [0.4, 0.8], atol=0.06
    )
    other = monitor.recalibrator(IsotonicCalibrator())
    assert isinstance(other, IsotonicCalibrator)
    with pytest.raises(ValueError, match="no rows to calibrate on"):
        CalibrationMonitor().recalibrator()
    for since in (-1, 0.5, "1906"):
        with pytest.raises((TypeError, ValueError), match=r"since must be .*at least 0"):
            monitor.recalibrator(since=since)


@pytest.mark.parametrize("half_life", [None, 300])
def test_a_recalibrator_of_bins_goes_on_with_the_stream(half_life):
    """Without forgetting the same as `fit` on all rows, and as the monitor that has seen them all."""
    o, p = stream(3_000, shift=0.1)
    calibrator = BinningCalibrator(strategy="uniform", half_life=half_life)
    monitor = CalibrationMonitor().update(o[:2_000], p[:2_000])
    streamed = monitor.recalibrator(calibrator, since=0)
    for start in (2_000, 2_500):
        rows = slice(start, start + 500)
        streamed.partial_fit(p[rows], o[rows].astype(int))
    if half_life is None:
        expected = clone(calibrator).fit(p, o.astype(int))
        again = monitor.update(o[2_000:], p[2_000:]).recalibrator(calibrator, since=0)
        np.testing.assert_array_equal(again.bin_values_[0], expected.bin_values_[0])
        np.testing.assert_array_equal(streamed.bin_values_[0], expected.bin_values_[0])
    else:  # the last thousand rows are more than three half-lives: they nearly speak alone
        late = BinningCalibrator(strategy="uniform").fit(p[2_000:], o[2_000:].astype(int))
        early = BinningCalibrator(strategy="uniform").fit(p[:2_000], o[:2_000].astype(int))
        to_late = np.abs(streamed.bin_values_[0] - late.bin_values_[0]).mean()
        assert to_late < np.abs(streamed.bin_values_[0] - early.bin_values_[0]).mean()


def test_recalibrator_of_bins_with_one_outcome():
    monitor = CalibrationMonitor().update(np.ones(50), np.full(50, 0.6))
    assert monitor.recalibrator().predict_proba([0.6])[0, 1] == pytest.approx(51 / 52)


def test_reference_is_what_is_compared_with():
    """Overconfident by 0.2 like its reference: no alarm; honest now: a change."""
    table = calibration_table(*stream(4_000, shift=0.2, seed=1, low=0.3), kind="record", n_bins=5)
    same = CalibrationMonitor(reference=table).update(*stream(4_000, shift=0.2, seed=2, low=0.3))
    assert not same.alarm
    assert CalibrationMonitor().update(*stream(4_000, shift=0.2, seed=2, low=0.3)).alarm
    changed = CalibrationMonitor(reference=table).update(*stream(4_000, seed=3, low=0.3))
    assert changed.report().alarms[0].direction == "underconfident"


def test_a_small_reference_supports_little():
    small = calibration_table(*stream(60, seed=1), kind="record", n_bins=5)
    assert not CalibrationMonitor(reference=small).update(*stream(2_000, shift=0.1)).alarm


def test_what_the_reference_has_not_seen_raises_no_alarm():
    o, p = stream(2_000, seed=1)
    low_only = calibration_table(o[p <= 0.5], p[p <= 0.5], kind="record", n_bins=10)
    monitor = CalibrationMonitor(reference=low_only)
    assert not monitor.update(np.zeros(500), np.full(500, 0.95)).alarm
    assert monitor.report().evidence < 1


def test_graded_reference():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.1, 0.9, 3_000)
    o = np.clip(p + rng.uniform(-0.1, 0.1, 3_000), 0, 1)
    table = calibration_table(o, p, kind="record", n_bins=5)
    assert not CalibrationMonitor(reference=table).update(o, p).alarm
    assert CalibrationMonitor(reference=table).update(np.clip(o - 0.25, 0, 1), p).alarm


def test_groups_are_compared_with_themselves():
    o, p = stream(4_000, seed=4, low=0.3)
    group = np.arange(4_000) % 2
    o[group == 1] *= np.random.default_rng(5).random((group == 1).sum()) < 0.7
    reference = CalibrationMonitor(n_bins=5).update(o, p, groups=group).table(by_group=True)
    assert len(reference) == 8
    watch = CalibrationMonitor(reference=reference)
    assert not watch.update(o, p, groups=group).alarm
    assert watch.update(np.zeros(99), np.full(99, 0.9), groups=2).groups == (0, 1, 2)
    assert not watch.alarm  # nothing is known about group 2
    with pytest.raises(ValueError, match="or neither"):
        watch.update(1, 0.5)
    with pytest.raises(ValueError, match="or neither"):
        CalibrationMonitor(reference=calibration_table(o, p)).update(1, 0.5, groups="a")


def test_run_length_mode_finds_late_changes_sooner():
    o, p = stream(8_000, shift=0.1, start=6_000, seed=2)
    forever = CalibrationMonitor(0.001).update(o, p).report().alarms[0].row
    average = CalibrationMonitor(average_run_length=1_000).update(o, p).report()
    assert average.threshold == pytest.approx(1_000)
    assert average.alarms[0].row < forever


def test_average_run_length_is_kept():
    """Each of 30 honest streams is stopped at 4 times the level."""
    level, lengths = 100, []
    for seed in range(30):
        monitor = CalibrationMonitor(average_run_length=level).update(*stream(4 * level, seed=seed))
        lengths.append(min([a.row + 1 for a in monitor.report().alarms], default=4 * level))
    assert np.mean(lengths) > level


def test_weights():
    o, p = stream(600, shift=0.2)
    weight = (np.arange(600) % 3).astype(float)
    kept = weight > 0
    monitor = CalibrationMonitor().update(o, p, sample_weight=weight)
    assert monitor.n_rows == kept.sum()
    table, expected = monitor.table(), calibration_table(o, p, sample_weight=weight, kind="record")
    np.testing.assert_allclose(table.weight, expected.weight)
    assert state(CalibrationMonitor().update(o, p, sample_weight=np.ones(600))) == state(
        CalibrationMonitor().update(o, p)
    )
    light = CalibrationMonitor().update(o, p, sample_weight=np.full(600, 0.25))
    assert light.report().evidence < CalibrationMonitor().update(o, p).report().evidence
    absent = CalibrationMonitor().update(o, p, sample_weight=np.zeros(600))
    assert absent.n_rows == 0
    grouped = CalibrationMonitor().update(o, p, sample_weight=weight, groups=np.arange(600) % 3)
    assert grouped.groups == (1, 2)


def test_table_equals_that_of_all_rows():
    o, p = stream(3_000)
    table, expected = CalibrationMonitor().update(o, p).table(), calibration_table(o, p)
    for name in ("lower", "upper", "count", "sum_probability", "sum_outcome", "sum_product"):
        np.testing.assert_allclose(getattr(table, name), getattr(expected, name))
    parts = [period["table"] for period in CalibrationMonitor().update(o, p).periods()]
    np.testing.assert_allclose(sum(parts).sum_outcome, expected.sum_outcome)


def test_kinds():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(3), 400)
    y = np.array(["a", "b", "c"])[[rng.choice(3, p=row) for row in proba]]
    confidence, correct = proba.max(axis=1), np.array(["a", "b", "c"])[proba.argmax(axis=1)] == y
    by_labels = CalibrationMonitor(kind="confidence", labels=["a", "b", "c"])
    for i in range(0, 400, 50):
        by_labels.update(y[i : i + 50], proba[i : i + 50])
    records = CalibrationMonitor().update(correct, confidence)
    assert by_labels.to_dict()["wealth"] == records.to_dict()["wealth"]
    positive = CalibrationMonitor(kind="positive", labels=["no", "yes"], pos_label="no")
    positive.update(["no", "no", "yes"], [0.9, 0.8, 0.3])
    assert positive.table().sum_outcome.sum() == 2
    again = CalibrationMonitor.from_dict(json.loads(state(positive)))
    assert state(again.update("no", 0.5)) == state(positive.update("no", 0.5))


def test_forms_of_input():
    o, p = stream(60)
    p = p.round(2)
    expected = state(CalibrationMonitor().update(o, p, groups=np.arange(60) % 2))
    for array in (o, p):
        array.setflags(write=False)
    strided = np.column_stack([p, p])[:, 1]
    index = np.arange(60)[::-1]
    for outcome, confidence in [
        (o.tolist(), p.tolist()),
        (pd.Series(o, index=index), pd.Series(p, index=index)),
        (o.astype(bool), strided),
        (o.astype(np.int8)[:, None], p[:, None]),
        (np.asfortranarray(np.column_stack([o, o]))[:, 0], p.astype(object)),
    ]:
        monitor = CalibrationMonitor().update(outcome, confidence, groups=np.arange(60) % 2)
        assert state(monitor) == expected
    single = CalibrationMonitor().update(o, p.astype(np.float32))
    np.testing.assert_array_equal(single.table().count, calibration_table(o, p).count)


def test_one_row_in_any_form():
    expected = state(CalibrationMonitor().update([1], [0.5], groups=["a"], time=["t"]))
    for outcome in (True, 1, np.bool_(True), np.array(1), [1.0]):
        monitor = CalibrationMonitor().update(outcome, np.float64(0.5), groups="a", time="t")
        assert state(monitor) == expected


def test_nothing_at_all():
    monitor = CalibrationMonitor().update([], [])
    report = monitor.report(target_accuracy=0.9)
    assert (monitor.n_rows, report.alarm, report.gap, report.evidence) == (0, False, 0.0, 0.0)
    assert "no alarm after 0 rows" in str(report)
    assert len(monitor.table()) == 0
    assert monitor.periods() == []
    assert repr(monitor) == "<CalibrationMonitor: 0 rows, no alarm>"


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_certainty_that_is_wrong(p):
    """One row multiplies by exp(2) at most; certainty that is right proves nothing."""
    wrong = CalibrationMonitor().update(np.full(10, 1 - p), np.full(10, p))
    right = CalibrationMonitor().update(np.full(1_000, p), np.full(1_000, p))
    assert wrong.alarm
    assert not right.alarm
    assert right.report().evidence <= 1


def test_times_are_repeated():
    o, p = stream(3_000, shift=0.2)
    days = np.datetime64("2026-01-01") + np.arange(3_000) // 24
    alarm = CalibrationMonitor().update(o, p, time=days).report().alarms[0]
    assert alarm.time == str(days[alarm.row])
    assert f"noticed at {alarm.time} (row {alarm.row})" in str(alarm)
    seasons = CalibrationMonitor().update(o, p, time="autumn").periods()
    assert {period["last_time"] for period in seasons} == {"autumn"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (([1, 0], [0.5]), "outcome has 2, confidence has 1"),
        (([1, 2], [0.5, 0.5]), "quality in"),
        (([1, 0], [0.5, 1.5]), "1.5"),
        (([1, np.nan], [0.5, 0.5]), "outcome contains NaN"),
        (([1, 0], [0.5, np.nan]), "confidence contains NaN"),
        (([1, 0], [[0.5, 0.5], [0.1, 0.9]]), "must be 1-D"),
    ],
)
def test_bad_rows_change_nothing(rows, told):
    monitor = CalibrationMonitor().update(*stream(50))
    before = state(monitor)
    with pytest.raises(ValueError, match=told):
        monitor.update(*rows)
    assert state(monitor) == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"groups": ["a", "b", "c"]}, "groups has 3"),
        ({"groups": ["a", None]}, "missing"),
        ({"time": [1, 2, 3]}, "time has 3"),
        ({"time": [[1, 2]]}, "time must be 1-D"),
        ({"sample_weight": [1, -1]}, "negative"),
        ({"sample_weight": [1, 1, 1]}, "sample_weight"),
    ],
)
def test_bad_options_change_nothing(given, told):
    monitor = CalibrationMonitor()
    with pytest.raises(ValueError, match=told):
        monitor.update([1, 0], [0.5, 0.5], **given)
    assert monitor.n_rows == 0
    assert monitor.groups == ()


@pytest.mark.parametrize(
    ("parameters", "error", "told"),
    [
        ({"alpha": 0}, ValueError, "alpha"),
        ({"alpha": "0.05"}, TypeError, "alpha"),
        ({"tolerance": 1.0}, ValueError, "tolerance"),
        ({"n_bins": 0}, ValueError, "n_bins"),
        ({"n_bins": 2.5}, TypeError, "n_bins"),
        ({"reference": [1]}, TypeError, "reference"),
        ({"average_run_length": 1}, ValueError, "average_run_length"),
        ({"kind": "classwise"}, ValueError, "kind"),
        ({"labels": [0, 1]}, ValueError, "no classes"),
    ],
)
def test_wrong_parameters(parameters, error, told):
    with pytest.raises(error, match=told):
        CalibrationMonitor(**parameters)


def test_memory_is_constant():
    o, p = stream(20_000)
    monitor = CalibrationMonitor().update(o, p, groups=np.arange(20_000) % 3)
    before = len(pickle.dumps(monitor))
    for _ in range(3):
        monitor.update(o, p, groups=np.arange(20_000) % 3)
    assert len(pickle.dumps(monitor)) < 1.05 * before
    assert 64 <= len(monitor.periods()) <= 128
    ends = [period["first_row"] + period["n_rows"] for period in monitor.periods()]
    assert ends[-1] == monitor.n_rows == 80_000
    assert max(np.diff([0, *ends])) <= 80_000 / 64


def test_nfl_home_bias():
    """Home teams win less often than forecast; over all seasons the evidence is not enough."""
    games = load_nfl_forecasts()
    late = games.season >= 2019
    monitor = CalibrationMonitor().update(
        games.target[late], games.data[late, 0], time=games.season[late]
    )
    report = monitor.report()
    assert report.alarms[0].direction == "overconfident"
    assert report.alarms[0].time == 2021
    assert report.gap == pytest.approx(0.057, abs=0.001)  # mean forecast less mean outcome, by hand
    assert not CalibrationMonitor().update(games.target, games.data[:, 0]).alarm
