"""Sums over log-odds beside numpy's, on a frame in memory."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sklearn_calib._core.temperature import optimal_temperature
from sklearn_calib.frames._events import frame_events
from sklearn_calib.frames._log_odds import LogOddsSums

FLOOR = 1e-3


def records(seed=0, n=400):
    rng = np.random.default_rng(seed)
    p = np.append(rng.uniform(size=n - 2), [0, 1])
    return p, (rng.random(n) < 0.3 + 0.4 * p).astype(float), rng.integers(1, 4, n).astype(float)


def sums_of(p, o, w=None, floor=FLOOR):
    frame = pd.DataFrame({"p": p, "o": o} | ({} if w is None else {"w": w}))
    weight = None if w is None else "w"
    events = frame_events(frame, confidence="p", correct="o", weight=weight, binary=True)
    return LogOddsSums(events, floor)


def log_odds(p):
    return np.log(np.maximum(p, FLOOR)) - np.log(np.maximum(1 - p, FLOOR))


def test_cells_hold_the_rows():
    p, o, w = records()
    z, sums = log_odds(p), sums_of(p, o, w)
    assert sums.weight.sum() == w.sum()
    for right in (False, True):
        rows, cells = o == right, sums.right == right
        assert sums.weight[cells].sum() == w[rows].sum()
        assert sums.weight[cells] @ sums.z[cells] == pytest.approx(w[rows] @ z[rows])
        assert sums.low[right] == pytest.approx(z[rows].min())
        assert sums.high[right] == pytest.approx(z[rows].max())


def test_derivatives_of_a_logistic_map():
    p, o, w = records()
    z, coef = log_odds(p), np.array([0.7, -0.2])
    low, high = 0.1, 0.95
    target, columns = np.where(o == 1, high, low), np.column_stack([z, np.ones_like(z)])
    probability = expit(columns @ coef)
    gradient, hessian = sums_of(p, o, w).logistic_derivatives(low, high, coef)
    np.testing.assert_allclose(gradient, columns.T @ (w * (probability - target)) / w.sum())
    bell = w * probability * (1 - probability)
    np.testing.assert_allclose(hessian, (columns.T * bell) @ columns / w.sum())


def test_temperature_is_that_of_the_rows():
    p, o, w = records()
    z = np.column_stack([np.zeros(p.size), log_odds(p)])
    expected, status = optimal_temperature(z, o.astype(int), w)
    temperature, told = sums_of(p, o, w).temperature()
    assert told == status == "optimal"
    assert temperature == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("p", "o", "separable", "constant"),
    [
        ([0.2, 0.4, 0.6, 0.8], [0, 0, 1, 1], True, False),
        ([0.2, 0.4, 0.6, 0.8], [1, 1, 0, 0], True, False),
        ([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1], False, False),
        ([0.5, 0.5], [0, 1], False, True),
        ([0.3, 0.3], [0, 1], False, False),
    ],
)
def test_extremes_tell_separable_and_constant_scores(p, o, separable, constant):
    sums = sums_of(np.array(p), np.array(o, float))
    assert sums.separable() == separable
    assert sums.constant() == constant
