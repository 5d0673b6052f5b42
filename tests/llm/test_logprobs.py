import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib.llm import option_logits, p_know, p_true, token_confidence

METHODS = ["geometric_mean", "mean", "sequence", "minimum"]

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


def test_rounding_above_zero_and_impossible_tokens():
    np.testing.assert_array_equal(
        token_confidence([[0.001, 0.0], [-9999.0], [-math.inf, 0.0]], method="sequence").confidence,
        [1, 0, 0],
    )


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
        *(token_confidence(records, method=method) for method in METHODS),
        token_confidence(records, answers=answers),
        p_true(records),
        p_know(records, position="last"),
    ):
        nothing = np.isnan(stored.confidence)
        assert np.all((stored.confidence[~nothing] >= 0) & (stored.confidence[~nothing] <= 1))
        assert [r is not None for r in stored.reason] == nothing.tolist()
