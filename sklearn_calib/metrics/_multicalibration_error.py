"""One number for calibration in all segments at once."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sklearn_calib._core.columns import ColumnsMixin
from sklearn_calib._core.cumulative_range import (
    MEAN_RANGE,
    expected_largest_range,
    group_ranges,
    range_survival,
)
from sklearn_calib._core.group_gaps import holm
from sklearn_calib._validation import check_count
from sklearn_calib.metrics._groups import Partition, grouped_events

_MOST_SHOWN = 10  # segments in a print


@dataclass(frozen=True, eq=False)
class MulticalibrationError(ColumnsMixin):
    """Cumulative calibration errors of segments; ``float()`` of it is `worst`, `print` shows it.

    Attributes
    ----------
    worst : float
        Largest error of a segment in units of its own noise, times the noise of all rows.
    worst_noise : float
        What `worst` is on average at perfect calibration of all segments.
    weighted : float
        Mean error of the segments, weighted by their size.
    weighted_noise : float
        What `weighted` is on average at perfect calibration.
    pvalue : float
        Of perfect calibration in all segments: the smallest adjusted one.
    segment : ndarray of shape (n_segments,) of str
        Names, the strongest evidence first; "all rows" is one of them.
    count : ndarray of shape (n_segments,) of int
        Rows of positive weight.
    error : ndarray of shape (n_segments,)
        Cumulative error of each segment, in [0, 1].
    noise : ndarray of shape (n_segments,)
        What it is on average at perfect calibration.
    pvalue_adjusted : ndarray of shape (n_segments,)
        P-values of calibration in each segment, adjusted for their number (Holm).
    """

    worst: float
    worst_noise: float
    weighted: float
    weighted_noise: float
    pvalue: float
    segment: np.ndarray
    count: np.ndarray
    error: np.ndarray
    noise: np.ndarray
    pvalue_adjusted: np.ndarray

    def to_dict(self):
        """Columns by name, the strongest evidence first.

        Returns
        -------
        columns : dict of str to ndarray of shape (n_segments,)
            Keys ``segment``, ``count``, ``error``, ``noise``, ``pvalue_adjusted``.
        """
        names = ("segment", "count", "error", "noise", "pvalue_adjusted")
        return {name: getattr(self, name) for name in names}

    def __float__(self):
        return self.worst

    def __str__(self):
        width = max(len("segment"), *(len(name) for name in self.segment[:_MOST_SHOWN]))
        lines = [
            f"worst segment {self.worst:.4f} (noise alone {self.worst_noise:.4f}), "
            f"weighted mean {self.weighted:.4f} (noise alone {self.weighted_noise:.4f}), "
            f"p = {_p_text(self.pvalue)}",
            f"{'segment':<{width}} {'count':>7}  error   noise  p (Holm)",
        ]
        for name, n, error, noise, p in list(zip(*self.to_dict().values(), strict=True))[
            :_MOST_SHOWN
        ]:
            lines.append(f"{name:<{width}} {n:>7}  {error:.4f}  {noise:.4f}  {_p_text(p):>8}")
        if len(self.segment) > _MOST_SHOWN:
            lines.append(f"{len(self.segment) - _MOST_SHOWN} more segments")
        return "\n".join(lines)


def _p_text(p):
    return f"{p:.3f}" if p >= 0.0005 else "<0.001"


def multicalibration_error(
    y_true,
    y_proba,
    groups,
    *,
    depth=1,
    min_count=30,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
):
    r"""Cumulative calibration error of all segments at once, with its noise level.

    In each segment, let the mean residual outcome minus probability accumulate in the order of the
    probabilities. The range of that walk is the error of the segment: the largest share-weighted gap
    of any interval of probabilities [1]_, without bins. It is 0 only for calibration at every
    probability, where the mean gap of `calibration_by_group` may cancel out.

    * ``worst`` is :math:`\sigma \max_g E_g / \sigma_g`, the largest error in units of its own noise,
      times the noise of all rows [2]_: a segment counts by its evidence, so that tiny ones do not win by
      chance. All rows are one of the segments.
    * ``weighted`` is :math:`\sum_g s_g E_g` with the shares :math:`s_g` of the segments (of all columns
      and combinations, but not of all rows, unless there is no other).

    Both are positive at perfect calibration; compare them with their noise levels.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1].
    groups : data frame, dict of columns, or array-like of shape (n_samples,) or (n_samples, n_columns)
        What rows are grouped by. Each distinct value of a column is a segment; missing ones are one.
    depth : int, default=1
        Largest number of columns that form a segment together.
    min_count : int, default=30
        Segments of fewer rows are left out.
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
    error : MulticalibrationError
        ``worst``, ``weighted``, their noise levels, ``pvalue``, and the segments.

    See Also
    --------
    calibration_by_group : Gaps with intervals.

    Notes
    -----
    Under calibration the walk is about a Brownian motion, whose range has a known law [3]_: mean
    :math:`\sqrt{8 / \pi}` per standard deviation. :math:`\sigma_g^2` is the mean of p (1 - p), or, if
    larger, of the squared residuals, divided by the number of rows. The noise level of ``worst`` takes
    segments as independent; p-values, adjusted by Holm's method, do not. A walk of few steps has a
    smaller range than its limit: in simulations the noise of 1000, 100 and 30 rows was 2 to 9, 8 to 24
    and 14 to 40 % smaller than stated (most where confidences are near 1), and p-values too large, not
    too small.

    References
    ----------
    .. [1] Arrieta-Ibarra, Gujral, Tannen, Tygert and Xu (2022). Metrics of calibration for
       probabilistic predictions. JMLR 23. :arxiv:`2205.09680`
    .. [2] Guy et al. (2025). Measuring multi-calibration. :arxiv:`2506.11251`
    .. [3] Feller (1951). The asymptotic distribution of the range of sums of independent random
       variables. Annals of Mathematical Statistics 22, 427-432. :doi:`10.1214/aoms/1177729589`

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.metrics import multicalibration_error
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> error = multicalibration_error(records.target, records.data, records.subject, kind="record")
    >>> print(f"{error.worst:.3f}, noise {error.worst_noise:.3f}")
    0.209, noise 0.011
    """
    check_count(min_count, "min_count")
    grouped = grouped_events(
        y_true,
        y_proba,
        groups,
        depth,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    everything = Partition(np.zeros(grouped.rows.size, dtype=np.int64), ["all rows"])
    parts = [_segments(grouped.events, part) for part in (everything, *grouped.partitions)]
    every = _Segments(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    used = every.n_rows >= min_count
    used[0] = True  # all rows are a segment in any case
    return _summary(_Segments(*(column[used] for column in every)))


class _Segments(NamedTuple):
    """One entry per segment; `sigma` is the standard deviation of the end of its walk."""

    name: np.ndarray
    n_rows: np.ndarray
    weight: np.ndarray
    error: np.ndarray
    sigma: np.ndarray


def _segments(events, partition):
    p, o, code = events.probability.astype(float), events.outcome, partition.code
    weight = np.ones(p.size) if events.weight is None else events.weight
    count, total = np.bincount(code), np.bincount(code, weight)
    variance = np.maximum(
        np.bincount(code, weight * p * (1 - p)), np.bincount(code, weight * (o - p) ** 2)
    )
    error = group_ranges(events.probability, o, weight, code, count.size)
    names = np.array(partition.names, dtype=object)
    return _Segments(names, count, total, error, np.sqrt(variance) / total)


def _summary(segments):
    """The result; all rows are the first of the segments."""
    name, count, weight, error, sigma = segments
    ratio = np.divide(error, sigma, out=np.zeros(error.size), where=sigma > 0)
    pvalue_adjusted = holm(range_survival(ratio))
    parts = slice(min(1, count.size - 1), None)  # without all rows, if there are others
    share = weight[parts] / weight[parts].sum()
    order = np.lexsort((-ratio, pvalue_adjusted))
    return MulticalibrationError(
        worst=float(sigma[0] * ratio.max()),
        worst_noise=float(sigma[0] * expected_largest_range(ratio.size)),
        weighted=float(share @ error[parts]),
        weighted_noise=float(MEAN_RANGE * share @ sigma[parts]),
        pvalue=float(pvalue_adjusted.min()),
        segment=name[order],
        count=count[order],
        error=error[order],
        noise=MEAN_RANGE * sigma[order],
        pvalue_adjusted=pvalue_adjusted[order],
    )
