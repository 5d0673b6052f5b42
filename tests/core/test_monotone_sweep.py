import numpy as np
import pytest

from sklearn_calib._core import monotone_sweep
from sklearn_calib._core.monotone_sweep import sweep


def test_bins_hold_all_rows_in_order():
    rng = np.random.default_rng(0)
    p = rng.random(300)
    o, weight = (rng.random(300) < p).astype(float), rng.random(300)
    share, probability, outcome = sweep(p, o, weight)
    assert share.sum() == pytest.approx(1)
    assert share @ probability == pytest.approx(np.average(p, weights=weight))
    assert share @ outcome == pytest.approx(np.average(o, weights=weight))
    assert np.all(np.diff(probability) > 0)
    assert np.all(np.diff(outcome) >= 0)


def test_the_search_ends(monkeypatch):
    # One violation at the far end that only single values see.
    p = np.linspace(0, 1, 1000)
    o = (p > 0.5).astype(float)
    o[-2], o[1] = 0.9, 0.05
    monkeypatch.setattr(monotone_sweep, "MAX_BINS", 10)
    share, _, _ = sweep(p, o)
    assert share.size <= 10
