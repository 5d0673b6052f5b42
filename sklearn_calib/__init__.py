"""Honest confidence for scikit-learn classifiers and LLM answers."""

from sklearn_calib.calibrators import BinningCalibrator, TemperatureScaler

__version__ = "0.1.0.dev0"
__all__ = ["BinningCalibrator", "TemperatureScaler"]
