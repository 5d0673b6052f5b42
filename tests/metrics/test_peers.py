"""Numbers of independent implementations on the same rows, and reasons where ours differ."""

import numpy as np
import pytest

from sklearn_calib.metrics import (
    calibration_error,
    debiased_calibration_error,
    expected_calibration_error,
    score_decomposition,
    smooth_calibration_error,
)


@pytest.fixture
def rows():
    """A thousand forecasts that are too extreme, by a factor 1.5 in log-odds."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=1000)
    y = (rng.random(1000) < 1 / (1 + np.exp(-z))).astype(int)
    return y, 1 / (1 + np.exp(-1.5 * z))


@pytest.mark.parametrize(
    ("norm", "value"),
    [("l1", 0.0899966253585009), ("l2", 0.10663537253222839), ("max", 0.2566041476923745)],
)
def test_torchmetrics(rows, norm, value):
    """torchmetrics 1.9.0; l1 also netcal 1.4.0 and uncertainty-calibration 0.1.4, to 1e-15."""
    assert calibration_error(*rows, norm=norm) == pytest.approx(value, rel=1e-14)


def test_bins_of_equal_weight(rows):
    """netcal 1.4.0 and uncertainty-calibration 0.1.4, which agree where n is a multiple of n_bins."""
    error = expected_calibration_error(*rows, strategy="quantile")
    assert error == pytest.approx(0.08715778335086596, rel=1e-14)


def test_debiased(rows):
    """uncertainty-calibration 0.1.4, 15 bins of equal weight.

    It takes the noise of a bin from its accuracy alone; ours allows for forecasts that differ within
    the bin, and is a little smaller.
    """
    error = debiased_calibration_error(*rows, squared=False, n_bins=15, strategy="quantile")
    assert error == pytest.approx(0.0956984528333722, rel=2e-4)


@pytest.mark.parametrize(
    ("loss", "values"),
    [
        ("brier", (0.226052, 0.013656, 0.037587, 0.249984)),
        ("log_loss", (0.655743, 0.045357, 0.082729, 0.693115)),
    ],
)
def test_model_diagnostics(rows, loss, values):
    """model-diagnostics 1.5.0: score, miscalibration, discrimination, uncertainty as printed."""
    np.testing.assert_allclose(score_decomposition(*rows, loss=loss)[:4], values, atol=6e-7)


def test_relplot(rows):
    """relplot 1.0.3 stops its search within 0.001 and smooths on a coarser grid, 0.2 % high here."""
    assert smooth_calibration_error(*rows) == pytest.approx(0.08153249847655698, rel=3e-3)
    fixed = smooth_calibration_error(*rows, bandwidth=0.1)
    assert fixed == pytest.approx(0.07931014311833293, rel=3e-3)
