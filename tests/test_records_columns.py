import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_calib._records_columns import (
    carry,
    frame_columns,
    is_frame,
    parse_confidence,
    parse_correct,
    quote,
    require_fields,
)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.floats(0, 1).map(str)
)


def problem_of(value, **options):
    """Return the reason why one confidence is bad, by itself; None if it is usable."""
    return parse_confidence([value], "confidence", **options).problems.get(0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0.0),  # both ends of [0, 1] belong to it
        (1, 1.0),
        (0.3, 0.3),
        ("0.3", 0.3),  # the float nearest to the text, not 0.1 + 0.2
        (" .5\t", 0.5),
        ("9e-1", 0.9),
        (np.float64(0.95), 0.95),
        (np.float32(0.5), 0.5),  # a power of two has no rounding in float32
        (np.int64(1), 1.0),
        (np.str_("0.25"), 0.25),
        (Decimal("0.1"), 0.1),
        (Fraction(1, 4), 0.25),
        (5e-324, 5e-324),  # the smallest float is no zero
    ],
)
def test_confidence_is_taken_exactly(value, expected):
    parsed = parse_confidence([value], "confidence", percent=False)
    assert parsed.problems == {}
    assert parsed.numbers.tolist() == [expected]


@pytest.mark.parametrize("value", [95, 95.0, "95", "95%", "95 %", " 95.0 % ", Decimal(95)])
def test_every_way_to_write_percent_gives_the_same_float(value):
    # 95 / 100 is correctly rounded, hence the float that the text 0.95 means; 95 * 0.01 is not.
    assert 95 * 0.01 != 0.95
    parsed = parse_confidence([value], "confidence", percent=True)
    assert parsed.numbers.tolist() == [0.95]


@pytest.mark.parametrize("percent", range(101))
def test_whole_percents_are_the_floats_of_their_decimal_text(percent):
    parsed = parse_confidence([percent], "confidence", percent=True)
    assert parsed.numbers[0] == float(f"{percent // 100}.{percent % 100:02}")


def test_in_percent_a_fraction_is_a_fraction_of_a_percent():
    assert parse_confidence([0.95], "confidence", percent=True).numbers[0] == 0.95 / 100


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "confidence is missing"),
        ("", "confidence is missing"),
        (" ", "confidence is missing"),
        (math.nan, "confidence is NaN"),
        ("nan", "confidence is NaN"),
        (Decimal("sNaN"), "confidence is NaN"),
        (1.2, "confidence 1.2 is outside [0, 1]"),
        ("1.2", "confidence 1.2 is outside [0, 1]"),  # a number, so no quotation marks
        (np.float64(1.2), "confidence 1.2 is outside [0, 1]"),  # not np.float64(1.2)
        (-0.1, "confidence -0.1 is outside [0, 1]"),
        (math.inf, "confidence inf is outside [0, 1]"),
        (95, "confidence 95 is outside [0, 1] (percentages need percent=True)"),
        (101, "confidence 101 is outside [0, 1]"),  # no percentage either
        ("95 %", "confidence '95 %' is a percentage, which needs percent=True"),
        ("%", "confidence '%' is not a number"),
        ("high", "confidence 'high' is not a number"),
        ("0_9", "confidence '0_9' is not a number"),  # although Python's float reads 9
        ("0,9", "confidence '0,9' is not a number"),
        (True, "confidence True is not a number"),
        (np.True_, "confidence True is not a number"),
        ([0.9], "confidence [0.9] is not a number"),
        (0.5 + 0j, "confidence (0.5+0j) is not a number"),
        (pd.NA, "confidence <NA> is not a number"),
    ],
)
def test_bad_confidence_says_why(value, reason):
    assert problem_of(value, percent=False) == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("120%", "confidence 120% is outside [0, 100]"),
        (-1, "confidence -1 is outside [0, 100]"),
        ("95%%", "confidence '95%%' is not a number"),
        (None, "confidence is missing"),
    ],
)
def test_bad_percentage_says_why(value, reason):
    assert problem_of(value, percent=True) == reason


