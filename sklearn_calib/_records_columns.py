"""From the raw values of one field to numbers, and to a reason for each value that is none."""

import difflib
import math
import numbers
from decimal import Decimal
from functools import partial
from types import NoneType
from typing import NamedTuple

import numpy as np

from sklearn_calib._optional import import_optional

_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
# A reason quotes the value it is about; a stray paragraph must not drown the sentence.
_LONGEST_QUOTE = 60
# From here to 100, a confidence outside [0, 1] was probably stated in percent; 1.2 was not.
_LEAST_LIKELY_PERCENT = 2
# An error about a field name lists what there is, up to a readable number.
_MOST_FIELDS_LISTED = 20


class ParsedColumn(NamedTuple):
    """Numbers in [0, 1], and position -> reason for the values that gave none."""

    numbers: np.ndarray
    problems: dict[int, str]


def parse_confidence(values, name, *, percent):
    """Return the confidences stated in `values`, a list or an array, as a `ParsedColumn`."""
    top = 100 if percent else 1
    number_of = partial(_stated_number, percent=percent)
    stated = _to_numbers(values, number_of, bools=False)
    problems = {
        int(i): f"{name} {_confidence_problem(values[i], number_of, top)}"
        for i in _outside(stated, top)
    }
    return ParsedColumn(stated / top, problems)


def parse_correct(values, name):
    """Return the outcomes told by `values`, a list or an array, as a `ParsedColumn`."""
    outcome = _to_numbers(values, _outcome_number, bools=True)
    problems = {int(i): f"{name} {_correct_problem(values[i])}" for i in _outside(outcome, 1)}
    return ParsedColumn(outcome, problems)


def carry(values):
    """Return `values` as they are in an object array, None for those that are missing."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    told = (None if is_missing(value) else value for value in values)
    return np.fromiter(told, dtype=object, count=len(values))


def is_missing(value):
    """Tell whether there is nothing: None, or text that is empty or blank."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def quote(value):
    """Return a short text of one line that shows `value`, whatever it is."""
    try:
        text = repr(_unwrap(value))
    except Exception:  # repr runs code of the value; integers beyond 4300 digits have none
        text = f"of type {type(value).__name__}"
    return _shorten(" ".join(text.split()))


def _shorten(text):
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."


def is_frame(source):
    """Tell whether `source` is a data frame; asks its class only, so that nothing is computed."""
    return hasattr(type(source), "columns")


def frame_columns(source, names):
    """Return the columns `names` of a data frame: arrays, or lists with None for missing."""
    nw = import_optional("narwhals.stable.v2", extra="frames")
    frame = nw.from_native(source)
    require_fields(names, frame.collect_schema().names())
    chosen = frame.select(list(dict.fromkeys(names)))
    if isinstance(chosen, nw.LazyFrame):
        chosen = chosen.collect()
    return {name: _series_values(chosen[name]) for name in names}


def _series_values(series):
    if series.null_count() == 0:
        values = series.to_numpy()
        if values.dtype.kind in "biuf":
            return values
    nulls = series.is_null().to_list()
    pairs = zip(series.to_list(), nulls, strict=True)
    return [None if null else value for value, null in pairs]


def require_fields(names, present):
    """Raise for the first of `names` that is not `present`, with the ones that are."""
    for name in names:
        if name not in present:
            raise ValueError(_unknown_field(name, sorted(map(str, present))))


def _unknown_field(name, present):
    by_key = {option.casefold().strip(): option for option in present}
    near = difflib.get_close_matches(name.casefold().strip(), by_key, n=1)
    hint = f"; did you mean {by_key[near[0]]!r}?" if near else "."
    listed = ", ".join(map(repr, present[:_MOST_FIELDS_LISTED])) or "none"
    rest = len(present) - _MOST_FIELDS_LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return f"No record has a field {name!r}{hint} The fields are: {listed}{more}."


def _to_numbers(values, number_of, *, bools):
    """Return float64, NaN where `number_of` knows no number."""
    result = _to_numbers_at_once(values, bools=bools)
    if result is None:
        result = np.array([number_of(value) for value in values], dtype=np.float64)
    return result


def _to_numbers_at_once(values, *, bools):
    """Return float64 if every value is plainly a number or None, else None."""
    if isinstance(values, np.ndarray):
        kinds = "fiub" if bools else "fiu"
        return values.astype(np.float64) if values.dtype.kind in kinds else None
    types = {float, int, NoneType, bool} if bools else {float, int, NoneType}
    if not types.issuperset(map(type, values)):
        return None
    try:
        return np.array(values, dtype=np.float64)  # None becomes NaN
    except OverflowError:  # an integer above the largest float
        return None


def _outside(stated, top):
    return np.flatnonzero(~((stated >= 0) & (stated <= top)))


def _stated_number(value, *, percent):
    """Return the number stated, None if it is none; a "%" is read in percent only."""
    value = _unwrap(value)
    if not isinstance(value, str):
        return _real_number(value)
    text = value.strip()
    return _text_number(text.removesuffix("%") if percent else text)


def _outcome_number(value):
    """Return what `value` says about the answer as a number, None if it says nothing."""
    value = _unwrap(value)
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return _real_number(value)
    text = value.strip().lower()
    return _WORDS[text] if text in _WORDS else _text_number(text)


def _unwrap(value):
    return value.item() if isinstance(value, np.generic) else value


def _real_number(value):
    if isinstance(value, bool) or not isinstance(value, (numbers.Real, Decimal)):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer above the largest float; outside, whatever its sign
        return math.inf
    except ValueError:  # the signalling NaN of Decimal
        return math.nan


def _text_number(text):
    if "_" in text:  # float() reads "0_9" as Python source does
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _confidence_problem(value, number_of, top):
    number = number_of(value)
    if is_missing(value):
        return "is missing"
    if number is None:
        return _not_a_number(value)
    if math.isnan(number):
        return "is NaN"
    shown = _shorten(value.strip()) if isinstance(value, str) else quote(value)
    likely_percent = top == 1 and _LEAST_LIKELY_PERCENT <= number <= 100
    hint = " (percentages need percent=True)" if likely_percent else ""
    return f"{shown} is outside [0, {top}]{hint}"


def _not_a_number(value):
    percentage = isinstance(value, str) and _stated_number(value, percent=True) is not None
    what = "a percentage, which needs percent=True" if percentage else "not a number"
    return f"{quote(value)} is {what}"


def _correct_problem(value):
    number = _outcome_number(value)
    if is_missing(value):
        return "is missing"
    if number is not None and math.isnan(number):
        return "is NaN"
    return f"{quote(value)} is not true/false, 0/1 or a quality in [0, 1]"
