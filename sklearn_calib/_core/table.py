"""Events in bins are a table, and tables add."""

from dataclasses import dataclass, fields

import numpy as np

from sklearn_calib._core.bins import assign_bins
from sklearn_calib._core.intervals import wilson_interval

SUMS = (
    "count",
    "weight",
    "sum_probability",
    "sum_outcome",
    "sum_probability_squared",
    "sum_product",
    "sum_outcome_squared",
)


@dataclass(frozen=True, eq=False)
class CalibrationTable:
    """Sums of events per occupied bin; the sum of two tables is the table of both data sets.

    A row is a bin that holds at least one event of positive weight, so that no mean is ever taken over
    nothing. Rows are ordered by group, then by bin. ``a + b`` adds the rows of equal bins and keeps the
    others side by side; make both with one `n_bins` and the uniform strategy. It raises a `ValueError`
    where bins overlap without being equal. ``sum(tables)`` works too.

    Attributes
    ----------
    lower, upper : ndarray of shape (n_rows,)
        The bin is ``(lower, upper]``; a bin with lower edge 0 holds the value 0 too.
    count : ndarray of shape (n_rows,), int
        Number of events of positive weight.
    weight : ndarray of shape (n_rows,)
        Sum of weights; equals `count` without weights.
    sum_probability, sum_outcome : ndarray of shape (n_rows,)
        Weighted sums of the probabilities and of the outcomes.
    sum_probability_squared, sum_product, sum_outcome_squared : ndarray of shape (n_rows,) or None
        Weighted sums of p^2, p o and o^2 over events of probability p and outcome o, which intervals
        and tests need; None in a table made without them, and in a sum with such a table.
    group : ndarray of shape (n_rows,) or None
        What the events of the row have in common beside the bin: the class for the class-wise and
        top-label notions of calibration; None where there are no groups.

    Examples
    --------
    >>> from sklearn_calib.metrics import calibration_table
    >>> monday = calibration_table([1, 0, 1], [0.9, 0.8, 0.95], kind="record", n_bins=5)
    >>> tuesday = calibration_table([0, 1], [0.9, 0.3], kind="record", n_bins=5)
    >>> print(monday + tuesday)
        bin       count  confidence  accuracy      gap  95 % interval
    (0.2, 0.4]       1       0.300     1.000   -0.700  0.207 - 1.000
    (0.6, 0.8]       1       0.800     0.000   +0.800  0.000 - 0.793
    (0.8, 1.0]       3       0.917     0.667   +0.250  0.208 - 0.939
    """

    lower: np.ndarray
    upper: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    sum_probability: np.ndarray
    sum_outcome: np.ndarray
    sum_probability_squared: np.ndarray | None = None
    sum_product: np.ndarray | None = None
    sum_outcome_squared: np.ndarray | None = None
    group: np.ndarray | None = None

    @property
    def confidence(self):
        """Mean probability of each row, in [0, 1]."""
        return self.sum_probability / self.weight

    @property
    def accuracy(self):
        """Mean outcome of each row, in [0, 1]."""
        return self.sum_outcome / self.weight

    @property
    def gap(self):
        """Confidence minus accuracy of each row: positive is overconfident."""
        return (self.sum_probability - self.sum_outcome) / self.weight

    @property
    def share(self):
        """Weight of each row as a share of the total; sums to 1."""
        return self.weight / self.weight.sum()

    def accuracy_interval(self, confidence_level=0.95):
        """Wilson score interval of each row's accuracy; weights count as frequencies.

        Parameters
        ----------
        confidence_level : float in (0, 1), default=0.95
            Pointwise level, for each row by itself.

        Returns
        -------
        lower, upper : ndarray of shape (n_rows,)
            Limits in [0, 1]. For outcomes between 0 and 1 the interval is conservative, since their
            variance is at most that of a 0/1 outcome of the same mean.
        """
        if not 0 < confidence_level < 1:
            raise ValueError(f"confidence_level must be in (0, 1); got {confidence_level!r}.")
        return wilson_interval(self.sum_outcome, self.weight, confidence_level)

    def to_dict(self):
        """Columns by name, in the order of reading: group, bin, sizes, means, gap, 95 % interval.

        Returns
        -------
        columns : dict of str to ndarray of shape (n_rows,)
            Keys ``group`` (only with groups), ``lower``, ``upper``, ``count``, ``weight``,
            ``confidence``, ``accuracy``, ``gap``, ``accuracy_lower``, ``accuracy_upper``.
        """
        columns = {} if self.group is None else {"group": self.group}
        for name in ("lower", "upper", "count", "weight", "confidence", "accuracy", "gap"):
            columns[name] = getattr(self, name)
        columns["accuracy_lower"], columns["accuracy_upper"] = self.accuracy_interval()
        return columns

    def to_frame(self):
        """Columns of `to_dict` as a data frame; needs the extra ``frames``.

        Returns
        -------
        frame : pandas.DataFrame
            One row per row of the table.
        """
        from sklearn_calib._optional import import_optional

        return import_optional("pandas", extra="frames").DataFrame(self.to_dict())

    def __len__(self):
        return self.lower.size

    def __add__(self, other):
        if not isinstance(other, CalibrationTable):
            return NotImplemented
        return _merge_equal_bins(concatenate_tables([self, other]))

    def __radd__(self, other):
        return self if other == 0 else NotImplemented  # the start of sum()

    def __str__(self):
        bins = [
            f"({_decimal(a)}, {_decimal(b)}]" for a, b in zip(self.lower, self.upper, strict=True)
        ]
        width = max(12, *map(len, bins))
        header = f"{'bin':^{width}} {'count':>7}  confidence  accuracy      gap  95 % interval"
        prefix = "" if self.group is None else f"{'group':<12} "
        lines = [prefix + header]
        low, high = self.accuracy_interval()
        for i in range(len(self)):
            prefix = "" if self.group is None else f"{self.group[i]!s:<12.12} "
            lines.append(
                f"{prefix}{bins[i]:<{width}} {self.count[i]:>7}  {self.confidence[i]:>10.3f}"
                f"  {self.accuracy[i]:>8.3f}  {self.gap[i]:>+7.3f}  {low[i]:.3f} - {high[i]:.3f}"
            )
        return "\n".join(lines)


