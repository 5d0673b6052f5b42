import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from sklearn_calib._core.group_effects import (
    _evidence,
    fit_group_effects,
    predict_group_effects,
)
from sklearn_calib._core.logistic import fit_logistic


def sample(n, offsets, slopes, seed=0):
    """Log-odds z that are right in group g for slope * z + offset."""
    rng = np.random.default_rng(seed)
    z, g = rng.normal(1, 1.5, n), rng.integers(0, len(offsets), n)
    p = expit(np.asarray(slopes)[g] * z + np.asarray(offsets)[g])
    return z, (rng.random(n) < p).astype(float), g


def plain(z, y):
    slope, intercept = fit_logistic([z], y > 0, start=[1.0, 0.0]).coef
    return slope * z + intercept


def fit(z, y, codes, sizes=None, weight=None, **options):
    weight = np.ones(y.size) if weight is None else weight
    sizes = sizes or [int(code.max()) + 1 for code in codes]
    return fit_group_effects(z, y, weight, codes, sizes, **options)


def test_one_group_is_the_population():
    z, y, _ = sample(300, [0.3], [0.7])
    z = plain(z, y)
    one = np.zeros(300, dtype=int)
    effects = fit(z, y, [one])
    np.testing.assert_array_equal(effects.deviations[0], 0)
    np.testing.assert_allclose(predict_group_effects(effects, z, [one]), z, atol=1e-6)


def test_without_groupings_it_is_the_population():
    z, y, _ = sample(300, [0.3], [0.7])
    z = plain(z, y)
    np.testing.assert_allclose(predict_group_effects(fit(z, y, []), z, []), z, atol=1e-6)


def test_infinite_precision_is_the_population():
    z, y, g = sample(500, [-1, 0, 1], [1, 0.5, 1])
    z = plain(z, y)
    effects = fit(z, y, [g], precision=np.inf)
    np.testing.assert_array_equal(effects.deviations[0], 0)
    np.testing.assert_allclose(predict_group_effects(effects, z, [g]), z, atol=1e-6)


def test_no_shrinkage_is_a_fit_of_each_group():
    z, y, g = sample(3000, [-1, 0, 1], [1, 0.5, 1.4])
    effects = fit(z, y, [g], precision=0)
    there = predict_group_effects(effects, z, [g])
    for k in range(3):
        np.testing.assert_allclose(there[g == k], plain(z[g == k], y[g == k]), atol=1e-4)


def test_optimum_of_the_penalised_loss():
    """A general minimiser of the loss as it is defined, for two groupings."""
    z, y, g = sample(200, [-1, 0, 1], [1, 0.5, 1.4])
    h = np.random.default_rng(1).integers(0, 2, 200)
    weight = np.random.default_rng(2).uniform(0.5, 2, 200)
    precision = 3.0
    effects = fit(z, y, [g, h], weight=weight, precision=precision)
    u = (z - effects.center) / effects.spread

    def loss(x):
        t = x.reshape(6, 2)
        s = t[0] + t[1 + g] + t[4 + h]
        eta = s[:, 0] + s[:, 1] * u
        penalty = precision / 2 * np.sum(t[1:] ** 2)
        return weight @ (np.logaddexp(0, eta) - y * eta) + penalty

    ours = np.vstack([effects.population, *effects.deviations])
    best = minimize(loss, np.zeros(12), method="BFGS", options={"gtol": 1e-8})
    assert loss(ours.ravel()) == pytest.approx(best.fun, rel=1e-9)
    np.testing.assert_allclose(ours.ravel(), best.x, atol=1e-3)


def test_evidence_is_the_integral_of_the_quadratic():
    """Against dense algebra: the joint density of all coefficients, integrated as one Gaussian."""
    rng = np.random.default_rng(0)
    n_groups = 4
    root = rng.normal(size=(n_groups + 1, 2, 3))
    information, pull = root @ root.transpose(0, 2, 1), rng.normal(size=(n_groups + 1, 2))

    def dense(scale):
        size = 2 * (n_groups + 1)
        precision, linear = np.zeros((size, size)), np.zeros(size)
        for k in range(n_groups + 1):
            select = np.zeros((2, size))
            select[:, :2] = np.eye(2)
            if k < n_groups:  # the last entry is no group
                select[:, 2 + 2 * k : 4 + 2 * k] = np.eye(2)
            precision += select.T @ information[k] @ select
            linear += select.T @ pull[k]
        prior = np.tile(1 / scale**2, n_groups)
        precision[2:, 2:] += np.diag(prior)
        explained = linear @ np.linalg.solve(precision, linear)
        return (explained + np.log(prior).sum() - np.linalg.slogdet(precision)[1]) / 2

    scales = [np.array(pair) for pair in ((0.1, 0.3), (1.0, 0.05), (2.0, 2.0))]
    ours = [_evidence(scale, pull, information) for scale in scales]
    np.testing.assert_allclose(
        np.diff(ours), np.diff([dense(scale) for scale in scales]), rtol=1e-8
    )


