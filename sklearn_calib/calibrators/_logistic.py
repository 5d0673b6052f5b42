"""What the calibrators with a logistic map share."""

import numpy as np
from scipy.special import logit

from sklearn_calib._warn import warn_user
from sklearn_calib.calibrators._binary import ConstantMap


def warn_if_infinite(fit):
    """Warn that hard targets have no finite optimum, so that smoothed ones were used."""
    if not fit.finite:
        warn_user(
            "The scores separate the classes, so that the log loss of the calibration rows has no finite "
            "optimum; Platt's smoothed targets are used instead. Calibrate on rows that the classifier "
            "was not fitted on, or on more of them."
        )


def coefficients(maps, n_columns):
    """Coefficients of all maps, shape (n_columns + 1, n_maps); a constant has an intercept only.

    A map begins with the coefficients of its columns, the intercept after them.
    """
    rows = [
        [*np.zeros(n_columns), logit(m.value)] if isinstance(m, ConstantMap) else m[: n_columns + 1]
        for m in maps
    ]
    return np.array(rows).T
