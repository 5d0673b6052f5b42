"""Honest confidence for scikit-learn classifiers and LLM answers."""

from sklearn_calib._calibrated import CalibratedClassifier
from sklearn_calib.calibrators import BinningCalibrator, TemperatureScaler
from sklearn_calib.selective import AbstainingClassifier

__version__ = "0.1.0.dev0"
__all__ = [
    "AbstainingClassifier",
    "BinningCalibrator",
    "CalibratedClassifier",
    "TemperatureScaler",
]
