"""A smooth, monotone map of log-odds to log-odds, fitted by penalised logistic regression.

The map is a cubic spline f(s) = sum_j c_j B_j(s) with increasing coefficients, which makes it monotone.
They are written through its slopes: with the abscissae g_j at which a straight line has its coefficients
(Greville 1967), c_j = c_0 + sum_{i <= j} (g_i - g_{i-1}) u_i with slopes u_i >= 0. Equal slopes are a
straight line, which is Platt scaling; the penalty on their differences shrinks the map towards it.
"""

from typing import NamedTuple

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls
from scipy.special import expit, logit

_DEGREE = 3
_MAX_KNOTS = 8  # inner knots: with fewer the map is stiff, with more the penalty does the work
_GROUPS_PER_KNOT = 25  # fewer knots where there are few distinct scores
# Rows are pooled in so many groups of neighbours, which no smooth map tells apart. An odd number has no
# edge at the middle of a row, so that the groups of the negated scores are the same.
_POOLED = 511
_DIGITS = 10  # of log-odds: a matrix product may round equal rows differently
_PENALTIES = tuple(10.0**power for power in range(-4, 3))
_FOLDS = 5
_MAX_STEPS = 100
_DECREMENT = 1e-18  # squared Newton decrement, in nats: the last step changed about half the digits
_ROUNDING = 1e-15  # of the loss
_RIDGE = 1e-10  # of the trace: slopes that the data leave undetermined keep their start


class MonotoneSpline(NamedTuple):
    """Knots and coefficients of the spline; beyond its ends it goes on along its tangents."""

    knots: np.ndarray
    coef: np.ndarray

    def __call__(self, s):
        low, high = self.knots[0], self.knots[-1]
        inside = np.clip(s, low, high)
        abscissae = _greville(self.knots)
        first = (self.coef[1] - self.coef[0]) / (abscissae[1] - abscissae[0])
        last = (self.coef[-1] - self.coef[-2]) / (abscissae[-1] - abscissae[-2])
        f = BSpline(self.knots, self.coef, _DEGREE)(inside)
        return f + first * np.minimum(s - low, 0) + last * np.maximum(s - high, 0)


def fit_monotone_spline(s, positive, weight=None):
    """Spline of log-odds `s`, with the penalty that predicts left-out groups of neighbours best.

    Platt's targets (n_+ + 1) / (n_+ + 2) and 1 / (n_- + 2) keep the optimum finite.
    """
    weight = np.ones(s.size) if weight is None else weight
    total, right = weight.sum(), weight @ positive
    target = np.where(positive, (right + 1) / (right + 2), 1 / (total - right + 2))
    center, mass, share = _pool(s, target, weight)
    knots = _knots(center, mass)
    design = BSpline.design_matrix(center, knots, _DEGREE).toarray() @ _coefficients_of_slopes(
        knots
    )
    penalty = _PENALTIES[np.argmin(_left_out_losses(design, share, mass))]
    slopes = _fit_slopes(design, share, mass, penalty)
    return MonotoneSpline(knots, _coefficients_of_slopes(knots) @ slopes)


def _pool(s, target, weight):
    """Mean score, weight and mean target of groups of neighbouring rows."""
    _, index = np.unique(np.round(s, _DIGITS), return_inverse=True)
    distinct = np.bincount(index, weight)
    middle = (np.cumsum(distinct) - distinct / 2) / distinct.sum()
    group = (middle * _POOLED).astype(int)[index]
    mass = np.bincount(group, weight)
    sums = np.bincount(group, weight * s), np.bincount(group, weight * target)
    keep = mass > 0
    return sums[0][keep] / mass[keep], mass[keep], sums[1][keep] / mass[keep]