@pytest.mark.parametrize("sign", [1, -1])
def test_integers_beyond_the_floats_are_outside(sign):
    # 10**400 has no float (the largest is about 1.8e308), and beyond 4300 digits no decimal text.
    assert problem_of(sign * 10**400, percent=False).endswith("... is outside [0, 1]")
    assert problem_of(sign * 10**5000, percent=False) == "confidence of type int is outside [0, 1]"


def test_a_long_number_does_not_drown_the_sentence():
    reason = problem_of("9" * 1000, percent=False)
    assert reason == f"confidence {'9' * 57}... is outside [0, 1]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, 1.0),
        (False, 0.0),
        (np.True_, 1.0),
        (1, 1.0),
        (0.0, 0.0),
        (0.25, 0.25),
        ("true", 1.0),
        (" False ", 0.0),
        ("YES", 1.0),
        ("no", 0.0),
        ("1", 1.0),
        ("0.0", 0.0),
        ("0.5", 0.5),
        (Decimal("0.1"), 0.1),
    ],
)
def test_correct_is_a_truth_or_a_quality(value, expected):
    parsed = parse_correct([value], "correct")
    assert parsed.problems == {}
    assert parsed.numbers.tolist() == [expected]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "correct is missing"),
        ("", "correct is missing"),
        (math.nan, "correct is NaN"),
        ("maybe", "correct 'maybe' is not true/false, 0/1 or a quality in [0, 1]"),
        (2, "correct 2 is not true/false, 0/1 or a quality in [0, 1]"),
        (-0.5, "correct -0.5 is not true/false, 0/1 or a quality in [0, 1]"),
        ("50%", "correct '50%' is not true/false, 0/1 or a quality in [0, 1]"),
        ({}, "correct {} is not true/false, 0/1 or a quality in [0, 1]"),
    ],
)
def test_bad_correct_says_why(value, reason):
    assert parse_correct([value], "correct").problems == {0: reason}


def test_reasons_name_the_field_as_the_user_does():
    assert parse_confidence([None], "p", percent=False).problems == {0: "p is missing"}
    assert parse_correct([None], "ok").problems == {0: "ok is missing"}


@given(st.lists(scalars), st.booleans())
def test_a_value_is_read_alone_as_it_is_in_company(values, percent):
    # Plain numbers are converted all at once, one odd value among them sends all the slow way.
    together = parse_confidence(values, "confidence", percent=percent)
    odd = parse_confidence([*values, Decimal("0.5")], "confidence", percent=percent)
    alone = [parse_confidence([value], "confidence", percent=percent) for value in values]
    assert together.problems == {i: one.problems[0] for i, one in enumerate(alone) if one.problems}
    assert odd.problems == together.problems
    assert np.array_equal(odd.numbers[:-1], together.numbers, equal_nan=True)
    assert np.array_equal(
        together.numbers, np.array([one.numbers[0] for one in alone]), equal_nan=True
    )


@given(st.lists(scalars))
def test_numbers_are_in_range_wherever_there_is_no_problem(values):
    for parsed in (
        parse_confidence(values, "confidence", percent=False),
        parse_confidence(values, "confidence", percent=True),
        parse_correct(values, "correct"),
    ):
        usable = np.delete(parsed.numbers, list(parsed.problems))
        assert np.all((usable >= 0) & (usable <= 1))
        assert parsed.numbers.shape == (len(values),)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint64"])
def test_arrays_and_lists_are_read_alike(dtype):
    array = np.array([0, 1, 2]).astype(dtype)
    for values in (array, array.tolist()):
        parsed = parse_confidence(values, "confidence", percent=False)
        assert parsed.numbers[:2].tolist() == [0.0, 1.0]
        assert list(parsed.problems) == [2]


def test_boolean_array_is_an_outcome_and_no_confidence():
    answers = np.array([True, False])
    assert parse_correct(answers, "correct").numbers.tolist() == [1.0, 0.0]
    assert list(parse_confidence(answers, "confidence", percent=False).problems) == [0, 1]


