"""None, NaN, NaT and NA are no values; zeros, empty lists and False are."""

import numpy as np
import pandas as pd
import pytest

from sklearn_calib._missing import is_missing, is_missing_or_blank

NOTHING = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")]
SOMETHING = [
    0,
    0.0,
    False,
    np.bool_(False),
    np.inf,
    "nan",
    b"",
    True,
    np.True_,
    (),
    [np.nan],
    {},
    np.array([np.nan]),
    pd.Timestamp(0),
]


@pytest.mark.parametrize("value", NOTHING, ids=repr)
def test_nothing(value):
    assert is_missing(value)
    assert is_missing_or_blank(value)


@pytest.mark.parametrize("value", SOMETHING, ids=repr)
def test_something(value):
    assert not is_missing(value)
    assert not is_missing_or_blank(value)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0"])
def test_blank_text_is_a_value_unless_it_is_asked_for(text):
    assert not is_missing(text)
    assert is_missing_or_blank(text)
