import math

import numpy as np
import pytest

from sklearn_calib.llm import parse_confidence


@pytest.mark.parametrize("value", [None, math.nan, True, b"0.9", ["0.9"], {"p": 0.9}, math.inf])
def test_what_is_no_text(value):
    stated = parse_confidence([value])
    assert math.isnan(stated.confidence[0])
    assert stated.reason[0]


def test_columns_of_any_kind():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    texts = ["95%", None, "unclear"]
    for column in (texts, tuple(texts), np.array(texts, object), pd.Series(texts, index=[5, 6, 7])):
        stated = parse_confidence(column)
        np.testing.assert_array_equal(stated.confidence, [0.95, np.nan, np.nan])
        assert stated.reason.tolist() == [None, "missing", "no confidence found"]
    np.testing.assert_array_equal(parse_confidence(pl.Series(texts)).confidence[:1], [0.95])
    na = parse_confidence(pd.Series(["95%", pd.NA], dtype="string"))
    assert na.reason.tolist() == [None, "missing"]
    assert parse_confidence([]).confidence.shape == (0,)


@pytest.mark.parametrize("texts", ["95%", b"95%", {"a": 1}, None, 0.9])
def test_what_is_no_column(texts):
    with pytest.raises(TypeError, match="texts must be a column"):
        parse_confidence(texts)
