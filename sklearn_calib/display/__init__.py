"""Displays: numbers of the metrics as pictures, in scikit-learn's vocabulary (needs matplotlib)."""

from sklearn_calib.display._calibration_over_time import CalibrationOverTimeDisplay
from sklearn_calib.display._corp_reliability import CorpReliabilityDisplay
from sklearn_calib.display._evidence import EvidenceDisplay
from sklearn_calib.display._group_calibration import GroupCalibrationDisplay
from sklearn_calib.display._reliability import ReliabilityDisplay
from sklearn_calib.display._reliability_grid import ReliabilityGridDisplay
from sklearn_calib.display._risk_coverage import RiskCoverageDisplay

__all__ = [
    "CalibrationOverTimeDisplay",
    "CorpReliabilityDisplay",
    "EvidenceDisplay",
    "GroupCalibrationDisplay",
    "ReliabilityDisplay",
    "ReliabilityGridDisplay",
    "RiskCoverageDisplay",
]
