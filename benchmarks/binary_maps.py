"""Sigmoid, beta, quadratic and spline calibration beside their peers: agreement, objective and times.

    python benchmarks/binary_maps.py [n ...]                 default: 1000 10000 100000

How much faster is a fit than those of scikit-learn, betacal and netcal, and is any of them closer
to the minimum of the log loss?

Times are medians over rounds in which all candidates take turns, shown in units of ours; the
physical limit is one `exp` of all scores in cache. "excess" is the mean log loss of a peer's map on
the calibration rows above that of our map of the same kind, in nats: negative would be a better
optimum. Peers without a counterpart (spline, quadratic) are compared with nothing. Packages that
are not installed are left out.

What came out on one core: 3 to 12 times faster than scikit-learn, 4 to 5 times than betacal and 11 to 18
times than netcal, whose log losses end up to 1e-8 above ours.
"""

import logging
import sys
import warnings

import numpy as np
from _race import exp_pass, header, markdown, milliseconds, peer, race
from scipy.special import expit, logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from sklearn_calib.calibrators import (
    BetaCalibrator,
    QuadraticCalibrator,
    SigmoidCalibrator,
    SplineCalibrator,
)


def overconfident(n, seed=0):
    """Scores that say 2 z + noise in log-odds, and labels that follow z."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.3, 1.5, n)
    return expit(2 * z + 0.4 * rng.standard_normal(n)), (rng.random(n) < expit(z)).astype(int)


def log_loss(p, y):
    return -np.log(np.where(y == 1, p, 1 - p)).mean()


def decision_values(s, y):
    """A frozen classifier whose decision value is its only feature."""
    model = LogisticRegression().fit(s[:, None], y)
    model.coef_, model.intercept_ = np.ones((1, 1)), np.zeros(1)
    return FrozenEstimator(model)


def scikit_learn_sigmoid(p, y):
    """Platt scaling with the smoothed targets of 1999."""
    s = logit(p)[:, None]
    frozen = decision_values(s[:, 0], y)

    def fit():
        return CalibratedClassifierCV(frozen, method="sigmoid").fit(s, y)

    return {"scikit-learn CalibratedClassifierCV": (fit, fit().predict_proba(s)[:, 1])}


def scikit_learn_logistic(p, y):
    """The same with hard targets."""
    s = logit(p)[:, None]

    def fit():
        return LogisticRegression(C=np.inf).fit(s, y)

    return {"scikit-learn LogisticRegression": (fit, fit().predict_proba(s)[:, 1])}


def betacal(p, y):
    if (module := peer("betacal")) is None:
        return {}

    def fit():
        return module.BetaCalibration(parameters="abm").fit(p[:, None], y)

    return {"betacal": (fit, fit().predict(p[:, None]))}


def netcal(name):
    def candidate(p, y):
        if (module := peer("netcal.scaling")) is None:
            return {}
        kind = getattr(module, name)

        def fit():
            fitted = kind()
            fitted.fit(p, y, tensorboard=False)
            return fitted

        return {f"netcal {name}": (fit, np.ravel(fit().transform(p)))}

    return candidate


FAMILIES = [
    (SigmoidCalibrator(smooth_targets=True), [scikit_learn_sigmoid]),
    (SigmoidCalibrator(), [scikit_learn_logistic, netcal("LogisticCalibration")]),
    (BetaCalibrator(), [betacal, netcal("BetaCalibration")]),
    (QuadraticCalibrator(), []),
    (SplineCalibrator(), []),
]


def compare(n):
    p, y = overconfident(n)
    limit = exp_pass(logit(p))
    print(f"\nn = {n}\n")
    header("fit", "median", "/ ours", "/ exp", "excess")
    for calibrator, peers in FAMILIES:
        best = log_loss(calibrator.fit(p, y).predict_proba(p)[:, 1], y)
        candidates = {repr(calibrator): (lambda c=calibrator: c.fit(p, y), None)}
        for candidate in peers:
            candidates |= candidate(p, y)
        taken = race({name: fit for name, (fit, _) in candidates.items()} | {"exp": limit})
        for name, (_, proba) in candidates.items():
            excess = "" if proba is None else f"{log_loss(proba, y) - best:.0e}"
            ratio = taken[name] / taken[repr(calibrator)]
            in_exp = taken[name] / taken["exp"]
            markdown(name, milliseconds(taken[name]), f"{ratio:.2f}", f"{in_exp:.0f}", excess)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    for size in map(int, sys.argv[1:] or (1_000, 10_000, 100_000)):
        compare(size)
