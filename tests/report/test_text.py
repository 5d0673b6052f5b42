"""The report as text and JSON."""

import json

import numpy as np
import pytest

from sklearn_calib._records import BadRow, Records
from sklearn_calib._report.numbers import make_report
from sklearn_calib._report.text import render_json, render_text, target_sentences, verdict


def report_of(confidence, correct, *, bad=(), by=None, **options):
    confidence, correct = np.asarray(confidence, float), np.asarray(correct, float)
    columns = {} if by is None else {"topic": np.asarray(by, object)}
    rows = Records(confidence, correct, np.arange(1, confidence.size + 1), columns, tuple(bad))
    defaults = {"title": "test", "target_accuracy": 0.8, "n_bins": 10}
    by = None if by is None else "topic"
    return make_report(rows, by=by, **{**defaults, **options})


@pytest.mark.parametrize(
    ("confidence", "correct", "words"),
    [
        ([0.9] * 100, [1, 0] * 50, "OVERCONFIDENT by 40.0 points"),
        ([0.1] * 100, [1, 0] * 50, "UNDERCONFIDENT by 40.0 points"),
        ([0.5] * 100, [1, 0] * 50, "no miscalibration beyond noise"),
        ([0.1] * 100 + [0.9] * 100, [1, 0] * 100, "right on average, but not at each confidence"),
    ],
)
def test_verdict(confidence, correct, words):
    assert words in verdict(report_of(confidence, correct).stated)


def test_verdict_of_a_handful_of_rows_blames_noise():
    """Three answers at 0.9 of which two are right are no evidence of anything."""
    assert "noise" in verdict(report_of([0.9] * 3, [1, 1, 0]).stated)


def test_bad_rows_are_counted_and_named():
    bad = [BadRow(line, "confidence is missing") for line in range(2, 15)]
    text = render_text(report_of([0.9, 0.8], [1, 0], bad=bad))
    assert "13 of 15 rows could not be used" in text
    assert "line 2: confidence is missing" in text
    assert "... and 3 more" in text


def test_target_sentences():
    reached = target_sentences(report_of([0.9] * 10, [1] * 9 + [0]))
    assert "at least 80.0 %" in reached[0]
    assert "from confidence 0.9 on" in reached[0]
    assert "100.0 % of the questions" in reached[1]
    missed = target_sentences(report_of([0.9] * 10, [1] * 5 + [0] * 5))
    assert "not reached at any confidence" in missed[0]
    assert "50.0 %" in missed[1]


def test_a_certified_threshold_is_told_as_the_policy_tells_it():
    """Above 0.6, which was not certified; from 0.9 on, the next confidence of these rows."""
    rows = [0.9] * 200 + [0.6] * 50
    told = target_sentences(report_of(rows, [1] * 190 + [0] * 60))
    assert told[-1] == (
        "at least 80.0 % right above confidence 0.6 (here: from 0.9 on), 80.0 % answered."
    )
    told = target_sentences(report_of([0.9] * 200, [1] * 190 + [0] * 10))
    assert told[-1] == "at least 80.0 % right at any confidence, 100.0 % answered."


def test_groups_are_shown():
    text = render_text(report_of([0.9, 0.9], [1, 0], by=["law", "physics"]))
    assert "By topic" in text
    assert "physics" in text


def test_json_holds_the_numbers_of_the_report():
    report = report_of([0.9, 0.8, 0.9], [1, 0, 0.5], by=["a", "b", "b"])
    content = json.loads(render_json(report))
    assert content["stated"]["ece"] == report.stated.ece
    assert content["stated"]["table"]["count"] == report.stated.table.count.tolist()
    assert content["groups"]["a"]["n_answers"] == 1
    assert content["target"]["answered"]["threshold"] == report.target.answered.threshold
    assert set(content["calibrated"]) == {"binning", "temperature"}


def test_json_of_one_row_has_no_nan():
    json.loads(render_json(report_of([0.9], [1])), parse_constant=pytest.fail)
