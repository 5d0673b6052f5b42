"""Softmax outputs of two image classifiers on CIFAR-10."""

from sklearn_calib.datasets._base import index_of, load_arrays, load_description, make_result

_CLASSES = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]


def load_cifar10_probabilities(*, model="wideresnet-16-4", return_X_y=False, as_frame=False):
    """Load the class probabilities of an image classifier on the CIFAR-10 test images.

    A row is one of the 10,000 test images, in their original order, which is the same for both
    models.

    Parameters
    ----------
    model : {"wideresnet-16-4", "vgg16"}, default="wideresnet-16-4"
        Which network classified the images. Their accuracies are 91.09 % and 93.59 %.
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (10000, 10) of float32, or DataFrame
            Softmax outputs as the source has them, one column per class, in (0, 1]; never missing.
            Rows sum to 1 up to rounding in float32; the smallest value is about 7e-23.
        target : ndarray of shape (10000,) of int, or Series
            Class of the image, 0 to 9.
        cal_idx, test_idx : ndarray of shape (5000,) of int, sorted
            A random half each, for fitting and for evaluating; together every row once. The split
            is not that of a paper.
        models : list of str
            The accepted names.
        feature_names, target_names : list of str
            Names of the ten classes, "airplane" to "truck".
        frame : DataFrame of shape (10000, 11) or None
            With `as_frame=True`: the probabilities and label.
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
    The outputs of "wideresnet-16-4" are under the Apache-2.0 licence, from
    github.com/EFS-OpenSource/calibration-framework; those of "vgg16" under the MIT licence, from
    github.com/p-lambda/verified_calibration.

    References
    ----------
    Küppers et al. (2020). "Multivariate Confidence Calibration for Object Detection". CVPR
    Workshops. arXiv:2004.13546.

    Kumar, Liang and Ma (2019). "Verified Uncertainty Calibration". NeurIPS. arXiv:1909.10155.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> images = load_cifar10_probabilities(model="vgg16")
    >>> confidence = images.data.max(axis=1)
    >>> correct = images.data.argmax(axis=1) == images.target
    >>> print(f"confidence {confidence.mean():.2%}, accuracy {correct.mean():.2%}")
    confidence 97.56%, accuracy 93.59%
    """
    arrays = load_arrays("cifar10_probabilities")
    return make_result(
        arrays["probs"][index_of(model, "model", arrays["models"])],
        arrays["label"],
        rows={},
        feature_names=list(_CLASSES),
        target_name="label",
        target_names=list(_CLASSES),
        cal_idx=arrays["cal_idx"],
        test_idx=arrays["test_idx"],
        models=arrays["models"].tolist(),
        DESCR=load_description("cifar10_probabilities"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
