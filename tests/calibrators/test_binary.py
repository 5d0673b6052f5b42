"""One against the rest, shared by all binary methods."""

import numpy as np
import pytest

from sklearn_calib.calibrators import SigmoidCalibrator
from sklearn_calib.calibrators._binary import BinaryCalibrator


class Square(BinaryCalibrator):
    """Square the probability: nothing is learnt, so that the reduction is all there is."""

    def __init__(self, *, input="proba", classes=None):
        self.input = input
        self.classes = classes

    def _fit_binary(self, scores, positive, weight):
        return None

    def _predict_binary(self, scores, parameters):
        return scores.proba()[:, 1] ** 2


def test_two_classes_have_one_map_of_the_last_class():
    calibrator = Square().fit([[0.4, 0.6], [0.5, 0.5]], [0, 1])
    assert len(calibrator._maps) == 1
    np.testing.assert_allclose(calibrator.predict_proba([[0.4, 0.6]]), [[0.64, 0.36]])


def test_more_classes_are_divided_by_their_sum():
    """Squares of (0.5, 0.3, 0.2) are 0.25, 0.09, 0.04, with sum 0.38."""
    calibrator = Square().fit(np.eye(3), [0, 1, 2])
    expected = np.array([0.25, 0.09, 0.04]) / 0.38
    np.testing.assert_allclose(calibrator.predict_proba([[0.5, 0.3, 0.2]])[0], expected)


def test_class_without_rows_has_a_constant_map():
    """Neither of two rows is "c": its probability is 1/4 before rows are divided by their sum."""
    calibrator = Square(classes=["a", "b", "c"]).fit([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]], ["a", "b"])
    expected = np.array([0.25, 0.09, 0.25])
    np.testing.assert_allclose(
        calibrator.predict_proba([[0.5, 0.3, 0.2]])[0], expected / expected.sum()
    )


def test_sure_rows_keep_the_accuracy_of_the_rest():
    """1 - 1e-300 rounds to 1, but the other columns still say how sure that is."""
    sure = np.array([[1.0, 1e-300, 1e-300], [0.2, 0.4, 0.4], [0.6, 0.3, 0.1], [0.3, 0.3, 0.4]])
    calibrator = SigmoidCalibrator(smooth_targets=True).fit(sure, [0, 1, 2, 0])
    rest = calibrator._scores(sure).one_vs_rest()[0]
    assert rest.log_odds(calibrator.eps_)[0] == pytest.approx(-np.log(2e-300))
