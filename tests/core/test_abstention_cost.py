import numpy as np
import pytest

from sklearn_calib._core.abstention_cost import chow_threshold, cost_of_shares, mean_cost


@pytest.mark.parametrize(
    ("error", "abstention", "threshold"),
    [(10, 1, 0.9), (1, 0.7, 0.3), (3, 0.6, 0.8), (1, 1, 0), (1, 5, 0), (1, 0, 1), (3, 1, 2 / 3)],
)
def test_chow_threshold_is_where_both_cost_the_same(error, abstention, threshold):
    """(1 - confidence) * error = abstention, or no confidence at all."""
    found = chow_threshold(error, abstention)
    assert found == pytest.approx(threshold, abs=1e-12)
    assert found == 0 or (1 - found) * error == pytest.approx(abstention)


def test_mean_cost_by_hand():
    loss, answered = np.array([0.0, 1.0, 0.5, 1.0]), np.array([True, True, True, False])
    assert mean_cost(loss, answered, (4, 1)) == (0 + 4 + 2 + 1) / 4
    assert mean_cost(loss, answered, (4, 1), np.array([1, 2, 0, 1])) == (8 + 1) / 4
    assert cost_of_shares((4, 1), coverage=0.75, risk=0.5) == mean_cost(loss, answered, (4, 1))
