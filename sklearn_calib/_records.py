"""Records of a language model: what it stated as its confidence, and whether it was right."""

import csv
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from sklearn_calib._optional import import_optional
from sklearn_calib._records_columns import (
    ParsedColumn,
    carry,
    frame_columns,
    is_frame,
    parse_confidence,
    parse_correct,
    quote,
    require_fields,
)
from sklearn_calib._validation import check_option
from sklearn_calib._warn import warn_user

# Rows that are Python objects at the same time: enough for numpy, little for the memory.
_BATCH_ROWS = 65_536
# A larger share of confidences of 1 % or less, read as percent, are probably probabilities.
_PLAUSIBLY_SMALL = 0.25


class BadRow(NamedTuple):
    """A row that could not be used: where it is (see `Records.line`), and why."""

    line: int
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Records:
    """Usable records, aligned arrays of n rows in the order of the source, and the bad rows.

    Attributes
    ----------
    confidence : ndarray of shape (n,) of float64
        Stated probability that the answer given is right, in [0, 1].
    correct : ndarray of shape (n,) of float64
        Whether it was right, 0 or 1, or its quality in between; NaN where that was not read.
    line : ndarray of shape (n,) of int64
        Where the row is, counted from 1: see `line_unit`.
    columns : dict of str to ndarray of shape (n,) of object
        The further fields asked for, values as they are in the source, None where missing.
    bad : tuple of BadRow
        The rows that could not be used, each with `line` and `reason`, in the order of the source.
    line_unit : {"line", "row"}
        What `line` counts: lines of the file (JSONL, CSV, TSV; the line on which a record of
        several lines starts), or rows (items of a list, rows of a data frame or a Parquet file).
    bad_columns : dict of str to ndarray of shape (n_bad,) of object
        The further fields of the bad rows, aligned with `bad`; None where missing, and where the row
        could not be read at all.
    """

    confidence: np.ndarray
    correct: np.ndarray
    line: np.ndarray
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    bad: tuple[BadRow, ...] = ()
    line_unit: str = "line"
    bad_columns: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self):
        return len(self.confidence)

    def __repr__(self):
        return f"Records({len(self)} usable, {len(self.bad)} bad, columns={list(self.columns)})"

    @property
    def graded(self):
        """Whether any outcome is a quality strictly between 0 and 1."""
        return bool(np.any((self.correct > 0) & (self.correct < 1)))

    def problem_summary(self, limit=5):
        """Return a sentence that counts the bad rows and says what is wrong with the first ones.

        Parameters
        ----------
        limit : int, default=5
            How many bad rows are named, at least 0; the others are counted.

        Returns
        -------
        sentence : str

        Examples
        --------
        >>> import numpy as np
        >>> bad = (BadRow(2, "confidence is missing"), BadRow(3, "correct is missing"))
        >>> Records(np.array([0.9]), np.array([1.0]), np.array([1]), bad=bad).problem_summary()
        '2 of 3 rows could not be used: line 2: confidence is missing; line 3: correct is missing'
        """
        n_rows = len(self) + len(self.bad)
        if not self.bad:
            return f"all {n_rows} rows could be used"
        named = [f"{self.line_unit} {line}: {reason}" for line, reason in self.bad[:limit]]
        if len(self.bad) > limit:
            named.append(f"and {len(self.bad) - limit} more")
        return f"{len(self.bad)} of {n_rows} rows could not be used: {'; '.join(named)}"


