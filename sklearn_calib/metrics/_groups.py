"""Groups of rows by the values of columns and of their combinations, and the events in them."""

from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from sklearn_calib._columns import MISSING, code_values, read_columns
from sklearn_calib._core.table import concatenate_tables, tabulate
from sklearn_calib._events import inference_events
from sklearn_calib._validation import check_count, check_option, check_same_length, check_weights
from sklearn_calib._warn import warn_user

_ONE_BIN = np.array([0.0, 1.0])
KINDS = ("auto", "positive", "confidence", "record")


class Partition(NamedTuple):
    """Rows divided by one or several columns: a code per row, a name per group."""

    code: np.ndarray
    names: list[str]


class GroupedEvents(NamedTuple):
    """Events, the rows of the input that they are, and the partitions of them."""

    events: object
    rows: np.ndarray
    partitions: list[Partition]


def grouped_events(y_true, y_proba, groups, depth, *, kind, sample_weight, **labels):
    """Events of the rows of positive weight with their groups."""
    check_option(kind, "kind", KINDS)
    events = inference_events(y_true, y_proba, kind=kind, sample_weight=sample_weight, **labels)
    columns = read_columns(groups, name="groups")
    if not columns:
        raise ValueError("groups must have at least one column.")
    check_same_length(y_true=y_true, groups=columns[0].values)
    weight = check_weights(sample_weight, len(columns[0].values))
    rows = np.arange(len(columns[0].values)) if weight is None else np.flatnonzero(weight)
    check_count(depth, "depth", high=len(columns))
    columns = [column.take(rows) for column in columns]
    parts = [
        _partition([columns[i] for i in chosen], len(columns) > 1)
        for size in range(1, depth + 1)
        for chosen in combinations(range(len(columns)), size)
    ]
    return GroupedEvents(events, rows, parts)


def _partition(columns, with_column_names):
    coded = [code_values(column) for column in columns]
    code = np.zeros(coded[0][1].size, dtype=np.int64)
    for categories, codes in coded:  # combinations that occur, so that codes stay small
        code = np.unique(code * categories.size + codes, return_inverse=True)[1]
    first = np.unique(code, return_index=True)[1]
    names = [
        " & ".join(
            _name(column, categories[codes[row]], with_column_names)
            for column, (categories, codes) in zip(columns, coded, strict=True)
        )
        for row in first
    ]
    return Partition(code, names)


def _name(column, value, with_column_name):
    if value is None or value != value:
        value = MISSING
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{column.name}={value}" if with_column_name else str(value)


def group_table(grouped, min_count):
    """One row of sums per group of at least `min_count` rows, named; and how many were smaller."""
    tables = []
    for code, names in grouped.partitions:
        table = tabulate(grouped.events._replace(group=code), _ONE_BIN)
        tables.append(replace(table, group=np.array(names, dtype=object)[table.group]))
    table = concatenate_tables(tables)
    large = table.count >= min_count
    if not large.any():
        warn_user(f"No group has min_count={min_count} rows; the largest has {table.count.max()}.")
    return take(table, np.flatnonzero(large)), int(np.sum(~large))


def take(table, rows):
    """Table of some of the rows."""
    return replace(table, **{name: column[rows] for name, column in vars(table).items()})


def overall_table(events):
    """One row of sums of all events."""
    return tabulate(events, _ONE_BIN)