def test_carry_keeps_values_as_they_are():
    values = ["law", 3, [1, 2], [3, 4], None, "", " "]
    carried = carry(values)
    assert carried.dtype == object
    assert carried.shape == (7,)  # lists of one length do not become a second dimension
    assert carried.tolist() == ["law", 3, [1, 2], [3, 4], None, None, None]


def test_carry_gives_python_numbers_for_an_array():
    assert [type(value) for value in carry(np.array([1, 2]))] == [int, int]


class Unshowable:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        (np.float32(0.5), "0.5"),
        (np.array([1, 2]), "array([1, 2])"),
        (np.zeros((2, 1)), "array([[0.], [0.]])"),  # two lines in numpy's own words
        ("x" * 100, "'" + "x" * 56 + "..."),  # 60 characters with the mark of omission
        (Unshowable(), "of type Unshowable"),
    ],
)
def test_quote_is_short_and_of_one_line(value, text):
    assert quote(value) == text


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("confidense", "confidence"),
        ("CONFIDENCE", "confidence"),
        ("corect", "Correct "),
        ("subject", None),
    ],
)
def test_unknown_field_suggests_what_was_meant(name, meant):
    with pytest.raises(ValueError, match=f"No record has a field '{name}'") as caught:
        require_fields([name], {"confidence", "Correct "})
    told = str(caught.value)
    assert told.endswith("The fields are: 'Correct ', 'confidence'.")
    assert (f"did you mean {meant!r}?" in told) == (meant is not None)
    assert ("did you mean" in told) == (meant is not None)


def test_unknown_field_lists_a_readable_number():
    with pytest.raises(ValueError, match=r"The fields are: 'f100', .*, 'f119' and 5 more\.$"):
        require_fields(["x"], [f"f{i}" for i in range(100, 125)])
    with pytest.raises(ValueError, match=r"The fields are: none\.$"):
        require_fields(["x"], [])


def test_null_of_a_frame_is_missing_and_nan_of_polars_is_nan():
    # pandas marks what is missing in a float column with NaN; polars and arrow tell them apart.
    values = {"p": [0.5, None, math.nan]}
    reasons = {}
    for name, frame in (
        ("pandas", pd.DataFrame(values)),
        ("polars", pl.DataFrame(values, strict=False)),
        ("pyarrow", pa.table(values)),
    ):
        column = frame_columns(frame, ["p"])["p"]
        reasons[name] = list(parse_confidence(column, "p", percent=False).problems.values())
    assert reasons == {
        "pandas": ["p is missing", "p is missing"],
        "polars": ["p is missing", "p is NaN"],
        "pyarrow": ["p is missing", "p is NaN"],
    }


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, None], dtype="Int64"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series(["yes", None]),
        pd.Series(["yes", None], dtype="category"),
        pd.Series(["yes", math.nan], dtype=object),
    ],
)
def test_every_missing_value_of_pandas_is_missing(column):
    values = frame_columns(pd.DataFrame({"ok": column}), ["ok"])["ok"]
    parsed = parse_correct(values, "ok")
    assert parsed.numbers[0] == 1
    assert parsed.problems == {1: "ok is missing"}
    assert carry(values)[1] is None


def test_plain_columns_are_arrays_without_a_detour():
    columns = frame_columns(pl.DataFrame({"p": [0.5], "n": [1], "b": [True], "t": ["x"]}), "pnbt")
    assert [type(columns[name]) for name in "pnbt"] == [np.ndarray] * 3 + [list]


def test_decimal_columns_are_numbers():
    column = pa.array([Decimal("0.95")], type=pa.decimal128(3, 2))
    values = frame_columns(pa.table({"p": column}), ["p"])["p"]
    assert parse_confidence(values, "p", percent=False).numbers.tolist() == [0.95]


def test_asking_for_a_frame_computes_nothing():
    # `.columns` of a lazy frame warns that it resolves the schema; warnings are errors here.
    assert is_frame(pl.LazyFrame({"p": [0.5]}))
    assert not any(map(is_frame, ([], {}, "text", pd.Series([0.5]), np.zeros(1))))
