"""Bets and Hoeffding's bound: means below one, closed forms, coverage."""

import itertools

import numpy as np
import pytest

from sklearn_calib._core.bounded_mean import betting_pvalues, hoeffding_interval


def test_capital_has_mean_one_at_the_target():
    """The inverse p-value is the capital (where it exceeds 1); its mean over all outcomes is at most 1.

    Losses 0, 1/2 and 1 with mean exactly the target; every sequence of six.
    """
    risk, losses, chances = 0.25, (0.0, 0.5, 1.0), (0.6, 0.3, 0.1)
    assert np.dot(losses, chances) == pytest.approx(risk)
    below = {0.05: 0.0, 0.2: 0.0, 0.5: 0.0}
    for which in itertools.product(range(3), repeat=6):
        p = betting_pvalues(np.array([losses[i] for i in which]), np.array([5]), risk)[0]
        for level in below:
            below[level] += (p <= level) * np.prod([chances[i] for i in which])
    assert all(chance <= level for level, chance in below.items())
    assert below[0.5] > 0  # or the test shows nothing


def test_losses_in_another_order_and_a_prefix():
    loss = np.random.default_rng(0).beta(1, 9, 50)
    p = betting_pvalues(loss, np.array([19, 49]), 0.2)
    assert p[1] == pytest.approx(betting_pvalues(loss[::-1], np.array([49]), 0.2)[0])
    assert p[0] == pytest.approx(betting_pvalues(loss[:20], np.array([19]), 0.2)[0])


def test_without_losses_the_largest_bet_wins():
    """Capital (1 + b r) ** n; the average over twelve bets is at least a twelfth of the best."""
    best = (1 + (11.5 / 12) / 0.9 * 0.1) ** 100
    p = betting_pvalues(np.zeros(100), np.array([99]), 0.1)[0]
    assert 1 / best <= p <= 12 / best


def test_hoeffding_interval():
    """At a mean of 0 the bound solves (1 - m) ** n = alpha / 2."""
    low, high = hoeffding_interval(0.0, 50, 0.9)
    assert low == 0
    assert high == pytest.approx(1 - 0.05 ** (1 / 50))
    low, high = hoeffding_interval(0.3, 40, 0.9)
    for end in (low, high):
        divergence = 0.3 * np.log(0.3 / end) + 0.7 * np.log(0.7 / (1 - end))
        assert divergence == pytest.approx(np.log(20) / 40)
    assert hoeffding_interval(1.0, 50, 0.9)[1] == 1
