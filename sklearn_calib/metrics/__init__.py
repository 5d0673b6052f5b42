"""Metrics: how far is stated confidence from observed accuracy, and what does abstaining buy?"""

from sklearn_calib._core.risk_coverage import RiskCoverage
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib.metrics._accuracy_by_threshold import ThresholdTable, accuracy_by_threshold
from sklearn_calib.metrics._calibration_error import (
    calibration_error,
    expected_calibration_error,
    maximum_calibration_error,
)
from sklearn_calib.metrics._calibration_table import calibration_table
from sklearn_calib.metrics._coverage_at_accuracy import coverage_at_accuracy
from sklearn_calib.metrics._risk_coverage_areas import (
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    excess_area_under_risk_coverage_curve,
)
from sklearn_calib.metrics._scorers import (
    answered_accuracy_scorer,
    answered_coverage_scorer,
    coverage_at_accuracy_scorer,
    coverage_scorer,
    get_scorer,
    get_scorer_names,
    neg_answered_cost_scorer,
    neg_area_under_generalized_risk_coverage_curve_scorer,
    neg_area_under_risk_coverage_curve_scorer,
    neg_excess_area_under_risk_coverage_curve_scorer,
    neg_l1_calibration_error_scorer,
    neg_l2_calibration_error_scorer,
    neg_l2_squared_calibration_error_scorer,
    neg_max_calibration_error_scorer,
    neg_selective_cost_scorer,
    selective_accuracy_scorer,
)
from sklearn_calib.metrics._selective import (
    answered_accuracy,
    answered_cost,
    answered_coverage,
    coverage,
    risk_coverage_curve,
    selective_accuracy,
)
from sklearn_calib.metrics._selective_cost import selective_cost

__all__ = [
    "CalibrationTable",
    "RiskCoverage",
    "ThresholdTable",
    "accuracy_by_threshold",
    "answered_accuracy",
    "answered_accuracy_scorer",
    "answered_cost",
    "answered_coverage",
    "answered_coverage_scorer",
    "area_under_generalized_risk_coverage_curve",
    "area_under_risk_coverage_curve",
    "calibration_error",
    "calibration_table",
    "coverage",
    "coverage_at_accuracy",
    "coverage_at_accuracy_scorer",
    "coverage_scorer",
    "excess_area_under_risk_coverage_curve",
    "expected_calibration_error",
    "get_scorer",
    "get_scorer_names",
    "maximum_calibration_error",
    "neg_answered_cost_scorer",
    "neg_area_under_generalized_risk_coverage_curve_scorer",
    "neg_area_under_risk_coverage_curve_scorer",
    "neg_excess_area_under_risk_coverage_curve_scorer",
    "neg_l1_calibration_error_scorer",
    "neg_l2_calibration_error_scorer",
    "neg_l2_squared_calibration_error_scorer",
    "neg_max_calibration_error_scorer",
    "neg_selective_cost_scorer",
    "risk_coverage_curve",
    "selective_accuracy",
    "selective_accuracy_scorer",
    "selective_cost",
]
