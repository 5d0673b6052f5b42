"""What `select_tiers` found: which confidence leads to which action, and how accurate that is."""

from dataclasses import dataclass

import numpy as np

from sklearn_calib._core.intervals import wilson_interval
from sklearn_calib._validation import check_confidences

# Of the intervals in the table, which describe and promise nothing.
_INTERVAL_LEVEL = 0.95
# Characters of a number that a person may have stated; the number after it has 17 or more.
_ROUND = 10


@dataclass(frozen=True)
class Tier:
    """One action: the confidences that lead to it, and the calibration rows among them.

    Attributes
    ----------
    action : str
        Name of the tier.
    target_accuracy : float or None
        Accuracy asked for; None for what is left over.
    lower, upper : float
        A row belongs to the tier if ``lower <= confidence < upper``; none does if they are equal.
    count : int
        Number of rows of positive weight.
    weight : float
        Their weight; equals `count` without weights.
    share : float
        Their share of the weight of all rows, in [0, 1].
    accuracy : float
        Their accuracy, or mean quality, in [0, 1]; NaN where there are none.
    accuracy_interval : tuple of two floats
        Wilson interval of the accuracy, pointwise at 95 %; weights count as frequencies. (0, 1) where
        there are no rows.
    certified : bool
        Whether the target accuracy is promised.
    """

    action: str
    target_accuracy: float | None
    lower: float
    upper: float
    count: int
    weight: float
    share: float
    accuracy: float
    accuracy_interval: tuple[float, float]
    certified: bool


@dataclass(frozen=True, eq=False)
class SelectedTiers:
    """Tiers of confidence, from the surest down; `print` shows them as a table.

    ``tiers[action]`` is the `Tier` of an action, and iterating gives all of them.

    Attributes
    ----------
    tiers : tuple of Tier
        In the order asked for; the last one is what is left over.
    confidence_level : float or None
        Probability, over the calibration rows, with which all promises hold together; None where
        nothing is promised.
    n_rows : int
        Number of calibration rows of positive weight.
    guarantee : str
        What is promised, under which assumption, from how many rows; or that nothing is.
    """

    tiers: tuple[Tier, ...]
    confidence_level: float | None
    n_rows: int
    guarantee: str

    @property
    def actions(self):
        """Names of the tiers, the last one for what is left over."""
        return tuple(tier.action for tier in self.tiers)

    @property
    def otherwise(self):
        """Name of the action for what is left over."""
        return self.tiers[-1].action

    def route(self, confidence):
        """Action of each row.

        Parameters
        ----------
        confidence : array-like of shape (n_samples,)
            Confidences of the kind that the tiers were selected with, finite.

        Returns
        -------
        action : ndarray of shape (n_samples,) of str
            Names of tiers.
        """
        confidence = check_confidences(confidence)
        lower = np.array([tier.lower for tier in self.tiers], dtype=confidence.dtype)
        position = np.argmax(confidence[:, None] >= lower, axis=1)
        return np.array(self.actions)[position]

    def __iter__(self):
        return iter(self.tiers)

    def __len__(self):
        return len(self.tiers)

    def __getitem__(self, action):
        for tier in self.tiers:
            if tier.action == action:
                return tier
        raise KeyError(f"{action!r} is not one of the actions {self.actions!r}.")

    def __str__(self):
        width = max(12, *map(len, self.actions))
        header = (
            f"{'':<{width}} {'confidence':<16} {'rows':>8} {'share':>8} {'right':>8}   "
            f"{'95 % interval':<15} {'wanted':>7}"
        )
        lines = [f"{tier.action:<{width}} {_cells(tier)}".rstrip() for tier in self.tiers]
        return "\n".join([header, *lines])


def _cells(tier):
    range_, size = _confidences(tier), f"{tier.count:>8,} {100 * tier.share:>6.1f} %"
    right = interval = ""
    if tier.count:
        low, high = tier.accuracy_interval
        right, interval = f"{100 * tier.accuracy:.1f} %", f"{100 * low:.1f} - {100 * high:.1f} %"
    wanted = "" if tier.target_accuracy is None else f"{100 * tier.target_accuracy:.4g} %"
    promise = " certified" if tier.certified else ""
    return f"{range_:<16} {size} {right:>8}   {interval:<15} {wanted:>7}{promise}"


def _confidences(tier):
    """The range of a tier in words; what is above a round number is not said to reach it."""
    if tier.lower == tier.upper:
        return "none"
    (low, from_low), (high, from_high) = _said(tier.lower), _said(tier.upper)
    if tier.lower == -np.inf:
        below = f"below {high}" if from_high else f"up to {high}"
        return "all" if tier.upper == np.inf else below
    if tier.upper == np.inf:
        return f"{low} or more" if from_low else f"above {low}"
    return f"{low} to {high}"


def _said(limit):
    """Number to show for a lower limit, and whether it belongs to it: 0.9000000000000001 is above 0.9."""
    below = float(np.nextafter(limit, -np.inf))
    above_round_number = len(repr(below)) <= _ROUND < len(repr(limit))
    return f"{below if above_round_number else limit:.4g}", not above_round_number


def describe_tiers(tiers, otherwise, bounds, confidence, correct, weight, confidence_level):
    """Tiers with (lower, upper, certified) as `bounds`, and what the rows show of them."""
    bounds = [*bounds, (-np.inf, bounds[-1][0], False)]
    named = [*tiers, (otherwise, None)]
    weight = np.ones(correct.size) if weight is None else weight
    total = float(weight.sum())
    rows = []
    for (action, target), (lower, upper, certified) in zip(named, bounds, strict=True):
        inside = (confidence >= lower) & (confidence < upper)
        rows.append(_tier(action, target, lower, upper, certified, inside, correct, weight, total))
    return SelectedTiers(
        tiers=tuple(rows),
        confidence_level=confidence_level,
        n_rows=correct.size,
        guarantee=_guarantee(rows, confidence_level, correct.size),
    )


def _tier(action, target, lower, upper, certified, inside, correct, weight, total):
    size = float(weight[inside].sum())
    right = min(float(np.sum(weight[inside] * correct[inside])), size)
    interval, accuracy = (0.0, 1.0), float("nan")
    if size:
        accuracy = right / size
        low, high = wilson_interval(right, size, _INTERVAL_LEVEL)
        interval = float(low), float(high)
    count = int(np.count_nonzero(inside))
    share = size / total
    return Tier(action, target, lower, upper, count, size, share, accuracy, interval, certified)


def _guarantee(tiers, confidence_level, n_rows):
    """What is promised, as sentences."""
    if confidence_level is None:
        return f"What was observed on {n_rows:,} rows; nothing is promised for others."
    kept = [tier for tier in tiers if tier.certified]
    empty = [tier for tier in tiers[:-1] if not tier.certified]
    sentences = []
    if kept:
        promises = " and ".join(f"{_percent(t.target_accuracy)} of {t.action!r}" for t in kept)
        sentences = [
            f"With probability {_percent(confidence_level)}, at least {promises} are right.",
            f"Learnt from {n_rows:,} rows, for further independent rows of the same kind.",
        ]
    sentences += [f"Nothing could be certified for {tier.action!r}." for tier in empty]
    return " ".join(sentences)


def _percent(share):
    return f"{100 * share:.6g} %"
