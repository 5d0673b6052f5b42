"""Choose a calibrator by cross-fitting, and change nothing unless one is clearly better."""

import warnings

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils.validation import has_fit_parameter

from sklearn_calib._core.scores import Scores, learn_floor
from sklearn_calib._validation import check_option
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
_MULTICLASS = (TemperatureScaler, VectorScaler, MatrixScaler)
# With more classes a matrix has more entries than calibration rows can tell.
_MATRIX_CLASSES = 30


class CalibratorCV(BaseCalibrator):
    """The calibrator with the best cross-fitted score; the identity unless one is clearly better.

    Every candidate is fitted on each training part and scored, row by row, on the part left out. The
    best mean score wins, but only if it is better than that of the identity by more than one standard
    error of the paired differences: calibration that does not help is not applied. The winner is then
    fitted on all rows.

    Parameters
    ----------
    candidates : "auto" or list of calibrators, default="auto"
        What to choose from; the identity always takes part. "auto" is temperature, sigmoid, beta,
        quadratic and spline for two classes, temperature, vector and matrix scaling for more (no
        matrix beyond 30 classes). Their parameters `input` and `classes` are set to those of this one.
    cv : int, cross-validation generator or iterable, default=5
        How rows are left out; an integer is that many stratified, shuffled folds, the same in every
        call, but never more than the largest class has rows (with fewer than two rows the identity
        wins).
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
    best_calibrator_ : calibrator
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

    Notes
    -----
    In the log loss, probabilities of zero count as half the smallest positive one of the calibration
    scores. In standard errors integer weights count as numbers of rows. Warnings of candidates are
    silent while rows are left out; those of the winner on all rows are given. Folds cut through repeated
    rows, so that weights equal repetition only up to the choice of folds.

    Examples
    --------
    >>> from sklearn_calib.calibrators import CalibratorCV
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> images = load_cifar10_probabilities(model="vgg16")
    >>> rows = images.cal_idx[:2000]
    >>> chosen = CalibratorCV(cv=3).fit(images.data[rows], images.target[rows])
    >>> for name, score in zip(chosen.cv_results_["calibrator"], chosen.cv_results_["mean_score"]):
    ...     print(f"{name:<22} {score:.3f}")
    MatrixScaler()         -0.258
    TemperatureScaler()    -0.261
    VectorScaler()         -0.261
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
        X, weight = scores.values, np.ones(code.size) if weight is None else weight
        given = self._candidates()
        candidates = [self._configured(c) for c in given]
        row_scores = self._cross_fitted_scores(candidates, X, code, weight)
        mean = row_scores @ weight / weight.sum()
        error = _standard_error(row_scores - row_scores[0], weight)
        order = np.argsort(-mean, kind="stable")
        best = order[0] if mean[order[0]] - mean[0] > error[order[0]] else 0
        self.best_calibrator_ = _fit(candidates[best], X, self.classes_[code], weight)
        self.cv_results_ = {
            "calibrator": np.array([repr(given[i]) for i in order], dtype=object),
            "mean_score": mean[order],
            "difference": (mean - mean[0])[order],
            "standard_error": error[order],
        }

    def _predict_proba(self, scores):
        return self.best_calibrator_.predict_proba(scores.values)

    def _candidates(self):
        """The identity first, then the others."""
        if isinstance(self.candidates, str):
            check_option(self.candidates, "candidates", ("auto",))
            n_classes = self.classes_.size
            kinds = _BINARY if n_classes == 2 else _MULTICLASS
            chosen = [k() for k in kinds if k is not MatrixScaler or n_classes <= _MATRIX_CLASSES]
        else:
            chosen = list(self.candidates)
        return [IdentityCalibrator(), *chosen]

    def _configured(self, candidate):
        candidate = clone(candidate)
        known = candidate.get_params(deep=False)
        wanted = {"input": self.input, "classes": self.classes_}
        return candidate.set_params(**{k: v for k, v in wanted.items() if k in known})

    def _cross_fitted_scores(self, candidates, X, code, weight):
        """Score of each candidate (rows) on each row of the data (columns), which it has not seen."""
        floor = learn_floor(Scores(X, self.input))
        scores = np.zeros((len(candidates), code.size))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            for train, test in self._splits(X, code):
                for row, candidate in zip(scores, candidates, strict=True):
                    fitted = _fit(
                        clone(candidate), X[train], self.classes_[code[train]], weight[train]
                    )
                    proba = fitted.predict_proba(X[test])
                    row[test] = _row_scores(proba, code[test], self.scoring, floor)
        return scores

    def _splits(self, X, code):
        cv = self.cv
        if isinstance(cv, (int, np.integer)):
            cv = min(int(cv), np.bincount(code).max())
            if cv < 2:
                return []  # too few rows to leave any out: the identity wins
            cv = StratifiedKFold(cv, shuffle=True, random_state=0)
        return check_cv(cv, code, classifier=True).split(X, code)


def _fit(calibrator, X, y, weight):
    if has_fit_parameter(calibrator, "sample_weight"):
        return calibrator.fit(X, y, sample_weight=weight)
    return calibrator.fit(X, y)


def _row_scores(proba, code, scoring, floor):
    right = proba[np.arange(code.size), code].astype(float)
    if scoring == "neg_log_loss":
        return np.log(np.maximum(right, floor))
    return 2 * right - 1 - np.sum(proba.astype(float) ** 2, axis=1)


def _standard_error(difference, weight):
    """Standard error of the weighted mean of each row; weights count as numbers of rows."""
    total = weight.sum()
    mean = difference @ weight / total
    return np.sqrt((difference - mean[:, None]) ** 2 @ weight) / total
