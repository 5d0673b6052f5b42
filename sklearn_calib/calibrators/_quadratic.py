"""Quadratic scaling: a parabola on the log-odds."""

import numpy as np
from scipy.special import expit

from sklearn_calib._core.logistic import fit_logistic
from sklearn_calib.calibrators._base import floor_in_use
from sklearn_calib.calibrators._binary import BinaryCalibrator
from sklearn_calib.calibrators._logistic import coefficients, warn_if_infinite


class QuadraticCalibrator(BinaryCalibrator):
    r"""Quadratic scaling of the log-odds: :math:`\operatorname{logit} \hat p = a s^2 + b s + c`.

    :math:`s` is the log-odds of the score; :math:`a, b, c` minimise the weighted log loss. It is
    right where the scores of each class are normally distributed with different variances [1]_. Beyond
    the calibration scores the map goes on along its tangent. Within them it is monotone unless the
    vertex of the parabola lies there, :math:`s = -b / 2a`, which for calibrated scores it does not. More
    than two classes are each calibrated against the rest, then normalised.

    Parameters
    ----------
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
    coef_ : ndarray of shape (1, 2) or (n_classes, 2)
        :math:`b` and :math:`a`, of the log-odds and their square, of the last of two classes or of each
        class; zeros for a class that is absent or alone in the calibration rows.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercept :math:`c`, in log-odds.
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
    .. [1] Berta, Holzmueller, Jordan and Bach (2025). Structured Matrix Scaling for Multi-Class
       Calibration. :arxiv:`2511.03685`

    Examples
    --------
    >>> from sklearn_calib.calibrators import QuadraticCalibrator
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> games = load_nfl_forecasts()
    >>> decided = games.target != 0.5
    >>> calibrator = QuadraticCalibrator().fit(games.data[decided], games.target[decided])
    >>> calibrator.coef_.round(2), calibrator.intercept_.round(2)
    (array([[0.9 , 0.03]]), array([-0.13]))
    """

    def __init__(self, *, input="proba", eps=None, classes=None):
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        self.eps_ = floor_in_use(self.eps, scores)
        super()._fit(scores, code, weight)
        slope, curvature, self.intercept_ = coefficients(self._maps, 2)
        self.coef_ = np.column_stack([slope, curvature])

    def _fit_binary(self, scores, positive, weight):
        s = scores.log_odds(self.eps_).astype(
            float
        )  # the square of a masked logit is none in float32
        fit = fit_logistic([s, s * s], positive, weight, start=[1, 0, 0])
        warn_if_infinite(fit)
        return np.array([*fit.coef, s.min(), s.max()])

    def _predict_binary(self, scores, parameters):
        dtype = scores.values.dtype
        s = scores.log_odds(self.eps_).astype(float)
        slope, curvature, intercept, low, high = parameters
        t = np.clip(s, low, high)
        tangent = 2 * curvature * t + slope
        return expit((curvature * t + slope) * t + intercept + tangent * (s - t)).astype(dtype)
