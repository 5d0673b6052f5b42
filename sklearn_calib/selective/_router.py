"""A classifier that says what to do with each of its answers."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._meta_classifier import check_rows, copy_input_attributes
from sklearn_calib.selective._base import BaseSelectiveClassifier
from sklearn_calib.selective._confidence import answers_and_confidence, check_confidence
from sklearn_calib.selective._hold_out import fit_and_hold_out
from sklearn_calib.selective._select_tiers import DEFAULT_TIERS, check_tiers, select_tiers


class ConfidenceRouter(BaseSelectiveClassifier):
    """Classifier that routes each row to an action, by the confidence of its answer.

    `predict` answers every row; `route` tells what to do with the answer: give it, flag it, ask back,
    hand it over. A tier takes the rows whose confidence is from its threshold up to that of the tier
    above, and its accuracy is that of *these* rows: of flagged answers the stated share is right, with
    the surest ones not counted among them. See `select_tiers` for how thresholds are found and why the
    promises hold.

    This goes outermost: around pipelines, searches and `CalibratedClassifier`.

    Parameters
    ----------
    estimator : classifier
        The classifier that answers, with `predict_proba` unless `confidence` is a column or a callable.
        A fitted one in a :class:`~sklearn.frozen.FrozenEstimator` is kept as it is.
    tiers : sequence of (str, float), default=(("answer", 0.95), ("flag", 0.85), ("clarify", 0.6))
        Actions and the accuracy of each in (0, 1), from the surest down: accuracies must decrease.
    otherwise : str, default="defer"
        Action for the rest.
    confidence_level : float in (0, 1), default=None
        Probability, over the held-out rows, with which all tiers keep their accuracy for further rows.
        The model must not have seen those rows: give a frozen estimator and fresh rows, or
        ``refit=False`` with a single split as `cv`. None takes the largest tiers that have their
        accuracy on held-out rows, which promises nothing.
    confidence : {"probability", "margin", "entropy"}, str or callable, default="probability"
        How sure the classifier is of a row: the probability of the answer given, that minus the
        largest other probability, or the negative entropy of the probabilities in nats; the name of
        any other column of a data frame X; or ``confidence(estimator, X)`` that returns an array of
        shape (n_samples,).
    cv : int, cross-validation generator or iterable, default=None
        How rows are held out to find the tiers: None is 5 stratified folds. Not used with a frozen
        estimator, whose rows in `fit` must be others than it was fitted on.
    refit : bool, default=True
        Whether the final estimator is fitted on all rows. False keeps the one that was fitted on the
        training part; `cv` must then be a single split, such as ``ShuffleSplit(1, test_size=0.3)``.
    n_jobs : int, default=None
        Number of folds to fit in parallel.

    Attributes
    ----------
    estimator_ : classifier
        The fitted estimator.
    tiers_ : SelectedTiers
        The tiers: thresholds, shares and accuracies on the held-out rows, what is certified. `print`
        shows them as a table.
    guarantee_ : str
        What is promised, under which assumption, from how many rows; or that nothing is.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels.
    n_features_in_ : int
        Number of features, if the fitted estimator tells it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Feature names, if the fitted estimator tells them.

    Warns
    -----
    UserWarning
        If a tier is empty, since its accuracy could not be certified (or reached). If weights are given
        that the estimator does not take.

    See Also
    --------
    AbstainingClassifier : One tier: answer or not.
    sklearn_calib.selective.select_tiers : The same for records, without an estimator.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_calib import ConfidenceRouter
    >>> X, y = load_digits(return_X_y=True)
    >>> X, X_new, y, y_new = train_test_split(X, y, test_size=0.75, random_state=0)
    >>> X_cal, X_new, y_cal, y_new = train_test_split(X_new, y_new, test_size=0.4, random_state=0)
    >>> forest = RandomForestClassifier(30, random_state=0).fit(X, y)
    >>> router = ConfidenceRouter(
    ...     FrozenEstimator(forest), tiers=[("answer", 0.99), ("flag", 0.8)], confidence_level=0.9
    ... )
    >>> router = router.fit(X_cal, y_cal)
    >>> print(router.tiers_)
                 confidence           rows    share    right   95 % interval    wanted
    answer       0.5333 or more        610   75.5 %   99.8 %   99.1 - 100.0 %     99 % certified
    flag         0.3667 to 0.5333      140   17.3 %   87.9 %   81.4 - 92.3 %      80 % certified
    defer        below 0.3667           58    7.2 %   50.0 %   37.5 - 62.5 %
    >>> action = router.route(X_new)
    >>> for name in ("answer", "flag"):
    ...     print(name, round(router.score(X_new[action == name], y_new[action == name]), 2))
    answer 1.0
    flag 0.87
    """

    def __init__(
        self,
        estimator,
        *,
        tiers=DEFAULT_TIERS,
        otherwise="defer",
        confidence_level=None,
        confidence="probability",
        cv=None,
        refit=True,
        n_jobs=None,
    ):
        self.estimator = estimator
        self.tiers = tiers
        self.otherwise = otherwise
        self.confidence_level = confidence_level
        self.confidence = confidence
        self.cv = cv
        self.refit = refit
        self.n_jobs = n_jobs

    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the estimator (unless frozen) and find the tiers.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Whatever the estimator accepts.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, for the tiers and for the estimator if its `fit` takes them; an error with
            `confidence_level`.
        **fit_params : dict
            Without metadata routing: `groups` for the splitter, the rest for `estimator.fit`. With
            it: whatever the parts request.

        Returns
        -------
        self : object
            The fitted router.
        """
        self._check_parameters()
        X, y, weight = check_rows(X, y, sample_weight)
        estimator_params, split_params = self._route_fit(weight, fit_params)
        self.estimator_, held_out = fit_and_hold_out(self, X, y, estimator_params, split_params)
        self.classes_ = np.asarray(self.estimator_.classes_)
        self.tiers_ = select_tiers(
            held_out.answer == y[held_out.rows],
            held_out.confidence,
            tiers=self.tiers,
            otherwise=self.otherwise,
            confidence_level=self.confidence_level,
            sample_weight=None if weight is None else weight[held_out.rows],
        )
        self.guarantee_ = self.tiers_.guarantee
        copy_input_attributes(self, self.estimator_)
        return self

    def route(self, X):
        """Action of each row.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to answer.

        Returns
        -------
        action : ndarray of shape (n_samples,) of str
            Name of the tier of each row, or `otherwise`.
        """
        check_is_fitted(self)
        return self.tiers_.route(answers_and_confidence(self.estimator_, X, self.confidence)[1])

    def predict(self, X):
        """Answers of the estimator, for all rows whatever their action.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to answer.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Predicted classes.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    def _check_parameters(self):
        check_tiers(self.tiers, self.otherwise)
        check_confidence(self.confidence)
        self._check_confidence_level()
