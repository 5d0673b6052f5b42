"""Any classifier as a calibrator: ours is told what the scores are, another one gets logits."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from sklearn_calib._columns import append_columns, as_entries
from sklearn_calib._warn import warn_user


def check_calibrator(calibrator, name):
    """Raise unless `calibrator` is an object that can be fitted and has probabilities."""
    fits = hasattr(calibrator, "fit") and hasattr(calibrator, "predict_proba")
    if isinstance(calibrator, type) or not fits:
        raise TypeError(
            f"{name} must be a classifier with predict_proba, such as TemperatureScaler(); "
            f"got {calibrator!r}."
        )


def warn_without_weights(calibrator):
    """Warn if weights make no difference to this calibrator."""
    if not has_fit_parameter(calibrator, "sample_weight"):
        name = type(calibrator).__name__
        warn_user(f"{name}.fit takes no sample_weight: it is fitted without weights.")


def context_of(calibrator):
    """Names or positions of the columns that a calibrator wants beside the scores."""
    return as_entries(calibrator.get_params(deep=False).get("context", ()))


def fit_calibrator(calibrator, scores, y, weight, classes, floor, table=None):
    """Fit a clone on `Scores` with one column per class of `classes`, and labels among them.

    A parameter `input` is set to what the scores are, `classes` to the classes. Columns of `table`, if a
    parameter `context` names some, come behind the scores, and it is set to their positions there.
    Weights go to a `fit` that takes them.
    """
    context = context_of(calibrator)
    calibrator = clone(calibrator)
    n_scores = 1 if scores.values.ndim == 1 else scores.values.shape[1]
    wanted = {"input": scores.input, "classes": classes}
    if context:
        wanted["context"] = list(range(n_scores, n_scores + len(context)))
    known = calibrator.get_params(deep=False)
    calibrator.set_params(**{name: value for name, value in wanted.items() if name in known})
    X = append_columns(_input(calibrator, scores, floor), table, context)
    if weight is None or not has_fit_parameter(calibrator, "sample_weight"):
        return calibrator.fit(X, y)
    return calibrator.fit(X, y, sample_weight=weight)


def calibrated_proba(calibrator, scores, classes, floor, table=None, context=()):
    """Probabilities of a fitted calibrator with one column per class of `classes`.

    `context` is what the calibrator wanted of the columns of `table` before it was fitted.
    """
    X = append_columns(_input(calibrator, scores, floor), table, context)
    proba = calibrator.predict_proba(X)
    return embed(proba, calibrator.classes_, classes)


def _input(calibrator, scores, floor):
    """Scores for a calibrator that is told what they are, else logits in columns."""
    if "input" in calibrator.get_params(deep=False):
        return scores.values
    log_proba = scores.log_proba(floor)
    if log_proba.shape[1] == 2:
        return log_proba[:, [1]] - log_proba[:, [0]]
    return log_proba


def embed(proba, own_classes, classes):
    """Probabilities with columns for all `classes`, zero for those that are not among `own_classes`."""
    if len(own_classes) == len(classes):
        return proba
    embedded = np.zeros((proba.shape[0], len(classes)), dtype=proba.dtype)
    embedded[:, np.searchsorted(classes, own_classes)] = proba
    return embedded
