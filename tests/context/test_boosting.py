import numpy as np
import pytest
from scipy.special import expit
from sklearn.model_selection import KFold

from sklearn_calib.context._boosting import TreeSettings, fit_boosting

SETTINGS = TreeSettings(5, [False, True])


def sample(n=1200, effect=1.5, seed=0):
    rng = np.random.default_rng(seed)
    z, group = rng.normal(size=n), rng.integers(0, 4, n)
    positive = rng.random(n) < expit(z + effect * (group == 0))
    return z, np.column_stack([np.floor(4 * z), group]), positive


def boost(z, features, positive, folds=3, settings=SETTINGS, weight=None):
    folds = list(KFold(folds, shuffle=True, random_state=0).split(z)) if folds else []
    weight = np.ones(z.size) if weight is None else weight
    return fit_boosting(lambda train: z, features, positive, weight, folds, settings)


def log_loss(z, positive):
    return np.mean(np.logaddexp(0, z) - positive * z)


def test_losses_without_rounds_are_those_of_the_plain_calibrator():
    z, features, positive = sample()
    effects = boost(z, features, positive)
    assert effects.loss[0] == pytest.approx(log_loss(z, positive))
    assert effects.difference[0] == effects.standard_error[0] == 0


def test_each_round_lowers_the_loss_of_its_own_rows():
    z, features, positive = sample()
    effects = boost(z, features, positive)
    assert len(effects.rounds) > 1
    losses = [log_loss(z, positive)]
    for trees in effects.rounds:
        z = z + trees.predict(features)
        losses.append(log_loss(z, positive))
    assert np.all(np.diff(losses) < 0)


def test_number_of_rounds_is_that_of_least_held_out_loss():
    z, features, positive = sample()
    effects = boost(z, features, positive)
    assert len(effects.rounds) == np.argmin(effects.loss)


def test_standard_error_is_that_of_paired_differences():
    """Of one round, against rows whose losses are computed here."""
    z, features, positive = sample()
    folds = list(KFold(2).split(z))
    one = TreeSettings(1, [False, True])
    weight = np.ones(z.size)
    effects = fit_boosting(lambda train: z, features, positive, weight, folds, one)
    difference = np.zeros(z.size)
    for train, test in folds:
        (trees,) = fit_boosting(
            lambda rows, train=train: z[train],
            features[train],
            positive[train],
            weight[train],
            list(KFold(2).split(train)),
            one,
        ).rounds
        there = z[test] + trees.predict(features[test])
        difference[test] = np.logaddexp(0, there) - positive[test] * there
        difference[test] -= np.logaddexp(0, z[test]) - positive[test] * z[test]
    assert effects.difference[1] == pytest.approx(difference.mean(), rel=1e-9)
    assert effects.standard_error[1] == pytest.approx(difference.std() / np.sqrt(z.size), rel=1e-9)


def test_nothing_is_boosted_without_folds_or_evidence():
    z, features, positive = sample()
    assert boost(z, features, positive, folds=0).rounds == []
    z, features, positive = sample(600, effect=0)
    assert boost(z, features, positive).rounds == []


def test_sure_rows_stay_finite():
    z, features, positive = sample(300)
    effects = boost(300 * z, features, positive)
    assert np.isfinite(effects.loss).all()
    assert all(np.isfinite(trees.predict(features)).all() for trees in effects.rounds)


def test_patience_ends_what_leads_nowhere():
    z, features, positive = sample(300, effect=0)
    effects = boost(z, features, positive, settings=TreeSettings(50, [False, True]))
    assert effects.loss.size < 10
