"""Columns of a table of any kind, and the codes of their values."""

import numbers
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sklearn_calib._missing import is_missing

MISSING = "missing"
# Beyond, neighbours are one float: such integers are names, of customers for example.
_LARGEST_INTEGER = 2**53


class Column(NamedTuple):
    """Values of one column: float64 with NaN where missing, or objects with None where missing."""

    name: object
    values: np.ndarray

    @property
    def is_numeric(self):
        """Whether the values are numbers to compare, not names."""
        return self.values.dtype.kind == "f"

    def take(self, rows):
        """The same column with some of its rows."""
        return self._replace(values=self.values[rows])


def column_names(table):
    """Names of the columns of a data frame or dict; None for an array or a list."""
    if hasattr(table, "toarray"):
        return None  # a sparse matrix, even one that is a dict
    if isinstance(table, dict):
        return list(table)
    names = getattr(table, "column_names", getattr(table, "columns", None))
    return None if names is None else list(names)


def read_columns(table, positions=None, name="X"):
    """Columns of a data frame, dict of columns, series, matrix, array or list; None takes all.

    Strings, booleans and categories are names; numbers are numbers, in an array of objects too if
    every value is one.
    """
    names = column_names(table)
    if names is not None:
        return [_column(n, table[n]) for n in _taken(names, positions)]
    if hasattr(table, "to_numpy"):  # a series
        return [_column(getattr(table, "name", None) or 0, table)]
    if hasattr(table, "toarray"):
        table = table.tocsc()[:, positions].toarray()
        return [_column(i, values) for i, values in zip(positions, table.T, strict=True)]
    array = _as_array(table)
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} must be 1-D or 2-D; got shape {array.shape}.")
    array = array.reshape(array.shape[0], -1)
    return [_column(i, array[:, i]) for i in _taken(range(array.shape[1]), positions)]


def _taken(names, positions):
    return names if positions is None else [names[i] for i in positions]


def _as_array(table):
    if hasattr(table, "dtype"):
        return np.asarray(table)
    as_objects = np.asarray(table, dtype=object)  # [1, "a"] would become two strings
    return as_objects if as_objects.ndim else as_objects.reshape(1)


def _column(name, values):
    dtype = str(getattr(values, "dtype", "")).partition("(")[0]
    if dtype in ("category", "Categorical", "Enum"):
        return Column(name, _objects(np.asarray(values, dtype=object)))
    if hasattr(values, "isna") and values.dtype.kind in "iuf" and values.hasnans:
        return Column(name, values.to_numpy(dtype=np.float64, na_value=np.nan))
    array = np.asarray(values)
    if array.dtype.kind in "iu" and np.any(np.abs(array.astype(np.float64)) > _LARGEST_INTEGER):
        return Column(name, array.astype(object))
    if array.dtype.kind in "iuf":
        return Column(name, array.astype(np.float64))
    if array.dtype.kind in "mM":
        dates = array.astype(str).astype(object)
        dates[np.isnat(array)] = None
        return Column(name, dates)
    array = _objects(array)
    if all(map(_is_none_or_number, array)) and any(value is not None for value in array):
        return Column(name, np.array([np.nan if v is None else v for v in array], dtype=float))
    return Column(name, array)


def _is_none_or_number(value):
    if value is None:
        return True
    if isinstance(value, numbers.Integral):
        return not isinstance(value, (bool, np.bool_)) and abs(int(value)) <= _LARGEST_INTEGER
    return isinstance(value, numbers.Real)


def _objects(array):
    """Array of objects with None for everything that is missing."""
    values = array.astype(object)
    values[np.array([is_missing(value) for value in values], dtype=bool)] = None
    return values


def code_values(column):
    """Distinct values in their order, and the code of each row; missing ones come last, as one."""
    if column.is_numeric:
        categories, code = np.unique(column.values, return_inverse=True)
        return categories.astype(object), code
    first_seen: dict[object, int] = {}
    try:
        code = np.array(
            [first_seen.setdefault(v, len(first_seen)) for v in column.values], dtype=int
        )
    except TypeError as error:
        raise TypeError(f"The column {column.name!r} holds what is no name: {error}.") from error
    categories = np.fromiter(first_seen, dtype=object, count=len(first_seen))
    order = sorted(range(categories.size), key=lambda i: _sort_key(categories[i]))
    rank = np.empty(categories.size, dtype=int)
    rank[order] = np.arange(categories.size)
    return categories[order], rank[code]


def _sort_key(value):
    if value is None:
        return (2, "", "")
    if isinstance(value, numbers.Real):
        return (0, "", value)
    return (1, type(value).__name__, str(value))


def as_entries(context):
    """List of names or positions, of which a single one may be given by itself."""
    if isinstance(context, (str, numbers.Integral)):
        return [context]
    if not isinstance(context, Iterable):
        raise TypeError(
            f"context must be the name or position of a column of X, or a list of them; got {context!r}."
        )
    return list(context)


def context_positions(X, context):
    """Positions of the columns of `X` that `context` names."""
    entries = as_entries(context)
    if not entries:
        return []
    names = column_names(X)
    if names is None:
        shape = X.shape if hasattr(X, "shape") else np.asarray(X, dtype=object).shape
        n_columns = (*shape, 1)[1]
    else:
        n_columns = len(names)
    positions = [_position(entry, names, n_columns) for entry in entries]
    if len(set(positions)) < len(positions):
        raise ValueError(f"context names a column twice: {context!r}.")
    return positions


def _position(entry, names, n_columns):
    if isinstance(entry, numbers.Integral) and not isinstance(entry, bool):
        if -n_columns <= entry < n_columns:
            return int(entry) % n_columns
        raise ValueError(f"context holds the position {entry!r}, but X has {n_columns} columns.")
    if names is None:
        raise ValueError(
            f"context names the column {entry!r}, but X is no data frame; give positions."
        )
    if entry not in names:
        raise ValueError(f"context names the column {entry!r}; those of X are {names!r}.")
    return names.index(entry)


def split_columns(X, positions):
    """Scores of shape (n, n_scores) and the context as a list of `Column`."""
    columns = read_columns(X)
    scores = [column for i, column in enumerate(columns) if i not in positions]
    if not scores:
        raise ValueError("X must have a score besides its context; every column is context.")
    for column in scores:
        if not column.is_numeric:
            raise ValueError(
                f"The column {column.name!r} of X is a score, since context does not name it, but holds "
                f"{column.values[0]!r}."
            )
    context = [columns[i] for i in positions]
    for column in context:
        if column.is_numeric and np.isinf(column.values).any():
            raise ValueError(f"The context column {column.name!r} of X holds infinity.")
    return np.column_stack([column.values for column in scores]), context


def append_columns(values, X, context):
    """Scores with the columns of `X` that `context` names behind them, as a frame if `X` is one.

    Without context the scores as they are.
    """
    positions = context_positions(X, context)
    if not positions:
        return values
    values = values.reshape(len(values), -1)
    names = column_names(X)
    if names is None or hasattr(X, "column_names"):
        return np.column_stack([values, *(c.values for c in read_columns(X, positions))])
    scores = {f"score {k} of the classifier": column for k, column in enumerate(values.T)}
    return type(X)(scores | {str(names[i]): X[names[i]] for i in positions})
