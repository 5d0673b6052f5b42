"""Temperature scaling: one number makes all probabilities sharper or softer."""

from scipy.special import softmax

from sklearn_calib._core.temperature import optimal_temperature
from sklearn_calib._warn import warn_user
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use

NO_OPTIMUM = {
    "separable": (
        "Every calibration row is answered right, so the log loss has no minimum at a positive "
        "temperature; temperature_={:.4g} is what that many right answers support. Calibrate on rows "
        "that the classifier was not fitted on, or on more of them."
    ),
    "uninformative": (
        "The scores say nothing about the labels (the right class scores no higher than the average "
        "class), so the log loss only falls with the temperature; temperature_={:.4g} is its bound and "
        "makes all classes about equally probable. Check the order of the columns of X."
    ),
    "constant": (
        "All classes have equal scores in every row, so no temperature changes anything; "
        "temperature_={:.4g}."
    ),
}


class TemperatureScaler(BaseCalibrator):
    r"""Divide the logits by the temperature that minimises the log loss.

    The calibrated probabilities of a row of logits :math:`z` are

    .. math:: \hat p_k = \frac{\exp(z_k / T)}{\sum_j \exp(z_j / T)}

    with the one :math:`T > 0` that minimises the weighted log loss of the calibration rows, found to
    a relative error of about 1e-10 (the loss is convex in :math:`1 / T`). :math:`T > 1` softens an
    overconfident classifier, :math:`T < 1` sharpens a timid one. The predicted class never changes.

    Temperature lives on the log-odds scale: for two classes the log-odds of the calibrated
    probability are those of the score divided by :math:`T`, whether the score arrives as one column,
    as two, as probability or as logit. Scores that are calibrated already have :math:`T = 1`.

    One temperature leaves 0.5 (or the uniform row) where it is: it cannot repair scores that are wrong
    about it, such as stated confidences of a model that says "90 %" and is right in 45 % of cases.
    `BinningCalibrator` can.

    Parameters
    ----------
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    eps : float in (0, 1 / n_classes], default=None
        Smallest probability whose logarithm is taken; a smaller one, zero above all, is raised to it
        and larger ones are kept exactly. None learns it in `fit`: half the smallest positive
        probability of the calibration rows if they hold zeros, else the smallest normal number of the
        dtype. Not used with logits. See Notes.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class.

    Attributes
    ----------
    temperature_ : float
        The temperature :math:`T`, without unit.
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
        Where no finite optimum exists, with a documented bound in its place. Every row right: `T` is
        such that the mean log loss exceeds its limit by :math:`\log\frac{n + 2}{n + 1}`, what Laplace's
        rule of succession grants :math:`n` right answers (:math:`n` the sum of weights). Scores no
        better than chance: `T` is 1000 times their spread, which no other case exceeds. Constant
        scores: `T` = 1.

    See Also
    --------
    BinningCalibrator : A free value per bin of the score.

    Notes
    -----
    A zero is not "impossible" but "less than this model can express": a hundred trees express 0.01, a
    softmax in float32 1e-38. No constant serves both: a floor of 1e-3 biases saturated softmax
    outputs, a floor of 1e-300 lets a single zero at a label dictate :math:`T`. Hence the floor is
    learnt from the scores. Stated confidences, where 100 % means "quite sure", want `eps` = 1e-3.

    References
    ----------
    .. [1] Guo, Pleiss, Sun and Weinberger (2017). On Calibration of Modern Neural Networks. ICML.
       :arxiv:`1706.04599`

    Examples
    --------
    >>> from sklearn_calib import TemperatureScaler
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> cifar = load_cifar10_probabilities(model="vgg16")
    >>> scaler = TemperatureScaler()
    >>> scaler.fit(cifar.data[cifar.cal_idx], cifar.target[cifar.cal_idx]).temperature_
    1.72...
    >>> TemperatureScaler().fit([[0.9], [0.9], [0.9], [0.1]], [1, 1, 0, 0]).predict_proba([0.9])
    array([[0.25, 0.75]])
    """

    def __init__(self, *, input="proba", eps=None, classes=None):
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        self.eps_ = floor_in_use(self.eps, scores)
        self.temperature_, status = optimal_temperature(scores.logits(self.eps_), code, weight)
        if status != "optimal":
            warn_user(NO_OPTIMUM[status].format(self.temperature_))

    def _predict_proba(self, scores):
        logits = scores.logits(self.eps_)
        return softmax(logits / logits.dtype.type(self.temperature_), axis=1)
