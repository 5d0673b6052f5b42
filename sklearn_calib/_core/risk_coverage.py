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


def area_under_risk_coverage(curve):
    """Mean over the rows of the risk at their own confidence (Geifman et al. 2019), exact under ties."""
    return float(np.sum(np.diff(curve.coverage, prepend=0.0) * curve.risk))


def last_within_coverage(curve, coverage):
    """Index of the largest coverage that is not above the given one; -1 if there is none."""
    limit = coverage * (1 + _COVERAGE_TOLERANCE)
    return int(np.searchsorted(curve.coverage, limit, side="right")) - 1


def last_reaching_accuracy(curve, accuracy):
    """Index of the largest coverage whose accuracy is at least the given one; -1 if there is none."""
    reached = np.flatnonzero(1 - curve.risk >= accuracy - _COVERAGE_TOLERANCE)
    return int(reached[-1]) if reached.size else -1
