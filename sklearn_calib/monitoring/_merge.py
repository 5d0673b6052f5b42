"""Two monitors of independent streams become one."""

import numpy as np

from sklearn_calib._core.betting import left_to_stake
from sklearn_calib.monitoring._storage import save_state


def merge_into(monitor, other):
    """Return `monitor` with the rows of `other` behind its own; `other` stays as it is."""
    ours, theirs = save_state(monitor), save_state(other)
    if ours["parameters"] != theirs["parameters"]:
        raise ValueError("Monitors with different parameters cannot be merged.")
    n_rows, evidence = monitor.n_rows, monitor._evidence
    parts = np.arange(1 + other.n_bins + len(other.groups))
    if other.groups:
        code = monitor._encode(np.array(other.groups, dtype=object))
        parts[1 + other.n_bins :] = 1 + monitor.n_bins + code
        monitor._group_sums[:, code] += other._group_sums
    before = float(evidence.now().max()) if n_rows else 0.0
    _merge_alarms(monitor, other, parts, n_rows)
    _merge_wealth(evidence.wealth, other._evidence.wealth, parts, n_rows, evidence.at_once(parts))
    monitor._periods = monitor._periods.followed_by(other._periods, before)
    _note_new_alarms(monitor)
    return monitor


def _merge_wealth(ours, theirs, parts, n_rows, at_once):
    """Multiply the wealth of two streams, bet by bet, or add it where every start has the stake 1.

    A stake is what the mixture M over past starts has won plus the rest R that later starts will bet.
    Of the product of (M + R) of both streams the part R R is given up, and what is left is scaled so
    that with the rest R of the joint number of rows all stakes are 1 again.
    """
    first = ours.log_product[parts] + ours.log_starts[parts]
    second = theirs.log_product + theirs.log_starts
    n, m = ours.n_rows[parts], theirs.n_rows
    mixture = np.logaddexp(first, second)
    if at_once is not None:
        rests = [left_to_stake(k, at_once)[:, None] for k in (n, m, n + m)]
        share = (1 - rests[2]) / np.maximum(1 - rests[0] * rests[1], np.finfo(float).tiny)
        crosses = np.logaddexp(first + np.log(rests[1]), second + np.log(rests[0]))
        with np.errstate(divide="ignore"):
            mixture = np.log(share) + np.logaddexp(first + second, crosses)
    _merge_lows(ours, theirs, parts, n_rows)
    ours.log_product[parts] += theirs.log_product
    ours.log_starts[parts] = mixture - ours.log_product[parts]
    ours.n_rows[parts] = n + m


def _merge_lows(ours, theirs, parts, n_rows):
    """Keep the start of the steeper rise: of the stream in which a change is more likely."""
    rise, other = ours.log_product[parts] - ours.low[parts], theirs.log_product - theirs.low
    row = np.where(other > rise, theirs.low_row + n_rows, ours.low_row[parts])
    ours.low_row[parts] = row
    ours.low[parts] = ours.log_product[parts] + theirs.log_product - np.maximum(rise, other)


def _merge_alarms(monitor, other, parts, n_rows):
    ours, theirs = monitor._evidence, other._evidence
    new = np.flatnonzero((ours.alarm_row[parts] < 0) & (theirs.alarm_row >= 0))
    at = parts[new]
    ours.alarm_row[at] = theirs.alarm_row[new] + n_rows
    ours.onset_row[at] = theirs.onset_row[new] + n_rows
    ours.alarm_bet[at] = theirs.alarm_bet[new]
    for part, target in zip(new.tolist(), at.tolist(), strict=True):
        monitor._alarm_times[target] = other._alarm_times.get(part)
    ours.peak[parts] = np.maximum(ours.peak[parts], theirs.peak)


def _note_new_alarms(monitor):
    """Raise the alarms to which neither stream alone had enough evidence."""
    evidence = monitor._evidence
    wealth = evidence.wealth
    evidence.peak = np.maximum(evidence.peak, wealth.log_evidence())
    over = evidence.now() >= evidence.threshold
    for part in np.flatnonzero(over & (evidence.alarm_row < 0)).tolist():
        k = int((wealth.log_product[part] + wealth.log_starts[part]).argmax())
        evidence.alarm_row[part] = monitor.n_rows - 1
        evidence.alarm_bet[part] = k
        evidence.onset_row[part] = wealth.low_row[part, k]
        monitor._alarm_times[part] = monitor._periods.last_time[-1]
