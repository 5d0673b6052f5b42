"""The door: labels and probabilities become events, and no one behind it knows a label.

An event is a probability in [0, 1], an outcome in [0, 1] and a positive weight; some questions add a
group. What is asked decides what the event is:

=============  ==========================================  ======================
kind           probability                                 outcome
=============  ==========================================  ======================
"positive"     P(y = pos_label)                            y == pos_label
"confidence"   the largest probability of the row          the argmax is right
"top_label"    the same, grouped by the argmax             the argmax is right
"classwise"    every probability, grouped by its class     y == class
"record"       stated confidence in the answer given       right, or its quality
=============  ==========================================  ======================
"""

from typing import NamedTuple

import numpy as np

from sklearn_calib._validation import (
    as_probabilities,
    check_labels,
    check_option,
    check_outcomes,
    check_probabilities,
    check_same_length,
    check_weights,
    checked_blocks,
    drop_zero_weights,
    entries_above,
    row_blocks,
)

_MAX_RANGE = 1 << 16  # of integer labels that are found by a table of all values between
_ROWS = 1 << 12  # so many rows mostly hold every label, or their number counts for nothing

KINDS = ("auto", "positive", "confidence", "top_label", "classwise", "record")


class Events(NamedTuple):
    """Aligned vectors; weight None means ones, group None means one group."""

    probability: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray | None = None
    group: np.ndarray | None = None
    group_names: np.ndarray | None = None


def calibration_events(
    y_true, y_proba, *, kind="auto", sample_weight=None, pos_label=None, labels=None
):
    """Events of a calibration question; "auto" is "positive" for two classes, else "confidence"."""
    events = hard_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    return events._replace(outcome=events.outcome.astype(float, copy=False))


def hard_events(y_true, y_proba, *, kind, sample_weight=None, pos_label=None, labels=None):
    """The same, but outcomes that are only right or wrong are boolean, which sums faster."""
    check_option(kind, "kind", KINDS)
    if kind == "record":
        return _record_events(y_true, y_proba, sample_weight, pos_label, labels)
    y, proba, weight = _checked(y_true, y_proba, sample_weight)
    names = class_names(y, proba, labels, pos_label)
    if kind == "auto":
        kind = "positive" if names.size == 2 else "confidence"
    if kind == "positive":
        return _positive_events(y, proba, weight, names, pos_label)
    columns, code = _columns_and_codes(y, proba, names, pos_label)
    if kind == "classwise":
        return _classwise_events(columns, code, weight, names)
    answer = columns.argmax(axis=1)
    confidence = columns[np.arange(answer.size), answer]
    correct = answer == code
    if kind == "top_label":
        return Events(confidence, correct, weight, answer, names)
    return Events(confidence, correct, weight)


def inference_events(y_true, y_proba, *, kind="auto", **arguments):
    """Events of rows that are independent and can be counted, as intervals and tests assume."""
    if kind == "classwise":
        raise ValueError(
            "kind='classwise' makes one event per class of each row, which are not independent, as is "
            "assumed here. calibration_test takes it. Else ask about one class at a time: the column of "
            "the class as y_proba, y_true == class as y_true."
        )
    return count_rows(calibration_events(y_true, y_proba, kind=kind, **arguments))


def count_rows(events):
    """Events whose weights count rows.

    Integer weights are frequencies. Others say nothing about how many rows there are: they are scaled
    so that their sum is the effective number of rows ``(sum w)^2 / sum w^2`` of Kish (1965).
    """
    weight = events.weight
    if weight is None or np.array_equal(weight, np.round(weight)):
        return events
    weight = weight / weight.max()  # no overflow in the squares
    weight = weight * (weight.sum() / np.sum(weight**2))
    whole = np.round(weight)  # equal weights are rows, not rows and a hair
    return events._replace(weight=np.where(np.isclose(weight, whole, 1e-9, 0), whole, weight))


def selective_events(
    y_true, y_proba, *, kind="confidence", sample_weight=None, pos_label=None, labels=None
):
    """Events of a selective question: always the confidence in the answer and whether it is right."""
    check_option(kind, "kind", ("confidence", "record"))
    return calibration_events(
        y_true, y_proba, kind=kind, sample_weight=sample_weight, pos_label=pos_label, labels=labels
    )


def class_columns(y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None):
    """Probabilities with one column per class, the column of each label, weights and class labels."""
    y, proba, weight = _checked(y_true, y_proba, sample_weight)
    names = class_names(y, proba, labels, pos_label)
    return *_columns_and_codes(y, proba, names, pos_label), weight, names


def class_blocks(y_true, y_proba, above, *, sample_weight=None, **asked):
    """`class_columns` in blocks of rows, each with its entries above a number.

    Without weights the blocks are checked only when they are asked for.
    """
    proba = as_probabilities(y_proba)
    if proba.ndim == 1 or sample_weight is not None:
        columns, *rest = class_columns(y_true, y_proba, sample_weight=sample_weight, **asked)
        return ((block, *entries_above(block, above)) for _, block in row_blocks(columns)), *rest
    y = check_labels(y_true)
    check_same_length(y_true=y, y_proba=proba)
    names = class_names(y, proba, **asked)
    return checked_blocks(proba, above), _positions(y, names), None, names


def split_by_group(events):
    """Events of each group, in the order of the groups; themselves where there are none."""
    if events.group is None:
        return [events]
    order = np.argsort(events.group, kind="stable")
    starts = np.flatnonzero(np.diff(events.group[order])) + 1
    return [
        Events(
            events.probability[rows],
            events.outcome[rows],
            None if events.weight is None else events.weight[rows],
            events.group[rows],
        )
        for rows in np.split(order, starts)
    ]


