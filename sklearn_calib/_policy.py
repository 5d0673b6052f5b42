"""A decision as a file that a person can read: what to do at which confidence, and what is promised."""

import json
from dataclasses import asdict, dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._core.bins import assign_bins
from sklearn_calib._core.scores import Scores
from sklearn_calib._validation import check_confidences, check_number, check_unit_range
from sklearn_calib.calibrators import BinningCalibrator, IdentityCalibrator, TemperatureScaler

FORMAT = "sklearn_calib policy"
VERSION = 1
# Of what is only there to be read; thresholds and calibrators are kept to the last bit.
_DIGITS = 4


@dataclass(frozen=True)
class BinnedCalibration:
    """Probability of each bin ``(edges[i], edges[i + 1]]``, with 0 in the first; no calibrator needed."""

    kind: ClassVar[str] = "binning"
    edges: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, confidence):
        """Calibrated probabilities."""
        return np.array(self.values)[assign_bins(confidence, np.array(self.edges))]


@dataclass(frozen=True)
class TemperatureCalibration:
    """Log-odds divided by a temperature; confidences closer than eps to 0 or 1 are kept that far away."""

    kind: ClassVar[str] = "temperature"
    temperature: float
    eps: float

    def __call__(self, confidence):
        """Calibrated probabilities."""
        log_odds = Scores(confidence, "proba").log_odds(self.eps)
        return Scores(log_odds / self.temperature, "logits").proba()[:, 1]


class PolicyTier(NamedTuple):
    """An action and the confidence from which on it is taken; what it held on the calibration rows.

    `threshold` is None for a tier that is never taken, `accuracy` and `accuracy_interval` where it held
    no rows. See `sklearn_calib.selective.Tier`.
    """

    action: str
    threshold: float | None
    target_accuracy: float
    certified: bool
    share: float
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Policy:
    """What to do with an answer of a stated confidence; written to a file and read again.

    A row takes the first tier, from the surest down, whose threshold its confidence reaches, and
    `otherwise` where there is none. Thresholds are on the confidence as stated. The calibrator does not
    decide: it says what a stated confidence is worth, and can therefore be learnt from the same rows
    without touching the promise.

    Attributes
    ----------
    tiers : tuple of PolicyTier
        From the surest down.
    otherwise : str
        Action where no threshold is reached.
    calibrator : BinnedCalibration, TemperatureCalibration or None
        A few plain numbers that turn a stated confidence into a probability; None leaves it as it is.
    guarantee : str
        What is promised, under which assumption, from how many rows; or that nothing is.
    confidence_level : float or None
        Probability with which the promises hold together; None where nothing is promised.
    n_rows : int
        Number of rows that it was learnt from.

    See Also
    --------
    sklearn_calib.selective.select_tiers : Finds the tiers.

    Notes
    -----
    The file is JSON with ``"format"`` and ``"version"``, and the attributes above: numbers and words, no
    pickle. A file that is not complete, holds other entries, or is of another version is refused.

    Examples
    --------
    >>> from sklearn_calib import Policy
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.selective import select_tiers
    >>> gpt = load_mmlu_pro_confidence(model="gpt-4o")
    >>> selected = select_tiers(gpt.target, gpt.data[:, 0], tiers=[("answer", 0.8), ("flag", 0.5)])
    >>> policy = Policy.from_tiers(selected)
    >>> text = policy.to_json()
    >>> Policy.from_json(text).route([0.99, 0.9, 0.3])
    array(['answer', 'flag', 'defer'], dtype='<U6')
    """

    tiers: tuple[PolicyTier, ...]
    otherwise: str
    calibrator: BinnedCalibration | TemperatureCalibration | None
    guarantee: str
    confidence_level: float | None
    n_rows: int

    _names: ClassVar[tuple[str, ...]] = (
        "guarantee",
        "tiers",
        "otherwise",
        "calibrator",
        "confidence_level",
        "n_rows",
    )

    @classmethod
    def from_tiers(cls, selected, calibrator=None):
        """Policy of tiers that were selected on stated confidences in [0, 1].

        Parameters
        ----------
        selected : SelectedTiers
            What `select_tiers` returned.
        calibrator : fitted calibrator or None, default=None
            What a stated confidence is worth: a `BinningCalibrator`, `TemperatureScaler` or
            `IdentityCalibrator`, fitted on one column of confidences with two classes, or the
            calibrator of another policy.

        Returns
        -------
        policy : Policy
        """
        return cls(
            tiers=tuple(_policy_tier(tier) for tier in selected.tiers[:-1]),
            otherwise=selected.otherwise,
            calibrator=plain_calibrator(calibrator),
            guarantee=selected.guarantee,
            confidence_level=selected.confidence_level,
            n_rows=selected.n_rows,
        )

    def route(self, confidence):
        """Action of each row.

        Parameters
        ----------
        confidence : array-like of shape (n_samples,)
            Stated confidences in [0, 1].

        Returns
        -------
        action : ndarray of shape (n_samples,) of str
        """
        confidence = check_unit_range(check_confidences(confidence), "confidence")
        taken = [tier for tier in self.tiers if tier.threshold is not None]
        actions = np.array([*(tier.action for tier in taken), self.otherwise])
        thresholds = np.array([*(tier.threshold for tier in taken), 0.0], dtype=confidence.dtype)
        return actions[np.argmax(confidence[:, None] >= thresholds, axis=1)]

    def calibrate(self, confidence):
        """Probability that an answer of each stated confidence is right, by the calibrator.

        Parameters
        ----------
        confidence : array-like of shape (n_samples,)
            Stated confidences in [0, 1].

        Returns
        -------
        probability : ndarray of shape (n_samples,)
            In [0, 1]; the confidences themselves without a calibrator.
        """
        confidence = check_unit_range(check_confidences(confidence), "confidence")
        return confidence if self.calibrator is None else self.calibrator(confidence)

    def to_json(self):
        """Text of the policy's file.

        Returns
        -------
        text : str
            JSON, one entry per line.
        """
        fields = asdict(self)
        fields["tiers"] = [tier._asdict() for tier in self.tiers]
        if self.calibrator is not None:
            fields["calibrator"] = {"kind": self.calibrator.kind, **fields["calibrator"]}
        entries = {"format": FORMAT, "version": VERSION}
        entries |= {name: fields[name] for name in self._names}
        return json.dumps(entries, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text):
        """Policy of a file's text.

        Parameters
        ----------
        text : str
            What `to_json` returned.

        Returns
        -------
        policy : Policy

        Raises
        ------
        ValueError
            If it is not the complete text of a policy of this version.
        """
        entries = _entries(text, cls._names)
        tiers = tuple(_read_tier(entry) for entry in _list(entries["tiers"], "tiers"))
        policy = cls(
            tiers=tiers,
            otherwise=_word(entries["otherwise"], "otherwise"),
            calibrator=_read_calibrator(entries["calibrator"]),
            guarantee=_word(entries["guarantee"], "guarantee"),
            confidence_level=_share(entries["confidence_level"], "confidence_level", optional=True),
            n_rows=_count(entries["n_rows"], "n_rows"),
        )
        _check_order(policy)
        return policy


