"""Rows become clean arrays of one length, or an error."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest

from sklearn_calib.monitoring._rows import Rows, check_rows, plain

RECORD = {"kind": "record", "labels": None, "pos_label": None}


def check(outcome, confidence, weight=None, groups=None, time=None, **asked):
    return check_rows(outcome, confidence, weight, groups, time, {**RECORD, **asked})


def test_one_row_as_scalars():
    for outcome, confidence in [(1, 0.5), (True, np.float64(0.5)), (np.array(1), np.array(0.5))]:
        rows = check(outcome, confidence, weight=2, groups="abc", time="noon")
        assert [value.tolist() for value in rows] == [[0.5], [1], [2], ["abc"], ["noon"]]


def test_one_group_and_one_time_are_those_of_all_rows():
    rows = check([1, 0], [0.5, 0.25], groups=7, time=np.datetime64("2026-01-01"))
    assert rows.group.tolist() == [7, 7]
    assert rows.time.astype(str).tolist() == ["2026-01-01"] * 2
    assert rows.weight is None


@pytest.mark.parametrize("kind", ["record", "positive", "confidence"])
def test_rows_of_no_weight_are_absent_everywhere(kind):
    y, p = np.array([1, 0, 1, 0]), np.array([0.5, 0.25, 0.75, 0.125])
    group, time = np.array(list("abcd")), np.arange(4)
    labels = None if kind == "record" else [0, 1]
    asked = {"kind": kind, "labels": labels}
    rows = check(y, p, np.array([1.0, 0, 2, 0]), group, time, **asked)
    alone = check(y[[0, 2]], p[[0, 2]], np.array([1.0, 2]), group[[0, 2]], time[[0, 2]], **asked)
    for value, expected in zip(rows, alone, strict=True):
        np.testing.assert_array_equal(value, expected)
    assert rows.group.tolist() == ["a", "c"]


@pytest.mark.parametrize("rows", [([], []), ([1, 0], [0.5, 0.5], [0, 0]), (1, 0.5, 0)])
def test_no_row(rows):
    assert check(*rows) is None


def test_classes_become_events():
    rows = check(["b", "a"], [[0.25, 0.75], [0.375, 0.625]], kind="confidence", labels=["a", "b"])
    assert (rows.probability.tolist(), rows.outcome.tolist()) == ([0.75, 0.625], [1, 0])


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        (([1, 0], [0.5]), {}, "outcome has 2, confidence has 1"),
        (([], [0.5]), {}, "outcome has 0, confidence has 1"),
        (
            ([1], [[0.25, 0.75]]),
            {},
            r"confidence must be 1-D; got shape \(1, 2\).*kind='confidence'",
        ),
        (([1, 0], [0.5, 0.5]), {"weight": [0, 0, 0]}, r"sample_weight.shape must be \(2,\)"),
        (([1, 0], [0.5, 0.5]), {"weight": ["a", "b"]}, "sample_weight"),
        (([1, 0], [0.5, 0.5]), {"groups": list("abc")}, "confidence has 2, groups has 3"),
        (([1, 0], [0.5, 0.5]), {"time": np.zeros((2, 1))}, r"time must be 1-D or one value; got"),
        (([1, 0, 1], [0.5] * 3), {"groups": [1, 2]}, "groups has 2"),
    ],
)
def test_rows_that_are_refused(rows, options, told):
    with pytest.raises(ValueError, match=told):
        check(*rows, **options)


def test_log_odds_are_finite():
    """logit(1 - 1e-6) = log(999999)."""
    rows = check([1, 1, 0, 0], np.array([0.75, 1, 0, 0.5], dtype=np.float32))
    expected = [np.log(3), np.log(999_999), -np.log(999_999), 0]
    np.testing.assert_allclose(rows.log_odds(), expected)
    assert rows.log_odds().dtype == np.float64


def test_some_of_the_rows():
    rows = check([1, 0, 1], [0.5, 0.25, 0.75], groups=list("abc")).part(slice(1, None))
    assert isinstance(rows, Rows)
    assert (rows.outcome.tolist(), rows.group.tolist()) == ([0, 1], ["b", "c"])
    assert rows.weight is rows.time is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (None, None),
        (np.datetime64("2026-01-01"), "2026-01-01"),
        (datetime.date(2026, 1, 1), "2026-01-01"),
        (pd.Timestamp("2026-01-01 12:00"), "2026-01-01 12:00:00"),
        ((1, 2), "(1, 2)"),
    ],
)
def test_plain_labels_survive_json(value, expected):
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
    assert json.loads(json.dumps(plain(value))) == expected
