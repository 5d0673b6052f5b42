"""What is read from a column of stored records, and why where there is nothing to read."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class StoredConfidence(NamedTuple):
    """Confidences of shape (n,) in [0, 1] or NaN, and for each NaN the reason, else None."""

    confidence: np.ndarray
    reason: np.ndarray


class UnreadableError(Exception):
    """Why a record gives no number."""


def read_column(records, name, read):
    """Apply `read` to each record: a list of results, None where it is unreadable, and the reasons."""
    results, reasons = [], []
    for record in column_values(records, name):
        try:
            result, reason = read(record), None
        except UnreadableError as error:
            result, reason = None, str(error)
        results.append(result)
        reasons.append(reason)
    return results, np.fromiter(reasons, dtype=object, count=len(reasons))


def confidence_column(records, name, read):
    """Apply `read`, which returns a number, to each record."""
    results, reason = read_column(records, name, read)
    numbers_ = [math.nan if result is None else result for result in results]
    return StoredConfidence(np.clip(np.array(numbers_, dtype=np.float64), 0, 1), reason)


def column_values(values, name):
    """Values of a list, array or Series of pandas or polars, as a list of Python objects."""
    for method in ("to_list", "tolist"):
        if hasattr(values, method):
            return list(getattr(values, method)())
    if isinstance(values, (str, bytes, dict)) or not isinstance(values, Sequence):
        raise TypeError(
            f"{name} must be a column of records: a list, an array or a Series; got "
            f"{type(values).__name__}."
        )
    return list(values)


def shorten(text, length=40):
    """Text on one line, cut where it is long."""
    text = " ".join(str(text).split())
    return text if len(text) <= length else f"{text[: length - 3]}..."
