"""Agreement of several answers to the same question."""

import numbers
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib._core.agreement import agreement
from sklearn_calib._missing import is_missing_or_blank
from sklearn_calib._validation import _naming
from sklearn_calib._warn import warn_user
from sklearn_calib.ensemble._probas import check_member_weights


class AnswerAgreement(NamedTuple):
    """How far the answers to each question agree; see `answer_agreement`."""

    answer: np.ndarray
    share: np.ndarray
    entropy: np.ndarray
    n_clusters: np.ndarray
    n_answers: np.ndarray
    leave_one_out: np.ndarray


def answer_agreement(answers, *, weights=None, missing=None):
    """Agreement of the answers to each question: of models, prompts, or samples of one model.

    Answers are equal or not; bring text to a common form first (case, punctuation, units), or give the
    codes of clusters of equal meaning.

    Parameters
    ----------
    answers : array-like of shape (n_questions, n_samples)
        Text or integers, such as codes of clusters that are told apart within a question. A data frame
        of pandas or polars has a question per row. None, NaN, pandas.NA and blank text are missing.
    weights : array-like of shape (n_samples,), default=None
        Non-negative weights of the columns, such as of better models; None weighs them equally. A
        column of weight zero counts as absent for the others, but has its own `leave_one_out`.
    missing : str or int, default=None
        A further value that stands for a missing answer, such as -1 among codes.

    Returns
    -------
    agreement : AnswerAgreement
        Named tuple of

        answer : ndarray of shape (n_questions,)
            The plurality answer: of largest weight, where several tie the smallest. None, or `missing`
            if that is given, where there is none.
        share : ndarray of shape (n_questions,)
            Its share of the weight of all answers, in [0, 1]; 0 without answers.
        entropy : ndarray of shape (n_questions,)
            Entropy of the shares of the distinct answers, in nats; 0 if all agree.
        n_clusters : ndarray of shape (n_questions,) of int
            Number of distinct answers.
        n_answers : ndarray of shape (n_questions,) of int
            Number of answers that are not missing, columns of weight zero left out.
        leave_one_out : ndarray of shape (n_questions, n_samples)
            For each answer, the share of the weight of the others that agree with it, in [0, 1]: the
            confidence in this answer that comes from others alone. 0 where the answer is missing: nobody
            agrees with nothing. NaN where it is the only one.

    Raises
    ------
    ValueError
        If `answers` is not two-dimensional or `weights` do not fit.
    TypeError
        If `answers` mixes text with numbers, or holds fractional numbers.

    Warns
    -----
    UndefinedMetricWarning
        If an answer is the only one to its question, so that there is no other that could agree.

    See Also
    --------
    SignalCalibrator : Turn agreement and a confidence into a probability of being right.

    References
    ----------
    Wang et al. (2023). Self-Consistency Improves Chain of Thought Reasoning in Language Models.
    :arxiv:`2203.11171`

    Kuhn, Gal and Farquhar (2023). Semantic Uncertainty: Linguistic Invariances for Uncertainty
    Estimation in Natural Language Generation. :arxiv:`2302.09664`

    Examples
    --------
    >>> from sklearn_calib.ensemble import answer_agreement
    >>> agreement = answer_agreement([["paris", "paris", "lyon"], ["1912", None, "1912"]])
    >>> agreement.answer.tolist(), agreement.share.round(2)
    (['paris', '1912'], array([0.67, 1.  ]))
    >>> agreement.leave_one_out
    array([[0.5, 0.5, 0. ],
           [1. , 0. , 1. ]])
    """
    code, distinct = _encode(_checked_table(answers), missing)
    weight = check_member_weights(weights, code.shape[1])
    plurality, *shares = agreement(code, weight)
    found = AnswerAgreement(_named(plurality, distinct, missing), *shares)
    alone = np.isnan(found.leave_one_out)
    if alone.any():
        warn_user(
            f"{alone.sum()} answers are the only ones to their question, the first to question "
            f"{alone.any(axis=1).argmax()}: their leave_one_out agreement is NaN.",
            UndefinedMetricWarning,
        )
    return found


def _checked_table(answers):
    with _naming("answers"):
        table = np.asarray(answers)
        if table.dtype.kind == "U" and not isinstance(answers, np.ndarray):
            table = np.asarray(answers, dtype=object)  # else numbers and NaN would become text
    if table.ndim != 2 or table.size == 0:
        raise ValueError(
            "answers must have the shape (n_questions, n_samples), both at least 1; got "
            f"{table.shape}."
        )
    if table.dtype.kind not in "biufUO":
        raise TypeError(f"answers must be text or integers; got {table.dtype}.")
    return table


def _encode(table, missing):
    """Codes of the answers in their own order, -1 for missing ones; and the distinct answers."""
    if table.dtype.kind in "OU":
        known: dict = {}
        with _naming("answers"):
            code = np.array([known.setdefault(v, len(known)) for v in table.ravel().tolist()])
        found = list(known)
    else:
        values, code = np.unique(table, return_inverse=True)
        found = values.tolist()
    distinct = _checked_answers([value for value in found if not _is_nothing(value, missing)])
    position = {value: i for i, value in enumerate(distinct.tolist())}
    rank = np.array([-1 if _is_nothing(v, missing) else position[v] for v in found])
    return rank[code].reshape(table.shape), distinct


def _checked_answers(found):
    """Distinct answers, sorted: all text or all integers."""
    n_texts = sum(isinstance(value, str) for value in found)
    if 0 < n_texts < len(found):
        raise TypeError("answers mixes text with numbers.")
    if n_texts:
        return np.array(sorted(found), dtype=object)
    with _naming("answers"):
        if any(value % 1 != 0 for value in found):
            raise TypeError("must be text or integers, since answers are equal or not.")
        return np.array(sorted({int(value) for value in found}))


def _is_nothing(value, missing):
    return is_missing_or_blank(value) or (missing is not None and value == missing)


def _named(plurality, distinct, missing):
    """The answers themselves; `missing` where there is none."""
    answered = plurality >= 0
    if answered.all():
        return distinct[plurality]
    numeric = isinstance(missing, numbers.Integral) and distinct.dtype.kind == "i"
    named = np.full(plurality.size, missing, dtype=distinct.dtype if numeric else object)
    named[answered] = distinct[plurality[answered]]
    return named
