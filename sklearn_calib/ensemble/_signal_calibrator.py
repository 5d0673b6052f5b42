"""A calibrator of a score and of what else speaks for or against the answer."""

import numpy as np
from scipy.special import expit
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from sklearn_calib._core.scores import Scores
from sklearn_calib._core.signals import fit_signals
from sklearn_calib._validation import check_number, check_option, check_unit_range
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use

_CONSTANT = 1e-12  # standard deviation, as a share of the mean, that is rounding


class SignalCalibrator(BaseCalibrator):
    r"""Probability from one or several scores and further signals, such as disagreement.

    .. math:: \operatorname{logit} \hat p = \sum_j a_j s_j + \sum_i b_i x_i + c

    :math:`s_j` are the log-odds of the scores, :math:`x_i` the signals: disagreement of an ensemble,
    share of other models with the same answer, length of the answer, a flag. Fitted on few rows it stays
    close to the scores as they are (:math:`a_j` = 1 / `n_scores`, :math:`b_i = 0`, :math:`c = 0`); see
    `shrinkage`.

    It is made for records: the score is the confidence in the answer given, and the label says whether
    it was right. For P(positive) of a binary classifier use ``effect="scale"``: disagreement should then
    move the probability towards 1/2, from either side, rather than in one direction.

    Parameters
    ----------
    n_scores : int, default=1
        So many first columns of `X` are scores, the others signals. Several scores are pooled: their
        mean log-odds is where the fit starts from.
    effect : {"shift", "scale"}, default="shift"
        How signals enter. "shift" adds them to the log-odds, as above. "scale" multiplies the mean
        log-odds of the scores: :math:`(a + \sum_i b_i x_i) \bar s + c`.
    shrinkage : float, default=8
        How many unobserved rows each coefficient has for its prior value, against the observed ones; 0
        is plain logistic regression. Signals are standardised before.
    input : {"proba", "logits"}, default="proba"
        What the scores are: probabilities in [0, 1], or log-odds. Signals are taken as they are.
    eps : float in (0, 1/2], default=None
        Smallest probability whose logarithm is taken. None learns it from the scores, as
        `TemperatureScaler` does; for confidences stated in words, use 1e-3.
    classes : array-like of shape (2,), default=None
        Sorted labels. None takes those in `y`, which must then hold both.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features_in_,)
        Coefficients :math:`a_j` of the log-odds, then :math:`b_i` of the signals in their own unit; 0
        for a signal that is constant. With ``effect="scale"`` the scores share one: each has
        `a / n_scores`.
    intercept_ : float
        Intercept :math:`c`, in log-odds.
    eps_ : float
        The floor in use.
    classes_ : ndarray of shape (2,)
        Sorted class labels; the probability is that of the last.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    See Also
    --------
    answer_agreement, disagreement : Signals.
    SigmoidCalibrator : The same for one score without signals.

    Notes
    -----
    The prior rows make the fit the mode of a posterior in which each coefficient has a log-F density
    [1]_, here centred at the identity. The default is the best compromise on real
    records: with 20 to 100 rows it beats weaker and stronger shrinkage, with 1,000 rows nothing is lost
    (``benchmarks/signals_on_real_data.py``).

    References
    ----------
    .. [1] Greenland and Mansournia (2015). Penalization, bias reduction, and default priors in logistic
       and related categorical and survival regressions. Statistics in Medicine 34(23):3133-3143.
       :doi:`10.1002/sim.6537`

    Examples
    --------
    A stated confidence of 0.9 means more where others give the same answer.

    >>> import numpy as np
    >>> from sklearn_calib.ensemble import SignalCalibrator
    >>> rng = np.random.default_rng(0)
    >>> stated, agreement = rng.uniform(0.5, 1, 2000), rng.uniform(0, 1, 2000)
    >>> correct = rng.random(2000) < stated * agreement
    >>> calibrator = SignalCalibrator().fit(np.column_stack([stated, agreement]), correct)
    >>> calibrator.predict_proba([[0.9, 0.2], [0.9, 0.8]])[:, 1].round(2)
    array([0.18, 0.67])
    """

    def __init__(
        self, *, n_scores=1, effect="shift", shrinkage=8.0, input="proba", eps=None, classes=None
    ):
        self.n_scores = n_scores
        self.effect = effect
        self.shrinkage = shrinkage
        self.input = input
        self.eps = eps
        self.classes = classes

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _validated(self, X, *, reset):
        X = validate_data(self, X, dtype=np.float64, reset=reset)
        if reset:
            self._check_parameters(X.shape[1])
        if self.input == "proba":
            q = self.n_scores
            scores = check_unit_range(X[:, :q].ravel(), f"X[:, :{q}]").reshape(-1, q)
            X = np.hstack([scores, X[:, q:]])
        return X

    def _encode(self, y, n_columns):
        present = np.unique(y)
        check_classification_targets(present)
        n_classes = present.size
        if n_classes > 2:
            raise ValueError(
                f"Only binary classification is supported. y holds {n_classes} labels; for records it "
                "says whether the answer was right."
            )
        return super()._encode(y, 1)  # two classes, whatever the number of columns

    def _scores(self, values):
        return values

    def _check_parameters(self, n_columns):
        check_option(self.effect, "effect", ("shift", "scale"))
        check_number(self.shrinkage, "shrinkage", low=0, high=np.inf, high_open=True)
        check_number(self.n_scores, "n_scores", low=1, high=n_columns)
        if self.n_scores != int(self.n_scores):
            raise TypeError(f"n_scores must be an integer; got {self.n_scores!r}.")

    def _fit(self, values, code, weight):
        q = self.n_scores
        self.eps_ = floor_in_use(self.eps, Scores(values[:, :q].ravel(), self.input))
        signals = values[:, q:]
        share = np.full(code.size, 1 / code.size) if weight is None else weight / weight.sum()
        mean = share @ signals
        sd = np.sqrt(share @ (signals - mean) ** 2)
        sd[sd <= _CONSTANT * np.abs(mean)] = np.inf  # of a constant signal nothing is learnt
        columns = self._columns(values, (signals - mean) / sd)
        centre = np.zeros(len(columns))
        n_slopes = len(columns) - signals.shape[1]
        centre[:n_slopes] = 1 / n_slopes
        coef = fit_signals(columns, centre, code == 1, weight, self.shrinkage).coef
        slope, effect, intercept = coef[:n_slopes], coef[n_slopes:-1] / sd, coef[-1]
        if self.effect == "scale":
            slope = np.full(q, (slope[0] - effect @ mean) / q)
        else:
            intercept -= effect @ mean
        self.coef_ = np.concatenate([slope, effect])
        self.intercept_ = float(intercept)

    def _predict_proba(self, values):
        q = self.n_scores
        columns = self._columns(values, values[:, q:])
        coef = self.coef_
        if self.effect == "scale":
            coef = np.append(coef[:q].sum(), coef[q:])
        positive = expit(coef @ columns + self.intercept_)
        return np.column_stack([1 - positive, positive])

    def _columns(self, values, signals):
        """Log-odds of the scores and, as `effect` says, what the signals do, (n_columns, n)."""
        q = self.n_scores
        log_odds = Scores(values[:, :q].ravel(), self.input).log_odds(self.eps_).reshape(-1, q).T
        if self.effect == "shift":
            return np.vstack([log_odds, signals.T])
        mean = log_odds.mean(axis=0)
        return np.vstack([mean, mean * signals.T])
