"""Option probabilities of a language model under ten prompts."""

import numpy as np
from scipy.special import softmax

from sklearn_calib.datasets._base import load_arrays, load_description, make_result

_OPTIONS = ["A", "B", "C", "D"]
_RESOLUTION = 128  # the model ran in half precision: its logits are multiples of 1/128


def load_mmlu_prompts(*, return_X_y=False, as_frame=False):
    """Load the probabilities of a language model for MMLU questions, asked with ten prompts.

    LLaMA-13B gave a probability to each of four options of 1,623 questions. Each question was asked ten
    times, after ten different worked examples: ten members of an ensemble that share one model. A row is
    one question under one prompt; the rows of a prompt follow each other, so that
    ``answers.data.reshape(answers.n_prompts, -1, 4)`` is what :mod:`sklearn_calib.ensemble` takes.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (16230, 4), or DataFrame
            Probability of each option; rows sum to 1.
        target : ndarray of shape (16230,) of int, or Series
            Column of the right option, 0 to 3.
        prompt : ndarray of shape (16230,) of int
            Which prompt, from 0.
        question : ndarray of shape (16230,) of int
            Which question, from 0.
        subject : ndarray of shape (16230,) of str
            Subject of the question, one of 8.
        n_prompts : int
            10.
        feature_names, target_names : list of str
            The options, "A" to "D".
        frame : DataFrame of shape (16230, 8) or None
            With `as_frame=True`: the probabilities, prompt, question, subject (category), label.
        DESCR : str
            Source, licence and selection.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    ImportError
        If `as_frame=True` and pandas is not installed.

    Notes
    -----
    Records: MIT licence, from github.com/bhaweshiitk/ConformalLLM. The values are those of the source up
    to the rounding of its single precision. Ten rows of one question are not ten questions: split by
    `question`.

    References
    ----------
    Kumar et al. (2023). "Conformal Prediction with Large Language Models for Multi-Choice Question
    Answering". arXiv:2305.18404.

    Hendrycks et al. (2021). "Measuring Massive Multitask Language Understanding". ICLR.
    arXiv:2009.03300.

    Examples
    --------
    >>> from sklearn.metrics import log_loss
    >>> from sklearn_calib.datasets import load_mmlu_prompts
    >>> from sklearn_calib.ensemble import combine_probabilities
    >>> answers = load_mmlu_prompts()
    >>> probas = answers.data.reshape(answers.n_prompts, -1, 4)
    >>> label = answers.target[: probas.shape[1]]
    >>> print(f"{log_loss(answers.target, answers.data):.3f}")  # of one prompt, on average
    1.250
    >>> print(f"{log_loss(label, combine_probabilities(probas)):.3f}")
    1.242
    """
    arrays = load_arrays("mmlu_prompts")
    logits = arrays["logits"] / _RESOLUTION  # less that of the first option
    n_prompts, n_questions, _ = logits.shape
    logits = np.concatenate([np.zeros((n_prompts, n_questions, 1)), logits], axis=2)
    return make_result(
        softmax(logits, axis=2).reshape(-1, len(_OPTIONS)),
        np.tile(arrays["label"].astype(np.int64), n_prompts),
        rows={
            "prompt": np.repeat(np.arange(n_prompts), n_questions),
            "question": np.tile(np.arange(n_questions), n_prompts),
            "subject": np.tile(arrays["subject"], n_prompts),
        },
        feature_names=list(_OPTIONS),
        target_name="label",
        target_names=list(_OPTIONS),
        n_prompts=n_prompts,
        DESCR=load_description("mmlu_prompts"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
