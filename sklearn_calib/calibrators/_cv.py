"""Choose a calibrator by cross-fitting, and change nothing unless one is clearly better."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedKFold, check_cv

from sklearn_calib._any_calibrator import (
    calibrated_proba,
    check_calibrator,
    fit_calibrator,
    warn_without_weights,
)
from sklearn_calib._core.scores import Scores, learn_floor
from sklearn_calib._validation import check_option
from sklearn_calib._warn import warn_nothing
from sklearn_calib.calibrators._base import BaseCalibrator
from sklearn_calib.calibrators._beta import BetaCalibrator
from sklearn_calib.calibrators._identity import IdentityCalibrator
from sklearn_calib.calibrators._matrix import MatrixScaler
from sklearn_calib.calibrators._quadratic import QuadraticCalibrator
from sklearn_calib.calibrators._sigmoid import SigmoidCalibrator
from sklearn_calib.calibrators._spline import SplineCalibrator
from sklearn_calib.calibrators._temperature import TemperatureScaler
from sklearn_calib.calibrators._vector import VectorScaler

# The leaders of the public comparison CalArena on proper scores, for two classes and for more.
_BINARY = (
    TemperatureScaler,
    SigmoidCalibrator,
    BetaCalibrator,
    QuadraticCalibrator,
    SplineCalibrator,
)
_FEW_CLASSES = (TemperatureScaler, VectorScaler, MatrixScaler, SplineCalibrator)
# A matrix has more entries than calibration rows can tell, and a spline per class takes long.
_MANY_CLASSES, _MANY = (TemperatureScaler, VectorScaler), 31
# Standard errors of a clear gain, the one-sided 95 % quantile: with one, the best of several candidates
# did harm on a set of benchmarks/calibrators_on_real_data.py, at no larger mean gain.
_CLEAR = 1.645
_MOST_REPEATED = 100_000  # rows into which integer weights are written out


class CalibratorCV(BaseCalibrator):
    """The calibrator with the best cross-fitted score; the identity unless one is clearly better.

    Every candidate is fitted on each training part and scored, row by row, on the part left out. Of
    those whose mean score is better than that of the identity by more than 1.645 standard errors of the
    paired differences (beyond chance, at a level of 5 %) the best one wins; if there is none, the
    identity does: calibration that does not help is not applied. The winner is then fitted on all rows.

    Parameters
    ----------
    candidates : "auto" or list of classifiers on scores, default="auto"
        What to choose from; the identity always takes part. "auto" is temperature, sigmoid, beta,
        quadratic and spline for two classes, temperature, vector and matrix scaling and spline for
        more, of which only the first two beyond 30 classes. Parameters `input` and `classes` of
        calibrators are set to those of this one. Any other scikit-learn classifier gets logits: one
        column of log-odds for two classes, else a column of log-probabilities per class.
    cv : int, cross-validation generator or iterable, default=5
        How rows are left out. An integer (None is 5) is that many stratified, shuffled folds, but never
        more than the largest class has rows; with a single one there only the identity takes part.
        Anything else is given the rows of positive weight in their order.
    scoring : {"neg_log_loss", "neg_brier_score"}, default="neg_log_loss"
        The proper score. Calibration error is none, and would choose a constant.
    input : {"proba", "logits"}, default="proba"
        What the columns of `X` are: probabilities in [0, 1] whose rows sum to 1, or logits
        (log-probabilities up to a constant per row; one column holds log-odds). Never guessed.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the columns of `X`. None takes the labels in `y`, which must then hold every
        class.

    Attributes
    ----------
    best_calibrator_ : classifier
        The winner, fitted on all rows.
    cv_results_ : dict of str to ndarray
        The table of scores, best first: ``calibrator`` (its representation), ``mean_score``,
        ``difference`` (mean score minus that of the identity), ``standard_error`` (of the difference).
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    Raises
    ------
    ValueError
        If a candidate cannot be fitted to a part of the rows; the message names it.

    Warns
    -----
    UserWarning
        If weights are given that a candidate does not take.

    Notes
    -----
    In the log loss, probabilities below half the smallest positive one of the calibration scores count as
    that, if the scores hold zeros. In standard errors weights count as numbers of rows.

    The folds of an integer `cv` depend neither on the order of the rows nor on a random state. Integer
    weights (of a sum up to 100 000) are repeated rows there; a row of any other weight is in one fold.

    Warnings of candidates are silent while rows are left out; those of the winner on all rows are given.

    On 76 sets of real probabilities (images, language and vision-language models, solar flares, sports,
    employment), half of each for calibration, the choice is worse than the identity on the other half
    beyond chance (one-sided, 5 %) on none, where temperature scaling is on 5; the mean log losses are
    0.091 and 0.027 below that of the identity (``benchmarks/calibrators_on_real_data.py``). The level was
    chosen on these sets; on others, simulated and real, the choice harms no model beyond chance either
    (``benchmarks/choice_on_new_data.py``). With about 100 rows it often keeps the identity where a
    temperature would already help.

    Examples
    --------
    >>> from sklearn_calib.calibrators import CalibratorCV
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> images = load_cifar10_probabilities(model="vgg16")
    >>> rows = images.cal_idx[:2000]
    >>> chosen = CalibratorCV(cv=3).fit(images.data[rows], images.target[rows])
    >>> for name, score in zip(chosen.cv_results_["calibrator"], chosen.cv_results_["mean_score"]):
    ...     print(f"{name:<22} {score:.3f}")
    SplineCalibrator()     -0.256
    MatrixScaler()         -0.256
    VectorScaler()         -0.260
    TemperatureScaler()    -0.263
    IdentityCalibrator()   -0.355
    """

    def __init__(
        self, candidates="auto", *, cv=5, scoring="neg_log_loss", input="proba", classes=None
    ):
        self.candidates = candidates
        self.cv = cv
        self.scoring = scoring
        self.input = input
        self.classes = classes

    def _fit(self, scores, code, weight):
        check_option(self.scoring, "scoring", ("neg_log_loss", "neg_brier_score"))
        self._floor = learn_floor(scores)
        candidates, rows = self._candidates(), _Rows(scores, code, weight)
        if weight is not None:
            for candidate in candidates:
                warn_without_weights(candidate)
        rows_seen, splits = self._splits(rows)
        if not splits:  # too few rows to leave any out: the identity, which learns nothing, wins
            everything = np.arange(code.size)
            candidates, splits = candidates[:1], [(everything, everything)]
        row_scores, row_weight = self._cross_fitted_scores(candidates, rows_seen, splits)
        mean = row_scores @ row_weight / row_weight.sum()
        difference = mean - mean[0]
        error = _standard_error(row_scores - row_scores[0], row_weight)
        best = np.argmax(np.where(difference > _CLEAR * error, mean, mean[0]))
        self.best_calibrator_ = self._fit_candidate(candidates[best], rows)
        order = np.argsort(-mean, kind="stable")
        self.cv_results_ = {
            "calibrator": np.array([repr(candidates[i]) for i in order], dtype=object),
            "mean_score": mean[order],
            "difference": difference[order],
            "standard_error": error[order],
        }

    def _predict_proba(self, scores):
        return calibrated_proba(self.best_calibrator_, scores, self.classes_, self._floor)

    def _candidates(self):
        """The identity first, then the others."""
        if isinstance(self.candidates, str):
            check_option(self.candidates, "candidates", ("auto",))
            n_classes = self.classes_.size
            several = _FEW_CLASSES if n_classes < _MANY else _MANY_CLASSES
            chosen = [kind() for kind in (_BINARY if n_classes == 2 else several)]
        else:
            chosen = list(self.candidates)
        for candidate in chosen:
            check_calibrator(candidate, "each of the candidates")
        return [IdentityCalibrator(), *chosen]

    def _splits(self, rows):
        """Rows, and pairs of training and test rows among them."""
        cv = 5 if self.cv is None else self.cv
        if isinstance(cv, (int, np.integer)):
            if cv < 2:
                raise ValueError(f"cv must be at least 2 folds; got {cv!r}.")
            rows = _sorted_rows(_repeated_rows(rows))
            n_folds = min(int(cv), np.bincount(rows.code).max())
            if n_folds < 2:
                return rows, []
            cv = StratifiedKFold(n_folds, shuffle=True, random_state=0)
        else:
            cv = check_cv(cv)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The least populated class", UserWarning)
            return rows, list(cv.split(rows.scores.values, rows.code))

    def _cross_fitted_scores(self, candidates, rows, splits):
        """Mean score of each candidate on each row that it has not seen, and the weights of these."""
        total, times = np.zeros((len(candidates), rows.code.size)), np.zeros(rows.code.size)
        for train, test in splits:
            train, held_out = rows.take(train), rows.take(test)
            times[test] += 1
            with warn_nothing():
                for own_total, candidate in zip(total, candidates, strict=True):
                    fitted = self._fit_candidate(candidate, train)
                    own_total[test] += self._row_scores(fitted, held_out)
        seen = times > 0
        weight = np.ones(times.size) if rows.weight is None else rows.weight
        return total[:, seen] / times[seen], weight[seen]

    def _fit_candidate(self, candidate, rows):
        y = self.classes_[rows.code]
        try:
            return fit_calibrator(
                candidate, rows.scores, y, rows.weight, self.classes_, self._floor
            )
        except Exception as error:
            raise ValueError(
                f"The candidate {candidate!r} cannot be fitted to {y.size} of the rows: {error}"
            ) from error

    def _row_scores(self, fitted, rows):
        proba = calibrated_proba(fitted, rows.scores, self.classes_, self._floor).astype(float)
        right = proba[np.arange(rows.code.size), rows.code]
        if self.scoring == "neg_log_loss":
            return np.log(np.maximum(right, self._floor))
        return 2 * right - 1 - np.sum(proba**2, axis=1)


class _Rows(NamedTuple):
    """`Scores`, codes and weights (or None) of the same rows."""

    scores: Scores
    code: np.ndarray
    weight: np.ndarray | None

    def take(self, index):
        """The rows of these indices."""
        scores = self.scores._replace(values=self.scores.values[index])
        return _Rows(scores, self.code[index], None if self.weight is None else self.weight[index])


def _repeated_rows(rows):
    """Rows of integer weights as that many rows without weights, unless they are very many."""
    weight = rows.weight
    if weight is None or (weight != weight.round()).any() or weight.sum() > _MOST_REPEATED:
        return rows
    return rows.take(np.repeat(np.arange(weight.size), weight.astype(int)))._replace(weight=None)


def _sorted_rows(rows):
    """Rows by ascending probabilities, so that the order in which they are given makes no difference."""
    weight = [] if rows.weight is None else [rows.weight]
    columns = np.column_stack([rows.scores.proba(), rows.code, *weight])
    # Numbers that are not negative, the highest byte first, are in the order of their bytes.
    key = np.ascontiguousarray(columns + 0.0, dtype=">f8")
    return rows.take(np.argsort(key.view(f"V{8 * key.shape[1]}").ravel(), kind="stable"))


def _standard_error(difference, weight):
    """Standard error of the weighted mean of each row; weights count as numbers of rows."""
    total = weight.sum()
    mean = difference @ weight / total
    return np.sqrt((difference - mean[:, None]) ** 2 @ weight) / total
