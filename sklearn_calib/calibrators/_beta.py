"""Beta calibration: the map between two beta distributions of scores."""

import numpy as np
from scipy.special import expit

from sklearn_calib._core.logistic import fit_logistic
from sklearn_calib._validation import check_option
from sklearn_calib.calibrators._base import floor_in_use
from sklearn_calib.calibrators._binary import BinaryCalibrator
from sklearn_calib.calibrators._logistic import coefficients, warn_if_infinite

_LOG_2 = np.log(2)


class BetaCalibrator(BinaryCalibrator):
    r"""Beta calibration: :math:`\operatorname{logit} \hat p = a \ln p - b \ln(1 - p) + c`.

    With :math:`a, b \ge 0` that minimise the weighted log loss, the map is monotone. It is right where
    the scores of each class follow a beta distribution; the identity is :math:`a = b = 1, c = 0`, so that
    calibrated scores stay as they are. Unlike a sigmoid it can correct the two ends of the scale
    differently. More than two classes are each calibrated against the rest, then normalised.

    Parameters
    ----------
    parameters : {"abm", "am", "ab"}, default="abm"
        Which parameters are free [1]_: all three; one slope :math:`a = b` and :math:`c`; or the slopes
        :math:`a` and :math:`b` with :math:`c = (a - b) \ln 2`, which leaves 0.5 where it is.
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    eps : float in (0, 1 / n_classes], default=None
        Smallest probability whose logarithm is taken. See `TemperatureScaler`.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class.

    Attributes
    ----------
    a_, b_, c_ : ndarray of shape (1,) or (n_classes,)
        Parameters of the last of two classes, or of each class; a class that is absent or alone in the
        calibration rows has :math:`a = b = 0`.
    eps_ : float
        The floor in use.
    class_prior_ : ndarray of shape (n_classes,)
        Weighted share of each class in `y`.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    Warns
    -----
    UserWarning
        If the scores separate the classes, so that the log loss has no finite optimum; Platt's smoothed
        targets (see `SigmoidCalibrator`) are then used, which have one.

    References
    ----------
    .. [1] Kull, Silva Filho and Flach (2017). Beta calibration: a well-founded and easily implemented
       improvement on logistic calibration for binary classifiers. AISTATS.

    Examples
    --------
    >>> from sklearn_calib.calibrators import BetaCalibrator
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> games = load_nfl_forecasts()
    >>> decided = games.target != 0.5
    >>> calibrator = BetaCalibrator().fit(games.data[decided], games.target[decided])
    >>> calibrator.a_.round(2), calibrator.b_.round(2), calibrator.c_.round(2)
    (array([0.8]), array([1.01]), array([-0.27]))
    """

    def __init__(self, *, parameters="abm", input="proba", eps=None, classes=None):
        self.parameters = parameters
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        check_option(self.parameters, "parameters", ("abm", "am", "ab"))
        self.eps_ = floor_in_use(self.eps, scores)
        super()._fit(scores, code, weight)
        self.a_, self.b_, self.c_ = coefficients(self._maps, 2)

    def _fit_binary(self, scores, positive, weight):
        log_rest, log_p = scores.log_proba(self.eps_).T
        if self.parameters == "am":
            fit = fit_logistic([log_p - log_rest], positive, weight, start=[1, 0], nonnegative=1)
        elif self.parameters == "ab":
            columns = [log_p + _LOG_2, -log_rest - _LOG_2]
            fit = fit_logistic(
                columns, positive, weight, start=[1, 1], nonnegative=2, intercept=False
            )
        else:
            columns = [log_p, -log_rest]
            fit = fit_logistic(columns, positive, weight, start=[1, 1, 0], nonnegative=2)
        warn_if_infinite(fit)
        return _as_abc(fit.coef, self.parameters)

    def _predict_binary(self, scores, abc):
        log_rest, log_p = scores.log_proba(self.eps_).T
        a, b, c = abc.astype(log_p.dtype)
        return expit(a * log_p - b * log_rest + c)


def _as_abc(coef, parameters):
    if parameters == "am":
        return np.array([coef[0], coef[0], coef[1]])
    if parameters == "ab":
        return np.array([*coef, (coef[0] - coef[1]) * _LOG_2])
    return coef
