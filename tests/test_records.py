import csv
import dataclasses
import gzip
import io
import json
import sys
import warnings
from collections import OrderedDict
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sklearn_calib import _records
from sklearn_calib._records import BadRow, Records, read_records

ANSWERS = [
    {"confidence": 0.95, "correct": True, "subject": "law"},
    {"confidence": 0.3, "correct": False, "subject": "physics"},
    {"confidence": 1, "correct": 1, "subject": None},
]


def write_jsonl(path, rows):
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def write_json(path, rows):
    path.write_text(json.dumps(rows), encoding="utf-8")


def write_delimited(path, rows, delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())


def write_tsv(path, rows):
    write_delimited(path, rows, delimiter="\t")


def with_one_type(rows):
    """Return the records with `correct` a boolean in all, as columns of frames want it."""
    return [{**row, "correct": bool(row["correct"])} for row in rows]


def write_parquet(path, rows):
    pd.DataFrame(with_one_type(rows)).to_parquet(path)


WRITERS = {
    ".jsonl": write_jsonl,
    ".ndjson": write_jsonl,
    ".JSONL": write_jsonl,
    ".json": write_json,
    ".csv": write_delimited,
    ".tsv": write_tsv,
}
FRAMES = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "polars lazy": pl.LazyFrame,
    "pyarrow": pa.Table.from_pylist,
    "narwhals": lambda rows: nw.from_native(pl.DataFrame(rows)),
}
every_suffix = pytest.mark.parametrize("suffix", WRITERS)
every_frame = pytest.mark.parametrize("frame", FRAMES)


