"""One JSONL and one Parquet file through every engine, and what a file that cannot be read tells."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sklearn_calib._core.table import SUMS
from sklearn_calib.frames import table_from_frame
from sklearn_calib.frames._scan_file import ENGINES, scan_file
from sklearn_calib.metrics import calibration_table

N = 500
READERS = {**dict.fromkeys(ENGINES), "polars_eager": None}


@pytest.fixture(scope="module")
def log():
    """Confidences on the edges of bins, as integers, and with 17 digits; a third of the teams missing."""
    rng = np.random.default_rng(0)
    stated = [0, 1, 0.3, 0.30000000000000004, 0.6, 0.7, 0.95]
    sure = np.where(rng.random(N) < 0.5, rng.choice(stated, N), rng.random(N))
    return pd.DataFrame(
        {
            "sure": sure,
            "right": rng.random(N) < sure,
            "weight": rng.choice([0.0, 0.5, 1.0, 3.25], N),
            "team": pd.Series(rng.choice(["north", "south", None], N), dtype=object),
        }
    )


@pytest.fixture(scope="module")
def files(log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("one_log")
    rows = log.astype(object).where(log.notna(), None).to_dict("records")
    for row in rows:
        if row["sure"] in (0, 1):  # as people write them
            row["sure"] = int(row["sure"])
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    log.to_parquet(folder / "log.parquet", index=False)
    log.to_csv(folder / "log.csv", index=False)
    return folder


@pytest.fixture(params=READERS)
def read(request):
    """Reader of a file by one engine, skipped where that is not installed."""
    engine = "polars" if request.param == "polars_eager" else request.param
    pytest.importorskip("dask.dataframe" if engine == "dask" else engine)

    def read(path):
        frame = scan_file(str(path), engine)
        return frame.collect() if request.param == "polars_eager" else frame

    return read


def expected_tables(log):
    """Tables of each team, and of the rows without one, from arrays in memory."""
    teams = log.team.where(log.team.notna(), None)
    for team in ("north", "south", None):
        rows = teams.isna() if team is None else teams == team
        part = log[rows]
        yield (
            team,
            calibration_table(
                part.right.to_numpy(),
                part.sure.to_numpy(),
                kind="record",
                sample_weight=part.weight.to_numpy(),
            ),
        )


@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")  # Dask's Parquet
@pytest.mark.parametrize("suffix", ["jsonl", "parquet", "csv"])
def test_one_file_gives_one_table_in_every_engine(files, log, read, suffix):
    table = table_from_frame(
        read(files / f"log.{suffix}"),
        confidence="sure",
        correct="right",
        weight="weight",
        by="team",
    )
    start = 0
    for team, expected in expected_tables(log):
        rows = slice(start, start + len(expected))
        start = rows.stop
        assert list(table.group[rows]) == [team] * len(expected)
        for name in ("lower", "upper", *SUMS):
            actual = getattr(table, name)[rows]
            assert_allclose(actual, getattr(expected, name), rtol=0, atol=1e-9, err_msg=name)
    assert start == len(table)


@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
def test_a_pattern_names_many_files(log, read, tmp_path):
    log[:200].to_parquet(tmp_path / "a.parquet")
    log[200:].to_parquet(tmp_path / "b.parquet")
    frame = read(tmp_path / "*.parquet")
    assert table_from_frame(frame, confidence="sure", correct="right").count.sum() == N


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        scan_file(str(tmp_path / "no.csv"), "duckdb")
    (tmp_path / "log.xlsx").write_text("")
    with pytest.raises(ValueError, match=r"suffix is one of \.jsonl, \.ndjson, \.csv"):
        scan_file(str(tmp_path / "log.xlsx"), "duckdb")
    (tmp_path / "log.parquet").write_text("no Parquet")
    with pytest.raises(ValueError, match=r"^pyarrow cannot read .*log.parquet: .+"):
        scan_file(str(tmp_path / "log.parquet"), "pyarrow")


@pytest.mark.parametrize(
    ("engine", "module", "told"),
    [
        ("polars", "polars", "pip install polars"),
        ("duckdb", "duckdb", "pip install duckdb"),
        ("dask", "dask.dataframe", r"pip install 'dask\[dataframe\]'"),
        ("pyspark", "pyspark.sql", "pip install pyspark"),
    ],
)
def test_an_engine_that_is_not_installed_is_named(files, monkeypatch, engine, module, told):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"engine {engine} is not installed: {told}"):
        scan_file(str(files / "log.csv"), engine)
