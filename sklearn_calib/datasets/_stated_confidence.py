"""Stated confidence of language models on six question sets."""

import numpy as np

from sklearn_calib.datasets._base import index_of, load_arrays, load_description, make_result

_ROW_FIELDS = ["question", "token_confidence", "common"]
_LIFE_FIELDS = ["min_age", "radius"]


def load_stated_confidence(
    dataset="BoolQ", *, model="gpt-4o", common_only=False, return_X_y=False, as_frame=False
):
    """Load the confidence that a language model stated on one of six question sets.

    A row is one question that the model answered with a usable confidence, in the order of the
    question set. How many those are depends on the model; the study compares models on the
    questions that all eleven of its models answered (`common_only=True`).

    Parameters
    ----------
    dataset : str, default="BoolQ"
        "BoolQ" (yes or no), "LSAT" (analytical reasoning, five options), "SAT" (reading, four
        options), "SciQ" (four options), "HaluEval" (is the answer shown right?) or "LifeEval" (at
        which age does a person die?).
    model : str, default="gpt-4o"
        "gpt-4o", "claude-3-7-sonnet", "claude-3-haiku", "deepseek-v3", "gemini-2.5-flash" or
        "Meta-Llama-3.1-8B".
    common_only : bool, default=False
        Keep only the rows of questions that all models of the study answered: BoolQ 2,503, LSAT 87,
        SAT 173, SciQ 996, HaluEval 1,790, LifeEval 751.
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (n, 1), or DataFrame
            Stated probability in [0, 1], never missing: that the chosen answer is right; for
            HaluEval, that the answer shown is right; for LifeEval, that the age at death lies
            within `radius` years of the age the model named.
        target : ndarray of shape (n,) of int, or of float for LifeEval; or Series
            1 if that is so, else 0. For LifeEval the probability in [0, 1] that it is so, computed
            from life tables: a graded outcome with known truth.
        token_confidence : ndarray of shape (n,)
            Normalised token probability of the chosen answer, in [0, 1]. NaN except for
            "Meta-Llama-3.1-8B" on BoolQ, LSAT, SAT and SciQ.
        question : ndarray of shape (n,) of int
            Position of the question in its set, from 0; the same for every model.
        common : ndarray of shape (n,) of bool
            Whether all models of the study answered the question.
        min_age : ndarray of shape (n,) of int
            LifeEval only: the age in years that the person has reached, 0 to 100.
        radius : ndarray of shape (n,) of int
            LifeEval only: half the width of the interval in years: 1, 5, 10 or 20.
        model_id : str
            Full name of the model in the source.
        models, datasets : list of str
            The accepted names.
        feature_names : list of str
            `["confidence"]`.
        target_names : list of str or None
            Meaning of target 0 and 1: `["wrong", "correct"]`; None for LifeEval.
        frame : DataFrame of shape (n, 5), (n, 7) for LifeEval, or None
            With `as_frame=True`: confidence, the arrays of one value per row above, correct.
        DESCR : str
            Source, licence and selection.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    ValueError
        If `dataset` or `model` is not one of the names.
    ImportError
        If `as_frame=True` and pandas is not installed.

    Notes
    -----
    Records: MIT licence, from github.com/NoamMichael/Comparing-Confidence-in-LLMs. Values are those
    of the source.

    References
    ----------
    Michael, BenShushan, Bien and Moore (2026). "Confidence Calibration in Large Language Models".
    arXiv:2605.23909.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_stated_confidence
    >>> records = load_stated_confidence("SciQ", model="claude-3-haiku", common_only=True)
    >>> records.data.shape
    (996, 1)
    >>> print(f"says {records.data.mean():.2%}, is right in {records.target.mean():.2%}")
    says 84.36%, is right in 94.08%
    """
    arrays = load_arrays("stated_confidence")
    code = index_of(dataset, "dataset", arrays["datasets"])
    index = index_of(model, "model", arrays["models"])
    chosen = (arrays["dataset"] == code) & (arrays["model"] == index)
    if common_only:
        chosen &= arrays["common"]
    graded = dataset == "LifeEval"
    correct = arrays["correct"][chosen]
    return make_result(
        arrays["confidence"][chosen, np.newaxis],
        correct if graded else correct.astype(np.int64),
        rows={name: arrays[name][chosen] for name in _ROW_FIELDS + _LIFE_FIELDS * graded},
        feature_names=["confidence"],
        target_name="correct",
        target_names=None if graded else ["wrong", "correct"],
        model_id=str(arrays["model_ids"][index]),
        models=arrays["models"].tolist(),
        datasets=arrays["datasets"].tolist(),
        DESCR=load_description("stated_confidence"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
