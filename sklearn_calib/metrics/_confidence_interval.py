"""Bootstrap intervals of metrics for which the bootstrap is valid."""

import inspect
import re
import warnings
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed

from sklearn_calib._core.bootstrap import bca_limits, percentile_limits, resampled_counts
from sklearn_calib._events import class_names
from sklearn_calib._validation import (
    check_count,
    check_labels,
    check_number,
    check_option,
    check_probabilities,
    check_same_length,
    check_weights,
    drop_zero_weights,
)
from sklearn_calib._warn import warn_user
from sklearn_calib.metrics._scorers import get_scorer

# Metrics whose bias resampling repeats: what noise adds to them, it adds once more to each resample.
_BIASED = re.compile(
    r"calibration_error|miscalibration|discrimination|(over|under)confidence_error|(^|_)(ece|mce|ace)($|_)"
)
# Blocks of rows that are left out in turn; their skewness estimates that of single rows.
_N_BLOCKS = 100


class BootstrapInterval(NamedTuple):
    """A metric with its bootstrap interval.

    Attributes
    ----------
    estimate : float
        The metric of all rows.
    lower, upper : float
        Limits.
    standard_error : float
        Standard deviation over the resamples.
    confidence_level : float
        Probability that such an interval holds the metric of the population, for many rows.
    method : str
        "bca" or "percentile".
    distribution : ndarray of shape (n_resamples,)
        The metric of each resample.
    """

    estimate: float
    lower: float
    upper: float
    standard_error: float
    confidence_level: float
    method: str
    distribution: np.ndarray

    def __repr__(self):
        """All but the distribution, which is long."""
        shown = (f"{name}={value!r}" for name, value in zip(self._fields, self[:-1], strict=False))
        return f"{type(self).__name__}({', '.join(shown)})"


def confidence_interval(
    metric,
    y_true,
    y_proba,
    *,
    sample_weight=None,
    groups=None,
    confidence_level=0.95,
    method="bca",
    n_resamples=999,
    random_state=None,
    n_jobs=None,
    verbose=0,
    **parameters,
):
    """Bootstrap confidence interval of a proper score or a selective metric.

    Rows are resampled as weights: a resample is the metric with the number of times that each row was
    drawn as its `sample_weight`, so that nothing is copied or sorted anew.

    **Calibration errors are refused.** They are absolute values or squares of noisy gaps; what noise adds
    to them, it adds once more to every resample, so that a bootstrap interval of 95 % all but never
    holds the 0 of a calibrated model. `calibration_error_interval` is valid there.

    Parameters
    ----------
    metric : callable or str
        A function ``metric(y_true, y_proba, *, sample_weight, ...)`` that returns a number, or the name
        of a scorer (see `get_scorer`) that takes probabilities, such as "neg_log_loss",
        "neg_brier_score", "selective_accuracy" or "neg_area_under_risk_coverage_curve". Scorers keep
        their sign.
    y_true : array-like of shape (n_samples,)
        True labels, or what else the metric takes.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1].
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies: a row of weight 3 is three rows, resampled one by
        one. Others stay with their rows.
    groups : array-like of shape (n_samples,), default=None
        Clusters of rows that are not independent, such as the questions of one document. Whole clusters
        are resampled; a dozen is too few for a trustworthy interval.
    confidence_level : float in (0, 1), default=0.95
        Probability that the interval holds the metric of the population.
    method : {"bca", "percentile"}, default="bca"
        "bca" corrects for bias and skewness, by leaving out blocks of rows in turn [1]_; "percentile"
        takes the quantiles of the resamples.
    n_resamples : int, default=999
        Number of resamples.
    random_state : int, RandomState instance or None, default=None
        Seed; the result does not depend on `n_jobs`.
    n_jobs : int, default=None
        Processes; None means 1 and -1 all processors.
    verbose : int, default=0
        Progress messages of joblib; from 1 on some, from 10 on all.
    **parameters
        Parameters of the metric, such as ``threshold=0.9`` or ``kind="record"``. Where the metric takes
        `labels` and none are given, those of all rows are passed, so that resamples without some class
        are fine.

    Returns
    -------
    interval : BootstrapInterval
        Named tuple of ``estimate``, ``lower``, ``upper``, ``standard_error``, ``confidence_level``,
        ``method`` and ``distribution``.

    Raises
    ------
    ValueError
        For a calibration error, a metric of decisions, or a metric that is undefined (NaN) on all rows.
    TypeError
        If the metric does not take `sample_weight`.

    Warns
    -----
    UserWarning
        If the metric is undefined on some resamples, which are left out.

    References
    ----------
    .. [1] Efron (1987). Better Bootstrap Confidence Intervals. JASA 82:171-185.
       doi:10.1080/01621459.1987.10478410

    Examples
    --------
    >>> from sklearn.metrics import brier_score_loss
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.metrics import confidence_interval, selective_accuracy
    >>> p, y = load_mmlu_pro_confidence(model="gpt-4o", return_X_y=True)
    >>> p, y = p[:1000, 0], y[:1000]
    >>> brier = confidence_interval(brier_score_loss, y, p, n_resamples=199, random_state=0)
    >>> print(f"{brier.estimate:.3f} [{brier.lower:.3f}, {brier.upper:.3f}]")
    0.217 [0.190, 0.235]
    >>> accuracy = confidence_interval(
    ...     selective_accuracy, y, p, threshold=0.95, kind="record", n_resamples=199, random_state=0
    ... )
    >>> print(f"{accuracy.estimate:.2f} [{accuracy.lower:.2f}, {accuracy.upper:.2f}]")
    0.85 [0.82, 0.87]
    """
    check_option(method, "method", ("bca", "percentile"))
    check_count(n_resamples, "n_resamples", low=2)
    check_number(confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True)
    y, proba = check_labels(y_true), check_probabilities(y_proba)
    check_same_length(y_true=y, y_proba=proba, groups=groups)
    weight = check_weights(sample_weight, y.size)
    code = np.arange(y.size) if groups is None else check_labels(groups, "groups")
    y, proba, code, weight = drop_zero_weights(weight, y, proba, code)
    function = _metric_of_weights(metric, y, proba, parameters)
    units = _Units(code, weight, clustered=groups is not None)
    estimate = _value(function, units.weight)
    if np.isnan(estimate):
        raise ValueError(f"{_name(metric)} is undefined (NaN) on all rows: it has no interval.")

    rng = check_random_state(random_state)
    seeds = rng.randint(2**31, size=(n_resamples, 4))
    run = Parallel(n_jobs=n_jobs, verbose=verbose)
    values = _defined(run(delayed(_resample)(function, units, seed) for seed in seeds))
    if method == "bca":
        left_out = run(delayed(_value)(function, weight) for weight in units.leave_out_blocks(rng))
        jackknife = np.array(left_out)
        lower, upper = bca_limits(
            estimate, values, jackknife[~np.isnan(jackknife)], confidence_level
        )
    else:
        lower, upper = percentile_limits(values, confidence_level)
    deviation = float(values.std(ddof=1))
    return BootstrapInterval(estimate, lower, upper, deviation, confidence_level, method, values)


