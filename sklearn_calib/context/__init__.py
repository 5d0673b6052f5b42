"""Context: which users, subjects or segments is the confidence wrong about, and by how much?"""

from sklearn_calib.context._contextual import ContextualCalibrator

__all__ = ["ContextualCalibrator"]
