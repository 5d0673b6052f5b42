"""Dirichlet calibration: softmax regression on log-probabilities."""

import numpy as np
from scipy.special import softmax

from sklearn_calib._core.softmax_regression import (
    AllScores,
    free_softmax_regression,
    reference_temperature,
    softmax_regression,
    structured_penalty,
    with_ones,
)
from sklearn_calib._validation import check_number
from sklearn_calib._warn import warn_user
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use
from sklearn_calib.calibrators._vector import in_double

_NO_OPTIMUM = (
    "The scores separate the classes: with a free diagonal the log loss has no finite minimum, so the "
    "diagonal is shrunk towards temperature scaling. Calibrate on rows that the classifier was not "
    "fitted on, or on more of them."
)


class DirichletCalibrator(BaseCalibrator):
    r"""Dirichlet calibration: softmax regression on log-probabilities, with the ODIR penalty.

    With :math:`x` the log-probabilities of a row, the calibrated probabilities are

    .. math:: \hat p = \operatorname{softmax}(A x + b)

    which is right where the scores of each class follow a Dirichlet distribution [1]_; two classes make
    it beta calibration with two free slopes. :math:`A` and :math:`b` minimise the weighted mean log loss
    plus

    .. math:: \frac{\lambda}{k (k - 1)} \sum_{i \neq j} A_{ij}^2 + \frac{\mu}{k} \sum_j b_j^2

    for :math:`k` classes: the off-diagonal and intercept regularisation (ODIR) of [1]_, which leaves the
    diagonal free. The result is within 1e-9 of the minimum.

    Parameters
    ----------
    off_diagonal_strength : float > 0, default=None
        The :math:`\lambda` of the entries beside the diagonal. None takes :math:`k^2 (k - 1)^2 / n` with
        :math:`n` the sum of weights, the penalty of `MatrixScaler`: few rows and many classes need more
        than a constant. Tune it by log loss over factors of 10.
    intercept_strength : float > 0, default=None
        The :math:`\mu` of the intercepts. None takes :math:`k^2 / n`, as `MatrixScaler` does.
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    eps : float in (0, 1 / n_classes], default=None
        Smallest probability whose logarithm is taken. See `TemperatureScaler`.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class. Nothing but a penalty holds the diagonal entry of a class without calibration rows: it
        has :math:`\frac{k}{n} (T A_{jj} - 1)^2`, that of `MatrixScaler`, with :math:`T` the optimal
        temperature and :math:`n` the sum of weights.

    Attributes
    ----------
    matrix_ : ndarray of shape (n_classes, n_classes)
        The matrix :math:`A`; row j makes the score of class j.
    intercept_ : ndarray of shape (n_classes,)
        The intercepts :math:`b`; they sum to 0.
    off_diagonal_strength_, intercept_strength_ : float
        The :math:`\lambda` and :math:`\mu` in use.
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
        If the log loss has no finite minimum because a scaling of the scores answers every row right.
        Then all diagonal entries have the penalty above.

    See Also
    --------
    MatrixScaler : The diagonal is shrunk towards temperature scaling, too.

    References
    ----------
    .. [1] Kull, Perello-Nieto, Kängsepp, Silva Filho, Song and Flach (2019). Beyond temperature
       scaling: Obtaining well-calibrated multiclass probabilities with Dirichlet calibration. NeurIPS.
       :arxiv:`1910.12656`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_calib.calibrators import DirichletCalibrator
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> cifar = load_cifar10_probabilities(model="vgg16")
    >>> X, y, fit = cifar.data, cifar.target, cifar.cal_idx
    >>> calibrator = DirichletCalibrator().fit(X[fit], y[fit])
    >>> calibrator.matrix_.diagonal().round(2)
    array([0.61, 0.64, 0.57, 0.52, 0.65, 0.5 , 0.65, 0.64, 0.71, 0.63])

    The map by hand:

    >>> from scipy.special import softmax
    >>> log_proba = np.log(X[:1], dtype=float)
    >>> by_hand = softmax(log_proba @ calibrator.matrix_.T + calibrator.intercept_)
    >>> np.allclose(by_hand, calibrator.predict_proba(X[:1]))
    True
    """

    def __init__(
        self,
        *,
        off_diagonal_strength=None,
        intercept_strength=None,
        input="proba",
        eps=None,
        classes=None,
    ):
        self.off_diagonal_strength = off_diagonal_strength
        self.intercept_strength = intercept_strength
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        k = self.classes_.size
        structured, diagonal = structured_penalty(code, weight, k), np.diag_indices(k)
        self.off_diagonal_strength_ = self._strength(
            "off_diagonal_strength", structured * k * (k - 1) ** 2
        )
        self.intercept_strength_ = self._strength("intercept_strength", structured * k)
        self.eps_ = floor_in_use(self.eps, scores)
        z = in_double(scores).log_proba(self.eps_)
        # In units of the temperature the search is well scaled, and an entry of 1 is the reference.
        unit, slope, status = reference_temperature(z, code, weight)
        data = (AllScores, with_ones(z / unit), code, weight)
        target = np.column_stack([slope * np.eye(k), np.zeros(k)])
        seen = np.bincount(code, minlength=k) > 0
        penalty = np.full((k, k + 1), self.off_diagonal_strength_ / (k * (k - 1)) / unit**2)
        penalty[:, k] = self.intercept_strength_ / k
        penalty[diagonal] = np.where(seen, 0, structured)
        coef = None
        if status != "separable" or not seen.all():
            coef = free_softmax_regression(*data, penalty, target)
        if coef is None:
            warn_user(_NO_OPTIMUM)
            penalty[diagonal] = structured
            coef = softmax_regression(*data, penalty, target)
        self.matrix_, self.intercept_ = coef[:, :k] / unit, coef[:, k].copy()

    def _strength(self, name, default):
        """The parameter, checked, or its default."""
        value = getattr(self, name)
        if value is None:
            return float(default)
        check_number(value, name, low=0, high=np.inf, low_open=True, high_open=True)
        return float(value)

    def _predict_proba(self, scores):
        log_proba = in_double(scores).log_proba(self.eps_)
        proba = softmax(log_proba @ self.matrix_.T + self.intercept_, axis=1)
        return proba.astype(scores.values.dtype, copy=False)
