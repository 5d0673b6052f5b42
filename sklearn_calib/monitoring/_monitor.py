"""Is confidence still honest? A monitor that may be looked at after every row."""

import math

import numpy as np
from sklearn.base import clone

from sklearn_calib._core.betting import log_factors
from sklearn_calib._core.bins import assign_bins, uniform_edges
from sklearn_calib._core.table import SUMS, CalibrationTable
from sklearn_calib._validation import check_count, check_n_bins, check_number, check_option
from sklearn_calib.calibrators import SigmoidCalibrator
from sklearn_calib.metrics._calibration_table import DEFAULT_N_BINS
from sklearn_calib.monitoring._evidence import Evidence
from sklearn_calib.monitoring._merge import merge_into
from sklearn_calib.monitoring._periods import Periods, add_rows, as_table, row_sums
from sklearn_calib.monitoring._reference import Reference
from sklearn_calib.monitoring._report import Alarm, MonitorReport, actions_of, direction_of
from sklearn_calib.monitoring._rows import check_rows, plain
from sklearn_calib.monitoring._storage import load_state, read_json, save_state, write_json

_LARGEST_EXPONENT = 709  # of a float
_BATCH_ROWS = 4096  # a batch of any size is read in pieces that stay in the cache
_REFERENCE_SHARE = 0.25  # of alpha, for the reference's own uncertainty
KINDS = ("record", "positive", "confidence")


