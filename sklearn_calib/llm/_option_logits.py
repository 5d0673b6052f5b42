"""Logits of the options of a multiple choice from stored log-probabilities."""

import string
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from sklearn_calib._validation import check_option
from sklearn_calib.llm._logprobs import read_tokens
from sklearn_calib.llm._stored_confidence import UnreadableError, read_column

_AROUND = string.whitespace + "()[]{}<>.,:;*'\"`_"  # what may stand around the letter of an option
_LEAST_LOGPROB = np.log(np.finfo(np.float64).tiny)  # servers write -9999 or -inf
_LEAST_REST = 1e-6  # of the probability that listed tokens leave; it is known up to float32
_ROUNDING = 1e-3  # the listed probabilities may exceed 1 by so much


class OptionLogits(NamedTuple):
    """Logits of the options, (n, n_options); which were listed, (n, n_options); and why a row is NaN."""

    logits: np.ndarray
    listed: np.ndarray
    reason: np.ndarray


def option_logits(records, options, *, position="first"):
    """Log-probabilities of the options of a multiple choice, at the token that gives the answer.

    Records store the likeliest tokens of each position only. An option that is not among them gets the
    most it can have: the smallest probability that is listed, or the rest that the listed ones leave,
    whichever is less. So the answer never looks surer than the record shows.

    Parameters
    ----------
    records : list, array or Series of shape (n,)
        Records as in `token_confidence`, with the alternatives of each position (`top_logprobs`), or
        dicts of token and log-probability of the one position.
    options : list of str of length n_options
        The options, such as ``["A", "B", "C", "D"]``. Spaces, case and brackets are ignored: " A", "a"
        and "(A)" are A, and their probabilities are added.
    position : {"first", "last"}, default="first"
        Which token answers: the first or last generated one that is an option; if none is, the first
        or last position that lists one.

    Returns
    -------
    found : OptionLogits
        Named tuple of

        logits : ndarray of shape (n, n_options)
            Log-probabilities, finite, for the calibrators with ``input="logits"``. NaN in rows that
            could not be read.
        listed : ndarray of shape (n, n_options) of bool
            Whether the option was listed, so that its value is exact and no bound.
        reason : ndarray of shape (n,) of object
            For each row of NaN the reason, else None.

    Raises
    ------
    TypeError
        If `records` is not a column, or `options` no list of text.
    ValueError
        If `options` are less than two or not distinct without case and brackets.

    See Also
    --------
    p_true : The same for the options true and false.

    Examples
    --------
    >>> from sklearn_calib.llm import option_logits
    >>> records = [{"A": -0.1, " B": -2.5, "The": -5.0}, {"(C)": -0.02, "D": -4.5, " d": -5.0}]
    >>> found = option_logits(records, ["A", "B", "C", "D"])
    >>> found.logits.round(2)
    array([[-0.1 , -2.5 , -5.06, -5.06],
           [-6.24, -6.24, -0.02, -4.03]])
    >>> found.listed[0]
    array([ True,  True, False, False])
    """
    check_option(position, "position", ("first", "last"))
    names = [variant(option) for option in check_texts(options, "options")]
    if len(set(names)) < len(names) or len(names) < 2 or "" in names:
        raise ValueError(
            f"options must be two or more that differ without case and brackets; got {options!r}."
        )
    groups = [{name} for name in names]
    rows, reason = read_column(records, "records", lambda r: group_logprobs(r, groups, position))
    nothing = np.full(len(groups), np.nan), np.zeros(len(groups), dtype=bool)
    logits, listed = (
        zip(*(nothing if row is None else row for row in rows), strict=True) if rows else ([], [])
    )
    shape = len(rows), len(groups)
    return OptionLogits(
        np.reshape(logits, shape).astype(np.float64), np.reshape(listed, shape).astype(bool), reason
    )


def variant(text):
    """A token without what may stand around it, in lower case."""
    return text.strip(_AROUND).casefold()


def group_logprobs(record, groups, position):
    """Log-probability of each group of variants at the answering token, and whether it was listed."""
    tokens = read_tokens(record)
    known = set().union(*groups)
    order = range(len(tokens)) if position == "first" else range(len(tokens) - 1, -1, -1)
    named = [i for i in order if tokens[i].text is not None and variant(tokens[i].text) in known]
    listing = [i for i in order if any(variant(text) in known for text in tokens[i].top)]
    if not named and not listing:
        raise UnreadableError("no option among the listed tokens")
    token = tokens[(named or listing)[0]]
    top = dict(token.top)
    if token.text is not None:
        top.setdefault(token.text, token.logprob)
    top = {text: max(logprob, _LEAST_LOGPROB) for text, logprob in top.items()}
    values = np.array(list(top.values()))
    bound, rest = values.min(), 1 - np.exp(values).sum()
    if rest > -_ROUNDING:  # else the record is rounded so far that the rest says nothing
        bound = min(bound, np.log(max(rest, _LEAST_REST)))
    of_group = [[lp for text, lp in top.items() if variant(text) in group] for group in groups]
    logprobs = np.array([logsumexp(lps) if lps else bound for lps in of_group])
    return np.minimum(logprobs, 0), np.array([len(lps) > 0 for lps in of_group])


def check_texts(texts, name):
    """Return a list of text as it is; a text alone would be taken for a list of letters."""
    listed = isinstance(texts, Iterable) and not isinstance(texts, str)
    if not listed or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{name} must be a list of text; got {texts!r}.")
    return texts
