"""The plain calibrator, which sees only scores: what context is measured against."""

import numpy as np
from scipy.special import logit

from sklearn_calib._any_calibrator import calibrated_proba, fit_calibrator
from sklearn_calib._core.logistic import fit_logistic
from sklearn_calib.calibrators._logistic import warn_if_infinite

# A calibrator may answer 0 or 1, whose log-odds would fix a row against any context.
_LEAST_PROBABILITY = 1e-6


class PlainSigmoid:
    """Slope and intercept of the log-odds, as `SigmoidCalibrator` fits them."""

    def __init__(self, eps):
        self.eps = eps

    def fit(self, scores, positive, weight):
        fit = fit_logistic([scores.log_odds(self.eps)], positive, weight, start=[1.0, 0.0])
        warn_if_infinite(fit)
        self.slope, self.intercept = fit.coef
        return self

    def log_odds(self, scores):
        return self.slope * scores.log_odds(self.eps).astype(float) + self.intercept


class PlainCalibrator:
    """Any calibrator of two classes."""

    def __init__(self, calibrator, eps):
        self.calibrator = calibrator
        self.eps = eps

    def fit(self, scores, positive, weight):
        self.fitted = fit_calibrator(
            self.calibrator, scores, positive, weight, [False, True], self.eps
        )
        return self

    def log_odds(self, scores):
        proba = calibrated_proba(self.fitted, scores, [False, True], self.eps)[:, 1].astype(float)
        return logit(np.clip(proba, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY))
