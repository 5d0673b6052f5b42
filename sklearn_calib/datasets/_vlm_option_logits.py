"""Option logits of vision-language models."""

from sklearn_calib._validation import check_option
from sklearn_calib.datasets._base import index_of, load_arrays, load_description, make_result

_OPTIONS = ["A", "B", "C", "D", "E", "F"]
_ROW_FIELDS = {
    "mmbench": ("question_id", "category", "subcategory"),
    "oodcv": ("situation",),
}


def load_vlm_option_logits(
    dataset="mmbench", *, model="llava-v1.5-13b", return_X_y=False, as_frame=False
):
    """Load the logits that a vision-language model gives to six answer options.

    A row is one question on one image. The options are the four answers A to D, E ("I don't know")
    and F ("None of the above"); E and F are never right. Three models saw the same rows in the same
    order.

    Parameters
    ----------
    dataset : {"mmbench", "oodcv"}, default="mmbench"
        The MMBench dev questions (4,377 rows), or OOD-CV, which shows objects in ordinary and in
        six kinds of unusual situations (2,844 rows).
    model : {"llava-v1.5-13b", "Monkey", "Qwen-VL-Chat"}, default="llava-v1.5-13b"
        Which model answered.
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (n, 6) of float32, or DataFrame
            Unnormalised logits as the source has them, one column per option; never missing. Their
            softmax is the model's distribution over the options.
        target : ndarray of shape (n,) of int, or Series
            Column of the right option, 0 to 3.
        cal_idx, test_idx : ndarray of int, sorted
            Rows of the calibration and the test half of the source; together every row once.
        question_id : ndarray of shape (n,) of int
            MMBench only: rows of one id are the same question with its options rotated. The halves
            above split such rows; group by this id where that matters.
        category, subcategory : ndarray of shape (n,) of str
            MMBench only: the ability asked for, one of 6, and one of 20.
        situation : ndarray of shape (n,) of str
            OOD-CV only: "iid", or the shift: "context", "occlusion", "pose", "shape", "texture",
            "weather".
        models : list of str
            The accepted names.
        feature_names, target_names : list of str
            The options, "A" to "F".
        frame : DataFrame of shape (n, 10) for MMBench, (n, 8) for OOD-CV, or None
            With `as_frame=True`: the logits, the arrays of one value per row above (text as
            categories), label.
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
    Records: MIT licence, from github.com/EnSec-AI/VLM-Uncertainty-Bench. The calibration errors
    that its authors publish are those of all rows, not of the test half: with 15 bins 0.08889 for
    llava-v1.5-13b on MMBench and 0.26821 for Monkey on OOD-CV.

    References
    ----------
    Kostumov et al. (2024). "Uncertainty-Aware Evaluation for Vision-Language Models".
    arXiv:2402.14418.

    Liu et al. (2023). "MMBench: Is Your Multi-modal Model an All-around Player?" arXiv:2307.06281.

    Zhao et al. (2022). "OOD-CV: A Benchmark for Robustness to Out-of-Distribution Shifts of
    Individual Nuisances in Natural Images". arXiv:2111.14341.

    Examples
    --------
    >>> from scipy.special import softmax
    >>> from sklearn_calib.datasets import load_vlm_option_logits
    >>> answers = load_vlm_option_logits("oodcv", model="Monkey")
    >>> answers.data.shape
    (2844, 6)
    >>> confidence = softmax(answers.data, axis=1).max(axis=1)
    >>> correct = answers.data.argmax(axis=1) == answers.target
    >>> print(f"confidence {confidence.mean():.2%}, accuracy {correct.mean():.2%}")
    confidence 40.26%, accuracy 13.54%
    """
    check_option(dataset, "dataset", list(_ROW_FIELDS))
    arrays = load_arrays(f"vlm_option_logits_{dataset}")
    return make_result(
        arrays["logits"][index_of(model, "model", arrays["models"])],
        arrays["label"],
        rows={name: arrays[name] for name in _ROW_FIELDS[dataset]},
        feature_names=list(_OPTIONS),
        target_name="label",
        target_names=list(_OPTIONS),
        cal_idx=arrays["cal_idx"],
        test_idx=arrays["test_idx"],
        models=arrays["models"].tolist(),
        DESCR=load_description("vlm_option_logits"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
