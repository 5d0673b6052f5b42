"""Matrix scaling: all scores count for each class, shrunk towards temperature scaling."""

import numpy as np
from scipy.special import softmax

from sklearn_calib._core.softmax_regression import (
    AllScores,
    softmax_regression,
    structured_penalty,
)
from sklearn_calib._validation import check_number
from sklearn_calib.calibrators._base import BaseCalibrator
from sklearn_calib.calibrators._vector import (
    learn_temperature,
    tempered_scores,
    warn_if_separable,
)


class MatrixScaler(BaseCalibrator):
    r"""Matrix scaling: all scores count for each class, shrunk towards temperature scaling.

    With :math:`x` the log-probabilities of a row after temperature scaling, the calibrated ones are

    .. math:: \hat p = \operatorname{softmax}(A x + b)

    where :math:`A = I + D` and :math:`b` minimise the weighted mean log loss plus, for :math:`k` classes
    and weights of sum :math:`n`,

    .. math:: \text{strength} \left(\frac{k}{n} \sum_j b_j^2 + \frac{k}{n} \sum_j D_{jj}^2
              + \frac{k (k - 1)}{n} \sum_{i \neq j} D_{ij}^2\right)

    This is the structured matrix scaling of [1]_ (ridge penalty). Each kind of coefficient is shrunk by
    as much as there are of it, so that :math:`k^2` of them do not overfit. The result is within 1e-9 of
    the minimum.

    Entries beside the diagonal repair confusions of classes: that a high score of "cat" makes "dog" more
    probable than its own score says. The predicted class may change.

    Parameters
    ----------
    strength : float > 0, default=1.0
        Strength of the shrinkage. Tune it by log loss over factors of 3. Without any, :math:`k (k + 1)`
        coefficients overfit all but the largest calibration sets [2]_ and have no finite optimum as
        soon as the scores separate one class; that is not offered.
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
        :math:`A = D`: the map is shrunk towards that optimum, equal probabilities.
    matrix_ : ndarray of shape (n_classes, n_classes)
        The matrix :math:`A`; row j makes the score of class j.
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
        If every row is right, so that the temperature is the bound of `TemperatureScaler` instead of an
        optimum.

    See Also
    --------
    VectorScaler : A diagonal matrix.
    DirichletCalibrator : The diagonal is not shrunk.

    References
    ----------
    .. [1] Berta, Holzmüller, Jordan and Bach (2025). Structured Matrix Scaling for Multi-Class
       Calibration. :arxiv:`2511.03685`
    .. [2] Guo, Pleiss, Sun and Weinberger (2017). On Calibration of Modern Neural Networks. ICML.
       :arxiv:`1706.04599`

    Examples
    --------
    To this network cats (3) and dogs (5) look alike: the score of each speaks for the other, too.

    >>> import numpy as np
    >>> from sklearn_calib.calibrators import MatrixScaler
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> cifar = load_cifar10_probabilities(model="vgg16")
    >>> X, y, fit = cifar.data, cifar.target, cifar.cal_idx
    >>> scaler = MatrixScaler().fit(X[fit], y[fit])
    >>> scaler.matrix_[np.ix_([3, 5], [3, 5])].round(2)
    array([[0.9 , 0.11],
           [0.11, 0.85]])

    The map by hand:

    >>> from scipy.special import log_softmax, softmax
    >>> x = log_softmax(np.log(X[:1], dtype=float) / scaler.temperature_, axis=1)
    >>> by_hand = softmax(x @ scaler.matrix_.T + scaler.intercept_)
    >>> np.allclose(by_hand, scaler.predict_proba(X[:1]))
    True
    """

    def __init__(self, *, strength=1.0, input="proba", eps=None, classes=None):
        self.strength = strength
        self.input = input
        self.eps = eps
        self.classes = classes

    def _fit(self, scores, code, weight):
        check_number(self.strength, "strength", low=0, high=np.inf, low_open=True, high_open=True)
        k = self.classes_.size
        x, slope, status = learn_temperature(self, scores, code, weight)
        warn_if_separable(self, status)
        target = np.column_stack([slope * np.eye(k), np.zeros(k)])
        unit = self.strength * structured_penalty(code, weight, k)
        penalty = np.full((k, k + 1), unit)
        penalty[:, :k][~np.eye(k, dtype=bool)] *= k - 1
        coef = softmax_regression(AllScores, x, code, weight, penalty, target)
        self.matrix_, self.intercept_ = coef[:, :k].copy(), coef[:, k].copy()

    def _predict_proba(self, scores):
        x = tempered_scores(self, scores)
        proba = softmax(x @ self.matrix_.T + self.intercept_, axis=1)
        return proba.astype(scores.values.dtype, copy=False)
