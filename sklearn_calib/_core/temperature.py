"""The optimal temperature: root of the gradient of the log loss in the inverse temperature.

z are logits: log-probabilities up to a constant per row, the log-odds of two classes. The mean log loss
of softmax(beta * z) is convex in beta = 1 / T. With moments under softmax(beta * z)::

    L'(beta)   = mean_i E_i[z] - z_{i, y_i}
    L''(beta)  = mean_i Var_i[z]
    L'''(beta) = mean_i third central moment of z

The rows are visited in blocks that stay in cache, and nothing of the size of z is allocated, unless
the rows have large offsets. The search starts on strided subsamples, which cost next to nothing, and
ends on all rows.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

_BLOCK = 1 << 17  # elements per block: a MiB of float64 stays in the second-level cache
# Rows per block: OpenBLAS starts threads for dot products of more than 10 000, which wait for each other
# where cores are shared; a fit took twenty times as long.
_ROWS = 10_000
_COARSE_ROWS, _COARSE_ELEMENTS = 256, 4096  # the smallest subsample has at least these
_COARSE_STEP = 0.05  # a subsample is left at steps below its own statistical error
_CLOSE_STEP = 0.1  # from here on a third-order step is accurate enough to only polish after it
_TOLERANCE = 1e-10  # relative error of beta
_MAX_STEPS = 200  # beyond any float64: every step at least halves the bracket or doubles beta
# Beyond this multiple of the spread of the scores, all probabilities are uniform to about 1e-3.
_LARGEST_TEMPERATURE = 1e3
# Scores this many times larger than their differences are first made relative to the label: moments of
# the offset would cancel.
_FAR_OFFSET = 1e4
# Row sums of exp within these bounds lost nothing to under- or overflow.
_SAFE_LOW, _SAFE_HIGH = 1e-280, 1e280


class Temperature(NamedTuple):
    """The temperature, and how it was found: "optimal", "separable", "uninformative" or "constant"."""

    value: float
    status: str


def optimal_temperature(z, code, weight=None):
    """Temperature that minimises the weighted log loss of softmax(z / T).

    Assumes finite z of shape (n, n_classes >= 2) and column codes. Where the optimum is not finite,
    a bound takes its place and the status says so:

    * "separable", every label has the largest score of its row: T is where the mean log loss exceeds
      its limit by log((n + 2) / (n + 1)), what Laplace's rule of succession grants n right answers
      (at most the T of the next case: rows of equal scores support nothing);
    * "uninformative", labels score no better than the average class: T is 1000 times the spread of
      the scores, which makes all probabilities nearly uniform;
    * "constant", no row prefers any class: T = 1, since it changes nothing.
    """
    total = z.shape[0] if weight is None else weight.sum()
    weight = np.ones(z.shape[0]) if weight is None else weight
    kind = Margins if z.shape[1] == 2 else _Rows
    scratch = np.empty(min(z.size, max(_BLOCK, z.shape[1])))
    levels = [kind(z[::s], code[::s], weight[::s], scratch) for s in _strides(*z.shape)]
    return search_levels(levels, total)


def search_levels(levels, total):
    """Temperature of the last level, whose weights have the sum `total`.

    A level computes derivatives of the mean log loss, as `_Rows` and `Margins` do; the search goes
    from the first one, which costs least, to the last one.
    """
    first, last = levels[0], levels[-1]
    if (flat := first.constant()) and last.constant():
        return Temperature(1.0, "constant")
    if first.all_right() and last.all_right():
        return Temperature(1 / float(_succession_beta(last, total)), "separable")
    smallest, beta = _start(last if flat else first)
    for level in levels[:-1]:
        beta = max(_search(level, beta, _COARSE_STEP, smallest)[0], smallest)
    beta = _polish(last, *_search(last, beta, _CLOSE_STEP, smallest))
    if beta <= smallest:  # by the spread of a subsample, which may be another
        smallest, beta = _start(last)
        beta = _polish(last, *_search(last, beta, _CLOSE_STEP, smallest))
    if beta <= smallest:
        return Temperature(1 / float(smallest), "uninformative")
    return Temperature(1 / float(beta), "optimal")


def _strides(n, k):
    """Powers of 8, from the subsample of a few hundred rows to all rows."""
    stride = 1
    while n // (8 * stride) >= max(_COARSE_ROWS, _COARSE_ELEMENTS // k):
        stride *= 8
    while stride > 1:
        yield stride
        stride //= 8
    yield 1


def _start(level):
    """Return the smallest beta of interest, and a Newton step from beta = 0."""
    gradient, curvature, _ = level.derivatives(0.0)
    smallest = 1 / (_LARGEST_TEMPERATURE * np.sqrt(curvature))
    return smallest, max(-gradient / curvature, smallest)


def _search(level, beta, close, smallest):
    """Third-order steps, kept in a bracket, until one changes beta by less than the factor `close`.

    Returns beta, the previous beta and the first three derivatives there.
    """
    low, high = 0.0, np.inf
    for _ in range(_MAX_STEPS):
        derivatives = level.derivatives(beta)
        low, high = (beta, high) if derivatives[0] < 0 else (low, beta)
        new = beta + _halley_step(*derivatives)
        if not low < new < high:
            new = 2 * beta if np.isinf(high) else (low + high) / 2
        previous, beta = beta, new
        if abs(beta - previous) <= close * previous or beta <= smallest:
            break
    return beta, previous, derivatives


def _halley_step(gradient, curvature, third):
    """Return the root nearest 0 of the quadratic model of the gradient, else the Newton step."""
    if curvature <= 0:
        return np.nan  # no slope left to follow: the bracket takes over
    discriminant = curvature**2 - 2 * third * gradient
    if discriminant <= 0:
        return -gradient / curvature
    return -2 * gradient / (curvature + np.sqrt(discriminant))


def _polish(level, beta, origin, derivatives):
    """Gradient steps until the tolerance is met.

    The slope is that of the cubic through the gradient at beta, and all derivatives at the origin.
    """
    first, second, third = derivatives
    for _ in range(_MAX_STEPS):
        distance = beta - origin
        if distance == 0:
            break
        gradient = level.gradient(beta)
        beyond = gradient - first - distance * (second + distance * third / 2)
        step = -gradient / (second + distance * third + 3 * beyond / distance)
        if not abs(step) <= abs(distance) + _TOLERANCE * beta:
            break  # not contracting: the expansion has served, rounding is left
        beta += step
        # The slope is off by the cube of the distance, so the step was off by that share of itself.
        if abs(step) * max(abs(distance / beta) ** 3, 1e-6) <= _TOLERANCE * beta:
            break
    return beta


def _succession_beta(level, total):
    """Beta at which all-right rows have the mean log loss that `total` right answers support."""
    excess, target = level.excess_loss(), np.log1p(1 / (total + 1))
    low, high = _start(level)
    if excess(low) <= target:
        return low
    while excess(high) > target:
        low, high = high, 2 * high
    return brentq(lambda beta: excess(beta) - target, low, high, xtol=1e-12 * low, rtol=1e-12)


class _Rows:
    """Derivatives of the mean log loss over rows of three or more scores."""

    def __init__(self, z, code, weight, scratch):
        label_score = z[np.arange(z.shape[0]), code].astype(np.float64)
        if np.abs(label_score).sum() > _FAR_OFFSET * np.abs(label_score - z[:, 0]).sum():
            z, label_score = z - label_score[:, None], np.zeros_like(label_score)
        self.z, self.label_score = z, label_score
        self.weight, self.total = weight, weight.sum()
        self.ones = np.ones(z.shape[1])
        self.rows = min(max(1, _BLOCK // z.shape[1]), _ROWS)
        self.scratch = scratch

    def gradient(self, beta):
        return self._moments(beta, 1)[0]

    def derivatives(self, beta):
        return self._moments(beta, 3)

    def _moments(self, beta, order):
        return sum(self._sums(rows, beta, order) for rows in self._blocks()) / self.total

    def _blocks(self):
        return (slice(i, i + self.rows) for i in range(0, self.z.shape[0], self.rows))

    def _sums(self, rows, beta, order):
        z = np.ascontiguousarray(self.z[rows], np.float64)  # short rows apart take twice as long
        buffer = self.scratch[: z.size].reshape(z.shape)
        moments = _block_moments(z, beta, buffer, self.ones, order)
        moments[0] -= self.label_score[rows]
        return np.array([self.weight[rows] @ moment for moment in moments])

    def all_right(self):
        return all(np.all(self.z[i] <= self.label_score[i, None]) for i in self._blocks())

    def constant(self):
        return all(np.all(self.z[i] == self.z[i, :1]) for i in self._blocks())

    def excess_loss(self):
        below = self.z.astype(np.float64) - self.z.max(axis=1, keepdims=True)
        limit = np.log(np.sum(below == 0, axis=1))
        return lambda beta: self.weight @ (logsumexp(beta * below, axis=1) - limit) / self.total


def _block_moments(z, beta, buffer, ones, order):
    """Mean and central moments of each row of z under softmax(beta * z), up to `order` <= 3."""
    shift = 0.0
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        np.multiply(z, beta, out=buffer)
        np.exp(buffer, out=buffer)
        mass = buffer @ ones
        if not (mass.min() > _SAFE_LOW and mass.max() < _SAFE_HIGH):
            shift = z.max(axis=1)
            z = z - shift[:, None]
            np.multiply(z, beta, out=buffer)
            np.exp(buffer, out=buffer)
            mass = buffer @ ones
        buffer *= z
        mean = buffer @ ones / mass
        moments = [mean + shift]
        if order > 1:
            buffer *= z
            second = buffer @ ones / mass
            moments.append(second - mean * mean)
            buffer *= z
            third = buffer @ ones / mass
            moments.append(third - mean * (3 * second - 2 * mean * mean))
    return moments


class Margins:
    """The same for two classes, in the margin s = z_y - z_other: one tanh per row and pass.

    With t = tanh(beta s / 2) the derivatives are those of log(1 + exp(-beta s))::

        L' = mean s (t - 1) / 2,   L'' = mean s^2 (1 - t^2) / 4,   L''' = -mean s^3 t (1 - t^2) / 4
    """

    def __init__(self, z, code, weight, scratch):
        self.scratch = scratch
        self.margin = np.subtract(z[:, 1], z[:, 0], dtype=np.float64)
        self.margin *= 2 * code - 1
        self.weight, self.total = weight, weight.sum()

    def gradient(self, beta):
        return self._moments(beta, 1)[0]

    def derivatives(self, beta):
        return self._moments(beta, 3)

    def _moments(self, beta, order):
        starts = range(0, self.margin.size, _ROWS)
        return sum(self._sums(slice(i, i + _ROWS), beta, order) for i in starts) / self.total

    def _sums(self, rows, beta, order):
        s, weighted = self.margin[rows], self.weight[rows] * self.margin[rows]
        t = np.multiply(s, beta / 2, out=self.scratch[: s.size])
        np.tanh(t, out=t)
        terms = [weighted @ (t - 1) / 2]
        if order > 1:
            bell = (1 - t * t) * s
            terms += [weighted @ bell / 4, -(weighted * s) @ (bell * t) / 4]
        return np.array(terms)

    def all_right(self):
        return bool(self.margin.min() >= 0)

    def constant(self):
        return not self.margin.any()

    def excess_loss(self):
        limit = self.weight @ np.where(self.margin == 0, np.log(2), 0)
        return lambda beta: (
            (self.weight @ np.logaddexp(0, -beta * self.margin) - limit) / self.total
        )
