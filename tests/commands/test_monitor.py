"""``monitor``, called as a user calls it."""

import json

import numpy as np
import pytest

from sklearn_calib._command import main
from sklearn_calib.monitoring import CalibrationMonitor


def write(path, n, *, shift=0.0, seed=0, first_day=0):
    """Answers of consecutive days, the last day first."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.4, 1, n).round(3)
    right = rng.random(n) < p - shift
    lines = [
        {
            "confidence": p[i],
            "correct": bool(right[i]),
            "day": str(np.datetime64("2026-01-01") + first_day + i // 20),
            "number": first_day * 20 + i,
            "team": "ab"[i % 2],
        }
        for i in range(n)
    ]
    path.write_text("\n".join(map(json.dumps, reversed(lines))) + "\n")
    return str(path)


@pytest.fixture
def honest(tmp_path):
    return write(tmp_path / "honest.jsonl", 400)


@pytest.fixture
def drifted(tmp_path):
    return write(tmp_path / "drifted.jsonl", 600, shift=0.2, seed=1, first_day=20)


def test_honest_answers_exit_with_0(honest, capsys):
    assert main(["monitor", honest]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("honest.jsonl: calibrated?\nno alarm after 400 rows")


def test_alarm_exits_with_3_and_tells_where_and_what_to_do(drifted, capsys):
    assert main(["monitor", drifted, "--time", "day", "--target-accuracy", "0.6"]) == 3
    printed = capsys.readouterr().out
    assert "ALARM after 600 rows" in printed
    assert "all rows: overconfident" in printed
    assert "noticed at 2026-0" in printed
    assert "recalibrate on rows since 2026-0" in printed
    assert "answer above confidence" in printed


@pytest.mark.parametrize("column", ["day", "number"])
def test_rows_are_taken_in_the_order_of_time(column, drifted, tmp_path):
    """The file runs backwards; numbers are numbers, not text."""
    state = tmp_path / "state.json"
    main(["monitor", drifted, "--time", column, "--state", str(state)])
    times = [period["first_time"] for period in CalibrationMonitor.load(state).periods()]
    key = int if column == "number" else str
    assert times == sorted(times, key=key)


def test_reference(honest, drifted, tmp_path, capsys):
    assert main(["monitor", honest, "--reference", honest]) == 0
    printed = capsys.readouterr().out
    assert "changed since the reference?" in printed
    assert "0.0% moved to other bins" in printed
    large = write(tmp_path / "large.jsonl", 4_000)
    assert main(["monitor", drifted, "--reference", large, "--time", "day", "--by", "team"]) == 3
    printed = capsys.readouterr().out
    assert "group a: overconfident" in printed or "all rows: overconfident" in printed


def test_state_goes_on(honest, drifted, tmp_path, capsys):
    state = str(tmp_path / "state.json")
    assert main(["monitor", honest, "--time", "day", "--state", state]) == 0
    assert main(["monitor", drifted, "--time", "day", "--state", state]) == 3
    assert "ALARM after 1000 rows" in capsys.readouterr().out
    assert main(["monitor", honest, "--state", state, "--tolerance", "0.1"]) == 2
    assert "other options" in capsys.readouterr().err


def test_json_and_plot(drifted, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    out = tmp_path / "out.png"
    assert main(["monitor", drifted, "--by", "team", "--json", "--plot", str(out)]) == 3
    report = json.loads(capsys.readouterr().out, parse_constant=None)
    assert report["alarm"] is True
    assert report["n_rows"] == 600
    assert report["alarms"][0]["direction"] == "overconfident"
    assert out.read_bytes().startswith(b"\x89PNG")


def test_a_person_sees_progress_and_a_file_does_not(honest, capsys, monkeypatch):
    monkeypatch.setattr("sklearn_calib._commands.monitor._PROGRESS_ROWS", 150)
    assert main(["monitor", honest]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["monitor", honest]) == 0
    assert (
        capsys.readouterr().err
        == "".join(f"\r{s} of 400 rows" for s in ("38%", "75%", "100%")) + "\n"
    )


def test_average_run_length(drifted, capsys):
    assert main(["monitor", drifted, "--average-run-length", "500"]) == 3
    assert "(alarm at 500)" in capsys.readouterr().out


def test_bad_rows_are_told(honest, tmp_path, capsys):
    with open(honest, "a") as file:
        file.write('{"confidence": 7, "correct": true}\n')
    assert main(["monitor", honest]) == 0
    assert "1 of 401 rows could not be used" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--alpha", "2"], "alpha"),
        (["--time", "hour"], "hour"),
        (["--by", "planet"], "planet"),
        (["--reference", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--state", "{honest}"], "not complete JSON"),
        (["--target-accuracy", "2"], "--target-accuracy"),
    ],
)
def test_what_cannot_be_used_exits_with_2(arguments, told, honest, capsys):
    arguments = [argument.format(honest=honest) for argument in arguments]
    assert main(["monitor", honest, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err


def test_what_cannot_be_used_leaves_the_state_alone(honest, tmp_path):
    state = tmp_path / "state.json"
    assert main(["monitor", honest, "--state", str(state), "--target-accuracy", "2"]) == 2
    assert not state.exists()


def test_missing_times_and_groups(tmp_path, capsys):
    file = tmp_path / "a.csv"
    file.write_text("confidence,correct,day,team\n0.9,1,3,x\n0.8,1,,y\n0.7,0,1,\n")
    assert main(["monitor", str(file), "--time", "day"]) == 2
    assert "1 rows have none" in capsys.readouterr().err
    state = tmp_path / "state.json"
    assert main(["monitor", str(file), "--by", "team", "--state", str(state)]) == 0
    assert CalibrationMonitor.load(state).groups == ("x", "y", "(missing)")
