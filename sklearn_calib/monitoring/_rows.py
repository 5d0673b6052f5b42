"""The door of the monitor: rows become clean arrays, or nothing happens."""

from collections.abc import Sized
from typing import NamedTuple

import numpy as np
from scipy.special import logit

from sklearn_calib._events import calibration_events
from sklearn_calib._validation import (
    check_labels,
    check_outcomes,
    check_probabilities,
    check_same_length,
    check_weights,
)

# Log-odds of a stated 0 or 1; bets on log-odds are limited anyway.
_FLOOR = 1e-6


class Rows(NamedTuple):
    """Rows of positive weight; None where not given."""

    probability: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray | None
    group: np.ndarray | None
    time: np.ndarray | None

    def part(self, rows):
        """Return some of the rows."""
        return Rows._make(None if value is None else value[rows] for value in self)

    def log_odds(self):
        """Log-odds of the probabilities, finite."""
        return logit(np.clip(self.probability.astype(float), _FLOOR, 1 - _FLOOR))


def check_rows(outcome, confidence, sample_weight, groups, time, asked):
    """Return checked `Rows`; one row may be given as scalars, no row as empty arrays."""
    outcome, confidence = _one_or_many(outcome), _one_or_many(confidence)
    if len(outcome) == 0 and len(confidence) == 0:
        return None
    weight, n = sample_weight, len(outcome)
    if weight is not None:
        weight = np.asarray(_one_or_many(weight))
        if weight.shape == (n,) and weight.dtype.kind in "biuf" and not weight.any():
            return None  # nothing but absent rows
        weight = check_weights(weight, n)
    if groups is not None:
        groups = _per_row(check_labels(_one_or_many(groups), "groups"), n, "groups")
    time = None if time is None else _per_row(np.asarray(_one_or_many(time)), n, "time")
    check_same_length(outcome=outcome, confidence=confidence, groups=groups, time=time)
    keep = slice(None) if weight is None else weight > 0
    groups, time = (None if value is None else value[keep] for value in (groups, time))
    if asked["kind"] != "record":
        events = calibration_events(outcome, confidence, sample_weight=weight, **asked)
        return Rows(events.probability, events.outcome, events.weight, groups, time)
    probability = check_probabilities(confidence, "confidence")
    if probability.ndim != 1:
        raise ValueError(
            f"confidence must be 1-D; got shape {probability.shape}. Probabilities of classes are for "
            "kind='confidence'."
        )
    outcome = check_outcomes(outcome, "outcome")
    weight = None if weight is None else weight[keep]
    return Rows(probability[keep], outcome[keep], weight, groups, time)


def _one_or_many(value):
    """Return a scalar as a sequence of one."""
    single = isinstance(value, (str, bytes)) or getattr(value, "ndim", 1) == 0
    return [value] if single or not isinstance(value, Sized) else value


def _per_row(values, n, name):
    """Return one value for each row, or repeat the only one."""
    if values.ndim != 1:
        raise ValueError(f"{name} must be 1-D or one value; got shape {values.shape}.")
    return np.repeat(values, n) if values.size == 1 else values


def plain(value):
    """Return a label as JSON knows it: a number, a text, a boolean or None."""
    if isinstance(value, np.datetime64) or hasattr(value, "isoformat"):
        return str(value)
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
