"""What the meta-estimators share: where metadata goes, and predictions on rows not fitted on."""

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter

from sklearn_calib._warn import warn_user


def make_router(owner):
    """Routing of a meta-estimator that uses weights itself and has an `estimator` and a `cv`."""
    return (
        MetadataRouter(owner=owner)
        .add_self_request(owner)
        .add(
            estimator=owner.estimator,
            method_mapping=MethodMapping().add(caller="fit", callee="fit"),
        )
        .add(splitter=owner.cv, method_mapping=MethodMapping().add(caller="fit", callee="split"))
    )


def estimator_has(method):
    """Condition for `available_if`: the estimator, fitted if it is, has the method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


def route_fit(owner, sample_weight, fit_params):
    """Parameters for `estimator.fit` and for `cv.split`.

    Without metadata routing `groups` go to the splitter, weights to an estimator that takes them, and
    everything else to the estimator.
    """
    if get_config()["enable_metadata_routing"]:
        routed = process_routing(owner, "fit", sample_weight=sample_weight, **fit_params)
        return dict(routed["estimator"]["fit"]), dict(routed["splitter"]["split"])
    estimator_params = dict(fit_params)
    groups = estimator_params.pop("groups", None)
    if sample_weight is not None and not isinstance(owner.estimator, FrozenEstimator):
        if has_fit_parameter(owner.estimator, "sample_weight"):
            estimator_params["sample_weight"] = sample_weight
        else:
            name, own = type(owner.estimator).__name__, type(owner).__name__
            warn_user(
                f"{name}.fit takes no sample_weight: the weights are used by {own} alone, and {name} "
                "is fitted without them. Metadata routing can pass weights on to a step of a pipeline."
            )
    return estimator_params, {} if groups is None else {"groups": groups}


def cross_fit(estimator, X, y, predict, *, cv, fit_params, split_params, n_jobs=None):
    """Fit a clone on each training part and apply `predict(fitted, X_test)`.

    Returns a list of (fitted estimator, test rows, what `predict` returned), one per fold.
    """
    splits = list(check_cv(cv, y, classifier=True).split(X, y, **split_params))
    results = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_predict)(clone(estimator), X, y, train, test, fit_params, predict)
        for train, test in splits
    )
    return [(fitted, test, out) for (fitted, out), (_, test) in zip(results, splits, strict=True)]


def _fit_and_predict(estimator, X, y, train, test, fit_params, predict):
    n_samples = y.shape[0]
    params = {
        name: take_rows(value, train) if _n_rows(value) == n_samples else value
        for name, value in fit_params.items()
    }
    estimator.fit(take_rows(X, train), y[train], **params)
    return estimator, predict(estimator, take_rows(X, test))


def take_rows(X, rows):
    """Rows of an array, sparse matrix, data frame, Arrow table or list."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    if hasattr(X, "take") and not hasattr(X, "dtype"):
        return X.take(rows)  # an Arrow table; the `take` of an array flattens it
    if hasattr(X, "shape"):
        return X[rows]
    return [X[row] for row in rows]


def _n_rows(value):
    if hasattr(value, "shape"):
        return value.shape[0] if value.shape else None
    return len(value) if isinstance(value, (list, tuple)) else None


def is_partition(tests, n_samples):
    """Whether the test rows of all folds are each row once."""
    return np.array_equal(np.sort(np.concatenate(tests)), np.arange(n_samples))


def copy_input_attributes(target, source):
    """Take over `n_features_in_` and `feature_names_in_` from a fitted estimator that has them."""
    for name in ("n_features_in_", "feature_names_in_"):
        vars(target).pop(name, None)  # of an earlier fit
        if hasattr(source, name):
            setattr(target, name, getattr(source, name))
