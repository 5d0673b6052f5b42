import numpy as np

from sklearn_calib.llm import CONFIDENCE_PHRASES, parse_confidence


def test_phrases():
    phrases = list(CONFIDENCE_PHRASES)
    stated = parse_confidence([f"That is {phrase}, I think." for phrase in phrases])
    np.testing.assert_array_equal(stated.confidence, list(CONFIDENCE_PHRASES.values()))


def test_levels_where_they_are_the_whole_text_only():
    stated = parse_confidence(
        ["High", " very  low.", "the mountain is high", "Confidence level: low"]
    )
    np.testing.assert_array_equal(stated.confidence, [0.9, 0.1, np.nan, 0.3])
