"""Confidence that is stated in words or figures, as a probability."""

import math
import numbers
import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from sklearn_calib._missing import is_missing_or_blank
from sklearn_calib._validation import check_number, check_option
from sklearn_calib.llm._confidence_phrases import CONFIDENCE_PHRASES, LEVELS
from sklearn_calib.llm._stored_confidence import (
    UnreadableError,
    confidence_column,
    shorten,
)

_TO_NINE = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TO_NINETEEN = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
]
_UNITS = [*_TO_NINE, *_TO_NINETEEN, "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: value for value, word in enumerate(_UNITS)}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS, start=2)}

_SPELLED = re.compile(
    rf"\b(?=[aefhnostz])(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_TO_NINE[1:])}))?"
    rf"|(?:an? |one )?hundred|{'|'.join(_UNITS[::-1])})\b",
    re.IGNORECASE,
)
_SPELLED_WITH = re.compile(r"percent|per cent|pct|%|out of|fifty|\bin\b", re.IGNORECASE)

_NUMBER = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|(?:[0-9]+(?:[.,][0-9]+)?|\.[0-9]+)(?:e[-+]?[0-9]{1,3})?)"
)
_PERCENT = r"\s?(?:%|percent\b|per cent\b|pct\b)(?! ?points?\b)"
_START, _STOP = r"(?<![\w./])(?<![a-z]-)(?=[-.0-9b])", r"(?![\w/]|[.,][0-9])"
_MENTION = re.compile(
    rf"{_START}(?:"
    r"(?P<even>50\s?[-/]\s?50)(?!\s?%|\w)"
    rf"|(?P<between>between )?(?P<low>{_NUMBER})(?P<low_percent>{_PERCENT})?"
    rf"\s?(?P<joint>-|to|and)\s?(?P<high>{_NUMBER})(?:(?P<high_percent>{_PERCENT})|{_STOP})"
    rf"|(?P<part>{_NUMBER})\s?(?P<over>/|out of|in)\s?(?P<whole>{_NUMBER}){_STOP}"
    rf"|(?P<percentage>-?{_NUMBER}){_PERCENT}"
    rf"|(?P<bare>-?{_NUMBER}){_STOP}"
    r")",
    re.IGNORECASE,
)

# Words that say what a number is about: "probability of 0.9", "sure: 90%", "90% sure".
_NOUN = r"(?:confidence|certainty|likelihood|probability|chances?|credence)\b"
_ADJECTIVE = r"(?:confident|sure|certain|likely|probable)\b"
_FILLER = (
    r"(?:(?:level|score|rating|value|estimate|in|of|is|my|this|the|answer|that|it|at|to|be|being|about|"
    r"around|approximately|roughly|i|am|would|say|a|an|by|right|correct|true)\b\W*)"
)
_BEFORE = re.compile(
    rf"\b(?:{_NOUN}\W*{_FILLER}{{0,8}}|{_ADJECTIVE}\W*(?:(?:at|about)\b\W*)?)$", re.IGNORECASE
)
_AFTER = re.compile(
    rf"\W{{0,3}}{_FILLER}{{0,2}}(?:{_NOUN}|{_ADJECTIVE}|confidently\b)", re.IGNORECASE
)
_NEGATED = re.compile(r"(?:\bnot|n't|\bnever|\bcannot)\W+(?:\w+\W+){0,2}$", re.IGNORECASE)
_WRONG = re.compile(
    r"[^.!?;\n]{0,30}?\b(?:uncertain\w*|unsure|wrong|incorrect|mistaken|error|false|doubt)\b",
    re.IGNORECASE,
)
# Dashes, minus, fraction slash and apostrophe.
_TO_ASCII = str.maketrans("\u2012\u2013\u2014\u2212\u2044\u2019", "----/'")
_DIGITS = 12  # 99.9 % is 0.999
_REACH = 80  # characters before a number that are searched for what it is about
_LARGEST_TEN = 10  # a bare number from 1 to 10 may be per cent or points out of ten


class Mention(NamedTuple):
    """A number in a text: its value in [0, 1] or why it has none, and how surely it is a confidence."""

    value: float
    problem: str | None
    rank: int  # 3 beside a word of confidence, 2 with a unit, 1 alone, 0 a phrase
    text: str