class CalibrationMonitor:
    r"""Watch a stream of confidences and outcomes, and raise an alarm when confidence is not honest.

    `update` takes rows as their outcomes become known, one or many at a time; how they are batched
    changes nothing. The monitor may be looked at after every row, for as long as one likes: while

    .. math:: |E[\text{outcome} \mid \text{past}, \text{confidence}] - \text{confidence}|
              \le \text{tolerance}

    for every row, the probability that it *ever* raises an alarm is at most `alpha`. It bets against
    honesty, on over- and underconfidence of many sizes, on confidences that are too extreme or too
    timid, in all rows, in each bin and in each group, from every row on; the evidence is what the bets
    have won per unit staked, and an alarm is evidence of 1 / `alpha` (see Notes).

    Two questions are told apart. Without `reference`: is it calibrated? With one: has it changed since
    the reference, however well calibrated that was?

    Parameters
    ----------
    alpha : float in (0, 1), default=0.05
        Bound on the probability of ever raising a false alarm.
    tolerance : float in [0, 1), default=0.0
        Miscalibration that is no reason for an alarm, as a difference of probabilities.
    n_bins : int, default=10
        Number of bins of equal width that are watched and tabulated.
    reference : CalibrationTable, default=None
        Table of the period to compare with, made with ``kind="record"`` or by `table`. In each of its
        bins the gap between confidence and accuracy may be whatever the reference supports; a quarter
        of `alpha` pays for its uncertainty, which the bins share, so that a few wide ones (5, say) find
        more. The gap of a bin is taken to be the same for all confidences in it. Bins and groups that
        the reference has not seen raise no alarm: nothing can be said about their change. With
        groups in the table each group is compared with itself.
    average_run_length : float > 1, default=None
        If given, the monitor forgets what speaks for honesty, which finds late changes sooner, and
        bounds another error: rows until a false alarm are at least this many *on average*. A false
        alarm will then come, sooner or later; `alpha` only bounds the error of the reference.
    kind : {"record", "positive", "confidence"}, default="record"
        What rows are: outcomes in [0, 1] and 1-D confidences in the answer given; labels and the
        probability of `pos_label`; or labels and probabilities of all classes, of which the largest is
        the confidence in the answer. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes, for the latter two kinds: needed where a batch may lack a class.
    pos_label : label, default=None
        The class that ``kind="positive"`` asks about.

    Attributes
    ----------
    n_rows : int
        Number of rows of positive weight so far.
    alarm : bool
        Whether an alarm was ever raised.
    groups : tuple
        Labels of the groups, in the order of their appearance.

    See Also
    --------
    estimate_performance : What can be said before the outcomes are known.
    sklearn_calib.display.CalibrationOverTimeDisplay : The gap, period by period.
    sklearn_calib.display.EvidenceDisplay : The path of the evidence.

    Notes
    -----
    A bet :math:`c` on a row multiplies its stake by :math:`(1 + c o) / (1 + c b)`, with the outcome
    :math:`o` and the smallest (for :math:`c < 0`) or largest (:math:`c > 0`) mean :math:`b` that the
    null allows; its mean is at most 1 under the null. Products of these over rows are test
    supermartingales, their averages over bets, starts and parts of the data e-processes [1]_ [2]_, and
    Ville's inequality bounds the probability that one of them ever exceeds 1 / `alpha`. Graded
    outcomes are covered: only their mean matters. With `average_run_length` every row opens a bet of
    full stake, and their sum is an e-detector [3]_.

    A row of weight w multiplies its stake by the factor to the power w. With weights up to 1 the
    guarantee holds as it stands; a larger weight stands for that many independent rows.

    Memory does not grow with the number of rows, only with bins and groups.

    References
    ----------
    .. [1] Arnold, Henzi and Ziegel (2023). Sequentially valid tests for forecast calibration. Annals
       of Applied Statistics 17(3). :arxiv:`2109.11761`
    .. [2] Waudby-Smith and Ramdas (2024). Estimating means of bounded random variables by betting.
       JRSS B 86(1). :arxiv:`2010.09686`
    .. [3] Shin, Ramdas and Rinaldo (2024). E-detectors. New England Journal of Statistics in Data
       Science 2(2). :arxiv:`2203.03532`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_calib.monitoring import CalibrationMonitor
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 2000)
    >>> honest = rng.random(2000) < confidence
    >>> monitor = CalibrationMonitor().update(honest, confidence)
    >>> monitor.alarm
    False
    >>> worse = rng.random(2000) < confidence - 0.1
    >>> report = monitor.update(worse, confidence).report()
    >>> print(report.alarms[0])
    all rows: overconfident (gap +0.103) since row 1906, noticed at row 2300
    >>> report.actions
    ('recalibrate on rows since row 1906',)
    """

    def __init__(
        self,
        alpha=0.05,
        *,
        tolerance=0.0,
        n_bins=DEFAULT_N_BINS,
        reference=None,
        average_run_length=None,
        kind="record",
        labels=None,
        pos_label=None,
    ):
        self.alpha = alpha
        self.tolerance = tolerance
        self.n_bins = n_bins
        self.reference = reference
        self.average_run_length = average_run_length
        self.kind = kind
        self.labels = labels
        self.pos_label = pos_label
        self._check_parameters()
        self._clear()

    def _check_parameters(self):
        open_ends = {"low_open": True, "high_open": True}
        check_number(self.alpha, "alpha", low=0, high=1, **open_ends)
        check_number(self.tolerance, "tolerance", low=0, high=1, high_open=True)
        if isinstance(self.n_bins, str):
            raise TypeError(f"n_bins must be a positive integer; got {self.n_bins!r}.")
        check_n_bins(self.n_bins)
        if self.average_run_length is not None:
            limits = {"low": 1, "high": math.inf, **open_ends}
            check_number(self.average_run_length, "average_run_length", **limits)
        if not isinstance(self.reference, CalibrationTable | None):
            raise TypeError(
                f"reference must be a CalibrationTable or None; got {self.reference!r}."
            )
        check_option(self.kind, "kind", KINDS)
        if self.kind == "record" and not (self.labels is None and self.pos_label is None):
            raise ValueError("kind='record' has no classes: leave labels and pos_label at None.")

    def _clear(self):
        """Forget all rows."""
        bets_share = 1 if self.reference is None else 1 - _REFERENCE_SHARE
        level = self.average_run_length or 1 / (self.alpha * bets_share)
        self._edges = uniform_edges(self.n_bins)
        self._evidence = Evidence(
            self.n_bins, math.log(level), forever=self.average_run_length is None
        )
        self._periods = Periods(self.n_bins)
        self._codes: dict = {}
        self._group_sums = np.zeros((len(SUMS), 0, self.n_bins))
        self._alarm_times: dict = {}
        self._allowed = None
        if self.reference is not None:
            share = _REFERENCE_SHARE if self.average_run_length is None else 1
            self._allowed = Reference(self.reference, self.alpha * share)

    @property
    def n_rows(self):
        """Number of rows of positive weight so far."""
        return int(self._evidence.wealth.n_rows[0])

    @property
    def alarm(self):
        """Whether an alarm was ever raised."""
        return bool((self._evidence.alarm_row >= 0).any())

    @property
    def groups(self):
        """Labels of the groups, in the order of their appearance."""
        return tuple(self._codes)

    def __repr__(self):
        state = "ALARM" if self.alarm else "no alarm"
        return f"<CalibrationMonitor: {self.n_rows} rows, {state}>"

    def update(self, outcome, confidence, *, sample_weight=None, groups=None, time=None):
        """Take the next rows, in the order in which their outcomes became known.

        Parameters
        ----------
        outcome : array-like of shape (n,), or one outcome
            Whether the answer was right: 0/1, bool, or a quality in [0, 1]. With ``kind="positive"`` or
            "confidence" the label.
        confidence : array-like of shape (n,) or (n, n_classes), or one confidence
            What was said before the outcome was known, in [0, 1], as `kind` tells.
        sample_weight : array-like of shape (n,), default=None
            Non-negative weights; rows of zero weight count as absent.
        groups : array-like of shape (n,), or one label, default=None
            Group of each row, known before its outcome. New groups may appear at any time.
        time : array-like of shape (n,), or one value, default=None
            When each row was: dates, numbers or text, which are only repeated in what is reported.

        Returns
        -------
        self : CalibrationMonitor

        Raises
        ------
        ValueError, TypeError
            If anything is wrong with the rows; the monitor is then as it was.
        """
        asked = {"kind": self.kind, "labels": self.labels, "pos_label": self.pos_label}
        rows = check_rows(outcome, confidence, sample_weight, groups, time, asked)
        if rows is None:
            return self
        if self.reference is not None and (self.reference.group is None) != (rows.group is None):
            raise ValueError(
                "Groups are compared with those of the reference: give both the reference and the rows "
                "groups, or neither."
            )
        n = rows.probability.size
        start = 0
        while start < n:
            stop = min(n, start + _BATCH_ROWS, start + self._periods.make_room())
            self._take(rows.part(slice(start, stop)))
            start = stop
        return self

    def _take(self, rows):
        """Take checked rows, for which the periods have room."""
        n = rows.probability.size
        cell = assign_bins(rows.probability, self._edges)
        period = self._periods.positions(n)
        ends = np.append(np.flatnonzero(np.diff(period)), n - 1)
        code = None if rows.group is None else self._encode(rows.group)
        low, high = self._bounds(rows)
        factors = log_factors(rows.outcome, low, high, rows.log_odds())
        if rows.weight is not None:
            factors *= rows.weight
        first_row = self.n_rows
        path = self._evidence.add(factors, first_row, cell, code, ends)
        values = row_sums(rows.probability.astype(float), rows.outcome, rows.weight)
        if code is not None:
            add_rows(self._group_sums, code * self.n_bins + cell, values)

        def time(i):
            return None if rows.time is None else plain(rows.time[i])

        self._periods.add(period, cell, values, path, time)
        for part in np.flatnonzero(self._evidence.alarm_row >= first_row).tolist():
            self._alarm_times[part] = time(self._evidence.alarm_row[part] - first_row)

    def _bounds(self, rows):
        """Smallest and largest mean outcome that the null allows each row."""
        low = high = rows.probability.astype(float)
        if self._allowed is not None:
            least, most = self._allowed.offsets(rows.probability, rows.group)
            low, high = low + least, high + most
        return np.clip(low - self.tolerance, 0, 1), np.clip(high + self.tolerance, 0, 1)

    def _encode(self, group):
        """Codes of groups, by first appearance; makes room for new ones."""
        codes = self._codes
        code = np.array([codes.setdefault(plain(name), len(codes)) for name in group.tolist()])
        new = len(codes) - self._group_sums.shape[1]
        if new:
            self._evidence.grow(len(codes))
            empty = np.zeros((len(SUMS), new, self.n_bins))
            self._group_sums = np.concatenate([self._group_sums, empty], axis=1)
        return code

    def report(self, *, target_accuracy=None):
        """Return the state in numbers and words.

        Parameters
        ----------
        target_accuracy : float in (0, 1], default=None
            Accuracy that answers must have; if given and there is an alarm, a recommended action names
            the confidence above which it has been met since the onset, with 95 % confidence.

        Returns
        -------
        report : MonitorReport
        """
        if target_accuracy is not None:
            check_number(target_accuracy, "target_accuracy", low=0, high=1, low_open=True)
        alarms = tuple(self._alarm_of(part) for part in self._evidence.alarmed().tolist())
        weighted_peak = self._evidence.peak + self._evidence.log_weight()
        table = self.table(since=alarms[0].onset_row if alarms else 0)
        return MonitorReport(
            n_rows=self.n_rows,
            alarm=bool(alarms),
            alarms=alarms,
            evidence=_exp(self._evidence.now().max()),
            peak_evidence=_exp(weighted_peak.max()),
            threshold=_exp(self._evidence.threshold),
            gap=_gap(table),
            actions=actions_of(alarms, table, len(self.groups), target_accuracy),
        )

    def _alarm_of(self, part):
        evidence, edges = self._evidence, self._edges
        onset, bet = int(evidence.onset_row[part]), int(evidence.alarm_bet[part])
        where, name = "all", None
        sums = self._periods.since(onset)
        if part > self.n_bins:
            where, code = "group", part - 1 - self.n_bins
            name, sums = self.groups[code], self._group_sums[:, code]
        elif part > 0:
            where, edges = "bin", edges[part - 1 : part + 1]
            name, sums = tuple(edges.tolist()), sums[:, part - 1 : part]
        table = as_table(sums, edges)
        return Alarm(
            where=where,
            name=name,
            direction=direction_of(bet, table, in_bin=where == "bin"),
            row=int(evidence.alarm_row[part]),
            time=self._alarm_times.get(part),
            onset_row=onset,
            onset_time=self._periods.time_of(onset),
            evidence=_exp(evidence.peak[part] + evidence.log_weight(part)),
            gap=_gap(table),
        )

    def table(self, *, since=0, by_group=False):
        """Return the table of the rows so far.

        Parameters
        ----------
        since : int, default=0
            First row that counts, to the resolution of a period (at most 1 / 64 of all rows), the last
            of which always counts.
        by_group : bool, default=False
            Return a row per group and bin, over all rows that had a group. As the `reference` of another
            monitor it compares each group with itself.

        Returns
        -------
        table : CalibrationTable
            Without rows it has length 0.
        """
        check_count(since, "since", low=0)
        if by_group:
            return as_table(self._group_sums, self._edges, self.groups)
        return as_table(self._periods.since(since), self._edges)

    def periods(self):
        """Return the stream in consecutive periods, at most 128.

        Returns
        -------
        periods : list of dict
            For each period ``first_row`` and ``n_rows``, ``first_time`` and ``last_time``,
            ``log_evidence`` after its last row, and its ``table``.
        """
        own = self._periods
        return [
            {
                "first_row": int(row),
                "n_rows": int(own.size[i]),
                "first_time": own.first_time[i],
                "last_time": own.last_time[i],
                "log_evidence": own.log_evidence[i],
                "table": as_table(own.sums[:, i], self._edges),
            }
            for i, row in enumerate(own.first_rows()[:-1])
        ]

    def recalibrator(self, calibrator=None, *, since=None):
        """Return a calibrator fitted on the rows since the onset of the first alarm.

        Parameters
        ----------
        calibrator : calibrator, default=None
            Any binary calibrator of one column of probabilities; a clone is fitted on the mean confidence
            of each bin, with the outcomes as weights. None takes `SigmoidCalibrator`, whose slope and
            intercept are what the monitor bets on.
        since : int, default=None
            First row that counts, to the resolution of a period; None is the onset of the first alarm,
            or the first row without an alarm.

        Returns
        -------
        calibrator : calibrator
            ``predict_proba(confidence)[:, 1]`` is the recalibrated confidence.

        Notes
        -----
        The monitor is what learns from the stream: after more rows, ask again. To go on without it,
        take ``BinningCalibrator(strategy="uniform")`` with the number of bins of the monitor: it is then,
        to the last bit, what its `fit` on the rows themselves would be, and its `partial_fit` takes the
        rows to come, with `half_life` forgetting the older ones. Other calibrators see the mean
        confidence of each bin instead of the rows.
        """
        if since is None:
            alarmed = self._evidence.alarmed()
            since = int(self._evidence.onset_row[alarmed[0]]) if alarmed.size else 0
        table = self.table(since=since)
        if len(table) == 0:
            raise ValueError("There are no rows to calibrate on yet.")
        calibrator = SigmoidCalibrator(classes=[0, 1]) if calibrator is None else clone(calibrator)
        wrong = np.maximum(table.weight - table.sum_outcome, 0)
        weight = np.concatenate([wrong, table.sum_outcome])
        return calibrator.fit(
            np.tile(table.confidence, 2), np.repeat([0, 1], len(table)), sample_weight=weight
        )

    def merge(self, other):
        """Return the monitor of two independent streams, this one's rows first.

        Tables add. Evidence multiplies, bet by bet, except with `average_run_length`, where it adds: what
        bounds the average run length is a sum over starts. Alarms of either stay alarms: each of the
        two, and what is watched from here on, errs with probability `alpha` at most.

        Parameters
        ----------
        other : CalibrationMonitor
            With equal parameters. Its rows are counted after those of this one.

        Returns
        -------
        merged : CalibrationMonitor
            A new monitor; both others stay as they are.
        """
        if not isinstance(other, CalibrationMonitor):
            raise TypeError(f"other must be a CalibrationMonitor; got {other!r}.")
        return merge_into(CalibrationMonitor.from_dict(self.to_dict()), other)

    def to_dict(self):
        """Return parameters and state as JSON knows them.

        Returns
        -------
        state : dict
            Of numbers, texts, None, lists and dicts; every float comes back from JSON to the last bit.
        """
        return save_state(self)

    @classmethod
    def from_dict(cls, state):
        """Return the monitor of which this is the state, exactly.

        Parameters
        ----------
        state : dict
            What `to_dict` returned, in this version of the format.

        Returns
        -------
        monitor : CalibrationMonitor

        Raises
        ------
        ValueError
            If it is not the state of a monitor, or damaged.
        """
        return load_state(cls, state)

    def save(self, path):
        """Write the monitor to a JSON file, which is complete or not there at all.

        Parameters
        ----------
        path : path
            The file; an older one is replaced in one step.
        """
        write_json(path, self.to_dict())

    @classmethod
    def load(cls, path):
        """Read a monitor that `save` wrote; it goes on exactly as if it had never stopped.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        monitor : CalibrationMonitor

        Raises
        ------
        ValueError
            If the file is cut off, or is not that of a monitor of this version.
        OSError
            If it cannot be read.
        """
        return cls.from_dict(read_json(path))


def _gap(table):
    """Mean confidence minus mean outcome; 0 without rows."""
    return float(
        (table.sum_probability - table.sum_outcome).sum() / max(table.weight.sum(), 1e-300)
    )


def _exp(value):
    """Return exp, infinite where a float has no room for it."""
    return float(np.exp(value)) if value < _LARGEST_EXPONENT else math.inf
