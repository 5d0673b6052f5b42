"""Calibration that knows the context of a row: segment, subject, customer, flags."""

import numbers
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from sklearn_calib._any_calibrator import check_calibrator, warn_without_weights
from sklearn_calib._columns import Column, context_positions, split_columns
from sklearn_calib._core.group_effects import fit_group_effects, predict_group_effects
from sklearn_calib._core.logistic import smooth_targets
from sklearn_calib._cross_fit import is_partition
from sklearn_calib._validation import check_count, check_number, check_option, check_unit_range
from sklearn_calib._warn import warn_nothing
from sklearn_calib.calibrators._base import floor_in_use
from sklearn_calib.calibrators._binary import BinaryCalibrator, ConstantMap
from sklearn_calib.context._boosting import TreeSettings, fit_boosting
from sklearn_calib.context._encoders import Categories, ScoresInContext, Segments
from sklearn_calib.context._plain import PlainCalibrator, PlainSigmoid


class ContextualCalibrator(BinaryCalibrator):
    r"""P(label | score, context): a calibrator that differs by segment as far as the data say so.

    Some columns of `X` are the context (a subject, a customer segment, a flag such as "contradicts the
    record", the length of the answer), the others the scores. A *plain* calibrator learns from the
    scores alone; the context then corrects its log-odds z:

    * "groups": in the segment g of each context column, :math:`\operatorname{logit} p = (a + a_g) u +
      c + c_g`, where u is z, centred and scaled. The deviations of slope (the inverse temperature) and
      offset are shrunk towards 0 by a ridge whose strength, for each column, maximises the marginal
      likelihood [1]_: small segments borrow strength from all, and where segments differ by no more
      than noise they do not differ at all. Several columns add up. A number is cut into `n_segments`
      segments. Fast: sums per segment are all that is needed.
    * "boosting": rounds of histogram trees on score and context, each a Newton step of the log loss
      from the last [2]_. They find the segments themselves, also intersections and shapes. The number of
      rounds has the least cross-fitted log loss, and is 0, so that the plain calibrator is kept,
      unless that is lower by more than a standard error of the paired differences.

    A segment or category that was not in `fit` has, in "groups", the map of the population; in
    "boosting" it goes with missing values, or where most rows go. More than two classes are each
    calibrated against the rest, then normalised.

    In a :class:`CalibratedClassifier` the context columns are columns of the `X` of the classifier.

    Parameters
    ----------
    strategy : {"groups", "boosting"}, default="groups"
        How the context corrects the plain calibrator.
    context : str, int, or list of them, default=()
        Names or positions of the context columns of `X`; the others are scores. Without any, this is
        the plain calibrator.
    categorical : "from_dtype", bool, or list of bool, default="from_dtype"
        Whether each context column holds names rather than numbers. "from_dtype": strings, booleans
        and categories do.
    calibrator : classifier, default=None
        The plain calibrator: a calibrator, or any classifier, which gets log-odds, as in
        `CalibratedClassifier`. None is `SigmoidCalibrator`. Stated confidences, of which there are few
        distinct values, may profit from `IsotonicCalibrator`.
    shrinkage : "auto" or float in [0, inf], default="auto"
        Inverse variance of the deviations, in log-odds, for "groups": 0 fits segments freely, infinity
        leaves the plain calibrator. "auto" chooses it.
    n_segments : int, default=10
        Into how many segments of about equal weight "groups" cuts a number. One of fewer distinct values
        has a segment for each.
    max_rounds : int, default=20
        Most rounds, of ten trees each, for "boosting".
    cv : int, cross-validation generator or iterable, default=5
        How rows are left out to choose the rounds; an integer is that many stratified, shuffled folds,
        the same in every call, but never more than the smaller class has rows (with fewer than two the
        plain calibrator is kept).
    input : {"proba", "logits"}, default="proba"
        What the scores are: probabilities in [0, 1] whose rows sum to 1, or logits (log-probabilities
        up to a constant per row; one column holds log-odds). Never guessed.
    eps : float in (0, 1 / n_classes], default=None
        Smallest probability whose logarithm is taken. See `TemperatureScaler`.
    classes : array-like of shape (n_classes,), default=None
        Sorted labels of the score columns. None takes the labels in `y`, which must then hold every
        class.

    Attributes
    ----------
    effects_ : list of dict of str to ndarray
        For "groups", what was learnt, one dict for two classes, else one for each class (empty where a
        class is absent): ``column``, ``segment``, ``weight``, ``offset`` (in log-odds, at the mean
        score) and ``slope`` (factor of the log-odds of the plain calibrator).
    scale_ : list of ndarray of shape (n_context, 2)
        For "groups", standard deviations of offsets and slopes in each context column, in log-odds; the
        latter per standard deviation of the plain log-odds.
    cv_results_ : list of dict of str to ndarray
        For "boosting", by number of rounds from 0 on: ``log_loss`` (cross-fitted), ``difference`` (to the
        plain calibrator), ``standard_error``.
    n_rounds_ : list of int
        For "boosting", rounds in use.
    eps_ : float
        The floor in use.
    class_prior_ : ndarray of shape (n_classes,)
        Weighted share of each class in `y`.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of columns of `X` in `fit`.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Column names, where `X` has some.

    Warns
    -----
    UserWarning
        If a threshold on the score separates the classes; the plain calibrator then has smoothed targets.

    See Also
    --------
    sklearn_calib.metrics.calibration_by_group : Says which groups it is wrong about.
    AbstainingClassifier : Its veto is the hard form of a flag.

    Notes
    -----
    The penalised optimum is found by Newton's method, in which each segment is eliminated as a 2 x 2
    block; the strength is chosen on a grid from 0.02 to 5, and 0, for the quadratic approximation at
    the optimum (penalised quasi-likelihood). It integrates over the population's slope and offset, so
    that a column of one segment changes nothing. Weights count as numbers of rows.

    References
    ----------
    .. [1] Breslow and Clayton (1993). Approximate inference in generalized linear mixed models. Journal
       of the American Statistical Association. :doi:`10.1080/01621459.1993.10594284`
    .. [2] Hebert-Johnson, Kim, Reingold and Rothblum (2018). Multicalibration: calibration for the
       (computationally-identifiable) masses. ICML. :arxiv:`1711.08513`

    Examples
    --------
    gpt-4o is as sure about law as about biology:

    >>> from sklearn_calib import ContextualCalibrator
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> records = load_mmlu_pro_confidence(model="gpt-4o", as_frame=True).frame
    >>> X = records[["confidence", "subject"]]
    >>> calibrator = ContextualCalibrator(context="subject").fit(X, records["correct"])
    >>> both = X.iloc[:2].assign(confidence=0.9, subject=["law", "biology"])
    >>> calibrator.predict_proba(both)[:, 1].round(2)
    array([0.59, 0.78])
    """

    def __init__(
        self,
        strategy="groups",
        *,
        context=(),
        categorical="from_dtype",
        calibrator=None,
        shrinkage="auto",
        n_segments=10,
        max_rounds=20,
        cv=5,
        input="proba",
        eps=None,
        classes=None,
    ):
        self.strategy = strategy
        self.context = context
        self.categorical = categorical
        self.calibrator = calibrator
        self.shrinkage = shrinkage
        self.n_segments = n_segments
        self.max_rounds = max_rounds
        self.cv = cv
        self.input = input
        self.eps = eps
        self.classes = classes

    def fit(self, X, y, sample_weight=None):
        """Learn the plain calibrator, and what the context changes.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_columns)
            Scores and context. Scores are probabilities or logits, as `input` tells, with columns in
            the order of the sorted labels; a single one is the score of the last class of two. Context
            may be missing.
        y : array-like of shape (n_samples,)
            True labels, of any kind.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights. Integer weights equal repeated rows (in "boosting" up to the choice of
            folds), zero weights absent rows.

        Returns
        -------
        self : object
            The fitted calibrator.
        """
        return super().fit(X, y, sample_weight)

    def _validated(self, X, *, reset):
        positions = context_positions(X, self.context)
        if not positions:
            return ScoresInContext(super()._validated(X, reset=reset), self.input, [])
        validate_data(self, X, reset=reset, skip_check_array=True)
        values, context = split_columns(X, positions)
        values = check_array(values, estimator=self, input_name="X")
        if self.input == "proba":
            values = check_unit_range(values, "X")
        return ScoresInContext(values, self.input, context)

    def _scores(self, rows):
        values = rows.values
        return ScoresInContext(
            values[:, 0] if values.shape[1] == 1 else values, self.input, rows.context
        )

    def _fit(self, scores, code, weight):
        self._check_parameters()
        if weight is not None and self.calibrator is not None:
            warn_without_weights(self.calibrator)
        self.eps_ = floor_in_use(self.eps, scores.scores)
        categorical = _which_categorical(self.categorical, scores.context)
        self._encoders = [
            Categories(column) if is_categorical else Segments(column, weight, self.n_segments)
            for column, is_categorical in zip(scores.context, categorical, strict=True)
        ]
        super()._fit(self._encoded(scores), code, weight)
        for name in ("effects_", "scale_", "cv_results_", "n_rounds_"):
            self.__dict__.pop(name, None)  # of an earlier fit
        learnt = [None if isinstance(m, ConstantMap) else m.effects for m in self._maps]
        if self.strategy == "groups":
            self.effects_ = [_effects_table(self._encoders, effects) for effects in learnt]
            self.scale_ = [np.reshape(e.scales if e else [], (-1, 2)) for e in learnt]
        else:
            self.cv_results_ = [_loss_table(effects) for effects in learnt]
            self.n_rounds_ = [len(e.rounds) if e else 0 for e in learnt]

    def _check_parameters(self):
        check_option(self.strategy, "strategy", ("groups", "boosting"))
        if not (isinstance(self.shrinkage, str) and self.shrinkage == "auto"):
            check_number(self.shrinkage, "shrinkage", low=0, high=np.inf)
        check_count(self.n_segments, "n_segments", low=1)
        check_count(self.max_rounds, "max_rounds", low=1)
        if self.calibrator is not None:
            check_calibrator(self.calibrator, "calibrator")

    def _predict_proba(self, scores):
        return super()._predict_proba(self._encoded(scores))

    def _encoded(self, scores):
        """The same scores with codes for context."""
        pairs = zip(self._encoders, scores.context, strict=True)
        codes = [encoder.encode(column) for encoder, column in pairs]
        return ScoresInContext(scores.values, scores.input, codes)

    def _fit_binary(self, scores, positive, weight):
        plain = self._plain().fit(scores.scores, positive, weight)
        weight = np.ones(positive.size) if weight is None else weight
        if self.strategy == "groups":
            return _Map(plain, self._fit_groups(plain, scores, positive, weight))
        bins = Segments(_score_column(plain, scores), weight, self.n_segments)
        features = _features(plain, bins, scores)
        return _Map(plain, self._fit_boosting(scores, features, positive, weight), bins)

    def _predict_binary(self, scores, fitted):
        plain, effects, bins = fitted
        z = plain.log_odds(scores.scores)
        if self.strategy == "groups":
            z = predict_group_effects(effects, z, [code.segment for code in scores.context])
        elif effects.rounds:
            features = _features(plain, bins, scores)
            z = z + sum(trees.predict(features) for trees in effects.rounds)
        return expit(z).astype(scores.values.dtype)

    def _plain(self):
        if self.calibrator is None:
            return PlainSigmoid(self.eps_)
        return PlainCalibrator(self.calibrator, self.eps_)

    def _fit_groups(self, plain, scores, positive, weight):
        z = plain.log_odds(scores.scores)
        target = positive.astype(float)
        if z[positive].min() > z[~positive].max():  # no finite optimum: that of smoothed targets
            target = smooth_targets(positive, weight)
        return fit_group_effects(
            z,
            target,
            weight,
            [code.segment for code in scores.context],
            [len(encoder.names) for encoder in self._encoders],
            precision=None if isinstance(self.shrinkage, str) else self.shrinkage,
        )

    def _fit_boosting(self, scores, features, positive, weight):
        def plain_log_odds(train):
            with warn_nothing():  # the fit on all rows has warned
                plain = self._plain().fit(scores[train].scores, positive[train], weight[train])
            return plain.log_odds(scores.scores)

        settings = TreeSettings(
            self.max_rounds, [False, *(encoder.is_categorical for encoder in self._encoders)]
        )
        folds = self._folds(scores, positive)
        return fit_boosting(plain_log_odds, features, positive, weight, folds, settings)

    def _folds(self, scores, positive):
        cv = self.cv
        if isinstance(cv, numbers.Integral):
            cv = min(int(cv), *np.bincount(positive))
            if cv < 2:
                return []  # too few rows to leave any out
            cv = StratifiedKFold(cv, shuffle=True, random_state=0)
        folds = list(check_cv(cv, positive, classifier=True).split(scores.values, positive))
        if not is_partition([test for _, test in folds], positive.size):
            raise ValueError("cv must hold out every row exactly once.")
        for train, _ in folds:
            if positive[train].all() or not positive[train].any():
                raise ValueError("cv has a training part of one class only; use a stratified one.")
        return folds


