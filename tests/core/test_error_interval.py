"""The interval of a calibration error against closed forms, simulation and common sense."""

import numpy as np
import pytest
from scipy.stats import norm

from sklearn_calib._core.bins import uniform_edges
from sklearn_calib._core.error_interval import (
    _absolute_cumulants,
    _gamma_tail,
    _square_cumulants,
    error_interval,
)
from sklearn_calib._core.table import tabulate
from sklearn_calib._events import Events


def one_bin(confidence, n_rows, n_right):
    outcome = np.repeat([1.0, 0.0], [n_right, n_rows - n_right])
    return tabulate(Events(np.full(n_rows, confidence), outcome), np.array([0.0, 1.0]))


@pytest.mark.parametrize(("n_rows", "n_right"), [(4_000, 2_800), (40_000, 28_000)])
def test_one_bin_far_from_calibration_is_wilsons_interval_of_its_accuracy(n_rows, n_right):
    # The error is |0.9 - q|. Where noise does not reach 0, its interval is 0.9 minus that of q.
    accuracy, z2 = n_right / n_rows, norm.ppf(0.975) ** 2
    center = (accuracy + z2 / 2 / n_rows) / (1 + z2 / n_rows)
    variance = accuracy * (1 - accuracy) / n_rows + z2 / 4 / n_rows**2
    half_width = np.sqrt(z2 * variance) / (1 + z2 / n_rows)
    low, high = error_interval(one_bin(0.9, n_rows, n_right), "l1", 0.95)
    # the gamma distribution is never less skewed than 0.001
    assert low == pytest.approx(0.9 - center - half_width, abs=1e-3 * half_width)
    # half a row of continuity correction
    assert high == pytest.approx(0.9 - center + half_width, abs=0.6 / n_rows)
    low, high = error_interval(one_bin(0.9, n_rows, n_right), "l2", 0.95)
    assert np.sqrt(low) == pytest.approx(0.9 - center - half_width, rel=0.01)
    assert np.sqrt(high) == pytest.approx(0.9 - center + half_width, rel=0.01)


@pytest.mark.parametrize("norm_", ["l1", "l2"])
def test_lower_limit_is_zero_up_to_the_critical_gap(norm_):
    # One bin at 0.5: at calibration |x| is half-normal with scale s = 0.5 / sqrt(n), so that the test of
    # no error at 2.5 % rejects beyond 2.241 s, and the lower limit is positive from there on.
    n_rows = 10_000
    critical = norm.ppf(1 - 0.025 / 2) * 0.5 / np.sqrt(n_rows)
    for factor, positive in [(0.95, False), (1.05, True)]:
        n_right = round(n_rows * (0.5 + factor * critical))
        low, _ = error_interval(one_bin(0.5, n_rows, n_right), norm_, 0.95)
        assert (low > 0) == positive


@pytest.mark.parametrize("n_rows", [1, 3, 10, 100, 1000])
def test_a_sure_bin_without_mistakes_bounds_the_share_of_mistakes(n_rows):
    # The exact bound is where (1 - error)^n = 2.5 %; the approximate one must not be shorter by much.
    low, high = error_interval(one_bin(1.0, n_rows, n_rows), "l1", 0.95)
    exact = 1 - 0.025 ** (1 / n_rows)
    assert low == 0
    assert 0.8 * exact < high < 1.6 * exact


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.3, 1.99, 2.01])
def test_cumulants_of_absolute_values_and_squares_are_those_by_integration(mean):
    deviation = 0.1
    z = np.linspace(-12, 12, 400_001)
    density = norm.pdf(z) * (z[1] - z[0])
    x = mean + deviation * z
    for function, values in [(_absolute_cumulants, np.abs(x)), (_square_cumulants, x**2)]:
        first = values @ density
        expected = [first, (values - first) ** 2 @ density, (values - first) ** 3 @ density]
        result = function(np.array([mean]), np.array([deviation]))[:, 0]
        np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-9)


def test_cumulants_without_noise_are_those_of_a_constant():
    mean = np.array([0.0, 0.2])
    result = _absolute_cumulants(mean, np.zeros(2))
    np.testing.assert_array_equal(result, [mean, [0, 0], [0, 0]])


def test_gamma_tail_is_that_of_a_sum_of_folded_normal_variables():
    rng = np.random.default_rng(0)
    mean, deviation = (
        np.array([0.0, 0.0, 0.01, 0.03, 0.0]),
        np.array([0.01, 0.02, 0.02, 0.01, 0.005]),
    )
    total = np.abs(rng.normal(mean, deviation, (100_000, 5))).sum(axis=1)
    cumulants = _absolute_cumulants(mean, deviation).sum(axis=1)
    for probability in (0.01, 0.025, 0.5, 0.975, 0.99):
        value = np.quantile(total, probability)
        assert _gamma_tail(value, cumulants, -1) == pytest.approx(probability, abs=0.005)
        assert _gamma_tail(value, cumulants, +1) == pytest.approx(1 - probability, abs=0.005)


