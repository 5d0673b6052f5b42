"""scikit-learn's own checks of estimators."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_calib import (
    AbstainingClassifier,
    BinningCalibrator,
    CalibratedClassifier,
    ConfidenceRouter,
    ContextualCalibrator,
    TemperatureScaler,
    calibrators,
)
from sklearn_calib.calibrators import CalibratorCV

CALIBRATORS = [
    *(getattr(calibrators, name)() for name in calibrators.__all__ if name != "CalibratorCV"),
    CalibratorCV([TemperatureScaler()], cv=2),  # fits of its own candidates are checked above
    ContextualCalibrator(),
]
ONE_FOR_ALL_FOLDS = [
    TemperatureScaler(),
    BinningCalibrator(),
    BinningCalibrator(strategy="uniform"),
]  # what differs is before the calibrator
MODELS = [
    LogisticRegression(C=1),
    LinearSVC(),  # decision values instead of probabilities
    make_pipeline(StandardScaler(), LogisticRegression()),
]

# These feed 2 to 30 features with 2 to 4 classes; a score matrix has one column per class.
CHECKS_WITH_ANOTHER_COLUMN_COUNT = [
    "check_classifiers_classes",
    "check_classifiers_train",
    "check_dtype_object",
    "check_estimators_dtypes",
    "check_estimators_fit_returns_self",
    "check_estimators_nan_inf",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_n_features_in_after_fitting",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
    "check_sample_weight_equivalence_on_dense_data",
]

# What the checks feed is noise or separable, and we say so.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The scores say nothing about the labels:UserWarning"),
    pytest.mark.filterwarnings("ignore:Every calibration row is answered right:UserWarning"),
    pytest.mark.filterwarnings("ignore:All classes have equal scores:UserWarning"),
    pytest.mark.filterwarnings("ignore:The scores separate the classes:UserWarning"),
    pytest.mark.filterwarnings("ignore:Tier '.*' is empty:UserWarning"),
    pytest.mark.filterwarnings("ignore:Pipeline.fit takes no sample_weight:UserWarning"),
]


def expected_failures(estimator):
    if isinstance(estimator, tuple(type(c) for c in CALIBRATORS)):
        reason = "X must have one column per class"
        return dict.fromkeys(CHECKS_WITH_ANOTHER_COLUMN_COUNT, reason)
    if isinstance(estimator.estimator, Pipeline):
        reason = "without metadata routing no weight reaches the steps of a pipeline"
        return {"check_sample_weight_equivalence_on_dense_data": reason}
    return {}


@parametrize_with_checks(
    [
        *(calibrator.set_params(input="logits") for calibrator in CALIBRATORS),
        *(CalibratedClassifier(LogisticRegression(C=1), c, cv=3) for c in CALIBRATORS),
        *(
            CalibratedClassifier(LogisticRegression(C=1), c, cv=3, ensemble=False)
            for c in ONE_FOR_ALL_FOLDS
        ),
        *(CalibratedClassifier(model, TemperatureScaler(), cv=3) for model in MODELS[1:]),
        *(AbstainingClassifier(model) for model in (MODELS[0], MODELS[2])),
        *(ConfidenceRouter(model) for model in (MODELS[0], MODELS[2])),
    ],
    expected_failed_checks=expected_failures,
    xfail_strict=True,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
