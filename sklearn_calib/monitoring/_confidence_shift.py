"""Have confidences moved? A warning that needs no labels."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from sklearn_calib._core.bins import assign_bins
from sklearn_calib._core.table import CalibrationTable
from sklearn_calib._validation import check_probabilities, check_weights, drop_zero_weights

# Expected count per cell from which on the chi-squared approximation is trusted (Cochran 1952).
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class ConfidenceShift:
    """Difference between the confidences of a reference and new ones.

    Attributes
    ----------
    statistic, degrees_of_freedom, pvalue : float, int, float
        Pearson's chi-squared test that both come from one distribution over the bins.
    distance : float
        Share of the confidences that would have to move to other bins, in [0, 1] (total variation).
    outside : float
        Share of the new confidences, in [0, 1], in bins without any reference row.
    """

    statistic: float
    degrees_of_freedom: int
    pvalue: float
    distance: float
    outside: float


def confidence_shift_test(reference, confidence, *, sample_weight=None):
    """Test whether confidences are distributed over the bins as those of the reference were.

    No outcome is needed, so a change shows on the day it happens. What it cannot see: whether a
    confidence is still worth what it was. Confidence may stay as it is and become dishonest, or move
    and stay honest.

    Parameters
    ----------
    reference : CalibrationTable
        Table without groups of the rows to compare with.
    confidence : array-like of shape (n_samples,)
        New confidences in [0, 1].
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights, which count as frequencies.

    Returns
    -------
    shift : ConfidenceShift
        Neighbouring bins are tested as one where fewer than 5 confidences are expected in either
        sample. The test is for one look: repeated every day it will once be significant by chance.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_calib.metrics import calibration_table
    >>> from sklearn_calib.monitoring import confidence_shift_test
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 500)
    >>> table = calibration_table(rng.random(500) < confidence, confidence, kind="record")
    >>> shift = confidence_shift_test(table, rng.uniform(0.4, 0.9, 500))
    >>> f"{shift.distance:.2f} {shift.outside:.2f} {shift.pvalue < 1e-9}"
    '0.26 0.22 True'
    """
    check_reference(reference)
    p = check_probabilities(confidence, "confidence")
    if p.ndim != 1:
        raise ValueError(f"confidence must be 1-D; got shape {p.shape}.")
    p, weight = drop_zero_weights(check_weights(sample_weight, p.size), p)
    return shift_of(reference, p, weight)


def check_reference(reference):
    """Raise unless the reference is a table without groups."""
    if not isinstance(reference, CalibrationTable):
        raise TypeError(f"reference must be a CalibrationTable; got {type(reference).__name__}.")
    if reference.group is not None:
        raise ValueError("reference must be a table without groups.")
    if len(reference) == 0:
        raise ValueError("reference must hold at least one row.")


def cells_of(reference, probability):
    """Row of the reference to which each probability belongs, or -1."""
    edges = np.unique(np.concatenate([[0.0, 1.0], reference.lower, reference.upper]))
    row_of_cell = np.full(edges.size - 1, -1)
    row_of_cell[np.searchsorted(edges, reference.lower)] = np.arange(len(reference))
    return row_of_cell[assign_bins(probability, edges)]


def shift_of(reference, probability, weight):
    """Shift of checked confidences with positive weights."""
    cell = cells_of(reference, probability)
    new = np.bincount(cell + 1, weight, minlength=len(reference) + 1).astype(float)
    outside = new[0] / new.sum()
    # What is outside is a cell too, the last one: none of the reference, all of that.
    counts = np.stack([np.append(reference.weight, 0.0), np.append(new[1:], new[0])])
    shares = counts / counts.sum(axis=1, keepdims=True)
    statistic, freedom = _chi_squared(counts)
    return ConfidenceShift(
        statistic=statistic,
        degrees_of_freedom=freedom,
        pvalue=float(chdtrc(freedom, statistic)) if freedom else 1.0,
        distance=float(np.abs(shares[0] - shares[1]).sum() / 2),
        outside=float(outside),
    )


def _chi_squared(counts):
    """Pearson's statistic of homogeneity of two rows of counts, after pooling; degrees of freedom."""
    smaller = counts.sum(axis=1).min() / counts.sum()
    group, filled = 0, 0.0
    pooled = np.empty(counts.shape[1], dtype=int)
    for i, total in enumerate(counts.sum(axis=0)):
        pooled[i] = group
        filled += total * smaller
        if filled >= _LEAST_EXPECTED:
            group, filled = group + 1, 0.0
    last = max(0, group - 1)  # what is left over joins the last full cell
    pooled = np.minimum(pooled, last)
    cells = np.stack([np.bincount(pooled, row) for row in counts])
    expected = cells.sum(axis=1, keepdims=True) * cells.sum(axis=0) / cells.sum()
    return float(((cells - expected) ** 2 / expected).sum()), cells.shape[1] - 1