class _Map(NamedTuple):
    """What was learnt for one class against the rest."""

    plain: Any
    effects: Any
    score_bins: Any = None


def _score_column(plain, scores):
    return Column("score", plain.log_odds(scores.scores))


def _features(plain, bins, scores):
    """What trees see: the bin of the plain log-odds, then one column for each of the context."""
    score = bins.encode(_score_column(plain, scores)).feature
    return np.column_stack([score, *(code.feature for code in scores.context)])


def _which_categorical(told, columns):
    """Tell for each context column whether it holds names."""
    if isinstance(told, str) and told == "from_dtype":
        return [not column.is_numeric for column in columns]
    mask = np.asarray(told)
    if mask.size and mask.dtype != bool:
        raise TypeError(
            f"categorical must be 'from_dtype', a boolean or a list of booleans; got {told!r}."
        )
    if mask.ndim and mask.shape != (len(columns),):
        raise ValueError(
            f"categorical must tell of each of {len(columns)} context columns; got {told!r}."
        )
    return np.broadcast_to(mask, len(columns)).tolist()


def _effects_table(encoders, effects):
    """Offsets and slopes of all segments; the population has offset 0 and slope 1."""
    if effects is None:
        return {}
    columns = [encoder.name for encoder in encoders]
    sizes = [len(encoder.names) for encoder in encoders]
    every = np.concatenate([np.empty((0, 2)), *effects.deviations])
    return {
        "column": np.repeat(np.array(columns, dtype=object), sizes),
        "segment": np.array([name for e in encoders for name in e.names], dtype=object),
        "weight": np.concatenate([np.empty(0), *effects.weights]),
        "offset": every[:, 0],
        "slope": (effects.population[1] + every[:, 1]) / effects.spread,
    }


def _loss_table(effects):
    if effects is None:
        return {}
    return {
        "log_loss": effects.loss,
        "difference": effects.difference,
        "standard_error": effects.standard_error,
    }
