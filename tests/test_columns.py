import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from sklearn_calib._columns import (
    Column,
    append_columns,
    code_values,
    context_positions,
    read_columns,
    split_columns,
)

NAMES = ["ann", None, "bob", "ann"]
AGES = [31.0, np.nan, 5.0, 31.0]

TABLES = {
    "dict": {"name": NAMES, "age": AGES},
    "pandas": pd.DataFrame({"name": NAMES, "age": AGES}, index=[5, 6, 7, 8]),
    "pandas categories": pd.DataFrame({"name": pd.Categorical(NAMES), "age": AGES}),
    "pandas strings": pd.DataFrame({"name": pd.array(NAMES, dtype="string"), "age": AGES}),
    "pandas nullable": pd.DataFrame(
        {"name": NAMES, "age": pd.array([31, None, 5, 31], dtype="Int64")}
    ),
    "polars": pl.DataFrame({"name": NAMES, "age": AGES}),
    "polars nulls": pl.DataFrame({"name": NAMES, "age": [31, None, 5, 31]}),
    "polars categories": pl.DataFrame(
        {"name": pl.Series(NAMES, dtype=pl.Categorical), "age": AGES}
    ),
    "pyarrow": pa.table({"name": NAMES, "age": AGES}),
    "objects": np.array([NAMES, AGES], dtype=object).T,
    "list of rows": [list(row) for row in zip(NAMES, AGES, strict=True)],
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_has_the_same_columns(table):
    name, age = read_columns(table)
    assert not name.is_numeric
    assert age.is_numeric
    assert name.values.tolist() == NAMES
    np.testing.assert_array_equal(age.values, AGES)


@pytest.mark.parametrize(
    ("values", "numeric"),
    [
        ([1, 2, 3], True),
        ([1.5, None], True),
        (np.array([1, 2], dtype=np.int8), True),
        ([True, False], False),
        (np.array([True, False]), False),
        (pd.Series([1, 2], dtype="category"), False),
        (pl.Series([True, None]), False),
        (["1", "2"], False),
        ([1, "a"], False),
        ([None, None], False),
        (np.array([1, 2], dtype=object), True),
        (np.array(["2020-01-01", "NaT"], dtype="datetime64[D]"), False),
        (pd.Series(pd.to_datetime(["2020-01-01", None])), False),
    ],
)
def test_numbers_and_names(values, numeric):
    (column,) = read_columns(values)
    assert column.is_numeric is numeric


def test_integers_beyond_floats_are_names():
    ids = np.array([2**60, 2**60 + 1, 2**60])
    for values in (ids, pd.Series(ids), ids.tolist()):
        categories, code = code_values(read_columns(values)[0])
        assert code.tolist() == [0, 1, 0]
        assert categories.tolist() == [2**60, 2**60 + 1]


def test_one_dimension_is_one_column():
    assert read_columns(pd.Series(["a", "b"], name="segment"))[0].name == "segment"
    assert read_columns(["a", "b"])[0].name == 0
    with pytest.raises(ValueError, match=r"groups must be 1-D or 2-D; got shape \(1, 1, 1\)"):
        read_columns(np.zeros((1, 1, 1)), name="groups")


def test_codes_are_in_the_order_of_the_values():
    for values in (["b", "a", None, "b"], [2.0, 1.0, np.nan, 2.0]):
        categories, code = code_values(read_columns(values)[0])
        assert code.tolist() == [1, 0, 2, 1]
        assert categories[:2].tolist() == sorted(v for v in set(values) if v in ("a", "b", 1, 2))
    categories, _ = code_values(Column("mixed", np.array([True, "x", 3, None], dtype=object)))
    assert categories.tolist() == [True, 3, "x", None]


def test_positions():
    frame = pd.DataFrame({"p": [0.1], "segment": ["a"], "age": [3]})
    assert context_positions(frame, ["age", "segment"]) == [2, 1]
    assert context_positions(frame, "segment") == [1]
    assert context_positions(frame, [-1, 1]) == [2, 1]
    assert context_positions(frame.to_numpy(), -1) == [2]
    assert context_positions(frame, ()) == []
    for context, message in [
        (["nothing"], "names the column 'nothing'; those of X are"),
        ([3], "position 3, but X has 3 columns"),
        ([1, "segment"], "names a column twice"),
    ]:
        with pytest.raises(ValueError, match=message):
            context_positions(frame, context)
    with pytest.raises(ValueError, match="X is no data frame"):
        context_positions(frame.to_numpy(), "segment")


def test_split():
    frame = pd.DataFrame({"p": [0.1, 0.9], "segment": ["a", None], "q": [0.9, 0.1]})
    scores, (segment,) = split_columns(frame, [1])
    np.testing.assert_array_equal(scores, [[0.1, 0.9], [0.9, 0.1]])
    assert segment.values.tolist() == ["a", None]
    with pytest.raises(
        ValueError, match="'segment' of X is a score, since context does not name it"
    ):
        split_columns(frame, [0])
    with pytest.raises(ValueError, match="every column is context"):
        split_columns(frame, [0, 1, 2])
    with pytest.raises(ValueError, match="context column 'q' of X holds infinity"):
        split_columns(frame.assign(q=np.inf), [1, 2])


@pytest.mark.parametrize("name", ["pandas", "polars", "objects", "list of rows", "pyarrow"])
def test_appended_columns_come_behind_the_scores(name):
    table = TABLES[name]
    values = np.array([0.1, 0.2, 0.3, 0.4])
    joined = append_columns(values, table, [1, 0])
    p, age, who = read_columns(joined)
    np.testing.assert_array_equal(p.values, values)
    np.testing.assert_array_equal(age.values, AGES)
    assert who.values.tolist() == NAMES
    if name in ("pandas", "polars"):
        assert type(joined) is type(table)
    assert append_columns(values, table, ()) is values


def test_sparse_columns_can_be_appended():
    X = sparse.csr_array(np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]]))
    joined = append_columns(np.array([[0.1, 0.9], [0.4, 0.6]]), X, [2])
    np.testing.assert_array_equal(joined, [[0.1, 0.9, 2.0], [0.4, 0.6, 0.0]])
