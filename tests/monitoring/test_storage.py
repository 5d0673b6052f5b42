"""Killed and resumed is uninterrupted; what is not a monitor is refused."""

import copy
import json
import pickle

import numpy as np
import pytest

from sklearn_calib.metrics import calibration_table
from sklearn_calib.monitoring import CalibrationMonitor


def stream(n, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    return (rng.random(n) < np.clip(p - shift, 0, 1)).astype(float), p


def monitors():
    """Monitors in all sorts of states, by name, with what the next rows need."""
    o, p = stream(3_000, shift=0.1)
    table = calibration_table(o, p, kind="record", n_bins=5)
    yield "empty", CalibrationMonitor(), {}
    yield (
        "alarm",
        CalibrationMonitor(tolerance=0.01).update(o, p, time=np.arange(3_000)),
        {"time": "x"},
    )
    yield "reference", CalibrationMonitor(reference=table, n_bins=7).update(o, p), {}
    groups = CalibrationMonitor().update(
        o, p, groups=np.array(["b", "a", "c"])[np.arange(3_000) % 3]
    )
    yield "groups", groups, {"groups": "a"}
    by_group = CalibrationMonitor(reference=groups.table(by_group=True)).update(o, p, groups="c")
    yield "grouped reference", by_group, {"groups": "b"}
    yield "run length", CalibrationMonitor(average_run_length=1_000).update(o, p), {}


def state(monitor):
    return json.dumps(monitor.to_dict())


@pytest.mark.parametrize(("name", "monitor", "given"), list(monitors()), ids=lambda x: str(x)[:20])
def test_resumed_goes_on_as_if_uninterrupted(name, monitor, given, tmp_path):
    file = tmp_path / "monitor.json"
    monitor.save(file)
    resumed, pickled = CalibrationMonitor.load(file), pickle.loads(pickle.dumps(monitor))
    original = copy.deepcopy(monitor)
    assert list(tmp_path.iterdir()) == [file]
    for again in (resumed, pickled):
        assert state(again) == state(original)
        assert str(again.report(target_accuracy=0.8)) == str(original.report(target_accuracy=0.8))
    more = stream(700, shift=0.2, seed=9)
    for again in (resumed, pickled):
        assert state(again.update(*more, **given)) == state(
            copy.deepcopy(original).update(*more, **given)
        )


def test_file_is_strict_json(tmp_path):
    """Minus infinity, which JSON lacks, is null."""
    CalibrationMonitor().update(0, 0.95).save(tmp_path / "a.json")

    def refuse(constant):
        raise AssertionError(constant)

    json.loads((tmp_path / "a.json").read_text(), parse_constant=refuse)


def test_every_truncation_is_refused(tmp_path):
    file = tmp_path / "a.json"
    CalibrationMonitor().update(*stream(40)).save(file)
    text = file.read_text()
    for length in [0, 1, 20, *range(100, len(text), 997), len(text) - 1]:
        file.write_text(text[:length])
        with pytest.raises(ValueError, match="not complete JSON"):
            CalibrationMonitor.load(file)


@pytest.mark.parametrize(
    "content", ["[]", "null", '{"format": "other"}', '{"a": 1}', "3", '"sklearn_calib"']
)
def test_foreign_files_are_refused(content, tmp_path):
    file = tmp_path / "a.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="not the state of a CalibrationMonitor"):
        CalibrationMonitor.load(file)


def test_binary_files_are_refused(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(b"\x80\x04\x95\xff\xfe")
    with pytest.raises(ValueError, match="not complete JSON"):
        CalibrationMonitor.load(file)
    with pytest.raises(OSError, match="missing"):
        CalibrationMonitor.load(tmp_path / "missing.json")


def test_other_versions_are_refused():
    saved = CalibrationMonitor().to_dict()
    for change in ({"version": 2}, {"bets": [0.1]}):
        with pytest.raises(ValueError, match="version"):
            CalibrationMonitor.from_dict({**saved, **change})


def test_every_missing_or_misshapen_part_is_refused():
    saved = CalibrationMonitor().update(*stream(60), groups="a", time=1).to_dict()

    def places(node, path=()):
        if isinstance(node, dict):
            for key in node:
                yield (*path, key)
                yield from places(node[key], (*path, key))

    refused = 0
    for path in places(saved):
        damaged = copy.deepcopy(saved)
        parent = damaged
        for key in path[:-1]:
            parent = parent[key]
        if isinstance(parent[path[-1]], list) and parent[path[-1]]:
            parent[path[-1]] = parent[path[-1]][:-1]
        else:
            del parent[path[-1]]
        if path == ("alarm_times",) or path[:1] == ("parameters",):
            continue  # a default takes its place
        with pytest.raises(ValueError, match="CalibrationMonitor"):
            CalibrationMonitor.from_dict(damaged)
        refused += 1
    assert refused > 20


def test_a_failed_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "a.json"
    monitor = CalibrationMonitor().update(*stream(30))
    monitor.save(file)
    before = file.read_text()
    monitor._alarm_times[0] = object()  # cannot be written
    with pytest.raises(TypeError):
        monitor.save(file)
    assert file.read_text() == before
