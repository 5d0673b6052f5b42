"""Everything a report says, computed from records."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.special import xlogy
from sklearn.model_selection import KFold

from sklearn_calib._core.calibration_error import l1_error
from sklearn_calib._core.intervals import wilson_interval
from sklearn_calib._core.risk_coverage import last_reaching_accuracy, risk_coverage
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib.calibrators import BinningCalibrator, TemperatureScaler
from sklearn_calib.metrics import (
    ThresholdTable,
    accuracy_by_threshold,
    calibration_table,
    calibration_test,
)
from sklearn_calib.selective._threshold_search import Aim, rank, search

CONFIDENCE_LEVEL = 0.95
# Noise alone is told to be miscalibration in 5 % of reports.
SIGNIFICANCE = 1 - CONFIDENCE_LEVEL
CALIBRATORS = ("binning", "temperature")
N_FOLDS = 5
# "100 %" is a manner of speaking, not a probability of 1: stated confidences are kept this far from 0
# and 1 before a logarithm is taken, or a mistake at 100 % is called impossible by a test. With 1e-12
# the temperature of gpt-4o would be 11 instead of 3.
STATED_EPS = 1e-3


class Share(NamedTuple):
    """Answers from a confidence on (None where folds differ): how many, and how many are right.

    `above` is the largest confidence that is not answered, None where there is none.
    """

    threshold: float | None
    n_answers: int
    coverage: float
    accuracy: float
    interval: tuple[float, float]
    above: float | None = None


class Measurement(NamedTuple):
    """How far confidence is from accuracy."""

    n_answers: int
    confidence: float
    accuracy: float
    gap: float
    ece: float
    ece_interval: tuple[float, float]
    pvalue: float | None
    overconfidence: float
    underconfidence: float
    brier: float
    log_loss: float
    table: CalibrationTable


class Target(NamedTuple):
    """The threshold for a required accuracy; `answered` is the best there is if not `reached`.

    `held_out` is what thresholds learnt on the other folds achieve: None if they answer nothing.
    `certified` is what can be promised; None if nothing can, and then `best_certified` is the largest
    accuracy that could. Where it was not looked for, `tested` is False.
    """

    accuracy: float
    reached: bool
    answered: Share
    held_out: Share | None
    certified: Share | None
    best_certified: float | None
    tested: bool = True


class Report(NamedTuple):
    """All numbers of a report; `calibrated` and `groups` map names to measurements.

    `engine` names the one that computed them, if it is not numpy, and `left_out` what it could not.
    """

    title: str
    stated: Measurement
    calibrated: dict[str, Measurement]
    n_folds: int
    temperature: float
    levels: ThresholdTable
    target: Target
    by: str | None
    groups: dict[str, Measurement]
    n_bad: int
    problems: list[str]
    notes: list[str]
    engine: str | None = None
    left_out: tuple[str, ...] = ()


def make_report(records, *, title, target_accuracy, n_bins, calibrator="binning", by=None):
    """Compute the report of `Records`; `by` names one of their columns."""
    confidence, correct = records.confidence, records.correct
    calibrated = _cross_fit(confidence, correct)
    temperature, notes = _fit_temperature(confidence, correct)
    levels = accuracy_by_threshold(
        correct, confidence, kind="record", confidence_level=CONFIDENCE_LEVEL
    )
    order = sorted(calibrated, key=lambda name: name != calibrator)
    return Report(
        title=title,
        stated=measure(confidence, correct, n_bins),
        calibrated={name: measure(calibrated[name], correct, n_bins) for name in order},
        n_folds=_n_folds(confidence),
        temperature=temperature,
        levels=levels,
        target=find_target(
            rank(correct, confidence, None),
            target_accuracy,
            held_out=lambda: _held_out_share(confidence, correct, target_accuracy),
        ),
        by=by,
        groups={} if by is None else _measure_groups(records, by, n_bins),
        n_bad=len(records.bad),
        problems=[f"{records.line_unit} {bad.line}: {bad.reason}" for bad in records.bad],
        notes=notes,
    )


def measure(confidence, correct, n_bins):
    """Measure confidences against outcomes."""
    table = calibration_table(correct, confidence, kind="record", n_bins=n_bins)
    return measure_table(table, _pvalue(confidence, correct), _log_loss(confidence, correct))


def measure_table(table, pvalue, log_loss):
    """Measure events by their table; what it does not tell is given."""
    n_answers, weighted_gap = int(table.count.sum()), table.share * table.gap
    mean_confidence = float(table.sum_probability.sum() / n_answers)
    accuracy = float(table.sum_outcome.sum() / n_answers)
    squared = table.sum_probability_squared - 2 * table.sum_product + table.sum_outcome_squared
    return Measurement(
        n_answers=n_answers,
        confidence=mean_confidence,
        accuracy=accuracy,
        gap=mean_confidence - accuracy,
        ece=l1_error(table),
        ece_interval=table.error_interval(confidence_level=CONFIDENCE_LEVEL),
        pvalue=pvalue,
        overconfidence=float(np.sum(np.maximum(weighted_gap, 0))),
        underconfidence=float(np.sum(np.maximum(-weighted_gap, 0))),
        brier=float(max(squared.sum(), 0) / n_answers),
        log_loss=log_loss,
        table=table,
    )


def _pvalue(confidence, correct):
    proba = np.clip(confidence, STATED_EPS, 1 - STATED_EPS)
    return calibration_test(correct, proba, kind="record").pvalue


def _log_loss(confidence, correct):
    proba = np.clip(confidence, STATED_EPS, 1 - STATED_EPS)
    return float(-np.mean(xlogy(correct, proba) + xlogy(1 - correct, 1 - proba)))


def make_calibrator(name):
    """Return an unfitted calibrator of stated confidences: "binning" or "temperature"."""
    if name == "binning":
        return BinningCalibrator(n_bins="cube_root", classes=(0, 1))
    return TemperatureScaler(eps=STATED_EPS, classes=(0, 1))


def _cross_fit(confidence, correct):
    """Confidences of each calibrator on rows that it was not fitted on."""
    if confidence.size < 2:
        return {}
    calibrated = {name: np.empty(confidence.size) for name in CALIBRATORS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # told once, for all rows
        for train, test in _folds(confidence):
            for name, values in calibrated.items():
                fitted = fit_on_records(make_calibrator(name), confidence[train], correct[train])
                values[test] = fitted.predict_proba(confidence[test])[:, 1]
    return calibrated


def _fit_temperature(confidence, correct):
    """Temperature of all rows, and what is doubtful about it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        fitted = fit_on_records(make_calibrator("temperature"), confidence, correct)
    return fitted.temperature_, [str(warning.message) for warning in caught]


