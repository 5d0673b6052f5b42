"""What `fit` sets is documented, and what is documented is set."""

import inspect

import numpy as np
import pandas as pd
import pytest
from numpydoc.docscrape import NumpyDocString
from sklearn.linear_model import LogisticRegression

import sklearn_calib.calibrators
from sklearn_calib import (
    AbstainingClassifier,
    CalibratedClassifier,
    ConfidenceRouter,
    ContextualCalibrator,
    TemperatureScaler,
)
from sklearn_calib.calibrators import CalibratorCV
from sklearn_calib.ensemble import EnsembleClassifier, SignalCalibrator

RNG = np.random.default_rng(0)
P = RNG.uniform(0.05, 0.95, 200)
Y = RNG.random(200) < P
SCORES = pd.DataFrame({"score": P})
WITH_CONTEXT = SCORES.assign(context=RNG.integers(0, 2, 200))
SMALL = [getattr(sklearn_calib.calibrators, name) for name in sklearn_calib.calibrators.__all__]
MODEL = LogisticRegression()

# What is set may depend on parameters: all of them together are documented.
FITS = {
    **{cls: [(cls(), SCORES)] for cls in SMALL if cls is not CalibratorCV},
    CalibratorCV: [(CalibratorCV([TemperatureScaler()], cv=2), SCORES)],
    SignalCalibrator: [(SignalCalibrator(), WITH_CONTEXT)],
    ContextualCalibrator: [
        (ContextualCalibrator(strategy, context="context", cv=2, max_rounds=1), WITH_CONTEXT)
        for strategy in ("groups", "boosting")
    ],
    CalibratedClassifier: [(CalibratedClassifier(MODEL, TemperatureScaler(), cv=2), SCORES)],
    AbstainingClassifier: [(AbstainingClassifier(MODEL, target_coverage=0.5, cv=2), SCORES)],
    ConfidenceRouter: [(ConfidenceRouter(MODEL, tiers=[("answer", 0.6)], cv=2), SCORES)],
    EnsembleClassifier: [(EnsembleClassifier([MODEL]), SCORES)],
}


@pytest.mark.parametrize("cls", FITS, ids=lambda cls: cls.__name__)
def test_attributes(cls):
    attributes = NumpyDocString(inspect.getdoc(cls))["Attributes"]
    documented = {name for entry in attributes for name in entry.name.split(", ")}
    fitted = [estimator.fit(X, Y) for estimator, X in FITS[cls]]
    found = {name for one in fitted for name in vars(one) if name.endswith("_")}
    assert found == documented
