"""The calibrator contract, shown on a calibrator that does nothing."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.exceptions import DataConversionWarning, NotFittedError

from sklearn_calib._core.scores import Scores
from sklearn_calib.calibrators import IdentityCalibrator
from sklearn_calib.calibrators._base import BaseCalibrator, floor_in_use


class Identity(BaseCalibrator):
    """Keeps what it was given, for the test to look at."""

    def __init__(self, *, input="proba", classes=None):
        self.input = input
        self.classes = classes

    def _fit(self, scores, code, weight):
        self.seen_ = scores, code, weight

    def _predict_proba(self, scores):
        return scores.proba()


LOGITS = [[3.0, -1.0], [0.3, 0.7], [0.0, 0.0]]


def test_what_a_child_gets():
    scores, code, weight = Identity().fit([0.2, 0.9, 0.4], ["no", "yes", "no"]).seen_
    np.testing.assert_array_equal(scores.values, [0.2, 0.9, 0.4])
    assert scores.input == "proba"
    np.testing.assert_array_equal(code, [0, 1, 0])
    assert weight is None


def test_rows_of_zero_weight_are_gone_and_their_label_is_known():
    fitted = Identity().fit(np.eye(3), ["a", "b", "c"], sample_weight=[2, 0, 0.5])
    scores, code, weight = fitted.seen_
    np.testing.assert_array_equal(scores.values, np.eye(3)[[0, 2]])
    np.testing.assert_array_equal(code, [0, 2])
    np.testing.assert_array_equal(weight, [2, 0.5])
    np.testing.assert_array_equal(fitted.classes_, ["a", "b", "c"])


def test_input_is_told_and_never_guessed():
    """The row (0.3, 0.7) is a logit alone and beside (3, -1), or a probability, as `input` says."""
    logits = Identity(input="logits").fit(LOGITS, [0, 1, 1])
    np.testing.assert_allclose(logits.predict_proba(LOGITS), softmax(LOGITS, axis=1))
    np.testing.assert_array_equal(
        logits.predict_proba(LOGITS[1:2]), logits.predict_proba(LOGITS)[1:2]
    )
    with pytest.raises(ValueError, match=r"X must hold probabilities in \[0, 1\]; got -1"):
        Identity().fit(LOGITS, [0, 1, 1])
    proba = Identity().fit(LOGITS[1:2] * 2, [0, 1])
    np.testing.assert_array_equal(proba.predict_proba(LOGITS[1:2]), LOGITS[1:2])


def test_one_column_of_logits_is_log_odds():
    fitted = Identity(input="logits").fit([-1.0, 2.0], [0, 1])
    np.testing.assert_allclose(fitted.predict_proba([0.5])[:, 1], expit([0.5]))


def test_the_first_class_wins_a_tie():
    fitted = Identity().fit([[0.5, 0.5], [0.2, 0.8]], ["no", "yes"])
    np.testing.assert_array_equal(fitted.predict([[0.5, 0.5], [0.4, 0.6]]), ["no", "yes"])


def test_rounding_of_probabilities_is_forgiven():
    """float32 computations of 1 - p and sums in half precision."""
    X = np.array([[1 + 5e-7, -5e-7], [0.5004, 0.5]])
    fitted = Identity().fit(X, [0, 1])
    np.testing.assert_array_equal(fitted.predict_proba(X[:1]), [[1.0, 0.0]])


def test_a_column_of_labels_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning):
        fitted = Identity().fit([0.2, 0.9], [[0], [1]])
    np.testing.assert_array_equal(fitted.classes_, [0, 1])


def test_classes_name_the_columns():
    fitted = Identity(classes=["a", "b", "c"]).fit(np.eye(3)[:2], ["a", "c"])
    np.testing.assert_array_equal(fitted.classes_, ["a", "b", "c"])
    np.testing.assert_array_equal(fitted.seen_[1], [0, 2])
    np.testing.assert_array_equal(fitted.predict(np.eye(3)), ["a", "b", "c"])
    # one column and one label present: the answers of a judge who never said no
    judge = Identity(classes=[False, True]).fit([0.9, 0.8], [True, True])
    np.testing.assert_array_equal(judge.predict([0.9, 0.3]), [True, False])


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"y holds one class only, 'a'.*parameter `classes`"):
        Identity().fit([0.2, 0.9], ["a", "a"])
    with pytest.raises(ValueError, match=r"it has 3, y has 2 classes.*parameter `classes`"):
        Identity().fit(np.eye(3), ["a", "b", "b"])
    with pytest.raises(ValueError, match=r"it has 1, y has 3 classes"):
        Identity().fit([0.1, 0.2, 0.3], ["a", "b", "c"])
    with pytest.raises(ValueError, match=r"y holds 'x', which is not in classes=\['a', 'b'\]"):
        Identity(classes=["a", "b"]).fit([0.1, 0.2], ["a", "x"])
    with pytest.raises(ValueError, match=r"classes must be sorted and distinct"):
        Identity(classes=["b", "a"]).fit([0.1, 0.2], ["a", "b"])


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_not_fitted(method):
    with pytest.raises(NotFittedError):
        getattr(Identity(), method)([0.5])


def test_one_number_per_row_is_no_row_of_two_scores():
    fitted = Identity().fit([[0.5, 0.5], [0.2, 0.8]], [0, 1])
    with pytest.raises(ValueError, match="Expected 2D array"):
        fitted.predict_proba([0.5, 0.5])


# The floor


def test_floor_that_is_given():
    scores = Scores(np.array([[0.0, 1.0]]), "proba")
    assert floor_in_use(1e-3, scores) == 1e-3
    with pytest.raises(ValueError, match=r"eps must be in \(0, 0.5\]; got 0"):
        floor_in_use(0, scores)
    with pytest.raises(ValueError, match=r"eps must be in \(0, 0.5\]; got 0.6"):
        floor_in_use(0.6, scores)
    with pytest.raises(TypeError, match=r"eps must be a number in \(0, 0.5\]; got '1e-3'"):
        floor_in_use("1e-3", scores)


def test_floor_that_is_learnt():
    """Half the smallest positive probability where there are zeros."""
    tiny = np.finfo(float).tiny
    assert floor_in_use(None, Scores(np.array([[0.0, 1.0], [0.02, 0.98]]), "proba")) == 0.01
    assert floor_in_use(None, Scores(np.array([1.0, 0.75]), "proba")) == 0.125
    assert floor_in_use(None, Scores(np.array([[1e-300, 1.0]]), "proba")) == tiny
    assert floor_in_use(None, Scores(np.array([[-800.0, 0.0]]), "logits")) == tiny
    # answers without any doubt: log-odds of log(2), to which the temperature gives their meaning
    assert floor_in_use(None, Scores(np.eye(2), "proba")) == 0.5


def test_the_floor_is_monotone_and_leaves_the_rest_exact():
    proba = np.array([0.0, 5e-324, 1e-310, 1e-300, 1e-16, 0.1, 1.0])
    log_proba = Scores(np.column_stack([proba, 1 - proba]), "proba").log_proba(1e-305)[:, 0]
    assert np.all(np.diff(log_proba) >= 0)
    np.testing.assert_array_equal(log_proba[3:], np.log(proba[3:]))
    assert log_proba[3] == pytest.approx(-300 * np.log(10))
    np.testing.assert_allclose(log_proba[:3], np.log(1e-305))


def test_many_integer_classes_are_no_regression_target():
    """scikit-learn warns of many distinct values in few rows; warnings are errors here."""
    X = np.random.default_rng(0).dirichlet(np.ones(120), 130)
    y = np.arange(130) % 120
    assert IdentityCalibrator().fit(X, y).classes_.size == 120
    assert IdentityCalibrator().fit(X, y + 1000).classes_[-1] == 1119


@pytest.mark.parametrize("input", ["proba", "logits"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_clean_arrays_skip_the_conversion_but_not_the_check(input, value):
    X, y = np.array([[0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]), [1, 0, 0]
    calibrator = IdentityCalibrator(input=input).fit(X, y)
    bad = X.copy()
    bad[1] = value
    for call in (lambda: calibrator.fit(bad, y), lambda: calibrator.predict_proba(bad)):
        with pytest.raises(ValueError, match=r"X contains (NaN|infinity)"):
            call()
    with pytest.raises(ValueError, match=r"3 features.*expecting 2"):
        calibrator.predict_proba(np.full((1, 3), 1 / 3))
    with pytest.raises(ValueError, match="0 sample"):
        calibrator.predict_proba(np.empty((0, 2)))


def test_clean_arrays_after_a_frame_with_names():
    pd = pytest.importorskip("pandas")
    X, y = np.array([[0.25, 0.75], [0.5, 0.5], [0.75, 0.25]]), [1, 0, 0]
    calibrator = IdentityCalibrator().fit(pd.DataFrame(X, columns=["no", "yes"]), y)
    with pytest.warns(UserWarning, match="feature names"):
        calibrator.predict_proba(X)
    assert not hasattr(calibrator.fit(X, y), "feature_names_in_")
