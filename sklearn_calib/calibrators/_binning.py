"""Histogram binning: the calibrated probability of a bin is what was observed in it."""

import numpy as np

from sklearn_calib._core.bins import assign_bins, cube_root, quantile_edges, uniform_edges
from sklearn_calib._validation import check_n_bins, check_number, check_option
from sklearn_calib.calibrators._binary import BinaryCalibrator, ConstantMap


class BinningCalibrator(BinaryCalibrator):
    r"""Replace a probability by the share of positives observed in its bin.

    For two classes the probability of the last class is binned, and a bin with weight :math:`w` that
    holds positives of weight :math:`s` is given the value

    .. math:: \hat p = \frac{s + a \pi}{w + a}

    where :math:`\pi` is the share of positives in all rows and :math:`a` is `smoothing`. More classes
    are binned one against the rest, and rows are divided by their sum. A class that is absent or alone
    in the calibration rows has one bin, of value :math:`(s + 1) / (n + 2)`.

    The values need not be monotone: confidences may change their order, and the predicted class may
    change. Nothing is assumed about the shape of the miscalibration, which suits stated confidences
    that sit on few values.

    Parameters
    ----------
    n_bins : int or "cube_root", default=10
        Number of bins; "cube_root" takes the smallest integer not below the cube root of the number of
        rows of positive weight.
    strategy : {"quantile", "uniform"}, default="quantile"
        Bins of equal weight (equal values never split, so there may be fewer bins), or of equal width
        on [0, 1]. Bins are ``(lower, upper]``, with 0 in the first.
    smoothing : float >= 0, default=1.0
        Weight of the prior, in rows: 1 counts as one more row with the share of positives of all rows.
        Any positive value keeps probabilities away from 0 and 1, and the log loss finite.
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class.

    Attributes
    ----------
    bin_edges_ : list of ndarray
        Edges of the bins, from 0 to 1, of each class; for two classes of the last one only.
    bin_values_ : list of ndarray
        Value of each bin, before rows are divided by their sum. A bin without rows (equal width only)
        takes the value on the line between its nearest neighbours with rows, at their centres, or of
        the outermost one.
    class_prior_ : ndarray of shape (n_classes,)
        Weighted share of each class in `y`. It answers where all values of a row are zero, which needs
        `smoothing=0`.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    See Also
    --------
    TemperatureScaler : One number; never changes the predicted class.

    References
    ----------
    .. [1] Zadrozny and Elkan (2001). Obtaining calibrated probability estimates from decision trees
       and naive Bayesian classifiers. ICML.
    .. [2] Zadrozny and Elkan (2002). Transforming classifier scores into accurate multiclass
       probability estimates. KDD. :doi:`10.1145/775047.775151`

    Examples
    --------
    Stated confidences and whether the answers were right:

    >>> from sklearn_calib import BinningCalibrator
    >>> stated = [0.8, 0.8, 0.8, 0.8, 0.95, 0.95, 0.95, 0.95]
    >>> right = [0, 1, 0, 0, 1, 1, 0, 1]
    >>> calibrator = BinningCalibrator(n_bins=2, smoothing=0).fit(stated, right)
    >>> calibrator.predict_proba([0.8, 0.95])[:, 1]
    array([0.25, 0.75])
    """

    def __init__(
        self, *, n_bins=10, strategy="quantile", smoothing=1.0, input="proba", classes=None
    ):
        self.n_bins = n_bins
        self.strategy = strategy
        self.smoothing = smoothing
        self.input = input
        self.classes = classes

    def _fit(self, scores, code, weight):
        check_n_bins(self.n_bins)
        check_option(self.strategy, "strategy", ("quantile", "uniform"))
        check_number(self.smoothing, "smoothing", low=0, high=np.inf, high_open=True)
        super()._fit(scores, code, weight)
        maps = [_one_bin(m.value) if isinstance(m, ConstantMap) else m for m in self._maps]
        self.bin_edges_, self.bin_values_ = map(list, zip(*maps, strict=True))

    def _fit_binary(self, scores, positive, weight):
        probability = scores.proba()[:, 1]
        n_bins = cube_root(positive.size) if self.n_bins == "cube_root" else self.n_bins
        if self.strategy == "uniform":
            edges = uniform_edges(n_bins)
        else:
            edges = quantile_edges(probability, n_bins, weight)
        return edges, _bin_values(probability, positive, weight, edges, self.smoothing)

    def _predict_binary(self, scores, bins):
        probability = scores.proba()[:, 1]
        edges, values = bins
        return values[assign_bins(probability, edges)].astype(probability.dtype)


def _one_bin(value):
    return np.array([0.0, 1.0]), np.array([value])


def _bin_values(probability, positive, weight, edges, smoothing):
    """Smoothed share of positives per bin; bins without rows are interpolated."""
    n_bins = edges.size - 1
    cell = assign_bins(probability, edges)
    total = np.bincount(cell, weight, minlength=n_bins).astype(float)
    share = np.bincount(cell, positive if weight is None else positive * weight, minlength=n_bins)
    prior = np.average(positive, weights=weight)
    occupied = np.flatnonzero(total)
    values = (share[occupied] + smoothing * prior) / (total[occupied] + smoothing)
    centers = (edges[:-1] + edges[1:]) / 2
    return np.interp(centers, centers[occupied], values)
