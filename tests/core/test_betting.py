"""The promises behind the alarms: factors, stakes and mixtures, against plain loops and closed forms."""

import itertools

import numpy as np
import pytest
from scipy.special import expit, logit

from sklearn_calib._core.betting import (
    BETS,
    N_SHIFTS,
    Wealth,
    bet,
    left_to_stake,
    log_average,
    log_factors,
    log_stakes,
    spread,
)


def random_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    return (rng.random(n) < p).astype(float), p


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.93, 1.0])
@pytest.mark.parametrize("tolerance", [0.0, 0.05])
def test_the_mean_of_a_factor_is_at_most_one_for_every_allowed_mean(p, tolerance):
    low, high = max(p - tolerance, 0), min(p + tolerance, 1)
    bounds = np.full(2, low), np.full(2, high)
    log_odds = np.full(2, logit(np.clip(p, 1e-6, 1 - 1e-6)))
    wrong, right = np.exp(log_factors(np.array([0.0, 1.0]), *bounds, log_odds)).T
    for mean in np.linspace(low, high, 5):
        assert np.all((1 - mean) * wrong + mean * right <= 1 + 1e-12)
    if tolerance == 0:  # nothing is given away
        np.testing.assert_allclose((1 - p) * wrong + p * right, 1)


def test_graded_factors_lie_on_the_line_between_wrong_and_right():
    """The mean factor depends on the outcome only through its mean."""
    o, p = np.array([0.0, 0.25, 1.0]), np.full(3, 0.6)
    wrong, graded, right = np.exp(log_factors(o, p, p, logit(p))).T
    np.testing.assert_allclose(graded, 0.75 * wrong + 0.25 * right)


def test_a_shift_is_the_likelihood_ratio_of_moved_log_odds():
    o, p = random_rows(50)
    factors = log_factors(o, p, p, logit(p))
    for k, move in enumerate(BETS[:N_SHIFTS]):
        q = expit(logit(p) + move)
        ratio = np.where(o == 1, q / p, (1 - q) / (1 - p))
        np.testing.assert_allclose(factors[k], np.log(ratio), atol=1e-12)


def test_a_slope_is_the_likelihood_ratio_of_a_temperature():
    p = np.array([0.3, 0.7, 0.8])
    o = np.array([1.0, 1.0, 0.0])
    factors = log_factors(o, p, p, logit(p))
    for k, slope in enumerate(BETS[N_SHIFTS:], start=N_SHIFTS):
        q = expit(logit(p) * (1 + slope))
        np.testing.assert_allclose(factors[k], np.log(np.where(o == 1, q / p, (1 - q) / (1 - p))))


def test_stakes_of_all_starts_sum_to_one():
    """The sum telescopes: what is staked on the first n starts, and what is left."""
    for n in (1, 2, 10, 1_000):
        staked = np.exp(log_stakes(0, n, 0.7)).sum()
        assert staked + left_to_stake(n, 0.7) == pytest.approx(1, abs=1e-12)
    assert left_to_stake(0, 0.7) == 1
    parts = [log_stakes(a, 5, 0.7) for a in (0, 5)]
    np.testing.assert_allclose(np.concatenate(parts), log_stakes(0, 10, 0.7))
    assert np.all(log_stakes(3, 4, None) == 0)


def test_spread_falls_slowly():
    shares = spread(0, 100_000, 10.0)
    assert np.all(np.diff(shares) < 0)
    assert shares.sum() == pytest.approx(1 - 1 / (1 + np.log1p(10_000)))


@pytest.mark.parametrize("at_once", [0.8, 0.4, None])
def test_mixture_over_starts_is_the_sum_of_products(at_once):
    """Against the definition: every start multiplies its stake by all later factors."""
    o, p = random_rows(30)
    factors = log_factors(o, p, p, logit(p))
    won = bet(Wealth(1), 0, factors, np.arange(30), at_once)
    stakes = np.exp(log_stakes(0, 30, at_once))
    for t in (0, 1, 17, 29):
        terms = [stakes[s] * np.exp(factors[:, s : t + 1].sum(axis=1)) for s in range(t + 1)]
        np.testing.assert_allclose(won.log_mixture[:, t], np.log(np.sum(terms, axis=0)))
    np.testing.assert_allclose(won.log_evidence, log_average(won.log_mixture))


@pytest.mark.parametrize("n", [6, 9])
def test_expected_evidence_of_an_honest_stream(n):
    """Over all 2^n outcomes: what was staked, or with full stakes the number of rows."""
    p = np.linspace(0.1, 0.9, n)
    for at_once in (0.8, None):
        mean = 0.0
        for outcome in itertools.product([0.0, 1.0], repeat=n):
            o = np.array(outcome)
            won = bet(Wealth(1), 0, log_factors(o, p, p, logit(p)), np.arange(n), at_once)
            mean += np.exp(won.log_evidence[-1]) * np.prod(np.where(o == 1, p, 1 - p))
        assert mean == pytest.approx(n if at_once is None else 1 - left_to_stake(n, at_once))


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_batches_make_no_difference_to_the_last_bit(batch):
    o, p = random_rows(64)
    whole, pieces = Wealth(1), Wealth(1)
    rows = np.arange(64)
    expected = bet(whole, 0, log_factors(o, p, p, logit(p)), rows, 0.8).log_evidence
    got = []
    for i in range(0, 64, batch):
        s = slice(i, i + batch)
        factors = log_factors(o[s], p[s], p[s], logit(p[s]))
        got.append(bet(pieces, 0, factors, rows[s], 0.8).log_evidence)
    np.testing.assert_array_equal(np.concatenate(got), expected)
    for name, value in vars(whole).items():
        np.testing.assert_array_equal(getattr(pieces, name), value)


def test_the_low_is_where_the_product_was_smallest():
    o, p = random_rows(200, seed=1)
    o[120:] = 0
    factors = log_factors(o, p, p, logit(p))
    wealth = Wealth(1)
    for i in (0, 60, 130):
        s = slice(i, {0: 60, 60: 130, 130: 200}[i])
        bet(wealth, 0, factors[:, s], np.arange(200)[s], 0.8)
    product = np.cumsum(np.pad(factors, ((0, 0), (1, 0))), axis=1)
    np.testing.assert_array_equal(wealth.low_row[0], product.argmin(axis=1))
    np.testing.assert_allclose(wealth.low[0], product.min(axis=1))


def test_evidence_has_no_overflow():
    o, p = np.zeros(20_000), np.full(20_000, 0.99)
    won = bet(Wealth(1), 0, log_factors(o, p, p, logit(p)), np.arange(20_000), 0.8)
    assert np.all(np.isfinite(won.log_evidence))
    assert won.log_evidence[-1] > 20_000


def test_average_over_bets():
    """Shares sum to 1, so that equal wealth in all bets is that wealth; nothing is nothing."""
    np.testing.assert_allclose(log_average(np.full((BETS.size, 2), 3.5)), 3.5)
    assert log_average(np.full((BETS.size, 2), -np.inf)).tolist() == [-np.inf, -np.inf]
    each = [
        log_average(np.where(np.arange(BETS.size) == k, 0.0, -np.inf)) for k in range(BETS.size)
    ]
    assert np.exp(each).sum() == pytest.approx(1)


def test_new_parts_have_seen_nothing():
    wealth = Wealth(1)
    bet(wealth, 0, np.zeros((BETS.size, 2)), np.arange(2), 0.8)
    wealth.grow(2)
    assert wealth.n_rows.tolist() == [2, 0, 0]
    assert wealth.log_evidence()[1:].tolist() == [-np.inf, -np.inf]
