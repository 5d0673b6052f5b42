"""Metrics: how far is stated confidence from observed accuracy, and what does abstaining buy?"""

from sklearn_calib._core.risk_coverage import RiskCoverage
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib.metrics._calibration_error import (
    calibration_error,
    expected_calibration_error,
    maximum_calibration_error,
)
from sklearn_calib.metrics._calibration_error_interval import (
    CalibrationErrorInterval,
    calibration_error_interval,
)
from sklearn_calib.metrics._calibration_table import calibration_table
from sklearn_calib.metrics._calibration_test import CalibrationTest, calibration_test
from sklearn_calib.metrics._compare_calibration import (
    CalibrationComparison,
    compare_calibration,
)
from sklearn_calib.metrics._confidence_interval import BootstrapInterval, confidence_interval
from sklearn_calib.metrics._consistency_band import ConsistencyBand, consistency_band
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
    "BootstrapInterval",
    "CalibrationComparison",
    "CalibrationErrorInterval",
    "CalibrationTable",
    "CalibrationTest",
    "ConsistencyBand",
    "RiskCoverage",
    "answered_accuracy",
    "answered_accuracy_scorer",
    "answered_coverage",
    "answered_coverage_scorer",
    "area_under_risk_coverage_curve",
    "calibration_error",
    "calibration_error_interval",
    "calibration_table",
    "calibration_test",
    "compare_calibration",
    "confidence_interval",
    "consistency_band",
    "coverage",
    "coverage_scorer",
    "expected_calibration_error",
    "get_scorer",
    "get_scorer_names",
    "maximum_calibration_error",
    "neg_area_under_risk_coverage_curve_scorer",
    "neg_l1_calibration_error_scorer",
    "neg_l2_calibration_error_scorer",
    "neg_l2_squared_calibration_error_scorer",
    "neg_max_calibration_error_scorer",
    "risk_coverage_curve",
    "selective_accuracy",
    "selective_accuracy_scorer",
]
