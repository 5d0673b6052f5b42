"""The door of the array functions: probabilities of the members of an ensemble."""

import numpy as np
from sklearn.utils import check_array

from sklearn_calib._validation import _SUM_TOLERANCE, _naming, check_unit_range


def check_members(probas, weights):
    """Clean probabilities (n_members, n, k) in float64 and weights (n_members, n), the largest 1.

    A row of a member that is all NaN says nothing: its weight is 0 and its probabilities are zeros.
    """
    with _naming("probas"):
        proba = check_array(
            probas,
            dtype=np.float64,
            ensure_2d=False,
            allow_nd=True,
            ensure_all_finite="allow-nan",
            input_name="probas",
        )
    if proba.ndim == 2:
        proba = np.stack([1 - proba, proba], axis=-1)
    if proba.ndim != 3 or proba.size == 0:
        raise ValueError(
            "probas must have the shape (n_members, n_samples, n_classes), or (n_members, n_samples) "
            f"for the probability of the positive class, with at least one of each; got {proba.shape}."
        )
    present = ~np.isnan(proba).all(axis=2)
    weight = check_member_weights(weights, proba.shape[0])[:, None] * present
    proba = _normalised(np.where(present[..., None], proba, 0), present)
    told = weight.any(axis=0)
    if not told.all():
        raise ValueError(
            f"probas holds no member's probabilities for row {int(np.argmin(told))}: leave out rows "
            "that no member (of positive weight) says anything about."
        )
    return proba, weight


def check_member_weights(weights, n_members):
    """Return non-negative weights of the members, ones for None."""
    if weights is None:
        return np.ones(n_members)
    with _naming("weights"):
        weight = check_array(weights, dtype=np.float64, ensure_2d=False, input_name="weights")
    if weight.shape != (n_members,):
        raise ValueError(
            f"weights must be one number per member, of shape ({n_members},); got {weight.shape}."
        )
    if weight.min() < 0 or weight.max() == 0:
        raise ValueError(
            f"weights must not be negative, and one must be positive; got {weights!r}."
        )
    return weight / weight.max()


def _normalised(proba, present):
    """Rows in [0, 1] that sum to 1 exactly, which they must already do up to rounding."""
    if np.isnan(proba).any():
        m, row = np.argwhere(np.isnan(proba).any(axis=2))[0]
        raise ValueError(f"probas is NaN for some classes only, first in row {row} of member {m}.")
    proba = check_unit_range(proba, "probas")
    sums = proba.sum(axis=2, keepdims=True)
    off = np.abs(sums[..., 0] - 1) * present
    if off.max() > _SUM_TOLERANCE:
        m, row = np.unravel_index(off.argmax(), off.shape)
        raise ValueError(
            f"The rows of probas must sum to 1 over the classes; row {row} of member {m} sums to "
            f"{sums[m, row, 0]:.6g}."
        )
    sums[sums == 0] = 1
    return proba / sums