def read_records(source, *, confidence="confidence", correct="correct", columns=(), percent=False):
    """Read records of a language model: stated confidence and whether the answer was right.

    A row is usable if its confidence is a number in [0, 1] and its outcome is true or false, 0 or
    1, or a quality in [0, 1]. Every other row is bad: it is left out, counted and named, in
    `Records.bad` and in a warning.

    Parameters
    ----------
    source : path, iterable of dict, or data frame
        A file, told by its suffix: ".jsonl" or ".ndjson" (one JSON object per line), ".json" (a
        list of objects), ".csv" or ".tsv" (with a header), each also with ".gz" added, as UTF-8;
        or ".parquet". Or dicts such as `{"confidence": 0.95, "correct": True}`. Or a data frame
        that narwhals knows (pandas, polars, pyarrow and others); a lazy one is collected. Parquet
        and data frames need the extra "frames". Blank lines are no rows. Of a key or a CSV header
        that occurs twice the last one counts; in a data frame this is an error. A CSV field longer
        than :func:`csv.field_size_limit` makes a bad row.
    confidence : str, default="confidence"
        Name of the field of the stated confidence: a number or the text of one. A boolean is not
        a confidence.
    correct : str or None, default="correct"
        Name of the field of the outcome; None for answers that nobody has judged yet, whose
        `Records.correct` is then NaN. It is a boolean, a number in [0, 1], or, in small or capital
        letters, "true", "false", "yes", "no" or the text of a number in [0, 1].
    columns : str or iterable of str, default=()
        Names of further fields to carry along, as they are. Empty text, which is all that CSV has
        for nothing, is missing.
    percent : bool, default=False
        Whether confidence is in percent: 95, "95", "95%" and "95 %" are then 0.95, all the same,
        and 0.95 is 0.0095. If False, "95%" and 95 are bad rows. Told, never guessed; if it is True
        and no confidence is above 1 %, a warning says so.

    Returns
    -------
    records : Records
        With at least one row.

    Raises
    ------
    ValueError
        If no row is usable; if a name is in no record; if the suffix is unknown; if the file is not
        UTF-8, or not what its suffix says as a whole (JSON, Parquet).
    OSError
        If the file cannot be opened, or is not complete as gzip.
    TypeError
        If the source is none of the above, or a name is not a string.
    ImportError
        If the source needs the extra "frames" and it is not installed.

    Warns
    -----
    UserWarning
        Once, with `Records.problem_summary()`, if there are bad rows.

    Examples
    --------
    >>> from sklearn_calib import read_records
    >>> records = read_records([
    ...     {"confidence": 0.95, "correct": True, "subject": "law"},
    ...     {"confidence": 0.6, "correct": False, "subject": "physics"},
    ... ], columns=["subject"])
    >>> records.confidence
    array([0.95, 0.6 ])
    >>> records.correct
    array([1., 0.])
    >>> records.columns["subject"]
    array(['law', 'physics'], dtype=object)

    Nothing is dropped in silence:

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     records = read_records([
    ...         {"confidence": 0.95, "correct": True},
    ...         {"confidence": 1.2, "correct": False},
    ...     ])
    >>> print(caught[0].message)
    1 of 2 rows could not be used: row 2: confidence 1.2 is outside [0, 1]
    """
    fields = _check_fields(confidence, correct, columns)
    check_option(percent, "percent", (False, True))
    batches, line_unit = _open_source(source, [name for name in fields if name is not None])
    parts = [_parse_batch(batch, fields, percent) for batch in batches]
    records = _concatenate(parts, fields, line_unit)
    _report(records, source, percent)
    return records


def _check_fields(confidence, correct, columns):
    """Return the names of the fields: confidence, correct, and the others."""
    columns = [columns] if isinstance(columns, str) else list(columns)
    fields = [confidence, correct, *columns]
    for name in [confidence, *columns] if correct is None else fields:
        if not isinstance(name, str):
            raise TypeError(f"The name of a field must be a string; got {name!r}.")
    if confidence == correct:
        raise ValueError(f"confidence and correct must be two fields; both are {correct!r}.")
    return fields


def _report(records, source, percent):
    """Raise if nothing can be used, warn of what cannot."""
    if not len(records):
        where = f" in {_path_of(source)}" if _is_path(source) else ""
        why = records.problem_summary() if records.bad else "there are no rows"
        raise ValueError(f"No usable row{where}: {why}.")
    if records.bad:
        warn_user(records.problem_summary())
    n_small = np.sum((records.confidence > 0) & (records.confidence <= 1 / 100)) if percent else 0
    if n_small > _PLAUSIBLY_SMALL * len(records):
        warn_user(
            f"With percent=True a confidence of 0.95 means 0.95 %, and {n_small} of {len(records)} "
            "confidences here are above 0 and at most 1 %: if all are probabilities, leave "
            'percent=False; if 0.95 and "95%" are mixed, read them with '
            "sklearn_calib.llm.parse_confidence first."
        )


