"""What classifiers around another classifier share: checks of the rows, and where metadata goes."""

from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import has_fit_parameter

from sklearn_calib._validation import check_labels, check_weights
from sklearn_calib._warn import warn_user


class MetaClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Uses weights itself, fits its `estimator`, and holds rows out by its `cv`."""

    def get_metadata_routing(self):
        """Routing of metadata: weights are used here and requested by the estimator.

        Returns
        -------
        routing : MetadataRouter
            For scikit-learn's metadata routing.
        """
        return (
            MetadataRouter(owner=self)
            .add_self_request(self)
            .add(
                estimator=self.estimator,
                method_mapping=MethodMapping().add(caller="fit", callee="fit"),
            )
            .add(splitter=self.cv, method_mapping=MethodMapping().add(caller="fit", callee="split"))
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def _route_fit(self, sample_weight, fit_params):
        """Parameters for `estimator.fit` and for `cv.split`.

        Without metadata routing `groups` go to the splitter, weights to an estimator that takes them,
        and everything else to the estimator.
        """
        if get_config()["enable_metadata_routing"]:
            routed = process_routing(self, "fit", sample_weight=sample_weight, **fit_params)
            return dict(routed["estimator"]["fit"]), dict(routed["splitter"]["split"])
        estimator_params = dict(fit_params)
        groups = estimator_params.pop("groups", None)
        if sample_weight is not None and not isinstance(self.estimator, FrozenEstimator):
            if has_fit_parameter(self.estimator, "sample_weight"):
                estimator_params["sample_weight"] = sample_weight
            else:
                name, own = type(self.estimator).__name__, type(self).__name__
                warn_user(
                    f"{name}.fit takes no sample_weight: the weights are used by {own} alone, and "
                    f"{name} is fitted without them. Metadata routing can pass weights on to a step of "
                    "a pipeline."
                )
        return estimator_params, {} if groups is None else {"groups": groups}


def check_rows(X, y, sample_weight):
    """Return indexable rows of any kind, labels of classes as an array, and checked weights."""
    X, y = indexable(X, y)
    y = check_labels(y, "y")
    check_classification_targets(y)
    return X, y, check_weights(sample_weight, y.size)


def estimator_has(method):
    """Condition for `available_if`: the estimator, fitted if it is, has the method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


def copy_input_attributes(target, source):
    """Take over `n_features_in_` and `feature_names_in_` from a fitted estimator that has them."""
    for name in ("n_features_in_", "feature_names_in_"):
        vars(target).pop(name, None)  # of an earlier fit
        if hasattr(source, name):
            setattr(target, name, getattr(source, name))
