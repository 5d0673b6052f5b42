"""A calibrator of a score and of what else speaks for or against the answer."""

from itertools import combinations_with_replacement
from math import comb

import numpy as np
from scipy.special import expit
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from sklearn_calib._core.scores import Scores
from sklearn_calib._core.signals import fit_signals
from sklearn_calib._validation import check_number, check_option, check_unit_range
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use

# Products of two and three columns are many, and most do nothing: shrunk so many times as hard.
_TIMES_AS_HARD = {1: 1, 2: 16, 3: 128}
_MOST_TERMS = 100
_CONSTANT = 1e-12  # standard deviation, as a share of the mean, that is rounding


class SignalCalibrator(BaseCalibrator):
    r"""Probability from one or several scores and further signals, such as disagreement.

    .. math::
        \operatorname{logit} \hat p = c + \sum_j a_j s_j + \sum_i b_i t_i
        + \sum_{k \le l} d_{kl} t_k t_l + \sum_{k \le l \le m} e_{klm} t_k t_l t_m

    :math:`s_j` are the log-odds of the scores, :math:`t_k` all columns, log-odds and signals, in units of
    their standard deviation from their mean; products are taken from their mean, too. Signals are
    whatever is known beside the scores: disagreement of an ensemble, the share of other models with the
    same answer, the length of the answer, a flag. The products let a signal count more where the score is
    unsure, and bend its effect. The map need not be monotone.

    Fitted on few rows it stays close to the scores as they are: :math:`a_j = 1` (for several scores their
    mean log-odds) and zeros; see `shrinkage`.

    It is made for records, where a score is the confidence in the answer given and the label says whether
    it was right, and serves for P(positive) of a binary classifier too.

    Parameters
    ----------
    n_scores : int, default=1
        So many first columns of `X` are scores, the others signals.
    degree : {"auto", 1, 2, 3}, default="auto"
        Most columns in a product; 1 leaves products out. "auto" is the largest with at most 100 terms:
        3 for up to 6 columns, 2 for up to 12, else 1.
    shrinkage : float, default=8.0
        How many unobserved rows speak for the prior value of each coefficient, against those observed,
        16 times as many for a product of two columns and 128 times for three; 0 is plain logistic
        regression.
    input : {"proba", "logits"}, default="proba"
        What the scores are: probabilities in [0, 1], or log-odds. Signals are taken as they are.
    eps : float in (0, 1/2], default=None
        Smallest probability whose logarithm is taken. None learns it from the scores, as
        `TemperatureScaler` does; for stated confidences, use 1e-3.
    classes : array-like of shape (2,), default=None
        Sorted labels. None takes those in `y`, which must then hold both.

    Attributes
    ----------
    coef_ : ndarray of shape (n_terms,)
        :math:`a_j` of the log-odds of the scores, :math:`b_i` of the standardised signals, then those of
        the products; 0 where a signal is constant.
    terms_ : list of tuples of int, of length n_terms
        Columns in each term: (0,), (1,), ..., (0, 0), (0, 1), ..., (0, 0, 0), ...
    intercept_ : float
        Intercept :math:`c`, in log-odds.
    mean_, scale_ : ndarray of shape (`n_features_in_`,)
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
        self, *, n_scores=1, degree="auto", shrinkage=8.0, input="proba", eps=None, classes=None
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

    def _encode(self, y, n_columns, given):
        present = np.unique(y)
        check_classification_targets(present)
        if present.size > 2:
            raise ValueError(
                f"Only binary classification is supported. y holds {present.size} labels; for records "
                "it says whether the answer was right."
            )
        return super()._encode(y, 1, given)  # two classes, whatever the number of columns

    def _scores(self, values):
        return values

    def _check_parameters(self, n_columns):
        check_option(self.degree, "degree", ("auto", 1, 2, 3))
        check_number(self.shrinkage, "shrinkage", low=0, high=np.inf, high_open=True)
        check_number(self.n_scores, "n_scores", low=1, high=n_columns)
        if self.n_scores != int(self.n_scores):
            raise TypeError(f"n_scores must be an integer; got {self.n_scores!r}.")

    def _fit(self, values, code, weight):
        q = self.n_scores
        share = np.full(code.size, 1 / code.size) if weight is None else weight / weight.sum()
        self.eps_ = floor_in_use(self.eps, Scores(values[:, :q].ravel(), self.input))
        columns = self._columns(values)
        standard = self._learn_scale(columns, share)
        self.terms_ = self._terms(len(columns))
        products = self._products(standard)
        self._product_mean = products @ share
        design = np.vstack([columns[:q], standard[q:], products - self._product_mean[:, None]])
        centre = np.zeros(len(design))
        centre[:q] = 1 / q
        strength = self.shrinkage * np.array([_TIMES_AS_HARD[len(term)] for term in self.terms_])
        coef = fit_signals(design, centre, code == 1, weight, strength).coef
        self.coef_, self.intercept_ = coef[:-1], float(coef[-1])

    def _learn_scale(self, columns, share):
        """Mean, scale and range of the columns; returns them standardised."""
        self.mean_ = columns @ share
        deviation = columns - self.mean_[:, None]
        unit = np.abs(deviation).max(axis=1)  # squares of 1e200 overflow, those of 1e-200 vanish
        self.scale_ = unit * np.sqrt(
            (deviation / np.where(unit > 0, unit, 1)[:, None]) ** 2 @ share
        )
        self.scale_[self.scale_ <= _CONSTANT * np.abs(self.mean_)] = np.inf  # teaches nothing
        standard = self._standardised(columns)
        self._range = standard.min(axis=1), standard.max(axis=1)
        return standard

    def _predict_proba(self, values):
        q, columns = self.n_scores, self._columns(values)
        standard = self._standardised(columns)
        single, product = np.split(self.coef_, [len(columns)])
        z = single[:q] @ columns[:q] + single[q:] @ standard[q:] + self.intercept_
        low, high = self._range
        products = self._products(np.clip(standard, low[:, None], high[:, None]))
        z += product @ (products - self._product_mean[:, None])
        positive = expit(z)
        return np.column_stack([1 - positive, positive])

    def _columns(self, values):
        """Log-odds of the scores, then the signals, (n_columns, n)."""
        q = self.n_scores
        log_odds = Scores(values[:, :q].ravel(), self.input).log_odds(self.eps_)
        return np.vstack([log_odds.reshape(-1, q).T, values[:, q:].T])

    def _standardised(self, columns):
        return (columns - self.mean_[:, None]) / self.scale_[:, None]

    def _terms(self, n_columns):
        """Columns of each term: single ones, pairs, triples."""
        degree = self.degree
        if degree == "auto":
            degree = max(
                d for d in (1, 2, 3) if d == 1 or comb(n_columns + d, d) - 1 <= _MOST_TERMS
            )
        by_degree = (
            combinations_with_replacement(range(n_columns), d) for d in range(1, degree + 1)
        )
        return [term for terms in by_degree for term in terms]

    def _products(self, standard):
        """Products of the columns in each term of more than one, (n_products, n)."""
        products = [standard[list(term)].prod(axis=0) for term in self.terms_[len(standard) :]]
        return np.reshape(products, (len(products), standard.shape[1]))