class _Batch(NamedTuple):
    """Raw values of each field for the rows that are records, and the rows that are none."""

    line: Any
    values: dict[str, Any]
    bad: list[BadRow]


def _parse_batch(batch, fields, percent):
    confidence, correct, *columns = fields
    stated = parse_confidence(batch.values[confidence], confidence, percent=percent)
    outcome = ParsedColumn(np.full(len(batch.line), np.nan), {})  # nobody knows
    if correct is not None:
        outcome = parse_correct(batch.values[correct], correct)
    line = np.asarray(batch.line, dtype=np.int64)
    problems = _join_problems(stated.problems, outcome.problems)
    usable = np.ones(len(line), dtype=bool)
    usable[list(problems)] = False
    carried = {name: carry(batch.values[name]) for name in columns}
    # The position of a row that could not be read at all is -1.
    bad = [(BadRow(int(line[i]), reason), i) for i, reason in problems.items()]
    bad = sorted([*((row, -1) for row in batch.bad), *bad])
    position = np.array([i for _, i in bad], dtype=int)
    return Records(
        confidence=stated.numbers[usable],
        correct=outcome.numbers[usable],
        line=line[usable],
        columns={name: values[usable] for name, values in carried.items()},
        bad=tuple(row for row, _ in bad),
        bad_columns={name: np.append(values, [None])[position] for name, values in carried.items()},
    )


def _join_problems(first, second):
    """Return position -> reason, both reasons where both fields are bad."""
    both = first.keys() & second.keys()
    return first | second | {i: f"{first[i]} and {second[i]}" for i in both}


def _concatenate(parts, fields, line_unit):
    """Return the parts as one; none at all are no rows."""

    def joined(columns_of):
        return {
            name: np.concatenate([np.empty(0, dtype=object), *(columns_of(p)[name] for p in parts)])
            for name in fields[2:]
        }

    return Records(
        confidence=np.concatenate([np.empty(0), *(part.confidence for part in parts)]),
        correct=np.concatenate([np.empty(0), *(part.correct for part in parts)]),
        line=np.concatenate([np.empty(0, dtype=np.int64), *(part.line for part in parts)]),
        columns=joined(lambda part: part.columns),
        bad=tuple(row for part in parts for row in part.bad),
        line_unit=line_unit,
        bad_columns=joined(lambda part: part.bad_columns),
    )


def _open_source(source, fields):
    """Return an iterable of batches, and what their lines count."""
    if _is_path(source):
        return _open_file(_path_of(source), fields)
    if is_frame(source):
        return [_frame_batch(source, fields)], "row"
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise TypeError(
            "source must be a path, an iterable of dicts (one per answer) or a data frame; got "
            f"{quote(source)}."
        )
    return _in_batches(_number_rows(source, "row is not a dict"), fields), "row"


def _is_path(source):
    return isinstance(source, (str, os.PathLike))


def _path_of(source):
    return os.fsdecode(source)


def _open_file(path, fields):
    name = os.path.basename(path).lower()
    if name.endswith(".parquet"):
        return [_parquet_batch(path, fields)], "row"
    suffix = os.path.splitext(name.removesuffix(".gz"))[1]
    if suffix not in _TEXT_ROWS:
        accepted = ", ".join(_TEXT_ROWS)
        raise ValueError(
            f"The suffix of a file of records must be one of {accepted} (each also with .gz), or "
            f".parquet; got {quote(path)}."
        )
    return _in_batches(_TEXT_ROWS[suffix](path), fields), "row" if suffix == ".json" else "line"


