"""A classifier that answers only where it is confident enough."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags, indexable
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._abstain_label import insert_abstain_label, resolve_abstain_label
from sklearn_calib._core.risk_coverage import (
    last_reaching_accuracy,
    last_within_coverage,
    risk_coverage,
)
from sklearn_calib._cross_fit import copy_input_attributes, cross_fit, make_router, route_fit
from sklearn_calib._validation import (
    check_labels,
    check_number,
    check_weights,
    drop_zero_weights,
)
from sklearn_calib._warn import warn_user

# All of n answers right do not show an accuracy of t while t**n, their probability, is above this.
_DOUBT = 0.05


def _estimator_has(method):
    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


class AbstainingClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier that abstains where its confidence is below a threshold.

    The confidence of a row is the probability of the answer given, that is of the class which the
    estimator predicts. A row is answered when its confidence is at least `threshold_`; else `predict`
    returns `abstain_label_`, so that abstention survives pipelines and searches.

    This goes outermost: around pipelines, searches and `CalibratedClassifier`. At most one of
    `threshold`, `target_accuracy` and `target_coverage` is set; with none, every row is answered.

    Parameters
    ----------
    estimator : classifier with `predict_proba`
        The classifier that answers. A fitted one in a :class:`~sklearn.frozen.FrozenEstimator` is kept
        as it is.
    threshold : float in [0, 1], default=None
        Confidence from which on rows are answered.
    target_accuracy : float in (0, 1], default=None
        Learn the threshold: the one that answers most held-out rows while the accuracy among them is
        at least this. It is what was observed on those rows, no guarantee for others.
    target_coverage : float in (0, 1], default=None
        Learn the threshold: the one that answers most held-out rows without exceeding this share of
        them. Rows of equal confidence are answered together, so that less may be reached.
    cv : int, cross-validation generator or iterable, default=None
        How rows are held out to learn the threshold: None is 5 stratified folds. The final estimator
        is fitted on all rows. Not used with a frozen estimator, whose rows in `fit` must be others
        than it was fitted on.
    abstain_label : str or number, default=None
        What `predict` returns for rejected rows. None is "abstain" for string labels, else -1, or
        min(classes) - 1 where -1 is a class. It must not be a class.

    Attributes
    ----------
    estimator_ : classifier
        The fitted estimator.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels, without `abstain_label_`.
    threshold_ : float
        Rows with confidence >= threshold_ are answered: 0 answers all, infinity none.
    abstain_label_ : str or number
        The label of rejected rows: rejected is ``predict(X) == abstain_label_``.
    n_features_in_ : int
        Number of features, if the fitted estimator tells it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Feature names, if the fitted estimator tells them.

    Warns
    -----
    UserWarning
        If a target cannot be reached on the held-out rows; the message names the best that can, and
        every row is rejected. If so few rows are answered that even all of them right would not show
        the target accuracy. If weights are given that the estimator does not take.

    See Also
    --------
    sklearn_calib.metrics.answered_accuracy : Accuracy among the answered rows.
    sklearn_calib.metrics.answered_coverage : Share of the rows that are answered.
    CalibratedClassifier : Make the confidence honest first.

    Notes
    -----
    The inherited `score` is plain accuracy, to which every rejected row is wrong: a search by it would
    never abstain. Search with ``metrics.get_scorer("answered_accuracy")`` and "answered_coverage".

    With `target_accuracy` = 1 there is no number of rows that shows it, and no warning.

    References
    ----------
    .. [1] Chow (1970). On optimum recognition error and reject tradeoff. IEEE Transactions on
       Information Theory 16(1):41-46. :doi:`10.1109/TIT.1970.1054406`

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_calib import AbstainingClassifier
    >>> data = load_breast_cancer()
    >>> y = data.target_names[data.target]
    >>> X, X_test, y, y_test = train_test_split(data.data, y, random_state=0)
    >>> classifier = make_pipeline(StandardScaler(), LogisticRegression())
    >>> careful = AbstainingClassifier(classifier, target_accuracy=0.99).fit(X, y)
    >>> answers = careful.predict(X_test)
    >>> accept = careful.accept(X_test)
    >>> sorted(set(answers.tolist())), bool((answers[accept] == y_test[accept]).mean() > 0.98)
    (['abstain', 'benign', 'malignant'], True)
    """

    def __init__(
        self,
        estimator,
        *,
        threshold=None,
        target_accuracy=None,
        target_coverage=None,
        cv=None,
        abstain_label=None,
    ):
        self.estimator = estimator
        self.threshold = threshold
        self.target_accuracy = target_accuracy
        self.target_coverage = target_coverage
        self.cv = cv
        self.abstain_label = abstain_label

    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the estimator (unless frozen) and, for a target, learn the threshold.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Whatever the estimator accepts.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, for the threshold and for the estimator if its `fit` takes them.
        **fit_params : dict
            Without metadata routing: `groups` for the splitter, the rest for `estimator.fit`. With
            it: whatever the parts request.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        self._check_parameters()
        X, y = indexable(X, y)
        y = check_labels(y, "y")
        check_classification_targets(y)
        weight = check_weights(sample_weight, y.size)
        estimator_params, split_params = route_fit(self, weight, fit_params)
        frozen = isinstance(self.estimator, FrozenEstimator)
        if frozen:
            check_is_fitted(self.estimator)
            self.estimator_ = self.estimator
        else:
            self.estimator_ = clone(self.estimator).fit(X, y, **estimator_params)
        _check_states_confidence(self.estimator_)
        self.classes_ = np.asarray(self.estimator_.classes_)
        self.abstain_label_ = resolve_abstain_label(self.abstain_label, self.classes_)
        if self.target_accuracy is None and self.target_coverage is None:
            self.threshold_ = 0.0 if self.threshold is None else float(self.threshold)
        elif frozen:
            answer, confidence = answers_and_confidence(self.estimator_, X)
            self.threshold_ = self._learn_threshold(confidence, answer == y, weight)
        else:
            folds = cross_fit(
                self.estimator,
                X,
                y,
                answers_and_confidence,
                cv=self.cv,
                fit_params=estimator_params,
                split_params=split_params,
            )
            rows = np.concatenate([test for _, test, _ in folds])
            answer, confidence = map(np.concatenate, zip(*(f[2] for f in folds), strict=True))
            held_out_weight = None if weight is None else weight[rows]
            self.threshold_ = self._learn_threshold(confidence, answer == y[rows], held_out_weight)
        copy_input_attributes(self, self.estimator_)
        return self

    def accept(self, X):
        """Tell which rows are answered.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        accept : ndarray of shape (n_samples,) of bool
            True where the confidence is at least `threshold_`.
        """
        check_is_fitted(self)
        return answers_and_confidence(self.estimator_, X)[1] >= self.threshold_

    def predict(self, X):
        """Answers of the estimator, and `abstain_label_` for rejected rows.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            In a dtype that holds `classes_` and `abstain_label_`: strings are as long as needed,
            booleans and unsigned integers become signed integers.
        """
        check_is_fitted(self)
        answer, confidence = answers_and_confidence(self.estimator_, X)
        return insert_abstain_label(answer, confidence >= self.threshold_, self.abstain_label_)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities of the estimator, also for rejected rows.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    def get_metadata_routing(self):
        """Routing of metadata: weights are used here and requested by the estimator.

        Returns
        -------
        routing : MetadataRouter
            For scikit-learn's metadata routing.
        """
        return make_router(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def _check_parameters(self):
        names = ("threshold", "target_accuracy", "target_coverage")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if len(given) > 1:
            raise ValueError(f"Give at most one of {', '.join(names)}; got {given!r}.")
        for name, value in given.items():
            check_number(value, name, low=0, high=1, low_open=name != "threshold")

    def _learn_threshold(self, confidence, correct, weight):
        if weight is not None:
            check_weights(weight, weight.size)  # those held out may all be zero
        confidence, correct, weight = drop_zero_weights(weight, confidence, correct)
        curve = risk_coverage(confidence, correct, weight)
        if self.target_accuracy is not None:
            last = last_reaching_accuracy(curve, self.target_accuracy)
            total = confidence.size if weight is None else weight.sum()
            problem = _accuracy_problem(curve, last, self.target_accuracy, total)
        else:
            last = last_within_coverage(curve, self.target_coverage)
            problem = _coverage_problem(curve, last, self.target_coverage)
        if problem:
            warn_user(problem)
        return float(curve.threshold[last]) if last >= 0 else float("inf")


def _check_states_confidence(estimator):
    if not hasattr(estimator, "predict_proba"):
        raise TypeError(
            "estimator must have predict_proba, since abstention needs a confidence; wrap "
            f"{type(estimator).__name__} in CalibratedClassifier to give it one."
        )


def answers_and_confidence(estimator, X):
    """Predicted labels of a fitted classifier and the probability of each."""
    answer, proba = np.asarray(estimator.predict(X)), np.asarray(estimator.predict_proba(X))
    column = np.searchsorted(estimator.classes_, answer)
    return answer, proba[np.arange(answer.size), column]


def _accuracy_problem(curve, last, target, total):
    """Why a threshold learnt for an accuracy is doubtful or none; empty if it is neither."""
    if last < 0:
        best = int(np.argmin(curve.risk))
        return (
            f"target_accuracy={target:.4g} is not reached at any confidence, so every row is rejected. "
            f"The best held-out accuracy is {1 - curve.risk[best]:.4g}, answering "
            f"{curve.coverage[best]:.2%} of the rows, those from confidence "
            f"{curve.threshold[best]:.4g} on."
        )
    answered = round(curve.coverage[last] * total)
    if target < 1 and target**answered > _DOUBT:
        needed = int(np.ceil(np.log(_DOUBT) / np.log(target)))
        return (
            f"Only {answered} held-out rows are answered from confidence {curve.threshold[last]:.4g} "
            f"on. Even if all of them are right, fewer than {needed} do not show an accuracy of "
            f"{target:.4g}; fit on more rows."
        )
    return ""


def _coverage_problem(curve, last, target):
    if last >= 0:
        return ""
    return (
        f"target_coverage={target:.4g} is below the smallest coverage that can be reached, so every "
        f"row is rejected: {curve.coverage[0]:.2%} of the held-out rows share the largest confidence, "
        f"{curve.threshold[0]:.4g}."
    )
