"""The rules that choose a threshold: by certified accuracy, observed accuracy, coverage or costs."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.abstention_cost import cost_of_shares
from sklearn_calib._core.binomial import fewest_rows
from sklearn_calib._core.certified_rows import Tested, certify, certify_graded
from sklearn_calib._core.risk_coverage import (
    RiskCoverage,
    last_reaching_accuracy,
    last_within_coverage,
)

# Halvings of [0, 1] in the search for the largest accuracy that can be certified: to 0.001.
_HALVINGS = 10
# All of n answers right do not show an accuracy of t while t**n, their probability, is above this.
_DOUBT = 0.05


class Aim(NamedTuple):
    """What a threshold is to achieve: exactly one of the first three is given."""

    accuracy: float | None
    coverage: float | None
    costs: tuple[float, float] | None
    confidence_level: float | None

    @property
    def promises(self):
        """Whether a guarantee is asked for."""
        return self.accuracy is not None and self.confidence_level is not None


class Ranked(NamedTuple):
    """Rows from the most confident to the least, and the curve over their distinct confidences."""

    confidence: np.ndarray
    correct: np.ndarray
    weight: np.ndarray | None
    curve: RiskCoverage

    @property
    def n_rows(self):
        """Number of rows."""
        return self.confidence.size

    def answered(self, last):
        """Number of rows that are answered down to the confidence with index `last`."""
        return int(np.searchsorted(-self.confidence, -self.curve.threshold[last], side="right"))


class Choice(NamedTuple):
    """Index of the last confidence answered (-1: none), its threshold, and what was looked at."""

    last: int
    threshold: float
    tested: Tested
    problem: str = ""
    certified: bool = False
    best_certified: float | None = None


def rank(correct, confidence, weight):
    """Sort rows by falling confidence; the only sort there is."""
    order = np.argsort(-confidence, kind="stable")
    confidence, correct = confidence[order], correct[order]
    weight = None if weight is None else weight[order]
    return Ranked(confidence, correct, weight, _curve(confidence, correct, weight))


def _curve(confidence, correct, weight):
    """`risk_coverage` of sorted confidences, which may be negative here."""
    last_of_tie = np.append(np.flatnonzero(np.diff(confidence)), confidence.size - 1)
    wrong = 1.0 - correct if weight is None else weight * (1.0 - correct)
    answered = last_of_tie + 1.0 if weight is None else np.cumsum(weight)[last_of_tie]
    risk = np.cumsum(wrong)[last_of_tie] / answered
    return RiskCoverage(confidence[last_of_tie], answered / answered[-1], risk)


def search(aim, ranked):
    """Choose a threshold for an aim."""
    if aim.promises:
        choice = search_certified(aim, ranked)
        return choice if choice.certified else _explain(aim, ranked, choice)
    curve = ranked.curve
    if aim.accuracy is not None:
        last = last_reaching_accuracy(curve, aim.accuracy)
        problem = _accuracy_problem(ranked, last, aim.accuracy)
    elif aim.coverage is not None:
        last = last_within_coverage(curve, aim.coverage)
        problem = _coverage_problem(curve, last, aim.coverage)
    else:
        cost = cost_of_shares(aim.costs, curve.coverage, curve.risk)
        last, problem = (
            int(cost.size - 1 - np.argmin(cost[::-1])),
            "",
        )  # of equal costs, most answers
        last = last if cost[last] <= aim.costs[1] else -1
    threshold = float(curve.threshold[last]) if last >= 0 else float("inf")
    everything = np.arange(curve.threshold.size)
    return Choice(last, threshold, Tested(everything, np.zeros(everything.size, bool)), problem)


def search_certified(aim, ranked):
    """Choose the threshold with the largest coverage that is certified."""
    tested = _certify(ranked, aim.accuracy, 1 - aim.confidence_level)
    last = int(tested.position[tested.certified].max(initial=-1))
    threshold = _just_above_the_next(ranked, last) if last >= 0 else float("inf")
    return Choice(last, threshold, tested, certified=last >= 0)


def _explain(aim, ranked, choice):
    """Add why nothing is certified, and what could have been."""
    best = _best_certified(ranked, 1 - aim.confidence_level)
    return choice._replace(problem=_not_certified(aim, ranked, best), best_certified=best)


def _certify(ranked, accuracy, alpha):
    risk = 1 - accuracy
    if risk <= 0:  # no number of right answers shows that errors never happen
        return Tested(np.empty(0, dtype=np.intp), np.empty(0, dtype=bool))
    curve, n = ranked.curve, ranked.n_rows
    available = np.rint(curve.coverage * n).astype(np.int64)
    if is_graded(ranked.correct):
        return certify_graded(available, 1 - ranked.correct, risk, alpha)
    errors = np.rint(curve.risk * available).astype(np.int64)
    return certify(available, errors, risk, alpha)


def is_graded(correct):
    """Whether an outcome lies strictly between wrong and right."""
    return bool(np.any((correct != 0) & (correct != 1)))


def _just_above_the_next(ranked, last):
    """The smallest number above the first confidence that is not answered.

    In the precision of the confidences; minus infinity, or 0 where none is negative, if all are.
    """
    threshold = ranked.curve.threshold
    if last + 1 < threshold.size:
        return float(np.nextafter(threshold[last + 1], threshold.dtype.type(np.inf)))
    return 0.0 if threshold[-1] >= 0 else float("-inf")


def _best_certified(ranked, alpha):
    """The largest accuracy, rounded down, for which some threshold would have been certified."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _certify(ranked, middle, alpha).certified.any():
            low = middle
        else:
            high = middle
    return low or None


def _not_certified(aim, ranked, best):
    n, level = ranked.n_rows, aim.confidence_level
    problem = (
        f"target_accuracy={aim.accuracy:.4g} is certified at no threshold with "
        f"confidence_level={level:.4g}, so every row is rejected. "
    )
    if aim.accuracy == 1:
        return problem + "No number of right answers shows that errors never happen."
    needed = int(fewest_rows(0, 1 - aim.accuracy, 1 - level))
    if n < needed:
        problem += f"Even all right, fewer than {needed} rows cannot certify it; {n} are given. "
    if best is None:
        return problem + "No accuracy could be certified from these rows."
    return problem + f"The largest accuracy that could have been certified is {best:.3f}."


def _accuracy_problem(ranked, last, target):
    """Why a threshold chosen by observed accuracy is doubtful or none; empty if it is neither."""
    curve = ranked.curve
    if last < 0:
        best = int(np.argmin(curve.risk))
        return (
            f"target_accuracy={target:.4g} is not reached at any confidence, so every row is rejected. "
            f"The best observed accuracy is {1 - curve.risk[best]:.4g}, answering "
            f"{curve.coverage[best]:.2%} of the rows, those from confidence "
            f"{curve.threshold[best]:.4g} on."
        )
    total = ranked.n_rows if ranked.weight is None else ranked.weight.sum()
    answered = round(curve.coverage[last] * total)
    if target < 1 and target**answered > _DOUBT:
        needed = int(np.ceil(np.log(_DOUBT) / np.log(target)))
        return (
            f"Only {answered} rows are answered from confidence {curve.threshold[last]:.4g} on. Even "
            f"if all of them are right, fewer than {needed} do not show an accuracy of {target:.4g}; "
            "give more rows."
        )
    return ""


def _coverage_problem(curve, last, target):
    if last >= 0:
        return ""
    return (
        f"target_coverage={target:.4g} is below the smallest coverage that can be reached, so every "
        f"row is rejected: {curve.coverage[0]:.2%} of the rows share the largest confidence, "
        f"{curve.threshold[0]:.4g}."
    )
