"""Answers of twelve language models to the same open questions."""

import numpy as np

from sklearn_calib._validation import check_option
from sklearn_calib.datasets._base import load_arrays, load_description, make_result


def load_triviaqa_answers(split="test", *, return_X_y=False, as_frame=False):
    """Load answers of language models to open questions of TriviaQA.

    Open models answered the same questions without examples. Which of the answers are the same, after
    lower-casing and dropping articles and punctuation, is told by codes, so that agreement can be used
    beside each model's own probability. A row is one answer; the answers to one question follow each
    other, so that ``answers.answer.reshape(-1, answers.n_models)`` has one question per row.

    Parameters
    ----------
    split : {"test", "train"}, default="test"
        "test": 1,000 questions answered by 12 models, 12,000 rows. "train": 2,000 other questions
        answered by 11 of them, 22,000 rows.
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (n, 1), or DataFrame
            Geometric mean of the probabilities of the tokens of the response, in (0, 1].
        target : ndarray of shape (n,) of int, or Series
            1 if a judge model accepted the answer, else 0.
        answer : ndarray of shape (n,) of int
            Code of the answer, equal for equal answers to the same question; -1 for an empty one. Codes
            of different questions have nothing to do with each other.
        question : ndarray of shape (n,) of int
            Position of the question in its split, from 0.
        model : ndarray of shape (n,) of str
            Which model answered.
        n_models : int
            Answers per question: 12 or 11.
        models : list of str
            Names of the models, in the order of the answers to each question.
        feature_names : list of str
            `["sequence_probability"]`.
        target_names : list of str
            Meaning of target 0 and 1: `["wrong", "correct"]`.
        frame : DataFrame of shape (n, 5) or None
            With `as_frame=True`: sequence_probability, answer, question, model (category), correct.
        DESCR : str
            Source, licence and selection.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    ValueError
        If `split` is not one of the names.
    ImportError
        If `as_frame=True` and pandas is not installed.

    Notes
    -----
    Records: MIT licence, from github.com/Yuuxii/Influences-on-LLM-Calibration. Values are those of the
    source; the codes of the answers were derived from their text, which is not included.

    References
    ----------
    Xia et al. (2025). "Influences on LLM Calibration: A Study of Response Agreement, Loss Functions,
    and Prompt Styles". ACL 2025.

    Joshi et al. (2017). "TriviaQA: A Large Scale Distantly Supervised Challenge Dataset for Reading
    Comprehension". arXiv:1705.03551.

    Examples
    --------
    >>> from sklearn.metrics import roc_auc_score
    >>> from sklearn_calib.datasets import load_triviaqa_answers
    >>> from sklearn_calib.ensemble import answer_agreement
    >>> answers = load_triviaqa_answers()
    >>> answers.data.shape, answers.n_models
    ((12000, 1), 12)
    >>> codes = answers.answer.reshape(-1, answers.n_models)
    >>> others = answer_agreement(codes, missing=-1).leave_one_out.ravel()
    >>> for signal in (answers.data, others):
    ...     print(f"{roc_auc_score(answers.target, signal):.3f}")
    0.724
    0.801
    """
    check_option(split, "split", ("test", "train"))
    arrays = load_arrays("triviaqa_answers")
    models = arrays["models"][arrays[f"{split}_models"]]
    answer = arrays[f"{split}_answer"].astype(np.int64)
    probability = arrays[f"{split}_sequence_probability"].astype(np.float64)
    return make_result(
        probability.reshape(-1, 1),
        arrays[f"{split}_correct"].ravel().astype(np.int64),
        rows={
            "answer": answer.ravel(),
            "question": np.repeat(np.arange(len(answer)), models.size),
            "model": np.tile(models, len(answer)),
        },
        feature_names=["sequence_probability"],
        target_name="correct",
        target_names=["wrong", "correct"],
        n_models=models.size,
        models=models.tolist(),
        DESCR=load_description("triviaqa_answers"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
