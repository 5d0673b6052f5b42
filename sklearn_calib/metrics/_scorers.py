"""Scorers: metrics of a fitted classifier, for ``cross_validate`` and searches."""

from typing import Any

import numpy as np
from sklearn import metrics as sklearn_metrics
from sklearn.base import BaseEstimator

from sklearn_calib.metrics._calibration_error import calibration_error
from sklearn_calib.metrics._coverage_at_accuracy import coverage_at_accuracy
from sklearn_calib.metrics._cumulative import cumulative_calibration_error
from sklearn_calib.metrics._debiased import debiased_calibration_error
from sklearn_calib.metrics._risk_coverage_areas import (
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    excess_area_under_risk_coverage_curve,
)
from sklearn_calib.metrics._score_decomposition import score_decomposition
from sklearn_calib.metrics._selective import (
    answered_accuracy,
    answered_cost,
    answered_coverage,
    coverage,
    selective_accuracy,
)
from sklearn_calib.metrics._selective_cost import selective_cost
from sklearn_calib.metrics._signed import overconfidence_error, underconfidence_error
from sklearn_calib.metrics._smooth import smooth_calibration_error
from sklearn_calib.metrics._sweep import sweep_calibration_error

# An error as the unit, and an abstention that is worth it below a confidence of 0.8: the threshold and
# the coverage of the other scorers.
_COSTS = (1.0, 0.2)

# What `make_scorer` makes: the public way to scikit-learn's scorer class, whose prediction cache, weight
# handling and metadata routing a scorer must inherit to take part in them. A test guards the one method
# that is overridden.
_SklearnScorer: Any = type(sklearn_metrics.make_scorer(sklearn_metrics.accuracy_score))


class ClassifierScorer(_SklearnScorer):
    """A scorer that tells its metric the classes of the estimator.

    scikit-learn's own scorers pass only ``y_true`` and predictions, from which the classes cannot be
    known when a fold misses one, nor the positive class when labels are strings. A label that occurs
    in the fold but was unknown to the estimator has the probability 0.
    """

    def _score(self, method_caller, estimator, X, y_true, **kwargs):
        self._warn_overlap("Parameters are both set in the scorer and passed to it.", kwargs)
        self._check_classifier(estimator)
        labels, arguments = np.asarray(estimator.classes_), {}
        if self._response_method == "predict_proba":
            # A tuple of names is a key of our own in the cache of predictions.
            y_pred = method_caller(_AllColumns(estimator), ("predict_proba",), X)
            y_pred, labels = _with_unseen_labels(y_pred, labels, np.unique(y_true))
        else:
            y_pred = method_caller(estimator, self._response_method, X)
            arguments["abstain_label"] = getattr(estimator, "abstain_label_", None)
        arguments |= {"labels": labels, **self._kwargs, **kwargs}
        return self._sign * self._score_func(y_true, y_pred, **arguments)

    def _check_classifier(self, estimator):
        for name in ("classes_", self._response_method):
            if not hasattr(estimator, name):
                raise TypeError(
                    f"The scorer of {self._score_func.__name__} needs a fitted classifier with {name}; "
                    f"got {estimator!r}."
                )


