"""What is seen when the stated probabilities are right: simulation of the residuals of cells of rows.

Rows are put into at most 128 cells of neighbouring probabilities. Within a cell the outcomes
are all but exchangeable, so that one binomial draw
stands for the cell and the cost of a simulation does
not depend on the number of rows.
"""

from typing import NamedTuple

import numpy as np

# Rows of up to this many distinct probabilities are simulated exactly.
MAX_CELLS = 128
# Rows that the squares of graded outcomes in a cell borrow from all others.
_BORROWED_ROWS = 2


class Cells(NamedTuple):
    """Rows of neighbouring probability, by ascending probability; a residual is sum of p - o."""

    lowest: np.ndarray  # the smallest probability that the cell may hold
    weight: np.ndarray
    probability: np.ndarray  # the mean of the cell
    residual: np.ndarray
    variance: np.ndarray  # of the residual if outcomes are 1 with probability p
    squares: np.ndarray | None  # expected sum of (p - o)^2 where outcomes are graded, else None


def make_cells(events, cuts=None):
    """Cells of about equal numbers of rows that split no ties and hold no rows on both sides of a cut.

    Assumes weights that count rows, and ascending cuts in the precision of the probabilities; a value on
    a cut is below it.
    """
    p, o, weight = events.probability, events.outcome, events.weight
    lowest = _lowest_values(p, cuts)
    cell = np.searchsorted(lowest, p, side="right") - 1
    p = p.astype(float, copy=False)

    def total(values):
        return np.bincount(cell, values if weight is None else values * weight, lowest.size)[used]

    size = np.bincount(cell, weight, lowest.size).astype(float)
    used = size > 0
    graded = bool(np.any((o != 0) & (o != 1)))
    weight_of_cell, variance = size[used], total(p * (1 - p))
    return Cells(
        lowest=lowest[used],
        weight=weight_of_cell,
        probability=total(p) / weight_of_cell,
        residual=total(p - o),
        variance=variance,
        squares=expected_squares(total((p - o) ** 2), variance, weight_of_cell) if graded else None,
    )


def expected_squares(squares, variance, weight):
    """Squares of graded outcomes, which lean on p (1 - p) times their common ratio to it.

    Where outcomes are rarely other than 0, a few rows show no variance by themselves.
    """
    usual = variance * squares.sum() / max(variance.sum(), np.finfo(float).tiny)
    return (weight * squares + _BORROWED_ROWS * usual) / (weight + _BORROWED_ROWS)


def _lowest_values(p, cuts):
    """Least value that each cell may hold, ascending."""
    n_cells = min(p.size, MAX_CELLS)
    ranks = np.arange(n_cells) * p.size // n_cells
    lowest = np.partition(p, ranks)[ranks]
    if cuts is not None:
        lowest = np.append(lowest, np.nextafter(cuts, np.array(2, p.dtype)))
    return np.unique(lowest)


def simulate_outcomes(cells, n_simulations, rng):
    """Sums of outcomes of shape (n_simulations, n_cells) if the probabilities are right."""
    rows = np.maximum(np.round(cells.weight), 1).astype(np.int64)
    share = rng.binomial(rows, np.clip(cells.probability, 0, 1), (n_simulations, rows.size)) / rows
    return share * cells.weight


def simulate_residuals(cells, n_simulations, rng):
    """Residuals of shape (n_simulations, n_cells) if the probabilities are right.

    Nothing is known of the distribution of graded outcomes but their mean: their residuals are drawn
    from a normal distribution of the observed squares.
    """
    if cells.squares is not None:
        return rng.normal(scale=np.sqrt(cells.squares), size=(n_simulations, cells.weight.size))
    return cells.weight * cells.probability - simulate_outcomes(cells, n_simulations, rng)
