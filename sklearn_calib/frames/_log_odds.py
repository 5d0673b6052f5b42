"""Sums over the log-odds of records, computed by an engine: what fits of them need.

With z the log-odds of a confidence and o whether the answer was right, a logistic map has the
derivatives that `_core.logistic` and `_core.temperature` state; here an engine adds them up.
"""

import numpy as np

from sklearn_calib._core.temperature import Margins, search_levels
from sklearn_calib._optional import import_narwhals
from sklearn_calib.frames._bins import column, refuse_bad_bins, uniform_bin

_CELLS = 10_000  # of the confidences, whose means bring a search close to the optimum


class LogOddsSums:
    """Events whose frame has the log-odds z, and their sums in fine cells of confidence and outcome.

    `z` is the mean of a cell, `right` its outcome, `weight` its weight; `low` and `high` are the
    extremes of z among the wrong and the right rows.
    """

    def __init__(self, events, floor):
        nw = import_narwhals()
        p = nw.col("p").cast(nw.Float64)

        def raised(x):
            return nw.when(x > floor).then(x).otherwise(nw.lit(floor)).log()

        frame = events.frame.with_columns(bin=uniform_bin(events, _CELLS))
        good = nw.when(nw.col("bin") >= -1).then(p).otherwise(nw.lit(0.5))
        frame = frame.with_columns(z=raised(good) - raised(1.0 - good))
        self.events = events._replace(frame=frame)
        z, w = nw.col("z"), nw.col("w")
        cells = self.events.aggregate(
            ["bin", "o"], {"weight": w, "sum_z": w * z}, {"least": z, "most": z * -1.0}
        )
        refuse_bad_bins(cells)
        self.right = column(cells, "o") == 1
        self.weight = column(cells, "weight")
        self.z = column(cells, "sum_z") / self.weight
        least, most = column(cells, "least"), -column(cells, "most")
        self.low = [least[self.right == o].min(initial=np.inf) for o in (False, True)]
        self.high = [most[self.right == o].max(initial=-np.inf) for o in (False, True)]

    def constant(self):
        """Whether all rows have log-odds 0."""
        return not any(value for value in (*self.low, *self.high) if np.isfinite(value))

    def separable(self):
        """Whether a threshold separates wrong from right, among rows that are not all equal."""
        (wrong_low, right_low), (wrong_high, right_high) = self.low, self.high
        above, below = wrong_high <= right_low, right_high <= wrong_low
        return (above or below) and not (above and below)

    def add_up(self, *terms):
        """Sums of weighted expressions of z and o over all rows, as an array."""
        nw = import_narwhals()
        sums = {f"sum{i}": nw.col("w") * term for i, term in enumerate(terms)}
        total = self.events.aggregate([], sums)
        return np.array([float(total[name][0]) for name in sums])

    def logistic_derivatives(self, target_wrong, target_right, coef):
        """Gradient and Hessian of the mean log loss in slope and intercept, for the two targets."""
        nw = import_narwhals()
        z = nw.col("z")
        target = target_wrong + nw.col("o") * (target_right - target_wrong)
        probability, bell = _sigmoid(z * float(coef[0]) + float(coef[1]))
        residual = probability - target
        sums = self.add_up(z * residual, residual, z * z * bell, z * bell, bell)
        sums /= self.weight.sum()
        return sums[:2], sums[[[2, 3], [3, 4]]]

    def temperature(self):
        """Optimal temperature, by the search of the package with sums of the engine at its end."""
        cells = _CellMargins(self)
        return search_levels([cells, _EngineMargins(self)], self.weight.sum())


class _CellMargins(Margins):
    """Cells in the place of rows; what is said of all rows is exact."""

    def __init__(self, sums):
        zeros = np.zeros(sums.z.size)
        super().__init__(
            np.column_stack([zeros, sums.z]), sums.right, sums.weight, np.empty(sums.z.size)
        )
        self.sums = sums

    def all_right(self):
        return self.sums.low[True] >= 0 and self.sums.high[False] <= 0

    def constant(self):
        return self.sums.constant()


class _EngineMargins(_CellMargins):
    """Derivatives of the mean log loss in the inverse temperature, see `Margins`."""

    def _terms(self, beta):
        nw = import_narwhals()
        s = nw.col("z") * (2.0 * nw.col("o") - 1.0)
        probability, bell = _sigmoid(s * float(beta))
        return s, probability - 1.0, bell

    def gradient(self, beta):
        s, below, _ = self._terms(beta)
        return self.sums.add_up(s * below)[0] / self.total

    def derivatives(self, beta):
        s, below, bell = self._terms(beta)
        third = s * s * s * bell * (-1.0 - 2.0 * below)
        return self.sums.add_up(s * below, s * s * bell, third) / self.total

    def excess_loss(self):
        nw = import_narwhals()
        s = nw.col("z") * (2.0 * nw.col("o") - 1.0)
        limit = nw.when(s == 0).then(nw.lit(float(np.log(2)))).otherwise(nw.lit(0.0))
        return lambda beta: (
            self.sums.add_up(((s * float(-beta)).exp() + 1.0).log() - limit)[0] / self.total
        )


def _sigmoid(x):
    """1 / (1 + exp(-x)) and its derivative, as expressions that never overflow."""
    nw = import_narwhals()
    small = (x.abs() * -1.0).exp()
    share = 1.0 / (small + 1.0)
    return nw.when(x >= 0).then(share).otherwise(small * share), small * share * share
