"""Evidence of all rows, of each bin and of each group, and the first alarm of each."""

import numpy as np

from sklearn_calib._core.betting import Wealth, bet, spread

# The stake is divided before the first row: most for all rows, a part evenly for the bins, a part for
# the groups in the order of their appearance, about evenly for the first so many.
_ALL, _BINS, _GROUPS = 0.7, 0.15, 0.15
_GROUP_SCALE = 10.0
# Share of a part's stake that is bet from its first row on: more for all rows, which may be off from the
# start, than for bins and groups, which are where a change shows.
_ALL_AT_ONCE, _PART_AT_ONCE = 0.8, 0.4


class Evidence:
    """Wealth of parts: 0 is all rows, then the bins, then the groups.

    The greatest weighted evidence of a part is at most the weighted sum, which is an e-process; so it
    may alarm, and every part whose own weighted evidence reaches the threshold may be named, with
    one error probability for all.
    """

    def __init__(self, n_bins, threshold, *, forever):
        self.n_bins = n_bins
        self.threshold = threshold  # of the log
        self.forever = forever
        self.wealth = Wealth(1 + n_bins)
        self.peak = np.full(1 + n_bins, -np.inf)  # of the log evidence, without the part's weight
        # First alarm of each part: the row that raised it, the leading bet, where it began; -1 is none.
        self.alarm_row = np.full(1 + n_bins, -1)
        self.alarm_bet = np.full(1 + n_bins, -1)
        self.onset_row = np.full(1 + n_bins, -1)

    def grow(self, n_groups):
        """Make room for so many groups."""
        new = 1 + self.n_bins + n_groups - self.peak.size
        if new > 0:
            self.wealth.grow(new)
            self.peak = np.append(self.peak, np.full(new, -np.inf))
            for name in ("alarm_row", "alarm_bet", "onset_row"):
                setattr(self, name, np.append(getattr(self, name), np.full(new, -1)))

    def log_weight(self, part=slice(None)):
        """Log of the share of the stake of each part, or of one."""
        shares = spread(0, self.peak.size - 1 - self.n_bins, _GROUP_SCALE)
        weights = np.concatenate(
            [[_ALL], np.full(self.n_bins, _BINS / self.n_bins), _GROUPS * shares]
        )
        return np.log(weights)[part]

    def at_once(self, part):
        """Share of the stake of a part (or of several) that is bet from its first row on."""
        return np.where(part == 0, _ALL_AT_ONCE, _PART_AT_ONCE) if self.forever else None

    def now(self):
        """Weighted log evidence of each part, after all rows so far."""
        return self.wealth.log_evidence() + self.log_weight()

    def add(self, factors, first_row, cell, code, ends):
        """Bet on rows with these log factors; return the greatest log evidence after the rows `ends`.

        `cell` is the bin and `code` the group (or None) of each row; groups have room.
        """
        before, weight = self.now(), self.log_weight()
        members = [(0, np.arange(cell.size)), *_members(1 + cell)]
        if code is not None:
            members += _members(1 + self.n_bins + code)
        touched = [part for part, _ in members]
        untouched = np.delete(before, touched)
        path = np.full(len(ends), untouched.max(initial=-np.inf))
        for part, index in members:
            own = factors if index.size == cell.size else factors[:, index]
            evidence = weight[part] + self._bet(part, own, first_row + index, weight[part])
            series = np.concatenate([[before[part]], evidence])
            np.maximum(path, series[np.searchsorted(index, ends, side="right")], out=path)
        return path

    def _bet(self, part, factors, rows, weight):
        """Bet on the rows of a part, note its peak and its first alarm; return its log evidence."""
        low, low_row = self.wealth.low[part].copy(), self.wealth.low_row[part].copy()
        won = bet(self.wealth, part, factors, rows, self.at_once(part))
        evidence = won.log_evidence
        self.peak[part] = max(self.peak[part], evidence.max())
        if self.alarm_row[part] < 0 and self.peak[part] + weight >= self.threshold:
            i = int(np.argmax(evidence + weight >= self.threshold))
            k = int(won.log_mixture[:, i].argmax())
            product = won.log_product[k, : i + 1]
            lowest = int(product.argmin())
            self.alarm_row[part], self.alarm_bet[part] = rows[i], k
            self.onset_row[part] = rows[lowest] + 1 if product[lowest] < low[k] else low_row[k]
        return evidence

    def alarmed(self):
        """Parts that raised an alarm, the earliest first."""
        parts = np.flatnonzero(self.alarm_row >= 0)
        return parts[np.argsort(self.alarm_row[parts], kind="stable")]


def _members(part):
    """Pairs of a part and the positions of its rows, ascending."""
    order = np.argsort(part, kind="stable")
    parts, first = np.unique(part[order], return_index=True)
    return zip(parts.tolist(), np.split(order, first[1:]), strict=True)
