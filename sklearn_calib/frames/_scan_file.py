"""A file of answers as a frame of an engine, which reads it when it computes."""

import glob
import importlib
from collections.abc import Callable
from functools import partial
from pathlib import PurePath

_FORMATS = {
    ".jsonl": ("jsonl",),
    ".ndjson": ("jsonl",),
    ".csv": ("csv", ","),
    ".tsv": ("csv", "\t"),
    ".parquet": ("parquet",),
}
# From this version on pandas reads every digit of a number in CSV by default, and says so if asked to.
_PANDAS_IS_EXACT = (3, 1)


def scan_file(path, engine):
    """Frame of a JSONL, CSV, TSV or Parquet file, or of a pattern of names, by one of `ENGINES`."""
    if not glob.glob(path):
        raise FileNotFoundError(2, "No such file or directory", path)
    suffix = PurePath(path).suffix.lower()
    if suffix not in _FORMATS:
        raise ValueError(
            f"An engine reads files whose suffix is one of {', '.join(_FORMATS)}; got {path!r}."
        )
    try:
        return ENGINES[engine](path, *_FORMATS[suffix])
    except ImportError:
        raise
    except Exception as error:
        raise ValueError(f"{engine} cannot read {path}: {first_words(error)}") from error


def first_words(error):
    """The first line of what an engine says, or of the cause that it passes on."""
    while error.__cause__ is not None:
        error = error.__cause__
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _import(module, engine):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = "'dask[dataframe]'" if engine == "dask" else engine
        raise ImportError(f"The engine {engine} is not installed: pip install {package}") from error


def _pandas(path, kind, separator=None, *, module="pandas", engine="pandas"):
    frames = _import(module, engine)
    if kind == "jsonl":
        return frames.read_json(path, lines=True, precise_float=True)
    if kind == "csv":
        version = tuple(map(int, _import("pandas", engine).__version__.split(".")[:2]))
        exact = {} if version >= _PANDAS_IS_EXACT else {"float_precision": "round_trip"}
        return frames.read_csv(path, sep=separator, **exact)
    return frames.read_parquet(path)


def _polars(path, kind, separator=None):
    polars = _import("polars", "polars")
    if hasattr(polars.Config, "set_engine_affinity"):  # older versions would hold whole columns
        polars.Config.set_engine_affinity("streaming")
    # All rows tell the types: a confidence of 1 may come long before one of 0.95.
    if kind == "jsonl":
        return polars.scan_ndjson(path, infer_schema_length=None)
    if kind == "csv":
        return polars.scan_csv(path, separator=separator, infer_schema_length=None)
    return polars.scan_parquet(path)


def _pyarrow(path, kind, separator=None):
    if kind == "jsonl":
        return _import("pyarrow.json", "pyarrow").read_json(path)
    if kind == "csv":
        csv = _import("pyarrow.csv", "pyarrow")
        return csv.read_csv(
            path,
            parse_options=csv.ParseOptions(delimiter=separator),
            convert_options=csv.ConvertOptions(strings_can_be_null=True),
        )
    return _import("pyarrow.parquet", "pyarrow").read_table(path)


def _pandas_files(path, *kind):
    """All files of a pattern; the other readers know patterns by themselves."""
    frames = [_pandas(name, *kind) for name in sorted(glob.glob(path))]
    return _import("pandas", "pandas").concat(frames, ignore_index=True)


def _pyarrow_files(path, *kind):
    tables = [_pyarrow(name, *kind) for name in sorted(glob.glob(path))]
    return _import("pyarrow", "pyarrow").concat_tables(tables)


def _duckdb(path, kind, separator=None):
    engine = _import("duckdb", "duckdb")  # with its own connection, which stays open
    if kind == "jsonl":
        return engine.read_json(path, format="newline_delimited", sample_size=-1)
    if kind == "csv":
        return engine.read_csv(path, header=True, sep=separator, sample_size=-1)
    return engine.read_parquet(path)


def _pyspark(path, kind, separator=None):
    read = _import("pyspark.sql", "pyspark").SparkSession.builder.getOrCreate().read
    if kind == "jsonl":
        return read.json(path)
    if kind == "csv":
        return read.csv(path, header=True, sep=separator, inferSchema=True)
    return read.parquet(path)


ENGINES: dict[str, Callable] = {
    "polars": _polars,
    "duckdb": _duckdb,
    "dask": partial(_pandas, module="dask.dataframe", engine="dask"),
    "pyspark": _pyspark,
    "pyarrow": _pyarrow_files,
    "pandas": _pandas_files,
}
