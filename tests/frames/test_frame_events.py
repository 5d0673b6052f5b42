"""Nothing collects the frame: what comes home from any engine are sums."""

import importlib.util

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from sklearn_calib.frames import risk_coverage_from_frame, table_from_frame

N = 30_000
HOME = 300  # rows that may come home: more than groups times bins below


# What takes all rows of a lazy frame out of its engine.
COLLECTING = [
    ("polars", "LazyFrame", ["collect"]),
    ("duckdb", "DuckDBPyRelation", ["fetchall", "df", "pl", "to_arrow_table"]),
    ("dask.dataframe", "DataFrame", ["compute"]),
    ("pyspark.sql.classic.dataframe", "DataFrame", ["collect", "toPandas", "toArrow"]),
]


def height(result):
    return result.num_rows if hasattr(result, "num_rows") else len(result)


@pytest.fixture
def collected(monkeypatch):
    """Heights of what lazy frames of narwhals, and the engines below them, bring home."""
    heights = []

    def spy(owner, name, height):
        original = getattr(owner, name)

        def method(self, *args, **kwargs):
            result = original(self, *args, **kwargs)
            heights.append(height(result))
            return result

        monkeypatch.setattr(owner, name, method)

    spy(nw.LazyFrame, "collect", len)
    for module, owner, names in COLLECTING:
        if importlib.util.find_spec(module.partition(".")[0]):
            for name in names:
                spy(getattr(importlib.import_module(module), owner), name, height)
    return heights


def log():
    rng = np.random.default_rng(0)
    sure = rng.random(N)
    return pd.DataFrame(
        {"sure": sure, "right": rng.random(N) < sure, "team": rng.choice(["n", "s"], N)}
    )


def test_only_sums_come_home(to_engine, collected):
    frame, columns = to_engine(log()), {"confidence": "sure", "correct": "right"}
    collected.clear()
    assert table_from_frame(frame, by="team", **columns).count.sum() == N
    assert risk_coverage_from_frame(frame, resolution=HOME - 1, **columns).coverage[-1] == 1
    assert collected
    assert max(collected) <= HOME


def test_equal_mass_bins_bring_at_most_the_fine_sums(to_engine, collected):
    frame, columns = to_engine(log()), {"confidence": "sure", "correct": "right"}
    collected.clear()
    assert table_from_frame(frame, strategy="quantile", **columns).count.sum() == N
    assert max(collected) <= 10_001


def test_the_spy_sees_a_collected_frame(collected):
    polars = pytest.importorskip("polars")
    polars.from_pandas(log()).lazy().collect()
    assert collected == [N]
