"""Which groups is the confidence wrong about, and is that more than noise?"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from sklearn_calib._core.columns import ColumnsMixin
from sklearn_calib._core.group_gaps import gap_interval, gap_pvalue, holm
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib._events import class_names
from sklearn_calib._validation import (
    check_count,
    check_labels,
    check_number,
    check_probabilities,
    check_weights,
)
from sklearn_calib.metrics._groups import (
    group_table,
    grouped_events,
    overall_table,
    take,
)

_MOST_SHOWN = 40  # groups in a print


@dataclass(frozen=True, eq=False)
class GroupCalibration(ColumnsMixin):
    """Gaps of groups with their evidence, the strongest first; `print` shows them.

    Attributes
    ----------
    table : CalibrationTable
        One row per group: `group` (its name), `count`, `confidence`, `accuracy`, `gap`, sums.
    gap_lower, gap_upper : ndarray of shape (n_groups,)
        Simultaneous interval of the gap: all of them hold at once with at least the confidence level.
    pvalue : ndarray of shape (n_groups,)
        Of a mean gap of 0 in this group, by itself.
    pvalue_adjusted : ndarray of shape (n_groups,)
        Adjusted for the number of groups (Holm).
    metrics : dict of str to ndarray of shape (n_groups,)
        Values of the metrics asked for.
    overall : CalibrationTable
        One row: all events.
    overall_metrics : dict of str to float
        The metrics of all events.
    n_small : int
        Number of groups left out because they are smaller than `min_count`.
    confidence_level : float
        Of the intervals.
    """

    table: CalibrationTable
    gap_lower: np.ndarray
    gap_upper: np.ndarray
    pvalue: np.ndarray
    pvalue_adjusted: np.ndarray
    metrics: dict
    overall: CalibrationTable
    overall_metrics: dict
    n_small: int
    confidence_level: float

    @property
    def group(self):
        """Names of the groups."""
        return self.table.group

    @property
    def gap(self):
        """Confidence minus accuracy of each group: positive is overconfident."""
        return self.table.gap

    def to_dict(self):
        """Columns by name, in the order of reading.

        Returns
        -------
        columns : dict of str to ndarray of shape (n_groups,)
            Keys ``group``, ``count``, ``weight``, ``confidence``, ``accuracy``, ``gap``, ``gap_lower``,
            ``gap_upper``, ``pvalue``, ``pvalue_adjusted``, and the names of the metrics.
        """
        names = ("group", "count", "weight", "confidence", "accuracy", "gap")
        evidence = ("gap_lower", "gap_upper", "pvalue", "pvalue_adjusted")
        columns = {name: getattr(self.table, name) for name in names}
        return columns | {name: getattr(self, name) for name in evidence} | self.metrics

    def __len__(self):
        return len(self.table)

    def __str__(self):
        shown = min(len(self), _MOST_SHOWN)
        width = max([len("all rows"), *(len(str(name)) for name in self.group[:shown])])
        level = f"{100 * self.confidence_level:g} % interval"
        header = (
            f"{'group':<{width}} {'count':>7}  confidence  accuracy     gap  {level:<16}  p (Holm)"
        )
        lines = [header + "".join(f"  {name}" for name in self.metrics)]
        for i in range(shown):
            low, high = self.gap_lower[i], self.gap_upper[i]
            p = f"{self.pvalue_adjusted[i]:.3f}" if self.pvalue_adjusted[i] >= 0.0005 else "<0.001"
            values = {name: value[i] for name, value in self.metrics.items()}
            evidence = f"{low:+.3f} to {high:+.3f}  {p:>8}"
            lines.append(_line(self.table, i, str(self.group[i]), width, evidence, values))
        evidence = " " * 26 if self.metrics else ""
        lines.append(_line(self.overall, 0, "all rows", width, evidence, self.overall_metrics))
        if len(self) > shown:
            lines.append(f"{len(self) - shown} more groups, of less evidence, are in `to_dict`.")
        if self.n_small:
            lines.append(f"{self.n_small} smaller groups are left out.")
        return "\n".join(line.rstrip() for line in lines)


def _line(table, i, name, width, evidence, metrics):
    values = "".join(f"  {value:>{len(metric)}.3f}" for metric, value in metrics.items())
    return (
        f"{name:<{width}} {table.count[i]:>7}  {table.confidence[i]:>10.3f}  {table.accuracy[i]:>8.3f}"
        f"  {table.gap[i]:>+6.3f}  {evidence}{values}"
    )


def calibration_by_group(
    y_true,
    y_proba,
    groups,
    *,
    metric=None,
    depth=1,
    min_count=30,
    confidence_level=0.95,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
):
    r"""Gap between confidence and accuracy in each group, with intervals that allow for their number.

    A model may be honest on average and wrong about everyone. With many groups some gap is always
    large by chance: the intervals hold all at once, and p-values are adjusted for the number of groups
    that were looked at, combinations of columns included.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1].
    groups : data frame, dict of columns, or array-like of shape (n_samples,) or (n_samples, n_columns)
        What rows are grouped by. Each distinct value of a column is a group; missing ones are one.
        Cut numbers of many values into classes first.
    metric : callable, or dict of str to callable, default=None
        Further metrics of each group, such as `expected_calibration_error` or
        :func:`sklearn.metrics.log_loss`: called with labels and probabilities of its rows, and, as far
        as they take them, `sample_weight`, `pos_label`, `labels` and `kind`.
    depth : int, default=1
        Largest number of columns that form a group together; with 2 there are groups of each column
        and of each pair of columns.
    min_count : int, default=30
        Groups of fewer rows are left out (and counted in `n_small`).
    confidence_level : float in (0, 1), default=0.95
        Of all intervals at once.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies: a row of weight 3 is three rows. Others are
        scaled so that they sum to the effective number of rows ``(sum w)^2 / sum w^2``.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "record"}, default="auto"
        What is compared with what; "auto" is "positive" for two classes and "confidence" for more.

    Returns
    -------
    result : GroupCalibration
        Groups by falling evidence of a gap. ``print`` shows it, ``to_frame()`` has the columns.

    Warns
    -----
    UserWarning
        If no group has `min_count` rows; the result is then empty.

    See Also
    --------
    multicalibration_error : One number, which sees errors that cancel out within a group too.
    sklearn_calib.display.GroupCalibrationDisplay : The same as a picture.
    sklearn_calib.ContextualCalibrator : Mends what is found here.

    Notes
    -----
    Intervals are those of Clopper and Pearson for the accuracy, shifted by the confidence, at the level
    :math:`1 - \alpha / m` for m groups (Bonferroni); p-values are their counterpart, adjusted by Holm's
    method [2]_, which rejects a little more. Both need no large groups, nor independent ones. The number
    of rows is the effective one [1]_, at which a group of equal probabilities is as noisy: probabilities
    that differ between rows make the gap less noisy. Probabilities are taken as given. In simulations of
    calibrated groups of 10 to 1000 rows, with confidences from all over [0, 1] to 98 % on average, no
    more than 5, 0.5 and 0.1 % of the p-values were below 0.05, 0.005 and 0.001 (fewer in small groups).

    References
    ----------
    .. [1] Korn and Graubard (1998). Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data. Survey Methodology 24, 193-201.
    .. [2] Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
       Statistics 6, 65-70.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.metrics import calibration_by_group
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> result = calibration_by_group(records.target, records.data, records.subject, kind="record")
    >>> result.group[0], f"{result.gap[0]:.3f}"
    ('math', '0.218')
    """
    check_number(confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True)
    check_count(min_count, "min_count")
    arguments = {"pos_label": pos_label, "labels": labels}
    grouped = grouped_events(
        y_true, y_proba, groups, depth, kind=kind, sample_weight=sample_weight, **arguments
    )
    table, n_small = group_table(grouped, min_count)
    table, pvalue = _by_evidence(table)
    level = 1 - (1 - confidence_level) / max(len(table), 1)
    lower, upper = gap_interval(table, level)
    every = _metric_values(
        metric, grouped, table.group, y_true, y_proba, sample_weight, kind=kind, **arguments
    )
    return GroupCalibration(
        table=table,
        gap_lower=lower,
        gap_upper=upper,
        pvalue=pvalue,
        pvalue_adjusted=holm(pvalue),
        metrics={name: values[:-1] for name, values in every.items()},
        overall=overall_table(grouped.events),
        overall_metrics={name: float(values[-1]) for name, values in every.items()},
        n_small=n_small,
        confidence_level=confidence_level,
    )


def _by_evidence(table):
    """Groups by rising p-value, those too small for a number by their gap; and the p-values."""
    pvalue = gap_pvalue(table)
    order = np.lexsort((-np.abs(table.gap) * np.sqrt(table.weight), pvalue))
    return take(table, order), pvalue[order]


def _metric_values(metric, grouped, names, y_true, y_proba, sample_weight, **arguments):
    """Values of each metric in the named groups, and at last of all rows."""
    if metric is None:
        return {}
    named = metric if isinstance(metric, Mapping) else {_name_of(metric): metric}
    y, proba = check_labels(y_true), check_probabilities(y_proba)
    weight = check_weights(sample_weight, y.size)
    members = _members(grouped)
    groups = [*(members[name] for name in names), grouped.rows]
    if arguments["labels"] is None and arguments["kind"] != "record":
        present = y[grouped.rows]
        arguments["labels"] = class_names(present, proba, None, arguments["pos_label"])
    return {
        name: _values(function, groups, y, proba, weight, arguments)
        for name, function in named.items()
    }


def _values(function, groups, y, proba, weight, arguments):
    if not callable(function):
        raise TypeError(f"metric must be callable, or a dict of callables; got {function!r}.")
    taken = _taken_arguments(function, arguments)
    weighted = weight is not None and "sample_weight" in _parameters(function)

    def value(rows):
        weights = {"sample_weight": weight[rows]} if weighted else {}
        return function(y[rows], proba[rows], **weights, **taken)

    return np.array([value(rows) for rows in groups])


def _name_of(metric):
    return getattr(metric.func if isinstance(metric, partial) else metric, "__name__", "metric")


def _members(grouped):
    """Rows of the input in each group, by its name."""
    members: dict[str, np.ndarray] = {}
    for code, names in grouped.partitions:
        order = np.argsort(code, kind="stable")
        starts = np.cumsum(np.bincount(code))[:-1]
        parts = np.split(grouped.rows[order], starts)
        members |= dict(zip(names, parts, strict=True))
    return members


def _parameters(function):
    return inspect.signature(function).parameters


def _taken_arguments(function, arguments):
    """Arguments that a metric takes and that say anything, without those a partial has set."""
    known, given = _parameters(function), getattr(function, "keywords", {})
    taken = {k: v for k, v in arguments.items() if v is not None and k in known and k not in given}
    if taken.get("kind") == "auto":
        del taken["kind"]
    if arguments["kind"] == "record" and "kind" not in known and "labels" in known:
        taken["labels"] = [0, 1]  # a metric that knows labels only
    return taken
