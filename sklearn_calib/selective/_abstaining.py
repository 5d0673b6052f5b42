"""A classifier that answers only where it is confident enough."""

import html

import numpy as np
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._abstain_label import insert_abstain_label, resolve_abstain_label
from sklearn_calib._core.abstention_cost import chow_threshold
from sklearn_calib._meta_classifier import check_rows, copy_input_attributes
from sklearn_calib._validation import check_costs, check_number, check_weights
from sklearn_calib.selective._base import BaseSelectiveClassifier
from sklearn_calib.selective._confidence import (
    answers_and_confidence,
    check_confidence,
    lowest_confidence,
)
from sklearn_calib.selective._hold_out import fit_and_hold_out, fit_model
from sklearn_calib.selective._select_threshold import select_threshold
from sklearn_calib.selective._veto import check_source, find_groups, thresholds_of, veto_mask


class AbstainingClassifier(BaseSelectiveClassifier):
    """Classifier that abstains where its confidence is below a threshold.

    A row is answered when its confidence is at least `threshold_` and it is not vetoed; else `predict`
    returns `abstain_label_`, so that abstention survives pipelines and searches. The threshold is
    given, or learnt for an accuracy, a coverage or costs. With `target_accuracy` and
    `confidence_level` the accuracy is guaranteed, not only observed.

    This goes outermost: around pipelines, searches and `CalibratedClassifier`. At most one of
    `threshold`, `target_accuracy`, `target_coverage` and `costs` is set (``threshold="chow"`` goes with
    `costs`); with none, every row is answered.

    Parameters
    ----------
    estimator : classifier
        The classifier that answers, with `predict_proba` unless `confidence` is a column or a callable.
        A fitted one in a :class:`~sklearn.frozen.FrozenEstimator` is kept as it is.
    threshold : float or "chow", default=None
        Confidence from which on rows are answered, in [0, 1] for ``confidence="probability"``. "chow" is
        ``1 - abstention / error`` for the given `costs`, the best threshold for calibrated
        probabilities.
    target_accuracy : float in (0, 1], default=None
        Learn the threshold that answers most rows at this accuracy. Without `confidence_level` it is
        the accuracy that was observed on the held-out rows, no guarantee for others.
    target_coverage : float in (0, 1], default=None
        Learn the threshold that answers most held-out rows without exceeding this share of them.
        Rows of equal confidence are answered together, so that less may be reached.
    costs : tuple of two floats, (error, abstention), default=None
        Learn the threshold with the smallest mean cost on the held-out rows.
    confidence_level : float in (0, 1), default=None
        Guarantee `target_accuracy` with this probability over the held-out rows (`guarantee_` says
        under which assumptions). The model must not have seen those rows: give a frozen estimator and
        fresh rows, or ``refit=False`` with a single split as `cv`.
    confidence : {"probability", "margin", "entropy"}, str or callable, default="probability"
        How sure the classifier is of a row: the probability of the answer given, that minus the
        largest other probability, or the negative entropy of the probabilities in nats; the name of
        any other column of a data frame X; or ``confidence(estimator, X)`` that returns an array of
        shape (n_samples,).
    veto : str or callable, default=None
        Rows that are rejected whatever the confidence says: the name of a boolean column of a data
        frame X, or ``veto(X)`` that returns a boolean array of shape (n_samples,). A mask can also be
        given to `fit`, `predict` and `accept`; rows vetoed by either are rejected.
    per : "class", str or callable, default=None
        Learn one threshold per group of rows: per class that the estimator predicts, per value of a
        column of a data frame X, or per label that ``per(X)`` returns. Groups that `fit` did not see
        are rejected.
    simultaneous : bool, default=True
        Whether `confidence_level` is that of the promises to all groups at once or to each by itself.
    cv : int, cross-validation generator or iterable, default=None
        How rows are held out to learn the threshold: None is 5 stratified folds. Not used with a frozen
        estimator, whose rows in `fit` must be others than it was fitted on.
    refit : bool, default=True
        Whether the final estimator is fitted on all rows. False keeps the one that was fitted on the
        training part; `cv` must then be a single split, such as ``ShuffleSplit(1, test_size=0.3)``.
    n_jobs : int, default=None
        Number of folds to fit in parallel.
    abstain_label : str or number, default=None
        What `predict` returns for rejected rows. None is "abstain" for string labels, else -1, or
        min(classes) - 1 where -1 is a class. It must not be a class.

    Attributes
    ----------
    estimator_ : classifier
        The fitted estimator.
    classes_ : ndarray of shape (n_classes,)
        Sorted class labels, without `abstain_label_`.
    threshold_ : float, or dict of float by group
        Rows with confidence >= `threshold_` are answered: infinity answers none; 0 all for
        ``confidence="probability"``, minus infinity for others.
    selected_ : SelectedThreshold, or dict of SelectedThreshold by group
        Coverage, accuracy, intervals and curve on the held-out rows, where the threshold was learnt.
    guarantee_ : str
        What is guaranteed, under which assumptions, from how many rows; or that nothing is.
    n_vetoed_ : int
        Number of held-out rows that were vetoed. They count neither as answered nor as rejected in
        `selected_`.
    abstain_label_ : str or number
        The label of rejected rows: rejected is ``predict(X) == abstain_label_``.
    n_features_in_ : int
        Number of features, if the fitted estimator tells it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Feature names, if the fitted estimator tells them.

    Raises
    ------
    ValueError
        In `fit`, if a guarantee is asked for from rows that the final model is fitted on, or with
        weights; if thresholds of groups are asked for where none is learnt.

    Warns
    -----
    UserWarning
        If a target cannot be reached or certified; the message names the best that can, and every row
        is rejected. If so few rows are answered that even all of them right would not show the target
        accuracy. If weights are given that the estimator does not take.

    See Also
    --------
    select_threshold : The same from confidences and correctness, without an estimator.
    sklearn_calib.metrics.answered_accuracy : Accuracy among the answered rows.
    sklearn_calib.metrics.answered_coverage : Share of the rows that are answered.
    CalibratedClassifier : Make the confidence honest first.

    Notes
    -----
    The inherited `score` is plain accuracy, to which every rejected row is wrong: a search by it would
    never abstain. Search with ``metrics.get_scorer("answered_accuracy")`` and "answered_coverage".

    References
    ----------
    .. [1] Chow (1970). On optimum recognition error and reject tradeoff. IEEE Transactions on
       Information Theory 16(1):41-46. :doi:`10.1109/TIT.1970.1054406`
    .. [2] Geifman and El-Yaniv (2017). Selective classification for deep neural networks. NeurIPS.
       arXiv:1705.08500

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_calib import AbstainingClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_cal, y_train, y_cal = train_test_split(X, y, test_size=0.5, random_state=0)
    >>> model = FrozenEstimator(GaussianNB().fit(X_train, y_train))
    >>> careful = AbstainingClassifier(model, target_accuracy=0.85, confidence_level=0.95)
    >>> careful = careful.fit(X_cal, y_cal)
    >>> careful.selected_
    <SelectedThreshold 0.988426: coverage 0.930, accuracy 0.872, certified>
    >>> print(careful.guarantee_)
    With confidence 0.95, the accuracy of the answers with confidence above 0.988426 is at least 0.85, ...
    """

    def __init__(
        self,
        estimator,
        *,
        threshold=None,
        target_accuracy=None,
        target_coverage=None,
        costs=None,
        confidence_level=None,
        confidence="probability",
        veto=None,
        per=None,
        simultaneous=True,
        cv=None,
        refit=True,
        n_jobs=None,
        abstain_label=None,
    ):
        self.estimator = estimator
        self.threshold = threshold
        self.target_accuracy = target_accuracy
        self.target_coverage = target_coverage
        self.costs = costs
        self.confidence_level = confidence_level
        self.confidence = confidence
        self.veto = veto
        self.per = per
        self.simultaneous = simultaneous
        self.cv = cv
        self.refit = refit
        self.n_jobs = n_jobs
        self.abstain_label = abstain_label

    def fit(self, X, y, sample_weight=None, *, veto=None, threshold_groups=None, **fit_params):
        """Fit the estimator (unless frozen) and learn the threshold where it is not given.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Whatever the estimator accepts.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, for the threshold and for the estimator if its `fit` takes them. An error together
            with `confidence_level`.
        veto : array-like of shape (n_samples,) of bool, default=None
            Rows that would be rejected whatever the confidence says.
        threshold_groups : array-like of shape (n_samples,), default=None
            Learn one threshold per group, as with `per`; `predict` and `accept` then need the groups
            too.
        **fit_params : dict
            Without metadata routing: `groups` for the splitter, the rest for `estimator.fit`. With
            it: whatever the parts request.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        learns = self._check_parameters()
        if not learns and (self.per is not None or threshold_groups is not None):
            raise ValueError(
                "per and threshold_groups are for thresholds that are learnt: give target_accuracy, "
                "target_coverage or costs, and no threshold."
            )
        X, y, weight = check_rows(X, y, sample_weight)
        params, split_params = self._route_fit(weight, fit_params)
        for name in ("selected_", "n_vetoed_"):
            if hasattr(self, name):
                delattr(self, name)  # of an earlier fit
        if learns:
            self.estimator_, held_out = fit_and_hold_out(self, X, y, params, split_params)
            self._learn(held_out, X, y, weight, veto, threshold_groups)
        else:
            self.estimator_ = fit_model(self, X, y, params)
            self.threshold_ = self._given_threshold()
            self.guarantee_ = "No accuracy is guaranteed: the threshold was given, not learnt."
        self.classes_ = np.asarray(self.estimator_.classes_)
        self.abstain_label_ = resolve_abstain_label(self.abstain_label, self.classes_)
        copy_input_attributes(self, self.estimator_)
        return self

    def accept(self, X, *, veto=None, threshold_groups=None):
        """Tell which rows are answered.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.
        veto : array-like of shape (n_samples,) of bool, default=None
            Rows to reject whatever the confidence says, beside those that the parameter `veto` finds.
        threshold_groups : array-like of shape (n_samples,), default=None
            Group of each row, if `fit` was given them.

        Returns
        -------
        accept : ndarray of shape (n_samples,) of bool
            True where the confidence is at least `threshold_` and there is no veto.
        """
        return self._decide(X, veto, threshold_groups)[1]

    def predict(self, X, *, veto=None, threshold_groups=None):
        """Answers of the estimator, and `abstain_label_` for rejected rows.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.
        veto : array-like of shape (n_samples,) of bool, default=None
            Rows to reject whatever the confidence says, beside those that the parameter `veto` finds.
        threshold_groups : array-like of shape (n_samples,), default=None
            Group of each row, if `fit` was given them.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            In a dtype that holds `classes_` and `abstain_label_`: strings are as long as needed,
            booleans and unsigned integers become signed integers.
        """
        answer, accept = self._decide(X, veto, threshold_groups)
        return insert_abstain_label(answer, accept, self.abstain_label_)

    def vetoed(self, X, *, veto=None):
        """Tell which rows are rejected whatever the confidence says.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.
        veto : array-like of shape (n_samples,) of bool, default=None
            Rows to reject beside those that the parameter `veto` finds.

        Returns
        -------
        vetoed : ndarray of shape (n_samples,) of bool
            Among the rejected rows, these were not rejected for lack of confidence alone.
        """
        check_is_fitted(self)
        return veto_mask(self.veto, X, veto)

    def __repr__(self, N_CHAR_MAX=700):
        text = super().__repr__(N_CHAR_MAX)
        return f"{text}\n{self.guarantee_}" if hasattr(self, "selected_") else text

    def _repr_html_(self):
        shown = estimator_html_repr(self)
        told = f"<p>{html.escape(self.guarantee_)}</p>" if hasattr(self, "selected_") else ""
        return shown + told

    def _repr_mimebundle_(self, **kwargs):
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _check_parameters(self):
        """Check what can be checked without data; return whether a threshold is to be learnt."""
        names = ("threshold", "target_accuracy", "target_coverage", "costs")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        chow = isinstance(self.threshold, str) and self.threshold == "chow"
        if chow and self.costs is None:
            raise ValueError("threshold='chow' needs costs=(error, abstention).")
        if len(given) > 1 and not (chow and len(given) == 2):
            raise ValueError(f"Give at most one of {', '.join(names)}; got {given!r}.")
        for name in given.keys() & {"target_accuracy", "target_coverage"}:
            check_number(given[name], name, low=0, high=1, low_open=True)
        if self.costs is not None:
            check_costs(self.costs)
        check_confidence(self.confidence)
        check_source(self.veto, "veto")
        check_source(self.per, "per", "class")
        if isinstance(self.threshold, str) and not chow:
            raise TypeError(f"threshold must be a number or 'chow'; got {self.threshold!r}.")
        if self.threshold is not None and not chow:
            limits = (0, 1) if self.confidence == "probability" else (-np.inf, np.inf)
            check_number(self.threshold, "threshold", low=limits[0], high=limits[1])
        if self.confidence_level is not None and self.target_accuracy is None:
            raise ValueError(
                "confidence_level is that of a guaranteed accuracy: give target_accuracy too."
            )
        self._check_confidence_level()
        return bool(given) and self.threshold is None

    def _given_threshold(self):
        if self.threshold == "chow":
            return chow_threshold(*check_costs(self.costs))
        return (
            lowest_confidence(self.confidence) if self.threshold is None else float(self.threshold)
        )

    def _learn(self, held_out, X, y, weight, veto, threshold_groups):
        rows, answer, confidence = held_out
        vetoed = veto_mask(self.veto, X, veto)[rows]
        if vetoed.all():
            raise ValueError(
                f"All {vetoed.size} held-out rows are vetoed; none can choose a threshold."
            )
        keep = ~vetoed
        groups = None
        if self.per is not None or threshold_groups is not None:
            groups = find_groups(self.per, X, answer, threshold_groups, rows)[keep]
        if weight is not None:
            weight = check_weights(weight[rows][keep], keep.sum())  # those held out may all be zero
        self.selected_ = select_threshold(
            (answer == y[rows])[keep],
            confidence[keep],
            target_accuracy=self.target_accuracy,
            target_coverage=self.target_coverage,
            costs=self.costs,
            confidence_level=self.confidence_level,
            sample_weight=weight,
            groups=groups,
            simultaneous=self.simultaneous,
        )
        self.n_vetoed_ = int(vetoed.sum())
        if groups is None:
            self.threshold_, self.guarantee_ = self.selected_.threshold, self.selected_.guarantee
        else:
            self.threshold_ = {name: one.threshold for name, one in self.selected_.items()}
            self.guarantee_ = "\n".join(one.guarantee for one in self.selected_.values())
        if self.n_vetoed_:
            self.guarantee_ += (
                f"\nVetoed rows, of which there were {self.n_vetoed_}, are never answered."
            )

    def _decide(self, X, veto, threshold_groups):
        """Return answers and which of them are given."""
        check_is_fitted(self)
        answer, confidence = answers_and_confidence(self.estimator_, X, self.confidence)
        threshold = self.threshold_
        if threshold_groups is not None and not isinstance(threshold, dict):
            raise ValueError("threshold_groups are given, but fit learnt no thresholds of groups.")
        if isinstance(threshold, dict):
            threshold = thresholds_of(
                threshold, find_groups(self.per, X, answer, threshold_groups)
            ).astype(confidence.dtype)
        accept = confidence >= threshold
        if self.veto is not None or veto is not None:
            accept &= ~veto_mask(self.veto, X, veto)
        return answer, accept
