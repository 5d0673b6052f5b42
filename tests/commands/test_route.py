"""``route``, called as a user calls it."""

import json
import subprocess
import sys

import pytest

from sklearn_calib import Policy
from sklearn_calib._command import main
from sklearn_calib._policy import BinnedCalibration, PolicyTier

POLICY = Policy(
    tiers=(
        PolicyTier("answer", 0.9, 0.95, True, 0.5, 0.97, (0.95, 0.98)),
        PolicyTier("flag", 0.5, 0.6, True, 0.25, 0.7, (0.6, 0.79)),
    ),
    otherwise="defer",
    calibrator=BinnedCalibration((0.0, 0.6, 1.0), (0.25, 0.875)),
    guarantee="So and so.",
    confidence_level=0.95,
    n_rows=1000,
)


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(POLICY.to_json(), encoding="utf-8")
    return str(file)


@pytest.fixture
def new(tmp_path):
    """Answers that nobody has judged."""
    file = tmp_path / "new.jsonl"
    file.write_text(
        '{"id": "a", "confidence": 0.95}\n{"id": "b", "confidence": 0.55}\nnonsense\n'
        '{"id": "c", "confidence": 0.1}\n{"id": "d"}\n'
    )
    return str(file)


ROUTED = [
    {"line": 1, "action": "answer", "confidence": 0.95, "probability": 0.875},
    {"line": 2, "action": "flag", "confidence": 0.55, "probability": 0.25},
    {"line": 3, "action": "defer"},
    {"line": 4, "action": "defer", "confidence": 0.1, "probability": 0.25},
    {"line": 5, "action": "defer"},
]


def without_problem(text):
    lines = [json.loads(line) for line in text.splitlines()]
    problems = {line["line"]: line.pop("problem") for line in lines if "problem" in line}
    return lines, problems


def test_one_line_per_row(policy, new, capsys):
    assert main(["route", new, "--policy", policy]) == 0
    captured = capsys.readouterr()
    lines, problems = without_problem(captured.out)
    assert lines == ROUTED
    assert problems.keys() == {3, 5}
    assert "not valid JSON" in problems[3]
    assert problems[5] == "confidence is missing"
    assert captured.err == (
        "answer: 1 (20.0 %), flag: 1 (20.0 %), defer: 3 (60.0 %), of which 2 could not be read\n"
    )


def test_columns_are_carried_along(policy, new, capsys):
    assert main(["route", new, "--policy", policy, "--keep", "id"]) == 0
    lines, _ = without_problem(capsys.readouterr().out)
    # the third line is no JSON; the fifth has an id, and only its confidence is missing
    assert [line.get("id") for line in lines] == ["a", "b", None, "c", "d"]


def test_written_to_a_file(policy, new, tmp_path, capsys):
    out = tmp_path / "routed.jsonl"
    assert main(["route", new, "--policy", policy, "--out", str(out)]) == 0
    assert without_problem(out.read_text(encoding="utf-8"))[0] == ROUTED
    assert capsys.readouterr().out == ""


def test_csv_and_percent(policy, tmp_path, capsys):
    file = tmp_path / "new.csv"
    file.write_text("sure,correct\n95%,1\n20 %,0\n")
    assert main(["route", str(file), "--policy", policy, "--confidence", "sure", "--percent"]) == 0
    lines, _ = without_problem(capsys.readouterr().out)
    assert [line["action"] for line in lines] == ["answer", "defer"]
    assert main(["route", str(file), "--policy", policy, "--confidence", "sure"]) == 2
    assert "needs --percent" in capsys.readouterr().err


def test_learnt_policy_routes_the_rows_that_it_was_learnt_from(tmp_path, capsys):
    file, out = tmp_path / "answers.jsonl", tmp_path / "policy.json"
    rows = [{"confidence": 0.9, "correct": k % 20 > 0} for k in range(400)]
    rows += [{"confidence": 0.4, "correct": k % 2 > 0} for k in range(100)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["threshold", str(file), "--target-accuracy", "0.9", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert main(["route", str(file), "--policy", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.err == "answer: 400 (80.0 %), abstain: 100 (20.0 %)\n"
    assert "answer       above 0.4 " in shown
    worth = {
        line["confidence"]: line["probability"]
        for line in map(json.loads, captured.out.split("\n")[:-1])
    }
    assert worth[0.9] == pytest.approx(0.95, abs=0.01)
    assert worth[0.4] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text[: len(text) // 2], "policy.json: The policy is not complete JSON"),
        (lambda text: text.replace('"version": 1', '"version": 3'), "is of version 3, and this"),
        (lambda text: '{"confidence": 0.9, "correct": true}\n', "This is no policy"),
    ],
)
def test_other_policies_are_refused(policy, new, spoil, told, capsys):
    with open(policy, "w") as file:
        file.write(spoil(POLICY.to_json()))
    assert main(["route", new, "--policy", policy]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--policy", "no-such.json"], "no-such.json"),
        (["--confidence", "sure"], "sure"),
        (["--keep", "topic"], "topic"),
    ],
)
def test_unusable_input_is_told_on_standard_error(policy, new, arguments, told, capsys):
    given = arguments if "--policy" in arguments else ["--policy", policy, *arguments]
    assert main(["route", new, *given]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert told in error


def test_as_a_program(policy, new):
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "sklearn_calib",
        "route",
        new,
        "--policy",
        policy,
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert without_problem(result.stdout)[0] == ROUTED
