"""Risk and coverage of answering from a confidence on; equal confidences stand or fall together."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.isotonic import pool_outcomes

# A coverage that equals the requested one up to the rounding of a sum of weights counts as equal.
_COVERAGE_TOLERANCE = 1e-12


class RiskCoverage(NamedTuple):
    """One entry per distinct confidence, from the largest to the smallest."""

    threshold: np.ndarray
    coverage: np.ndarray
    risk: np.ndarray


def risk_coverage(confidence, correct, weight=None):
    """Coverage and risk when rows with confidence >= threshold are answered, for every threshold."""
    ties = pool_outcomes(confidence, correct, weight)
    answered = np.cumsum(ties.weight[::-1])
    wrong = np.cumsum((ties.weight - ties.positive)[::-1])
    return RiskCoverage(ties.score[::-1], answered / answered[-1], wrong / answered)


def area_under_risk_coverage(curve, rule="rows"):
    """Area under risk against coverage by the rule "rows" or "trapezoid", exact under ties.

    Nothing is known below the first coverage: the risk there is taken to be the first one.
    """
    return _area(curve.coverage, curve.risk, curve.risk[0], rule)


def area_under_generalized_risk_coverage(curve, rule="trapezoid"):
    """Area under P(answered and wrong) against coverage (Traub et al. 2024), exact under ties.

    The trapezoid is no approximation: within a tie, whose order is random, the expected number of
    wrong answers grows linearly with the number of answers.
    """
    return _area(curve.coverage, curve.coverage * curve.risk, 0.0, rule)


def _area(coverage, height, first, rule):
    """Integral of the heights over coverages from 0 to 1; "rows" counts the right end of each step."""
    width = np.diff(coverage, prepend=0.0)
    if rule == "trapezoid":
        height = (height + np.append(first, height[:-1])) / 2
    return float(np.sum(width * height))


def ideal_area_under_risk_coverage(correct, weight=None):
    """Area under the curve of the best order, the rows of smallest loss first, as an integral.

    While rows of loss l are added to a share s of loss L in total, the risk at coverage c is
    l + (L - l s) / c. For 0/1 outcomes with error rate e it is e + (1 - e) log(1 - e).
    """
    loss, group = np.unique(1.0 - correct, return_inverse=True)
    share = np.bincount(group, weight)
    end = np.cumsum(share / share.sum())
    start = np.append(0.0, end[:-1])
    width = end - start
    loss_at_start = np.append(0.0, np.cumsum(width * loss)[:-1])
    curved = (loss_at_start - loss * start)[1:] * np.log(end[1:] / start[1:])
    return float(np.sum(width * loss) + np.sum(curved))


def last_within_coverage(curve, coverage):
    """Index of the largest coverage that is not above the given one; -1 if there is none."""
    limit = coverage * (1 + _COVERAGE_TOLERANCE)
    return int(np.searchsorted(curve.coverage, limit, side="right")) - 1


def last_reaching_accuracy(curve, accuracy):
    """Index of the largest coverage whose accuracy is at least the given one; -1 if there is none."""
    reached = np.flatnonzero(1 - curve.risk >= accuracy - _COVERAGE_TOLERANCE)
    return int(reached[-1]) if reached.size else -1


def answered_from(thresholds, confidence, correct, weight=None):
    """Number, weight and right weight of the rows from each threshold on, and the weight of all.

    Assumes `thresholds` increasing; a threshold is compared in the precision of the confidences.
    """
    cell = np.searchsorted(thresholds.astype(confidence.dtype), confidence, side="right")
    weight = np.ones(confidence.size) if weight is None else weight
    sums = [
        np.bincount(cell, values, minlength=thresholds.size + 1)[::-1].cumsum()[::-1]
        for values in (np.ones(cell.size), weight, weight * correct)
    ]
    count, answered, right = (values[1:] for values in sums)
    return count.astype(np.intp), answered, np.minimum(right, answered), sums[1][0]
