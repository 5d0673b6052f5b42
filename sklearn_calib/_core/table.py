"""Events in bins are a table, and tables add."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sklearn_calib._core.bins import bin_codes
from sklearn_calib._core.columns import ColumnsMixin
from sklearn_calib._core.error_interval import error_interval, max_error_interval
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


_BLOCK = 1 << 16  # events per block: a few vectors of float64 stay in the second-level cache
_EVENTS_PER_CELL = 4  # with very many cells a block holds so many events for each
_LANES = 4  # copies of a cell
_LONG = 256  # numbers in a row that is added to others fast


@dataclass(frozen=True, eq=False)
class CalibrationTable(ColumnsMixin):
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

    def error_interval(self, norm="l1", *, squared=False, confidence_level=0.95):
        """Interval of the population's calibration error at these bins.

        See `calibration_error_interval`, which is the same from labels and probabilities. Weights count
        as frequencies, and every event must be independent of the others: class-wise tables, which hold
        each row once per class, have no valid interval.

        Parameters
        ----------
        norm : {"l1", "l2", "max"}, default="l1"
            Mean absolute gap, root mean squared gap, or largest absolute gap.
        squared : bool, default=False
            Interval of the square of the "l2" error.
        confidence_level : float in (0, 1), default=0.95
            Probability that the interval holds the error.

        Returns
        -------
        lower, upper : float
            Limits in [0, 1].
        """
        if norm not in ("l1", "l2", "max"):
            raise ValueError(f"norm must be one of 'l1', 'l2', 'max'; got {norm!r}.")
        if not 0 < confidence_level < 1:
            raise ValueError(f"confidence_level must be in (0, 1); got {confidence_level!r}.")
        if squared and norm != "l2":
            raise ValueError(f"squared=True is for norm='l2' only; got norm={norm!r}.")
        if norm == "max":
            return max_error_interval(self, confidence_level)
        if self.sum_product is None:
            raise ValueError("This table was made without second moments, which intervals need.")
        lower, upper = error_interval(self, norm, confidence_level)
        return (lower, upper) if norm == "l1" or squared else (lower**0.5, upper**0.5)

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
    n_groups = 1 if events.group is None else int(events.group.max()) + 1
    size = n_groups * n_bins
    if moments == 1 and events.weight is None and events.outcome.dtype == bool:
        count, sums = _hard_sums(events, edges, size)
        return _occupied_rows(count, sums, edges, grouped=events.group is not None)
    count = np.zeros(size, dtype=np.intp)
    sums = np.zeros((6 if moments == 2 else 3, size))
    for part in _blocks(events, size):
        cell = _cells(part, edges)
        count += np.bincount(cell, minlength=size)
        for total, values in zip(sums, _summands(part, moments), strict=True):
            if values is not None:
                total += np.bincount(cell, values, size)
    if events.weight is None:
        sums[0] = count
    return _occupied_rows(count, sums, edges, grouped=events.group is not None)


def tabulate_classwise(blocks, code, weight, edges, n_classes):
    """First-moment table of all classes from blocks of rows of probabilities, one column per class.

    A block comes with positions and values of its entries beyond the first bin. These are few of many
    classes; the first bin of a class is what the other bins leave of its column. With weights it is
    added up, since a difference of large ones says nothing of a small one.
    """
    n_bins, size = edges.size - 1, n_classes * (edges.size - 1)
    count, sums, total = (
        np.zeros(size, dtype=np.intp),
        np.zeros((3, size)),
        np.zeros((2, n_classes)),
    )
    first_cell = (np.arange(n_classes) * n_bins).astype(np.min_scalar_type(size))
    entries = _beyond_first_bin(blocks, code, weight, first_cell, total)
    for cell, p, cell_of_label, p_of_label, *weights in _batches(entries, size):
        w, w_of_label = weights or (None, None)
        cell += bin_codes(p, edges).astype(cell.dtype, copy=False)
        cell_of_label += bin_codes(p_of_label, edges).astype(cell.dtype, copy=False)
        count += _count(cell, size)
        if w is not None:
            sums[0] += np.bincount(cell, w, size)
            p = p * w
        sums[1] += np.bincount(cell, p, size)
        sums[2] += np.bincount(cell_of_label, w_of_label, size)
    count[::n_bins] = code.size - count.reshape(n_classes, n_bins).sum(axis=1)
    if weight is None:
        sums[0] = count
        rest = total[1] - sums[1].reshape(n_classes, n_bins).sum(axis=1)
        sums[1, ::n_bins] = np.maximum(rest, 0)
    else:
        sums[:2, ::n_bins] = total
    return _occupied_rows(count, sums, edges, grouped=True)


def _beyond_first_bin(blocks, code, weight, first_cell, total):
    """First cell of the class, and value, of the entries beyond the first bin and of each label; weights.

    Sums of the columns are added to `total[1]`; with weights, weights and sums of the first bins to both.
    """
    start, n_classes = 0, first_cell.size
    cells = row = np.empty(0, dtype=np.intp)
    for block, where, p in blocks:
        rows, values = slice(start, start := start + len(block)), block.reshape(-1)
        if cells.size < values.size:
            cells, row = np.tile(first_cell, len(block)), np.arange(0, values.size, n_classes)
        label = code[rows]
        p_of_label = values.take(row[: label.size] + label)
        found = cells.take(where), p, first_cell.take(label), p_of_label
        if weight is None:
            total[1] += _column_sums(block)
            yield found
        else:
            total += _first_bin_sums(block, where, weight[rows])
            yield *found, weight[rows].take(where // n_classes), weight[rows]


def _first_bin_sums(block, beyond, weight):
    """Sums of the weights, and of the weighted entries, of each column without those at `beyond`."""
    inside, block = np.ones(block.shape), block.copy()
    inside.reshape(-1)[beyond] = block.reshape(-1)[beyond] = 0
    return weight @ inside, weight @ block


def _column_sums(block):
    """Sums in float64; rows are summed side by side, since a sum over short rows is slow."""
    n_rows, n_classes = block.shape
    side = -(-_LONG // n_classes)
    whole = n_rows // side * side
    folded = np.ones(whole // side) @ block[:whole].reshape(-1, side * n_classes)
    return folded.reshape(side, n_classes).sum(axis=0) + block[whole:].sum(axis=0, dtype=float)


def _batches(parts, n_cells):
    """Tuples of arrays, those of consecutive parts joined where they are short beside the cells."""
    batch, held = [], 0
    for part in parts:
        batch.append(part)
        held += part[0].size
        if held >= _EVENTS_PER_CELL * n_cells:
            yield part if len(batch) == 1 else _joined(batch)
            batch, held = [], 0
    if batch:
        yield _joined(batch)


def _joined(batch):
    return map(np.concatenate, zip(*batch, strict=True))


def _hard_sums(events, edges, size):
    """Counts and first moments of unweighted events that are right or wrong.

    Additions to one cell wait for each other, which takes longest where most confidences are near 1.
    So neighbouring events have cells apart.
    """
    code = np.min_scalar_type(size * _LANES)
    lane = np.tile(np.arange(_LANES, dtype=code), -(-_block_size(size) // _LANES))
    count, sums = np.zeros((size, 2), dtype=np.intp), np.zeros((3, size))
    for part in _blocks(events, size):
        cell = _cells(part, edges).astype(code, copy=False)
        count += _count(2 * cell + part.outcome, 2 * size).reshape(size, 2)
        cell = cell * _LANES + lane[: cell.size]
        sums[1] += (
            np.bincount(cell, part.probability, size * _LANES).reshape(size, _LANES).sum(axis=1)
        )
    sums[0], sums[2] = count.sum(axis=1), count[:, 1]
    return count.sum(axis=1), sums


def _count(cell, size):
    """`np.bincount`; of many bytes two neighbours are counted as one cell of a square."""
    if cell.dtype != np.uint8 or cell.size < 1024 * size:
        return np.bincount(cell, minlength=size)
    even = cell.size // 2 * 2
    pairs = np.bincount(cell[:even].view(np.uint16), minlength=256 * size).reshape(size, 256)
    count = pairs.sum(axis=1) + pairs[:, :size].sum(axis=0)
    count[cell[even:]] += 1
    return count


def _cells(events, edges):
    cell = bin_codes(events.probability, edges)
    return cell if events.group is None else cell + events.group * (edges.size - 1)


def _blocks(events, n_cells):
    """Events of consecutive rows; whole vectors would leave the cache between two sums."""
    size = _block_size(n_cells)
    for start in range(0, events.probability.size, size):
        rows = slice(start, start + size)
        yield events._replace(
            probability=events.probability[rows],
            outcome=events.outcome[rows],
            weight=None if events.weight is None else events.weight[rows],
            group=None if events.group is None else events.group[rows],
        )


def _block_size(n_cells):
    return max(_BLOCK, _EVENTS_PER_CELL * n_cells)


def _summands(events, moments):
    """What the sums of a table sum, in the order of `SUMS` after the count; None stands for ones."""
    p, o, w = events.probability, events.outcome, events.weight
    pw, ow = (p, o) if w is None else (p * w, o * w)
    if moments == 1:
        return w, pw, ow
    if p.dtype != float:  # squares of float32 would lose half their digits
        pw, p = pw.astype(float), p.astype(float)
    return w, pw, ow, p * pw, p * ow, o * ow


def _occupied_rows(count, sums, edges, *, grouped):
    row = np.flatnonzero(count)
    n_bins = edges.size - 1
    return CalibrationTable(
        edges[row % n_bins],
        edges[row % n_bins + 1],
        count[row],
        **dict(zip(SUMS[1:], sums[:, row], strict=False)),
        group=row // n_bins if grouped else None,
    )


def concatenate_tables(tables):
    """Return the rows of all tables, one after the other. Assumes all or none have groups."""
    columns: dict[str, list] = {
        field.name: [getattr(table, field.name) for table in tables] for field in fields(tables[0])
    }
    without_groups = [group is None for group in columns["group"]]
    if any(without_groups) and not all(without_groups):
        raise ValueError("A table with groups and a table without groups cannot be added.")
    joined: dict[str, Any] = {
        name: None if any(part is None for part in column) else np.concatenate(column)
        for name, column in columns.items()
    }
    return CalibrationTable(**joined)


def _merge_equal_bins(table):
    """Sum rows of equal group and bin; bins that overlap otherwise are an error."""
    keys = (table.upper, table.lower) + (() if table.group is None else (_sortable(table.group),))
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


def _sortable(group):
    """Groups as they are, or their ranks where None, or a tuple that holds it, may be among them."""
    if group.dtype != object:
        return group
    rank = {name: i for i, name in enumerate(sorted(set(group), key=missing_last))}
    return np.array([rank[name] for name in group])


def missing_last(name):
    """Sort names of groups, or tuples of them, with None after all others."""
    parts = name if isinstance(name, tuple) else (name,)
    return [(part is None, 0 if part is None else part) for part in parts]


def _decimal(edge):
    """Show an edge as short as it can be read: 0.0, 0.1, 0.067."""
    return f"{edge:.3f}".rstrip("0").ljust(3, "0") if 0 < edge < 1 else f"{edge:.1f}"
