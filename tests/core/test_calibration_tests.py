"""Statistics of calibration tests against plain computations."""

import numpy as np
import pytest

from sklearn_calib._core import calibration_tests
from sklearn_calib._core.null_model import make_cells, simulate_residuals
from sklearn_calib._events import Events


@pytest.fixture
def cells():
    rng = np.random.default_rng(0)
    p = rng.choice([0.1, 0.2, 0.4, 0.7, 0.9], 200)
    return make_cells(Events(p, (rng.random(200) < p).astype(float)))


def test_walks_by_hand(cells):
    residuals = np.array([[1.0, -3.0, 1.0, 4.0, -2.0]])  # sums 1, -2, -1, 3, 1
    assert calibration_tests.kuiper(residuals, cells)[0] == pytest.approx(5 / 200)
    assert calibration_tests.ks(residuals, cells)[0] == pytest.approx(3 / 200)
    assert calibration_tests.kuiper(np.abs(residuals), cells)[0] == pytest.approx(11 / 200)


def test_bins_by_hand(cells):
    residuals = np.array([[1.0, -3.0, 1.0, 4.0, -2.0]])
    first = np.array([0, 2])
    v, w = cells.variance, cells.weight
    chi2 = 4 / v[:2].sum() + 9 / v[2:].sum()
    assert calibration_tests.bins(residuals, cells, first)[0] == pytest.approx(chi2)
    squared = (4 - v[:2].sum()) / w[:2].sum() + (9 - v[2:].sum()) / w[2:].sum()
    assert calibration_tests.debiased(residuals, cells, first)[0] == pytest.approx(squared / 200)


def test_smooth_is_the_weighted_square_of_orthonormal_components(cells):
    # Gram-Schmidt of 1, t, t^2, ... in the inner product sum(variance f g), written out.
    variance = cells.variance
    time = (np.cumsum(variance) - variance / 2) / variance.sum()
    functions = []
    for degree in range(5):
        f = (2 * time - 1) ** degree
        for g in functions:
            f = f - np.sum(variance * f * g) * g
        functions.append(f / np.sqrt(np.sum(variance * f**2)))
    residual = cells.residual
    expected = sum((residual @ f) ** 2 / max(k, 1) for k, f in enumerate(functions))
    assert calibration_tests.smooth(residual[None], cells)[0] == pytest.approx(expected)


def test_smooth_components_are_uncorrelated_with_variance_one_at_calibration(cells):
    rng = np.random.default_rng(0)
    simulated = simulate_residuals(cells, 50_000, rng) @ calibration_tests._orthonormal(
        cells.variance
    )
    np.testing.assert_allclose(np.cov(simulated.T), np.eye(5), atol=0.03)


def test_an_impossible_outcome_is_infinite_evidence():
    cells = make_cells(Events(np.array([0.3, 0.6, 1.0]), np.array([0.0, 1.0, 0.0])))
    assert calibration_tests.smooth(cells.residual[None], cells)[0] == np.inf
    possible = make_cells(Events(np.array([0.3, 0.6, 1.0]), np.array([0.0, 1.0, 1.0])))
    assert np.isfinite(calibration_tests.smooth(possible.residual[None], possible)[0])


def test_pvalue_counts_ties_and_the_data_themselves():
    simulated = np.array([1.0, 2.0, 3.0, 4.0])
    assert calibration_tests.monte_carlo_pvalue(3.0, simulated) == 3 / 5
    assert calibration_tests.monte_carlo_pvalue(3.0 * (1 + 1e-12), simulated) == 3 / 5
    assert calibration_tests.monte_carlo_pvalue(-1.0, simulated) == 1
    assert calibration_tests.monte_carlo_pvalue(np.inf, simulated) == 1 / 5


def test_spiegelhalter_by_hand():
    # p = 0.2, 0.9 with outcomes 1, 1: (0.8 * 0.6 - 0.1 * 0.8) / sqrt(0.36 * 0.16 + 0.64 * 0.09)
    z = calibration_tests.spiegelhalter_z(Events(np.array([0.2, 0.9]), np.array([1.0, 1.0])))
    assert z == pytest.approx(0.4 / np.sqrt(0.0576 + 0.0576))
    twice = Events(np.array([0.2, 0.9]), np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    assert calibration_tests.spiegelhalter_z(twice) == pytest.approx(np.sqrt(2) * z)


def test_spiegelhalter_without_variance():
    sure = Events(np.array([1.0, 1.0]), np.array([1.0, 1.0]))
    assert calibration_tests.spiegelhalter_z(sure) == 0
    wrong = Events(np.array([1.0, 1.0]), np.array([1.0, 0.0]))
    assert calibration_tests.spiegelhalter_z(wrong) == np.inf
    half = Events(np.array([0.5]), np.array([1.0]))
    assert calibration_tests.spiegelhalter_z(half) == 0
