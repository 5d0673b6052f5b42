"""Certified counts: exact error probabilities by enumeration, and what is tested where."""

import itertools

import numpy as np
import pytest

from sklearn_calib._core.binomial import binomial_cdf
from sklearn_calib._core.certified_rows import _test_in_turn, certify, certify_graded


def certified_counts(available, errors, risk, alpha):
    tested = certify(np.asarray(available), np.asarray(errors), risk, alpha)
    return np.asarray(available)[tested.position[tested.certified]]


@pytest.mark.parametrize(
    "risks",
    [
        [0.5] * 8,  # too risky from the first row on
        [0.5] * 4 + [1.0] * 4,
        [0.0, 0.5] + [0.75] * 6,  # good, then too risky
        [0.9, 0.1, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0],  # too risky, good, too risky
    ],
)
@pytest.mark.parametrize(("available", "alpha"), [(range(1, 9), 0.4), ([2, 3, 5, 8], 0.2)])
def test_probability_of_a_false_certificate(risks, available, alpha):
    """All 256 outcomes of eight rows whose chances of an error are given, ranked by confidence.

    False is a certified count whose rows have a mean chance of an error above the target. By Hoeffding
    (1956) their number of errors is then as large as a binomial one where it matters.
    """
    risk, available = 0.5 - 1e-9, np.array(available)
    false = available[np.cumsum(risks)[available - 1] / available > risk]
    total = 0.0
    for wrong in itertools.product([0, 1], repeat=8):
        chance = np.prod(np.where(wrong, risks, 1 - np.array(risks)))
        if (
            chance
            and np.isin(
                certified_counts(available, np.cumsum(wrong)[available - 1], risk, alpha), false
            ).any()
        ):
            total += chance
    assert total <= alpha


def test_a_certificate_needs_enough_rows():
    """29 right answers show 90 % at level 0.05, 28 do not: 0.9 ** 28 > 0.05 >= 0.9 ** 29."""
    for n, counts in ((28, []), (29, [29])):
        assert certified_counts(np.arange(1, n + 1), np.zeros(n, int), 0.1, 0.05).tolist() == counts


@pytest.mark.parametrize("n", [60, 400, 3_000])
@pytest.mark.parametrize("risk", [0.01, 0.1, 0.4])
def test_every_certificate_is_a_binomial_test(n, risk):
    rng = np.random.default_rng(n)
    errors = np.cumsum(rng.random(n) < np.linspace(0, 2 * risk, n))
    available = np.arange(1, n + 1)
    tested = certify(available, errors, risk, 0.05)
    p = binomial_cdf(errors[tested.position], available[tested.position], risk)
    assert np.all(p[tested.certified] <= 0.05 + 1e-12)


def test_one_right_row_more_never_certifies_less():
    rng = np.random.default_rng(3)
    for _ in range(20):
        wrong = (rng.random(150) < np.linspace(0, 0.3, 150)).astype(int)
        fewer = wrong.copy()
        fewer[rng.choice(np.flatnonzero(wrong))] = 0
        counts = [
            certified_counts(np.arange(1, 151), np.cumsum(w), 0.1, 0.1).max(initial=0)
            for w in (wrong, fewer)
        ]
        assert counts[0] <= counts[1]


def test_without_errors_every_row_is_certified():
    for n in (40, 1_000, 50_000, 2_000_000):
        assert certified_counts(np.arange(1, n + 1), np.zeros(n, int), 0.1, 0.05).max() == n


def test_counts_that_ties_leave():
    """With two distinct confidences only 300 and 500 rows can be answered."""
    assert certified_counts([300, 500], [15, 120], 0.1, 0.05).tolist() == [300]
    assert certified_counts([300, 500], [29, 120], 0.1, 0.05).tolist() == []
    assert certified_counts([300, 500], [15, 30], 0.1, 0.05).tolist() == [300, 500]


def test_graded_losses_of_little_variance_need_fewer_rows():
    """Losses of 0.05 each never show 90 % by counting errors, but a mean of 0.05 by betting."""
    tested = certify_graded(np.arange(1, 501), np.full(500, 0.05), 0.1, 0.05)
    assert tested.certified.any()
    tested = certify_graded(np.arange(1, 501), np.full(500, 0.11), 0.1, 0.05)
    assert not tested.certified.any()
    assert certify_graded(np.arange(1, 10), np.zeros(9), 0.1, 0.05).position.size == 0


def test_failed_early_checks_are_paid_for():
    """At risk 1/2 P(Bin(30) <= 9) = 0.0214; a failed check of 5 rows without error has cost 1 / 32."""
    available, errors = np.array([20, 30]), np.array([0, 9])
    for failed, passed in (([], [True, True]), ([(5, 0)], [True, False])):
        rows, limits = np.array(failed, dtype=int).reshape(-1, 2).T
        found = _test_in_turn(available, errors, np.arange(2), 0.5, 0.05, rows, limits)[1]
        assert found.tolist() == passed
