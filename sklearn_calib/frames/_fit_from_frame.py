"""Calibrators fitted to the records of a data frame, by sums that its engine computes."""

from functools import partial

import numpy as np
from sklearn.base import clone

from sklearn_calib._core.bins import cube_root
from sklearn_calib._core.logistic import LogisticFit, logistic_derivatives, newton, optimum
from sklearn_calib._validation import check_number
from sklearn_calib._warn import warn_user
from sklearn_calib.calibrators import BinningCalibrator, SigmoidCalibrator, TemperatureScaler
from sklearn_calib.calibrators._binary import ConstantMap
from sklearn_calib.calibrators._binning import BinSums
from sklearn_calib.calibrators._logistic import coefficients, warn_if_infinite
from sklearn_calib.calibrators._temperature import NO_OPTIMUM
from sklearn_calib.frames._bins import bin_number, binned_sums, column
from sklearn_calib.frames._events import frame_events
from sklearn_calib.frames._log_odds import LogOddsSums

_STATED_FLOOR = 1e-3  # "100 %" means "quite sure": see the notes of `TemperatureScaler`
_CLOSE = 1e-8  # squared Newton decrement to which cells serve; the engine then needs a pass or two


def fit_from_frame(calibrator, frame, *, confidence, correct, weight=None):
    """Fit a calibrator to records, without taking them out of the engine that holds them.

    The search runs on the sums of 10 000 fine cells of the confidence, and ends with sums over all rows:
    a handful of scans. The result equals that of ``calibrator.fit(confidences, correct)`` up to rounding.

    Parameters
    ----------
    calibrator : TemperatureScaler, SigmoidCalibrator or BinningCalibrator
        Not changed. The last one needs ``strategy="uniform"``; all need ``input="proba"``. Where `eps`
        is None it is 1e-3, as everywhere for stated confidences, instead of being learnt.
    frame : data frame
        Of pandas, polars (lazy too), pyarrow, DuckDB, Dask or PySpark.
    confidence : str
        Column of confidences in [0, 1].
    correct : str
        Column that says whether the answer was right: 0/1 or boolean.
    weight : str, default=None
        Column of non-negative weights; rows of zero weight count as absent.

    Returns
    -------
    fitted : calibrator
        A fitted clone, whose `classes_` are 0 (wrong) and 1 (right).

    Raises
    ------
    TypeError
        If the calibrator is another one, or `frame` no data frame of a known engine.
    ValueError
        If a parameter of the calibrator does not fit, a column is unknown, values are missing or out
        of range, or there is no row.

    See Also
    --------
    table_from_frame : Confidence and accuracy per bin.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_calib import TemperatureScaler
    >>> from sklearn_calib.frames import fit_from_frame
    >>> log = pd.DataFrame({"sure": [0.9, 0.9, 0.9, 0.1], "right": [1, 1, 0, 0]})
    >>> scaler = fit_from_frame(TemperatureScaler(), log, confidence="sure", correct="right")
    >>> scaler.predict_proba([0.9])
    array([[0.25, 0.75]])
    """
    fits = {
        TemperatureScaler: _fit_temperature,
        SigmoidCalibrator: _fit_sigmoid,
        BinningCalibrator: _fit_binning,
    }
    if type(calibrator) not in fits:
        names = ", ".join(kind.__name__ for kind in fits)
        raise TypeError(f"calibrator must be one of {names}; got {calibrator!r}.")
    fitted = clone(calibrator)
    if fitted.input != "proba":
        raise ValueError(f"A confidence is a probability: input must be 'proba'; got {fitted!r}.")
    if fitted.classes is not None and list(fitted.classes) != [0, 1]:
        raise ValueError(f"classes must be None or [0, 1]; got {fitted.classes!r}.")
    events = frame_events(frame, confidence=confidence, correct=correct, weight=weight, binary=True)
    fits[type(calibrator)](fitted, events)
    fitted.classes_, fitted.n_features_in_ = np.array([0, 1]), 1
    return fitted


def _log_odds_sums(fitted, events):
    eps = _STATED_FLOOR if fitted.eps is None else fitted.eps
    check_number(eps, "eps", low=0, high=0.5, low_open=True)
    fitted.eps_ = float(eps)
    return LogOddsSums(events, fitted.eps_)


def _fit_temperature(fitted, events):
    fitted.temperature_, status = _log_odds_sums(fitted, events).temperature()
    if status != "optimal":
        warn_user(NO_OPTIMUM[status].format(fitted.temperature_))


def _fit_sigmoid(fitted, events):
    sums = _log_odds_sums(fitted, events)
    of_class = np.array([sums.weight[sums.right == o].sum() for o in (False, True)])
    fitted.class_prior_ = of_class / of_class.sum()
    if of_class.min() == 0:
        parameters = ConstantMap((of_class[1] + 1) / (of_class.sum() + 2))
    else:
        fit = _fit_logistic(sums, of_class, bool(fitted.smooth_targets))
        warn_if_infinite(fit)
        parameters = fit.coef
    fitted._maps = [parameters]
    fitted.coef_, fitted.intercept_ = coefficients(fitted._maps, 1)


def _fit_logistic(sums, of_class, smooth):
    """Slope and intercept, on cells first; smoothed targets where an optimum would be infinite."""
    (wrong, right), total = of_class, of_class.sum()
    finite = not sums.separable()
    targets = (0.0, 1.0)
    if smooth or not finite:
        targets = (1 / (wrong + 2), (right + 1) / (right + 2))
    X = np.vstack([sums.z, np.ones(sums.z.size)])
    scale = np.array([np.sqrt(X[0] ** 2 @ sums.weight / total) or 1.0, 1.0])
    X /= scale[:, None]
    cells = partial(logistic_derivatives, X, np.where(sums.right, *targets[::-1]), sums.weight)
    coef, _, _ = newton(cells, np.zeros(2), _CLOSE)

    def derivatives(coef):
        gradient, hessian = sums.logistic_derivatives(*targets, coef / scale)
        return gradient / scale, hessian / np.outer(scale, scale)

    curvature = X @ (X * sums.weight).T / (4 * total)
    coef, _ = optimum(derivatives, curvature, coef, np.array([1.0, 0.0]) * scale)
    return LogisticFit(coef / scale, finite or smooth)


def _fit_binning(fitted, events):
    fitted._check_parameters()
    if fitted.strategy != "uniform":
        raise ValueError("Bins of equal weight depend on all rows: use strategy='uniform'.")
    n_bins = fitted.n_bins
    if n_bins == "cube_root":
        n_bins = cube_root(int(column(binned_sums(events, 1), "count").sum()))
    sums = binned_sums(events, n_bins)
    total, right = (
        np.bincount(bin_number(sums), column(sums, name), minlength=n_bins)
        for name in ("weight", "sum_outcome")
    )
    of_class = np.array([(total - right).sum(), right.sum()])
    fitted._take_sums(BinSums(total[None], right[None], of_class))
