"""How sure a classifier is of each answer: by formula, by column, by callable."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_calib.selective._confidence import (
    answers_and_confidence,
    check_confidence,
    lowest_confidence,
    needs_probabilities,
    take_column,
)


class Fixed(ClassifierMixin, BaseEstimator):
    """Answers "a", "c", "b"; the second answer is not that of the largest probability."""

    classes_ = np.array(["a", "b", "c"])

    def predict(self, X):
        return np.array(["a", "c", "b"])

    def predict_proba(self, X):
        return np.array([[0.5, 0.25, 0.25], [0.6, 0.1, 0.3], [0.0, 1.0, 0.0]])


class Answers(Fixed):
    """The same without probabilities."""

    predict_proba = None

    def __getattribute__(self, name):
        if name == "predict_proba":
            raise AttributeError(name)
        return super().__getattribute__(name)


X = pd.DataFrame({"sure": [3, 1, 2], "name": ["x", "y", "z"]})


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        ("probability", [0.5, 0.3, 1]),
        ("margin", [0.25, -0.3, 1]),
        # log 2 / 2 + 2 log 4 / 4 = 1.5 log 2
        (
            "entropy",
            [-1.5 * np.log(2), 0.6 * np.log(0.6) + 0.1 * np.log(0.1) + 0.3 * np.log(0.3), 0],
        ),
        ("sure", [3, 1, 2]),
        (lambda model, X: -X["sure"], [-3, -1, -2]),
    ],
    ids=["probability", "margin", "entropy", "column", "callable"],
)
def test_confidence_is_that_of_the_answer(confidence, expected):
    answer, values = answers_and_confidence(Fixed(), X, confidence)
    assert answer.tolist() == ["a", "c", "b"]
    assert values.dtype == float
    np.testing.assert_allclose(values, expected, rtol=1e-15)


def test_margin_leaves_the_probabilities_alone():
    model, proba = Fixed(), Fixed().predict_proba(X)
    model.predict_proba = lambda X: proba
    answers_and_confidence(model, X, "margin")
    np.testing.assert_array_equal(proba, Fixed().predict_proba(X))


def test_a_column_or_callable_needs_no_probabilities():
    assert not needs_probabilities("sure")
    assert answers_and_confidence(Answers(), X, "sure")[1].tolist() == [3, 1, 2]
    with pytest.raises(TypeError, match=r"must have predict_proba.*wrap Answers in Calibrated"):
        answers_and_confidence(Answers(), X, "margin")


def test_precision_is_kept():
    low = lambda model, X: np.array([0.1, 0.2, 0.3], dtype=np.float32)  # noqa: E731
    assert answers_and_confidence(Fixed(), X, low)[1].dtype == np.float32


@pytest.mark.parametrize("confidence", ["probability", "margin", "entropy", "sure"])
def test_every_row_is_answered_from_the_lowest_confidence_on(confidence):
    assert np.all(
        answers_and_confidence(Fixed(), X, confidence)[1] >= lowest_confidence(confidence)
    )
    assert lowest_confidence("probability") == 0


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1.0, 2.0], r"here 3; got shape \(2,\) and dtype float64"),
        ([[1.0], [2.0], [3.0]], r"got shape \(3, 1\)"),
        ([1, np.nan, 2], "dtype float64 with NaN or infinity"),
        ([1, 2, np.inf], "with NaN or infinity"),
        (["x", "y", "z"], "dtype <U1"),
        ([True, False, True], "dtype bool"),
    ],
)
def test_values_that_are_refused(values, told):
    with pytest.raises(ValueError, match="confidence must give one finite number.*" + told):
        answers_and_confidence(Fixed(), X, lambda model, X: values)


def test_what_confidence_may_be():
    for confidence in ("entropy", "any column", len):
        check_confidence(confidence)
    with pytest.raises(TypeError, match=r"confidence must be one of 'probability', .*; got 0.5"):
        check_confidence(0.5)


def test_columns():
    np.testing.assert_array_equal(take_column(X, "sure"), [3, 1, 2])
    with pytest.raises(ValueError, match="X has no column 'who'"):
        take_column(X, "who")
    for no_frame, kind in ((X.to_numpy(), "ndarray"), (X["sure"], "Series"), ([[1]], "list")):
        with pytest.raises(TypeError, match=f"the column 'sure' is asked for; got {kind}"):
            take_column(no_frame, "sure")