def plain_calibrator(fitted):
    """The numbers of a fitted calibrator of confidences.

    Parameters
    ----------
    fitted : BinningCalibrator, TemperatureScaler, IdentityCalibrator or None
        Fitted on one column of confidences, with two classes; plain numbers are returned as they are.

    Returns
    -------
    calibrator : BinnedCalibration, TemperatureCalibration or None
        None for the identity.

    Raises
    ------
    TypeError
        For anything else.
    """
    if fitted is None or isinstance(fitted, (BinnedCalibration, TemperatureCalibration)):
        return fitted
    known = (BinningCalibrator, TemperatureScaler, IdentityCalibrator)
    if not isinstance(fitted, known) or fitted.input != "proba":
        raise TypeError(
            "calibrator must be a BinningCalibrator, TemperatureScaler or IdentityCalibrator of "
            f"probabilities; got {fitted!r}."
        )
    check_is_fitted(fitted)
    if fitted.n_features_in_ != 1:
        raise TypeError(f"calibrator must be fitted on one column; got {fitted.n_features_in_}.")
    if isinstance(fitted, BinningCalibrator):
        edges, values = fitted.bin_edges_[-1], fitted.bin_values_[-1]
        return BinnedCalibration(tuple(edges.tolist()), tuple(values.tolist()))
    if isinstance(fitted, TemperatureScaler):
        return TemperatureCalibration(float(fitted.temperature_), float(fitted.eps_))
    return None


