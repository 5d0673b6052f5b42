"""A report by an engine beside the report of the same rows in memory."""

import json

import numpy as np
import pandas as pd
import pytest

from sklearn_calib import Records
from sklearn_calib._report.engine import make_engine_report
from sklearn_calib._report.html import render_html
from sklearn_calib._report.numbers import make_report
from sklearn_calib._report.text import render_json, render_text

LEFT_OUT = {"calibrated", "n_folds", "engine", "left_out", "problems", "notes"}
STATED = [0.0, 0.3, 0.5, 0.55, 0.7, 0.8, 0.9, 0.95, 1.0]


def log(n=600, seed=0):
    rng = np.random.default_rng(seed)
    sure = rng.choice(STATED, n)
    return pd.DataFrame(
        {
            "sure": sure,
            "right": rng.random(n) < 0.9 * sure,
            "team": pd.Series(rng.choice(["a", "b", None], n), dtype=object),
        }
    )


def by_engine(frame, **options):
    given = {"target_accuracy": 0.75, "n_bins": 10, "tell": lambda doing: None, **options}
    return make_engine_report(
        frame, columns=("sure", "right"), title="log", engine="duckdb", **given
    )


def in_memory(frame, **options):
    usable = frame.sure.between(0, 1) & frame.right.notna()
    frame = frame[usable]
    team = np.array([None if name != name else name for name in frame.team], dtype=object)
    records = Records(
        frame.sure.to_numpy(float),
        frame.right.to_numpy().astype(float),
        np.arange(len(frame)),
        {"team": team},
        (),
    )
    given = {"target_accuracy": 0.75, "n_bins": 10, **options}
    return make_report(records, title="log", **given)._replace(n_bad=int((~usable).sum()))


def numbers(report):
    """The report as nested dicts, less what an engine leaves out."""
    content = json.loads(render_json(report))
    for group in content["groups"].values():
        del group["pvalue"]
    del content["target"]["held_out"], content["target"]["tested"]
    return {name: value for name, value in content.items() if name not in LEFT_OUT}


