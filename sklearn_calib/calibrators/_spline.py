"""Spline calibration: a smooth, monotone curve on the log-odds."""

from scipy.special import expit

from sklearn_calib._core.monotone_spline import fit_monotone_spline
from sklearn_calib.calibrators._base import floor_in_use
from sklearn_calib.calibrators._binary import BinaryCalibrator


class SplineCalibrator(BinaryCalibrator):
    r"""Smooth monotone calibration: :math:`\operatorname{logit} \hat p = f(s)` for a cubic spline.

    :math:`s` is the log-odds of the score. :math:`f` increases, and minimises the log loss plus a
    penalty on changes of its slope, which shrinks it towards a straight line, that is Platt scaling. The
    strength of the penalty is chosen, from seven powers of ten, by how well groups of neighbouring
    scores are predicted that are left out of the fit. Beyond the calibration scores the curve goes on
    along its tangents. More than two classes are each calibrated against the rest, then normalised.

    Use it where there are a few hundred rows or more and the shape of the miscalibration is unknown; in
    small samples a sigmoid or beta map varies less.

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

    Notes
    -----
    Platt's smoothed targets (see `SigmoidCalibrator`) keep the optimum finite where scores separate the
    classes. For the fit, rows are pooled in at most 511 groups of neighbouring scores.

    References
    ----------
    .. [1] Lucena (2018). Spline-Based Probability Calibration. :arxiv:`1809.07751`
    .. [2] Ramsay (1988). Monotone Regression Splines in Action. Statistical Science 3(4):425-441.
       :doi:`10.1214/ss/1177012761`

    Examples
    --------
    >>> from sklearn_calib.calibrators import SplineCalibrator
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> games = load_nfl_forecasts()
    >>> decided = games.target != 0.5
    >>> calibrator = SplineCalibrator().fit(games.data[decided], games.target[decided])
    >>> calibrator.predict_proba([0.3, 0.5, 0.9])[:, 1].round(2)
    array([0.29, 0.47, 0.87])
    """

    def __init__(self, *, input="proba", eps=None, classes=None):
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        self.eps_ = floor_in_use(self.eps, scores)
        super()._fit(scores, code, weight)

    def _fit_binary(self, scores, positive, weight):
        return fit_monotone_spline(scores.log_odds(self.eps_).astype(float), positive, weight)

    def _predict_binary(self, scores, spline):
        s = scores.log_odds(self.eps_)
        return expit(spline(s.astype(float))).astype(s.dtype)
