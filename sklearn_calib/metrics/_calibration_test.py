"""Is what is seen more than noise?"""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr
from sklearn.utils import check_random_state

from sklearn_calib._core import calibration_tests
from sklearn_calib._core.classwise_null import multiclass_spiegelhalter_z, simulate_label_counts
from sklearn_calib._core.null_model import make_cells, simulate_residuals
from sklearn_calib._events import (
    Events,
    class_columns,
    count_rows,
    inference_events,
    split_by_group,
)
from sklearn_calib._validation import check_count, check_option
from sklearn_calib.metrics._calibration_table import (
    DEFAULT_N_BINS,
    DEFAULT_STRATEGY,
    table_of_events,
)

METHODS = ("smooth", "kuiper", "ks", "bins", "debiased", "spiegelhalter")
_MOST_DRAWN = 1e7  # rows that fit the memory
_NULL = "each outcome is 1 with the stated probability, independently of the others"
_NULL_CLASSES = (
    "each label is drawn with the stated probabilities of its row, independently of the others"
)
_NULL_GRADED = "the expected outcome is the stated probability, rows are independent"


class CalibrationTest(NamedTuple):
    """What a calibration test says.

    Attributes
    ----------
    statistic : float
        The larger, the more it speaks against the null hypothesis (Spiegelhalter's z: in absolute
        value).
    pvalue : float
        In (0, 1]. How often chance alone would be at least as extreme.
    method : str
        The method of the test.
    null_hypothesis : str
        What is tested, in words.
    """

    statistic: float
    pvalue: float
    method: str
    null_hypothesis: str


def calibration_test(
    y_true,
    y_proba,
    *,
    method="smooth",
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
    n_resamples=1999,
    random_state=0,
):
    r"""Test of the hypothesis that the stated probabilities are right.

    The hypothesis is simple: outcomes are independent draws :math:`o_i \sim \mathrm{Bernoulli}(p_i)`. So
    the distribution of any statistic under it is known, and all methods but "spiegelhalter" take their
    p-value from simulations of it, which is exact for any number of rows and any probabilities, ties
    and certainty included.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. See `calibration_table`.
    method : {"smooth", "kuiper", "ks", "bins", "debiased", "spiegelhalter"}, default="smooth"
        What is looked for. With residuals in the order of the probability:

        * "smooth": their components along eight orthogonal polynomials, squared and summed with weights
          1, 1, 1/2, ..., 1/7: sees too much and too little confidence, and gaps that change sign [1]_;
        * "kuiper": the range of their cumulative sum (ECCE-R of [2]_), best at gaps of one sign on a
          stretch of probabilities;
        * "ks": the largest absolute cumulative sum (ECCE-MAD);
        * "bins": the sum over bins of squared residuals in units of their variance, as Hosmer and
          Lemeshow [3]_, but against stated probabilities that were not fitted to these rows;
        * "debiased": the squared l2 error over bins less what noise adds to it [4]_;
        * "spiegelhalter": the z statistic of the Brier score, with a normal distribution [5]_. It is
          blind to errors that leave the Brier score as expected.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. Integers are frequencies: a row of weight 3 is three rows. Others are
        scaled so that they sum to the effective number of rows ``(sum w)^2 / sum w^2``.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is. See `calibration_table`.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "top_label", "classwise", "record"}, default="auto"
        What is compared with what. With "top_label" the statistic is the sum of those of the predicted
        classes, with "classwise" of those of all classes: are all stated probabilities right, not only
        the largest?
    n_bins : int or "cube_root", default=10
        Number of bins of the methods "bins" and "debiased".
    strategy : {"uniform", "quantile"}, default="uniform"
        Their bins of equal width or of equal weight.
    n_resamples : int, default=1999
        Number of simulations. The smallest p-value is ``1 / (n_resamples + 1)``.
    random_state : int, RandomState instance or None, default=0
        Seed of the simulations. The default makes the p-value the same each time.

    Returns
    -------
    result : CalibrationTest
        Named tuple of ``statistic``, ``pvalue``, ``method`` and ``null_hypothesis``.

    Raises
    ------
    ValueError
        For an unknown method.

    See Also
    --------
    calibration_error_interval : How large the error is.
    compare_calibration : The difference of two errors.

    Notes
    -----
    **Class-wise.** One row has outcomes in all classes, which are not independent. There the hypothesis
    is that labels are drawn from the rows of `y_proba`, and so they are in the simulation; that is as
    exact, and takes some tenths of a second for 10 000 rows and ten classes. "spiegelhalter" is the z
    of the Brier score summed over the classes.

    **Certainty.** If a probability is exactly 0 or 1 and the outcome is the other one, the hypothesis is
    refuted by that row alone, and "smooth" returns an infinite statistic and the smallest p-value.

    **Graded outcomes** have a mean under the hypothesis but no known distribution. Then the residuals are
    simulated as normal with the observed squares, those of a few rows leaning on those of all, which is
    right in large samples. With 100 and 1 000 rows false alarms at 5 % were 2 to 7 %, of "bins" 0 to 9 %.
    "spiegelhalter" takes the variance of 0/1 outcomes, the largest there can be, and is conservative.

    **Cost.** Rows go into at most 128 cells of neighbouring probabilities (a few more with bins), each
    simulated by one binomial draw. That is exact up to 128 distinct probabilities, and takes some tens
    of milliseconds for any number of rows.

    **Size and power.** In ``benchmarks/inference_simulation.py`` the share of false alarms at 5 % is
    within [0.035, 0.065] for 100 to 10 000 rows and discrete and continuous probabilities.

    References
    ----------
    .. [1] Neyman (1937). "Smooth test" for goodness of fit. doi:10.1080/03461238.1937.10404821
    .. [2] Arrieta-Ibarra, Gujral, Tannen, Tygert and Xu (2022). Metrics of Calibration for Probabilistic
       Predictions. JMLR. :arxiv:`2205.09680`
    .. [3] Hosmer and Lemeshow (1980). Goodness of fit tests for the multiple logistic regression model.
       doi:10.1080/03610928008827941
    .. [4] Lee, Huang, Hassani and Dobriban (2023). T-Cal: An optimal test for the calibration of
       predictive models. JMLR. :arxiv:`2203.01850`
    .. [5] Spiegelhalter (1986). Probabilistic prediction in patient management and clinical trials.
       doi:10.1002/sim.4780050506

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_calib.metrics import calibration_test
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 1000)
    >>> honest = rng.random(1000) < confidence
    >>> boastful = rng.random(1000) < confidence - 0.1
    >>> calibration_test(honest, confidence, kind="record").pvalue > 0.05
    True
    >>> calibration_test(boastful, confidence, kind="record").pvalue
    0.0005
    """
    check_option(method, "method", METHODS)
    check_count(n_resamples, "n_resamples", low=1)
    rng = generator(random_state)
    if kind == "classwise":
        proba, code, weight, _ = class_columns(
            y_true, y_proba, sample_weight=sample_weight, pos_label=pos_label, labels=labels
        )
        return _classwise_test(proba, code, weight, method, n_bins, strategy, n_resamples, rng)
    events = inference_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    graded = bool(np.any((events.outcome != 0) & (events.outcome != 1)))
    null = _NULL_GRADED if graded else _NULL
    if method == "spiegelhalter":
        z = calibration_tests.spiegelhalter_z(events)
        return CalibrationTest(z, float(2 * ndtr(-abs(z))), method, null)
    observed, simulated = 0.0, np.zeros(n_resamples)
    for part in split_by_group(events):
        statistic, cells = _statistic(part, method, n_bins, strategy)
        observed += statistic(cells.residual[None])[0]
        simulated += statistic(simulate_residuals(cells, n_resamples, rng))
    return CalibrationTest(
        statistic=float(observed),
        pvalue=calibration_tests.monte_carlo_pvalue(observed, simulated),
        method=method,
        null_hypothesis=null,
    )


