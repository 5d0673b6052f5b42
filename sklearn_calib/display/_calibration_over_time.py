"""Calibration over time: the gap between confidence and accuracy, period by period."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from sklearn_calib._validation import check_labels, check_number, check_same_length
from sklearn_calib.display._base import (
    REFERENCE_STYLE,
    axes_to_draw_on,
    draw_curves,
    import_pyplot,
    merge_style,
    model_labels,
    remove_spines,
    show_legend,
)
from sklearn_calib.metrics import calibration_table

_FIGSIZE = (6.4, 4.0)  # inches
_MAX_PERIODS = 24  # more intervals than this make a band of noise
_MAX_LABELS = 8  # on the axis of time
ALARM_STYLE = {"color": "#D55E00", "linestyle": "-", "linewidth": 1.4, "zorder": 1.8}
ONSET_STYLE = {"color": "#D55E00", "linestyle": "--", "linewidth": 1.2, "zorder": 1.8}


class Period(NamedTuple):
    """Consecutive rows: the first, what is after the last, their label, and sums over all of them.

    The sums are of weights, and weighted of confidence minus outcome and of its square.
    """

    start: float
    stop: float
    label: object
    weight: float
    sum_gap: float
    sum_gap_squared: float


class CalibrationOverTimeDisplay:
    """Gap between mean confidence and accuracy in each period, with intervals, alarm and onset.

    Above zero is overconfident. Make one with `from_monitor` or `from_predictions`; the constructor
    takes computed periods.

    Parameters
    ----------
    periods : list of Period
        Consecutive periods, each with ``start``, ``stop``, ``label``, ``weight``, ``sum_gap`` and
        ``sum_gap_squared``.
    alarm : float, default=None
        Row that raised an alarm, in the units of ``start``.
    onset : float, default=None
        Row where the change most likely began.
    tolerance : float, default=0.0
        Half-width of the band in which a gap is tolerated.
    name : str, default=None
        Name for the legend.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Where the gaps are.
    line_ : matplotlib Line2D
        A marker per period at its middle row and gap.
    interval_ : matplotlib Line2D or None
        Intervals of the gaps, as strokes in one line.
    ref_line_ : matplotlib Line2D or None
        The line of no gap.
    tolerance_ : matplotlib PolyCollection or None
        The band of tolerated gaps, where there is one.
    alarm_, onset_ : matplotlib Line2D or None
        Vertical lines.

    See Also
    --------
    EvidenceDisplay : Whether the gaps are more than chance.
    sklearn_calib.monitoring.CalibrationMonitor : Where alarm and onset come from.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> from sklearn_calib.display import CalibrationOverTimeDisplay
    >>> games = load_nfl_forecasts()
    >>> display = CalibrationOverTimeDisplay.from_predictions(
    ...     games.target, games.data[:, 0], kind="record", time=games.season
    ... )
    >>> display.line_.get_ydata().round(3)
    array([ 0.032, -0.004,  0.017, -0.011,  0.055,  0.046,  0.069])
    """

    def __init__(self, periods, *, alarm=None, onset=None, tolerance=0.0, name=None):
        self.periods = periods
        self.alarm = alarm
        self.onset = onset
        self.tolerance = tolerance
        self.name = name

    @classmethod
    def from_monitor(cls, monitor, *, max_periods=_MAX_PERIODS, name=None, ax=None, **plot_options):
        """Draw what a monitor has seen.

        Parameters
        ----------
        monitor : CalibrationMonitor
            With at least one row. Its first alarm and the onset of that are marked.
        max_periods : int, default=24
            Neighbouring periods are joined until there are at most so many.
        name : str, default=None
            Name for the legend.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Further keywords of `plot`.

        Returns
        -------
        display : CalibrationOverTimeDisplay
        """
        import_pyplot()
        check_number(max_periods, "max_periods", low=1, high=np.inf)
        periods = [_period_of(given) for given in monitor.periods()]
        if not periods:
            raise ValueError("The monitor has seen no rows yet.")
        joined = -(-len(periods) // int(max_periods))
        periods = [_join(periods[i : i + joined]) for i in range(0, len(periods), joined)]
        alarms = monitor.report().alarms
        display = cls(
            periods,
            alarm=alarms[0].row if alarms else None,
            onset=alarms[0].onset_row if alarms else None,
            tolerance=monitor.tolerance,
            name=name,
        )
        return display.plot(ax=ax, **plot_options)

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_proba,
        *,
        time,
        sample_weight=None,
        pos_label=None,
        labels=None,
        kind="auto",
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the gap at each value of `time`.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels; with ``kind="record"`` whether the answer was right.
        y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
            Probabilities in [0, 1], as in `calibration_table`.
        time : array-like of shape (n_samples,)
            Period of each row, such as a season or a month; periods are drawn in sorted order, side by
            side, each as wide as it has rows.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; rows of zero weight count as absent.
        pos_label : label, default=None
            See `calibration_table`.
        labels : array-like of shape (n_classes,), default=None
            Sorted labels of all classes. Needed where a period may lack a class.
        kind : {"auto", "positive", "confidence", "record"}, default="auto"
            What is compared with what; see `calibration_table`.
        name : str, default=None
            Name for the legend.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Further keywords of `plot`.

        Returns
        -------
        display : CalibrationOverTimeDisplay
        """
        import_pyplot()
        time = check_labels(time, "time")
        y_true, y_proba = np.asarray(y_true), np.asarray(y_proba)
        weight = np.ones(time.size) if sample_weight is None else np.asarray(sample_weight)
        check_same_length(y_true=y_true, y_proba=y_proba, time=time, sample_weight=weight)
        if labels is None and kind != "record":
            labels = np.unique(check_labels(y_true))
        periods, start = [], 0
        asked = {"pos_label": pos_label, "labels": labels, "kind": kind, "n_bins": 1}
        for value in np.unique(time[weight != 0]):
            rows = time == value
            table = calibration_table(
                y_true[rows], y_proba[rows], sample_weight=weight[rows], **asked
            )
            stop = start + int(table.count.sum())
            periods.append(_period(start, stop, value, table))
            start = stop
        return cls(periods, name=name).plot(ax=ax, **plot_options)

    def plot(
        self,
        ax=None,
        *,
        name=None,
        interval=True,
        confidence_level=0.95,
        ref_line=True,
        mark_alarm=True,
        curve_kwargs=None,
        ref_line_kwargs=None,
        despine=False,
    ):
        """Draw the gaps.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        name : str, default=None
            Name for the legend; None takes that of the constructor.
        interval : bool, default=True
            Draw an interval of each gap: of the mean of confidence minus outcome, by its standard error.
        confidence_level : float in (0, 1), default=0.95
            Pointwise level of these intervals.
        ref_line : bool, default=True
            Draw the line of no gap, and the tolerance if there is one.
        mark_alarm : bool, default=True
            Draw vertical lines at the alarm and at the onset, if there is an alarm.
        curve_kwargs : dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the gaps.
        ref_line_kwargs : dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the line of no gap.
        despine : bool, default=False
            Remove the lines at the top and right of the axes.

        Returns
        -------
        display : CalibrationOverTimeDisplay
            This object, with the artists as attributes.
        """
        check_number(
            confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True
        )
        self.ax_, self.figure_ = axes_to_draw_on(ax, _FIGSIZE)
        middle = np.array([(p.start + p.stop) / 2 for p in self.periods])
        gap = np.array([p.sum_gap / p.weight for p in self.periods])
        (label,) = model_labels(self.name if name is None else name, [None])
        style = {"linestyle": "-", "linewidth": 1.2, "markersize": 5, "zorder": 3, "label": label}
        (self.line_,) = draw_curves(self.ax_, [(middle, gap)], [style], curve_kwargs)
        self.interval_ = self._interval(middle, gap, confidence_level) if interval else None
        self.ref_line_ = self.tolerance_ = None
        if ref_line:
            style = merge_style(REFERENCE_STYLE, ref_line_kwargs)
            self.ref_line_ = self.ax_.axhline(0, **style)
            self.tolerance_ = self._tolerance()
        self.alarm_, self.onset_ = mark(self.ax_, *(self.alarm, self.onset) if mark_alarm else ())
        label_rows(self.ax_, [p.label for p in self.periods], middle)
        self.ax_.set_ylabel("Confidence \N{MINUS SIGN} accuracy")
        if despine:
            remove_spines(self.ax_)
        show_legend(self.ax_)
        return self

    def _interval(self, middle, gap, confidence_level):
        n = np.array([p.weight for p in self.periods])
        # One more right and one more wrong answer, each off by 1/2, keep a few rows from being sure.
        squares = np.array([p.sum_gap_squared for p in self.periods]) + 0.5
        half = ndtri((1 + confidence_level) / 2) * np.sqrt(squares / (n + 2) / n)
        nothing = np.full(n.size, np.nan)
        x = np.column_stack([middle, middle, nothing])
        y = np.column_stack([np.maximum(gap - half, -1), np.minimum(gap + half, 1), nothing])
        look = {"linewidth": 3.5, "alpha": 0.4, "solid_capstyle": "butt", "zorder": 2.5}
        return self.ax_.plot(x.ravel(), y.ravel(), color=self.line_.get_color(), **look)[0]

    def _tolerance(self):
        if not self.tolerance:
            return None
        ends = [self.periods[0].start, self.periods[-1].stop]
        look = {"color": "0.5", "alpha": 0.15, "linewidth": 0, "label": "tolerance"}
        return self.ax_.fill_between(ends, -self.tolerance, self.tolerance, **look)


