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

from sklearn_calib._core.logistic import fit_logistic

_LEAST_CURVATURE = 1e-6  # of a row: a sure row has a Newton response without bound and no weight
_PATIENCE = 3  # rounds without a better cross-fitted loss after which no more are tried


class TreeSettings(NamedTuple):
    """What the trees of every round have in common."""

    learning_rate: float
    trees_per_round: int
    max_leaf_nodes: int
    min_samples_leaf: int
    l2: float
    max_rounds: int
    categorical: np.ndarray


class BoostedEffects(NamedTuple):
    """Slope and intercept of the plain calibrator, the trees of each round, and how they were chosen."""

    population: np.ndarray
    rounds: list[Any]
    loss: np.ndarray
    difference: np.ndarray
    standard_error: np.ndarray


def fit_boosting(z, features, positive, weight, folds, settings):
    """Boost from the plain calibrator for as many rounds as cross-fitting says.

    Assumes finite log-odds `z`, `features` with NaN where missing, boolean `positive` with both values,
    positive weights, and `folds` as a list of (train, test) rows.
    """
    everywhere = np.arange(z.size)
    losses = _cross_fitted_losses(z, features, positive, weight, folds, settings)
    difference = (losses - losses[0]) @ weight / weight.sum()
    spread = (losses - losses[0] - difference[:, None]) ** 2 @ weight
    error = np.sqrt(spread) / weight.sum()
    best = int(np.argmin(difference))
    if -difference[best] <= error[best]:
        best = 0
    run = _Run(z, features, positive, weight, everywhere, settings)
    for _ in range(best):
        run.advance()
    loss = losses @ weight / weight.sum()
    return BoostedEffects(run.population, run.rounds, loss, difference, error)


def predict_boosting(effects, z, features):
    """Log-odds of rows."""
    slope, intercept = effects.population
    return slope * z + intercept + sum(trees.predict(features) for trees in effects.rounds)


class _Run:
    """Boosting on some of the rows, with log-odds for all of them."""

    def __init__(self, z, features, positive, weight, train, settings):
        fit = fit_logistic([z[train]], positive[train], weight[train], start=[1.0, 0.0])
        self.population = fit.coef
        self.log_odds = fit.coef[0] * z + fit.coef[1]
        self.features, self.target, self.weight = features, positive.astype(float), weight
        self.train, self.settings, self.rounds = train, settings, []

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
            self.features[train],
            (self.target[train] - p) / curvature,
            sample_weight=self.weight[train] * curvature,
        )
        self.rounds.append(trees)
        self.log_odds += trees.predict(self.features)

    def losses(self, rows):
        z = self.log_odds[rows]
        return np.logaddexp(0, z) - self.target[rows] * z


def _cross_fitted_losses(z, features, positive, weight, folds, settings):
    """Log loss of each row (columns) after each round (rows), by trees that have not seen it."""
    runs = [_Run(z, features, positive, weight, train, settings) for train, _ in folds]
    tests = [test for _, test in folds]

    def now():
        losses = np.zeros(z.size)
        for run, test in zip(runs, tests, strict=True):
            losses[test] = run.losses(test)
        return losses

    path = [now()]
    best, best_round = path[0] @ weight, 0
    for step in range(1, settings.max_rounds + 1):
        for run in runs:
            run.advance()
        path.append(now())
        total = path[-1] @ weight
        if total < best:
            best, best_round = total, step
        if step - best_round >= _PATIENCE:
            break
    return np.array(path)
