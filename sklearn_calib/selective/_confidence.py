"""How sure a classifier is of each of its answers."""

import numpy as np
from scipy.special import entr

FUNCTIONS = ("probability", "margin", "entropy")


def check_confidence(confidence):
    """Raise unless it is one of the functions, a column's name or a callable."""
    if not (isinstance(confidence, str) or callable(confidence)):
        raise TypeError(
            f"confidence must be one of {', '.join(map(repr, FUNCTIONS))}, the name of a column of X, or "
            f"a callable of the fitted estimator and X; got {confidence!r}."
        )


def check_states_confidence(estimator, confidence):
    """Raise unless a fitted classifier can be asked for this confidence."""
    if needs_probabilities(confidence) and not hasattr(estimator, "predict_proba"):
        raise TypeError(
            "estimator must have predict_proba, since abstention needs a confidence; wrap "
            f"{type(estimator).__name__} in CalibratedClassifier to give it one."
        )


def needs_probabilities(confidence):
    """Whether the confidence is computed from `predict_proba`."""
    return isinstance(confidence, str) and confidence in FUNCTIONS


def lowest_confidence(confidence):
    """A threshold from which on every row is answered."""
    return 0.0 if confidence == "probability" else float("-inf")


def answers_and_confidence(estimator, X, confidence="probability"):
    """Predicted labels of a fitted classifier, and how sure it is of each."""
    check_states_confidence(estimator, confidence)
    answer = np.asarray(estimator.predict(X))
    if callable(confidence):
        return answer, _check_values(confidence(estimator, X), answer.size, "confidence")
    if not needs_probabilities(confidence):
        return answer, _check_values(take_column(X, confidence), answer.size, "confidence")
    proba = np.asarray(estimator.predict_proba(X))
    if confidence == "entropy":
        return answer, -entr(proba).sum(axis=1)
    row, column = np.arange(answer.size), np.searchsorted(estimator.classes_, answer)
    if confidence == "probability":
        return answer, proba[row, column]
    others = proba.copy()
    others[row, column] = 0.0
    return answer, proba[row, column] - others.max(axis=1)


def take_column(X, name):
    """One column of a data frame."""
    if hasattr(X, "dtype") or not hasattr(X, "columns"):
        raise TypeError(
            f"X must be a data frame, since the column {name!r} is asked for; got {type(X).__name__}."
        )
    try:
        return np.asarray(X[name])
    except Exception as error:
        raise ValueError(f"X has no column {name!r}.") from error


def _check_values(values, n_rows, name):
    values = np.asarray(values)
    if values.shape != (n_rows,) or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise ValueError(
            f"{name} must give one finite number per row, here {n_rows}; got shape {values.shape} and "
            f"dtype {values.dtype}{' with NaN or infinity' if values.dtype.kind == 'f' else ''}."
        )
    return values if values.dtype.kind == "f" else values.astype(float)
