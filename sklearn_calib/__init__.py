"""Honest confidence for scikit-learn classifiers and LLM answers.

=======================  ==================================================================
measure                  `sklearn_calib.metrics`, `sklearn_calib.display`
fix                      `CalibratedClassifier` and the calibrators
decide                   `select_threshold`, `AbstainingClassifier`, `ConfidenceRouter`
more signals             `sklearn_calib.ensemble`, `sklearn_calib.llm`, `sklearn_calib.context`
watch                    `sklearn_calib.monitoring`
records of LLM answers   `read_records`, ``python -m sklearn_calib report``
more than fits memory    `sklearn_calib.frames`
real data to try it on   `sklearn_calib.datasets`
=======================  ==================================================================
"""

from sklearn_calib._calibrated import CalibratedClassifier
from sklearn_calib._policy import Policy
from sklearn_calib._records import Records, read_records
from sklearn_calib.calibrators import (
    BetaCalibrator,
    BinningCalibrator,
    CalibratorCV,
    DirichletCalibrator,
    IdentityCalibrator,
    IsotonicCalibrator,
    MatrixScaler,
    QuadraticCalibrator,
    SigmoidCalibrator,
    SplineCalibrator,
    TemperatureScaler,
    VectorScaler,
    VennAbersCalibrator,
)
from sklearn_calib.context import ContextualCalibrator
from sklearn_calib.selective import (
    AbstainingClassifier,
    ConfidenceRouter,
    select_threshold,
    select_tiers,
)

__version__ = "0.1.0.dev0"
__all__ = [
    "AbstainingClassifier",
    "BetaCalibrator",
    "BinningCalibrator",
    "CalibratedClassifier",
    "CalibratorCV",
    "ConfidenceRouter",
    "ContextualCalibrator",
    "DirichletCalibrator",
    "IdentityCalibrator",
    "IsotonicCalibrator",
    "MatrixScaler",
    "Policy",
    "QuadraticCalibrator",
    "Records",
    "SigmoidCalibrator",
    "SplineCalibrator",
    "TemperatureScaler",
    "VectorScaler",
    "VennAbersCalibrator",
    "read_records",
    "select_threshold",
    "select_tiers",
]
