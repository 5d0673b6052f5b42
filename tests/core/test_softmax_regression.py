"""Penalised softmax regression: derivatives by differences, optima by a general minimiser."""

import time

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from sklearn_calib._core import softmax_regression as module
from sklearn_calib._core.softmax_regression import (
    AllScores,
    OwnScore,
    _LogLoss,
    free_softmax_regression,
    reference_temperature,
    softmax_regression,
    structured_penalty,
    tempered,
    with_ones,
)
from sklearn_calib._core.temperature import optimal_temperature

FORMS = [OwnScore, AllScores]


def overconfident(n, k, seed=0):
    """Log-probabilities, and labels drawn from a skewed softer version (Gumbel-max identity)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=3, size=(n, k))
    skewed = z / 2 * np.linspace(0.7, 1.3, k) + np.linspace(-1, 1, k)
    return log_softmax(z, axis=1), (skewed + rng.gumbel(size=z.shape)).argmax(axis=1)


def shape_of(form, k):
    return (k, 2) if form is OwnScore else (k, k + 1)


def identity(form, k):
    if form is OwnScore:
        return np.column_stack([np.ones(k), np.zeros(k)])
    return np.column_stack([np.eye(k), np.zeros(k)])


def plain_scores(form, coef, log_proba):
    if form is OwnScore:
        return log_proba * coef[:, 0] + coef[:, 1]
    return log_proba @ coef[:, :-1].T + coef[:, -1]


def plain_loss(form, coef, log_proba, code, weight=None):
    log_p = log_softmax(plain_scores(form, coef, log_proba), axis=1)
    return -np.average(log_p[np.arange(code.size), code], weights=weight)


def plain_objective(form, coef, log_proba, code, weight, penalty, target):
    return plain_loss(form, coef, log_proba, code, weight) + np.sum(penalty * (coef - target) ** 2)


def slow_minimum(form, log_proba, code, weight, penalty, target):
    """The minimum by BFGS with numerical derivatives."""

    def objective(flat):
        coef = flat.reshape(target.shape)
        return plain_objective(form, coef, log_proba, code, weight, penalty, target)

    return minimize(objective, target.ravel(), method="BFGS", options={"gtol": 1e-6})


def mixed_penalty(form, k, size, seed=0):
    return size * np.random.default_rng(seed).uniform(0.5, 2, shape_of(form, k))


# Derivatives


def random_coefficients(form, k, seed=1):
    return identity(form, k) + 0.3 * np.random.default_rng(seed).normal(size=shape_of(form, k))


def central_differences(function, coef, step):
    rows = []
    for index in np.ndindex(coef.shape):
        shift = np.zeros_like(coef)
        shift[index] = step
        rows.append((function(coef + shift) - function(coef - shift)) / (2 * step))
    return np.array(rows)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("form", FORMS)
def test_value_gradient_and_hessian(form, k, weighted):
    log_proba, code = overconfident(60, k)
    weight = np.random.default_rng(2).uniform(0.1, 3, 60) if weighted else None
    coef = random_coefficients(form, k)
    loss = _LogLoss(form, with_ones(log_proba), code, weight)
    value, gradient = loss.value_and_gradient(coef)
    assert value == pytest.approx(plain_loss(form, coef, log_proba, code, weight), rel=1e-13)

    def plain(coef):
        return plain_loss(form, coef, log_proba, code, weight)

    differences = central_differences(plain, coef, 1e-5).reshape(coef.shape)
    np.testing.assert_allclose(gradient, differences, rtol=0, atol=1e-8)

    def flat_gradient(coef):
        return loss.value_and_gradient(coef)[1].ravel()

    hessian = loss.hessian(coef)
    np.testing.assert_allclose(
        hessian, central_differences(flat_gradient, coef, 1e-5), rtol=0, atol=1e-8
    )
    np.testing.assert_allclose(hessian, hessian.T, rtol=0, atol=1e-14)


@pytest.mark.parametrize("form", FORMS)
def test_moments_are_those_of_the_binomial_variance(form):
    log_proba, code = overconfident(50, 4)
    weight = np.random.default_rng(2).uniform(0.1, 3, 50)
    coef = random_coefficients(form, 4)
    p = softmax(plain_scores(form, coef, log_proba), axis=1)
    v = p * (1 - p)
    first, second = _LogLoss(form, with_ones(log_proba), code, weight).moments(coef)
    for j in range(4):
        own = log_proba[:, [j]] if form is OwnScore else log_proba
        terms = np.column_stack([own, np.ones(50)])
        np.testing.assert_allclose(first[j], weight @ (v[:, [j]] * terms) / weight.sum())
        np.testing.assert_allclose(second[j], weight @ (v[:, [j]] * terms**2) / weight.sum())


@pytest.mark.parametrize("form", FORMS)
def test_derivatives_do_not_depend_on_the_blocks(form, monkeypatch):
    log_proba, code = overconfident(1000, 5)
    coef, x = random_coefficients(form, 5), with_ones(log_proba)
    whole = _LogLoss(form, x, code, None)
    monkeypatch.setattr(module, "_BLOCK", 7 * 6)
    monkeypatch.setattr(module, "_PRODUCT", 3 * coef.size)
    pieces = _LogLoss(form, x, code, None)
    for name in ("value_and_gradient", "hessian", "moments"):
        one, many = getattr(whole, name)(coef), getattr(pieces, name)(coef)
        for a, b in zip(np.atleast_1d(*one), np.atleast_1d(*many), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1e3, 1e5])
def test_exponentials_beyond_float64(form, size):
    """Class scores of a hundred thousand: exp of them is nothing or infinite, the loss is not."""
    log_proba, code = overconfident(40, 3)
    coef = size * random_coefficients(form, 3)
    value, gradient = _LogLoss(form, with_ones(log_proba), code, None).value_and_gradient(coef)
    assert value == pytest.approx(plain_loss(form, coef, log_proba, code), rel=1e-12)
    assert np.all(np.isfinite(gradient))


# The optimum


@pytest.mark.parametrize("size", [1e-3, 0.1, 10])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("form", "k"), [(OwnScore, 2), (OwnScore, 6), (AllScores, 2), (AllScores, 4)]
)
def test_optimum_is_that_of_a_general_minimiser(form, k, weighted, size):
    log_proba, code = overconfident(300, k)
    weight = np.random.default_rng(2).uniform(0.1, 3, 300) if weighted else None
    penalty, target = mixed_penalty(form, k, size), identity(form, k)
    coef = softmax_regression(form, with_ones(log_proba), code, weight, penalty, target)
    slow = slow_minimum(form, log_proba, code, weight, penalty, target)
    reached = plain_objective(form, coef, log_proba, code, weight, penalty, target)
    assert slow.fun - 1e-7 < reached <= slow.fun + 1e-12
    # a minimum is flat: differences of the objective know its place to about the root of 1e-7
    np.testing.assert_allclose(coef.ravel(), slow.x, rtol=0, atol=1e-3)


def gap(form, coef, log_proba, code, penalty, target):
    """What a Newton step would still gain: half the decrement, by a plain solution."""
    loss = _LogLoss(form, with_ones(log_proba), code, None)
    gradient = (loss.value_and_gradient(coef)[1] + 2 * penalty * (coef - target)).ravel()
    hessian = loss.hessian(coef) + np.diag(2 * penalty.ravel())
    return gradient @ np.linalg.solve(hessian, gradient) / 2


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [1e-3, 0.1])
@pytest.mark.parametrize(("form", "k"), [(OwnScore, 60), (AllScores, 12), (AllScores, 24)])
def test_many_coefficients_reach_the_minimum_too(form, k, size, seed):
    log_proba, code = overconfident(500, k, seed)
    penalty, target = mixed_penalty(form, k, size / k), identity(form, k)
    coef = softmax_regression(form, with_ones(log_proba), code, None, penalty, target)
    assert coef.size > module._DENSE
    assert gap(form, coef, log_proba, code, penalty, target) < 1e-9


@pytest.mark.parametrize(("form", "k"), [(OwnScore, 5), (AllScores, 5)])
def test_a_start_on_a_sample_changes_nothing(form, k):
    """Every other row, which the sample sees, has the labels of another world."""
    n = 4 * module._SAMPLE_ROWS
    log_proba, code = overconfident(n, k)
    code[::4] = np.random.default_rng(3).permutation(code[::4])
    penalty, target = mixed_penalty(form, k, 1e-3), identity(form, k)
    coef = softmax_regression(form, with_ones(log_proba), code, None, penalty, target)
    assert gap(form, coef, log_proba, code, penalty, target) < 1e-12
    repeated = softmax_regression(
        form, with_ones(log_proba[::-1]), code[::-1], np.full(n, 2.5), penalty, target
    )
    np.testing.assert_allclose(coef, repeated, rtol=0, atol=1e-8)


@pytest.mark.parametrize("form", FORMS)
def test_start_does_not_matter(form):
    log_proba, code = overconfident(300, 4)
    penalty, target = mixed_penalty(form, 4, 1e-2), identity(form, 4)
    data = (form, with_ones(log_proba), code, None, penalty, target)
    far = 5 * np.random.default_rng(4).normal(size=target.shape)
    np.testing.assert_allclose(
        softmax_regression(*data, start=far), softmax_regression(*data), rtol=0, atol=1e-8
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_all_classes_have_in_common_costs_least(form):
    """The penalty has no slope along what changes no probability, at the optimum."""
    log_proba, code = overconfident(300, 4)
    penalty, target = mixed_penalty(form, 4, 1e-2), identity(form, 4)
    coef = softmax_regression(form, with_ones(log_proba), code, None, penalty, target)
    slope = np.sum(penalty * (coef - target), axis=0)
    np.testing.assert_allclose(slope[form.common], 0, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_where_rounding_is_the_limit_the_search_ends(form):
    """Scores with an offset of 1e9: their differences have lost nine digits."""
    log_proba, code = overconfident(500, 6)
    penalty, target = mixed_penalty(form, 6, 1e-6), identity(form, 6)
    started = time.perf_counter()
    coef = softmax_regression(form, with_ones(log_proba - 1e9), code, None, penalty, target)
    assert time.perf_counter() - started < 5
    assert np.all(np.isfinite(coef))


# Free coefficients


@pytest.mark.parametrize("k", [2, 4])
def test_free_coefficients_reach_the_unpenalised_minimum(k):
    log_proba, code = overconfident(300, k)
    zero, target = np.zeros((k, 2)), identity(OwnScore, k)
    coef = free_softmax_regression(OwnScore, with_ones(log_proba), code, None, zero, target)
    slow = slow_minimum(OwnScore, log_proba, code, None, zero, target)
    assert plain_loss(OwnScore, coef, log_proba, code) <= slow.fun + 1e-9


def free_diagonal(k, size):
    penalty = np.full((k, k + 1), size)
    penalty[np.diag_indices(k)] = 0
    return penalty


def test_a_free_diagonal_reaches_its_minimum():
    log_proba, code = overconfident(300, 4)
    penalty, target = free_diagonal(4, 0.01), identity(AllScores, 4)
    coef = free_softmax_regression(AllScores, with_ones(log_proba), code, None, penalty, target)
    slow = slow_minimum(AllScores, log_proba, code, None, penalty, target)
    reached = plain_objective(AllScores, coef, log_proba, code, None, penalty, target)
    assert reached <= slow.fun + 1e-9


def without_class(code, k):
    return np.where(code == k, (k + 1) % 3, code)


def told_apart_by_its_score(log_proba, code):
    """Class 0 is right exactly where its own score is above the median."""
    above = log_proba[:, 0] > np.median(log_proba[:, 0])
    return np.where(above, 0, np.where(code == 0, 1, code))


@pytest.mark.parametrize(
    "labels",
    [
        lambda log_proba, code: log_proba.argmax(axis=1),
        lambda log_proba, code: without_class(code, 0),
        told_apart_by_its_score,
    ],
    ids=["all right", "class without rows", "one class told apart"],
)
def test_no_finite_optimum_of_vector_scaling(labels):
    log_proba, code = overconfident(300, 3)
    code = labels(log_proba, code)
    data = (OwnScore, with_ones(log_proba), code, None)
    assert free_softmax_regression(*data, np.zeros((3, 2)), identity(OwnScore, 3)) is None


@pytest.mark.parametrize(
    "labels",
    [
        lambda log_proba, code: log_proba.argmax(axis=1),
        lambda log_proba, code: without_class(code, 0),
    ],
    ids=["all right", "class without rows"],
)
def test_no_finite_optimum_with_a_free_diagonal(labels):
    log_proba, code = overconfident(300, 3)
    code = labels(log_proba, code)
    data = (AllScores, with_ones(log_proba), code, None)
    assert free_softmax_regression(*data, free_diagonal(3, 0.01), identity(AllScores, 3)) is None


def test_nothing_is_free_where_everything_is_penalised():
    log_proba, code = overconfident(300, 3)
    penalty, target = mixed_penalty(OwnScore, 3, 0.1), identity(OwnScore, 3)
    data = (OwnScore, with_ones(log_proba), without_class(code, 0), None, penalty, target)
    np.testing.assert_allclose(
        free_softmax_regression(*data), softmax_regression(*data), rtol=0, atol=1e-9
    )


# Scores and their reference


@pytest.mark.parametrize("temperature", [0.1, 1, 30])
@pytest.mark.parametrize("offset", [0, 1e8])
def test_tempered_scores_are_log_probabilities(temperature, offset):
    z = np.random.default_rng(0).normal(size=(1000, 100)) + offset
    x = tempered(z, temperature)
    assert x.shape == (101, 1000)
    np.testing.assert_array_equal(x[-1], 1)
    expected = log_softmax(z / temperature, axis=1)
    np.testing.assert_allclose(x[:-1].T, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_reference_is_the_optimal_temperature(weighted):
    z, code = overconfident(300, 3)
    weight = np.random.default_rng(2).uniform(0.1, 3, 300) if weighted else None
    expected = optimal_temperature(z, code, weight).value
    assert reference_temperature(z, code, weight) == (expected, 1, "optimal")
    right = reference_temperature(z, z.argmax(axis=1), weight)
    assert right == (optimal_temperature(z, z.argmax(axis=1), weight).value, 1, "separable")
    assert reference_temperature(0 * z, code, weight) == (1, 1, "constant")


@pytest.mark.parametrize("weighted", [False, True])
def test_reference_of_worthless_scores_is_their_spread(weighted):
    """A thousandth of the bound that `optimal_temperature` documents."""
    z = overconfident(300, 3)[0]
    code = z.argmin(axis=1)
    weight = np.random.default_rng(2).uniform(0.1, 3, 300) if weighted else None
    bound = optimal_temperature(z, code, weight).value
    spread, slope, status = reference_temperature(z, code, weight)
    assert spread == pytest.approx(bound / 1000)
    assert (slope, status) == (0, "uninformative")


def test_structured_penalty():
    assert structured_penalty(np.zeros(50, int), None, 4) == 4 / 50
    assert structured_penalty(np.zeros(2, int), np.array([1.5, 8.5]), 4) == 4 / 10
