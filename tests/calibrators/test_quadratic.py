"""Quadratic scaling of log-odds."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from sklearn_calib.calibrators import QuadraticCalibrator


def test_normal_scores_of_different_variance_have_known_parameters():
    """log N(s; 1, 1) - log N(s; -1, 2) = -3/8 s^2 + 5/4 s - 3/8 + log 2, for equal priors."""
    rng = np.random.default_rng(0)
    y = rng.random(400_000) < 0.5
    s = np.where(y, rng.normal(1, 1, y.size), rng.normal(-1, 2, y.size))
    calibrator = QuadraticCalibrator(input="logits").fit(s, y)
    at = np.array([0.0, 1.0, 2.0])
    truth = norm(1, 1).logpdf(at) - norm(-1, 2).logpdf(at)
    np.testing.assert_allclose(-3 / 8 * at**2 + 5 / 4 * at - 3 / 8 + np.log(2), truth)
    assert calibrator.coef_[0] == pytest.approx([5 / 4, -3 / 8], abs=0.02)
    assert calibrator.intercept_ == pytest.approx([np.log(2) - 3 / 8], abs=0.02)


def test_map_is_the_parabola_inside_and_its_tangent_outside():
    s = np.linspace(-2, 2, 9)
    y = np.array([0, 0, 1, 0, 0, 1, 1, 0, 1])
    calibrator = QuadraticCalibrator(input="logits").fit(s, y)
    (slope, curvature), intercept = calibrator.coef_[0], calibrator.intercept_[0]

    def parabola(s):
        return curvature * s**2 + slope * s + intercept

    mapped = logit(calibrator.predict_proba(np.array([-1.0, 0.3, 2.0, 5.0]))[:, 1])
    np.testing.assert_allclose(mapped[:3], parabola(np.array([-1.0, 0.3, 2.0])))
    assert mapped[3] == pytest.approx(parabola(2.0) + (2 * curvature * 2 + slope) * 3)


def test_linear_truth_has_no_curvature():
    rng = np.random.default_rng(0)
    s = rng.normal(size=100_000)
    calibrator = QuadraticCalibrator(input="logits").fit(s, rng.random(s.size) < expit(s))
    assert calibrator.coef_[0] == pytest.approx([1, 0], abs=0.03)


def test_separable_scores_warn():
    with pytest.warns(UserWarning, match="separate the classes"):
        calibrator = QuadraticCalibrator().fit([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert np.isfinite(calibrator.coef_).all()
