"""A classifier out of several, which tells how far they disagree."""

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone, is_classifier
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from sklearn_calib._cross_fit import n_rows, take_rows
from sklearn_calib._meta_classifier import check_rows, copy_input_attributes
from sklearn_calib._validation import check_option
from sklearn_calib._warn import warn_user
from sklearn_calib.ensemble._combine_probabilities import METHODS, combine_probabilities
from sklearn_calib.ensemble._disagreement import disagreement
from sklearn_calib.ensemble._members import open_ensemble, open_list
from sklearn_calib.ensemble._probas import check_member_weights
from sklearn_calib.ensemble._uncertainty import Uncertainty, uncertainty

_CELLS = 1 << 23  # probabilities held at a time, 64 MB: a forest has many members


class EnsembleClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier that combines others and measures their disagreement.

    Members are models, seeds, folds or the trees of a forest. Fitted ones are used as they are: give
    them in a :class:`~sklearn.frozen.FrozenEstimator`, or use `from_fitted`.

    Parameters
    ----------
    members : list of classifiers, or one ensemble
        Classifiers with `predict_proba` (for ``combine="vote"`` without, too), or one
        VotingClassifier, BaggingClassifier, RandomForestClassifier, ExtraTreesClassifier,
        CalibratedClassifierCV or :class:`~sklearn_calib.CalibratedClassifier`, whose members or folds
        are used; also as the last step of a pipeline or inside a fitted search.
    combine : {"mean", "geometric_mean", "vote"}, default="mean"
        Mean of the probabilities, mean of their logarithms, or share of the votes, as in
        `combine_probabilities`.
    weights : array-like of shape (n_members,), default=None
        Non-negative weights of the members. None weighs them equally, and those of a
        VotingClassifier by its own weights.
    n_jobs : int, default=None
        Number of members of a list fitted at the same time; None is 1 unless in a
        `joblib.parallel_backend`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Sorted labels of all members. A member that does not know a class gives it probability 0.
    n_members_ : int
        Number of members.
    weights_ : ndarray of shape (n_members,)
        Weights of the members, the largest 1.
    members_ : list of classifiers, or one ensemble
        `members`, fitted.
    n_features_in_ : int
        Number of features, if the fitted members tell it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Feature names, if the fitted members tell them.

    Warns
    -----
    UserWarning
        If weights of rows are given that a member does not take.

    See Also
    --------
    disagreement, uncertainty, combine_probabilities : The same from stored probabilities.
    agreement_confidence : Agreement as the confidence of an `AbstainingClassifier`.
    SignalCalibrator : Turn a score and the disagreement into a probability.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.metrics import roc_auc_score
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_calib.ensemble import EnsembleClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X, X_test, y, y_test = train_test_split(X, y, random_state=0, test_size=0.5)
    >>> forest = RandomForestClassifier(50, random_state=0).fit(X, y)
    >>> trees = EnsembleClassifier.from_fitted(forest)
    >>> trees.n_members_
    50
    >>> wrong = trees.predict(X_test) != y_test
    >>> signal = trees.disagreement(X_test, measure="vote_entropy")
    >>> f"{roc_auc_score(wrong, signal):.2f}"
    '0.92'
    """

    def __init__(self, members, *, combine="mean", weights=None, n_jobs=None):
        self.members = members
        self.combine = combine
        self.weights = weights
        self.n_jobs = n_jobs

    @classmethod
    def from_fitted(cls, members, *, combine="mean", weights=None):
        """Ensemble of fitted members, ready to predict; none of them is refitted.

        Parameters
        ----------
        members : list of fitted classifiers, or one fitted ensemble
            As in the class, fitted on labels of the same kind.
        combine : {"mean", "geometric_mean", "vote"}, default="mean"
            As in the class.
        weights : array-like of shape (n_members,), default=None
            As in the class.

        Returns
        -------
        ensemble : EnsembleClassifier
            Fitted. Its `members` are frozen, so that a clone keeps them as well.

        Raises
        ------
        NotFittedError
            If a member is not fitted.
        TypeError
            If a member is no classifier, or their labels are text and numbers.
        """
        ensemble = cls(members, combine=combine, weights=weights)
        ensemble._check_parameters()
        for member in ensemble._named_members().values():
            check_is_fitted(member)
        listed = isinstance(members, (list, tuple))
        ensemble.members = [_freeze(m) for m in members] if listed else _freeze(members)
        return ensemble._open(ensemble.members)

    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the members that are not frozen.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Whatever the members accept.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, for the members whose `fit` takes them.
        **fit_params : dict
            Without metadata routing: for `fit` of every member. With it: whatever they request.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        self._check_parameters()
        X, y, weight = check_rows(X, y, sample_weight)
        named = self._named_members()
        params = self._member_params(named, weight, fit_params)
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_member)(clone(member), X, y, params[name])
            for name, member in named.items()
        )
        return self._open(fitted if isinstance(self.members, (list, tuple)) else fitted[0])

    def member_proba(self, X):
        """Probabilities of every member.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        probas : ndarray of shape (n_members, n_samples, n_classes)
            As the array functions take them. A member without `predict_proba` gives its answer
            probability 1.
        """
        check_is_fitted(self)
        for step in self._opened.steps:
            X = step(X)
        return np.stack([m.predict_proba(X, self.classes_) for m in self._opened.members])

    def predict_proba(self, X):
        """Combined probabilities.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Rows sum to 1; columns in the order of `classes_`.
        """
        return self._by_blocks(X, combine_probabilities, method=self.combine)

    def predict(self, X):
        """Label of the largest combined probability.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            One of `classes_` for each row; the first one where probabilities tie.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def disagreement(self, X, *, measure="mutual_information"):
        """Disagreement of the members, for each row.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.
        measure : str, default="mutual_information"
            One of the measures of the function `disagreement`. They are about the mean of the members,
            whatever `combine` is.

        Returns
        -------
        value : ndarray of shape (n_samples,)
            At least 0, larger for more disagreement.
        """
        return self._by_blocks(X, disagreement, measure=measure)

    def uncertainty(self, X):
        """Total uncertainty, split into aleatoric and epistemic.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        uncertainty : Uncertainty
            Named tuple of arrays `total`, `aleatoric` and `epistemic` of shape (n_samples,), in nats.
        """
        return Uncertainty(*self._by_blocks(X, _stacked_uncertainty).T)

    def get_metadata_routing(self):
        """Routing of metadata to the members, named "member0", "member1", ..., or "members" if it is one.

        Returns
        -------
        routing : MetadataRouter
            For scikit-learn's metadata routing.
        """
        router = MetadataRouter(owner=self)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return router.add(**self._named_members(), method_mapping=mapping)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        each = [get_tags(member).input_tags for member in self._named_members().values()]
        tags.input_tags.sparse = all(t.sparse for t in each)
        tags.input_tags.allow_nan = all(t.allow_nan for t in each)
        return tags

    def _check_parameters(self):
        check_option(self.combine, "combine", tuple(METHODS))
        named = self._named_members()
        if not named:
            raise ValueError("members must hold at least one classifier; it is empty.")
        for member in named.values():
            if isinstance(member, type) or not (hasattr(member, "fit") and is_classifier(member)):
                raise TypeError(
                    f"members must be a list of classifiers or one ensemble; got {member!r}."
                )

    def _named_members(self):
        if isinstance(self.members, (list, tuple)):
            return {f"member{position}": member for position, member in enumerate(self.members)}
        return {"members": self.members}

    def _member_params(self, named, weight, fit_params):
        """Parameters of `fit` of every member."""
        if get_config()["enable_metadata_routing"]:
            given = fit_params if weight is None else {"sample_weight": weight, **fit_params}
            routed = process_routing(self, "fit", **given)
            return {name: routed[name]["fit"] for name in named}
        params = {name: dict(fit_params) for name in named}
        for name, member in named.items():
            if weight is None or isinstance(member, FrozenEstimator):
                continue
            if _takes_weights(member):
                params[name]["sample_weight"] = weight
            else:
                warn_user(
                    f"{type(member).__name__}.fit takes no sample_weight: it is fitted without weights."
                )
        return params

    def _open(self, fitted):
        """Take over fitted members."""
        listed = isinstance(fitted, (list, tuple))
        opened = open_list(fitted) if listed else open_ensemble(fitted)
        if self.combine != "vote":
            for member in opened.members:
                _check_tells_probabilities(member.estimator, self.combine)
        own = opened.weights if self.weights is None else self.weights
        self.weights_ = check_member_weights(own, len(opened.members))
        self.members_ = fitted
        self._opened = opened
        self.classes_ = opened.classes
        self.n_members_ = len(opened.members)
        copy_input_attributes(self, fitted[0] if listed else fitted)
        return self

    def _by_blocks(self, X, function, **arguments):
        """Apply an array function of this package to the members' probabilities, some rows at a time."""
        check_is_fitted(self)
        (X,) = indexable(X)
        n_samples = n_rows(X)
        rows = max(_CELLS // (self.n_members_ * self.classes_.size), 1)
        arguments["weights"] = self.weights_
        if n_samples <= rows:
            return function(self.member_proba(X), **arguments)
        blocks = np.array_split(np.arange(n_samples), -(-n_samples // rows))
        return np.concatenate(
            [function(self.member_proba(take_rows(X, block)), **arguments) for block in blocks]
        )


def _freeze(member):
    return member if isinstance(member, FrozenEstimator) else FrozenEstimator(member)


def _takes_weights(member):
    return isinstance(member, VotingClassifier) or has_fit_parameter(member, "sample_weight")


def _fit_member(member, X, y, params):
    return member.fit(X, y, **params)


def _check_tells_probabilities(estimator, combine):
    if not hasattr(estimator, "predict_proba"):
        if isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        raise TypeError(
            f"combine={combine!r} needs members with predict_proba, which {type(estimator).__name__} has "
            "not: wrap it in CalibratedClassifier, or use combine='vote'."
        )


def _stacked_uncertainty(probas, weights):
    return np.column_stack(uncertainty(probas, weights=weights))
