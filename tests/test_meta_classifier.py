"""What classifiers around another classifier share."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import get_tags

from sklearn_calib._meta_classifier import (
    MetaClassifier,
    check_rows,
    copy_input_attributes,
    estimator_has,
)


class Around(MetaClassifier):
    def __init__(self, estimator, cv=None):
        self.estimator = estimator
        self.cv = cv

    def fit(self, X, y, sample_weight=None, **fit_params):
        raise NotImplementedError


WEIGHT, GROUPS = np.array([1.0, 2.0]), np.array([0, 1])


def test_parameters_of_fit_without_routing():
    route = Around(LogisticRegression())._route_fit
    assert route(None, {}) == ({}, {})
    assert route(WEIGHT, {"a": 1}) == ({"a": 1, "sample_weight": WEIGHT}, {})
    assert route(None, {"groups": GROUPS, "a": 1}) == ({"a": 1}, {"groups": GROUPS})
    assert Around(FrozenEstimator(KNeighborsClassifier()))._route_fit(WEIGHT, {}) == ({}, {})
    with pytest.warns(UserWarning, match="KNeighborsClassifier.fit takes .* used by Around alone"):
        assert Around(KNeighborsClassifier())._route_fit(WEIGHT, {}) == ({}, {})


def test_parameters_of_fit_with_routing():
    estimator = LogisticRegression()
    with config_context(enable_metadata_routing=True):
        asked = estimator.set_fit_request(sample_weight=True)
        around = Around(asked, GroupKFold(2))
        assert around._route_fit(WEIGHT, {"groups": GROUPS}) == (
            {"sample_weight": WEIGHT},
            {"groups": GROUPS},
        )
        asked.set_fit_request(sample_weight=False)
        assert around._route_fit(WEIGHT, {}) == ({}, {})


def test_tags_are_those_of_the_estimator():
    assert get_tags(Around(LogisticRegression())).input_tags.sparse
    assert get_tags(Around(HistGradientBoostingClassifier())).input_tags.allow_nan


def test_rows_are_checked():
    X, y, weight = check_rows([["a"], ["b"]], pd.Series(["no", "yes"], index=[7, 8]), [1, 2])
    assert (X, y.tolist(), weight.tolist()) == ([["a"], ["b"]], ["no", "yes"], [1.0, 2.0])
    for args, told in (
        (([[0]], [0, 1], None), "inconsistent numbers of samples"),
        (([[0], [1]], [0.5, 1.5], None), "Unknown label type: continuous"),
        (([[0], [1]], [0, np.nan], None), "y holds missing labels"),
        (([[0], [1]], [0, 1], [1]), "sample_weight"),
    ):
        with pytest.raises(ValueError, match=told):
            check_rows(*args)


def test_the_method_of_the_fitted_estimator_counts():
    has_proba = estimator_has("predict_proba")
    around = Around(LogisticRegression())
    assert has_proba(around)
    around.estimator_ = Fitted()
    with pytest.raises(AttributeError):
        has_proba(around)


class Fitted(ClassifierMixin, BaseEstimator):
    """Has no probabilities, whatever it was cloned from."""


def test_input_attributes_are_those_of_the_last_fit():
    numbers = np.arange(12.0).reshape(6, 2)
    frame = pd.DataFrame(numbers, columns=["a", "b"])
    y = np.arange(6) % 2
    target = Fitted()
    copy_input_attributes(target, LogisticRegression().fit(frame, y))
    assert target.n_features_in_ == 2
    np.testing.assert_array_equal(target.feature_names_in_, ["a", "b"])
    copy_input_attributes(target, LogisticRegression().fit(numbers[:, :1], y))
    assert target.n_features_in_ == 1
    assert not hasattr(target, "feature_names_in_")
    copy_input_attributes(target, DummyClassifier())
    assert not hasattr(target, "n_features_in_")