def mark(ax, alarm=None, onset=None):
    """Draw vertical lines at the alarm and the onset; return them, None where there is none."""
    before = None if onset is None else ax.axvline(onset, label="onset", **ONSET_STYLE)
    return None if alarm is None else ax.axvline(alarm, label="alarm", **ALARM_STYLE), before


def label_rows(ax, labels, position):
    """Name the x axis: labels of time at a few positions where there are any, else row numbers."""
    if all(label is None for label in labels):
        ax.set_xlabel("Row")
        return
    step = -(-len(labels) // _MAX_LABELS)
    ax.set_xticks(position[::step], [str(label) for label in labels[::step]])
    ax.set_xlabel("Time")
    if max(len(str(label)) for label in labels) > 6:
        ax.tick_params(axis="x", rotation=30)


def _period(start, stop, label, table):
    gap = (table.sum_probability - table.sum_outcome).sum()
    squares = table.sum_probability_squared - 2 * table.sum_product + table.sum_outcome_squared
    return Period(start, stop, label, *map(float, (table.weight.sum(), gap, squares.sum())))


def _period_of(given):
    start = given["first_row"]
    return _period(start, start + given["n_rows"], given["first_time"], given["table"])


def _join(periods):
    sums = (sum(getattr(p, name) for p in periods) for name in Period._fields[3:])
    return Period(periods[0].start, periods[-1].stop, periods[0].label, *sums)
