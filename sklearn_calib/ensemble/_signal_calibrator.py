"""A calibrator of a score and of what else speaks for or against the answer."""

import numpy as np
from scipy.special import expit
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from sklearn_calib._core.scores import Scores
from sklearn_calib._core.signals import fit_signals
from sklearn_calib._validation import check_number, check_option, check_unit_range
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use

_PRODUCTS = 8  # they are many, and most do nothing: shrunk so many times as hard
_CONSTANT = 1e-12  # standard deviation, as a share of the mean, that is rounding


class SignalCalibrator(BaseCalibrator):
    r"""Probability from one or several scores and further signals, such as disagreement.

    .. math::
        \operatorname{logit} \hat p = c + \sum_j a_j s_j + \sum_i b_i t_i
        + \sum_{k \le l} d_{kl} (t_k t_l - m_{kl})

    :math:`s_j` are the log-odds of the scores, :math:`t_k` all columns, log-odds and signals, in units of
    their standard deviation from their mean, and :math:`m_{kl}` the mean of the product. Signals are
    whatever is known beside the scores: disagreement of an ensemble, the share of other models with the
    same answer, the length of the answer, a flag. The products let a signal count the more the less sure
    the score is, and bend its effect.

    Fitted on few rows it stays close to the scores as they are: :math:`a_j = 1` (for several scores their
    mean log-odds) and zeros; see `shrinkage`. The map need not be monotone.

    It is made for records, where a score is the confidence in the answer given and the label says whether
    it was right, and serves for P(positive) of a binary classifier too.

    Parameters
    ----------
    n_scores : int, default=1
        So many first columns of `X` are scores, the others signals.
    degree : {1, 2}, default=2
        1 leaves the products out.
    shrinkage : float, default=8
        How many unobserved rows speak for the prior value of each coefficient, against those observed,
        and eight times as many for that of each product; 0 is plain logistic regression.
    input : {"proba", "logits"}, default="proba"
        What the scores are: probabilities in [0, 1], or log-odds. Signals are taken as they are.
    eps : float in (0, 1/2], default=None
        Smallest probability whose logarithm is taken. None learns it from the scores, as
        `TemperatureScaler` does; for stated confidences, use 1e-3.
    classes : array-like of shape (2,), default=None
        Sorted labels. None takes those in `y`, which must then hold both.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features_in_,)
        :math:`a_j` of the log-odds of the scores, then :math:`b_i` of the standardised signals; 0 for a
        signal that is constant.
    products_ : ndarray of shape (n_features_in_, n_features_in_)
        :math:`d_{kl}` of the products of standardised columns, zeros below the diagonal.
    intercept_ : float
        Intercept :math:`c`, in log-odds.
    mean_, scale_ : ndarray of shape (n_features_in_,)
        Mean and standard deviation of the log-odds and of the signals; the scale of a constant is
        infinite.
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
    SigmoidCalibrator : One score without signals.

    Notes
    -----
    The unobserved rows make the fit the mode of a posterior in which each coefficient has a log-F density
    [1]_, centred at the scores as they are. Of the strengths that were tried on real records, the default
    is the best compromise between 20 and 1,000 rows, with and without useless signals
    (``benchmarks/signals_on_real_data.py``).

    In products, a column beyond its range in `fit` counts as at the edge of that range, since parabolas
    turn around.

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
    array([0.18, 0.73])
    """

    def __init__(
        self, *, n_scores=1, degree=2, shrinkage=8.0, input="proba", eps=None, classes=None
    ):
        self.n_scores = n_scores
        self.degree = degree
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
        if present.size > 2:
            raise ValueError(
                f"Only binary classification is supported. y holds {present.size} labels; for records "
                "it says whether the answer was right."
            )
        return super()._encode(y, 1)  # two classes, whatever the number of columns

    def _scores(self, values):
        return values

    def _check_parameters(self, n_columns):
        check_option(self.degree, "degree", (1, 2))
        check_number(self.shrinkage, "shrinkage", low=0, high=np.inf, high_open=True)
        check_number(self.n_scores, "n_scores", low=1, high=n_columns)
        if self.n_scores != int(self.n_scores):
            raise TypeError(f"n_scores must be an integer; got {self.n_scores!r}.")

    def _fit(self, values, code, weight):
        q, p = self.n_scores, values.shape[1]
        self.eps_ = floor_in_use(self.eps, Scores(values[:, :q].ravel(), self.input))
        columns = self._columns(values)
        share = np.full(code.size, 1 / code.size) if weight is None else weight / weight.sum()
        self.mean_ = columns @ share
        self.scale_ = np.sqrt((columns - self.mean_[:, None]) ** 2 @ share)
        self.scale_[self.scale_ <= _CONSTANT * np.abs(self.mean_)] = np.inf
        standard = self._standardised(columns)
        self._range = standard.min(axis=1), standard.max(axis=1)
        products = self._products(standard)
        self._product_mean = products @ share
        centre = np.append(np.full(q, 1 / q), np.zeros(p - q + len(products)))
        design = np.vstack([columns[:q], standard[q:], products - self._product_mean[:, None]])
        strength = self.shrinkage * np.append(np.ones(p), np.full(len(products), _PRODUCTS))
        coef = fit_signals(design, centre, code == 1, weight, strength).coef
        self.coef_, self._product_coef, self.intercept_ = coef[:p], coef[p:-1], float(coef[-1])
        self.products_ = np.zeros((p, p))
        self.products_[self._pairs(p)] = self._product_coef

    def _predict_proba(self, values):
        q, columns = self.n_scores, self._columns(values)
        standard = self._standardised(columns)
        z = self.coef_[:q] @ columns[:q] + self.coef_[q:] @ standard[q:] + self.intercept_
        low, high = self._range
        products = self._products(np.clip(standard, low[:, None], high[:, None]))
        z += self._product_coef @ (products - self._product_mean[:, None])
        positive = expit(z)
        return np.column_stack([1 - positive, positive])

    def _columns(self, values):
        """Log-odds of the scores, then the signals, (n_columns, n)."""
        q = self.n_scores
        log_odds = Scores(values[:, :q].ravel(), self.input).log_odds(self.eps_)
        return np.vstack([log_odds.reshape(-1, q).T, values[:, q:].T])

    def _standardised(self, columns):
        return (columns - self.mean_[:, None]) / self.scale_[:, None]

    def _products(self, standard):
        first, second = self._pairs(len(standard))
        return standard[first] * standard[second]

    def _pairs(self, n_columns):
        """Positions of the pairs of columns whose products count."""
        return np.triu_indices(n_columns if self.degree == 2 else 0)