def parse_confidence(texts, *, scale=None, several=None, words=None):
    """Confidence stated in text, as probabilities.

    Reads "95%", "0.95", "I'm 80 % sure", "nine out of ten", "9/10", "ninety-five percent", "80-90%"
    (the middle), "Confidence (0-100): 85", ``{"confidence": 0.9}`` and phrases such as "very likely". A
    number beside a word such as "confidence" or "sure" comes before others. What is not understood for
    certain is NaN with a reason, never a guess.

    Parameters
    ----------
    texts : list, array or Series of shape (n,)
        Text; numbers are taken as their text. None, NaN and blanks are missing.
    scale : float, default=None
        What a bare number, without per cent or "out of", is out of: 1, 10 or 100, for instance. None
        takes a scale that the text names ("0-100"), else 0 to 1 as probabilities and numbers above 10,
        up to 100, as per cent; numbers between are NaN, since 8 may be 8 % or 8 of 10.
    several : {"first", "last"}, default=None
        What to take where a text states different confidences; None gives NaN.
    words : dict of str to float, default=None
        Probability of each phrase, used where a text holds no number. None takes `CONFIDENCE_PHRASES`
        (and "high", "medium", "low" where they are the whole text), ``{}`` none.

    Returns
    -------
    stated : StoredConfidence
        Named tuple of arrays of shape (n,):

        confidence : ndarray of float
            In [0, 1], NaN where nothing was understood.
        reason : ndarray of object
            For each NaN the reason, else None.

    Raises
    ------
    TypeError
        If `texts` is not a column, or `words` no dict of text.
    ValueError
        If a parameter is not one of the above.

    See Also
    --------
    token_confidence : Confidence from log-probabilities of tokens.

    References
    ----------
    Tian et al. (2023). Just Ask for Calibration: Strategies for Eliciting Calibrated Confidence Scores
    from Language Models Fine-Tuned with Human Feedback. :arxiv:`2305.14975`

    Mosteller and Youtz (1990). Quantifying Probabilistic Expressions. Statistical Science 5(1):2-12.
    :doi:`10.1214/ss/1177012242`

    Examples
    --------
    >>> from sklearn_calib.llm import parse_confidence
    >>> stated = parse_confidence(["I'm 80 % sure", "nine out of ten", "8", "Confidence: 120%"])
    >>> stated.confidence
    array([0.8, 0.9, nan, nan])
    >>> print(*stated.reason[2:], sep="; ")
    8 may be per cent or out of 10: give `scale`; 120% is outside [0, 1]
    """
    check_option(several, "several", (None, "first", "last"))
    if scale is not None:
        check_number(scale, "scale", low=0, high=math.inf, low_open=True, high_open=True)
    phrases = _compile_phrases(CONFIDENCE_PHRASES if words is None else words)
    levels = LEVELS if words is None else {}
    known = {}  # stated confidences are lumpy: few distinct texts

    def read(value):
        text = _text_of(value)
        if text not in known:
            try:
                known[text] = _confidence(text, scale, several, phrases, levels)
            except UnreadableError as error:
                known[text] = error
        if isinstance(known[text], UnreadableError):
            raise known[text]
        return known[text]

    return confidence_column(texts, "texts", read)


def _text_of(value):
    if is_missing_or_blank(value):
        raise UnreadableError("missing")
    if isinstance(value, str):
        return value
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return repr(float(value)) if math.isfinite(float(value)) else "infinite"
    raise UnreadableError(f"not text but {type(value).__name__}")


