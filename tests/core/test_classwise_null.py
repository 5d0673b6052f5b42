"""Labels drawn from rows of probabilities, and what is counted of them."""

import numpy as np
import pytest

from sklearn_calib._core import classwise_null
from sklearn_calib._core.classwise_null import multiclass_spiegelhalter_z, simulate_label_counts


def counts(proba, cell, weight=None, n_simulations=2_000):
    parts = simulate_label_counts(
        proba, cell, weight, cell.max() + 1, n_simulations, np.random.default_rng(0)
    )
    return np.concatenate(list(parts))


@pytest.mark.parametrize("n_classes", [1, 2, 5, 80])  # by comparison and by search
@pytest.mark.parametrize("draws", [200, 1 << 21])
def test_labels_are_drawn_from_the_rows(n_classes, draws, monkeypatch):
    # Mean and covariance of a categorical draw: p_k and p_k (k == l) - p_k p_l, summed over rows.
    monkeypatch.setattr(classwise_null, "_DRAWS", draws)
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.full(n_classes, 0.5), 3)
    proba[0] = np.eye(n_classes)[-1]  # certain, with zeros before
    cell = np.tile(np.arange(n_classes), (3, 1))
    drawn = counts(proba, cell)
    assert drawn.shape == (2_000, n_classes)
    np.testing.assert_array_equal(drawn.sum(axis=1), 3)
    np.testing.assert_allclose(drawn.mean(axis=0), proba.sum(axis=0), atol=0.07)
    covariance = sum(np.diag(p) - np.outer(p, p) for p in proba)
    np.testing.assert_allclose(np.atleast_2d(np.cov(drawn.T)), covariance, atol=0.08)


def test_every_row_counts_by_its_weight_in_its_cell():
    proba = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    cell = np.array([[0, 2, 4], [1, 3, 5]])
    drawn = counts(proba, cell, np.array([0.5, 2.0]), n_simulations=3)
    np.testing.assert_array_equal(drawn, np.tile([0, 2, 0.5, 0, 0, 0], (3, 1)))


def test_rows_sum_to_one_up_to_rounding():
    proba = np.full((1, 3), 0.33333, dtype=np.float32)
    drawn = counts(proba, np.arange(3)[None])
    np.testing.assert_allclose(drawn.mean(axis=0), 1 / 3, atol=0.04)


def test_z_is_the_standardised_brier_score():
    # Its mean and variance over all labels of two rows, one by one.
    proba = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])

    def brier(code):
        return np.sum((proba - np.eye(3)[code]) ** 2)

    codes = [np.array([i, j]) for i in range(3) for j in range(3)]
    chance = [proba[0, i] * proba[1, j] for i, j in codes]
    mean = np.dot(chance, [brier(c) for c in codes])
    deviation = np.sqrt(np.dot(chance, [(brier(c) - mean) ** 2 for c in codes]))
    for code in codes:
        expected = (brier(code) - mean) / deviation
        assert multiclass_spiegelhalter_z(proba, code, None) == pytest.approx(expected)
        assert multiclass_spiegelhalter_z(proba, code, np.full(2, 3.0)) == pytest.approx(expected)


def test_z_of_certain_rows():
    proba = np.array([[1.0, 0.0]])
    assert multiclass_spiegelhalter_z(proba, np.array([0]), None) == 0
    assert multiclass_spiegelhalter_z(proba, np.array([1]), None) == np.inf
