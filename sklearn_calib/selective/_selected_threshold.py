"""What `select_threshold` found, in numbers and in words."""

import textwrap
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklearn_calib._core.abstention_cost import chow_threshold, cost_of_shares
from sklearn_calib._core.binomial import clopper_pearson_interval
from sklearn_calib._core.bounded_mean import hoeffding_interval
from sklearn_calib.selective._threshold_search import is_graded

_WIDTH = 88  # of the printed statement


class ThresholdCurve(NamedTuple):
    """The candidates that were looked at, from the largest confidence to the smallest."""

    threshold: np.ndarray
    coverage: np.ndarray
    accuracy: np.ndarray
    certified: np.ndarray


@dataclass(frozen=True, eq=False)
class SelectedThreshold:
    """A threshold, what it answers, how accurate that is, and what is promised about it.

    Attributes
    ----------
    threshold : float
        Rows with confidence >= threshold are answered; infinity answers none.
    coverage : float
        Share of the given rows that are answered, in [0, 1].
    coverage_interval : tuple of two floats or None
        Clopper-Pearson interval of the share of all rows of the population; None without
        `confidence_level` and with weights.
    accuracy : float
        Accuracy (or mean quality) of the answered rows; NaN where none is answered.
    accuracy_interval : tuple of two floats or None
        Two-sided interval of the accuracy of the population at this threshold, as if it had been given
        beforehand: Clopper-Pearson, or from Hoeffding's bound for graded outcomes. None where no row is
        answered, without `confidence_level` and with weights.
    certified : bool
        Whether the target accuracy is guaranteed with `confidence_level`.
    guarantee : str
        What is guaranteed, under which assumption, from how many rows; or that nothing is.
    n_rows, n_answered : int
        Number of rows of positive weight, and of those that are answered.
    curve : ThresholdCurve
        Every candidate that was looked at: the smallest confidence answered, coverage, accuracy, and
        whether it is certified.
    target_accuracy, target_coverage : float or None
        As asked for.
    costs : tuple of two floats or None
        Costs of an error and of an abstention, as asked for.
    confidence_level : float or None
        That of the promise and of the intervals: for simultaneous promises to groups stricter than
        asked for.
    cost : float or None
        Mean cost per row at the threshold, where costs were given.
    chow_threshold, chow_cost : float or None
        Where costs were given: 1 - abstention / error, the best threshold if confidence is honest
        (Chow's rule), and the mean cost per row at it.
    best_certified : float or None
        Where the target accuracy is not certified: the largest that could have been, to 0.001; None if
        none could. It was searched for, hence no promise.
    """

    threshold: float
    coverage: float
    coverage_interval: tuple[float, float] | None
    accuracy: float
    accuracy_interval: tuple[float, float] | None
    certified: bool
    guarantee: str
    n_rows: int
    n_answered: int
    curve: ThresholdCurve
    target_accuracy: float | None = None
    target_coverage: float | None = None
    costs: tuple[float, float] | None = None
    confidence_level: float | None = None
    cost: float | None = None
    chow_threshold: float | None = None
    chow_cost: float | None = None
    best_certified: float | None = None

    def __str__(self):
        lines = [
            f"threshold   {self.threshold:.6g}",
            f"coverage    {self.coverage:.1%}{_interval(self.coverage_interval)}",
        ]
        if self.n_answered:
            lines.append(f"accuracy    {self.accuracy:.1%}{_interval(self.accuracy_interval)}")
        if self.cost is not None:
            lines.append(f"cost        {self.cost:.4g} per row")
        return "\n".join([*lines, *textwrap.wrap(self.guarantee, _WIDTH)])

    def __repr__(self):
        state = "certified" if self.certified else "not certified"
        return (
            f"<SelectedThreshold {self.threshold:.6g}: coverage {self.coverage:.3f}, "
            f"accuracy {self.accuracy:.3f}, {state}>"
        )


def _interval(interval):
    return "" if interval is None else f"  ({interval[0]:.1%} - {interval[1]:.1%})"


def summarize(aim, ranked, choice, *, group=None, together=None):
    """Describe a choice in numbers and in words."""
    curve, last, n = ranked.curve, choice.last, ranked.n_rows
    coverage, accuracy, n_answered = 0.0, float("nan"), 0
    if last >= 0:
        coverage, accuracy = float(curve.coverage[last]), float(1 - curve.risk[last])
        n_answered = ranked.answered(last)
    intervals = None, None
    if aim.confidence_level is not None and ranked.weight is None:
        intervals = _intervals(ranked, n_answered, accuracy, aim.confidence_level)
    index = choice.tested.position
    return SelectedThreshold(
        threshold=choice.threshold,
        coverage=coverage,
        coverage_interval=intervals[0],
        accuracy=accuracy,
        accuracy_interval=intervals[1],
        certified=choice.certified,
        guarantee=_statement(aim, ranked, choice, group, together),
        n_rows=n,
        n_answered=n_answered,
        curve=ThresholdCurve(
            curve.threshold[index],
            curve.coverage[index],
            1 - curve.risk[index],
            choice.tested.certified,
        ),
        target_accuracy=aim.accuracy,
        target_coverage=aim.coverage,
        costs=aim.costs,
        confidence_level=aim.confidence_level,
        best_certified=choice.best_certified,
        **_costs(aim.costs, ranked, coverage, accuracy),
    )


def _intervals(ranked, n_answered, accuracy, level):
    of_coverage = clopper_pearson_interval(n_answered, ranked.n_rows, level)
    if n_answered == 0:
        return of_coverage, None
    if is_graded(ranked.correct):
        return of_coverage, hoeffding_interval(accuracy, n_answered, level)
    right = round(accuracy * n_answered)
    return of_coverage, clopper_pearson_interval(right, n_answered, level)


def _costs(costs, ranked, coverage, accuracy):
    if costs is None:
        return {}
    curve, chow = ranked.curve, chow_threshold(*costs)
    last = np.searchsorted(-curve.threshold, -chow, side="right") - 1
    at_chow = (
        cost_of_shares(costs, curve.coverage[last], curve.risk[last]) if last >= 0 else costs[1]
    )
    here = cost_of_shares(costs, coverage, 1 - accuracy) if coverage > 0 else costs[1]
    return {"cost": float(here), "chow_threshold": chow, "chow_cost": float(at_chow)}


def _statement(aim, ranked, choice, group, together):
    """What is guaranteed, under which assumption, from how many rows; or that nothing is."""
    n_rows = ranked.n_rows
    if not aim.promises:
        return f"No accuracy is guaranteed: the threshold was chosen by what {n_rows} rows showed."
    whose = "" if group is None else f" of group {group!r}"
    if not choice.certified:
        return (
            f"No row{whose} is answered: from {n_rows} rows no threshold is certified to have an "
            f"accuracy of at least {aim.accuracy:.4g} with confidence {aim.confidence_level:.6g}."
        )
    which = ""
    if choice.last + 1 < ranked.curve.threshold.size:
        which = f"with confidence above {ranked.curve.threshold[choice.last + 1]:.6g} "
    level = f"With confidence {aim.confidence_level:.4g}"
    if together is not None:
        n_groups, overall = together
        level = f"With confidence {overall:.4g} for all {n_groups} groups at once"
    elif group is not None:
        level += " for this group by itself"
    return (
        f"{level}, the accuracy of the answers{whose} {which}is at least {aim.accuracy:.4g}, if the "
        f"{n_rows} rows that chose the threshold and the rows to come are independent draws from one "
        "population and neither the model nor its calibrator was fitted on those rows."
    )
