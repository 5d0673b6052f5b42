import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.dummy import DummyClassifier

from sklearn_calib import SigmoidCalibrator
from sklearn_calib._core.scores import Scores
from sklearn_calib.context._plain import PlainCalibrator, PlainSigmoid


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    z = rng.normal(size=400)
    return z, rng.random(400) < expit(0.5 * z + 0.3), rng.uniform(0.5, 2, 400)


@pytest.mark.parametrize("kind", ["logits", "proba"])
def test_default_and_sigmoid_calibrator_are_the_same(data, kind):
    z, positive, weight = data
    scores = Scores(z if kind == "logits" else expit(z), kind)
    default = PlainSigmoid(1e-300).fit(scores, positive, weight)
    given = PlainCalibrator(SigmoidCalibrator(), 1e-300).fit(scores, positive, weight)
    np.testing.assert_allclose(default.log_odds(scores), given.log_odds(scores), atol=1e-9)


def test_log_odds_of_sure_calibrators_are_finite(data):
    """Answers of 0 and 1 are kept off by the least probability, 1e-6."""
    z, positive, weight = data
    columns = Scores(np.column_stack([-z, z]), "logits")
    sure = PlainCalibrator(DummyClassifier(strategy="most_frequent"), 1e-300)
    there = sure.fit(columns, positive, weight).log_odds(columns)
    np.testing.assert_allclose(there, logit(1 - 1e-6))


def test_classifiers_without_weights_and_parameters_of_ours(data):
    z, positive, weight = data

    class Unweighted(DummyClassifier):
        def fit(self, X, y):
            return super().fit(X, y)

    columns = Scores(np.column_stack([-z, z]), "logits")
    plain = PlainCalibrator(Unweighted(strategy="prior"), 1e-300).fit(columns, positive, weight)
    np.testing.assert_allclose(plain.log_odds(columns), logit(positive.mean()))
