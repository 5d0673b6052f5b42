import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from sklearn_calib._core.intervals import wilson_interval


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
