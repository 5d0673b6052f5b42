"""Reading a file of answers: the same arguments mean the same in every command."""

import argparse

import numpy as np
import pytest

from sklearn_calib._commands.answers import add_file_arguments, command_words, read_answers


def read(file, *arguments, columns=(), **wanted):
    parser = argparse.ArgumentParser()
    add_file_arguments(parser, **wanted)
    return read_answers(parser.parse_args([str(file), *arguments]), columns)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("sure,right,topic\n95%,yes,a\n20 %,no,b\n7x,no,c\n")
    return path


def test_columns_and_percent(file, capsys):
    arguments = ["--confidence", "sure", "--correct", "right", "--percent"]
    records, title = read(file, *arguments, columns=["topic"])
    assert title == "answers.csv"
    np.testing.assert_allclose(records.confidence, [0.95, 0.2])
    np.testing.assert_array_equal(records.correct, [1, 0])
    assert records.columns["topic"].tolist() == ["a", "b"]
    assert len(records.bad) == 1
    assert capsys.readouterr().err == ""  # bad rows are for the command to tell


def test_answers_that_nobody_has_judged(file):
    records, _ = read(file, "--confidence", "sure", "--percent", correct=False)
    assert np.isnan(records.correct).all()
    assert len(records) == 2


def test_other_warnings_are_told(tmp_path, capsys):
    file = tmp_path / "answers.jsonl"
    file.write_text('{"confidence": 0.009, "correct": true}\n')
    read(file, "--percent")
    assert capsys.readouterr().err.startswith("warning: With --percent a confidence")


def test_the_file_may_be_left_out_where_it_is_optional(capsys):
    parser = argparse.ArgumentParser()
    add_file_arguments(parser, optional_file=True)
    assert parser.parse_args([]).file is None
    parser = argparse.ArgumentParser()
    add_file_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([])


def test_words_of_the_command_line():
    assert command_words("outside [0, 1] (percentages need percent=True)") == (
        "outside [0, 1] (percentages need --percent)"
    )
