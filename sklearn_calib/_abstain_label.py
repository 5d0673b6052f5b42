"""The label that stands for "no answer", and a dtype that can hold it beside the classes."""

import numbers

import numpy as np


def default_abstain_label(classes):
    """Return "abstain" for strings, else -1, or min(classes) - 1 where -1 is a class."""
    if _holds_strings(classes):
        return "abstain"
    if classes.dtype.kind == "b" or not np.any(classes == -1):
        return -1
    return min(classes.tolist()) - 1


def resolve_abstain_label(abstain_label, classes):
    """Return the abstain label in use; an explicit one must be no class and of the classes' kind."""
    if not (_holds_strings(classes) or _holds_numbers(classes)):
        raise TypeError(
            "Labels must be strings or numbers, so that another one can stand for rejected rows; the "
            f"classes are {classes.tolist()!r}."
        )
    if abstain_label is None:
        abstain_label = default_abstain_label(classes)
    elif isinstance(abstain_label, str) != _holds_strings(classes) or not (
        isinstance(abstain_label, (str, numbers.Real)) and abstain_label == abstain_label
    ):
        kind = "a string" if _holds_strings(classes) else "a number"
        raise ValueError(
            f"abstain_label must be {kind}, as the classes {classes.tolist()!r} are, so that metrics "
            f"can compare them; got {abstain_label!r}."
        )
    if np.any(classes == abstain_label):
        raise ValueError(
            f"abstain_label={abstain_label!r} is one of the classes {classes.tolist()!r}; choose a "
            "label that no row can have."
        )
    return abstain_label


def insert_abstain_label(labels, accept, abstain_label):
    """Labels with `abstain_label` where `accept` is False, in a dtype that holds both.

    Strings grow ("<U3" would truncate), booleans and unsigned integers become signed integers.
    """
    if labels.dtype.kind == "O":
        return np.where(accept, labels, np.array(abstain_label, dtype=object))
    other = np.array(abstain_label)
    if labels.dtype.kind in "bui" and other.dtype.kind in "bui":
        other = other.astype(np.min_scalar_type(abstain_label))
    dtype = np.promote_types(labels.dtype, other.dtype)
    if labels.dtype.kind == "b":
        dtype = np.promote_types(np.int8, other.dtype)
    elif labels.dtype.kind == "u" and other.dtype.kind == "i" and dtype.kind == "f":
        fits = labels.size == 0 or labels.max() <= np.iinfo(np.int64).max
        dtype = np.dtype(np.int64 if fits else object)  # uint64 beside a negative label
    return np.where(accept, labels.astype(dtype), np.asarray(abstain_label, dtype=dtype))


def _holds_strings(classes):
    return classes.dtype.kind in "UST" or (
        classes.dtype.kind == "O" and all(isinstance(label, str) for label in classes)
    )


def _holds_numbers(classes):
    return classes.dtype.kind in "biuf" or (
        classes.dtype.kind == "O" and all(isinstance(label, numbers.Real) for label in classes)
    )
