"""Cumulative errors against a plain loop, and their p-values against simulation."""

import numpy as np
import pytest

from sklearn_calib.metrics import cumulative_calibration_error


def plain(o, p, weight):
    """(max, range) of the cumulative sums at the end of each distinct probability."""
    path, total = [0.0], sum(weight)
    for value in sorted(set(p)):
        rows = [i for i, q in enumerate(p) if q == value]
        path.append(path[-1] + sum(weight[i] * (p[i] - o[i]) for i in rows) / total)
    return max(map(abs, path)), max(path) - min(path)


@pytest.mark.parametrize("seed", range(5))
def test_both_statistics_are_those_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    p, o, weight = rng.integers(0, 6, 40) / 5, rng.random(40), rng.random(40)
    largest, extent = plain(o.tolist(), p.tolist(), weight.tolist())
    arguments = {"kind": "record", "sample_weight": weight}
    result = cumulative_calibration_error(o, p, statistic="max", **arguments)
    assert result.statistic == pytest.approx(largest)
    result = cumulative_calibration_error(o, p, statistic="range", **arguments)
    assert result.statistic == pytest.approx(extent)


def test_equal_probabilities_have_no_order():
    # in this order the sums within the tie would reach 0.9 / 4; the tie as a whole sums to 0
    o, p = [0, 0, 1, 1], [0.5] * 4
    assert cumulative_calibration_error(o, p) == (0, 1)


def test_certain_forecasts():
    assert cumulative_calibration_error([1, 1, 0], [1.0, 1.0, 0.0]) == (0, 1)
    wrong = cumulative_calibration_error([1, 0, 0], [1.0, 1.0, 0.0])
    assert wrong == (pytest.approx(1 / 3), 0)


@pytest.mark.parametrize("statistic", ["max", "range"])
def test_pvalues_are_uniform_at_perfect_calibration(statistic):
    rng = np.random.default_rng(0)
    pvalues = []
    for _ in range(400):
        p = rng.random(300)
        o = (rng.random(300) < p).astype(float)
        pvalues.append(
            cumulative_calibration_error(o, p, statistic=statistic, kind="record").pvalue
        )
    # The share below a level has the standard deviation sqrt(level (1 - level) / 400); the sums of
    # few rows peak a little lower than the path that they stand for.
    for level in (0.05, 0.25, 0.5):
        deviation = np.sqrt(level * (1 - level) / 400)
        assert -5 * deviation < np.mean(np.array(pvalues) <= level) - level < 3 * deviation


def test_an_error_is_significant():
    rng = np.random.default_rng(0)
    p = rng.random(1000)
    o = (rng.random(1000) < p**1.5).astype(int)
    assert cumulative_calibration_error(o, p).pvalue < 1e-4


@pytest.mark.parametrize("kind", ["classwise", "top_label"])
def test_kinds_of_many_curves_are_an_error(kind):
    with pytest.raises(ValueError, match=f"kind='{kind}' makes one set of events for each class"):
        cumulative_calibration_error([0, 1], [[0.8, 0.2], [0.1, 0.9]], kind=kind)


def test_the_statistic_is_checked():
    with pytest.raises(ValueError, match="statistic must be one of 'range', 'max'"):
        cumulative_calibration_error([0, 1], [0.2, 0.8], statistic="ks")