@pytest.mark.parametrize("seed", range(5))
def test_groups_that_do_not_differ_are_left_alone(seed):
    z, y, g = sample(2000, np.zeros(20), np.ones(20), seed)
    z = plain(z, y)
    change = predict_group_effects(fit(z, y, [g]), z, [g]) - z
    # free fits of 100 rows each would be off by about sqrt(2 / (100 * 0.2)) = 0.3
    assert np.sqrt(np.mean(change**2)) < 0.15


def test_scale_of_many_groups_is_found():
    rng = np.random.default_rng(0)
    offsets = rng.normal(0, 0.8, 200)
    z, y, g = sample(20000, offsets, np.ones(200))
    effects = fit(z, y, [g])
    assert 0.8 / 1.5 < effects.scales[0][0] < 0.8 * 1.5
    error = predict_group_effects(effects, z, [g]) - (z + offsets[g])
    # the population alone is off by 0.8; the posterior standard deviation of a group by about
    # 1 / sqrt(1 / 0.8^2 + 100 * 0.18) = 0.23
    assert np.sqrt(np.mean(error**2)) < 0.3


def test_small_groups_borrow_more_strength():
    """A group of three right answers moves less than one of three hundred."""
    rng = np.random.default_rng(0)
    g = np.repeat([0, 1, 2, 3], [1000, 1000, 300, 3])
    z = rng.normal(size=g.size)
    y = (rng.random(g.size) < expit(z + np.array([-0.7, 0.2, 3, 3])[g])).astype(float)
    y[g == 3] = 1
    offsets = fit(z, y, [g]).deviations[0][:, 0]
    assert 0 < offsets[3] < offsets[2] / 2


def test_order_of_groups_does_not_matter():
    z, y, g = sample(1000, [-1, 0, 1, 0.3], [1, 0.5, 1.4, 1])
    order = np.array([2, 0, 3, 1])
    one, other = fit(z, y, [g]), fit(z, y, [order[g]])
    np.testing.assert_allclose(one.deviations[0], other.deviations[0][order], atol=1e-7)


def test_integer_weights_are_repetitions():
    z, y, g = sample(400, [-1, 0, 1], [1, 0.5, 1.4])
    weight = np.random.default_rng(1).integers(1, 4, 400)
    rows = np.repeat(np.arange(400), weight)
    weighted = fit(z, y, [g], weight=weight.astype(float))
    repeated = fit(z[rows], y[rows], [g[rows]])
    np.testing.assert_allclose(weighted.deviations[0], repeated.deviations[0], atol=1e-7)
    np.testing.assert_array_equal(weighted.weights[0], repeated.weights[0])


def test_rows_in_no_group_are_of_the_population():
    z, y, g = sample(900, [-1, 0, 1], [1, 1, 1])
    g = np.where(g == 2, -1, g)
    effects = fit(z, y, [g], sizes=[2])
    assert effects.deviations[0].shape == (2, 2)
    u = (z - effects.center) / effects.spread
    population = effects.population[0] + effects.population[1] * u
    there = predict_group_effects(effects, z, [np.full(900, -1)])
    np.testing.assert_allclose(there, population)


@pytest.mark.parametrize("precision", [None, 0, 1e-3])
def test_separable_groups_stay_finite(precision):
    z, y, g = sample(300, [0, 0, 0], [1, 1, 1])
    y[g == 0], y[g == 1] = 0, (z[g == 1] > 1).astype(float)
    there = predict_group_effects(fit(z, y, [g], precision=precision), z, [g])
    assert np.isfinite(there).all()


def test_constant_scores_have_offsets_only():
    _, y, g = sample(3000, [-1, 0, 1], [0, 0, 0])
    z = np.full(3000, np.log(y.mean() / (1 - y.mean())))
    there = predict_group_effects(fit(z, y, [g], precision=0), z, [g])
    for k in range(3):
        np.testing.assert_allclose(expit(there[g == k]), y[g == k].mean(), atol=1e-5)


def test_many_groups_are_no_dense_matrix():
    z, y, g = sample(20000, np.zeros(5000), np.ones(5000))
    assert fit(z, y, [g, g[::-1]], sizes=[5000, 5000]).deviations[1].shape == (5000, 2)
