"""``threshold``, called as a user calls it."""

import json

import numpy as np
import pytest

from sklearn_calib import BinningCalibrator, Policy, TemperatureScaler, select_threshold
from sklearn_calib._command import main
from sklearn_calib._report.numbers import fit_on_records
from sklearn_calib.selective import select_tiers

RNG = np.random.default_rng(0)
CONFIDENCE = RNG.choice([0.5, 0.7, 0.9, 0.95, 1.0], 3000)
CORRECT = RNG.random(3000) < CONFIDENCE - 0.05


@pytest.fixture
def answers(tmp_path):
    file = tmp_path / "answers.jsonl"
    rows = zip(CONFIDENCE.tolist(), CORRECT.tolist(), strict=True)
    file.write_text("".join(json.dumps({"confidence": c, "correct": r}) + "\n" for c, r in rows))
    return file


@pytest.fixture
def out(tmp_path):
    return tmp_path / "policy.json"


def learn(answers, out, *arguments, code=0):
    assert main(["threshold", str(answers), "--out", str(out), *arguments]) == code
    return Policy.from_json(out.read_text(encoding="utf-8"))


def test_one_threshold(answers, out, capsys):
    policy = learn(answers, out, "--target-accuracy", "0.85", "--confidence-level", "0.9")
    selected = select_threshold(CORRECT, CONFIDENCE, target_accuracy=0.85, confidence_level=0.9)
    (tier,) = policy.tiers
    assert selected.certified
    assert (tier.action, tier.threshold) == ("answer", selected.threshold)
    assert tier.certified
    assert tier.accuracy == pytest.approx(selected.accuracy, abs=1e-4)
    assert policy.otherwise == "abstain"
    assert policy.confidence_level == 0.9
    np.testing.assert_array_equal(
        policy.route(CONFIDENCE) == "answer", selected.threshold <= CONFIDENCE
    )
    printed = capsys.readouterr().out
    assert printed.startswith("answers.jsonl\n")
    assert "answer       above 0.7 " in printed
    assert "With probability 90 %, at least 85 % of 'answer' are right." in printed
    assert printed.endswith(f"Written to {out}.\n")


def test_tiers(answers, out):
    tiers = ["--tier", "answer=0.9", "--tier", "check=0.6", "--otherwise", "hand over"]
    policy = learn(answers, out, *tiers)
    expected = select_tiers(
        CORRECT, CONFIDENCE, tiers=[("answer", 0.9), ("check", 0.6)], otherwise="hand over"
    )
    assert policy == Policy.from_tiers(expected, policy.calibrator)
    assert policy.confidence_level == 0.95


@pytest.mark.parametrize(
    ("name", "calibrator"),
    [
        ("binning", BinningCalibrator(n_bins="cube_root", classes=(0, 1))),
        ("temperature", TemperatureScaler(eps=1e-3, classes=(0, 1))),
        ("none", None),
    ],
)
def test_calibrators(answers, out, name, calibrator):
    policy = learn(answers, out, "--target-accuracy", "0.8", "--calibrator", name)
    stated = np.array([0.3, 0.5, 0.9, 0.97, 1.0])
    expected = stated
    if calibrator is not None:
        fit_on_records(calibrator, CONFIDENCE, CORRECT.astype(float))
        expected = calibrator.predict_proba(stated)[:, 1]
    np.testing.assert_allclose(policy.calibrate(stated), expected, rtol=1e-12)


def test_what_cannot_be_certified_is_told_and_the_policy_never_answers(answers, out, capsys):
    policy = learn(answers, out, "--target-accuracy", "0.99", code=3)
    assert policy.tiers[0].threshold is None
    assert set(policy.route([0.5, 1.0])) == {"abstain"}
    captured = capsys.readouterr()
    assert "Nothing could be certified for 'answer'." in captured.out
    assert captured.err.startswith("warning: target_accuracy=0.99 is certified at no threshold")


def test_one_certified_tier_is_a_success(answers, out):
    policy = learn(answers, out, "--tier", "answer=0.99", "--tier", "check=0.6")
    assert [tier.certified for tier in policy.tiers] == [False, True]
    learn(answers, out, "--tier", "answer=0.999", "--tier", "check=0.99", code=3)


def test_quality_is_graded(tmp_path, out):
    file = tmp_path / "graded.jsonl"
    line = '{"confidence": 0.9, "correct": 0.9}\n{"confidence": 0.2, "correct": 0.1}\n'
    file.write_text(line * 300)
    assert learn(file, out, "--target-accuracy", "0.8").tiers[0].certified
    assert main(["threshold", str(file), "--tier", "answer=0.8"]) == 2


def test_bad_rows_are_told(answers, capsys):
    answers.write_text(answers.read_text() + '{"confidence": 7, "correct": true}\n')
    assert main(["threshold", str(answers), "--target-accuracy", "0.8"]) == 0
    captured = capsys.readouterr()
    assert "1 of 3001 rows could not be used: line 3001" in captured.err
    assert "--percent" in captured.err
    assert "Written" not in captured.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--target-accuracy", "1"], "--target-accuracy must be in (0, 1); got 1.0"),
        (["--target-accuracy", "0.9", "--confidence-level", "95"], "--confidence-level must be in"),
        (["--tier", "a=0.8", "--tier", "b=0.9"], "must decrease"),
        (["--tier", "=0.8"], "must be a name"),
        (["--target-accuracy", "0.9", "--out", "/no/such/folder/policy.json"], "No such file"),
        (["--target-accuracy", "0.9", "--correct", "right"], "right"),
    ],
)
def test_unusable_input_is_told_on_standard_error(answers, arguments, told, capsys):
    assert main(["threshold", str(answers), *arguments]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert told in error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "one of the arguments --target-accuracy --tier is required"),
        (["--target-accuracy", "0.9", "--tier", "a=0.9"], "not allowed with"),
        (["--tier", "answer"], "'answer' is not an action and its accuracy, such as flag=0.85"),
        (["--target-accuracy", "0.9", "--calibrator", "spline"], "invalid choice"),
    ],
)
def test_wrong_usage_exits_with_2(answers, arguments, told, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["threshold", str(answers), *arguments])
    assert stop.value.code == 2
    assert told in capsys.readouterr().err
