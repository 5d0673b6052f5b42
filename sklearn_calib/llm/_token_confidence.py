"""Confidence from the log-probabilities of the generated tokens."""

import numpy as np

from sklearn_calib._missing import is_missing_or_blank
from sklearn_calib._validation import check_option, check_same_length
from sklearn_calib.llm._logprobs import read_tokens
from sklearn_calib.llm._stored_confidence import (
    UnreadableError,
    column_values,
    confidence_column,
    shorten,
)

_METHODS = {
    "geometric_mean": lambda logprobs: np.exp(logprobs.mean()),
    "mean": lambda logprobs: np.exp(logprobs).mean(),
    "sequence": lambda logprobs: np.exp(logprobs.sum()),
    "minimum": lambda logprobs: np.exp(logprobs.min()),
}


def token_confidence(records, *, method="geometric_mean", answers=None):
    r"""Confidence from the log-probabilities of the tokens of each response.

    A record is what was stored of one response, as a dict, an object or JSON text:

    * OpenAI: a chat completion, a completion or a response, one of their choices, its `logprobs`, or the
      list of tokens with `token` and `logprob`; other servers of the same interface too;
    * vLLM: a `RequestOutput` or `CompletionOutput`, or its `logprobs`, a list with a dict of token ids
      for each position;
    * Hugging Face: the `details` of Text Generation Inference, or the numbers that
      `compute_transition_scores` (normalised) returns for a sequence, alone or as
      ``{"tokens": [...], "logprobs": [...]}``; NaN is padding.

    Of several choices the first is taken. Special tokens that are marked as such are left out.

    Parameters
    ----------
    records : list, array or Series of shape (n,)
        The records; an array of shape (n, n_tokens) holds log-probabilities, padded with NaN.
    method : {"geometric_mean", "mean", "sequence", "minimum"}, default="geometric_mean"
        Of the probabilities :math:`p_t` of the tokens: the geometric mean (the sequence probability
        normalised for its length), the arithmetic mean, the product (the probability of the whole
        sequence, which long answers make small), or the smallest.
    answers : list, array or Series of str of shape (n,), default=None
        The answer within each response: only the tokens that overlap its last occurrence count. None
        takes all tokens.

    Returns
    -------
    stored : StoredConfidence
        Named tuple of arrays of shape (n,):

        confidence : ndarray of float
            In [0, 1], NaN where a record could not be read.
        reason : ndarray of object
            For each NaN the reason, else None.

    Raises
    ------
    TypeError
        If `records` or `answers` is not a column.
    ValueError
        If `method` is unknown, or `records` and `answers` differ in length.

    See Also
    --------
    option_logits : Log-probabilities of the options of a multiple choice.
    p_true : Probability that the model calls its answer true.

    References
    ----------
    Malinin and Gales (2021). Uncertainty Estimation in Autoregressive Structured Prediction.
    :arxiv:`2002.07650`

    Examples
    --------
    >>> from sklearn_calib.llm import token_confidence
    >>> record = {"content": [
    ...     {"token": "It", "logprob": -0.7}, {"token": " is", "logprob": -0.1},
    ...     {"token": " Par", "logprob": -0.2}, {"token": "is", "logprob": 0.0},
    ... ]}
    >>> token_confidence([record, None]).confidence.round(2)
    array([0.78,  nan])
    >>> token_confidence([record], method="minimum", answers=["Paris"]).confidence.round(2)
    array([0.82])
    """
    check_option(method, "method", tuple(_METHODS))
    reduce = _METHODS[method]
    if answers is None:
        return confidence_column(records, "records", lambda record: reduce(_logprobs(record)))
    records, answers = column_values(records, "records"), column_values(answers, "answers")
    check_same_length(records=records, answers=answers)
    pairs = list(zip(records, answers, strict=True))
    return confidence_column(pairs, "records", lambda pair: reduce(_answer_logprobs(*pair)))


def _logprobs(record):
    logprobs = np.array([token.logprob for token in read_tokens(record)])
    if np.isnan(logprobs).any():
        raise UnreadableError("alternatives of one position without the generated token")
    return logprobs


def _answer_logprobs(record, answer):
    """Log-probabilities of the tokens that overlap the last occurrence of the answer."""
    logprobs = _logprobs(record)
    texts = [token.text for token in read_tokens(record)]
    if is_missing_or_blank(answer) or not isinstance(answer, str):
        raise UnreadableError("no answer")
    if None in texts:
        raise UnreadableError("tokens without text, among which an answer cannot be found")
    start = "".join(texts).rfind(answer.strip())
    if start < 0:
        raise UnreadableError(f"the answer is not in the response: {shorten(answer)}")
    ends = np.cumsum([len(text) for text in texts])
    begins = ends - [len(text) for text in texts]
    return logprobs[(begins < start + len(answer.strip())) & (ends > start)]
