"""Metrics: how far is stated confidence from observed accuracy, and what does abstaining buy?"""

from sklearn_calib._core.risk_coverage import RiskCoverage
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib.metrics._calibration_by_group import GroupCalibration, calibration_by_group
from sklearn_calib.metrics._calibration_error import (
    calibration_error,
    expected_calibration_error,
    maximum_calibration_error,
)
from sklearn_calib.metrics._calibration_table import calibration_table
from sklearn_calib.metrics._multicalibration_error import (
    MulticalibrationError,
    multicalibration_error,
)
from sklearn_calib.metrics._scorers import (
    answered_accuracy_scorer,
    answered_coverage_scorer,
    coverage_scorer,
    get_scorer,
    get_scorer_names,
    neg_area_under_risk_coverage_curve_scorer,
    neg_l1_calibration_error_scorer,
    neg_l2_calibration_error_scorer,
    neg_l2_squared_calibration_error_scorer,
    neg_max_calibration_error_scorer,
    selective_accuracy_scorer,
)
from sklearn_calib.metrics._selective import (
    answered_accuracy,
    answered_coverage,
    area_under_risk_coverage_curve,
    coverage,
    risk_coverage_curve,
    selective_accuracy,
)

__all__ = [
    "CalibrationTable",
    "GroupCalibration",
    "MulticalibrationError",
    "RiskCoverage",
    "answered_accuracy",
    "answered_accuracy_scorer",
    "answered_coverage",
    "answered_coverage_scorer",
    "area_under_risk_coverage_curve",
    "calibration_by_group",
    "calibration_error",
    "calibration_table",
    "coverage",
    "coverage_scorer",
    "expected_calibration_error",
    "get_scorer",
    "get_scorer_names",
    "maximum_calibration_error",
    "multicalibration_error",
    "neg_area_under_risk_coverage_curve_scorer",
    "neg_l1_calibration_error_scorer",
    "neg_l2_calibration_error_scorer",
    "neg_l2_squared_calibration_error_scorer",
    "neg_max_calibration_error_scorer",
    "risk_coverage_curve",
    "selective_accuracy",
    "selective_accuracy_scorer",
]
