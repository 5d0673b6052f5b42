"""What a monitor says when asked: alarm, evidence, where, since when, and what to do."""

from dataclasses import dataclass

import numpy as np

from sklearn_calib._core.betting import BETS, N_SHIFTS
from sklearn_calib._core.intervals import wilson_interval

_CLEAR = 2.0  # standard errors of a mean gap that is told apart from none
_LEVEL = 0.95  # of the lower limit of the accuracy that a new threshold must meet


@dataclass(frozen=True)
class Alarm:
    """An alarm of all rows, of one bin or of one group.

    Attributes
    ----------
    where : {"all", "bin", "group"}
        What the alarm is about.
    name : object
        None for all rows, ``(lower, upper)`` of the bin, or the label of the group.
    direction : str
        What the leading bet says of these rows: "overconfident" or "underconfident", or, where high and
        low confidences err in opposite directions, "too extreme" (log-odds too far from 0, as a
        temperature above 1 repairs) or "too timid".
    row, time : int, object
        The row that raised it, counted from 0, and its time.
    onset_row, onset_time : int, object
        Where the change most likely began, as it looked when the alarm was raised, and the time of the
        first row of the period that holds it.
    evidence : float
        Greatest evidence so far, weighted as for the alarm; may be infinite.
    gap : float
        Mean confidence minus mean outcome since the onset (for a group: of all its rows).
    """

    where: str
    name: object
    direction: str
    row: int
    time: object
    onset_row: int
    onset_time: object
    evidence: float
    gap: float

    def __str__(self):
        since, noticed = at(self.onset_row, self.onset_time), at(self.row, self.time)
        gap = f"gap {self.gap:+.3f}" + (" of all its rows" if self.where == "group" else "")
        return f"{self.place}: {self.direction} ({gap}) since {since}, noticed at {noticed}"

    @property
    def place(self):
        """What the alarm is about, in words."""
        if self.where == "bin":
            return "confidences {:.3g} to {:.3g}".format(*self.name)  # type: ignore[misc]
        return "all rows" if self.where == "all" else f"group {self.name}"


@dataclass(frozen=True)
class MonitorReport:
    """State of a monitor in numbers; ``print`` shows it in words.

    Attributes
    ----------
    n_rows : int
        Number of rows of positive weight.
    alarm : bool
        Whether an alarm was ever raised.
    alarms : tuple of Alarm
        The first alarm of all rows, of each bin and of each group that raised one, earliest first.
        With probability 1 - alpha no part is named that is honest.
    evidence, peak_evidence, threshold : float
        Evidence now and at its greatest, and what raises an alarm. Without `average_run_length`
        ``min(1, 1 / peak_evidence)`` is an anytime-valid p-value.
    gap : float
        Mean confidence minus mean outcome since the onset of the first alarm, of all rows without.
    actions : tuple of str
        What to do, the most urgent first; empty without an alarm.
    """

    n_rows: int
    alarm: bool
    alarms: tuple
    evidence: float
    peak_evidence: float
    threshold: float
    gap: float
    actions: tuple

    def __str__(self):
        head = "ALARM" if self.alarm else "no alarm"
        lines = [
            f"{head} after {self.n_rows} rows: evidence {self.evidence:.3g}, at most "
            f"{self.peak_evidence:.3g} (alarm at {self.threshold:.3g}), gap {self.gap:+.3f}"
        ]
        lines += [f"  {alarm}" for alarm in self.alarms]
        lines += [f"  -> {action}" for action in self.actions]
        return "\n".join(lines)


def at(row, time):
    """Return a place in the stream in words, with its time, if it has one."""
    return f"row {row}" if time is None else f"{time} (row {row})"


def direction_of(index, table, *, in_bin):
    """Return what a bet is a bet on; one on the slope is named by the gap where that is clear."""
    low = bool(BETS[index] < 0)
    if index >= N_SHIFTS:
        gap = (table.sum_probability - table.sum_outcome).sum()
        variance = (table.sum_probability - table.sum_probability_squared).sum()
        if not in_bin and gap**2 <= _CLEAR**2 * variance:
            return "too extreme" if low else "too timid"
        low = bool(gap > 0)
    return "overconfident" if low else "underconfident"


def actions_of(alarms, table, n_groups, target_accuracy):
    """Return what to do: recalibrate, look at groups (unless it is all of them), move the threshold."""
    if not alarms:
        return ()
    groups = [str(alarm.name) for alarm in alarms if alarm.where == "group"]
    actions = []
    if any(alarm.where != "group" for alarm in alarms):
        first = min((a for a in alarms if a.where != "group"), key=lambda a: a.row)
        actions.append(f"recalibrate on rows since {at(first.onset_row, first.onset_time)}")
    if groups and (len(groups) < n_groups or not actions):
        actions.append(f"look at group{'s' * (len(groups) > 1)} {', '.join(groups)}")
    if target_accuracy is not None:
        actions.append(_threshold_action(table, target_accuracy))
    return tuple(actions)


def _threshold_action(table, target_accuracy):
    """Lowest edge above which the accuracy is, with its uncertainty, what is required."""
    right, n = np.cumsum(table.sum_outcome[::-1]), np.cumsum(table.weight[::-1])
    low, _ = wilson_interval(right, n, _LEVEL)
    met = np.flatnonzero(low >= target_accuracy)
    if met.size == 0:
        return f"no threshold on the confidence gives accuracy {target_accuracy:g}: answer nothing"
    i = met[-1]
    return (
        f"answer above confidence {table.lower[::-1][i]:.3g}: accuracy {right[i] / n[i]:.3f} there "
        f"(at least {low[i]:.3f})"
    )