def tabulate(events, edges, *, moments=2):
    """Table of events in common bins; rows of equal bin and group are summed.

    With `moments` = 1 the sums of squares and products, which take half of the time, are left out.
    Assumes `events.weight` positive (or None for ones) and `events.group` integer codes or None.
    """
    n_bins = edges.size - 1
    cell = assign_bins(events.probability, edges)
    n_groups = 1
    if events.group is not None:
        n_groups = int(events.group.max()) + 1
        cell += events.group * n_bins
    count = np.bincount(cell, minlength=n_groups * n_bins)
    row = np.flatnonzero(count)
    weight = count if events.weight is None else np.bincount(cell, events.weight)

    def total(values):
        return np.bincount(cell, values if events.weight is None else values * events.weight)[row]

    p, o = events.probability, events.outcome
    squares = {}
    if moments == 2:
        p_exact = p.astype(float, copy=False)  # squares of float32 would lose half their digits
        squares["sum_probability_squared"] = total(p_exact * p_exact)
        squares["sum_product"] = total(p_exact * o)
        squares["sum_outcome_squared"] = total(o * o)
    return CalibrationTable(
        lower=edges[row % n_bins],
        upper=edges[row % n_bins + 1],
        count=count[row],
        weight=weight[row].astype(float),
        sum_probability=total(p),
        sum_outcome=total(o),
        **squares,
        group=None if events.group is None else row // n_bins,
    )


def concatenate_tables(tables):
    """Return the rows of all tables, one after the other. Assumes all or none have groups."""
    columns: dict[str, list] = {
        field.name: [getattr(table, field.name) for table in tables] for field in fields(tables[0])
    }
    without_groups = [group is None for group in columns["group"]]
    if any(without_groups) and not all(without_groups):
        raise ValueError("A table with groups and a table without groups cannot be added.")
    return CalibrationTable(
        **{
            name: None if any(part is None for part in column) else np.concatenate(column)
            for name, column in columns.items()
        }
    )


def _merge_equal_bins(table):
    """Sum rows of equal group and bin; bins that overlap otherwise are an error."""
    keys = (table.upper, table.lower) + (() if table.group is None else (table.group,))
    order = np.lexsort(keys)
    lower, upper = table.lower[order], table.upper[order]
    same_group = np.ones(order.size - 1, dtype=bool)
    if table.group is not None:
        same_group = table.group[order][1:] == table.group[order][:-1]
    equal = same_group & (lower[1:] == lower[:-1]) & (upper[1:] == upper[:-1])
    if np.any(same_group & ~equal & (lower[1:] < upper[:-1])):
        raise ValueError(
            "Tables with different bins cannot be added: use one `n_bins` and strategy='uniform'."
        )
    first = np.flatnonzero(np.concatenate(([True], ~equal)))
    sums = {
        name: np.add.reduceat(getattr(table, name)[order], first)
        for name in SUMS
        if getattr(table, name) is not None
    }
    group = None if table.group is None else table.group[order][first]
    return CalibrationTable(lower=lower[first], upper=upper[first], group=group, **sums)


def _decimal(edge):
    """Show an edge as short as it can be read: 0.0, 0.1, 0.067."""
    return f"{edge:.3f}".rstrip("0").ljust(3, "0") if 0 < edge < 1 else f"{edge:.1f}"