def _policy_tier(tier):
    empty = tier.lower == tier.upper
    interval = tuple(round(limit, _DIGITS) for limit in tier.accuracy_interval)
    return PolicyTier(
        action=tier.action,
        threshold=None if empty else max(tier.lower, 0.0),
        target_accuracy=tier.target_accuracy,
        certified=tier.certified,
        share=round(tier.share, _DIGITS),
        accuracy=round(tier.accuracy, _DIGITS) if tier.count else None,
        accuracy_interval=interval if tier.count else None,
    )


# Reading: a file may have been cut off, edited by hand, or written by something else.


def _entries(text, names):
    try:
        entries = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The policy is not complete JSON: {error}.") from error
    if not isinstance(entries, dict) or entries.get("format") != FORMAT:
        raise ValueError(f'This is no policy: it does not say "format": "{FORMAT}".')
    if entries.get("version") != VERSION or isinstance(entries["version"], bool):
        raise ValueError(
            f"The policy is of version {entries.get('version')!r}, and this version of sklearn_calib "
            f"reads version {VERSION}. Learn it again with the command `threshold`."
        )
    _same_names(entries, ("format", "version", *names), "The policy")
    return entries


def _no_constant(name):
    raise ValueError(f"{name} is not a number of JSON")


def _same_names(entries, names, owner):
    missing, unknown = set(names) - set(entries), set(entries) - set(names)
    if missing:
        raise ValueError(f"{owner} lacks {', '.join(map(repr, sorted(missing)))}.")
    if unknown:
        raise ValueError(f"{owner} holds unknown {', '.join(map(repr, sorted(unknown)))}.")


def _read_tier(entry):
    if not isinstance(entry, dict):
        raise ValueError(f"A tier of the policy must be an object; got {entry!r}.")
    _same_names(entry, PolicyTier._fields, "A tier of the policy")
    if not isinstance(entry["certified"], bool):
        raise ValueError(f"certified must be true or false; got {entry['certified']!r}.")
    interval = entry["accuracy_interval"]
    if interval is not None:
        interval = _shares(interval, "accuracy_interval")
        if len(interval) != 2:
            raise ValueError(f"accuracy_interval must hold two numbers; got {len(interval)}.")
    return PolicyTier(
        action=_word(entry["action"], "action"),
        threshold=_share(entry["threshold"], "threshold", optional=True),
        target_accuracy=_share(entry["target_accuracy"], "target_accuracy"),
        certified=entry["certified"],
        share=_share(entry["share"], "share"),
        accuracy=_share(entry["accuracy"], "accuracy", optional=True),
        accuracy_interval=interval,
    )


def _read_calibrator(entry):
    if entry is None:
        return None
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if kind == "binning":
        _same_names(entry, ("kind", "edges", "values"), "The calibrator")
        edges, values = (_shares(entry[name], name) for name in ("edges", "values"))
        if len(edges) != len(values) + 1 or any(np.diff(edges) <= 0):
            raise ValueError("edges of the calibrator must increase, one more than values.")
        return BinnedCalibration(edges, values)
    if kind == "temperature":
        _same_names(entry, ("kind", "temperature", "eps"), "The calibrator")
        temperature, eps = entry["temperature"], entry["eps"]
        _number(temperature, "temperature", low=0, high=np.inf, low_open=True, high_open=True)
        _number(eps, "eps", low=0, high=0.5, low_open=True)
        return TemperatureCalibration(float(temperature), float(eps))
    raise ValueError(f"calibrator must be null, binning or temperature; got {kind!r}.")


def _check_order(policy):
    actions = [*(tier.action for tier in policy.tiers), policy.otherwise]
    if len(set(actions)) < len(actions):
        raise ValueError(f"The actions of a policy must differ; got {actions!r}.")
    thresholds = [tier.threshold for tier in policy.tiers if tier.threshold is not None]
    if any(np.diff(thresholds) >= 0):
        raise ValueError(f"The thresholds of a policy must decrease; got {thresholds!r}.")


def _list(value, name):
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list; got {value!r}.")
    return value


def _word(value, name):
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text; got {value!r}.")
    return value


def _number(value, name, **limits):
    try:
        check_number(value, name, **limits)
    except TypeError as error:  # of a file that was read, any fault is one of its value
        raise ValueError(str(error)) from None


def _share(value, name, *, optional=False):
    if value is None and optional:
        return None
    _number(value, name, low=0, high=1)
    return float(value)


def _shares(values, name):
    return tuple(_share(value, name) for value in _list(values, name))


def _count(value, name):
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a number of rows; got {value!r}.")
    return value
