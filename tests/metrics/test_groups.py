"""Groups by columns and their combinations, and the sums of the events in them."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from sklearn_calib.metrics._groups import (
    group_table,
    grouped_events,
    overall_table,
    take,
)

N = 60


def records(seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "site": rng.choice(["x", "y"], N),
            "size": rng.integers(1, 4, N),
            "age": np.where(rng.random(N) < 0.2, np.nan, 30.5),
        }
    )
    return rng.integers(0, 2, N), rng.random(N), frame


def grouped(y, p, groups, depth=1, weight=None):
    return grouped_events(y, p, groups, depth, kind="record", sample_weight=weight)


def text(column, value):
    return f"{column}={'missing' if value != value else value}"


def test_partitions_against_a_plain_reference():
    """One for each combination of columns; equal name, equal code, and names in order of the values."""
    y, p, frame = records()
    parts = grouped(y, p, frame, depth=3).partitions
    chosen = [c for size in (1, 2, 3) for c in combinations(frame.columns, size)]
    assert len(parts) == len(chosen) == 7
    for part, columns in zip(parts, chosen, strict=True):
        rows = zip(*(frame[column] for column in columns), strict=True)
        slow = [" & ".join(map(text, columns, row)) for row in rows]
        assert [part.names[code] for code in part.code] == slow
        assert part.names == sorted(set(slow))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([3, 4], ["3", "4"]),
        ([1.0, np.nan], ["1", "missing"]),
        ([1.5, 2], ["1.5", "2"]),
        ([10, 9], ["9", "10"]),  # numbers in the order of numbers
        (pd.Series([None, "a"]), ["a", "missing"]),
        (np.array([True, False]), ["False", "True"]),
        ([[3, 5], [4, 5]], ["0=3", "0=4", "1=5"]),
    ],
)
def test_names(values, names):
    found = grouped([0, 1], [0.5, 0.5], values).partitions
    assert [name for part in found for name in part.names] == names


def test_sums_of_each_group_are_those_of_its_rows():
    y, p, frame = records()
    weight = np.random.default_rng(1).integers(0, 3, N).astype(float)
    table, n_small = group_table(grouped(y, p, frame[["site", "size"]], weight=weight), 1)
    assert n_small == 0
    assert table.group.tolist() == ["site=x", "site=y", "size=1", "size=2", "size=3"]
    for name, count, sum_p, sum_o in zip(
        table.group, table.count, table.sum_probability, table.sum_outcome, strict=True
    ):
        column, value = name.split("=")
        rows = (frame[column].astype(str) == value).to_numpy() & (weight > 0)
        assert count == rows.sum()
        assert sum_p == pytest.approx(weight[rows] @ p[rows])
        assert sum_o == pytest.approx(weight[rows] @ y[rows])
    total = overall_table(grouped(y, p, frame, weight=weight).events)
    assert total.weight.tolist() == [weight.sum()]


def test_rows_of_no_weight_form_no_group():
    found = grouped([0, 1, 1], [0.5, 0.5, 0.5], ["a", "b", "c"], weight=[1.0, 0, 1])
    np.testing.assert_array_equal(found.rows, [0, 2])
    assert found.partitions[0].names == ["a", "c"]
    assert found.events.probability.size == found.partitions[0].code.size == 2


def test_many_columns_of_many_values_do_not_overflow():
    """300**8 combinations are more than an integer holds; 300 occur."""
    columns = np.tile(np.arange(300)[:, None], (1, 8))
    found = grouped(np.ones(300), np.full(300, 0.5), columns, depth=8)
    assert len(found.partitions) == 2**8 - 1
    np.testing.assert_array_equal(found.partitions[-1].code, np.arange(300))


def test_small_groups_are_left_out_and_counted():
    y, p = np.ones(10), np.full(10, 0.5)
    found = grouped(y, p, np.repeat(["a", "b", "c"], [5, 3, 2]))
    table, n_small = group_table(found, 3)
    assert (table.group.tolist(), n_small) == (["a", "b"], 1)
    with pytest.warns(UserWarning, match="No group has min_count=6 rows; the largest has 5"):
        table, n_small = group_table(found, 6)
    assert (len(table.group), n_small) == (0, 3)


def test_some_rows_of_a_table():
    table, _ = group_table(grouped(*records()[:2], np.arange(N) % 4), 1)
    some = take(table, np.array([2, 0]))
    assert some.group.tolist() == ["2", "0"]
    np.testing.assert_array_equal(some.count, table.count[[2, 0]])


@pytest.mark.parametrize(
    ("groups", "options", "told"),
    [
        (["a"], {}, "y_true has 2, groups has 1"),
        ({}, {}, "groups must have at least one column"),
        (np.zeros((2, 1, 1)), {}, "groups must be 1-D or 2-D"),
        (["a", "b"], {"kind": "classwise"}, "kind"),
    ],
)
def test_groups_that_are_refused(groups, options, told):
    asked = {"kind": "record", "sample_weight": None, **options}
    with pytest.raises(ValueError, match=told):
        grouped_events([0, 1], [0.5, 0.5], groups, 1, **asked)
