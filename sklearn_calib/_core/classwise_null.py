"""What is seen of all classes together when the stated probabilities are right.

A row has one label, so that its outcomes in the classes are not independent. Labels are drawn row by row
from the stated probabilities; what a test needs of them is how many labels of each class fall into each
cell of rows with neighbouring probabilities of that class.
"""

import numpy as np

_DRAWS = 1 << 21  # labels drawn at once
# Up to so many classes a label is found by looking at all of them; a search has more to do per step.
_FEW_CLASSES = 64


def simulate_label_counts(proba, cell, weight, n_cells, n_simulations, rng):
    """Yield labels per cell, of shape (some, n_cells), until there are `n_simulations`.

    `cell` holds the cell of each row in each class, of shape (n, n_classes); cells of classes differ.
    Labels count by `weight`, or once where it is None.
    """
    n_samples, n_classes = proba.shape
    cumulative = np.cumsum(proba, axis=1)
    cumulative = cumulative[:, :-1] / cumulative[:, -1:]  # rows sum to 1 up to rounding
    at_once = min(n_simulations, max(1, _DRAWS // n_samples))
    first = np.arange(n_samples) * n_classes
    for start in range(0, n_simulations, at_once):
        size = min(at_once, n_simulations - start)
        label = _draw_labels(cumulative, rng.random((size, n_samples)))
        cells = cell.reshape(-1).take(first + label) + n_cells * np.arange(size)[:, None]
        weights = None if weight is None else np.tile(weight, size)
        yield np.bincount(cells.reshape(-1), weights, n_cells * size).reshape(size, n_cells)


def _draw_labels(cumulative, uniform):
    """Number of cumulative probabilities of the row that do not exceed each of the uniform numbers."""
    n_samples, n_steps = cumulative.shape
    if n_steps < _FEW_CLASSES:
        label = np.zeros(uniform.shape, dtype=np.uint8)
        for column in np.ascontiguousarray(cumulative.T):
            label += column <= uniform
        return label
    row = np.arange(n_samples)
    shifted = (cumulative + row[:, None]).reshape(-1)  # ascending over all rows
    return np.searchsorted(shifted, uniform + row, side="right") - row * n_steps


def multiclass_spiegelhalter_z(proba, code, weight):
    """Spiegelhalter's z of the Brier score summed over the classes, for labels drawn from the rows.

    The score differs from its expectation by sum_k (o_k - p_k)(1 - 2 p_k), which is the value of
    1 - 2 p of the label less its mean; its variance is that of a draw.
    """
    value = 1.0 - 2.0 * proba
    mean = np.sum(proba * value, axis=1)
    variance = np.sum(proba * (value - mean[:, None]) ** 2, axis=1)
    excess = value[np.arange(code.size), code] - mean
    if weight is not None:
        excess, variance = excess * weight, variance * weight**2  # one draw of so much weight
    z, total = excess.sum(), variance.sum()
    return float(z / np.sqrt(total)) if total > 0 else float(np.copysign(np.inf, z) if z else 0)