def _confidence(text, scale, several, phrases, levels):
    """The confidence that a text states."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_TO_ASCII)
    said = re.sub(r"[^\w'-]+", " ", text).strip()
    if said.lower() in levels:
        return levels[said.lower()]
    if _SPELLED_WITH.search(text):
        text = _SPELLED.sub(_digits, text)
    mentions = list(_mentions(text, scale))
    if not mentions:
        mentions = list(_spoken(said, phrases))
    if not mentions:
        raise UnreadableError("no confidence found")
    best = max(mention.rank for mention in mentions)
    chosen = [mention for mention in mentions if mention.rank == best]
    if several is not None:
        chosen = chosen[:1] if several == "first" else chosen[-1:]
    if len({(m.value, m.problem) for m in chosen}) > 1:
        told = ", ".join(dict.fromkeys(m.text for m in chosen))
        raise UnreadableError(f"several: {shorten(told)}")
    if chosen[0].problem:
        raise UnreadableError(chosen[0].problem)
    return round(chosen[0].value, _DIGITS)


def _mentions(text, scale):
    """Numbers that may be a confidence."""
    scale_is_named = False
    for match in _MENTION.finditer(text):
        named = _named_scale(match)
        if named is not None:
            scale = named if scale is None else scale
            scale_is_named = True
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
            continue
        value, explicit = _value(match, scale)
        explicit |= scale_is_named
        near = _is_near(text, match)
        alone = not re.sub(r"\W", "", text[: match.start()] + text[match.end() :])
        lone = match["bare"] is not None and 0 <= value <= 1 and not match[0].isdigit()
        if near or explicit or alone or lone:
            rank = 3 if near else 2 if explicit else 1
            yield Mention(value, _problem(text, match, value), rank, shorten(match[0]))


def _named_scale(match):
    """The end of a range that is the scale itself, such as 0-100, else None."""
    if match["low"] is None or match["joint"] == "and":
        return None
    low, high = _number(match["low"]), _number(match["high"])
    is_scale = high in (5, 10, 100) if low == 1 else low == 0 and high in (1, 5, 10, 100)
    return high if is_scale else None


def _value(match, scale):
    """Probability of a number, NaN if ambiguous; and whether its unit is beside it."""
    if match["even"]:
        return 0.5, True
    if match["percentage"]:
        return _number(match["percentage"]) / 100, True
    if match["part"]:
        part, whole = _number(match["part"]), _number(match["whole"])
        if match["over"].lower() == "in" and whole not in (2, 3, 4, 5, 10, 20, 100, 1000):
            return math.nan, False
        return (part / whole if whole else math.inf), True
    if match["bare"]:
        return _bare(_number(match["bare"]), scale), False
    low, high = _number(match["low"]), _number(match["high"])
    percent = match["low_percent"] or match["high_percent"]
    if match["joint"] == "and" and not match["between"]:
        return math.nan, False
    if percent:
        return (low + high) / 200, True
    return (_bare(low, scale) + _bare(high, scale)) / 2, False


def _bare(number, scale):
    if scale is not None:
        return number / scale
    if number <= 1:
        return number
    return math.nan if number <= _LARGEST_TEN else number / 100


def _is_near(text, match):
    before = text[max(match.start() - _REACH, 0) : match.start()]
    return bool(_BEFORE.search(before) or _AFTER.match(text, match.end()))


def _problem(text, match, value):
    """Why a number is no confidence, or None."""
    told = shorten(match[0])
    if math.isnan(value):
        return f"{told} may be per cent or out of 10: give `scale`"
    if not 0 <= value <= 1:
        return f"{told} is outside [0, 1]"
    if _NEGATED.search(text, max(match.start() - _REACH, 0), match.start()):
        return f"{told} is negated"
    if _WRONG.match(text, match.end()):
        return f"{told} may be the probability of being wrong"
    return None


def _compile_phrases(words):
    """A pattern of all phrases, longest first, and their values."""
    if not isinstance(words, Mapping):
        raise TypeError(f"words must be a dict of phrases and probabilities; got {words!r}.")
    for phrase, value in words.items():
        if not isinstance(phrase, str) or not phrase.strip():
            raise TypeError(f"words must map phrases, which are text; got {phrase!r}.")
        if not (isinstance(value, numbers.Real) and 0 <= float(value) <= 1):
            raise ValueError(f"words must map phrases to [0, 1]; {phrase!r} has {value!r}.")
    values = {" ".join(phrase.casefold().split()): value for phrase, value in words.items()}
    ordered = sorted(map(re.escape, values), key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(ordered) or '(?!)'})(?![\w-])", re.IGNORECASE)
    return pattern, values


def _spoken(text, phrases):
    """Phrases that stand for a confidence."""
    pattern, values = phrases
    for match in pattern.finditer(text):
        value = values[match[0].casefold()]
        negated = _NEGATED.search(text, max(match.start() - _REACH, 0), match.start())
        yield Mention(value, f"{match[0]} is negated" if negated else None, 0, match[0])


def _digits(match):
    """A spelled number in digits: "ninety-five" is 95."""
    words = re.split("[- ]", match[0].lower())
    return "100" if words[-1] == "hundred" else str(sum(_VALUES[word] for word in words))


def _number(text):
    """Number of digits; a comma before three digits is a thousands separator, else a decimal point."""
    if re.fullmatch(r"-?[0-9]{1,3}(?:,[0-9]{3})+", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))