def _classwise_test(proba, code, weight, method, n_bins, strategy, n_resamples, rng):
    """Test by the sum of the statistics of the classes, as labels drawn from the rows would have it."""
    proba, code, weight = _drawn_rows(proba, code, weight)
    if method == "spiegelhalter":
        z = multiclass_spiegelhalter_z(proba, code, weight)
        return CalibrationTest(z, float(2 * ndtr(-abs(z))), method, _NULL_CLASSES)
    observed, tests, cell = 0.0, [], np.empty(proba.shape, dtype=np.intp)
    n_cells = 0
    for k, p in enumerate(np.ascontiguousarray(proba.T)):
        statistic, cells = _statistic(Events(p, code == k, weight), method, n_bins, strategy)
        observed += statistic(cells.residual[None])[0]
        cell[:, k] = n_cells - 1 + np.searchsorted(cells.lowest, p, side="right")
        expected = cells.weight * cells.probability
        tests.append((statistic, expected, slice(n_cells, n_cells := n_cells + expected.size)))
    counts = simulate_label_counts(proba, cell, weight, n_cells, n_resamples, rng)
    simulated = np.concatenate(
        [sum(statistic(mean - c[:, own]) for statistic, mean, own in tests) for c in counts]
    )
    pvalue = calibration_tests.monte_carlo_pvalue(observed, simulated)
    return CalibrationTest(float(observed), pvalue, method, _NULL_CLASSES)


def _drawn_rows(proba, code, weight):
    """Rows that have a label of their own: those of integer weights are repeated, others weigh."""
    weight = count_rows(Events(proba, code, weight)).weight
    if weight is None or not np.array_equal(weight, np.round(weight)):
        return proba, code, weight
    if weight.sum() > _MOST_DRAWN:
        raise ValueError(
            "With kind='classwise' integer weights are rows that are drawn one by one: sample_weight "
            f"must sum to at most {_MOST_DRAWN:g}; got {weight.sum():g}."
        )
    repeats = weight.astype(np.intp)
    return np.repeat(proba, repeats, axis=0), np.repeat(code, repeats), None


def generator(random_state):
    """Draw a numpy Generator from scikit-learn's `random_state`."""
    return np.random.default_rng(check_random_state(random_state).randint(2**31, size=4))


def _statistic(events, method, n_bins, strategy):
    """Statistic as a function of residuals of shape (n, n_cells), and the cells, of one group."""
    events = events._replace(group=None)
    function = getattr(calibration_tests, method)
    if method not in ("bins", "debiased"):
        cells = make_cells(events)
        return partial(function, cells=cells), cells
    table = table_of_events(events, n_bins, strategy)
    cuts = table.lower[1:].astype(events.probability.dtype)  # the precision in which bins compare
    cells = make_cells(events, cuts)
    first = np.append(0, np.searchsorted(cells.lowest, cuts, side="right"))
    return partial(function, cells=cells, first=first), cells
