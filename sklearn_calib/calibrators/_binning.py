"""Histogram binning: the calibrated probability of a bin is what was observed in it."""

from typing import NamedTuple

import numpy as np
from sklearn.utils.metaestimators import available_if

from sklearn_calib._core.bins import assign_bins, cube_root, quantile_edges, uniform_edges
from sklearn_calib._validation import check_labels, check_n_bins, check_number, check_option
from sklearn_calib.calibrators._binary import BinaryCalibrator, ConstantMap


def _may_stream(calibrator):
    if calibrator.strategy == "uniform" and calibrator.n_bins != "cube_root":
        return True
    raise AttributeError(
        "partial_fit needs bins that do not depend on the rows: strategy='uniform' and a number n_bins; "
        f"got strategy={calibrator.strategy!r}, n_bins={calibrator.n_bins!r}."
    )


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
    half_life : float > 0, default=None
        In `partial_fit`, the weight of later rows after which a row counts half; None forgets nothing.
        Whole streams give the same result in batches of any size. `fit` forgets nothing.
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
        self,
        *,
        n_bins=10,
        strategy="quantile",
        smoothing=1.0,
        half_life=None,
        input="proba",
        classes=None,
    ):
        self.n_bins = n_bins
        self.strategy = strategy
        self.smoothing = smoothing
        self.half_life = half_life
        self.input = input
        self.classes = classes

    @available_if(_may_stream)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Learn from more rows; without `half_life`, as `fit` would from all rows so far.

        There for bins of equal width of a fixed number only: others depend on all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes), (n_samples, 1) or (n_samples,)
            Scores, as in `fit`.
        y : array-like of shape (n_samples,)
            True labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that may ever come. Needed in the first call, unless the parameter `classes`
            names them; later it may be left out.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights.

        Returns
        -------
        self : object
            The calibrator, fitted to all rows so far.
        """
        self._check_parameters()
        first = getattr(self, "_sums", None) is None
        classes = self._stream_classes(classes, first)
        scores, code, weight = self._clean(X, y, sample_weight, classes=classes, reset=first)
        if first:
            self._sums = BinSums.empty(self.n_bins, self.classes_.size)
        elif self._sums.total.shape[1] != self.n_bins:
            raise ValueError("n_bins must stay what it was in the first call of partial_fit.")
        keep, weight = _aged(weight, code.size, self.half_life)
        self._take_sums(self._sums.times(keep).add(scores, code, weight))
        return self

    def _stream_classes(self, classes, first):
        known = self.classes if first else self.classes_
        if classes is None and known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is None:
            return known
        classes = np.unique(check_labels(classes, "classes"))
        if known is not None and not np.array_equal(classes, known):
            raise ValueError(f"classes must be those already known, {known!r}; got {classes!r}.")
        return classes

    def _check_parameters(self):
        check_n_bins(self.n_bins)
        check_option(self.strategy, "strategy", ("quantile", "uniform"))
        check_number(self.smoothing, "smoothing", low=0, high=np.inf, high_open=True)
        if self.half_life is not None:
            check_number(
                self.half_life, "half_life", low=0, high=np.inf, low_open=True, high_open=True
            )

    def _fit(self, scores, code, weight):
        self._check_parameters()
        if self.strategy == "uniform":
            n_bins = cube_root(code.size) if self.n_bins == "cube_root" else self.n_bins
            empty = BinSums.empty(n_bins, self.classes_.size)
            self._take_sums(empty.add(scores, code, weight))
        else:
            self._sums = None
            super()._fit(scores, code, weight)
            self._show_maps()

    def _fit_binary(self, scores, positive, weight):
        probability = scores.proba()[:, 1]
        n_bins = cube_root(positive.size) if self.n_bins == "cube_root" else self.n_bins
        edges = quantile_edges(probability, n_bins, weight)
        total, share = _binned(probability, positive, weight, edges)
        return edges, _bin_values(total, share, edges, self.smoothing)

    def _take_sums(self, sums):
        """Fit to the sums in bins of equal width."""
        self._sums = sums
        self.class_prior_ = sums.of_class / sums.of_class.sum()
        self._maps = sums.maps(self.smoothing)
        self._show_maps()

    def _show_maps(self):
        maps = [_one_bin(m.value) if isinstance(m, ConstantMap) else m for m in self._maps]
        self.bin_edges_, self.bin_values_ = map(list, zip(*maps, strict=True))

    def _predict_binary(self, scores, bins):
        probability = scores.proba()[:, 1]
        edges, values = bins
        return values[assign_bins(probability, edges)].astype(probability.dtype)


def _one_bin(value):
    return np.array([0.0, 1.0]), np.array([value])


class BinSums(NamedTuple):
    """Weight of all rows and of the positive ones per map and bin of equal width, and of each class.

    Two classes have one map, more have one each, as in `BinaryCalibrator`.
    """

    total: np.ndarray
    positive: np.ndarray
    of_class: np.ndarray

    @classmethod
    def empty(cls, n_bins, n_classes):
        """Sums of no row."""
        shape = (1 if n_classes == 2 else n_classes, n_bins)
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(n_classes))

    def times(self, factor):
        """Sums of rows that count `factor` times as much."""
        return BinSums(*(factor * sums for sums in self))

    def add(self, scores, code, weight):
        """Sums of these and more rows."""
        n_bins, n_classes = self.total.shape[1], self.of_class.size
        classes = [1] if n_classes == 2 else range(n_classes)
        more = [
            _binned(binary.proba()[:, 1], code == k, weight, uniform_edges(n_bins))
            for k, binary in zip(classes, scores.one_vs_rest(), strict=True)
        ]
        total, positive = map(np.array, zip(*more, strict=True))
        of_class = np.bincount(code, weight, minlength=n_classes)
        return BinSums(self.total + total, self.positive + positive, self.of_class + of_class)

    def maps(self, smoothing):
        """Parameters of the maps; a class that is absent or alone has a constant one."""
        edges = uniform_edges(self.total.shape[1])
        return [
            (edges, _bin_values(total, positive, edges, smoothing))
            if 0 < positive.sum() < total.sum()
            else ConstantMap((positive.sum() + 1) / (total.sum() + 2))
            for total, positive in zip(self.total, self.positive, strict=True)
        ]


def _aged(weight, n_samples, half_life):
    """What earlier sums keep, and the weights of new rows, the last of which is the youngest.

    A row of weight w is as many rows one after the other: a geometric sum.
    """
    if half_life is None:
        return 1.0, weight
    weight = np.ones(n_samples) if weight is None else weight
    rate = -np.log(2) / half_life
    later = np.cumsum(weight[::-1])[::-1] - weight
    aged = np.exp(rate * later) * np.expm1(rate * weight) / np.expm1(rate)
    return np.exp(rate * weight.sum()), aged


def _binned(probability, positive, weight, edges):
    """Weight of all rows and of the positive ones in each bin."""
    cell, n_bins = assign_bins(probability, edges), edges.size - 1
    total = np.bincount(cell, weight, minlength=n_bins).astype(float)
    share = np.bincount(cell, positive if weight is None else positive * weight, minlength=n_bins)
    return total, share


def _bin_values(total, share, edges, smoothing):
    """Smoothed share of positives per bin; bins without rows are interpolated."""
    prior = share.sum() / total.sum()
    occupied = np.flatnonzero(total)
    values = (share[occupied] + smoothing * prior) / (total[occupied] + smoothing)
    centers = (edges[:-1] + edges[1:]) / 2
    return np.interp(centers, centers[occupied], values)
