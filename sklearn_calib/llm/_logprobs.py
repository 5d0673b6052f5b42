"""Log-probabilities of tokens from stored records of any of the common shapes."""

import json
import math
import numbers
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import NamedTuple

import numpy as np

from sklearn_calib._missing import is_missing_or_blank
from sklearn_calib.llm._stored_confidence import UnreadableError, shorten

_ROUNDING = 0.01  # a log-probability of half precision may be this far above 0
_DEEPEST = 12  # how far a record is followed into its parts
_SPACES = str.maketrans(
    {"\u2581": " ", "\u0120": " ", "\u010a": "\n"}
)  # SentencePiece and GPT-2 marks


class Token(NamedTuple):
    """A generated token: its text or None, its log-probability or NaN, and those of the alternatives."""

    text: str | None
    logprob: float
    top: dict[str, float]


def read_tokens(record):
    """Tokens of one record; see `token_confidence` for the shapes.

    Raises `UnreadableError` with the reason, whatever the record is.
    """
    if is_missing_or_blank(record):
        raise UnreadableError("missing")
    tokens = _tokens(_parsed(record), _DEEPEST)
    if not tokens:
        raise UnreadableError("no tokens")
    return tokens


def _parsed(record):
    if not isinstance(record, str):
        return record
    try:
        return json.loads(record)
    except (ValueError, RecursionError):
        raise UnreadableError(f"not JSON: {shorten(record)}") from None


def _tokens(node, depth):
    """Tokens of a record or of a part of it."""
    node = _plain(node)
    if depth == 0:
        raise UnreadableError("nested too deeply")
    if isinstance(node, list):
        return _token_list(node, depth)
    if not isinstance(node, Mapping):
        raise UnreadableError(f"no log-probabilities in {type(node).__name__}")
    if "token_logprobs" in node:  # completions of OpenAI and vLLM
        return _aligned(node.get("tokens"), node["token_logprobs"], node.get("top_logprobs"))
    for key in ("logprobs", "transition_scores", "scores", "tokens"):
        part = _plain(node.get(key))
        if isinstance(part, list) and part and isinstance(_plain(part[0]), Mapping):
            return _token_list(part, depth, node.get("token_ids"), node.get("top_tokens"))
        if isinstance(part, list) and key != "tokens":
            return _aligned(node.get("tokens"), part, None)
        if isinstance(part, Mapping):
            return _tokens(part, depth - 1)
    for key in ("choices", "outputs", "output", "details", "content"):
        if node.get(key) is not None and not isinstance(node[key], str):
            return _tokens(_first_told(node[key]), depth - 1)
    if node and all(_is_logprob(value) for value in node.values()):
        return [Token(None, math.nan, _alternatives(node))]  # the alternatives of a single position
    raise UnreadableError(f"no log-probabilities among the fields {shorten(list(node))}")


def _plain(node):
    """Objects of client libraries as dicts, arrays as lists."""
    if hasattr(node, "tolist") and not isinstance(node, type):  # arrays and tensors
        return node.tolist()
    if isinstance(node, tuple):
        return list(node)
    if isinstance(node, (Mapping, type)):
        return node
    if callable(getattr(node, "model_dump", None)):  # clients built on pydantic
        return node.model_dump()
    if is_dataclass(node):
        return {field.name: getattr(node, field.name) for field in fields(node)}
    return vars(node) if hasattr(node, "__dict__") else node


def _first_told(part):
    """The first element of a list of choices, outputs or messages that has log-probabilities."""
    part = _plain(part)
    if not isinstance(part, list) or not part or not isinstance(_plain(part[0]), Mapping):
        return part
    if "token" in _plain(part[0]):
        return part
    told = [_plain(p) for p in part]
    keys = ("logprobs", "content", "token_logprobs", "tokens")
    return next(
        (p for p in told if isinstance(p, Mapping) and any(p.get(k) for k in keys)), told[0]
    )


def _token_list(items, depth, token_ids=None, top_tokens=None):
    items = [_plain(item) for item in items]
    if all(_is_logprob(item) or is_missing_or_blank(item) for item in items):
        return _aligned(None, items, None)
    if len(items) == 1 and isinstance(items[0], list):
        return _tokens(items[0], depth - 1)
    tops = _same_length(top_tokens, len(items))
    ids = _same_length(token_ids, len(items))
    return [
        token
        for item, top, token_id in zip(items, tops, ids, strict=True)
        if (token := _token(item, top, token_id)) is not None
    ]


def _token(item, top, token_id):
    """A token; None for a special one that ends or pads the text."""
    if is_missing_or_blank(item):
        return None  # no log-probabilities, as of the first token of a prompt
    if not isinstance(item, Mapping):
        raise UnreadableError(f"a token is {type(item).__name__}")
    if item.get("special") is True:
        return None
    if "logprob" in item:
        text = item.get("token", item.get("text", item.get("decoded_token")))
        alternatives = _alternatives(item.get("top_logprobs") or top or {})
        return _checked(text, item["logprob"], alternatives)
    # vLLM: a dict of token ids, the sampled one first where `token_ids` does not tell.
    named = {str(key): _plain(value) for key, value in item.items()}
    if not named or not all(isinstance(v, Mapping) and "logprob" in v for v in named.values()):
        raise UnreadableError(f"a token has no logprob but {shorten(list(item))}")
    chosen = named.get(str(token_id), next(iter(named.values())))
    return _checked(chosen.get("decoded_token"), chosen["logprob"], _alternatives(named))


def _alternatives(top):
    """Log-probabilities by text, of a list of tokens or a dict; equal texts are added."""
    top = _plain(top)
    if isinstance(top, list):
        entries = [_plain(entry) for entry in top]
    elif isinstance(top, Mapping):
        entries = [
            {"decoded_token": key, **v}
            if isinstance(v := _plain(value), Mapping)
            else {"token": key, "logprob": v}
            for key, value in top.items()
        ]
    else:
        return {}
    found: dict[str, float] = {}
    for entry in entries:
        if isinstance(entry, Mapping) and _is_logprob(entry.get("logprob")):
            text = entry.get("token", entry.get("text", entry.get("decoded_token")))
            token = _checked(text, entry["logprob"], {})
            if token.text is not None:
                found[token.text] = np.logaddexp(found.get(token.text, -math.inf), token.logprob)
    return found


def _aligned(texts, logprobs, tops):
    logprobs = _plain(logprobs)
    if not isinstance(logprobs, list):
        raise UnreadableError(f"log-probabilities are {type(logprobs).__name__}, not a list")
    if len(logprobs) == 1 and isinstance(_plain(logprobs[0]), list):
        logprobs = _plain(logprobs[0])
    rows = zip(
        _same_length(texts, len(logprobs)), logprobs, _same_length(tops, len(logprobs)), strict=True
    )
    return [
        _checked(text, logprob, _alternatives(top or {}))
        for text, logprob, top in rows
        if not is_missing_or_blank(logprob)  # padding
    ]


def _same_length(values, length):
    values = _plain(values)
    return values if isinstance(values, list) and len(values) == length else [None] * length


def _is_logprob(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and not math.isnan(value)


def _checked(text, logprob, top):
    """A token whose log-probability is one."""
    if not _is_logprob(logprob):
        raise UnreadableError(f"a log-probability is {shorten(logprob)}")
    if logprob > _ROUNDING:
        raise UnreadableError(f"a log-probability is above 0: {float(logprob):.4g}")
    text = text.translate(_SPACES) if isinstance(text, str) else None
    return Token(text, min(float(logprob), 0.0), top)
