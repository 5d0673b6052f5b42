"""Platt scaling: a slope and an intercept for the log-odds."""

from scipy.special import expit

from sklearn_calib._core.logistic import fit_logistic
from sklearn_calib._validation import check_option
from sklearn_calib.calibrators._base import floor_in_use
from sklearn_calib.calibrators._binary import BinaryCalibrator
from sklearn_calib.calibrators._logistic import coefficients, warn_if_infinite


class SigmoidCalibrator(BinaryCalibrator):
    r"""Platt scaling of the log-odds: :math:`\operatorname{logit} \hat p = a s + c`.

    :math:`s` is the log-odds of the score, :math:`a` and :math:`c` minimise the weighted log loss.
    Unlike temperature scaling it corrects scores that are wrong about 0.5 too. On log-odds the
    identity is among the maps (:math:`a = 1, c = 0`), which on probabilities, where some packages apply
    this method, it is not. The map is monotone; a negative slope means that scores are the wrong way
    round. More than two classes are each calibrated against the rest, then normalised.

    Parameters
    ----------
    smooth_targets : bool, default=False
        Use the targets of Platt [1]_, :math:`(n_+ + 1) / (n_+ + 2)` and :math:`1 / (n_- + 2)` for
        :math:`n_+` positives and :math:`n_-` negatives (sums of weights), instead of 1 and 0.
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
    coef_ : ndarray of shape (1,) or (n_classes,)
        Slope :math:`a` of the last of two classes, or of each class; 0 for a class that is absent or
        alone in the calibration rows.
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
        If a threshold separates the classes, so that the log loss has no finite optimum; the smoothed
        targets are then used, which have one.

    References
    ----------
    .. [1] Platt (1999). Probabilistic outputs for support vector machines and comparisons to
       regularized likelihood methods. Advances in Large Margin Classifiers.

    Examples
    --------
    >>> from sklearn_calib.calibrators import SigmoidCalibrator
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> games = load_nfl_forecasts()
    >>> decided = games.target != 0.5
    >>> calibrator = SigmoidCalibrator().fit(games.data[decided], games.target[decided])
    >>> calibrator.coef_.round(2), calibrator.intercept_.round(2)
    (array([0.92]), array([-0.11]))
    """

    def __init__(self, *, smooth_targets=False, input="proba", eps=None, classes=None):
        self.smooth_targets = smooth_targets
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        check_option(self.smooth_targets, "smooth_targets", (False, True))
        self.eps_ = floor_in_use(self.eps, scores)
        super()._fit(scores, code, weight)
        self.coef_, self.intercept_ = coefficients(self._maps, 1)

    def _fit_binary(self, scores, positive, weight):
        columns = [scores.log_odds(self.eps_)]
        smooth = bool(self.smooth_targets)
        fit = fit_logistic(columns, positive, weight, start=[1.0, 0.0], smooth=smooth)
        warn_if_infinite(fit)
        return fit.coef

    def _predict_binary(self, scores, coef):
        slope, intercept = coef.astype(scores.values.dtype)
        return expit(slope * scores.log_odds(self.eps_) + intercept)