class _AllColumns(BaseEstimator):
    """Stands for a classifier so that scikit-learn passes its probabilities on as they are.

    Of the two columns of a binary classifier it would keep one, that of the `pos_label` of whichever
    scorer came first, and it refuses the one column of a classifier that has seen one class. Until
    scikit-learn 1.8, only outlier detectors may give anything but decisions as they are.
    """

    def __init__(self, classifier):
        self.classifier = classifier

    def predict_proba(self, X):
        return self.classifier.predict_proba(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = "outlier_detector"
        return tags


def _with_unseen_labels(y_proba, labels, present):
    """One column per class of the estimator or the data; unseen classes have probability 0."""
    every = np.union1d(labels, present)
    if every.size == labels.size:
        return y_proba, labels
    padded = np.zeros((y_proba.shape[0], every.size), dtype=y_proba.dtype)
    padded[:, np.searchsorted(every, labels)] = y_proba
    return padded, every


def cumulative_statistic(y_true, y_proba, *, sample_weight=None, **parameters):
    """The error of `cumulative_calibration_error` without its p-value."""
    return cumulative_calibration_error(
        y_true, y_proba, sample_weight=sample_weight, **parameters
    ).statistic


def miscalibration(y_true, y_proba, *, sample_weight=None, **parameters):
    """That term of `score_decomposition`."""
    return score_decomposition(
        y_true, y_proba, sample_weight=sample_weight, **parameters
    ).miscalibration


def discrimination(y_true, y_proba, *, sample_weight=None, **parameters):
    """That term of `score_decomposition`."""
    return score_decomposition(
        y_true, y_proba, sample_weight=sample_weight, **parameters
    ).discrimination


def _proba_scorer(metric, *, greater_is_better, **parameters):
    return ClassifierScorer(metric, 1 if greater_is_better else -1, parameters, "predict_proba")


def _decision_scorer(metric, *, greater_is_better=True, **parameters):
    return ClassifierScorer(metric, 1 if greater_is_better else -1, parameters, "predict")


neg_l1_calibration_error_scorer = _proba_scorer(calibration_error, greater_is_better=False)
neg_l2_calibration_error_scorer = _proba_scorer(
    calibration_error, greater_is_better=False, norm="l2"
)
neg_l2_squared_calibration_error_scorer = _proba_scorer(
    calibration_error, greater_is_better=False, norm="l2", squared=True
)
neg_max_calibration_error_scorer = _proba_scorer(
    calibration_error, greater_is_better=False, norm="max"
)
neg_l2_squared_debiased_calibration_error_scorer = _proba_scorer(
    debiased_calibration_error, greater_is_better=False
)
neg_sweep_calibration_error_scorer = _proba_scorer(sweep_calibration_error, greater_is_better=False)
neg_smooth_calibration_error_scorer = _proba_scorer(
    smooth_calibration_error, greater_is_better=False
)
neg_ks_calibration_error_scorer = _proba_scorer(
    cumulative_statistic, greater_is_better=False, statistic="max"
)
neg_kuiper_calibration_error_scorer = _proba_scorer(
    cumulative_statistic, greater_is_better=False, statistic="range"
)
neg_overconfidence_error_scorer = _proba_scorer(overconfidence_error, greater_is_better=False)
neg_underconfidence_error_scorer = _proba_scorer(underconfidence_error, greater_is_better=False)
neg_brier_miscalibration_scorer = _proba_scorer(
    miscalibration, greater_is_better=False, loss="brier"
)
neg_log_loss_miscalibration_scorer = _proba_scorer(
    miscalibration, greater_is_better=False, loss="log_loss"
)
brier_discrimination_scorer = _proba_scorer(discrimination, greater_is_better=True, loss="brier")
log_loss_discrimination_scorer = _proba_scorer(
    discrimination, greater_is_better=True, loss="log_loss"
)
selective_accuracy_scorer = _proba_scorer(selective_accuracy, greater_is_better=True, coverage=0.8)
coverage_scorer = _proba_scorer(coverage, greater_is_better=True, threshold=0.8)
neg_area_under_risk_coverage_curve_scorer = _proba_scorer(
    area_under_risk_coverage_curve, greater_is_better=False
)
neg_excess_area_under_risk_coverage_curve_scorer = _proba_scorer(
    excess_area_under_risk_coverage_curve, greater_is_better=False
)
neg_area_under_generalized_risk_coverage_curve_scorer = _proba_scorer(
    area_under_generalized_risk_coverage_curve, greater_is_better=False
)
coverage_at_accuracy_scorer = _proba_scorer(
    coverage_at_accuracy, greater_is_better=True, accuracy=0.9
)
neg_selective_cost_scorer = _proba_scorer(selective_cost, greater_is_better=False, costs=_COSTS)
answered_accuracy_scorer = _decision_scorer(answered_accuracy)
answered_coverage_scorer = _decision_scorer(answered_coverage)
neg_answered_cost_scorer = _decision_scorer(answered_cost, greater_is_better=False, costs=_COSTS)

_SCORERS = {
    "neg_l1_calibration_error": neg_l1_calibration_error_scorer,
    "neg_l2_calibration_error": neg_l2_calibration_error_scorer,
    "neg_l2_squared_calibration_error": neg_l2_squared_calibration_error_scorer,
    "neg_max_calibration_error": neg_max_calibration_error_scorer,
    "neg_l2_squared_debiased_calibration_error": neg_l2_squared_debiased_calibration_error_scorer,
    "neg_sweep_calibration_error": neg_sweep_calibration_error_scorer,
    "neg_smooth_calibration_error": neg_smooth_calibration_error_scorer,
    "neg_ks_calibration_error": neg_ks_calibration_error_scorer,
    "neg_kuiper_calibration_error": neg_kuiper_calibration_error_scorer,
    "neg_overconfidence_error": neg_overconfidence_error_scorer,
    "neg_underconfidence_error": neg_underconfidence_error_scorer,
    "neg_brier_miscalibration": neg_brier_miscalibration_scorer,
    "neg_log_loss_miscalibration": neg_log_loss_miscalibration_scorer,
    "brier_discrimination": brier_discrimination_scorer,
    "log_loss_discrimination": log_loss_discrimination_scorer,
    "neg_expected_calibration_error": neg_l1_calibration_error_scorer,
    "neg_maximum_calibration_error": neg_max_calibration_error_scorer,
    "selective_accuracy": selective_accuracy_scorer,
    "coverage": coverage_scorer,
    "neg_area_under_risk_coverage_curve": neg_area_under_risk_coverage_curve_scorer,
    "neg_excess_area_under_risk_coverage_curve": neg_excess_area_under_risk_coverage_curve_scorer,
    "neg_area_under_generalized_risk_coverage_curve": (
        neg_area_under_generalized_risk_coverage_curve_scorer
    ),
    "coverage_at_accuracy": coverage_at_accuracy_scorer,
    "neg_selective_cost": neg_selective_cost_scorer,
    "answered_accuracy": answered_accuracy_scorer,
    "answered_coverage": answered_coverage_scorer,
    "neg_answered_cost": neg_answered_cost_scorer,
}


def get_scorer_names():
    """Names that `get_scorer` knows beyond those of scikit-learn.

    Returns
    -------
    names : list of str
        In alphabetical order.

    Examples
    --------
    >>> from sklearn_calib.metrics import get_scorer_names
    >>> "neg_expected_calibration_error" in get_scorer_names()
    True
    """
    return sorted(_SCORERS)


def get_scorer(name, **parameters):
    """Scorer of a name: one of ours, with its metric's parameters, or one of scikit-learn's.

    Parameters
    ----------
    name : str
        One of `get_scorer_names`, or a name that :func:`sklearn.metrics.get_scorer` knows. Errors are
        negated (``neg_...``), so that greater is better.
    **parameters
        Parameters of the metric, such as ``n_bins=15``, ``kind="classwise"``, ``threshold=0.9`` or
        ``abstain_label="defer"``; only for our own names. Unless told otherwise "selective_accuracy" is
        at coverage 0.8, "coverage" at threshold 0.8, "coverage_at_accuracy" at accuracy 0.9, and costs
        are 1 for an error and 0.2 for an abstention.

    Returns
    -------
    scorer : callable
        Called as ``scorer(estimator, X, y)``. It knows the classes from the estimator: labels of any
        kind and folds without some class are fine.

    Raises
    ------
    ValueError
        If nobody knows the name, or parameters are given for a scorer of scikit-learn.

    Examples
    --------
    Calibration error does not select models; it is reported beside the log loss that does:

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_validate
    >>> from sklearn_calib.metrics import get_scorer
    >>> scoring = {
    ...     "log_loss": "neg_log_loss",
    ...     "ece": get_scorer("neg_expected_calibration_error", n_bins=5),
    ... }
    >>> X, y = load_iris(return_X_y=True, as_frame=False)
    >>> scores = cross_validate(LogisticRegression(max_iter=1000), X, y, scoring=scoring)
    >>> bool(-0.2 < scores["test_ece"].mean() < 0)
    True
    """
    if name not in _SCORERS:
        if parameters:
            raise ValueError(
                f"Parameters are for the scorers {get_scorer_names()!r} only; got {name!r} with "
                f"{parameters!r}. Use sklearn.metrics.make_scorer for others."
            )
        try:
            return sklearn_metrics.get_scorer(name)
        except ValueError as error:
            raise ValueError(
                f"{name!r} is not a scorer; ours are {get_scorer_names()!r}, and "
                "sklearn.metrics.get_scorer_names() lists those of scikit-learn."
            ) from error
    scorer = _SCORERS[name]
    defaults = scorer._kwargs
    if "threshold" in parameters or "coverage" in parameters:
        exclusive = ("threshold", "coverage")
        defaults = {name: value for name, value in defaults.items() if name not in exclusive}
    return ClassifierScorer(
        scorer._score_func, scorer._sign, {**defaults, **parameters}, scorer._response_method
    )
