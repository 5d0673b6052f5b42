"""P(I know): the probability that a model says it knows the answer, before it gives one."""

from sklearn_calib.llm._p_true import two_way


def p_know(records, *, know=("yes", "true"), not_know=("no", "false"), position="first"):
    """Probability of "yes" against "no", from the answer of a model to whether it knows.

    The model is shown the question alone and asked whether it knows the answer; Kadavath et al. [1]_
    train a head for this P(IK), here it is read from the tokens. Ask it before spending on an answer.

    Parameters
    ----------
    records : list, array or Series of shape (n,)
        Records as in `option_logits`.
    know : list of str, default=("yes", "true")
        Tokens that mean that it knows; as in `p_true`.
    not_know : list of str, default=("no", "false")
        Tokens that mean that it does not.
    position : {"first", "last"}, default="first"
        Which token answers, as in `option_logits`.

    Returns
    -------
    stored : StoredConfidence
        Named tuple of `confidence` and `reason`, arrays of shape (n,), as in `p_true`.

    Raises
    ------
    TypeError, ValueError
        As `p_true` does.

    See Also
    --------
    p_true : The same about an answer.

    References
    ----------
    .. [1] Kadavath et al. (2022). Language Models (Mostly) Know What They Know. :arxiv:`2207.05221`

    Examples
    --------
    >>> from sklearn_calib.llm import p_know
    >>> p_know([{"Yes": -0.2, "No": -1.8, " yes": -4.0}]).confidence.round(2)
    array([0.84])
    """
    return two_way(records, {"know": know, "not_know": not_know}, position)
