"""Stated confidence of language models on MMLU-Pro."""

import numpy as np

from sklearn_calib.datasets._base import index_of, load_arrays, load_description, make_result


def load_mmlu_pro_confidence(*, model="gpt-4o", return_X_y=False, as_frame=False):
    """Load the confidence that a language model stated in its answers to MMLU-Pro.

    Six language models answered the 12,032 questions of the MMLU-Pro test split (ten options, 14
    subjects) once each and said how sure they were. A row is one question with a usable stated
    confidence; rows are in the order of the split.

    Parameters
    ----------
    model : str, default="gpt-4o"
        Which model answered: "gpt-4o" (12,003 rows), "gpt-4.1-mini" (11,861), "claude-3-5-haiku"
        (12,031), "deepseek-chat" (12,031), "Meta-Llama-3.1-8B" (11,425) or "Qwen2.5-7B" (12,010).
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (n, 1), or DataFrame
            Stated confidence in the answer given, in [0, 1]; never missing. Values are lumpy: few
            distinct numbers such as 0.9 and 0.95 hold most rows.
        target : ndarray of shape (n,) of int, or Series
            1 if the answer is correct, else 0. An answer that could not be parsed is not correct.
        token_confidence : ndarray of shape (n,)
            Mean probability of the tokens of the response, in [0, 1]. All NaN for
            "claude-3-5-haiku", whose source has none; in nearly all rows exactly 1 for
            "deepseek-chat".
        subject : ndarray of shape (n,) of str
            Subject of the question, one of 14.
        parsed : ndarray of shape (n,) of bool
            Whether an answer could be read from the response.
        question : ndarray of shape (n,) of int
            Position of the question in the test split, 0 to 12,031; the same for every model.
        n_missing : int
            Number of questions without a usable stated confidence (missing or outside [0, 1]),
            which have no row: `12032 - n`. They are not missing at random: most of these responses
            have no parsed answer either, so accuracy over all questions is a little lower.
        model_id : str
            Full name of the model in the source.
        models : list of str
            The accepted names.
        feature_names : list of str
            `["confidence"]`.
        target_names : list of str
            Meaning of target 0 and 1: `["wrong", "correct"]`.
        frame : DataFrame of shape (n, 6) or None
            With `as_frame=True`: confidence, token_confidence, subject (category), parsed,
            question, correct.
        DESCR : str
            Source, licence and selection.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    ValueError
        If `model` is not one of the names.
    ImportError
        If `as_frame=True` and pandas is not installed.

    Notes
    -----
    Records: MIT licence, from github.com/Linwei94/LLM-Calibration-Study. Values are those of the
    source.

    References
    ----------
    Tao et al. (2025). "Revisiting Uncertainty Estimation and Calibration of Large Language Models".
    arXiv:2505.23854.

    Wang et al. (2024). "MMLU-Pro: A More Robust and Challenging Multi-Task Language Understanding
    Benchmark". arXiv:2406.01574.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> records.data.shape, records.n_missing
    ((12003, 1), 29)
    >>> print(f"says {records.data.mean():.2%}, is right in {records.target.mean():.2%}")
    says 93.27%, is right in 72.42%
    """
    arrays = load_arrays("mmlu_pro_confidence")
    index = index_of(model, "model", arrays["models"])
    confidence = arrays["confidence"][index]
    usable = (confidence >= 0) & (confidence <= 1)
    return make_result(
        confidence[usable, np.newaxis],
        arrays["correct"][index, usable],
        rows={
            "token_confidence": arrays["token_confidence"][index, usable],
            "subject": arrays["subject"][usable],
            "parsed": arrays["parsed"][index, usable],
            "question": np.flatnonzero(usable),
        },
        feature_names=["confidence"],
        target_name="correct",
        target_names=["wrong", "correct"],
        n_missing=int(np.sum(~usable)),
        model_id=str(arrays["model_ids"][index]),
        models=arrays["models"].tolist(),
        DESCR=load_description("mmlu_pro_confidence"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
