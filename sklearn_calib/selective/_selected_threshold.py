"""What `select_threshold` found, in numbers and in words."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class ThresholdCurve(NamedTuple):
    """The candidates that were looked at, from the largest threshold to the smallest."""

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
        Clopper-Pearson interval of the share of all future rows; None without `confidence_level`.
    accuracy : float
        Accuracy (or mean quality) of the answered rows; NaN where none is answered.
    accuracy_interval : tuple of two floats or None
        Interval of the accuracy of future rows at this threshold, pointwise; None without
        `confidence_level` and where no row is answered.
    certified : bool
        Whether the target accuracy is guaranteed with `confidence_level`.
    guarantee : str
        What is guaranteed, under which assumption, from how many rows; or that nothing is.
    n_rows, n_answered : int
        Number of rows with positive weight, and of those that are answered.
    confidence_level : float or None
        As asked for.
    target_accuracy, target_coverage : float or None
        As asked for.
    costs : tuple of two floats or None
        Costs of an error and of an abstention, as asked for.
    expected_cost : float or None
        Mean cost per row at the threshold, where costs were given.
    chow_threshold : float or None
        1 - abstention / error, where costs were given: the best threshold if confidence is honest.
    best_certified : float or None
        Where a target accuracy could not be certified: the largest that could, None if none could.
    curve : ThresholdCurve
        Every candidate looked at: threshold, coverage, accuracy, certified.
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
    confidence_level: float | None = None
    target_accuracy: float | None = None
    target_coverage: float | None = None
    costs: tuple[float, float] | None = None
    expected_cost: float | None = None
    chow_threshold: float | None = None
    best_certified: float | None = None
