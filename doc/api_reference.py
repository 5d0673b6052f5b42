"""The public interface, in the order of the documentation: (title, module, text, names).

A test holds it against the packages: every public name is in one section.
"""

SECTIONS = [
    (
        "Fix",
        "sklearn_calib",
        "Join a classifier and a calibrator.",
        ["CalibratedClassifier"],
    ),
    (
        "Calibrators",
        "sklearn_calib.calibrators",
        "Small classifiers on scores; all can be imported from ``sklearn_calib`` too.",
        [
            "TemperatureScaler",
            "BinningCalibrator",
            "SigmoidCalibrator",
            "BetaCalibrator",
            "QuadraticCalibrator",
            "SplineCalibrator",
            "IsotonicCalibrator",
            "VennAbersCalibrator",
            "VectorScaler",
            "MatrixScaler",
            "DirichletCalibrator",
            "IdentityCalibrator",
            "CalibratorCV",
        ],
    ),
    (
        "Decide",
        "sklearn_calib.selective",
        "Answer where the confidence suffices, and do something else below.",
        ["AbstainingClassifier"],
    ),
    (
        "Measure calibration",
        "sklearn_calib.metrics",
        "How far is stated confidence from observed accuracy?",
        [
            "calibration_table",
            "CalibrationTable",
            "calibration_error",
            "expected_calibration_error",
            "maximum_calibration_error",
        ],
    ),
    (
        "Measure selective prediction",
        "sklearn_calib.metrics",
        "What does abstaining buy?",
        [
            "selective_accuracy",
            "coverage",
            "risk_coverage_curve",
            "RiskCoverage",
            "area_under_risk_coverage_curve",
            "answered_accuracy",
            "answered_coverage",
        ],
    ),
    (
        "Scorers",
        "sklearn_calib.metrics",
        "For ``cross_validate`` and searches; `get_scorer` knows scikit-learn's names too.",
        [
            "get_scorer",
            "get_scorer_names",
            "answered_accuracy_scorer",
            "answered_coverage_scorer",
            "coverage_scorer",
            "neg_area_under_risk_coverage_curve_scorer",
            "neg_l1_calibration_error_scorer",
            "neg_l2_calibration_error_scorer",
            "neg_l2_squared_calibration_error_scorer",
            "neg_max_calibration_error_scorer",
            "selective_accuracy_scorer",
        ],
    ),
    (
        "Show",
        "sklearn_calib.display",
        "Pictures; needs the extra ``plot``.",
        ["ReliabilityDisplay", "RiskCoverageDisplay"],
    ),
    (
        "Records",
        "sklearn_calib",
        "Stated confidences of a language model, and whether the answers were right.",
        ["read_records", "Records"],
    ),
    (
        "Data",
        "sklearn_calib.datasets",
        "Real predictions, bundled with the package.",
        [
            "load_cifar10_probabilities",
            "load_mmlu_pro_confidence",
            "load_nfl_forecasts",
            "load_stated_confidence",
            "load_vlm_option_logits",
        ],
    ),
]
