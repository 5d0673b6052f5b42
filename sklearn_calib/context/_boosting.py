"""Strategy "boosting": trees on score and context that correct the log-odds of a plain calibrator.

Each round fits a few histogram trees to the Newton response (y - p) / (p (1 - p)) with weights p (1 - p),
which is a regularised Newton step of the log loss from where the last round ended. The number of
rounds is the one of least cross-fitted log loss; none at all, unless that beats the plain calibrator by
more than a standard error of the paired differences.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingRegressor

# A row that is all but sure has a Newton response without bound, and next to no weight.
_LEAST_CURVATURE = 1e-6
_PATIENCE = 3  # rounds without a better cross-fitted loss after which no more are tried


class TreeSettings(NamedTuple):
    """What the trees of every round have in common; `categorical` says which features are codes."""

    max_rounds: int
    categorical: list[bool]
    trees_per_round: int = 10
    learning_rate: float = 0.1
    max_leaf_nodes: int = 8
    min_samples_leaf: int = 20
    l2: float = 20.0


class BoostedEffects(NamedTuple):
    """The trees of each round, and the cross-fitted log losses by which their number was chosen.

    `loss`, `difference` (to the plain calibrator) and its `standard_error` are per number of rounds,
    from none on.
    """

    rounds: list[Any]
    loss: np.ndarray
    difference: np.ndarray
    standard_error: np.ndarray


def fit_boosting(plain_log_odds, features, positive, weight, folds, settings):
    """Boost from the plain calibrator for as many rounds as cross-fitting says.

    Parameters
    ----------
    plain_log_odds : callable
        Takes rows, fits the plain calibrator to them and returns its log-odds of all rows.
    features : ndarray of shape (n, n_features)
        With NaN where missing.
    positive : ndarray of shape (n,) of bool
        Both values occur in all training parts.
    weight : ndarray of shape (n,)
        Positive.
    folds : list of (train, test) rows
        Every row is tested once; no folds mean no rounds.
    settings : TreeSettings
        Of every round.
    """

    def start(train):
        return _Run(plain_log_odds(train), features, positive, weight, train, settings)

    losses = _cross_fitted_losses(start, folds, weight, settings.max_rounds)
    total = weight.sum()
    difference = (losses - losses[0]) @ weight / total
    error = np.sqrt((losses - losses[0] - difference[:, None]) ** 2 @ weight) / total
    best = int(np.argmin(difference))
    run = start(np.arange(positive.size))
    if -difference[best] > error[best]:
        for _ in range(best):
            run.advance()
    return BoostedEffects(run.rounds, losses @ weight / total, difference, error)


class _Run:
    """Boosting on some of the rows, with log-odds for all of them."""

    def __init__(self, log_odds, features, positive, weight, train, settings):
        self.log_odds, self.features = log_odds, features
        self.target, self.weight = positive.astype(float), weight
        self.train, self.settings, self.rounds = train, settings, []
        self.train_features = features[train]
        self.train_features[:, np.isnan(self.train_features).all(axis=0)] = 0  # trees need a value

    def advance(self):
        train, settings = self.train, self.settings
        p = expit(self.log_odds[train])
        curvature = np.maximum(p * (1 - p), _LEAST_CURVATURE)
        trees = HistGradientBoostingRegressor(
            learning_rate=settings.learning_rate,
            max_iter=settings.trees_per_round,
            max_leaf_nodes=settings.max_leaf_nodes,
            min_samples_leaf=settings.min_samples_leaf,
            l2_regularization=settings.l2,
            categorical_features=settings.categorical,
            early_stopping=False,
            random_state=0,
        ).fit(
            self.train_features,
            (self.target[train] - p) / curvature,
            sample_weight=self.weight[train] * curvature,
        )
        self.rounds.append(trees)
        self.log_odds = self.log_odds + trees.predict(self.features)

    def losses(self, rows):
        z = self.log_odds[rows]
        return np.logaddexp(0, z) - self.target[rows] * z


def _cross_fitted_losses(start, folds, weight, max_rounds):
    """Log loss of each row (columns) after each round (rows), by trees that have not seen it."""
    runs = [start(train) for train, _ in folds]
    path = [_held_out(runs, folds, weight.size)]
    best, best_round = path[0] @ weight, 0
    for step in range(1, max_rounds + 1 if folds else 1):
        for run in runs:
            run.advance()
        path.append(_held_out(runs, folds, weight.size))
        total = path[-1] @ weight
        if total < best:
            best, best_round = total, step
        if step - best_round >= _PATIENCE:
            break
    return np.array(path)


def _held_out(runs, folds, n_rows):
    losses = np.zeros(n_rows)
    for run, (_, test) in zip(runs, folds, strict=True):
        losses[test] = run.losses(test)
    return losses
