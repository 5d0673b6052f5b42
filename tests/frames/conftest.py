"""The engines, each with the way a pandas frame gets into it.

PySpark is among them where it is installed: `.ci/engines` runs these tests with it.
"""

import functools
import importlib.util
import os

import pandas as pd
import pytest


def polars(frame):
    return pytest.importorskip("polars").from_pandas(frame)


def polars_lazy(frame):
    return polars(frame).lazy()


def pyarrow(frame):
    return pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)


@functools.cache
def duckdb_connection():
    """One for all tests: relations of DuckDB 1.1 do not keep theirs open."""
    return pytest.importorskip("duckdb").connect(config={"threads": 1})


def duckdb(frame):
    return duckdb_connection().from_arrow(pyarrow(frame))


def dask(frame):
    return pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=3)


def pyspark(frame):
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "2")
    return builder.getOrCreate().createDataFrame(pyarrow(frame))


ENGINES = {
    "pandas": pd.DataFrame,
    "polars": polars,
    "polars_lazy": polars_lazy,
    "pyarrow": pyarrow,
    "duckdb": duckdb,
    "dask": dask,
}
if importlib.util.find_spec("pyspark"):
    ENGINES["pyspark"] = pyspark

# narwhals tells that its part for Dask moves to a package of its own, narwhals-dask; until that can be
# installed, nothing else silences it.
DASK_MOVES = "ignore:Dask support is moving:FutureWarning"


def pytest_collection_modifyitems(items):
    for item in items:
        if "to_engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.filterwarnings(DASK_MOVES))


@pytest.fixture(params=ENGINES)
def to_engine(request):
    return ENGINES[request.param]