def assert_close(actual, expected, where=""):
    assert type(actual) is type(expected) or {type(actual), type(expected)} <= {int, float}, where
    if isinstance(expected, dict):
        assert list(actual) == list(expected), where
        for name in expected:
            assert_close(actual[name], expected[name], f"{where}.{name}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), where
        for i, item in enumerate(expected):
            assert_close(actual[i], item, f"{where}[{i}]")
    elif isinstance(expected, (int, float)):
        assert actual == pytest.approx(expected, abs=1e-9), where
    else:
        assert actual == expected, where


@pytest.mark.parametrize("options", [{}, {"by": "team"}, {"n_bins": 7}, {"target_accuracy": 0.99}])
def test_numbers_are_those_in_memory(to_engine, options):
    frame = log()
    report, _ = by_engine(to_engine(frame), **options)
    assert_close(numbers(report), numbers(in_memory(frame, **options)))
    assert report.notes == []


def test_as_many_bins_as_the_rows_ask_for():
    frame = log()
    report, _ = by_engine(frame, n_bins="cube_root")
    assert_close(numbers(report), numbers(in_memory(frame, n_bins="cube_root")))
    report, _ = by_engine(frame, n_bins="cube_root", by="team")
    assert report.notes == ["the groups have as many bins as all rows together."]


def test_graded_outcomes(to_engine):
    frame = log()
    frame["right"] = np.round(frame.sure * 0.9 * np.random.default_rng(1).random(len(frame)), 2)
    report, _ = by_engine(to_engine(frame), target_accuracy=0.4)
    expected = in_memory(frame, target_accuracy=0.4)
    assert report.left_out[-1].startswith("the certified threshold")
    target = expected.target._replace(certified=None, best_certified=None)
    assert_close(numbers(report), numbers(expected._replace(target=target)))
    assert "ertified for further" not in render_text(report)


def test_the_pvalue_of_graded_outcomes_is_that_in_memory():
    frame = log(200)
    frame["right"] = np.random.default_rng(1).binomial(3, frame.sure) / 3
    report, _ = by_engine(frame)
    expected = in_memory(frame).stated.pvalue
    assert expected > 0.01  # not the smallest that there is
    assert report.stated.pvalue == pytest.approx(expected, abs=1e-3)


def test_any_confidences_are_exact_but_for_what_the_grid_says():
    """The threshold then is the smallest confidence of its cell, and answers at most a cell less."""
    rng = np.random.default_rng(2)
    sure = rng.random(20_000)
    frame = pd.DataFrame({"sure": sure, "right": rng.random(20_000) < sure, "team": "a"})
    report, _ = by_engine(frame)
    expected = in_memory(frame)
    assert "on a grid of 10,000 confidences" in report.notes[0]
    for name in ("stated", "levels", "temperature"):
        actual, wanted = numbers(report)[name], numbers(expected)[name]
        if name == "stated":
            assert actual.pop("pvalue") == pytest.approx(wanted.pop("pvalue"), abs=0.05)
        assert_close(actual, wanted)
    ours, exact = report.target.answered, expected.target.answered
    assert 0 <= ours.threshold - exact.threshold < 1e-4
    assert ours.n_answers == np.sum(sure >= ours.threshold)
    assert ours.accuracy == pytest.approx(frame.right[sure >= ours.threshold].mean())
    assert report.target.certified.accuracy >= 0.75


def test_unusable_rows_are_counted_and_left_out(to_engine):
    frame = log()
    frame.loc[[3, 50], "sure"] = [1.5, np.nan]
    report, _ = by_engine(to_engine(frame), by="team")
    assert report.n_bad == 2
    assert_close(numbers(report), numbers(in_memory(frame, by="team")))
    assert "2 of 600 rows could not be used:\n  a confidence or an outcome" in render_text(report)


def test_percent_is_divided_as_in_memory(to_engine):
    """35 times 0.01 is more than 0.35, which would count in the next of twenty bins."""
    percent = np.repeat(np.arange(0, 101, 5), 3)
    right = np.arange(percent.size) % 3 * 30 < percent
    frame = pd.DataFrame({"sure": percent, "right": right, "team": "a"})
    report, _ = by_engine(to_engine(frame), percent=True, n_bins=20)
    assert_close(numbers(report), numbers(in_memory(frame.assign(sure=percent / 100), n_bins=20)))


def test_words_are_outcomes():
    frame = log()
    words = frame.right.map({True: " Yes", False: "false"})
    report, _ = by_engine(frame.assign(right=words))
    assert_close(numbers(report), numbers(in_memory(frame)))
    report, _ = by_engine(frame.assign(right=words.where(frame.sure > 0, "perhaps")))
    assert report.n_bad == (frame.sure == 0).sum()


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        ({"sure": "0.9"}, {}, "column 'sure' is String"),
        ({"sure": True}, {}, "column 'sure' is Boolean"),
        ({"right": pd.Timestamp("2026-01-01")}, {}, "column 'right' holds no outcomes"),
        ({"sure": 7.0}, {}, "20 rows are no events"),
        ({"sure": 7.0}, {"n_bins": "cube_root"}, "20 rows are no events"),
        ({}, {"n_bins": 0}, "n_bins"),
        ({}, {"by": "teams"}, "did you mean 'team'"),
    ],
)
def test_what_cannot_be_used_is_told(change, options, told):
    with pytest.raises(ValueError, match=told):
        by_engine(log(20).assign(**change), **options)


def test_what_is_left_out_is_said_in_text_and_page():
    pytest.importorskip("matplotlib")
    report, curve = by_engine(log())
    for shown in (render_text(report), render_html(report, curve)):
        assert "Computed by duckdb" in shown
        assert "calibration on held-out rows" in shown
        assert "Calibrators are judged" not in shown
        assert "Too few rows" not in shown
    assert "<h1>log</h1>" in render_html(report, curve)


def test_what_is_done_is_told():
    told = []
    by_engine(log(50), by="team", n_bins="cube_root", tell=told.append)
    assert told == ["counting the rows", "table, curve and test", "each team", "temperature"]
