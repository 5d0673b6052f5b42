"""The stream in a bounded number of periods: a table, the evidence at the end, and labels of time."""

from dataclasses import dataclass, field

import numpy as np

from sklearn_calib._core.table import SUMS, CalibrationTable

MAX_PERIODS = 128  # then neighbours become one and the periods twice as long; even
_FIRST_LENGTH = 16  # rows
PERIOD_LISTS = ("size", "first_time", "last_time", "log_evidence")


def row_sums(probability, outcome, weight):
    """What a row adds to each column of `SUMS`, of shape (n_sums, n)."""
    p, o = probability, outcome
    w = np.ones(p.size) if weight is None else weight
    return np.stack([np.ones(p.size), w, w * p, w * o, w * p * p, w * p * o, w * o * o])


def add_rows(sums, cell, values):
    """Add rows to cells in the order of the rows, whatever the batch. Assumes `sums` contiguous."""
    flat = sums.reshape(len(SUMS), -1)
    for total, value in zip(flat, values, strict=True):
        np.add.at(total, cell, value)


def as_table(sums, edges, group=None):
    """Table of the occupied cells of sums of shape (n_sums, n_bins), or (n_sums, n_groups, n_bins)."""
    n_bins = edges.size - 1
    flat = sums.reshape(len(SUMS), -1)
    cell = np.flatnonzero(flat[0])
    columns = dict(zip(SUMS, flat[:, cell], strict=True))
    columns["count"] = columns["count"].astype(np.int64)
    names = None if group is None else np.asarray(group)[cell // n_bins]
    lower, upper = edges[cell % n_bins], edges[cell % n_bins + 1]
    return CalibrationTable(lower=lower, upper=upper, group=names, **columns)


@dataclass
class Periods:
    """Consecutive periods; all lists have one entry per period, the last of which may be open."""

    n_bins: int
    length: int = _FIRST_LENGTH
    size: list = field(default_factory=list)
    first_time: list = field(default_factory=list)
    last_time: list = field(default_factory=list)
    log_evidence: list = field(default_factory=list)
    sums: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self):
        if self.sums is None:
            self.sums = np.zeros((len(SUMS), MAX_PERIODS, self.n_bins))

    def __len__(self):
        return len(self.size)

    def first_rows(self):
        """Number of the first row of each period, and at last that of the next row."""
        return np.concatenate([[0], np.cumsum(self.size, dtype=np.int64)]).astype(np.int64)

    def make_room(self):
        """Number of rows for which there is room, at least 1; halves the periods where there is none."""
        if len(self) == MAX_PERIODS and self.size[-1] >= self.length:
            self._halve()
        open_rows = max(0, self.length - self.size[-1]) if self.size else 0
        return open_rows + (MAX_PERIODS - len(self)) * self.length

    def positions(self, n):
        """Period of each of the next `n` rows, for which there is room."""
        done = min(self.size[-1], self.length) if self.size else self.length
        return len(self) - 1 + (done + np.arange(n)) // self.length

    def add(self, period, cell, values, log_evidence, time):
        """Add rows; `log_evidence` is that at the last row of each period among `period`."""
        add_rows(self.sums, period * self.n_bins + cell, values)
        for evidence, index in zip(log_evidence, range(period[0], period[-1] + 1), strict=True):
            rows = np.flatnonzero(period == index)
            if index == len(self):
                self.size.append(0)
                self.first_time.append(time(rows[0]))
                self.last_time.append(None)
                self.log_evidence.append(0.0)
            self.size[index] += rows.size
            self.last_time[index] = time(rows[-1])
            self.log_evidence[index] = float(evidence)

    def since(self, row):
        """Sums of shape (n_sums, n_bins) of the period that holds the row and of all later ones."""
        index = np.searchsorted(self.first_rows(), row, side="right") - 1
        return self.sums[:, min(index, len(self) - 1) : len(self)].sum(axis=1)

    def time_of(self, row):
        """Label of the first row of the period that holds the row."""
        index = np.searchsorted(self.first_rows(), row, side="right") - 1
        return self.first_time[min(index, len(self) - 1)]

    def followed_by(self, other, log_evidence):
        """Periods of this stream, then those of the other, whose evidence comes on top of this one's."""
        first, second = self._copy(), other._copy()
        while first.length != second.length or len(first) + len(second) > MAX_PERIODS:
            if first.length <= second.length:
                first._halve()
            if second.length < first.length:
                second._halve()
        n, m = len(first), len(second)
        first.sums[:, n : n + m] = second.sums[:, :m]
        for name in ("size", "first_time", "last_time"):
            getattr(first, name).extend(getattr(second, name))
        first.log_evidence += [log_evidence + value for value in second.log_evidence]
        return first

    def _copy(self):
        copy = Periods(self.n_bins, self.length, sums=self.sums.copy())
        for name in PERIOD_LISTS:
            setattr(copy, name, list(getattr(self, name)))
        return copy

    def _halve(self):
        """Make neighbours one period, and periods twice as long."""
        n = len(self)
        pairs = self.sums[:, 0::2] + self.sums[:, 1::2]
        self.sums = np.concatenate([pairs, np.zeros_like(pairs)], axis=1)
        self.size = [sum(self.size[i : i + 2]) for i in range(0, n, 2)]
        self.first_time = self.first_time[0::2]
        self.last_time = [self.last_time[min(i + 1, n - 1)] for i in range(0, n, 2)]
        self.log_evidence = [self.log_evidence[min(i + 1, n - 1)] for i in range(0, n, 2)]
        self.length *= 2