def read_quietly(source, **options):
    """Read without the warning, which tests of the warning look at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read_records(source, **options)


def assert_answers(records, lines=(1, 2, 3)):
    assert records.confidence.tolist() == [0.95, 0.3, 1.0]
    assert records.correct.tolist() == [1.0, 0.0, 1.0]
    assert records.line.tolist() == list(lines)
    assert records.columns["subject"].tolist() == ["law", "physics", None]
    assert records.bad == ()
    assert records.confidence.dtype == records.correct.dtype == np.float64
    assert records.line.dtype == np.int64
    assert records.columns["subject"].dtype == object


# -- every door gives the same records ----------------------------------------------------------


def test_dicts_are_read_as_they_are():
    records = read_records([{"confidence": 0.95, "correct": True}])
    assert records.confidence.tolist() == [0.95]
    assert records.correct.tolist() == [1.0]
    assert records.columns == {}


@pytest.mark.parametrize("kind", [list, tuple, iter, lambda rows: map(OrderedDict, rows)])
def test_any_iterable_of_dicts(kind):
    assert_answers(read_records(kind(ANSWERS), columns=["subject"]))


@every_suffix
@pytest.mark.parametrize("as_text", [True, False])
def test_files(tmp_path, suffix, as_text):
    path = tmp_path / f"answers.v2{suffix}"
    WRITERS[suffix](path, ANSWERS)
    records = read_records(str(path) if as_text else path, columns=["subject"])
    # The header is line 1 of a CSV file, so its records begin on line 2.
    assert_answers(records, lines=(2, 3, 4) if suffix in (".csv", ".tsv") else (1, 2, 3))
    assert records.line_unit == ("row" if suffix == ".json" else "line")


@every_suffix
def test_compressed_files(tmp_path, suffix):
    plain, packed = tmp_path / f"answers{suffix}", tmp_path / f"answers{suffix}.gz"
    WRITERS[suffix](plain, ANSWERS)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    first, second = (read_records(path, columns=["subject"]) for path in (plain, packed))
    assert_answers(second, lines=first.line)
    assert first.line_unit == second.line_unit


@every_suffix
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_byte_order_mark_and_line_ends_of_windows(tmp_path, suffix, line_end):
    path = tmp_path / f"answers{suffix}"
    WRITERS[suffix](path, ANSWERS)
    text = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", line_end)
    path.write_bytes(b"\xef\xbb\xbf" + text.rstrip(b"\r\n"))  # and the last line is left open
    first_line = 2 if suffix in (".csv", ".tsv") else 1
    records = read_records(path, columns=["subject"])
    assert_answers(records, lines=range(first_line, first_line + 3))


def test_parquet(tmp_path):
    path = tmp_path / "answers.parquet"
    write_parquet(path, ANSWERS)
    records = read_records(path, columns=["subject"])
    assert_answers(records)
    assert records.line_unit == "row"


@every_frame
def test_frames(frame):
    source = FRAMES[frame](with_one_type(ANSWERS))
    records = read_records(source, columns=["subject"])
    assert_answers(records)
    assert records.line_unit == "row"


def test_rows_of_a_frame_are_counted_not_labelled():
    frame = pd.DataFrame(ANSWERS, index=[70, 7, 70])
    assert read_records(frame).line.tolist() == [1, 2, 3]


@every_frame
def test_bad_rows_of_a_frame_are_those_of_the_dicts(frame):
    rows = [
        {"confidence": value, "correct": answer}
        for value, answer in [("0.9", "yes"), ("high", "no"), (None, "true"), ("1.5", "?")]
    ]
    told = read_quietly(FRAMES[frame](rows))
    assert told.bad == read_quietly(rows).bad
    assert [row.line for row in told.bad] == [2, 3, 4]
    assert told.confidence.tolist() == [0.9]


def test_fields_by_other_names():
    rows = [{"p": 0.9, "is right": "yes", "confidence": 0.1}]
    records = read_records(rows, confidence="p", correct="is right", columns="confidence")
    assert records.confidence.tolist() == [0.9]
    assert records.correct.tolist() == [1.0]
    assert records.columns["confidence"].tolist() == [0.1]  # carried as it is


def test_bad_rows_keep_the_columns_that_can_be_read(tmp_path):
    file = tmp_path / "answers.jsonl"
    file.write_text(
        '{"id": 1, "confidence": 7, "correct": true}\nno JSON\n'
        '{"id": 3, "confidence": 0.9, "correct": 1}\n{"confidence": 0.9}\n{"id": 5, "confidence": 0.8}\n'
    )
    with pytest.warns(UserWarning, match="4 of 5 rows"):
        records = read_records(file, columns="id")
    assert [row.line for row in records.bad] == [1, 2, 4, 5]
    assert records.bad_columns["id"].tolist() == [1, None, None, 5]
    assert records.columns["id"].tolist() == [3]


def test_a_column_may_be_the_confidence_itself():
    # The number that is used, beside the text that was stated.
    records = read_records(
        [{"confidence": "95 %", "correct": 1}], columns=["confidence"], percent=True
    )
    assert records.confidence.tolist() == [0.95]
    assert records.columns["confidence"].tolist() == ["95 %"]


def test_a_column_that_some_records_lack_is_none_there():
    rows = [{"confidence": 1, "correct": 1}, {"confidence": 1, "correct": 1, "subject": "law"}]
    assert read_records(rows, columns=["subject"]).columns["subject"].tolist() == [None, "law"]


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_batches_do_not_show(monkeypatch, batch_rows):
    # "subject" occurs in the last batch only, bad rows in the first and in the last.
    rows = [5, *({"confidence": i / 8, "correct": i % 2} for i in range(8)), {"subject": "law"}]
    monkeypatch.setattr(_records, "_BATCH_ROWS", batch_rows)
    records = read_quietly(rows, columns=["subject"])
    assert records.confidence.tolist() == [i / 8 for i in range(8)]
    assert records.line.tolist() == list(range(2, 10))
    assert records.columns["subject"].tolist() == [None] * 8
    assert records.bad == (
        BadRow(1, "row is not a dict: 5"),
        BadRow(10, "confidence is missing and correct is missing"),
    )


def test_plain_sources_need_nothing_but_the_package(monkeypatch, tmp_path):
    for module in ("narwhals", "narwhals.stable.v2", "pandas", "pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    write_delimited(tmp_path / "answers.csv", ANSWERS)
    write_jsonl(tmp_path / "answers.parquet", ANSWERS)
    assert_answers(read_records(ANSWERS, columns=["subject"]))
    assert len(read_records(tmp_path / "answers.csv")) == 3
    for source in (pl.DataFrame(ANSWERS), tmp_path / "answers.parquet"):
        with pytest.raises(ImportError, match=r"sklearn-calib\[frames\]"):
            read_records(source)


# -- bad rows are counted and named -------------------------------------------------------------


def test_one_warning_counts_and_names_the_bad_rows():
    rows = [{"confidence": 0.5, "correct": 1} for _ in range(103)]
    rows[3] = {"correct": 1}
    rows[8] = {"confidence": 1.2, "correct": 1}
    rows[9] = {"confidence": 0.5, "correct": "maybe"}
    with pytest.warns(UserWarning, match="could not be used") as caught:
        records = read_records(rows)
    (warning,) = caught
    assert warning.filename == __file__  # it points to the call
    assert str(warning.message) == (
        "3 of 103 rows could not be used: row 4: confidence is missing; row 9: confidence 1.2 is "
        "outside [0, 1]; row 10: correct 'maybe' is not true/false, 0/1 or a quality in [0, 1]"
    )
    assert str(warning.message) == records.problem_summary()
    assert len(records) == 100


def test_no_bad_rows_no_warning():
    assert read_records(ANSWERS).problem_summary() == "all 3 rows could be used"


@pytest.mark.parametrize(
    ("limit", "ending"),
    [
        (0, "used: and 3 more"),
        (1, "used: line 2: a; and 2 more"),
        (2, "used: line 2: a; line 4: b; and 1 more"),
        (3, "used: line 2: a; line 4: b; line 5: c"),
        (9, "used: line 2: a; line 4: b; line 5: c"),
    ],
)
def test_summary_names_as_many_as_asked(limit, ending):
    bad = (BadRow(2, "a"), BadRow(4, "b"), BadRow(5, "c"))
    records = Records(np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.array([1, 3]), bad=bad)
    assert records.problem_summary(limit) == f"3 of 5 rows could not be {ending}"


def test_lines_of_jsonl_are_those_of_an_editor(tmp_path):
    path = tmp_path / "answers.jsonl"
    lines = [
        '{"confidence": 0.9, "correct": true}',
        "",
        "  \t",
        '{"confidence": 0.9, "correct": true',
        "[0.9, true]",
        '{"confidence": 0.9, "confidence": 0.8, "correct": true}',  # twice: the last one counts
        '{"confidence": NaN, "correct": Infinity}',
        '{"confidence": 0.1, "correct": "\u2028 yes"}',  # U+2028 ends no line
        "[" * 1_000_000,
        '{"confidence": ' + "9" * 5000 + ', "correct": 1}',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    records = read_quietly(path)
    assert records.line.tolist() == [1, 6, 8]
    assert records.confidence.tolist() == [0.9, 0.8, 0.1]
    reasons = dict(records.bad)
    assert reasons.keys() == {4, 5, 7, 9, 10}  # blank lines 2 and 3 are no rows
    assert reasons[4] == "line is not valid JSON: Expecting ',' delimiter (column 36)"
    assert reasons[5] == "line is not a JSON object: [0.9, True]"
    assert reasons[7] == (
        "confidence is NaN and correct inf is not true/false, 0/1 or a quality in [0, 1]"
    )
    assert reasons[9] == "line is not valid JSON: nested too deeply"
    assert "4300 digits" in reasons[10]  # Python's own limit for integers


def test_lines_of_csv_are_where_records_start(tmp_path):
    path = tmp_path / "answers.csv"
    lines = [
        "",
        " confidence ,correct,answer",  # spaces around a name do not belong to it
        '0.9,true,"two',  # line 3, a record of two lines
        'lines"',
        "",
        "0.8,no,",  # line 6
        "0.7,no",  # 7
        "0.6,no,a,b",  # 8
        ",,",  # 9: fields that are empty, no blank line
        '0.5,"no"t,a',  # 10
        "0.4,0.5,a",  # 11
        '0.3,no,"open',  # 12, never closed
        "0.2,no,a",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    records = read_quietly(path, columns=["answer"])
    assert records.line.tolist() == [3, 6, 11]
    assert records.confidence.tolist() == [0.9, 0.8, 0.4]
    assert records.columns["answer"].tolist() == ["two\nlines", None, "a"]
    assert records.bad == (
        BadRow(7, "too few fields: 2 instead of the 3 of the header"),
        BadRow(8, "too many fields: 4 instead of the 3 of the header"),
        BadRow(9, "confidence is missing and correct is missing"),
        BadRow(10, "line is not valid CSV: ',' expected after '\"'"),
        BadRow(12, "line is not valid CSV: unexpected end of data (up to line 13)"),
    )


def test_last_of_equal_csv_headers_counts(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("confidence,correct,confidence\n0.1,1,0.9\n")
    assert read_records(path).confidence.tolist() == [0.9]


def test_elements_of_json_that_are_no_objects(tmp_path):
    path = tmp_path / "answers.json"
    write_json(path, [3, ANSWERS[0], None])
    assert read_quietly(path).bad == (
        BadRow(1, "row is not an object: 3"),
        BadRow(3, "row is not an object: None"),
    )


# -- percent is told, never guessed -------------------------------------------------------------


@pytest.mark.parametrize("value", ["95%", 95])
def test_percentages_without_percent_are_bad_and_say_what_to_do(value):
    with pytest.raises(ValueError, match="percent=True"):
        read_records([{"confidence": value, "correct": 1}])


def test_percent():
    rows = [{"confidence": value, "correct": 1} for value in ("95%", "95 %", 95, 95.0, 0.95)]
    # 95 / 100 is exactly the float 0.95; without the sign as with it, 0.95 means 0.95 %.
    assert read_records(rows, percent=True).confidence.tolist() == [0.95] * 4 + [0.95 / 100]


@pytest.mark.parametrize(("values", "warned"), [([0.2, 1], True), ([0.2, 1.5, 2, 3], False)])
def test_percent_of_probabilities_is_noticed(values, warned):
    rows = [{"confidence": value, "correct": 1} for value in values]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_records(rows, percent=True)
    assert [warning.filename for warning in caught] == [__file__] * warned
    assert all("leave percent=False" in str(warning.message) for warning in caught)


def test_probabilities_among_percentages_are_noticed():
    """Read with percent=True, 0.9 beside "90%" would silently be 0.9 %; a few small ones may be meant."""
    values = [0.9, "90%", 0.8, 95]
    with pytest.warns(UserWarning, match=r"2 of 4 confidences .* at most 1 %.*parse_confidence"):
        read_records([{"confidence": value, "correct": 1} for value in values], percent=True)
    read_records([{"confidence": value, "correct": 1} for value in [0.5, 60, 70, 80]], percent=True)


# -- what is refused as a whole -----------------------------------------------------------------


@pytest.mark.parametrize("option", ["confidence", "correct", "columns"])
@every_suffix
def test_field_in_no_record_of_a_file(tmp_path, suffix, option):
    WRITERS[suffix](path := tmp_path / f"answers{suffix}", ANSWERS)
    with pytest.raises(ValueError, match=r"No record has a field 'subjekt'; did you mean 'subject"):
        read_records(path, **{option: "subjekt"})


@every_frame
def test_field_in_no_record_of_a_frame(frame):
    with pytest.raises(ValueError, match="The fields are: 'confidence', 'correct', 'subject'"):
        read_records(FRAMES[frame](with_one_type(ANSWERS)), correct="right")


def test_field_in_no_record_of_parquet(tmp_path):
    write_parquet(tmp_path / "answers.parquet", ANSWERS)
    with pytest.raises(ValueError, match="The fields are: 'confidence', 'correct', 'subject'"):
        read_records(tmp_path / "answers.parquet", correct="right")


@pytest.mark.parametrize("source", [[], iter(()), pd.DataFrame({"confidence": [], "correct": []})])
def test_no_rows(source):
    with pytest.raises(ValueError, match="No usable row: there are no rows"):
        read_records(source)


@pytest.mark.parametrize("text", ["", "\ufeff", "\n \n", "confidence,correct\n"])
def test_no_rows_in_a_file(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"No usable row in .*answers\.csv: there are no rows"):
        read_records(path)


def test_no_usable_row_says_why(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text("[\n{}\n]")  # a list over several lines is JSON, but no JSON lines
    with pytest.raises(ValueError, match=r"answers\.jsonl: 3 of 3 rows could not be used: line 1:"):
        read_records(path)


def test_unknown_suffix_names_the_known_ones():
    with pytest.raises(
        ValueError, match=r"\.jsonl, .*\.csv, \.tsv .*\.gz.*\.parquet; got 'a\.xls'"
    ):
        read_records("a.xls")


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv.gz", ".parquet"])
def test_missing_file_is_named(tmp_path, suffix):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_records(tmp_path / f"absent{suffix}")


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv"])
def test_text_that_is_not_utf8(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    path.write_text('{"confidence": 0.9}', encoding="utf-16")
    with pytest.raises(ValueError, match=r"answers.*is not UTF-8 text"):
        read_records(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-9],  # cut off
        lambda packed: b"plain text",
        lambda packed: packed[:10] + b"\xff" + packed[11:],  # a kind of block that is not defined
        lambda packed: packed[:-8] + bytes(8),  # a checksum that does not fit
    ],
)
def test_damaged_gzip(tmp_path, damage):
    path = tmp_path / "answers.jsonl.gz"
    path.write_bytes(damage(gzip.compress(json.dumps(ANSWERS[0]).encode())))
    with pytest.raises(OSError, match=r"answers\.jsonl\.gz is not a complete gzip file"):
        read_records(path)


def test_damaged_parquet(tmp_path):
    path = tmp_path / "answers.parquet"
    path.write_bytes(b"PAR1 and nothing")
    with pytest.raises(ValueError, match=r"answers\.parquet is not a readable Parquet file"):
        read_records(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"confidence": 1}\n{"confidence": 1}', r"Extra data: line 2 .*named \.jsonl"),
        ("[" * 1_000_000, "is not valid JSON"),
        ('{"confidence": 1}', "must hold a list of objects; it holds {'confidence': 1}"),
    ],
)
def test_json_that_is_no_list(tmp_path, text, complaint):
    path = tmp_path / "answers.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        read_records(path)


def test_csv_without_a_header(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text('"open')
    with pytest.raises(ValueError, match="has no header: line is not valid CSV"):
        read_records(path)


@pytest.mark.parametrize("source", [3, None, {"confidence": [0.9], "correct": [True]}])
def test_what_is_no_source(source):
    with pytest.raises(TypeError, match="iterable of dicts"):
        read_records(source)


@pytest.mark.parametrize(
    ("options", "error", "complaint"),
    [
        ({"confidence": 0}, TypeError, "name of a field must be a string; got 0"),
        ({"columns": ["subject", 1]}, TypeError, "name of a field must be a string; got 1"),
        ({"correct": "confidence"}, ValueError, "two fields; both are 'confidence'"),
        ({"percent": "yes"}, ValueError, "percent must be one of False, True; got 'yes'"),
    ],
)
def test_options_are_checked(options, error, complaint):
    with pytest.raises(error, match=complaint):
        read_records(ANSWERS, **options)


# -- Records ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcomes", "graded"), [([0, 1, True], False), ([0, 1, 0.5], True)])
def test_graded_if_any_outcome_is_in_between(outcomes, graded):
    records = read_records([{"confidence": 0.5, "correct": outcome} for outcome in outcomes])
    assert records.graded is graded


def test_records_are_frozen_and_show_their_size():
    records = read_records(ANSWERS, columns=["subject"])
    assert repr(records) == "Records(3 usable, 0 bad, columns=['subject'])"
    with pytest.raises(dataclasses.FrozenInstanceError):
        records.confidence = None


# -- whatever comes, every row is either usable or bad ------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
field_values = json_values | st.floats(0, 1) | st.sampled_from(["yes", "FALSE", "95%", "0.5"])
json_records = st.fixed_dictionaries({"confidence": field_values, "correct": field_values})
GOOD = {"confidence": 0.5, "correct": 1}
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_every_row_is_accounted_for(records, lines):
    told = sorted([*records.line.tolist(), *(row.line for row in records.bad)])
    assert told == list(lines)
    for values in (records.confidence, records.correct):
        assert np.all((values >= 0) & (values <= 1))
    assert all(row.reason and "\n" not in row.reason for row in records.bad)
    assert records.problem_summary().count("\n") == 0


@given(st.lists(json_values | json_records), st.booleans())
def test_any_values(rows, percent):
    records = read_quietly([GOOD, *rows], percent=percent, columns=["confidence"])
    assert_every_row_is_accounted_for(records, range(1, len(rows) + 2))
    assert len(records.columns["confidence"]) == len(records)


@in_one_folder
@given(st.lists(json_values | json_records))
def test_any_values_survive_a_file(tmp_path, rows):
    path = tmp_path / "answers.jsonl"
    write_jsonl(path, [GOOD, *rows])
    records, direct = read_quietly(path), read_quietly([GOOD, *rows])
    assert_every_row_is_accounted_for(records, range(1, len(rows) + 2))
    assert records.confidence.tolist() == direct.confidence.tolist()
    assert records.correct.tolist() == direct.correct.tolist()
    assert records.line.tolist() == direct.line.tolist()


@in_one_folder
@given(st.text())
def test_any_lines_of_jsonl(tmp_path, text):
    path = Path(tmp_path / "answers.jsonl")
    whole = json.dumps(GOOD) + "\n" + text
    path.write_bytes(whole.encode())
    filled = [line for line, one in enumerate(whole.split("\n"), start=1) if one.strip()]
    assert_every_row_is_accounted_for(read_quietly(path), filled)


@in_one_folder
@given(st.text(alphabet='01.9,"\n\r x%\0'))
def test_any_lines_of_csv(tmp_path, text):
    path = Path(tmp_path / "answers.csv")
    path.write_bytes(b"confidence,correct\n0.5,1\n" + text.encode())
    records = read_quietly(path)
    lines = [*records.line.tolist(), *(row.line for row in records.bad)]
    assert len(set(lines)) == len(lines)
    assert_every_row_is_accounted_for(records, sorted(lines))


@in_one_folder
@given(st.lists(st.tuples(field_values, field_values), min_size=1))
def test_csv_keeps_every_record(tmp_path, pairs):
    # The csv module writes what it is given, so a row that is written is a row that is read.
    path = Path(tmp_path / "answers.csv")
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows([("confidence", "correct"), (0.5, 1), *pairs])
    records = read_quietly(path)
    assert len(records) + len(records.bad) == 1 + len(pairs)


def test_answers_that_nobody_has_judged(tmp_path):
    rows = [{"confidence": 0.9, "id": "a"}, {"confidence": "80%"}, {"confidence": 0.7}]
    with pytest.warns(UserWarning, match="1 of 3 rows could not be used: row 2: confidence"):
        records = read_records(rows, correct=None, columns=["id"])
    np.testing.assert_array_equal(records.confidence, [0.9, 0.7])
    assert np.isnan(records.correct).all()
    assert records.columns["id"].tolist() == ["a", None]
    assert not records.graded
    for wrong in ({"confidence": None}, {"columns": [None]}):
        with pytest.raises(TypeError, match="name of a field must be a string; got None"):
            read_records(rows, **{"correct": None, **wrong})
