"""The plain calibrator, which sees only scores: what context is measured against."""

import numpy as np
from scipy.special import logit
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

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

    def __init__(self, calibrator):
        self.calibrator = calibrator

    def fit(self, scores, positive, weight):
        known = self.calibrator.get_params(deep=False)
        wanted = {"input": scores.input, "classes": [False, True]}
        calibrator = clone(self.calibrator)
        calibrator.set_params(**{name: value for name, value in wanted.items() if name in known})
        if has_fit_parameter(calibrator, "sample_weight"):
            calibrator.fit(scores.values, positive, sample_weight=weight)
        else:
            calibrator.fit(scores.values, positive)
        self.fitted = calibrator
        return self

    def log_odds(self, scores):
        proba = self.fitted.predict_proba(scores.values)[:, 1].astype(float)
        return logit(np.clip(proba, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY))