def class_names(y, proba, labels, pos_label=None):
    """Sorted class labels, one per column of `proba` (two for one dimension).

    The number of classes comes from `labels`, else from the columns, never from the labels present.
    """
    n_classes = 2 if proba.ndim == 1 else proba.shape[1]
    present = distinct(y)
    if labels is not None:
        return _given_names(labels, (1, 2) if proba.ndim == 1 else (n_classes,), present)
    if present.size == n_classes:
        return present
    if n_classes == 2:
        for convention in ([0, 1], [-1, 1]):
            named = pos_label is None or pos_label in convention
            if named and present.dtype.kind in "biuf" and np.isin(present, convention).all():
                return np.array(convention, dtype=present.dtype)
        if proba.ndim == 1 and pos_label is not None and present.size == 1:
            other = f"not {pos_label}" if present[0] == pos_label else present[0]
            return np.array([other, pos_label], dtype=object)
    raise ValueError(
        f"y_true holds {present.size} distinct labels but y_proba is about {n_classes} classes; "
        f"give the sorted labels of all classes as `labels`."
    )


def _given_names(labels, n_classes, present):
    """Labels as given, whose number must be one of `n_classes`."""
    names = check_labels(labels, "labels")
    if not np.array_equal(names, np.unique(names)):
        raise ValueError(
            f"labels must be sorted and distinct, as the columns of y_proba are; got {labels!r}."
        )
    if names.size not in n_classes:
        raise ValueError(f"labels names {names.size} classes but y_proba is about {n_classes[-1]}.")
    unknown = present[~np.isin(present, names)]
    if unknown.size:
        raise ValueError(
            f"y_true holds {unknown.tolist()[0]!r}, which is not one of labels={labels!r}."
        )
    return names


def _checked(y_true, y_proba, sample_weight):
    """Validated arrays without the rows of zero weight."""
    proba = check_probabilities(y_proba)
    y = check_labels(y_true)
    check_same_length(y_true=y, y_proba=proba)
    return drop_zero_weights(check_weights(sample_weight, y.size), y, proba)


def _record_events(correct, confidence, sample_weight, pos_label, labels):
    if pos_label is not None or labels is not None:
        raise ValueError("kind='record' has no classes: leave `pos_label` and `labels` at None.")
    proba = check_probabilities(confidence)
    if proba.ndim != 1:
        raise ValueError(
            "With kind='record', y_proba is the confidence in the answer given and must be 1-D; "
            f"got shape {proba.shape}."
        )
    outcome = check_outcomes(correct)
    check_same_length(y_true=outcome, y_proba=proba)
    weight = check_weights(sample_weight, outcome.size)
    outcome, proba, weight = drop_zero_weights(weight, outcome, proba)
    right = outcome.astype(bool)
    return Events(proba, right if np.array_equal(right, outcome) else outcome, weight)


def _positive_events(y, proba, weight, names, pos_label):
    if names.size != 2:
        raise ValueError(
            f"kind='positive' is for two classes; got {names.size}. Use kind='confidence', "
            "'top_label' or 'classwise'."
        )
    position = _position(names, pos_label)
    probability = proba if proba.ndim == 1 else np.ascontiguousarray(proba[:, position])
    return Events(probability, y == names[position], weight)


def _position(names, pos_label):
    if pos_label is None:
        return names.size - 1
    if pos_label not in names.tolist():
        raise ValueError(f"pos_label={pos_label!r} is not one of the labels {names.tolist()!r}.")
    return names.tolist().index(pos_label)


def distinct(y):
    """`np.unique(y)`, many times faster for booleans and for integers in a small range."""
    if y.dtype.kind not in "biu":
        return np.unique(y)
    low, high = y.min(), y.max()
    if low == high:
        return np.array([low])
    if int(high) - int(low) == 1:
        return np.array([low, high])
    if int(high) - int(low) > _MAX_RANGE:
        return np.unique(y)
    seen = np.zeros(int(high) - int(low) + 1, dtype=bool)
    wide = np.int64 if y.dtype.kind == "i" else np.uint64
    for start in range(0, y.size, _ROWS):
        seen[np.subtract(y[start : start + _ROWS], low, dtype=wide)] = True
        if seen.all():
            break
    return np.flatnonzero(seen).astype(y.dtype) + low  # wraps around in the type of y, and back


def _positions(y, names):
    """Position of each label among the sorted `names`, which hold it."""
    if y.dtype.kind in "iu" and np.array_equal(names, np.arange(names.size)):
        return y.astype(np.intp, copy=False)
    return np.searchsorted(names, y)


def _columns_and_codes(y, proba, names, pos_label):
    """Probabilities with one column per class, and the column of each label."""
    if proba.ndim == 2:
        return proba, _positions(y, names)
    if names.size == 1:
        return proba[:, None], np.zeros(y.size, dtype=np.intp)
    positive = _position(names, pos_label)
    # Rounded to what its digits mean: 1 - 0.7 is 0.3, not the float above it.
    rest = np.round(1 - proba, np.finfo(proba.dtype).precision)
    columns = np.column_stack([proba, rest] if positive == 0 else [rest, proba])
    return columns, np.where(y == names[positive], positive, 1 - positive)


def _classwise_events(columns, code, weight, names):
    n_samples, n_classes = columns.shape
    return Events(
        probability=columns.T.ravel(),
        outcome=(code == np.arange(n_classes)[:, None]).ravel(),
        weight=None if weight is None else np.tile(weight, n_classes),
        group=np.repeat(np.arange(n_classes), n_samples),
        group_names=names,
    )
