from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sklearn_calib.frames import table_from_frame
from sklearn_calib.metrics import calibration_table

DECIMALS = [0.0, 0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 1.0]


def log(n=400, seed=0):
    """Records with confidences on and off the edges, and columns of many types."""
    rng = np.random.default_rng(seed)
    sure = np.where(rng.random(n) < 0.5, rng.choice(DECIMALS, n), rng.random(n))
    right = rng.random(n) < sure**2
    return pd.DataFrame(
        {
            "sure": sure,
            "sure32": sure.astype(np.float32),
            "certain": right.astype(np.int64),
            "right": right,
            "right01": right.astype(np.int64),
            "quality": rng.random(n),
            "weight": rng.choice([0.0, 0.5, 1.0, 3.25], n),
            "times": rng.integers(0, 4, n),
            "team": rng.choice(["north", "south"], n),
            "year": rng.choice([2023, 2024, 2025], n),
            "note": pd.Series(rng.choice(["x", "y", None], n), dtype=object),
        }
    )


def assert_equal_tables(table, expected):
    for field in fields(expected):
        if field.name != "group":
            actual, wanted = getattr(table, field.name), getattr(expected, field.name)
            assert_allclose(actual, wanted, rtol=1e-12, atol=1e-9, err_msg=field.name)


def in_memory(frame, confidence, correct, weight=None, **options):
    return calibration_table(
        frame[correct].to_numpy(),
        frame[confidence].to_numpy(),
        kind="record",
        sample_weight=None if weight is None else frame[weight].to_numpy(),
        **options,
    )


@pytest.mark.parametrize("weight", [None, "weight", "times"])
@pytest.mark.parametrize(
    ("confidence", "correct"),
    [("sure", "right"), ("sure32", "right01"), ("sure", "quality"), ("certain", "right")],
)
def test_equals_the_table_in_memory(to_engine, confidence, correct, weight):
    frame = log()
    columns = {"confidence": confidence, "correct": correct, "weight": weight}
    assert_equal_tables(table_from_frame(to_engine(frame), **columns), in_memory(frame, **columns))


@pytest.mark.parametrize("n_bins", [1, 7, 100, "cube_root"])
@pytest.mark.parametrize("confidence", ["sure", "sure32"])
def test_any_number_of_bins(to_engine, n_bins, confidence):
    frame = log()
    columns = {"confidence": confidence, "correct": "right", "weight": "weight", "n_bins": n_bins}
    assert_equal_tables(table_from_frame(to_engine(frame), **columns), in_memory(frame, **columns))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n_bins", [3, 10, 49, 10_000])
def test_every_edge_and_its_neighbours(to_engine, dtype, n_bins):
    edges = (np.arange(n_bins + 1) / n_bins).astype(dtype)
    sure = np.concatenate([edges, np.nextafter(edges, dtype(2)), np.nextafter(edges, dtype(-1))])
    frame = pd.DataFrame({"sure": sure[(sure >= 0) & (sure <= 1)], "right": True})
    columns = {"confidence": "sure", "correct": "right", "n_bins": n_bins}
    assert_equal_tables(table_from_frame(to_engine(frame), **columns), in_memory(frame, **columns))


def test_one_group_column(to_engine):
    frame = log()
    columns = {"confidence": "sure", "correct": "right", "weight": "weight"}
    table = table_from_frame(to_engine(frame), by="team", n_bins=4, **columns)
    assert list(table.group) == ["north"] * 4 + ["south"] * 4
    for team in ("north", "south"):
        rows = table.group == team
        part = in_memory(frame[frame.team == team], n_bins=4, **columns)
        assert_allclose(table.sum_product[rows], part.sum_product, rtol=1e-12)
        assert_allclose(table.count[rows], part.count)
        assert_allclose(table.upper[rows], part.upper)


def test_missing_groups_are_a_group_and_several_columns_are_tuples(to_engine):
    frame = log()
    table = table_from_frame(
        to_engine(frame), confidence="sure", correct="right", by=["year", "note"], n_bins=1
    )
    pairs = [(year, note) for year in (2023, 2024, 2025) for note in ("x", "y", None)]
    assert list(table.group) == pairs
    notes = frame.note.astype(object).where(frame.note.notna(), None)
    for (year, note), count, right in zip(pairs, table.count, table.sum_outcome, strict=True):
        rows = (frame.year == year) & (notes.isna() if note is None else notes == note)
        assert count == rows.sum()
        assert right == frame.right[rows].sum()


