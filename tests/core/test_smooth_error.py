import numpy as np
import pytest

from sklearn_calib._core import smooth_error
from sklearn_calib._core.smooth_error import (
    fixed_point_error,
    residual_spectrum,
    smoothed_error,
)


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    return p, (rng.random(500) < p**2).astype(float), rng.random(500)


def test_blocks_of_rows_add_up(rows, monkeypatch):
    whole = residual_spectrum(*rows)
    monkeypatch.setattr(smooth_error, "_BLOCK", 64)
    np.testing.assert_allclose(residual_spectrum(*rows), whole, atol=1e-15)


def test_the_first_coefficient_is_twice_the_mean_residual(rows):
    p, o, weight = rows
    spectrum = residual_spectrum(p, o, weight)
    assert spectrum[0] / 2 == pytest.approx(np.average(p - o, weights=weight))


def test_the_widest_kernel_leaves_the_mean_residual(rows):
    spectrum = residual_spectrum(*rows)
    assert smoothed_error(spectrum, 10.0) == pytest.approx(abs(spectrum[0]) / 2)


def test_the_fixed_point_of_the_largest_and_of_no_error():
    one = np.ones(3)
    assert fixed_point_error(residual_spectrum(one, 0 * one)) == pytest.approx(1)
    assert fixed_point_error(residual_spectrum(one, one)) == 0
