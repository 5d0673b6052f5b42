r"""Logistic calibration whose slope and offset vary by group, shrunk towards the population.

With u the log-odds of the score, centred and scaled, a row in the groups g_1, ..., g_J has

.. math:: \operatorname{logit} p = (\beta + b_{1 g_1} + \dots + b_{J g_J}) \cdot (1, u),
          \qquad b_{jg} \sim N(0, \operatorname{diag}(\tau_j^2))

The population's \beta is free; the deviations are ridge-penalised by the precisions 1 / \tau^2, which
maximise the marginal likelihood (integrated over b and, as in REML, over \beta) of the quadratic
approximation at the optimum. All steps need only sums per group: the score s_g and the information H_g
(2 x 2) of a group, so that groups are eliminated one by one from the Newton equations.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

# Standard deviations to choose from, in log-odds: 0, then steps of the square root of 2 from one that
# no data could tell from 0 to one that is no shrinkage.
_GRID = np.concatenate([[0.0], 0.02 * np.sqrt(2) ** np.arange(17)])
_START = 6  # entry of the grid where the search begins: 0.11
_LARGEST = 1e4  # standard deviation that stands for no shrinkage
_MAX_CHOICES = 12  # rounds in which the strength may still change
_MAX_ROUNDS = 200
_TOLERANCE = 1e-9  # of the gain of a step, per unit of weight
_MAX_HALVINGS = 30
_RIDGE = 1e-12  # of the information: u may be constant


class GroupEffects(NamedTuple):
    """Population (2,); per grouping deviations (n_groups, 2), scale (2,) and weights (n_groups,)."""

    center: float
    spread: float
    population: np.ndarray
    deviations: list
    scales: list
    weights: list


def fit_group_effects(z, target, weight, codes, sizes, *, precision=None):
    """Fit by Newton's method, one grouping at a time.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Log-odds of the plain calibrator, finite.
    target : ndarray of shape (n,)
        In [0, 1], not all 0 or all 1.
    weight : ndarray of shape (n,)
        Positive.
    codes : list of ndarray of shape (n,)
        Groups of the rows, in each grouping; -1 is none.
    sizes : list of int
        Number of groups in each grouping.
    precision : float or None
        Of all deviations, in units of the inverse variance of log-odds; None chooses it.
    """
    center = float(np.average(z, weights=weight))
    spread = float(np.sqrt(np.average((z - center) ** 2, weights=weight))) or 1.0
    u = (z - center) / spread
    population = np.array([center, spread])
    problem = _Problem(u, target, weight, codes, sizes)
    state = _State(population, [np.zeros((size, 2)) for size in sizes])
    choices = [(_START, _START)] * len(codes)
    scales = [_fixed_scale(precision)] * len(codes)
    for step in range(_MAX_ROUNDS):
        gain = 0.0
        for j in range(len(codes)):
            pull, information = problem.quadratic(state, j)
            if precision is None and step < _MAX_CHOICES:
                choices[j] = _choose(choices[j], pull, information)
                scales[j] = _GRID[list(choices[j])]
            goal = _solve(scales[j], pull, information)
            state, better = problem.improve(state, j, goal, scales[j])
            gain += better
        if step and gain <= _TOLERANCE:
            break
    weights = [
        np.bincount(c[c >= 0], weight[c >= 0], size) for c, size in zip(codes, sizes, strict=True)
    ]
    return GroupEffects(center, spread, state.population, state.deviations, scales, weights)


def _fixed_scale(precision):
    return np.full(2, min(precision**-0.5, _LARGEST)) if precision else np.full(2, _LARGEST)


def predict_group_effects(effects, z, codes):
    """Log-odds of rows; the code -1 is a member of the population."""
    u = (z - effects.center) / effects.spread
    total = np.broadcast_to(effects.population, (z.size, 2))
    for deviations, code in zip(effects.deviations, codes, strict=True):
        total = total + _padded(deviations)[code]
    return total[:, 0] + total[:, 1] * u


class _State(NamedTuple):
    population: np.ndarray
    deviations: list


class _Problem:
    """The rows, and sums over them."""

    def __init__(self, u, target, weight, codes, sizes):
        self.u, self.target, self.weight = u, target, weight
        self.codes = [np.where(c < 0, size, c) for c, size in zip(codes, sizes, strict=True)]
        self.sizes = sizes

    def log_odds(self, state):
        total = np.broadcast_to(state.population, (self.u.size, 2))
        for deviations, code in zip(state.deviations, self.codes, strict=True):
            total = total + _padded(deviations)[code]
        return total[:, 0] + total[:, 1] * self.u

    def quadratic(self, state, j):
        """Log likelihood of each group as a quadratic in its slope and offset t: pull t - t' H t / 2.

        Returns `pull` (G + 1, 2) and the information H (G + 1, 2, 2); the last entry is no group.
        """
        p = expit(self.log_odds(state))
        residual, curvature = self.weight * (self.target - p), self.weight * p * (1 - p)
        u = self.u
        parts = [residual, residual * u, curvature, curvature * u, curvature * u * u]
        r0, r1, h0, h1, h2 = (np.bincount(self.codes[j], v, self.sizes[j] + 1) for v in parts)
        information = np.stack([h0, h1, h1, h2], axis=1).reshape(-1, 2, 2)
        there = state.population + _padded(state.deviations[j])
        return np.column_stack([r0, r1]) + _apply(information, there), information

    def loss(self, state, j, scale):
        """Log loss and the penalty of grouping j."""
        z = self.log_odds(state)
        loss = self.weight @ (np.logaddexp(0, z) - self.target * z)
        inverse = np.divide(1, scale**2, out=np.zeros(2), where=scale > 0)
        return loss + np.sum(state.deviations[j] ** 2 * inverse) / 2

    def improve(self, state, j, goal, scale):
        """Go towards the solution as far as the loss falls; returns the gain per unit of weight."""
        start = self.loss(state, j, scale)
        size = 1.0
        for _ in range(_MAX_HALVINGS):
            new = _towards(state, j, goal, size)
            gain = start - self.loss(new, j, scale)
            if gain >= 0:
                return new, gain / self.weight.sum()
            size /= 2
        return state, 0.0


def _towards(state, j, goal, size):
    population, deviations = goal
    every = list(state.deviations)
    every[j] = every[j] + size * (deviations - every[j])
    return _State(state.population + size * (population - state.population), every)


def _padded(deviations):
    """Deviations with a row of zeros for rows in no group."""
    return np.vstack([deviations, np.zeros(2)])


def _apply(matrices, vectors):
    return np.einsum("gij,gj->gi", matrices, np.broadcast_to(vectors, matrices.shape[:2]))


def _posterior_covariance(scale, information):
    """(H + diag(scale)^-2)^-1 of each group and log det(I + H diag(scale)^2); both 0 for no group."""
    outer = np.multiply.outer(scale, scale)
    inner = np.eye(2) + outer * information
    inner[-1] = np.eye(2)
    covariance = outer * np.linalg.inv(inner)
    covariance[-1] = 0
    return covariance, np.log(np.linalg.det(inner))


def _eliminated(scale, pull, information):
    """Newton equations of the population after elimination of the groups."""
    covariance, log_det = _posterior_covariance(scale, information)
    shared = information @ covariance
    matrix = np.sum(information - shared @ information, axis=0)
    matrix += _RIDGE * np.trace(information.sum(axis=0)) * np.eye(2)
    return matrix, np.sum(pull - _apply(shared, pull), axis=0), covariance, log_det


def _solve(scale, pull, information):
    """Population and deviations at the optimum of the quadratic approximation."""
    matrix, vector, covariance, _ = _eliminated(scale, pull, information)
    population = np.linalg.solve(matrix, vector)
    return population, _apply(covariance, pull - _apply(information, population))[:-1]


def _evidence(scale, pull, information):
    """Log marginal likelihood of the quadratic approximation, up to a constant."""
    matrix, vector, covariance, log_det = _eliminated(scale, pull, information)
    explained = np.sum(pull * _apply(covariance, pull)) + vector @ np.linalg.solve(matrix, vector)
    return (explained - log_det.sum() - np.linalg.slogdet(matrix)[1]) / 2


def _choose(choice, pull, information):
    """Climb on the grid to the scales of largest evidence; of equals the smaller ones."""
    known = {}

    def evidence(entry):
        if entry not in known:
            known[entry] = _evidence(_GRID[list(entry)], pull, information)
        return known[entry]

    while True:
        a, b = choice
        near = [(a + i, b + k) for i in (-1, 0, 1) for k in (-1, 0, 1)]
        near = [c for c in near if min(c) >= 0 and max(c) < _GRID.size]
        best = max(near, key=lambda entry: (round(evidence(entry), 9), -sum(entry)))
        if best == choice:
            return choice
        choice = best