def test_missing_numbers_are_a_group_too(to_engine):
    frame = log().assign(shop=lambda rows: np.where(rows.times > 1, 2.5, np.nan))
    table = table_from_frame(
        to_engine(frame), confidence="sure", correct="right", by="shop", n_bins=1
    )
    assert list(table.group) == [2.5, None]
    assert table.count.tolist() == [(frame.times > 1).sum(), (frame.times <= 1).sum()]


@pytest.mark.parametrize("by", ["team", "note", ["year", "note"]])
def test_tables_of_parts_add(by):
    frame = log()
    columns = {"confidence": "sure", "correct": "right", "weight": "weight", "by": by}
    parts = [table_from_frame(part, **columns) for part in (frame[:150], frame[150:])]
    table, whole = sum(parts), table_from_frame(frame, **columns)
    assert_equal_tables(table, whole)
    assert list(table.group) == list(whole.group)


def test_equal_mass_edges_follow_their_rule(to_engine):
    """The smallest multiples of 1 / 10000 up to which k / n_bins of the weight lie."""
    frame = log(seed=1)
    columns = {"confidence": "sure", "correct": "right", "weight": "weight"}
    table = table_from_frame(to_engine(frame), n_bins=6, strategy="quantile", **columns)
    sure, weights = frame.sure.to_numpy(), frame.weight.to_numpy()
    reached = [weights[sure <= i / 10_000].sum() for i in range(10_001)]
    edges = {0.0, 1.0}
    for k in range(1, 6):
        edges.add(next(i for i, w in enumerate(reached) if w >= k / 6 * reached[-1]) / 10_000)
    assert sorted({*table.lower, *table.upper}) == sorted(edges)
    for lower, upper, weight in zip(table.lower, table.upper, table.weight, strict=True):
        inside = (frame.sure <= upper) & ((frame.sure > lower) | (lower == 0))
        assert weight == frame.weight[inside].sum()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("sure", 1.5),
        ("sure", -0.01),
        ("sure", np.nan),
        ("sure", np.inf),
        ("quality", 2.0),
        ("quality", np.nan),
        ("weight", -1.0),
        ("weight", np.nan),
        ("weight", np.inf),
    ],
)
def test_bad_rows_are_counted(to_engine, name, bad):
    frame = log(60)
    frame["weight"] = 1.0
    frame.loc[[3, 50], name] = bad
    with pytest.raises(ValueError, match=r"^2 rows are no events"):
        table_from_frame(to_engine(frame), confidence="sure", correct="quality", weight="weight")


def test_missing_outcomes_are_counted(to_engine):
    frame = log(60)
    frame["right"] = frame.right.astype("boolean")
    frame.loc[[3, 50, 51], "right"] = pd.NA
    with pytest.raises(ValueError, match=r"^3 rows are no events"):
        table_from_frame(to_engine(frame), confidence="sure", correct="right")


def test_bad_rows_of_zero_weight_are_absent(to_engine):
    frame = log(60)
    frame.loc[[3, 50], "sure"] = 7.0
    frame["weight"] = np.where(frame.sure == 7, 0.0, 1.0)
    table = table_from_frame(to_engine(frame), confidence="sure", correct="right", weight="weight")
    assert table.count.sum() == 58


def test_no_row_is_an_error(to_engine):
    frame = log(60).assign(weight=0.0)
    columns = {"confidence": "sure", "correct": "right"}
    with pytest.raises(ValueError, match="at least one row of positive weight"):
        table_from_frame(to_engine(frame), weight="weight", **columns)
    with pytest.raises(ValueError, match="at least one row of positive weight"):
        table_from_frame(log(60)[:0], **columns)


def test_bad_arguments_are_named():
    frame = log(10)
    with pytest.raises(ValueError, match="confidence='shure' is no column of the frame"):
        table_from_frame(frame, confidence="shure", correct="right")
    with pytest.raises(ValueError, match="by='Team' is no column"):
        table_from_frame(frame, confidence="sure", correct="right", by=["team", "Team"])
    with pytest.raises(TypeError, match="correct='team' must be a column of numbers"):
        table_from_frame(frame, confidence="sure", correct="team")
    with pytest.raises(TypeError, match="frame must be a data frame of pandas"):
        table_from_frame([0.9], confidence="sure", correct="right")
    with pytest.raises(ValueError, match="strategy must be one of"):
        table_from_frame(frame, confidence="sure", correct="right", strategy="equal")
