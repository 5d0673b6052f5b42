"""Statistics of calibration tests: functions of the residuals of cells; large values speak against it.

Each takes residuals of shape (n_samples, n_cells) and returns shape (n_samples,), so that the same
line computes the observed value and its distribution under the null hypothesis.
"""

import numpy as np

# Weights of level, trend and what is left. Too much and too little confidence show in the first two,
# which count alike; in simulations that gave more power than weights 1 / k, and nearly as much elsewhere.
COMPONENT_WEIGHTS = 1 / np.array([1, 1, 2, 3, 4, 5, 6, 7])
# Residuals of impossible mistakes are whole rows; what is smaller is rounding. So are statistics that
# differ by less.
_ROUNDING = 1e-9


def smooth(residuals, cells):
    """Weighted sum of squared components of the residuals along orthonormal polynomials.

    The polynomials are those of Legendre in the share of the total variance below a cell: the first is
    the mean gap, the second a trend, and so on. At perfect calibration the components are uncorrelated
    with variance 1. Neyman's smooth test with weights that favour the smooth.
    """
    variance = _variance(cells)
    components = residuals @ _orthonormal(variance)
    size = components**2 @ COMPONENT_WEIGHTS[: components.shape[1]]
    return size + _impossible(residuals, variance).sum(axis=1)


def _impossible(residuals, variance):
    """Infinite where something happened that has no variance, such as a mistake at probability 1."""
    return np.where((variance <= 0) & (np.abs(residuals) > _ROUNDING), np.inf, 0.0)


def _variance(cells):
    variance = cells.variance if cells.squares is None else cells.squares
    return np.where(variance < np.finfo(float).tiny, 0, variance)  # whose reciprocal is infinite


def _orthonormal(variance):
    """Columns f_k with sum(variance f_k f_l) = (k == l), of ascending degree."""
    varies = variance > 0
    n_components = min(COMPONENT_WEIGHTS.size, int(varies.sum()))
    if n_components == 0:
        return np.zeros((variance.size, 1))
    time = 2 * (np.cumsum(variance) - variance / 2) / variance.sum() - 1
    scale = np.sqrt(variance)
    columns = np.polynomial.legendre.legvander(time, n_components - 1) * scale[:, None]
    basis = np.linalg.qr(columns)[0]
    return np.divide(basis, scale[:, None], out=np.zeros_like(basis), where=varies[:, None])


def kuiper(residuals, cells):
    """Range of the cumulative mean residual; doi:10.1016/S1385-7258(60)50006-0."""
    walk = np.cumsum(residuals, axis=1) / cells.weight.sum()
    return np.maximum(walk.max(axis=1), 0) - np.minimum(walk.min(axis=1), 0)


def ks(residuals, cells):
    """Largest absolute cumulative mean residual."""
    return np.abs(np.cumsum(residuals, axis=1)).max(axis=1) / cells.weight.sum()


def bins(residuals, cells, first):
    """Sum over bins of squared residuals in units of their variance; bins begin at cells `first`."""
    variance = np.add.reduceat(_variance(cells), first)
    total = np.add.reduceat(residuals, first, axis=1)
    size = np.divide(total**2, variance, where=variance > 0, out=np.zeros_like(total))
    return np.sum(size + _impossible(total, variance), axis=1)


def debiased(residuals, cells, first):
    """Squared l2 error over bins minus its expectation under perfect calibration."""
    weight = np.add.reduceat(cells.weight, first)
    noise = np.add.reduceat(_variance(cells), first)
    squared = np.add.reduceat(residuals, first, axis=1) ** 2
    return ((squared - noise) / weight).sum(axis=1) / weight.sum()


def monte_carlo_pvalue(observed, simulated):
    """Share of the simulations, the data among them, that are at least as extreme."""
    tied = np.isclose(simulated, observed, rtol=_ROUNDING, atol=0)
    return float((1 + np.sum(tied | (simulated > observed))) / (1 + simulated.size))


def spiegelhalter_z(events):
    """Spiegelhalter's z of the Brier score: sum (o - p)(1 - 2 p) over its standard deviation.

    Positive where outcomes are less extreme than the probabilities. The deviation is that of outcomes 0
    or 1; of graded ones it is less.
    """
    p, o = events.probability.astype(float), events.outcome
    weight = 1.0 if events.weight is None else events.weight
    variance = np.sum(weight * (1 - 2 * p) ** 2 * p * (1 - p))
    z = np.sum(weight * (o - p) * (1 - 2 * p))
    return (
        float(z / np.sqrt(variance)) if variance > 0 else float(np.copysign(np.inf, z) if z else 0)
    )