def _knots(center, mass):
    """Clamped knots with inner ones at quantiles of the scores."""
    low, high = center[0], center[-1]
    if high <= low:
        low, high = low - 0.5, high + 0.5
    levels = np.linspace(0, 1, min(_MAX_KNOTS, center.size // _GROUPS_PER_KNOT) + 2)[1:-1]
    reached = np.cumsum(mass), levels * mass.sum()
    sides = [center[np.searchsorted(*reached, side)] for side in ("left", "right")]
    inner = np.unique(np.mean(sides, axis=0))
    inner = inner[(inner > low) & (inner < high)]
    ends = _DEGREE + 1
    return np.concatenate([np.full(ends, low), inner, np.full(ends, high)])


def _greville(knots):
    """Abscissae at which a straight line has its spline coefficients."""
    n_coef = knots.size - _DEGREE - 1
    return np.array([knots[j + 1 : j + 1 + _DEGREE].mean() for j in range(n_coef)])


def _coefficients_of_slopes(knots):
    """Matrix from (c_0, u_1, ..., u_m) to the coefficients c."""
    steps = np.diff(_greville(knots))
    matrix = np.tril(np.ones((steps.size + 1, steps.size + 1)))
    matrix[:, 1:] *= steps
    return matrix


def _fit_slopes(design, share, mass, penalty, start=None):
    """Minimise the mean log loss plus penalty / n times the squared differences of the slopes.

    Newton's method, where each step goes to the minimum of the quadratic model that obeys the bounds.
    """
    total, size = mass.sum(), design.shape[1]
    roughness = np.zeros((size, size))
    difference = np.diff(np.eye(size - 1), axis=0)
    roughness[1:, 1:] = 2 * penalty / total * difference.T @ difference
    x = _start(design, share, mass) if start is None else start
    loss, z = _loss(design, share, mass, roughness, x)
    for _ in range(_MAX_STEPS):
        p = expit(z)
        gradient = design.T @ (mass * (p - share)) / total + roughness @ x
        hessian = (design.T * (mass * p * (1 - p) / total)) @ design + roughness
        hessian[np.diag_indices(size)] *= 1 + _RIDGE
        hessian[np.diag_indices(size)] += _RIDGE * np.trace(hessian) / size
        step = _bounded_minimum(hessian, hessian @ x - gradient) - x
        if -gradient @ step < _DECREMENT:
            break
        x, loss, z = _shorten(design, share, mass, roughness, x, step, loss)
    return x


def _start(design, share, mass):
    """A line of slope 1, or less where the log loss of that would have no curvature."""
    line = design[:, 1:].sum(axis=1)
    center = mass @ line / mass.sum()
    slope = 1 / max(1, np.sqrt(mass @ (line - center) ** 2 / mass.sum()))
    intercept = logit(mass @ share / mass.sum()) - slope * center
    return np.append(intercept, np.full(design.shape[1] - 1, slope))


def _bounded_minimum(hessian, target):
    """Minimise x . hessian x / 2 - target . x over slopes that are not negative.

    With hessian = R^T R this is least squares in the slopes alone: the intercept comes first, so that
    it makes up for whatever is in the first row of R.
    """
    root = cholesky(hessian)
    right = solve_triangular(root, target, trans="T")
    slopes, _ = nnls(root[1:, 1:], right[1:])
    return np.append((right[0] - root[0, 1:] @ slopes) / root[0, 0], slopes)


def _shorten(design, share, mass, roughness, x, step, loss):
    """Take the step, halved until the loss falls."""
    size = 1.0
    while True:
        new = x + size * step
        new_loss, z = _loss(design, share, mass, roughness, new)
        if new_loss <= loss + _ROUNDING or size < _RIDGE:
            return new, new_loss, z
        size /= 2


def _loss(design, share, mass, roughness, x):
    z = design @ x
    return mass @ (np.logaddexp(0, z) - share * z) / mass.sum() + x @ roughness @ x / 2, z


def _left_out_losses(design, share, mass):
    """Log loss by penalty, of groups of which every fifth is left out of the fit in turn."""
    fold = np.arange(mass.size) % _FOLDS
    losses = np.zeros(len(_PENALTIES))
    for left_out in range(_FOLDS):
        kept = fold != left_out
        if kept.all() or not kept.any():
            continue
        slopes = None
        for i, penalty in enumerate(_PENALTIES):
            slopes = _fit_slopes(design[kept], share[kept], mass[kept], penalty, slopes)
            z = design[~kept] @ slopes
            losses[i] += mass[~kept] @ (np.logaddexp(0, z) - share[~kept] * z)
    return losses
