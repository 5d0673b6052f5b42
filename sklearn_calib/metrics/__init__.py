"""Metrics: how far is stated confidence from observed accuracy, and what does abstaining buy?"""

from sklearn_calib._core.risk_coverage import RiskCoverage
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib.metrics._accuracy_by_threshold import ThresholdTable, accuracy_by_threshold
from sklearn_calib.metrics._calibration_by_group import GroupCalibration, calibration_by_group
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
from sklearn_calib.metrics._compare_calibration import CalibrationComparison, compare_calibration
from sklearn_calib.metrics._confidence_interval import BootstrapInterval, confidence_interval
from sklearn_calib.metrics._consistency_band import ConsistencyBand, consistency_band
from sklearn_calib.metrics._coverage_at_accuracy import coverage_at_accuracy
from sklearn_calib.metrics._cox import calibration_intercept, calibration_slope
from sklearn_calib.metrics._cumulative import CumulativeError, cumulative_calibration_error
from sklearn_calib.metrics._debiased import debiased_calibration_error
from sklearn_calib.metrics._multicalibration_error import (
    MulticalibrationError,
    multicalibration_error,
)
from sklearn_calib.metrics._recalibration_curve import RecalibrationCurve, recalibration_curve
from sklearn_calib.metrics._risk_coverage_areas import (
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    excess_area_under_risk_coverage_curve,
)
from sklearn_calib.metrics._score_decomposition import ScoreDecomposition, score_decomposition
from sklearn_calib.metrics._scorers import (
    answered_accuracy_scorer,
    answered_coverage_scorer,
    brier_discrimination_scorer,
    coverage_at_accuracy_scorer,
    coverage_scorer,
    get_scorer,
    get_scorer_names,
    log_loss_discrimination_scorer,
    neg_answered_cost_scorer,
    neg_area_under_generalized_risk_coverage_curve_scorer,
    neg_area_under_risk_coverage_curve_scorer,
    neg_brier_miscalibration_scorer,
    neg_excess_area_under_risk_coverage_curve_scorer,
    neg_ks_calibration_error_scorer,
    neg_kuiper_calibration_error_scorer,
    neg_l1_calibration_error_scorer,
    neg_l2_calibration_error_scorer,
    neg_l2_squared_calibration_error_scorer,
    neg_l2_squared_debiased_calibration_error_scorer,
    neg_log_loss_miscalibration_scorer,
    neg_max_calibration_error_scorer,
    neg_overconfidence_error_scorer,
    neg_selective_cost_scorer,
    neg_smooth_calibration_error_scorer,
    neg_sweep_calibration_error_scorer,
    neg_underconfidence_error_scorer,
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
from sklearn_calib.metrics._signed import (
    mean_calibration_gap,
    overconfidence_error,
    underconfidence_error,
)
from sklearn_calib.metrics._smooth import smooth_calibration_error
from sklearn_calib.metrics._spiegelhalter import SpiegelhalterZ, spiegelhalter_z
from sklearn_calib.metrics._sweep import sweep_calibration_error

__all__ = [
    "BootstrapInterval",
    "CalibrationComparison",
    "CalibrationErrorInterval",
    "CalibrationTable",
    "CalibrationTest",
    "ConsistencyBand",
    "CumulativeError",
    "GroupCalibration",
    "MulticalibrationError",
    "RecalibrationCurve",
    "RiskCoverage",
    "ScoreDecomposition",
    "SpiegelhalterZ",
    "ThresholdTable",
    "accuracy_by_threshold",
    "answered_accuracy",
    "answered_accuracy_scorer",
    "answered_cost",
    "answered_coverage",
    "answered_coverage_scorer",
    "area_under_generalized_risk_coverage_curve",
    "area_under_risk_coverage_curve",
    "brier_discrimination_scorer",
    "calibration_by_group",
    "calibration_error",
    "calibration_error_interval",
    "calibration_intercept",
    "calibration_slope",
    "calibration_table",
    "calibration_test",
    "compare_calibration",
    "confidence_interval",
    "consistency_band",
    "coverage",
    "coverage_at_accuracy",
    "coverage_at_accuracy_scorer",
    "coverage_scorer",
    "cumulative_calibration_error",
    "debiased_calibration_error",
    "excess_area_under_risk_coverage_curve",
    "expected_calibration_error",
    "get_scorer",
    "get_scorer_names",
    "log_loss_discrimination_scorer",
    "maximum_calibration_error",
    "mean_calibration_gap",
    "multicalibration_error",
    "neg_answered_cost_scorer",
    "neg_area_under_generalized_risk_coverage_curve_scorer",
    "neg_area_under_risk_coverage_curve_scorer",
    "neg_brier_miscalibration_scorer",
    "neg_excess_area_under_risk_coverage_curve_scorer",
    "neg_ks_calibration_error_scorer",
    "neg_kuiper_calibration_error_scorer",
    "neg_l1_calibration_error_scorer",
    "neg_l2_calibration_error_scorer",
    "neg_l2_squared_calibration_error_scorer",
    "neg_l2_squared_debiased_calibration_error_scorer",
    "neg_log_loss_miscalibration_scorer",
    "neg_max_calibration_error_scorer",
    "neg_overconfidence_error_scorer",
    "neg_selective_cost_scorer",
    "neg_smooth_calibration_error_scorer",
    "neg_sweep_calibration_error_scorer",
    "neg_underconfidence_error_scorer",
    "overconfidence_error",
    "recalibration_curve",
    "risk_coverage_curve",
    "score_decomposition",
    "selective_accuracy",
    "selective_accuracy_scorer",
    "selective_cost",
    "smooth_calibration_error",
    "spiegelhalter_z",
    "sweep_calibration_error",
    "underconfidence_error",
]
