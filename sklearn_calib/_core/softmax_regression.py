"""Softmax regression on log-probabilities, shrunk towards a given map.

The class scores of a row x are linear in coefficients W of shape (n_classes, n_terms)::

    OwnScore    t_j = W_j0 x_j + W_j1                   vector scaling
    AllScores   t_j = sum_i W_ji x_i + W_jk             matrix scaling, Dirichlet calibration

and W minimises, with row weights w of sum n,

    L(W) = 1/n sum_i w_i (log sum_j exp t_ij - t_{i, y_i}) + sum_jc penalty_jc (W_jc - target_jc)^2.

With p = softmax(t), and f_j the terms that W_j multiplies, (x_j, 1) or (x, 1), the derivatives of the
log loss are::

    gradient_j   = mean_i (p_ij - [y_i = j]) f_ij
    Hessian_jl   = mean_i p_ij ([j = l] - p_il) f_ij f_il^T

Scores are held transposed, one class per row of the array, with a last row of ones, so that every
operation runs along the rows of data; these are visited in blocks that stay in cache.

The search is a preconditioned L-BFGS. With few coefficients the preconditioner is the inverse Hessian,
so that the steps are Newton's. With many it takes classes as independent and the terms of one class as
uncorrelated, which needs no factorisation. Products are too small for a BLAS to start threads on them:
where cores are shared they wait for each other, and a fit took fifty times as long.
"""

import numpy as np

from sklearn_calib._core.lbfgs import lbfgs, rounding
from sklearn_calib._core.temperature import optimal_temperature

_BLOCK = 1 << 16  # elements per block: half a MiB of float64 stays in the second-level cache
_PRODUCT = 1 << 18  # multiplications up to which OpenBLAS keeps to one thread
_DENSE = 72  # coefficients up to which the Hessian is inverted; its products fill _PRODUCT well
_DENSE_IF_HARD = 512  # the same where the diagonal has not served, at the price of threads
_SAMPLE_ROWS = 4096  # for a Hessian near that of all rows, and a start near their optimum ...
_SAMPLE_GAIN = 3  # ... which pays if all rows are so many times more
_SAMPLE_TOLERANCE = 1e-6  # below the statistical error of the sample
# Decrement at the end. Newton-like steps get from 1e-12 to 1e-18 in about two, all digits of W.
_TOLERANCE_DENSE, _TOLERANCE_DIAGONAL = 1e-18, 1e-12
_STEPS_DENSE, _STEPS_DIAGONAL = 8, 100  # after these the preconditioner is renewed
_RENEWALS = 50
_JITTER = 1e-12  # relative; the Hessian stays positive definite under rounding
# Row sums of exp within these bounds lost nothing to under- or overflow.
_SAFE_LOW, _SAFE_HIGH = 1e-280, 1e280
# Penalty of a free coefficient, in units of the structured one. Data that know a coefficient as well
# as a hundred-thousandth of a row does overrule it.
_FREE = 1e-7
_HELD = 0.1  # log-odds that a tenth of that penalty moves only where nothing else holds them


class OwnScore:
    """Class scores t_j = W_j0 x_j + W_j1."""

    common = slice(1, 2)  # columns of W whose term is the same for all classes

    @staticmethod
    def scores(coef, x, out):
        np.multiply(x[:-1], coef[:, :1], out=out)
        out += coef[:, 1:]

    @staticmethod
    def sums(share, x):
        """Sum over the rows of share_j f_j."""
        return np.column_stack([np.einsum("jm,jm->j", share, x[:-1]), share.sum(axis=1)])

    @staticmethod
    def terms(x):
        return np.stack([x[:-1], np.broadcast_to(x[-1], x[:-1].shape)], axis=1)


