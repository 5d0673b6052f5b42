import numpy as np

from sklearn_calib._core.consistency_band import consistency_band
from sklearn_calib.metrics import recalibration_curve


def test_the_band_covers_calibrated_forecasts_pointwise():
    # 200 data sets of perfect forecasts: at each probability the curve leaves the 90 % band in a tenth
    # of them; two digits of probability leave ties, so that limits are hit as well.
    p = np.repeat(np.arange(1, 20) / 20, 10)
    values, count = np.unique(p, return_counts=True)
    rng = np.random.default_rng(0)
    band = consistency_band(values, count.astype(float), 0.9, 1000, rng)
    outside = []
    for _ in range(200):
        curve = recalibration_curve(rng.random(p.size) < p, p)
        outside.append((curve.recalibrated < band.lower) | (curve.recalibrated > band.upper))
    assert 0.04 < np.mean(outside) < 0.12


def test_the_band_narrows_with_the_rows_and_holds_the_diagonal():
    p = np.linspace(0.1, 0.9, 9)
    few, many = (
        consistency_band(p, np.full(9, n), 0.95, 300, np.random.default_rng(0))
        for n in (20.0, 2000.0)
    )
    assert np.all(many.upper - many.lower < few.upper - few.lower)
    assert np.all((few.lower <= p) & (p <= few.upper))


def test_many_values_are_simulated_in_cells():
    p = np.linspace(0, 1, 100_000)
    band = consistency_band(p, np.ones(p.size), 0.95, 50, np.random.default_rng(0))
    assert band.probability.size == 400
    assert (band.probability[0], band.probability[-1]) == (0, 1)
    assert np.max(band.upper - band.lower) < 0.1


def test_certain_forecasts_have_no_width():
    band = consistency_band(
        np.array([0.0, 1]), np.array([5.0, 5]), 0.95, 20, np.random.default_rng(0)
    )
    np.testing.assert_array_equal([band.lower, band.upper], [[0, 1], [0, 1]])
