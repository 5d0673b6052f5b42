import numpy as np
import pytest
from scipy.stats import entropy

from sklearn_calib._core.decomposition import Brier, LogLoss, isotonic_pools, terms

every_score = pytest.mark.parametrize("score", [Brier, LogLoss])


@every_score
def test_the_mean_outcome_is_the_best_constant(score):
    weight, positive = np.array([3.0, 5.0]), np.array([1.0, 4.0])
    mean = positive.sum() / weight.sum()
    least = score.least(weight.sum(), positive.sum())
    assert score.of(np.full(2, mean), weight, positive) == pytest.approx(least)
    for q in np.linspace(0.01, 0.99, 50):
        assert score.of(np.full(2, q), weight, positive) >= least - 1e-12


def test_known_values():
    # 2 of 4 right: entropy log 2 each; (0.5)^2 each, less the sum of the squared outcomes, 2
    assert LogLoss.least(np.array([4.0]), np.array([2.0])) == pytest.approx(4 * np.log(2))
    assert LogLoss.least(np.array([4.0]), np.array([1.0])) == pytest.approx(4 * entropy([1, 3]))
    assert Brier.least(np.array([4.0]), np.array([2.0])) == pytest.approx(4 * 0.25 - 2)


def test_pools_of_decreasing_accuracies_are_one():
    np.testing.assert_array_equal(isotonic_pools(np.ones(3), np.array([1.0, 0, 0])), [0])
    np.testing.assert_array_equal(isotonic_pools(np.ones(3), np.array([0, 0.5, 1])), [0, 1, 2])


@every_score
def test_a_weight_that_is_almost_nothing_makes_no_nan(score):
    weight, positive = np.array([1e-20, 1.0, 1e-20]), np.array([0, 1.0, 0])
    result = terms(score, np.array([0.2, 0.5, 0.8]), weight, positive, np.array([0]))
    assert np.all(np.isfinite(result))
