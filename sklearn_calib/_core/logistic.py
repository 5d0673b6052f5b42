"""Logistic regression on a few columns: the optimum of the binary log loss, by Newton's method.

With z = c . x + intercept and targets t in [0, 1], the mean loss log(1 + exp(z)) - t z is convex; with
p = (1 + tanh(z / 2)) / 2, which never overflows, its gradient is mean x (p - t) and its Hessian
mean x x' p (1 - p).
"""

from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

_BLOCK = (
    1 << 13
)  # rows per block: no vector is so large that its memory is given back and asked for again
_COARSE_ROWS = 1 << 11  # the search starts on a strided subsample of about this size
_COARSE_DECREMENT = 1e-5  # a subsample is left when the expected gain is below its own error
_DECREMENT = 1e-13  # squared Newton decrement; one more step then squares the error that is left
_MAX_STEPS = 60  # Newton needs about ten; more mean that the optimum is at infinity
_RIDGE = 1e-12  # of the trace: columns may depend on each other
_DEPENDENT = 1e-10  # variance of a direction, of the largest, below which columns are dependent
# The curvature that is left when margins grow without bound, in some direction, as a share of that
# of z = 0.
_FLAT = 1e-9


class LogisticFit(NamedTuple):
    """Coefficients with the intercept last, and whether the hard targets had a finite optimum."""

    coef: np.ndarray
    finite: bool


def fit_logistic(
    columns, positive, weight=None, *, start, smooth=False, nonnegative=0, intercept=True
):
    """Coefficients that minimise the weighted log loss.

    Parameters
    ----------
    columns : list of ndarray of shape (n,)
        The design without its column of ones.
    positive : ndarray of shape (n,) of bool
        Both values occur.
    weight : ndarray of shape (n,) or None
        Positive weights.
    start : list of float
        Coefficients, intercept last, that are kept as far as the data leave them undetermined.
    smooth : bool
        Use Platt's targets (s + 1) / (s + 2) and 1 / (n - s + 2) for s positives of n. Where the
        classes are separable, so that there is no finite optimum, they are used in any case.
    nonnegative : int
        The first so many coefficients must not be negative.
    intercept : bool
        Whether the design has a last column of ones.
    """
    ones = [np.ones(positive.size)] if intercept else []
    X = np.vstack([*columns, *ones], dtype=np.float64)
    scale = np.sqrt(np.mean(X * X, axis=1))
    scale[scale == 0] = 1
    X /= scale[:, None]
    weight = np.ones(positive.size) if weight is None else weight
    start = start * scale
    if not smooth:
        coef, finite = _constrained(X, positive.astype(float), weight, start, nonnegative)
        if finite:
            return LogisticFit(coef / scale, finite=True)
    coef, _ = _constrained(X, smooth_targets(positive, weight), weight, start, nonnegative)
    return LogisticFit(coef / scale, finite=smooth)


def smooth_targets(positive, weight):
    """Platt's targets: (s + 1) / (s + 2) and 1 / (n - s + 2) for s positives of n."""
    total, right = weight.sum(), weight @ positive
    return np.where(positive, (right + 1) / (right + 2), 1 / (total - right + 2))


def _constrained(X, target, weight, start, nonnegative):
    """Minimise with bounds: the best of the optima on the faces of the orthant, which are few."""
    best, best_loss = None, np.inf
    for face in product((False, True), repeat=nonnegative):
        free = ~np.concatenate([face, np.zeros(start.size - nonnegative)]).astype(bool)
        coef, finite = np.zeros(start.size), True
        if free.any():
            coef[free], finite = _minimise(X[free], target, weight, start[free])
        if (coef[:nonnegative] < 0).any():
            continue
        if free.all():
            return coef, finite  # the free optimum obeys the bounds
        z = coef @ X
        loss = weight @ (np.logaddexp(0, z) - target * z)
        if loss < best_loss:
            best, best_loss = (coef, finite), loss
    return best


def _minimise(X, target, weight, start):
    """Optimum from zero, where the curvature is largest, plus what of `start` makes no difference."""
    coef = np.zeros(start.size)
    stride = X.shape[1] // _COARSE_ROWS
    if stride > 1:
        rows = slice(None, None, stride)
        few = np.ascontiguousarray(X[:, rows]), target[rows], weight[rows]
        coef, _, _ = newton(partial(logistic_derivatives, *few), coef, _COARSE_DECREMENT)
    curvature = X @ (X * weight).T / (4 * weight.sum())
    return optimum(partial(logistic_derivatives, X, target, weight), curvature, coef, start)


def optimum(derivatives, curvature, coef, start):
    """Optimum from `coef`, with what of `start` makes no difference; `curvature` is that at zero."""
    values, vectors = np.linalg.eigh(curvature)
    determined = values > _DEPENDENT * values[-1]
    coef, hessian, converged = newton(derivatives, coef, _DECREMENT)
    whiten = vectors[:, determined] / np.sqrt(values[determined])
    least_curvature = np.linalg.eigvalsh(whiten.T @ hessian @ whiten)[0]
    free = vectors[:, ~determined]
    kept = np.linalg.lstsq(free[:-1], (start - coef)[:-1])[0]  # the intercept follows
    return coef + free @ kept, converged and least_curvature > _FLAT


def newton(derivatives, coef, decrement):
    """Damped Newton steps until the squared decrement is reached; tells if it was."""
    gradient, hessian = derivatives(coef)
    for _ in range(_MAX_STEPS):
        ridge = _RIDGE * np.trace(hessian) + np.finfo(float).tiny
        step = np.linalg.solve(hessian + ridge * np.eye(coef.size), gradient)
        slope = gradient @ step
        if slope <= decrement:
            return coef - step, hessian, True
        size = 1.0
        while True:  # convex: a step is too long when the slope along it has turned around
            new = coef - size * step
            gradient, hessian = derivatives(new)
            if gradient @ step >= -0.9 * slope or size < _RIDGE:
                break
            size /= 2
        coef = new
    return coef, hessian, False


def logistic_derivatives(X, target, weight, coef):
    """Gradient and Hessian of the mean log loss."""
    gradient, hessian = np.zeros(coef.size), np.zeros((coef.size, coef.size))
    for start in range(0, X.shape[1], _BLOCK):
        rows = slice(start, start + _BLOCK)
        x, w = X[:, rows], weight[rows]
        t = np.tanh(coef @ x / 2)
        gradient += x @ (w * ((t + 1) / 2 - target[rows]))
        hessian += (x * (w * (1 - t * t))) @ x.T / 4
    total = weight.sum()
    return gradient / total, hessian / total