@pytest.mark.parametrize("norm_", ["l1", "l2"])
@pytest.mark.parametrize("n_rows", [500])
@pytest.mark.parametrize("gap", [0.0, 0.02, np.linspace(-0.045, 0.045, 10), 0.05])
def test_coverage_near_and_away_from_calibration(norm_, n_rows, gap):
    # Every bin holds a tenth of the population. 200 intervals show 95 % to within 0.015 (one sigma);
    # benchmarks/inference_simulation.py has the numbers.
    def gap_of(p):
        return gap if np.ndim(gap) == 0 else gap[np.round(10 * p - 0.5).astype(int)]

    truth = np.broadcast_to(gap, 10)
    error = np.mean(np.abs(truth)) if norm_ == "l1" else np.mean(truth**2)
    rng = np.random.default_rng(n_rows)
    covered = 0
    for _ in range(200):
        p = rng.integers(1, 11, n_rows) / 10 - 0.05
        y = rng.random(n_rows) < p - gap_of(p)
        table = tabulate(Events(p, y.astype(float)), uniform_edges(10))
        low, high = error_interval(table, norm_, 0.95)
        covered += low <= error <= high
    assert covered / 200 >= 0.9


def test_perfect_agreement_is_no_better_evidence_than_the_usual_one():
    # Two bins of 400 rows at 0.25 and 0.75. At calibration the error is usually the mean of the sum of
    # two half-normal variables; a sample without any gap must not claim less than one of that error.
    p = np.repeat([0.25, 0.75], 400)

    def upper(n_right_low, n_right_high):
        y = np.zeros(800)
        y[:n_right_low], y[400 : 400 + n_right_high] = 1, 1
        return error_interval(tabulate(Events(p, y), uniform_edges(4)), "l1", 0.95)

    usual = np.sqrt(0.1875 / 400) * np.sqrt(2 / np.pi)
    assert upper(100, 300)[0] == 0
    assert upper(100, 300)[1] > 1.5 * usual
    typical = 100 + round(usual * 400)
    np.testing.assert_allclose(
        upper(100, 300)[1], upper(typical, 300 - typical + 100)[1], rtol=0.15
    )


@pytest.mark.parametrize("norm_", ["l1", "l2"])
def test_width_falls_with_the_root_of_the_number_of_rows_and_rises_with_the_level(norm_):
    def width(factor, level):
        outcome = np.tile(np.repeat([1.0, 0.0], [60, 40]), factor)
        table = tabulate(Events(np.full(100 * factor, 0.8), outcome), uniform_edges(10))
        low, high = error_interval(table, norm_, level)
        return high - low

    assert width(10, 0.95) / width(1_000, 0.95) == pytest.approx(10, rel=0.05)
    assert width(10, 0.8) < width(10, 0.95) < width(10, 0.99)


def test_graded_outcomes_of_little_variance_give_a_narrow_interval():
    p = np.full(1_000, 0.8)
    hard = Events(p, np.repeat([1.0, 0.0], [600, 400]))
    soft = Events(p, np.tile([0.55, 0.65], 500))
    widths = [
        np.diff(error_interval(tabulate(e, uniform_edges(10)), "l1", 0.95)) for e in (hard, soft)
    ]
    # variances 0.24 and 0.0025 (+ 2 borrowed rows of 0.24 among 1002)
    expected = np.sqrt((0.0025 + 2 / 1002 * 0.24) / 0.24)
    assert widths[1] / widths[0] == pytest.approx(expected, rel=0.1)


def test_graded_outcomes_that_are_hard_ones_in_disguise_agree_with_them():
    # Outcomes 1e-6 and 1 - 1e-6 are graded, and are 0 and 1 for all purposes.
    rng = np.random.default_rng(0)
    p = rng.integers(1, 11, 5_000) / 10 - 0.05
    y = (rng.random(5_000) < p - 0.04).astype(float)
    hard = error_interval(tabulate(Events(p, y), uniform_edges(10)), "l1", 0.95)
    soft = np.clip(y, 1e-6, 1 - 1e-6)
    graded = error_interval(tabulate(Events(p, soft), uniform_edges(10)), "l1", 0.95)
    np.testing.assert_allclose(graded, hard, rtol=0.05)
