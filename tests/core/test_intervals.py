import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from sklearn_calib._core.bins import uniform_edges
from sklearn_calib._core.intervals import calibration_error_interval, wilson_interval
from sklearn_calib._core.table import tabulate
from sklearn_calib._events import Events


def slow_wilson(successes, n, level):
    """Both roots of |successes / n - p| = z sqrt(p (1 - p) / n), found numerically."""
    z, observed = norm.ppf((1 + level) / 2), successes / n

    def excess(p):
        return (observed - p) ** 2 - z**2 * p * (1 - p) / n

    # 0 and 1, where both sides are 0, are limits only if they are the observed share.
    low = 0.0 if successes == 0 else brentq(excess, 0, observed - 1e-9, xtol=1e-15)
    high = 1.0 if successes == n else brentq(excess, observed + 1e-9, 1, xtol=1e-15)
    return low, high


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize(
    ("successes", "n"),
    [(0, 1), (1, 1), (0, 50), (50, 50), (1, 3), (7, 20), (999, 1000), (0.35, 2.5)],
)
def test_wilson_interval_solves_its_equation(successes, n, level):
    expected = slow_wilson(successes, n, level)
    np.testing.assert_allclose(wilson_interval(successes, n, level), expected, atol=1e-9)


def test_wilson_interval_equals_that_of_scipy():
    n = np.array([1, 2, 10, 10, 10, 300])
    successes = np.array([1, 0, 0, 3, 10, 17])
    low, high = wilson_interval(successes, n, 0.95)
    for i in range(n.size):
        interval = binomtest(successes[i], n[i]).proportion_ci(0.95, method="wilson")
        np.testing.assert_allclose((low[i], high[i]), interval, atol=1e-12)


def test_wilson_interval_at_the_ends_in_closed_form():
    # With no success the equation is p^2 = z^2 p (1 - p) / n, so p = z^2 / (n + z^2).
    z2 = norm.ppf(0.975) ** 2
    low, high = wilson_interval(np.array([0, 8]), np.array([8, 8]), 0.95)
    np.testing.assert_allclose(low, [0, 8 / (8 + z2)], atol=1e-15)
    np.testing.assert_allclose(high, [z2 / (8 + z2), 1], atol=1e-15)


def test_wilson_interval_stays_within_bounds_under_rounding():
    n = np.array([0.1 + 0.2, 1.0])  # a sum of outcomes may exceed the sum of weights by an ulp
    low, high = wilson_interval(np.nextafter(n, 2), n, 0.95)
    assert np.all((low > 0) & (low < high) & (high <= 1))
    low, high = wilson_interval(np.nextafter(n, 2), n, 1e-12)  # no width that would hide it
    np.testing.assert_allclose((low, high), 1)


def tables(rng, gap, n_rows, n_tables):
    """Ten bins of stated probabilities, each right as often as stated minus the gap."""
    for _ in range(n_tables):
        p = rng.integers(1, 11, n_rows) / 10 - 0.05
        y = rng.random(n_rows) < p - gap
        yield tabulate(Events(p, y.astype(float)), uniform_edges(10))


@pytest.mark.parametrize("n_rows", [100, 1000])
@pytest.mark.parametrize("gap", [0.0, 0.03])
def test_calibration_error_interval_covers_the_true_error(n_rows, gap):
    # p - gap is a probability in all ten bins, so the true l1 error is the gap itself. 400 tables show
    # a coverage of 0.95 to about 0.01; the interval is conservative by its derivation.
    intervals = [
        calibration_error_interval(table, 0.95)
        for table in tables(np.random.default_rng(n_rows), gap, n_rows, 400)
    ]
    low, high = np.transpose(intervals)
    assert np.mean((low <= gap) & (gap <= high)) >= 0.93
    if gap == 0:
        assert np.mean(low == 0) >= 0.93


def test_calibration_error_interval_by_hand():
    # One bin of 8, all said 0.5, 6 right: |gap| 0.25; shrunk rate 7 / 10, so the standard error of the
    # accuracy is s = sqrt(0.21 / 8), and the noise |N(0, s)| has mean s sqrt(2 / pi) and variance
    # s^2 (1 - 2 / pi), whose normal 95 % quantile is mean + 1.645 deviations.
    table = tabulate(Events(np.full(8, 0.5), np.repeat([1.0, 0.0], [6, 2])), np.array([0.0, 1.0]))
    s = np.sqrt(0.7 * 0.3 / 8)
    quantile = s * np.sqrt(2 / np.pi) + 1.6448536269514722 * s * np.sqrt(1 - 2 / np.pi)
    low, high = calibration_error_interval(table, 0.95)
    assert low == max(0, 0.25 - quantile) == 0
    assert high == pytest.approx(0.25 + quantile)


def test_calibration_error_interval_sees_a_large_error_and_shrinks_with_data():
    def at(n):
        events = Events(np.full(n, 0.9), np.arange(n) % 2 * 1.0)  # says 0.9, is right in 0.5
        return calibration_error_interval(tabulate(events, uniform_edges(10)), 0.95)

    wide, narrow = at(100), at(10_000)
    assert 0 < wide[0] < narrow[0] < 0.4 < narrow[1] < wide[1]
    # the width falls as 1 / sqrt(n)
    assert (wide[1] - wide[0]) / (narrow[1] - narrow[0]) == pytest.approx(10, rel=0.05)
