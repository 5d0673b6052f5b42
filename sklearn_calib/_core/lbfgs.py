"""Preconditioned L-BFGS for smooth convex objectives.

Written out because scipy's takes no preconditioner, and a good one turns hundreds of passes over the
data into ten.
"""

from typing import NamedTuple

import numpy as np

_MEMORY = 20  # pairs of steps and changes of the gradient that are kept
_SUFFICIENT = 1e-4  # share of the promised decrease that a step must deliver
_ROUNDING = 1e-13  # relative differences of the objective below this say nothing
_SHORTEST = 1e-6  # a Newton-like step so much too long is none


class Minimum(NamedTuple):
    """Where the search has ended, the objective there, and whether the decrement was reached."""

    point: np.ndarray
    value: float
    converged: bool


def lbfgs(objective, start, precondition, tolerance, max_steps):
    """Minimise a convex `objective`, a function that returns its value and its gradient.

    `precondition` maps a gradient to about the Newton step. The search has converged when the
    decrement g^T H^-1 g, twice the decrease that is left to second order, is at most `tolerance`, or
    is mere rounding and falls no more. It gives up after `max_steps`, or where no step decreases.
    """
    point, before = start, np.inf
    pairs: list[tuple] = []
    value, gradient = objective(point)
    for _ in range(max_steps):
        step = _newton_like_step(gradient, pairs, precondition)
        decrement = _dot(gradient, step)
        if 0 <= decrement <= tolerance:
            return Minimum(point - step, value, True)
        if 0 < decrement <= rounding(value) and decrement > before / 2:
            return Minimum(point, value, True)
        found = _line_search(objective, point, value, step, decrement) if decrement > 0 else None
        if found is None:
            break
        new, value, new_gradient = found
        _remember(pairs, new - point, new_gradient - gradient)
        point, gradient, before = new, new_gradient, decrement
    return Minimum(point, value, False)


def rounding(value):
    """Differences of an objective of this value that say nothing."""
    return _ROUNDING * (1 + abs(value))


def _newton_like_step(gradient, pairs, precondition):
    """Two-loop recursion (Nocedal 1980): the preconditioner, corrected by what past steps have seen."""
    step, shares = gradient.copy(), []
    for moved, turned, curvature in reversed(pairs):
        shares.append(_dot(moved, step) / curvature)
        step -= shares[-1] * turned
    step = precondition(step)
    for (moved, turned, curvature), share in zip(pairs, reversed(shares), strict=True):
        step += (share - _dot(turned, step) / curvature) * moved
    return step


def _line_search(objective, point, value, step, decrement):
    """Halve the step until it decreases the objective, up to rounding; None if none does."""
    length = 1.0
    while length > _SHORTEST:
        new = point - length * step
        new_value, new_gradient = objective(new)
        if new_value <= value - _SUFFICIENT * length * decrement + rounding(value):
            return new, new_value, new_gradient
        length /= 2
    return None


def _remember(pairs, moved, turned):
    curvature = _dot(moved, turned)
    if curvature > 0:
        pairs.append((moved, turned, curvature))
        del pairs[:-_MEMORY]


def _dot(a, b):
    return float(np.sum(a * b))
