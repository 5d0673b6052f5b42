import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib.llm import parse_confidence

STATED = {
    0.95: [
        "95%",
        "95 %",
        "95 percent",
        "95 per cent",
        "ninety-five percent",
        "Ninety five percent",
        "0.95",
        ".95",
        "0,95",
        "0.95.",
        "(0.95)",
        "95",
        "Confidence: 95",
        "Confidence:\n\n95%",
        "**Confidence**: 0.95",
        '{"answer": "42", "confidence": 0.95}',
        '{"confidence": 95, "answer": 12}',
        "Answer: B, Confidence: 95%",
        "My confidence in this answer is about 95%.",
        "The probability that this is right is 0.95",
        "Confidence (0-100): 95",
        "Confidence (0-1): 0.95",
        "On a scale from 0 to 100, I'd say 95.",
        "95/100",
        "95 out of 100",
        "19 in 20",
        "95% (very confident)",
        "I am 95% confident that 50% of people agree",
        "GPT-4 - 95%",
        "\uff19\uff15\uff05",  # full width
        "95\u00a0%",
    ],
    0.8: [
        "I'm 80 % sure",
        "i am 80% certain",
        "80 percent likely",
        "Confidence (1-10): 8",
        "4/5",
        "8 in 10",
    ],
    0.9: [
        "nine out of ten",
        "9/10",
        "9 out of 10",
        "nine in ten",
        "ninety percent",
        "9/10 confident",
    ],
    0.85: [
        "80-90%",
        "80 - 90 %",
        "80% to 90%",
        "between 80 and 90 percent",
        "80\u201390%",
        "0.8-0.9",
    ],
    0.5: ["50/50", "50-50", "fifty-fifty", "\u00bd", "even odds", "a coin flip"],
    1.0: ["100%", "1.0", "1", "one hundred percent", "a hundred percent", "10/10", "Confidence: 1"],
    0.0: ["0%", "0", "0.0", "zero percent"],
    0.001: ["1e-3", "0.1%"],
}


@pytest.mark.parametrize(
    ("text", "value"), [(text, value) for value, texts in STATED.items() for text in texts]
)
def test_stated_confidence(text, value):
    stated = parse_confidence([text])
    assert stated.confidence[0] == pytest.approx(value, abs=1e-12), stated.reason
    assert stated.reason[0] is None


NOT_STATED = {
    "": "missing",
    "  \n": "missing",
    "Paris": "no confidence found",
    "The answer is 42.": "no confidence found",
    "It happened on 3/4/2024": "no confidence found",
    "the 95th percentile": "no confidence found",
    "up by 5 percentage points": "no confidence found",
    "Sure, here is the answer": "no confidence found",
    "8": "8 may be per cent or out of 10",
    "Confidence: 7": "7 may be per cent or out of 10",
    "120%": "120% is outside",
    "-5%": "-5% is outside",
    "\u22125%": "-5% is outside",
    "11/10": "11/10 is outside",
    "1/0": "1/0 is outside",
    "I'm not 100% sure": "100% is negated",
    "I wouldn't say 90%": "90% is negated",
    "There is a 10% chance I'm wrong": "10% may be the probability of being wrong",
    "20% uncertain": "20% may be the probability of being wrong",
    "I was 50% sure, now I'm 90% sure": "several: 50%, 90%",
    "not likely": "likely is negated",
}


@pytest.mark.parametrize(("text", "reason"), NOT_STATED.items())
def test_what_is_not_certain_is_nan_with_the_reason(text, reason):
    stated = parse_confidence([text])
    assert math.isnan(stated.confidence[0])
    assert stated.reason[0].startswith(reason)


def test_numbers_are_taken_as_their_text():
    stated = parse_confidence([0.95, 95, 1e-7, np.float32(0.5), np.int64(1), 120])
    np.testing.assert_array_equal(stated.confidence, [0.95, 0.95, 1e-7, 0.5, 1, np.nan])


def test_own_phrases_replace_those_of_the_package():
    texts = ["I bet my house on it", "very likely", "high"]
    own = parse_confidence(texts, words={"Bet my house": 0.97})
    np.testing.assert_array_equal(own.confidence, [0.97, np.nan, np.nan])
    assert np.isnan(parse_confidence(texts, words={}).confidence).all()


def test_figures_come_before_phrases():
    assert parse_confidence(["Probably, say 85%"]).confidence[0] == 0.85


def test_scale_of_bare_numbers():
    np.testing.assert_allclose(parse_confidence(["8", "80%"], scale=10).confidence, [0.8, 0.8])
    np.testing.assert_allclose(parse_confidence(["1", "85"], scale=100).confidence, [0.01, 0.85])


def test_several_statements():
    texts = ["I was 50% sure, now I'm 90% sure", "first 0.2, then 0.4"]
    np.testing.assert_array_equal(parse_confidence(texts, several="first").confidence, [0.5, 0.2])
    np.testing.assert_array_equal(parse_confidence(texts, several="last").confidence, [0.9, 0.4])
    # the same number twice is one statement
    assert parse_confidence(["90% sure, yes, 90% sure"]).confidence[0] == 0.9


@pytest.mark.parametrize("scale", [0, -1, math.inf, math.nan, "100", True])
def test_scale_must_be_positive(scale):
    with pytest.raises((TypeError, ValueError), match=r"scale must be .*in \(0, inf\)"):
        parse_confidence(["1"], scale=scale)


def test_words_must_map_to_probabilities():
    with pytest.raises(ValueError, match=r"words must map phrases to \[0, 1\]; 'sure' has 2"):
        parse_confidence(["1"], words={"sure": 2})
    for words in ({1: 0.5}, {" ": 0.5}):
        with pytest.raises(TypeError, match="words must map phrases, which are text; got"):
            parse_confidence(["1"], words=words)
    with pytest.raises(
        TypeError, match="words must be a dict of phrases and probabilities; got 's"
    ):
        parse_confidence(["1"], words="sure")


def test_several_must_be_known():
    with pytest.raises(ValueError, match="several must be one of"):
        parse_confidence(["1"], several="mean")


PIECES = st.sampled_from(
    [
        *"0123456789%.,-/() \n'",
        "sure",
        "not ",
        "out of",
        " in ",
        "confidence",
        "percent",
        "ten",
        "fifty",
    ]
    + [
        "between ",
        " and ",
        " to ",
        "likely",
        "high",
        "1e",
        "e9",
        "\u2013",
        "\u00bd",
        "a hundred",
        "wrong",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=12).map("".join)), max_size=4
    )
)
def test_arbitrary_text_never_raises_and_never_leaves_the_unit_interval(texts):
    for scale in (None, 10):
        stated = parse_confidence(texts, scale=scale)
        nothing = np.isnan(stated.confidence)
        assert np.all((stated.confidence[~nothing] >= 0) & (stated.confidence[~nothing] <= 1))
        assert [r is not None for r in stated.reason] == nothing.tolist()


def test_long_text_takes_no_time():
    for text in (
        "9" * 100_000 + "%",
        "1," * 50_000,
        "a " * 50_000,
        "not " * 20_000 + "90%",
        "-" * 50_000,
    ):
        parse_confidence([text])


@given(st.integers(0, 1000))
def test_every_percentage_is_read_back(permille):
    texts = [
        f"{permille / 10}%",
        f"I am {permille / 10:.1f} % confident.",
        f"confidence: {permille / 1000:.4f}",
    ]
    np.testing.assert_allclose(parse_confidence(texts).confidence, permille / 1000, atol=1e-12)
