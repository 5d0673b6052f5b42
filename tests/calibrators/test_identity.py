"""The identity."""

import numpy as np
from scipy.special import softmax

from sklearn_calib.calibrators import IdentityCalibrator


def test_probabilities_stay_and_rounding_is_undone():
    P = np.array([[0.2, 0.8], [0.5, 0.5], [0.3001, 0.7]])
    proba = IdentityCalibrator().fit(P, [0, 1, 0]).predict_proba(P)
    np.testing.assert_array_equal(proba[:2], P[:2])
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_logits_become_probabilities():
    z = np.random.default_rng(0).normal(size=(5, 3))
    calibrator = IdentityCalibrator(input="logits").fit(z, [0, 1, 2, 0, 1])
    np.testing.assert_allclose(calibrator.predict_proba(z), softmax(z, axis=1))