def _in_batches(rows, fields):
    """Yield batches of `rows`, pairs of a line and a dict, or a reason why there is none."""
    rows = iter(rows)
    seen: set[Any] = set()
    while chunk := list(islice(rows, _BATCH_ROWS)):
        records = [record for _, record in chunk if not isinstance(record, str)]
        if not seen.issuperset(fields):
            seen.update(*records)
        yield _Batch(
            line=[line for line, record in chunk if not isinstance(record, str)],
            values={name: [record.get(name) for record in records] for name in fields},
            bad=[BadRow(line, record) for line, record in chunk if isinstance(record, str)],
        )
    if seen:
        require_fields(fields, seen)


def _number_rows(items, complaint):
    for line, item in enumerate(items, start=1):
        yield line, item if isinstance(item, Mapping) else f"{complaint}: {quote(item)}"


def _jsonl_rows(path):
    decode = json.JSONDecoder().decode
    with _open_text(path, newline="\n") as file:
        for line, text in enumerate(file, start=1):
            if not text.isspace():
                yield line, _json_record(text, decode)


def _json_record(text, decode):
    """Return the dict that a line holds, or the reason why it holds none."""
    try:
        record = decode(text)
    except (ValueError, RecursionError) as error:
        return f"line is not valid JSON: {_json_complaint(error)}"
    return record if isinstance(record, dict) else f"line is not a JSON object: {quote(record)}"


def _json_complaint(error):
    if isinstance(error, json.JSONDecodeError):
        # the decoder counts the end of the line, and calls what follows it column 1
        column = min(error.pos, len(error.doc.rstrip())) + 1
        return f"{error.msg} (column {column})"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _json_rows(path):
    with _open_text(path) as file:
        text = file.read()
    try:
        records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is not valid JSON: {error}. A file of one object per line is named .jsonl."
        ) from error
    if not isinstance(records, list):
        raise ValueError(f"{path} must hold a list of objects; it holds {quote(records)}.")
    return _number_rows(records, "row is not an object")


def _csv_rows(path, *, delimiter):
    with _open_text(path, newline="") as file:  # the csv module wants line ends as they are
        rows = _csv_lines(csv.reader(file, delimiter=delimiter, strict=True))
        _, header = next(rows, (1, ()))
        if isinstance(header, str):
            raise ValueError(f"{path} has no header: {header}.")
        names = [name.strip() for name in header]
        for line, row in rows:
            yield line, row if isinstance(row, str) else _csv_record(names, row)


def _csv_lines(reader):
    """Yield the line where a row starts, and the row: a list, or the reason why there is none."""
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            end = f" (up to line {reader.line_num})" if reader.line_num > line else ""
            yield line, f"line is not valid CSV: {error}{end}"
            continue
        if row and not (len(row) == 1 and row[0].isspace()):
            yield line, row


def _csv_record(names, row):
    """Return the dict of a row, or the reason why it is none."""
    if len(row) == len(names):
        return dict(zip(names, row, strict=True))
    few_or_many = "few" if len(row) < len(names) else "many"
    return f"too {few_or_many} fields: {len(row)} instead of the {len(names)} of the header"


@contextmanager
def _open_text(path, *, newline=None):
    """Open a text file, plain or gzip; what goes wrong while reading it names the path."""
    opener = gzip.open if path.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline=newline) as file:
            yield file
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error.reason}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OSError(f"{path} is not a complete gzip file: {error}.") from error


def _frame_batch(frame, fields):
    values = frame_columns(frame, fields)
    return _Batch(line=np.arange(1, len(values[fields[0]]) + 1), values=values, bad=[])


def _parquet_batch(path, fields):
    parquet = import_optional("pyarrow.parquet", extra="frames")
    with open(path, "rb") as file:
        try:
            content = parquet.ParquetFile(file)
            present = content.schema_arrow.names
            table = content.read(columns=[name for name in fields if name in present])
        except (ValueError, OSError) as error:
            raise ValueError(f"{path} is not a readable Parquet file: {error}") from error
    require_fields(fields, present)
    return _frame_batch(table, fields)


_TEXT_ROWS: dict[str, Callable[[str], Iterable]] = {
    ".jsonl": _jsonl_rows,
    ".ndjson": _jsonl_rows,
    ".json": _json_rows,
    ".csv": partial(_csv_rows, delimiter=","),
    ".tsv": partial(_csv_rows, delimiter="\t"),
}
