"""Confidence of language models, read from stored records: no client, no torch, no network."""

from sklearn_calib.llm._confidence_phrases import CONFIDENCE_PHRASES
from sklearn_calib.llm._option_logits import OptionLogits, option_logits
from sklearn_calib.llm._p_know import p_know
from sklearn_calib.llm._p_true import p_true
from sklearn_calib.llm._parse_confidence import parse_confidence
from sklearn_calib.llm._stored_confidence import StoredConfidence
from sklearn_calib.llm._token_confidence import token_confidence

__all__ = [
    "CONFIDENCE_PHRASES",
    "OptionLogits",
    "StoredConfidence",
    "option_logits",
    "p_know",
    "p_true",
    "parse_confidence",
    "token_confidence",
]
