"""Context columns as codes of segments, and scores that carry context along."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from sklearn_calib._columns import MISSING, code_values
from sklearn_calib._core.scores import Scores
from sklearn_calib._missing import is_missing

# What a histogram of scikit-learn's trees can hold beside missing values; rarer categories are such.
_MOST_CATEGORIES = 254
# Trees see numbers as so many bins of about equal weight: cheaper for them than to find their own.
_FEATURE_BINS = 64
# Sums of the same weights in another order differ by rounding.
_LEVEL_TOLERANCE = 1e-12


@dataclass(frozen=True)
class ScoresInContext:
    """Scores of which every row knows its context: what `Scores` is to other calibrators.

    Rows are taken as of an array, so that whatever drops rows of scores drops those of the context.
    """

    values: np.ndarray
    input: str
    context: list[Any]

    @property
    def scores(self):
        return Scores(self.values, self.input)

    @property
    def shape(self):
        return self.values.shape

    def __len__(self):
        return self.values.shape[0]

    def __getitem__(self, rows):
        return ScoresInContext(self.values[rows], self.input, [c.take(rows) for c in self.context])

    def one_vs_rest(self):
        return [
            ScoresInContext(binary.values, binary.input, self.context)
            for binary in self.scores.one_vs_rest()
        ]


class Codes(NamedTuple):
    """One context column as two: segments (-1 is none that is known), and what trees split."""

    segment: np.ndarray
    feature: np.ndarray  # numbers, or categories by falling frequency; NaN is missing or unknown

    def take(self, rows):
        return Codes(self.segment[rows], self.feature[rows])


class Categories:
    """Each distinct value is a segment, missing ones too if there were any in `fit`."""

    is_categorical = True

    def __init__(self, column):
        self.name = column.name
        categories, code = code_values(column)
        self.names = [MISSING if is_missing(v) else v for v in categories]
        self._code = {_key(value): i for i, value in enumerate(categories)}
        order = np.argsort(-np.bincount(code), kind="stable")
        rank = np.empty(order.size + 1)
        rank[order] = np.arange(order.size)
        rank[rank >= _MOST_CATEGORIES] = np.nan
        rank[-1] = np.nan  # of the code -1
        self._rank = rank

    def encode(self, column):
        get = self._code.get
        segment = np.array([get(_key(value), -1) for value in column.values.tolist()], dtype=int)
        return Codes(segment, self._rank[segment])


class Segments:
    """Numbers, cut into segments of about equal weight; missing ones are one more if there were any."""

    is_categorical = False

    def __init__(self, column, weight, n_segments):
        self.name = column.name
        known = ~np.isnan(column.values)
        values = column.values[known]
        weight = None if weight is None else weight[known]
        self._cuts = _cuts(values, n_segments, weight)
        self._feature_cuts = _cuts(values, _FEATURE_BINS, weight)
        n_known = self._cuts.size + 1 if values.size else 0
        self._missing = -1 if known.all() else n_known
        limits = ["-inf", *(f"{cut:.6g}" for cut in self._cuts), "inf"]
        self.names = [f"({a}, {b}]" for a, b in pairwise(limits)][:n_known]
        self.names += [] if known.all() else [MISSING]

    def encode(self, column):
        if not column.is_numeric:
            if any(value is not None for value in column.values):
                raise ValueError(
                    f"The context column {self.name!r} held numbers in fit; now it holds "
                    f"{next(v for v in column.values if v is not None)!r}."
                )
            column = column._replace(values=np.full(column.values.size, np.nan))
        missing = np.isnan(column.values)
        segment = np.searchsorted(self._cuts, column.values)
        feature = np.searchsorted(self._feature_cuts, column.values)
        return Codes(np.where(missing, self._missing, segment), np.where(missing, np.nan, feature))


def _cuts(values, n_segments, weight):
    """Cuts midway between distinct values, into parts of about equal weight; all cuts, if few enough."""
    distinct, code = np.unique(values, return_inverse=True)
    mass = np.cumsum(np.bincount(code, weight))
    last = np.arange(distinct.size - 1)
    if distinct.size > n_segments:
        levels = np.arange(1, n_segments) * mass[-1] / n_segments * (1 - _LEVEL_TOLERANCE)
        last = np.unique(np.searchsorted(mass, levels))
        last = last[last < distinct.size - 1]
    return distinct[last] / 2 + distinct[last + 1] / 2


def _key(value):
    return None if is_missing(value) else value
