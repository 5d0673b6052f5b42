"""Logistic regression on scores and signals, shrunk towards the scores as they are.

The map z = b . x + intercept, in log-odds, for columns x of log-odds of scores and standardised signals,
minimises the log loss of the rows plus, for each coefficient b, the log loss of rows that
were not observed: `strength` rows with a typical value u in this column and zeros elsewhere, whose
outcomes have the log-odds u b0. So without data the fit is at b0, the optimum is always finite, and a
row of the prior weighs as much as a row of data.
"""

import numpy as np
from scipy.special import expit

from sklearn_calib._core.logistic import fit_logistic

# A row with log-odds u tells most about their slope near 1 at u = 2.4, where u**2 p (1 - p) is largest.
_MOST_TELLING = 2.4


def fit_signals(columns, centre, positive, weight, strength):
    """Coefficients of `columns`, intercept last, shrunk towards `centre` (intercept 0).

    `columns` has the shape (n_columns, n); `strength` is that of each, the intercept has the first. With
    zeros nothing is shrunk.
    """
    n_columns = columns.shape[0]
    weight = np.ones(positive.size) if weight is None else weight
    X = np.vstack([columns, np.ones(positive.size)])
    if strength[0] > 0:
        centre, strength = np.append(centre, 0.0), np.append(strength, strength[0])
        unit = np.minimum(np.sqrt(X**2 @ weight / weight.sum()), _MOST_TELLING)
        prior, target = np.diag(unit), expit(centre * unit)
        X = np.hstack([X, prior, prior])
        positive = np.concatenate([positive, np.ones(n_columns + 1), np.zeros(n_columns + 1)])
        weight = np.concatenate([weight, strength * target, strength * (1 - target)])
    start = np.append(centre[:n_columns], 0.0)
    return fit_logistic(list(X), positive.astype(bool), weight, start=start, intercept=False)
