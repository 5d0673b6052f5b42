"""P(True): the probability that a model calls its own answer true."""

import numpy as np
from scipy.special import expit

from sklearn_calib.llm._option_logits import check_texts, group_logprobs, variant
from sklearn_calib.llm._stored_confidence import confidence_column


def p_true(records, *, true=("true", "yes"), false=("false", "no"), position="first"):
    """Probability of "true" against "false", from the answer of a model about its own answer.

    The model is shown a question and its answer and asked whether that is true [1]_; the record holds the
    log-probabilities of what it said. P(True) is the probability of the true tokens, of that of both.

    Parameters
    ----------
    records : list, array or Series of shape (n,)
        Records as in `option_logits`.
    true : list of str, default=("true", "yes")
        Tokens that mean true. Spaces, case and brackets are ignored; the probabilities of several are
        added. For the prompt "(A) True (B) False" give ``true=["A"], false=["B"]``.
    false : list of str, default=("false", "no")
        Tokens that mean false.
    position : {"first", "last"}, default="first"
        Which token answers, as in `option_logits`.

    Returns
    -------
    stored : StoredConfidence
        Named tuple of arrays of shape (n,):

        confidence : ndarray of float
            In [0, 1], NaN where a record could not be read. If only one of both was listed, the other
            has the most it can have, as in `option_logits`.
        reason : ndarray of object
            For each NaN the reason, else None.

    Raises
    ------
    TypeError
        If `records` is not a column, or `true` or `false` no list of text.
    ValueError
        If a token means both.

    See Also
    --------
    p_know : The same before there is an answer.

    References
    ----------
    .. [1] Kadavath et al. (2022). Language Models (Mostly) Know What They Know. :arxiv:`2207.05221`

    Examples
    --------
    >>> from sklearn_calib.llm import p_true
    >>> p_true([{" True": -0.1, " False": -2.4}, {"B": -0.5, "A": -1.0}]).confidence.round(2)
    array([0.91,  nan])
    >>> p_true([{"B": -0.5, "A": -1.0}], true=["A"], false=["B"]).confidence.round(2)
    array([0.38])
    """
    return two_way(records, {"true": true, "false": false}, position)


def two_way(records, named, position):
    """Probability of the first group of tokens against the second."""
    groups = [{variant(text) for text in check_texts(texts, name)} for name, texts in named.items()]
    shared = groups[0] & groups[1]
    if shared or not all(groups):
        both = " and ".join(named)
        raise ValueError(f"{both} must each hold tokens, and none in common; got {named!r}.")

    def read(record):
        logprobs, _ = group_logprobs(record, groups, position)
        return float(expit(np.subtract(*logprobs)))

    return confidence_column(records, "records", read)
