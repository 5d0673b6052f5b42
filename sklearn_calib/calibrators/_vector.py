"""Vector scaling: a slope and an intercept per class, shrunk towards temperature scaling."""

import numpy as np
from scipy.special import log_softmax, softmax

from sklearn_calib._core.softmax_regression import (
    OwnScore,
    free_softmax_regression,
    reference_temperature,
    softmax_regression,
    structured_penalty,
    tempered,
)
from sklearn_calib._validation import check_number
from sklearn_calib._warn import warn_user
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use

_SEPARABLE = (
    "Every calibration row is answered right, so no positive temperature is optimal; "
    "temperature_={:.4g}, to which the map is shrunk, is what that many right answers support. Calibrate "
    "on rows that the classifier was not fitted on, or on more of them."
)
_NO_OPTIMUM = (
    "The scores separate the classes, or a class has no calibration rows: without penalty the log loss "
    "has no finite minimum. strength=1 takes the place of strength=0."
)


class VectorScaler(BaseCalibrator):
    r"""Vector scaling: a slope and an intercept for each class, shrunk towards temperature scaling.

    With :math:`x` the log-probabilities of a row after temperature scaling, the calibrated ones are

    .. math:: \hat p_j \propto \exp(s_j x_j + b_j)

    where :math:`s = 1 + v` and :math:`b` minimise the weighted mean log loss plus

    .. math:: \text{strength} \cdot \frac{k}{n} \left(\|v\|^2 + \|b\|^2\right)

    for :math:`k` classes and weights of sum :math:`n`. With `strength` = 1 this is the structured vector
    scaling of [1]_: few rows leave it near temperature scaling, many make it the vector scaling of [2]_,
    which `strength` = 0 is from the start. The result is within 1e-9 of the minimum.

    Intercepts correct shares of classes, such as an answer option that a model never chooses, which no
    temperature can; the predicted class may change.

    Parameters
    ----------
    strength : float >= 0, default=1.0
        Strength of the shrinkage. Tune it by log loss over factors of 3. Where `temperature_` is large,
        scores are nearly worthless to a temperature alone, and less than 1 is often better.
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    eps : float in (0, 1 / n_classes], default=None
        Smallest probability whose logarithm is taken. See `TemperatureScaler`.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class. A class without calibration rows is made improbable as far as the penalty allows.

    Attributes
    ----------
    temperature_ : float
        The temperature of :math:`x = \log \operatorname{softmax}(z / T)`, that of `TemperatureScaler`.
        If labels score no better than the average class, whose optimum is :math:`T = \infty`, it is the
        spread of the scores (root mean square of the standard deviations of the rows), and
        :math:`s = v`: the map is shrunk towards that optimum, equal probabilities.
    scale_ : ndarray of shape (n_classes,)
        The slopes :math:`s`, about 1.
    intercept_ : ndarray of shape (n_classes,)
        The intercepts :math:`b`; they sum to 0.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    eps_ : float
        The floor in use.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    Warns
    -----
    UserWarning
        If `strength` is 0 and the log loss has no finite minimum (a class without rows, or separable
        classes); `strength` = 1 then takes its place. If `strength` is positive and every row is right,
        so that the temperature is the bound of `TemperatureScaler` instead of an optimum.

    See Also
    --------
    TemperatureScaler : One number for all classes.
    MatrixScaler : Every class may depend on the scores of all.

    References
    ----------
    .. [1] Berta, Holzmüller, Jordan and Bach (2025). Structured Matrix Scaling for Multi-Class
       Calibration. :arxiv:`2511.03685`
    .. [2] Guo, Pleiss, Sun and Weinberger (2017). On Calibration of Modern Neural Networks. ICML.
       :arxiv:`1706.04599`

    Examples
    --------
    The model chooses A too seldom, and E ("I don't know") and F ("None of the above") are never right:

    >>> from sklearn_calib.calibrators import VectorScaler
    >>> from sklearn_calib.datasets import load_vlm_option_logits
    >>> answers = load_vlm_option_logits("oodcv", model="Qwen-VL-Chat")
    >>> X, y, fit = answers.data, answers.target, answers.cal_idx
    >>> scaler = VectorScaler(input="logits", classes=range(6)).fit(X[fit], y[fit])
    >>> scaler.intercept_.round(1)
    array([ 0.9,  0.6,  0.1,  0.4, -1.4, -0.5])
    >>> scaler.predict_proba(X[:1]).round(3)
    array([[0.019, 0.181, 0.782, 0.018, 0.   , 0.   ]], dtype=float32)

    The same by hand:

    >>> from scipy.special import log_softmax, softmax
    >>> x = log_softmax(X[:1] / scaler.temperature_, axis=1)
    >>> softmax(x * scaler.scale_ + scaler.intercept_).round(3)
    array([[0.019, 0.181, 0.782, 0.018, 0.   , 0.   ]])
    """

    def __init__(self, *, strength=1.0, input="proba", eps=None, classes=None):
        self.strength = strength
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        check_number(self.strength, "strength", low=0, high=np.inf, high_open=True)
        k = self.classes_.size
        x, slope, status = learn_temperature(self, scores, code, weight)
        data = (OwnScore, x, code, weight)
        target = np.column_stack([np.full(k, slope), np.zeros(k)])
        penalty = np.full((k, 2), structured_penalty(code, weight, k))
        if self.strength > 0:
            warn_if_separable(self, status)
            coef = softmax_regression(*data, self.strength * penalty, target)
        else:
            coef = None
            if status != "separable" and np.bincount(code, minlength=k).all():
                coef = free_softmax_regression(*data, 0 * penalty, target)
            if coef is None:
                warn_user(_NO_OPTIMUM)
                coef = softmax_regression(*data, penalty, target)
        self.scale_, self.intercept_ = coef.T.copy()

    def _predict_proba(self, scores):
        x = tempered_scores(self, scores)
        proba = softmax(x * self.scale_ + self.intercept_, axis=1)
        return proba.astype(scores.values.dtype, copy=False)


def in_double(scores):
    """The scores in float64, so that logarithms keep their digits."""
    return scores._replace(values=scores.values.astype(np.float64, copy=False))


def learn_temperature(calibrator, scores, code, weight):
    """Set `eps_` and `temperature_`; return tempered scores for the regression, slope and status."""
    calibrator.eps_ = floor_in_use(calibrator.eps, scores)
    z = in_double(scores).logits(calibrator.eps_)
    calibrator.temperature_, slope, status = reference_temperature(z, code, weight)
    return tempered(z, calibrator.temperature_), slope, status


def warn_if_separable(calibrator, status):
    """Warn that the temperature, to which the map is shrunk, is a bound."""
    if status == "separable":
        warn_user(_SEPARABLE.format(calibrator.temperature_))


def tempered_scores(calibrator, scores):
    """Log-probabilities after temperature scaling, of shape (n, n_classes), in float64."""
    return log_softmax(in_double(scores).logits(calibrator.eps_) / calibrator.temperature_, axis=1)
