import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib.llm import option_logits, p_know, p_true, token_confidence

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


UNREADABLE = {
    "nothing": (None, "missing"),
    "blank": (" ", "missing"),
    "text": ("Paris", "not JSON: Paris"),
    "number": (3, "no log-probabilities in int"),
    "JSON number": ("3", "no log-probabilities in int"),
    "empty": ([], "no tokens"),
    "no logprobs": ({"choices": [{"message": {"content": "hi"}, "logprobs": None}]}, "no log-prob"),
    "probabilities": ([0.5, 0.9], "a log-probability is above 0: 0.5"),
    "no number": ([{"token": "a", "logprob": "-1"}], "a log-probability is -1"),
    "a bool": ([{"token": "a", "logprob": True}], "a log-probability is True"),
    "no logprob": ([{"token": "a"}], "a token has no logprob but"),
    "one position": ({"A": -0.1, "B": -3.0}, "alternatives of one position"),
}


@pytest.mark.parametrize(("record", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_why_a_record_is_unreadable(record, reason):
    stored = token_confidence([record])
    assert math.isnan(stored.confidence[0])
    assert stored.reason[0].startswith(reason)


def test_why_an_answer_is_not_found():
    record, scores = shapes()["scores"], [-0.1, -0.2]
    stored = token_confidence([record, record, scores], answers=["London", None, "Paris"])
    assert stored.reason.tolist() == [
        "the answer is not in the response: London",
        "no answer",
        "tokens without text, among which an answer cannot be found",
    ]


def test_rounding_above_zero_and_impossible_tokens():
    np.testing.assert_array_equal(
        token_confidence([[0.001, 0.0], [-9999.0], [-math.inf, 0.0]], method="sequence").confidence,
        [1, 0, 0],
    )


def test_parameters():
    with pytest.raises(ValueError, match="method must be one of 'geometric_mean'"):
        token_confidence([], method="max")
    with pytest.raises(TypeError, match="records must be a column"):
        token_confidence({"logprobs": [-0.1]})
    with pytest.raises(TypeError, match="answers must be a column"):
        token_confidence([[-0.1]], answers="B")
    with pytest.raises(ValueError, match="records has 1, answers has 2"):
        token_confidence([[-0.1]], answers=["A", "B"])


KEYS = (
    "choices outputs output message details content logprobs tokens token logprob top_logprobs text"
)
KEYS = [*KEYS.split(), "token_logprobs", "token_ids", "decoded_token", "A", "true", "no", "special"]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 1),
    st.floats(),
    st.sampled_from(["A", "true", " no", "\u2581B", ""]),
)
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(NESTED, NESTED.map(json.dumps), st.text(max_size=20)), max_size=3))
def test_arbitrary_records_never_raise_and_never_leave_the_unit_interval(records):
    answers = ["A"] * len(records)
    options = option_logits(records, ["A", "B"])
    nothing = np.isnan(options.logits)
    assert nothing.any(axis=1).tolist() == nothing.all(axis=1).tolist()
    assert np.all(options.logits[~nothing] <= 0)
    assert np.isfinite(options.logits[~nothing]).all()
    for stored in (
        *(token_confidence(records, method=method) for method in EXPECTED),
        token_confidence(records, answers=answers),
        p_true(records),
        p_know(records, position="last"),
    ):
        nothing = np.isnan(stored.confidence)
        assert np.all((stored.confidence[~nothing] >= 0) & (stored.confidence[~nothing] <= 1))
        assert [r is not None for r in stored.reason] == nothing.tolist()