class AllScores:
    """Class scores t = W (x, 1)."""

    common = slice(None)

    @staticmethod
    def scores(coef, x, out):
        for rows in _slices(x.shape[1], _PRODUCT // coef.size):
            np.matmul(coef, x[:, rows], out=out[:, rows])

    @staticmethod
    def sums(share, x):
        """Sum over the rows of share_j f_j."""
        total = np.zeros((share.shape[0], x.shape[0]))
        for rows in _slices(x.shape[1], _PRODUCT // total.size):
            total += share[:, rows] @ x[:, rows].T
        return total

    @staticmethod
    def terms(x):
        return x[None]


def _slices(n, width):
    width = max(1, width)
    return (slice(start, min(start + width, n)) for start in range(0, n, width))


# The scores


def reference_temperature(z, code, weight):
    """Temperature T and slope of the map softmax(slope z / T) to which scores are compared.

    The optimal temperature and 1. Where it is unbounded because labels score no better than the
    average class, the spread of the scores (the root mean square of the standard deviations of the
    rows) and 0, which is the limit: all classes equally probable. The status is that of
    `optimal_temperature`.
    """
    temperature, status = optimal_temperature(z, code, weight)
    if status == "uninformative":
        spread = np.sqrt(np.average(z.var(axis=1), weights=weight))
        return float(spread), 0.0, status
    return temperature, 1.0, status


def with_ones(scores):
    """Scores of shape (n, n_classes), transposed, with a last row of ones."""
    x = np.empty((scores.shape[1] + 1, scores.shape[0]))
    x[:-1], x[-1] = scores.T, 1
    return x


def tempered(z, temperature):
    """Log-probabilities log softmax(z / temperature), transposed, with a last row of ones."""
    x = np.empty((z.shape[1] + 1, z.shape[0]))
    x[-1] = 1
    for rows in _slices(z.shape[0], _BLOCK // x.shape[0]):
        block = x[:-1, rows]
        np.divide(z[rows].T, temperature, out=block)
        block -= block.max(axis=0)
        block -= np.log(np.exp(block).sum(axis=0))
    return x


# The regression


def softmax_regression(form, x, code, weight, penalty, target, start=None):
    """Coefficients that minimise the penalised mean log loss.

    Assumes x with a last row of ones, and a positive `penalty` and a `target` of the shape of the
    coefficients, (n_classes, n_terms). The search starts at the target unless `start` is given.
    """
    rows = _LogLoss(form, x, code, weight)
    coef = target if start is None else start
    coef = target + _without_common_part(form, coef - target, penalty)
    stride = code.size // _SAMPLE_ROWS
    if target.size > _DENSE or stride < _SAMPLE_GAIN:
        return _minimise(rows, rows, coef, penalty, target)
    sample = _LogLoss(
        form,
        np.ascontiguousarray(x[:, ::stride]),
        code[::stride],
        None if weight is None else weight[::stride],
    )
    coef = _minimise(sample, sample, coef, penalty, target, _SAMPLE_TOLERANCE)
    return _minimise(rows, sample, coef, penalty, target)


def free_softmax_regression(form, x, code, weight, penalty, target):
    """The same where coefficients of `penalty` 0 are free; None if there is no finite optimum.

    Free coefficients get a penalty that any row overrules, and then a tenth of it: what still moves is
    held by nothing else.
    """
    free = np.where(penalty == 0, _FREE * structured_penalty(code, weight, target.shape[0]), 0)
    first = softmax_regression(form, x, code, weight, penalty + free, target)
    coef = softmax_regression(form, x, code, weight, penalty + free / 10, target, start=first)
    moved = _LogLoss(form, x, code, weight).largest_log_odds(coef - first)
    return coef if moved < _HELD else None


def structured_penalty(code, weight, n_classes):
    """Penalty of a parameter per class, n_classes / (sum of weights): Berta et al. (arXiv 2511.03685)."""
    return n_classes / (code.size if weight is None else weight.sum())


def _minimise(rows, sample, coef, penalty, target, tolerance=None):
    """L-BFGS, preconditioned by the `sample` first and by all `rows` if that does not suffice."""

    def objective(coef):
        loss, gradient = rows.value_and_gradient(coef)
        weighted = penalty * (coef - target)
        return loss + np.sum(weighted * (coef - target)), gradient + 2 * weighted

    before = np.inf
    for dense in (_DENSE, *_RENEWALS * [_DENSE_IF_HARD]):
        if coef.size <= dense:
            invert, steps, final = _dense_inverse, _STEPS_DENSE, _TOLERANCE_DENSE
        else:
            invert, steps, final = _diagonal_inverse, _STEPS_DIAGONAL, _TOLERANCE_DIAGONAL
        solve = invert(sample, coef, 2 * penalty)

        def precondition(gradient, solve=solve):
            return _without_common_part(rows.form, solve(gradient), penalty)

        coef, value, converged = lbfgs(objective, coef, precondition, tolerance or final, steps)
        if converged or (sample is rows and before - value <= rounding(value)):
            break
        sample, before = rows, value
    return coef


def _without_common_part(form, deviation, penalty):
    """Deviations from the target, less what all classes have in common.

    Adding the same to the coefficients of all classes changes no probability. What it does to the
    penalty is known, so that the search need not feel its way along a direction without curvature.
    """
    deviation = deviation.copy()
    share = penalty[:, form.common] / penalty[:, form.common].sum(axis=0)
    deviation[:, form.common] -= np.sum(share * deviation[:, form.common], axis=0)
    return deviation


class _LogLoss:
    """The mean log loss of some rows as a function of the coefficients, and its derivatives."""

    def __init__(self, form, x, code, weight):
        self.form, self.x = form, x
        self.weight = np.ones(code.size) if weight is None else weight
        self.total = self.weight.sum()
        self.size = min(max(1, _BLOCK // x.shape[0]), code.size)
        self.buffer = np.empty((x.shape[0] - 1, self.size))
        self.label_sums = self._label_sums(code)

    def _label_sums(self, code):
        """Mean of f_j over the rows of class j, as a share of all rows."""
        sums = 0.0
        for x, weight, label in self._blocks(self.size, code):
            share = self.buffer[:, : label.size]
            share[:] = 0
            share[label, np.arange(label.size)] = weight
            sums = sums + self.form.sums(share, x)
        return sums / self.total

    def _blocks(self, size, *vectors):
        for rows in _slices(self.x.shape[1], size):
            yield self.x[:, rows], self.weight[rows], *(vector[rows] for vector in vectors)

    def value_and_gradient(self, coef):
        loss, gradient = 0.0, np.zeros_like(coef)
        for x, weight in self._blocks(self.size):
            t, mass, shift = self._exponentials(coef, x)
            loss += np.sum(weight * (np.log(mass) + shift))
            t *= weight / mass
            gradient += self.form.sums(t, x)
        return (
            loss / self.total - np.sum(coef * self.label_sums),
            gradient / self.total - self.label_sums,
        )

    def _exponentials(self, coef, x):
        """Return exp(t - shift), in the buffer, its sum over the classes, and the shift."""
        t, shift = self.buffer[:, : x.shape[1]], 0.0
        self.form.scores(coef, x, t)
        with np.errstate(over="ignore", under="ignore"):
            np.exp(t, out=t)
            mass = t.sum(axis=0)
            if not (mass.min() > _SAFE_LOW and mass.max() < _SAFE_HIGH):
                self.form.scores(coef, x, t)
                shift = t.max(axis=0)
                t -= shift
                np.exp(t, out=t)
                mass = t.sum(axis=0)
        return t, mass, shift

    def hessian(self, coef):
        """Second derivatives, of shape (coef.size, coef.size)."""
        k, c = coef.shape
        outer, own = np.zeros((k * c, k * c)), np.zeros((k, c, c))
        for x, weight in self._blocks(min(max(1, _PRODUCT // coef.size**2), self.size)):
            p, mass, _ = self._exponentials(coef, x)
            root, terms = np.sqrt(weight), self.form.terms(x)
            product = (p * (root / mass))[:, None] * terms
            flat = product.reshape(k * c, -1)
            outer += flat @ flat.T
            own += product @ (root * terms).transpose(0, 2, 1)
        hessian, classes = -outer.reshape(k, c, k, c), np.arange(k)
        hessian[classes, :, classes, :] += own
        return hessian.reshape(k * c, k * c) / self.total

    def moments(self, coef):
        """Means of v f_j and of v f_j^2 with v = p_j (1 - p_j); the last term of f_j is 1."""
        first, second = np.zeros_like(coef), np.zeros_like(coef)
        for x, weight in self._blocks(self.size):
            p, mass, _ = self._exponentials(coef, x)
            p /= mass
            p *= (1 - p) * weight
            first += self.form.sums(p, x)
            second += self.form.sums(p, x * x)
        return first / self.total, second / self.total

    def largest_log_odds(self, coef):
        """The largest difference of two class scores of a row."""
        largest = 0.0
        for x, _ in self._blocks(self.size):
            t = self.buffer[:, : x.shape[1]]
            self.form.scores(coef, x, t)
            largest = max(largest, (t.max(axis=0) - t.min(axis=0)).max())
        return largest


def _dense_inverse(rows, coef, ridge):
    """Inverse of the Hessian plus the diagonal `ridge`, as a function of the gradient."""
    hessian = rows.hessian(coef)
    diagonal = np.diag_indices(coef.size)
    hessian[diagonal] += ridge.ravel()
    hessian[diagonal] *= 1 + _JITTER
    inverse = np.linalg.inv(hessian)
    return lambda gradient: (inverse @ gradient.ravel()).reshape(coef.shape)


def _diagonal_inverse(rows, coef, ridge):
    """Inverse of h (m m^T + diag(s^2)) + diag(ridge) for each class, as a function of the gradient.

    h is the mean of v = p_j (1 - p_j), and m and s^2 are the means and variances of the terms under
    v. For own scores this is the exact block of each class.
    """
    first, second = rows.moments(coef)
    root = first / np.sqrt(np.maximum(first[:, -1:], np.finfo(float).tiny))
    diagonal = np.maximum(second - root * root, 0) + ridge
    ratio = root / diagonal
    share = 1 / (1 + np.sum(root * ratio, axis=1, keepdims=True))

    def solve(gradient):
        return gradient / diagonal - ratio * (
            share * np.sum(ratio * gradient, axis=1, keepdims=True)
        )

    return solve
