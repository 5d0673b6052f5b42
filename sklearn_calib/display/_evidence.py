"""Evidence against calibration, over time."""

import numpy as np

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
from sklearn_calib.display._calibration_over_time import label_rows, mark

_FIGSIZE = (6.4, 3.6)  # inches
_LN10 = np.log(10)
# Evidence below this is no evidence; a path that sinks to 1e-300 must not hide the threshold.
_LOWEST = -4.0  # log10


class EvidenceDisplay:
    """Path of the evidence against calibration, with the threshold of an alarm.

    Evidence is what bets against calibration have won per unit staked. It may be looked at after every
    row: while confidence is honest it reaches the threshold with probability `alpha` at most. Make one
    with `from_monitor`; the constructor takes computed numbers.

    Parameters
    ----------
    row : array-like of shape (n,)
        Number of rows seen.
    log_evidence : array-like of shape (n,)
        Natural log of the evidence after these rows.
    log_threshold : float
        Natural log of the evidence that raises an alarm.
    time : list of length n, default=None
        Labels of time of these rows.
    alarm, onset : float, default=None
        Row that raised the first alarm, and where the change most likely began.
    name : str, default=None
        Name for the legend.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Where the path is; evidence on a logarithmic scale, nothing below 1e-4.
    line_ : matplotlib Line2D
        The path.
    ref_line_ : matplotlib Line2D or None
        The threshold.
    alarm_, onset_ : matplotlib Line2D or None
        Vertical lines.

    See Also
    --------
    CalibrationOverTimeDisplay : How large the gap is.
    sklearn_calib.monitoring.CalibrationMonitor : What is bet on.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> from sklearn_calib.display import EvidenceDisplay
    >>> from sklearn_calib.monitoring import CalibrationMonitor
    >>> games = load_nfl_forecasts()
    >>> monitor = CalibrationMonitor().update(games.target, games.data[:, 0], time=games.season)
    >>> display = EvidenceDisplay.from_monitor(monitor)
    >>> print(f"{10 ** display.line_.get_ydata()[-1]:.1f}")
    4.9
    """

    def __init__(
        self, row, log_evidence, log_threshold, *, time=None, alarm=None, onset=None, name=None
    ):
        self.row = row
        self.log_evidence = log_evidence
        self.log_threshold = log_threshold
        self.time = time
        self.alarm = alarm
        self.onset = onset
        self.name = name

    @classmethod
    def from_monitor(cls, monitor, *, name=None, ax=None, **plot_options):
        """Draw the evidence of a monitor, at the end of each of its periods.

        Parameters
        ----------
        monitor : CalibrationMonitor
            With at least one row. Its first alarm and the onset of that are marked.
        name : str, default=None
            Name for the legend.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Further keywords of `plot`.

        Returns
        -------
        display : EvidenceDisplay
        """
        import_pyplot()
        periods, report = monitor.periods(), monitor.report()
        if not periods:
            raise ValueError("The monitor has seen no rows yet.")
        first = report.alarms[0] if report.alarm else None
        display = cls(
            np.array([p["first_row"] + p["n_rows"] for p in periods]),
            np.array([p["log_evidence"] for p in periods]),
            float(np.log(report.threshold)),
            time=[p["last_time"] for p in periods],
            alarm=None if first is None else first.row,
            onset=None if first is None else first.onset_row,
            name=name,
        )
        return display.plot(ax=ax, **plot_options)

    def plot(
        self,
        ax=None,
        *,
        name=None,
        ref_line=True,
        mark_alarm=True,
        curve_kwargs=None,
        ref_line_kwargs=None,
        despine=False,
    ):
        """Draw the path.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. Further paths on the same axes get further colours.
        name : str, default=None
            Name for the legend; None takes that of the constructor.
        ref_line : bool, default=True
            Draw the threshold.
        mark_alarm : bool, default=True
            Draw vertical lines at the alarm and at the onset, if there is an alarm.
        curve_kwargs : dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the path.
        ref_line_kwargs : dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the threshold.
        despine : bool, default=False
            Remove the lines at the top and right of the axes.

        Returns
        -------
        display : EvidenceDisplay
            This object, with the artists as attributes.
        """
        self.ax_, self.figure_ = axes_to_draw_on(ax, _FIGSIZE)
        row = np.asarray(self.row)
        exponent = np.maximum(np.asarray(self.log_evidence) / _LN10, _LOWEST)
        (label,) = model_labels(self.name if name is None else name, [None])
        style = {"linestyle": "-", "linewidth": 1.5, "marker": "none", "zorder": 3, "label": label}
        (self.line_,) = draw_curves(self.ax_, [(row, exponent)], [style], curve_kwargs)
        self.ref_line_ = None
        if ref_line:
            style = {**REFERENCE_STYLE, "label": f"alarm at {np.exp(self.log_threshold):.3g}"}
            style = merge_style(style, ref_line_kwargs)
            self.ref_line_ = self.ax_.axhline(self.log_threshold / _LN10, **style)
        self.alarm_, self.onset_ = mark(self.ax_, *(self.alarm, self.onset) if mark_alarm else ())
        label_rows(self.ax_, [None] * row.size if self.time is None else self.time, row)
        self.ax_.yaxis.set_major_formatter(_power_of_ten)
        self.ax_.set_ylabel("Evidence against calibration")
        if despine:
            remove_spines(self.ax_)
        show_legend(self.ax_, loc="upper left")
        return self


def _power_of_ten(exponent, _position=None):
    """Return the text of a tick at a power of ten, nothing in between."""
    whole = round(exponent)
    if abs(exponent - whole) > 1e-6:
        return ""
    return f"{10.0**whole:g}" if abs(whole) <= 3 else f"1e{whole}"
