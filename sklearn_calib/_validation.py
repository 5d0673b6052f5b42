"""Every rule about input, once: parameters, labels, probabilities, weights."""

import numbers
import re
from contextlib import contextmanager

import numpy as np
from sklearn.utils import check_array, column_or_1d

from sklearn_calib._missing import is_missing

# What rounding may do to a probability that was computed in float32 or through 1 - p.
_RANGE_TOLERANCE = 1e-6
# Squares and cubes of logits between these neither overflow nor vanish.
_SMALLEST_LOGIT, _LARGEST_LOGIT = 1e-50, 1e50
# What rounding may do to the sum of a row computed in half precision.
_SUM_TOLERANCE = 1e-3
# Products and sums of weights between these neither overflow nor vanish.
_SMALLEST_WEIGHT, _LARGEST_WEIGHT = 1e-100, 1e100
_BLOCK = 1 << 16  # numbers that stay in the second-level cache
_LARGE_BLOCK = 1 << 18  # numbers that stay in the third-level cache, where a block costs many calls


@contextmanager
def _naming(name):
    """Let every error of a conversion say which argument it is about."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if re.search(rf"\b{name}\b", str(error)):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}: {error}") from error


def check_option(value, name, options):
    """Raise unless `value` is one of the `options`."""
    if not any(value is option or value == option for option in options):
        accepted = ", ".join(map(repr, options))
        raise ValueError(f"{name} must be one of {accepted}; got {value!r}.")


def check_number(value, name, *, low, high, low_open=False, high_open=False):
    """Raise unless `value` is a real number between `low` and `high`."""
    interval = f"{'(' if low_open else '['}{low}, {high}{')' if high_open else ']'}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number in {interval}; got {value!r}.")
    above = value > low if low_open else value >= low
    below = value < high if high_open else value <= high
    if not (above and below):
        raise ValueError(f"{name} must be in {interval}; got {value!r}.")


def check_n_bins(n_bins):
    """Raise unless `n_bins` is a positive integer or "cube_root"."""
    if isinstance(n_bins, str) and n_bins == "cube_root":
        return
    if isinstance(n_bins, (bool, np.bool_)) or not isinstance(n_bins, numbers.Integral):
        raise TypeError(f"n_bins must be a positive integer or 'cube_root'; got {n_bins!r}.")
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1; got {n_bins!r}.")


def check_probabilities(y_proba, name="y_proba"):
    """Return probabilities of shape (n,) or (n, n_classes) as float32 or float64.

    One column is returned as one dimension. Values outside [0, 1] and rows that do not sum to 1 are
    errors, up to the rounding of float32 and half precision.
    """
    return check_unit_range(as_probabilities(y_proba, name), name)


def as_probabilities(y_proba, name="y_proba"):
    """Return float32 or float64 of shape (n,) or (n, n_classes), whose values are unchecked."""
    dtype, proba = [np.float64, np.float32], y_proba
    if (
        type(proba) is not np.ndarray
        or proba.dtype not in dtype
        or proba.ndim not in (1, 2)
        or not proba.size
    ):
        with _naming(name):
            # What is not finite is found later, without a pass of its own.
            proba = check_array(y_proba, ensure_2d=False, dtype=dtype, ensure_all_finite=False)
    return proba[:, 0] if proba.ndim == 2 and proba.shape[1] == 1 else proba


def check_unit_range(proba, name):
    """Return numbers clipped to [0, 1]; rows of several columns must be finite and sum to 1."""
    several = proba.ndim == 2 and proba.shape[1] > 1
    inside, sums = _inside_and_row_sums(proba) if several else (_all_inside(proba), None)
    if not inside:
        proba = _clip(proba, name)
    if sums is not None:
        _check_row_sums(sums, name)
    return proba


def _all_inside(proba):
    """Whether all numbers are in [0, 1], in one pass, but for -0.0, which is not recognised.

    The bits of floats from 0 to 1 are ascending integers; those of NaN, infinity and floats with a sign
    are above them.
    """
    bits = np.dtype(f"u{proba.itemsize}")
    return bool(proba.view(bits).max(initial=0) <= proba.dtype.type(1).view(bits))


def _inside_and_row_sums(proba):
    """Both in one reading of a large array; a matrix product sums short rows fast."""
    ones = np.ones(proba.shape[1], dtype=proba.dtype)
    step = max(1, _BLOCK // ones.size)
    blocks = [proba[start : start + step] for start in range(0, len(proba), step)]
    inside, sums = zip(*((_all_inside(block), block @ ones) for block in blocks), strict=True)
    return all(inside), np.concatenate(sums)


def checked_blocks(proba, above, name="y_proba"):
    """Blocks of rows of several columns, with positions and values of the entries above a number.

    Each is checked when it is asked for. Only such entries may be outside [0, 1], whose bits are above
    (see `_all_inside`): one comparison serves the check and the caller, who finds the block in the cache.
    """
    ones, above = np.ones(proba.shape[1], dtype=proba.dtype), proba.dtype.type(above)
    bits = np.dtype(f"u{proba.itemsize}")
    for start, block in row_blocks(proba):
        values = block.reshape(-1)
        where = np.flatnonzero(values.view(bits) > above.view(bits))
        found = values.take(where)
        if not _all_inside(found):
            block = _clip(block, name)
            where, found = entries_above(block, above)
        _check_row_sums(block @ ones, name, start)
        yield block, where, found


def entries_above(block, number):
    """Positions in the flattened block, and values, of the entries above a number."""
    where = np.flatnonzero(block > block.dtype.type(number))
    return where, block.reshape(-1).take(where)


def row_blocks(matrix):
    """First row, and rows, of blocks that stay in the third-level cache."""
    step = max(1, _LARGE_BLOCK // matrix.shape[1])
    return ((start, matrix[start : start + step]) for start in range(0, len(matrix), step))


def _clip(proba, name):
    """Return numbers clipped to [0, 1] by at most what is rounding."""
    low, high = proba.min(), proba.max()
    if not np.isfinite(low + high):
        with _naming(name):
            check_array(proba, ensure_2d=False, input_name=name)
    if low < -_RANGE_TOLERANCE or high > 1 + _RANGE_TOLERANCE:
        outside = low if low < -_RANGE_TOLERANCE else high
        raise ValueError(f"{name} must hold probabilities in [0, 1]; got {outside:.6g}.")
    return np.clip(proba, 0, 1) if low < 0 or high > 1 else proba


def _check_row_sums(sums, name, first_row=0):
    if max(sums.max() - 1, 1 - sums.min()) > _SUM_TOLERANCE:
        row = int(np.argmax(np.abs(sums - 1)))
        raise ValueError(
            f"The rows of {name} must sum to 1, one column per class; row {first_row + row} sums to "
            f"{sums[row]:.6g}."
        )


def check_labels(y, name="y_true"):
    """Return labels as an array of shape (n,); missing labels are an error."""
    if type(y) is not np.ndarray or y.ndim != 1:  # else the look at it takes as long as many a fit
        with _naming(name):
            y = column_or_1d(y, warn=True, input_name=name)
    if y.size == 0:
        raise ValueError(f"{name} must hold at least one label; it is empty.")
    if y.dtype.kind == "T":
        y = y.astype(object)  # scikit-learn does not know NumPy's strings of variable width
    if y.dtype.kind == "O":
        with _naming(name):
            missing = np.array([is_missing(label) for label in y])
    elif y.dtype.kind == "f":
        missing = ~np.isfinite(y)
    elif y.dtype.kind in "biu":
        return y
    else:
        missing = y != y
    if np.any(missing):
        raise ValueError(
            f"{name} holds missing labels (NaN, None or infinity), first at row {missing.argmax()}."
        )
    return _plain_labels(y, name) if y.dtype.kind == "O" else y


def _plain_labels(y, name):
    """Objects as numbers or booleans if they are such: scikit-learn fits only strings as objects."""
    kinds = {isinstance(label, str) for label in y}
    if len(kinds) > 1:
        raise TypeError(f"{name} mixes strings with other labels: {y.tolist()[:5]!r} ...")
    if all(isinstance(label, (numbers.Real, np.bool_)) for label in y):
        plain = np.array(y.tolist())
        return plain if plain.dtype != object and np.array_equal(plain, y) else y
    return y


def check_outcomes(y_true, name="y_true"):
    """Return outcomes in [0, 1] as float64: 0/1, booleans, or a graded quality."""
    with _naming(name):
        outcome = check_array(y_true, ensure_2d=False, dtype=np.float64, input_name=name)
    if outcome.ndim == 2 and outcome.shape[1] == 1:
        outcome = outcome[:, 0]
    if outcome.ndim != 1:
        raise ValueError(f"{name} must be 1-D; got shape {outcome.shape}.")
    if outcome.min() < 0 or outcome.max() > 1:
        outside = outcome.min() if outcome.min() < 0 else outcome.max()
        asked = "With kind='record', " if name == "y_true" else ""
        raise ValueError(
            f"{asked}{name} says whether the answer was right: 0/1, a boolean or a quality in [0, 1]; "
            f"got {outside:.6g}."
        )
    return outcome


def check_weights(sample_weight, n_samples):
    """Return non-negative finite weights of shape (n_samples,), not all zero; None stays None."""
    if sample_weight is None:
        return None
    name = "sample_weight"
    with _naming(name):
        weight = check_array(sample_weight, ensure_2d=False, dtype=np.float64, input_name=name)
    if weight.shape != (n_samples,):
        raise ValueError(
            f"sample_weight.shape must be ({n_samples},), one weight per sample; got {weight.shape}."
        )
    if weight.min() < 0:
        raise ValueError(f"sample_weight must not be negative; got {weight.min():.6g}.")
    if weight.max() == 0:
        raise ValueError("sample_weight must hold a positive weight; all weights are zero.")
    if not _SMALLEST_WEIGHT <= weight.max() <= _LARGEST_WEIGHT:
        raise ValueError(
            f"The largest sample_weight must be between {_SMALLEST_WEIGHT:g} and "
            f"{_LARGEST_WEIGHT:g}; got {weight.max():.6g}."
        )
    return weight


def drop_zero_weights(weight, *arrays):
    """Return the arrays, then the weights, without the rows of zero weight: they count as absent."""
    if weight is None or weight.min() > 0:
        return *arrays, weight
    keep = weight > 0
    return *(array[keep] for array in arrays), weight[keep]


def check_same_length(**arrays):
    """Raise unless all arrays have the same number of rows, naming the arguments."""
    lengths = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"Found input variables with inconsistent numbers of samples: {told}.")


def check_logits(logits, name, *, few_are_small=False):
    """Raise if logits are not finite, too large or (unless `few_are_small`) all too small to compute."""
    low, high = float(logits.min()), float(logits.max())
    if not np.isfinite(low + high):
        with _naming(name):
            check_array(logits, ensure_2d=False, input_name=name)
    size = max(abs(low), abs(high))
    small = 0 < size < _SMALLEST_LOGIT and not few_are_small
    if small or size > _LARGEST_LOGIT:
        raise ValueError(
            f"The largest logit of {name} must be between {_SMALLEST_LOGIT:g} and {_LARGEST_LOGIT:g} in "
            f"size, or all must be zero; got {size:.6g}."
        )
    return logits


def check_count(value, name, *, low=1, high=None):
    """Raise unless `value` is an integer of at least `low` and, if given, at most `high`."""
    accepted = f"at least {low}" if high is None else f"{low} to {high}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer of {accepted}; got {value!r}.")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} must be {accepted}; got {value!r}.")


def check_costs(costs):
    """Return the costs of an error (positive) and of an abstention (not negative) as floats."""
    try:
        error, abstention = costs
    except (TypeError, ValueError):
        raise ValueError(
            f"costs must be two numbers, (error, abstention); got {costs!r}."
        ) from None
    check_number(
        error, "costs[0], the cost of an error,", low=0, high=np.inf, low_open=True, high_open=True
    )
    check_number(
        abstention, "costs[1], the cost of an abstention,", low=0, high=np.inf, high_open=True
    )
    return float(error), float(abstention)


def check_thresholds(thresholds):
    """Return thresholds in [0, 1] as an increasing array of at least one."""
    with _naming("thresholds"):
        thresholds = check_array(np.atleast_1d(thresholds), ensure_2d=False, dtype=np.float64)
        thresholds = np.unique(column_or_1d(thresholds))
    for threshold in (thresholds[0], thresholds[-1]):
        check_number(float(threshold), "thresholds", low=0, high=1)
    return thresholds


def check_confidences(confidence, name="confidence"):
    """Return confidences of any scale, finite, of shape (n,), as float32 or float64."""
    with _naming(name):
        dtype = [np.float64, np.float32]
        confidence = check_array(confidence, ensure_2d=False, dtype=dtype, input_name=name)
    if confidence.ndim == 2 and confidence.shape[1] == 1:
        confidence = confidence[:, 0]
    if confidence.ndim != 1:
        raise ValueError(f"{name} must be 1-D; got shape {confidence.shape}.")
    return confidence