def fit_on_records(calibrator, confidence, correct):
    """Fit a binary calibrator on outcomes in [0, 1]: a quality q is q right rows and 1 - q wrong ones."""
    twice = np.concatenate([confidence, confidence])
    y = np.repeat([1, 0], confidence.size)
    return calibrator.fit(twice, y, sample_weight=np.concatenate([correct, 1 - correct]))


def _share(count, right, n, threshold=None, above=None):
    """Share of `count` answered rows of `n`; None if there are none."""
    if count == 0:
        return None
    low, high = wilson_interval(right, count, CONFIDENCE_LEVEL)
    interval = float(low), float(high)
    return Share(threshold, count, count / n, right / count, interval, above)


def _share_of_curve(curve, last, n):
    """What is answered down to an entry of the curve."""
    count = round(float(curve.coverage[last]) * n)
    beyond = curve.threshold[last + 1 : last + 2]
    above = float(beyond[0]) if beyond.size else None
    right = float(1 - curve.risk[last]) * count
    return _share(count, right, n, float(curve.threshold[last]), above)


def find_target(ranked, accuracy, *, tested=True, held_out=None):
    """Look for a required accuracy on the curve of ranked rows; `held_out` checks what was found."""
    curve, n = ranked.curve, ranked.n_rows
    last = last_reaching_accuracy(curve, accuracy)
    reached = last >= 0
    answered = _share_of_curve(curve, last if reached else int(np.argmin(curve.risk)), n)
    checked = held_out() if reached and held_out is not None else None
    certified = best_certified = None
    if tested:
        choice = search(Aim(accuracy, None, None, CONFIDENCE_LEVEL), ranked)
        certified = _share_of_curve(curve, choice.last, n) if choice.certified else None
        best_certified = choice.best_certified
    return Target(accuracy, reached, answered, checked, certified, best_certified, tested)


def _held_out_share(confidence, correct, accuracy):
    """Rows answered by thresholds that were learnt without them."""
    answered = np.zeros(confidence.size, dtype=bool)
    for train, test in _folds(confidence):
        curve = risk_coverage(confidence[train], correct[train])
        last = last_reaching_accuracy(curve, accuracy)
        if last >= 0:
            answered[test] = confidence[test] >= curve.threshold[last]
    return _share(int(answered.sum()), float(correct[answered].sum()), correct.size)


def _n_folds(confidence):
    return min(N_FOLDS, confidence.size) if confidence.size > 1 else 0


def _folds(confidence):
    if confidence.size < 2:
        return []
    return KFold(_n_folds(confidence), shuffle=True, random_state=0).split(confidence)


def _measure_groups(records, by, n_bins):
    """One measurement per value of the column, the largest gap first."""
    values = np.array([str(value) for value in records.columns[by]])
    groups = {
        str(value): measure(
            records.confidence[values == value], records.correct[values == value], n_bins
        )
        for value in np.unique(values)
    }
    return dict(sorted(groups.items(), key=lambda item: -abs(item[1].gap)))
