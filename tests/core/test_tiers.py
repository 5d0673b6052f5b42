"""Tiers: each step against a plain reference, and the promise by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sklearn_calib._core import tiers
from sklearn_calib._core.tiers import certified_tiers, pilot_rows


def binomial_tail(errors, n, rate):
    """P(at most so many errors among n), by counting."""
    from math import comb

    return sum(comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(int(errors) + 1))


def test_one_tier_step_by_step():
    """200 rows; every step written out with loops."""
    rng = np.random.default_rng(0)
    confidence = np.round(rng.random(200), 2)
    correct = (rng.random(200) < 0.5 + confidence / 2).astype(float)
    (tier,) = certified_tiers(confidence, correct, [0.7], 0.1)

    pilot = {round(k * 199 / 27) for k in range(28)}  # 2 sqrt(200) = 28.3 rows, evenly spaced
    rest = [i for i in range(200) if i not in pilot]
    candidates = [*sorted({confidence[i] for i in pilot}, reverse=True), -np.inf]
    n_above = [sum(confidence[i] >= t for i in pilot) * len(rest) / len(pilot) for t in candidates]
    least = next(n for n in range(2, 1000) if binomial_tail(1, n, 0.3) <= 0.1)
    first, every = 3 * 200**0.5, n_above[-1]
    assert least < first < every
    shares = [0.0] * len(candidates)
    for rows, share in ((first, 0.6), ((first * every) ** 0.5, 0.2), (every, 0.2)):
        shares[next(k for k, n in enumerate(n_above) if n >= rows - 1e-6)] += 0.1 * share
    level, chosen = 0.0, None
    for k, t in enumerate(candidates):
        level += shares[k]
        answered = [i for i in rest if confidence[i] >= t]
        wrong = sum(1 - correct[i] for i in answered)
        if level and binomial_tail(wrong, len(answered), 0.3) <= level:
            chosen = t
        else:
            level = 0.0
    assert chosen is not None
    assert tier == (chosen, np.inf, True)


def test_the_tier_below_counts_only_what_is_left():
    # Right above 0.5, half right below: below, the target of 0.4 must hold without the right rows.
    rng = np.random.default_rng(0)
    confidence = rng.random(2000)
    correct = np.where(confidence > 0.5, 1.0, rng.integers(0, 2, 2000))
    first, second = certified_tiers(confidence, correct, [0.99, 0.4], 0.05)
    assert 0.45 < first.lower < 0.55
    assert second.upper == first.lower
    assert second.lower < 0.05
    first, second = certified_tiers(confidence, correct, [0.99, 0.6], 0.05)
    assert not second.certified
    assert second.lower == second.upper == first.lower
    # all rows from there on are right in 75 % of cases, which is not what the tier promises
    assert correct.mean() > 0.7


def test_a_tier_may_be_empty_and_the_next_one_begins_where_it_would():
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(1000), (rng.random(1000) < 0.8).astype(float)
    first, second = certified_tiers(confidence, correct, [0.9, 0.7], 0.05)
    assert first == (np.inf, np.inf, False)
    assert second == (-np.inf, np.inf, True)
    # all is taken: nothing is left for a third
    assert certified_tiers(confidence, correct, [0.7, 0.5], 0.05)[1] == (-np.inf, -np.inf, False)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.lists(st.sampled_from([0.0, 0.0, 0.02, 0.05]), min_size=12, max_size=12),
)
def test_fallback_hands_the_level_on(pvalues, shares):
    pvalues = np.array(pvalues) * 0.2
    chosen, level = -1, 0.0
    for k, p in enumerate(pvalues):
        level = level + shares[k]
        if level > 0 and p <= level:
            chosen = k
        else:
            level = 0.0
    assert tiers._fallback(pvalues, shares[: pvalues.size]) == chosen


@pytest.mark.parametrize("target", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("alpha", [0.3, 0.05, 0.001])
@pytest.mark.parametrize("errors", [0, 1, 10])
def test_rows_to_pass(target, alpha, errors):
    n = int(tiers._rows_to_pass(errors, target, alpha))
    assert binom.cdf(errors, n, 1 - target) <= alpha
    assert binom.cdf(errors, n - 1, 1 - target) > alpha


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 10, 1000])
def test_pilot_rows(n):
    rows = pilot_rows(n)
    assert len(set(rows)) == rows.size <= 2 * np.sqrt(n)
    assert rows.min() >= 0
    assert rows.max() < n


def test_more_right_rows_never_lose_coverage_of_one_tier():
    """The tests are monotone, on which the proof for several tiers rests."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        confidence, correct = rng.random(300), (rng.random(300) < 0.8).astype(float)
        before = certified_tiers(confidence, correct, [0.75], 0.2)[0].lower
        better = np.where(rng.random(300) < 0.03, 1.0, correct)
        assert certified_tiers(confidence, better, [0.75], 0.2)[0].lower <= before


def few(rng, n):
    return rng.choice([0.6, 0.8, 0.9, 0.95, 1.0], n)


PROBLEMS = {
    "honest": (lambda rng, n: rng.uniform(0.4, 1, n), lambda c: c),
    "never above the target": (lambda rng, n: rng.random(n), lambda c: np.full(c.size, 0.799)),
    "not monotone": (
        lambda rng, n: rng.random(n),
        lambda c: np.where((c > 0.4) & (c < 0.6), 0.3, 0.9),
    ),
    "ties": (few, lambda c: c - 0.11),
    "upside down": (lambda rng, n: rng.random(n), lambda c: 0.95 - 0.3 * c),
}


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("n", [60, 300])
def test_promises_hold(problem, n):
    """Two tiers of level 0.1 each: at most a tenth of the samples misses each accuracy."""
    draw, accuracy = PROBLEMS[problem]
    targets, alpha, n_samples = [0.8, 0.6], 0.1, 400
    population = np.sort(draw(np.random.default_rng(0), 200_000))
    right = np.append(0, np.cumsum(accuracy(population)))
    missed = np.zeros(2)
    for seed in range(n_samples):
        rng = np.random.default_rng(seed)
        confidence = draw(rng, n)
        correct = (rng.random(n) < accuracy(confidence)).astype(float)
        for j, tier in enumerate(certified_tiers(confidence, correct, targets, alpha)):
            low, high = np.searchsorted(population, [tier.lower, tier.upper])
            if tier.certified and high > low:
                missed[j] += (right[high] - right[low]) / (high - low) < targets[j]
    assert np.all(missed <= n_samples * alpha + 2 * np.sqrt(n_samples * alpha * (1 - alpha)))
