"""Rows that are rejected whatever the confidence says, and the groups that have their own threshold."""

import numpy as np

from sklearn_calib._cross_fit import n_rows
from sklearn_calib._validation import check_labels
from sklearn_calib.selective._confidence import take_column


def check_source(source, name, *options):
    """Raise unless it is None, a column's name, a callable of X or one of the options."""
    if not (source is None or isinstance(source, str) or callable(source)):
        told = "".join(f"{option!r}, " for option in options)
        raise TypeError(
            f"{name} must be None, {told}the name of a column of X or a callable of X; got {source!r}."
        )


def veto_mask(source, X, given):
    """Mask of vetoed rows, by the parameter `source` or by the mask `given` with the call, or both."""
    n_samples = n_rows(X)
    mask = np.zeros(n_samples, dtype=bool)
    if source is not None:
        mask |= _check_mask(source(X) if callable(source) else take_column(X, source), n_samples)
    if given is not None:
        mask |= _check_mask(given, n_samples)
    return mask


def _check_mask(mask, n_samples):
    mask = np.asarray(mask)
    if mask.dtype.kind == "O" and all(isinstance(value, (bool, np.bool_)) for value in mask.flat):
        mask = mask.astype(bool)
    if mask.dtype.kind != "b" or mask.shape != (n_samples,):
        raise ValueError(
            f"veto must give one boolean per row, here {n_samples}; got shape {mask.shape} and dtype "
            f"{mask.dtype}."
        )
    return mask


def find_groups(source, X, answer, given, rows=slice(None)):
    """Group of each of some rows of X, whose answers are given.

    By the labels `given` with the call, else by the parameter `source`.
    """
    if given is None and source is None:
        raise ValueError("threshold_groups must be given, as they were in fit.")
    if given is None and source == "class":
        return answer
    name = "threshold_groups"
    if given is None:
        name, given = "per", source(X) if callable(source) else take_column(X, source)
    groups = check_labels(given, name)
    if groups.size != n_rows(X):
        raise ValueError(
            f"{name} must give one label per row, here {n_rows(X)}; got {groups.size}."
        )
    return groups[rows]


def thresholds_of(thresholds, groups):
    """Threshold of each row: that of its group, infinity for groups that had no rows in `fit`."""
    names, code = np.unique(groups, return_inverse=True)
    return np.array([thresholds.get(name, np.inf) for name in names.tolist()])[code]
