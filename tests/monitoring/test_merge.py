"""Tables add, evidence of independent streams multiplies."""

import json

import numpy as np
import pytest

from sklearn_calib._core.betting import left_to_stake
from sklearn_calib.metrics import calibration_table
from sklearn_calib.monitoring import CalibrationMonitor


def stream(n, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    return (rng.random(n) < np.clip(p - shift, 0, 1)).astype(float), p


def mixture(monitor):
    wealth = monitor._evidence.wealth
    return np.exp(wealth.log_product[0] + wealth.log_starts[0])


def test_tables_add():
    (o, p), (o2, p2) = stream(3_000), stream(500, seed=1)
    first = CalibrationMonitor().update(o, p, groups=np.arange(3_000) % 2)
    second = CalibrationMonitor().update(o2, p2, groups=np.arange(500) % 3)
    merged = first.merge(second)
    expected = calibration_table(np.append(o, o2), np.append(p, p2), kind="record")
    np.testing.assert_allclose(merged.table().sum_outcome, expected.sum_outcome)
    np.testing.assert_array_equal(merged.table().count, expected.count)
    assert merged.n_rows == 3_500
    assert merged.groups == (0, 1, 2)
    both = first.table(by_group=True) + second.table(by_group=True)
    np.testing.assert_array_equal(merged.table(by_group=True).count, both.count)
    assert sum(period["n_rows"] for period in merged.periods()) == 3_500


def test_evidence_multiplies_and_nothing_is_created():
    """The product of what both have, won and not yet staked, less what is given up."""
    first = CalibrationMonitor().update(*stream(400, shift=0.1))
    second = CalibrationMonitor().update(*stream(300, shift=0.1, seed=1))
    a, b, rest = mixture(first), mixture(second), left_to_stake(np.array([400, 300, 700]), 0.8)
    won = a * b + a * rest[1] + b * rest[0]
    expected = won * (1 - rest[2]) / (1 - rest[0] * rest[1])
    np.testing.assert_allclose(mixture(first.merge(second)), expected)
    # Stakes of honest streams average 1 - rest; so does their merger, and with its own rest that is 1.
    honest = (1 - rest[0]) * (1 - rest[1]) + (1 - rest[0]) * rest[1] + (1 - rest[1]) * rest[0]
    assert honest * (1 - rest[2]) / (1 - rest[0] * rest[1]) + rest[2] == pytest.approx(1)


def test_evidence_of_one_stream_survives_a_silent_one():
    loud = CalibrationMonitor().update(*stream(400, shift=0.15))
    for n in (0, 1, 100):
        silent = CalibrationMonitor().update(*stream(n, seed=2))
        merged = loud.merge(silent)
        assert merged.report().evidence > 0.2 * loud.report().evidence
        assert silent.merge(loud).report().evidence == pytest.approx(merged.report().evidence)


def test_with_nothing_is_itself():
    monitor = CalibrationMonitor().update(*stream(500, shift=0.1))
    merged = monitor.merge(CalibrationMonitor())
    assert merged.report().evidence == pytest.approx(monitor.report().evidence)
    assert merged.n_rows == monitor.n_rows
    assert str(merged.report()) == str(monitor.report())


def test_run_length_mode_adds():
    made = {"average_run_length": 1_000}
    first = CalibrationMonitor(**made).update(*stream(400))
    second = CalibrationMonitor(**made).update(*stream(300, seed=1))
    np.testing.assert_allclose(mixture(first.merge(second)), mixture(first) + mixture(second))


def test_two_weak_streams_raise_one_alarm():
    """Where neither has enough evidence; the onset is that of the stream with the steeper rise."""
    for seed in range(50):
        parts = [CalibrationMonitor().update(*stream(150, 0.08, seed=[seed, i])) for i in (0, 1)]
        merged = parts[0].merge(parts[1])
        if not any(part.alarm for part in parts) and merged.alarm:
            break
    else:
        raise AssertionError("no such pair")
    alarm = merged.report().alarms[0]
    assert alarm.row == 299
    assert 0 <= alarm.onset_row < 300
    assert alarm.direction == "overconfident"


def test_alarms_stay():
    loud, silent = CalibrationMonitor().update(*stream(900, 0.2), time=7), CalibrationMonitor()
    silent.update(*stream(100, seed=1))
    row = loud.report().alarms[0].row
    assert loud.merge(silent).report().alarms[0].row == row
    after = silent.merge(loud).report().alarms[0]
    assert (after.row, after.time) == (row + 100, 7)


def test_both_stay_as_they_are_and_the_merger_goes_on():
    first, second = CalibrationMonitor().update(*stream(50)), CalibrationMonitor()
    second.update(*stream(2_100, seed=1))
    before = [json.dumps(monitor.to_dict()) for monitor in (first, second)]
    merged = first.merge(second)
    merged.update(*stream(10_000, seed=2))
    assert [json.dumps(monitor.to_dict()) for monitor in (first, second)] == before
    assert sum(period["n_rows"] for period in merged.periods()) == merged.n_rows == 12_150
    resumed = CalibrationMonitor.from_dict(merged.to_dict())
    assert json.dumps(resumed.to_dict()) == json.dumps(merged.to_dict())


def test_what_cannot_be_merged():
    with pytest.raises(ValueError, match="different parameters"):
        CalibrationMonitor().merge(CalibrationMonitor(tolerance=0.01))
    with pytest.raises(TypeError, match="must be a CalibrationMonitor"):
        CalibrationMonitor().merge(3)
