import json
import math

import numpy as np
import pytest

from sklearn_calib.llm import token_confidence

from .records import LOGPROBS, shapes

EXPECTED = {
    "geometric_mean": math.exp(-1.4 / 4),
    "mean": sum(map(math.exp, LOGPROBS)) / 4,
    "sequence": math.exp(-1.4),
    "minimum": math.exp(-0.7),
}
every_shape = pytest.mark.parametrize("record", shapes().values(), ids=shapes())


@every_shape
@pytest.mark.parametrize("method", EXPECTED)
def test_every_shape_has_the_same_confidence(record, method):
    stored = token_confidence([record], method=method)
    assert stored.reason[0] is None
    assert stored.confidence[0] == pytest.approx(EXPECTED[method])


@every_shape
def test_the_answer_is_found_in_the_tokens(record):
    # "Paris" is " Par" and "is": exp((-0.2 - 0.4) / 2)
    stored = token_confidence([record], answers=["Paris "])
    assert stored.confidence[0] == pytest.approx(math.exp(-0.3))


def test_the_last_occurrence_of_the_answer_counts():
    record = {"tokens": ["B", " or", " B", "."], "logprobs": [-3.0, -1.0, -0.5, -0.1]}
    assert token_confidence([record], answers=["B"]).confidence[0] == pytest.approx(math.exp(-0.5))


def test_rows_of_an_array_are_padded_with_nan():
    scores = np.array(
        [[-1.0, -3.0, np.nan], [-0.5, np.nan, np.nan], [np.nan] * 3], dtype=np.float32
    )
    stored = token_confidence(scores)
    np.testing.assert_allclose(stored.confidence, [math.exp(-2), math.exp(-0.5), np.nan])
    assert stored.reason.tolist() == [None, None, "no tokens"]


def test_columns_of_data_frames():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    records = [json.dumps(shapes()["openai logprobs"]), None]
    for column in (pd.Series(records, index=[7, 8]), pl.Series(records)):
        stored = token_confidence(column, method="minimum", answers=column)
        assert stored.reason.tolist() == [stored.reason[0], "missing"]
        stored = token_confidence(column, method="minimum")
        np.testing.assert_allclose(stored.confidence, [math.exp(-0.7), np.nan])


def test_why_an_answer_is_not_found():
    record, scores = shapes()["scores"], [-0.1, -0.2]
    stored = token_confidence([record, record, scores], answers=["London", None, "Paris"])
    assert stored.reason.tolist() == [
        "the answer is not in the response: London",
        "no answer",
        "tokens without text, among which an answer cannot be found",
    ]


def test_parameters():
    with pytest.raises(ValueError, match="method must be one of 'geometric_mean'"):
        token_confidence([], method="max")
    with pytest.raises(TypeError, match="records must be a column"):
        token_confidence({"logprobs": [-0.1]})
    with pytest.raises(TypeError, match="answers must be a column"):
        token_confidence([[-0.1]], answers="B")
    with pytest.raises(ValueError, match="records has 1, answers has 2"):
        token_confidence([[-0.1]], answers=["A", "B"])
