"""The spline as a calibrator; its numbers are tested in tests/core/test_monotone_spline.py."""

import numpy as np
from scipy.special import expit, logit
from sklearn.metrics import log_loss

from sklearn_calib.calibrators import SigmoidCalibrator, SplineCalibrator


def test_finds_a_shape_that_no_sigmoid_has():
    rng = np.random.default_rng(0)
    s = rng.normal(scale=2, size=4000)
    y = (rng.random(4000) < expit(2 * np.tanh(3 * (s - 0.5)))).astype(int)
    fit, test = slice(0, 2000), slice(2000, None)
    losses = [
        log_loss(y[test], calibrator.fit(expit(s[fit]), y[fit]).predict_proba(expit(s[test])))
        for calibrator in (SplineCalibrator(), SigmoidCalibrator())
    ]
    assert losses[0] < losses[1] - 0.02


def test_ranking_stays():
    rng = np.random.default_rng(0)
    p = rng.random(300)
    y = (rng.random(300) < p**2).astype(int)
    mapped = SplineCalibrator().fit(p, y).predict_proba(np.sort(p))[:, 1]
    assert (np.diff(mapped) >= -1e-12).all()


def test_both_inputs_agree():
    rng = np.random.default_rng(0)
    p = rng.random(200)
    y = (rng.random(200) < p**2).astype(int)
    proba = SplineCalibrator().fit(p, y).predict_proba(p)
    logits = SplineCalibrator(input="logits").fit(logit(p), y).predict_proba(logit(p))
    np.testing.assert_allclose(proba, logits, rtol=1e-6)
