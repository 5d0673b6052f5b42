import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from sklearn_calib._core.signals import fit_signals


def problem(n=60, seed=0):
    rng = np.random.default_rng(seed)
    columns = np.vstack([rng.normal(1, 2, n), rng.normal(0, 1, n)])
    positive = rng.random(n) < expit(0.5 * columns[0] + columns[1] - 0.3)
    return columns, positive, rng.uniform(0.5, 2, n)


def penalised_loss(coef, columns, positive, weight, centre, strength):
    """The loss as the docstring tells it, with one more loss for each coefficient."""
    z = coef[:-1] @ columns + coef[-1]
    loss = weight @ (np.logaddexp(0, z) - positive * z)
    total = weight.sum()
    terms = zip(
        coef, [*centre, 0], [*columns, np.ones(z.size)], [*strength, strength[0]], strict=True
    )
    for b, b0, column, k in terms:
        u = min(np.sqrt(weight @ column**2 / total), 2.4)
        loss += k * (np.logaddexp(0, u * b) - expit(u * b0) * u * b)
    return loss


@pytest.mark.parametrize("strength", [(0, 0), (1, 1), (8, 40), (100, 3)])
def test_minimises_the_penalised_loss(strength):
    columns, positive, weight = problem()
    centre = np.array([1.0, 0.0])
    arguments = (columns, positive, weight, centre, strength)
    found = fit_signals(columns, centre, positive, weight, strength)
    best = minimize(penalised_loss, np.zeros(3), arguments, tol=1e-12, method="BFGS")
    np.testing.assert_allclose(found.coef, best.x, atol=1e-4)
    assert penalised_loss(found.coef, *arguments) <= best.fun + 1e-9
    assert found.finite


def test_the_prior_is_the_limit_of_strong_shrinkage():
    columns, positive, weight = problem()
    coef = fit_signals(columns, np.array([1.0, 0.0]), positive, weight, (1e7, 1e7)).coef
    np.testing.assert_allclose(coef, [1, 0, 0], atol=1e-4)


def test_one_outcome_only_has_a_finite_optimum():
    columns, positive, _ = problem()
    fit = fit_signals(columns, np.array([1.0, 0.0]), np.ones_like(positive), None, (4, 4))
    assert fit.finite
    assert np.isfinite(fit.coef).all()


def test_a_constant_column_keeps_the_prior():
    columns, positive, _ = problem()
    columns[1] = 0
    assert fit_signals(columns, np.array([1.0, 0.0]), positive, None, (4, 4)).coef[1] == 0