class _Units:
    """Rows, or clusters of rows, that are resampled; `weight` is that of the original rows."""

    def __init__(self, code, weight, *, clustered):
        counted = weight is not None and np.array_equal(weight, np.round(weight))
        self.code = np.unique(code, return_inverse=True)[1]
        self.n_units = int(self.code.max()) + 1
        self.clustered = clustered
        self.frequency = weight if counted and not clustered else None
        self.weight = np.ones(code.size) if weight is None else weight
        if self.n_units < 2:
            raise ValueError(
                "One row, or one cluster of rows, has no interval: resamples are equal."
            )

    def draw(self, rng):
        """Weights of one resample."""
        code = self.code if self.clustered else None
        counts = resampled_counts(code, self.n_units, self.frequency, rng)
        return counts.astype(float) if self.frequency is not None else counts * self.weight

    def leave_out_blocks(self, rng):
        """Weights without each of at most `_N_BLOCKS` random blocks of units."""
        block = (rng.permutation(self.n_units) % min(_N_BLOCKS, self.n_units))[self.code]
        return (self.weight * (block != left_out) for left_out in range(block.max() + 1))


def _resample(function, units, seed):
    return _value(function, units.draw(np.random.default_rng(seed)))


def _value(function, weight):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)  # told once, for all resamples
        return float(function(sample_weight=weight)) if weight.any() else float("nan")


def _defined(values):
    values = np.array(values)
    defined = values[~np.isnan(values)]
    if defined.size < values.size:
        warn_user(
            f"The metric is undefined on {values.size - defined.size} of {values.size} resamples, "
            "which are left out."
        )
    if defined.size < 2:
        raise ValueError("The metric is defined on fewer than two resamples: it has no interval.")
    return defined


def _name(metric):
    """Name of a scorer, a function or the function of a partial."""
    while isinstance(metric, partial):
        metric = metric.func
    return metric if isinstance(metric, str) else getattr(metric, "__name__", repr(metric))


def _metric_of_weights(metric, y, proba, parameters):
    """The metric as a function of `sample_weight` alone."""
    if _BIASED.search(_name(metric)):
        raise ValueError(
            f"{_name(metric)} has no valid bootstrap interval: at perfect calibration resampling repeats "
            "its bias. Use calibration_error_interval, which is valid there, or calibration_test."
        )
    if isinstance(metric, str):
        metric, y, proba, parameters = _metric_of_scorer(metric, y, proba, parameters)
    accepted = inspect.signature(metric).parameters
    if "sample_weight" not in accepted and not _takes_anything(accepted):
        raise TypeError(
            f"{_name(metric)} must take sample_weight: rows are resampled by their weights."
        )
    given = {**getattr(metric, "keywords", {}), **parameters}
    if "labels" in accepted and "labels" not in given and given.get("kind") != "record":
        parameters = {**parameters, "labels": class_names(y, proba, None, given.get("pos_label"))}
    return partial(metric, y, proba, **parameters)


def _takes_anything(accepted):
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in accepted.values())


class _Signed:
    """A metric times the sign of its scorer, with the signature of the metric."""

    def __init__(self, function, sign):
        self.function, self.sign = function, sign
        self.__name__ = function.__name__
        self.__signature__ = inspect.signature(function)

    def __call__(self, *args, **kwargs):
        return self.sign * self.function(*args, **kwargs)


def _metric_of_scorer(name, y, proba, parameters):
    """Signed metric, labels, probabilities as it takes them, and parameters of a scorer."""
    scorer = get_scorer(name)
    if "predict_proba" not in np.atleast_1d(scorer._response_method):
        raise ValueError(f"The scorer {name!r} is about decisions; metric must take probabilities.")
    function = _Signed(scorer._score_func, scorer._sign)
    ours = scorer._score_func.__module__.startswith("sklearn_calib")
    if not ours and (proba.ndim == 1 or proba.shape[1] == 2):
        names = class_names(y, proba, parameters.get("labels"), parameters.get("pos_label"))
        y = (y == parameters.pop("pos_label", names[-1])).astype(int)
        proba = proba if proba.ndim == 1 else proba[:, 1]
        parameters = {k: v for k, v in parameters.items() if k != "labels"}
    defaults = {} if {"threshold", "coverage"} & set(parameters) else scorer._kwargs
    return function, y, proba, {**defaults, **parameters}
