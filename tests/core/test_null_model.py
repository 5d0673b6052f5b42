"""Cells of rows and what is simulated in them."""

import numpy as np
import pytest

from sklearn_calib._core.null_model import (
    MAX_CELLS,
    make_cells,
    simulate_outcomes,
    simulate_residuals,
)
from sklearn_calib._events import Events


def events(n, seed=0, distinct=None):
    rng = np.random.default_rng(seed)
    p = rng.random(n) if distinct is None else rng.choice(distinct, n)
    return Events(p, (rng.random(n) < p).astype(float), rng.integers(1, 4, n).astype(float))


@pytest.mark.parametrize("n", [1, 5, MAX_CELLS, 10 * MAX_CELLS])
@pytest.mark.parametrize("distinct", [None, [0.2, 0.5, 1.0]])
def test_cells_hold_all_rows_once(n, distinct):
    e = events(n, distinct=distinct)
    cells = make_cells(e)
    assert cells.weight.size <= MAX_CELLS
    assert cells.weight.sum() == e.weight.sum()
    assert cells.residual.sum() == pytest.approx(np.sum(e.weight * (e.probability - e.outcome)))
    variance = np.sum(e.weight * e.probability * (1 - e.probability))
    assert cells.variance.sum() == pytest.approx(variance)
    assert np.all(np.diff(cells.lowest) > 0)
    assert cells.squares is None


def test_few_distinct_probabilities_have_a_cell_each():
    cells = make_cells(events(5_000, distinct=[0.1, 0.3, 0.7]))
    np.testing.assert_allclose(cells.probability, [0.1, 0.3, 0.7])


def test_cells_do_not_cross_cuts():
    e = events(5_000)
    cuts = np.array([0.123, 0.5, 0.9])
    cells = make_cells(e, cuts)
    highest = np.append(cells.lowest[1:], 1)
    for cut in cuts:
        assert np.any(cells.lowest > cut)
        inside = (cells.lowest <= cut) & (highest > cut)
        rows = (e.probability >= cells.lowest[inside]) & (e.probability < highest[inside])
        assert np.all(e.probability[rows] <= cut)


def test_simulated_outcomes_have_the_stated_mean_and_variance():
    cells = make_cells(events(3_000, distinct=[0.1, 0.5, 0.95]))
    outcomes = simulate_outcomes(cells, 20_000, np.random.default_rng(0))
    expected = cells.weight * cells.probability
    sigma = np.sqrt(cells.variance / 20_000)
    np.testing.assert_array_less(np.abs(outcomes.mean(axis=0) - expected), 4 * sigma)
    np.testing.assert_allclose(outcomes.var(axis=0), cells.variance, rtol=0.05)


def test_certainty_has_no_noise():
    cells = make_cells(Events(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0])))
    assert np.all(simulate_residuals(cells, 100, np.random.default_rng(0)) == 0)


def test_graded_residuals_have_the_observed_squares():
    rng = np.random.default_rng(0)
    p = np.repeat([0.2, 0.6], 500)
    cells = make_cells(Events(p, np.clip(p + rng.choice([-0.1, 0.1], 1000), 0, 1)))
    residuals = simulate_residuals(cells, 20_000, rng)
    np.testing.assert_allclose(residuals.var(axis=0), [500 * 0.01, 500 * 0.01], rtol=0.05)


def test_graded_squares_lean_on_those_of_all_rows():
    # One row per cell: squares 0.01, 0.01 and 0.25, p (1 - p) of 0.09, 0.16 and 0.25, in all 0.27 / 0.5
    # of it. Two of three rows of each cell are of the others.
    cells = make_cells(Events(np.array([0.1, 0.2, 0.5]), np.array([0.0, 0.1, 0.0])))
    usual = np.array([0.09, 0.16, 0.25]) * 0.27 / 0.5
    np.testing.assert_allclose(cells.squares, (np.array([0.01, 0.01, 0.25]) + 2 * usual) / 3)
    assert cells.squares.sum() == pytest.approx(0.27)
