"""Calibrators: small classifiers on scores, with ``fit`` and ``predict_proba``."""

from sklearn_calib.calibrators._binning import BinningCalibrator
from sklearn_calib.calibrators._temperature import TemperatureScaler

__all__ = ["BinningCalibrator", "TemperatureScaler"]
