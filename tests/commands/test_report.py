"""``report``, called as a user calls it."""

import json

import pytest

from sklearn_calib._command import main

LINES = '{"confidence": 0.9, "correct": true, "topic": "a"}\n' * 9 + (
    '{"confidence": 0.6, "correct": false, "topic": "b"}\n'
)


@pytest.fixture
def answers(tmp_path):
    file = tmp_path / "answers.jsonl"
    file.write_text(LINES)
    return file


def test_bundled_records_name_a_trustworthy_confidence(capsys):
    """gpt-4o says 93 % and is right in 72 %; from 0.95 on it is right in more than 80 %."""
    assert main(["report"]) == 0
    printed = capsys.readouterr().out
    assert "says 93.3 % sure, is right in 72.4 %" in printed
    assert "answer from confidence 0.95 on" in printed


def test_bundled_records_by_subject_as_json(capsys):
    assert main(["report", "--by", "subject", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["groups"]) == 14
    assert report["stated"]["ece"] == pytest.approx(0.209, abs=5e-4)
    assert report["temperature"] == pytest.approx(3.2, abs=0.05)


def test_file(answers, capsys):
    assert main(["report", str(answers), "--by", "topic", "--target-accuracy", "0.95"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("answers.jsonl")
    assert "answer from confidence 0.9 on" in printed


def test_bad_rows_are_named_by_line(answers, capsys):
    answers.write_text(LINES + '{"confidence": 1.7, "correct": true}\nnonsense\n')
    assert main(["report", str(answers)]) == 0
    printed = capsys.readouterr().out
    assert "2 of 12 rows could not be used" in printed
    assert "line 11: confidence 1.7 is outside [0, 1]" in printed
    assert "line 12:" in printed


def test_percent_is_read_only_on_request(tmp_path, capsys):
    file = tmp_path / "answers.csv"
    file.write_text("sure,right\n95%,yes\n60 %,no\n90,yes\n")
    columns = ["--confidence", "sure", "--correct", "right"]
    assert main(["report", str(file), *columns]) == 2
    assert "percent" in capsys.readouterr().err
    assert main(["report", str(file), *columns, "--percent"]) == 0
    assert "says 81.7 % sure" in capsys.readouterr().out


def test_percent_that_looks_like_probabilities_warns(answers, capsys):
    assert main(["report", str(answers), "--percent"]) == 0
    assert "leave out --percent" in capsys.readouterr().err


def test_page_is_written(answers, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    out = tmp_path / "report.html"
    assert main(["report", str(answers), "--html", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_engine_gives_the_numbers_of_memory(answers, tmp_path, capsys):
    pytest.importorskip("duckdb")
    page = tmp_path / "report.html"
    arguments = [str(answers), "--by", "topic", "--json"]
    assert main(["report", *arguments, "--engine", "memory"]) == 0
    in_memory = json.loads(capsys.readouterr().out)
    assert main(["report", *arguments, "--engine", "duckdb", "--html", str(page)]) == 0
    captured = capsys.readouterr()
    by_engine = json.loads(captured.out)
    assert captured.err == ""  # progress is for a terminal
    assert by_engine["engine"] == "duckdb"
    assert by_engine["stated"]["ece"] == pytest.approx(in_memory["stated"]["ece"])
    accuracy = in_memory["target"]["answered"]["accuracy"]
    assert by_engine["target"]["answered"]["accuracy"] == pytest.approx(accuracy)
    assert list(by_engine["groups"]) == list(in_memory["groups"])
    assert "Computed by duckdb" in page.read_text(encoding="utf-8")


def test_progress_is_told_on_a_terminal(answers, capsys, monkeypatch):
    pytest.importorskip("polars")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["report", str(answers), "--engine", "polars"]) == 0
    told = capsys.readouterr().err
    assert "table, curve and test ..." in told
    assert "temperature ..." in told
    assert told.endswith("\r")


def test_an_error_on_a_terminal_has_a_line_of_its_own(tmp_path, capsys, monkeypatch):
    pytest.importorskip("polars")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    file = tmp_path / "answers.jsonl"
    file.write_text('{"confidence": 95, "correct": true}\n')
    assert main(["report", str(file), "--engine", "polars"]) == 2
    told = capsys.readouterr().err
    assert "table, curve and test ..." in told
    assert told.rpartition("\r")[2].startswith("error: ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"confidence": 0.9, "corr', "cannot"),
        ('{"confidence": "95%", "correct": true}', "numbers are read from text too"),
        ('{"confidence": 95, "correct": true}', "1 rows are no events"),
        ('{"sure": 0.9, "correct": true}', "No record has a field 'confidence'"),
    ],
)
def test_what_an_engine_cannot_use_is_one_line(tmp_path, content, told, capsys):
    pytest.importorskip("duckdb")
    file = tmp_path / "answers.jsonl"
    file.write_text(content + "\n")
    assert main(["report", str(file), "--engine", "duckdb"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert told in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--engine", "duckdb"], "--engine needs a FILE"),
        (["no-such-file.csv", "--engine", "duckdb"], "No such file or directory: no-such-file.csv"),
        (["no-such-file.jsonl"], "error: No such file or directory: no-such-file.jsonl"),
        (["--target-accuracy", "1.5"], "--target-accuracy"),
        (["--bins", "0"], "n_bins"),
        (["--by", "planet"], "planet"),
    ],
)
def test_unusable_input_is_told_on_standard_error(arguments, told, capsys):
    assert main(["report", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert told in captured.err


@pytest.mark.parametrize("arguments", [["--bins", "ten"], ["--calibrator", "x"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["report", *arguments])
    assert stop.value.code == 2
