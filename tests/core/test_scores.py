import numpy as np
import pytest
from scipy.special import log_expit, logsumexp

from sklearn_calib._core.scores import Scores, learn_floor

TINY = float(np.finfo(float).tiny)


def test_one_probability_means_two():
    p = np.array([0.0, 0.25, 1.0])
    np.testing.assert_array_equal(Scores(p, "proba").proba(), [[1, 0], [0.75, 0.25], [0, 1]])


def test_one_logit_is_the_log_odds_of_the_second_class():
    s = np.array([-2.0, 0.0, 3.0])
    scores = Scores(s, "logits")
    np.testing.assert_array_equal(scores.logits(TINY), np.column_stack([0 * s, s]))
    proba = scores.proba()
    np.testing.assert_allclose(np.log(proba[:, 1] / proba[:, 0]), s)
    np.testing.assert_allclose(scores.log_proba(TINY)[:, 1], log_expit(s))


def test_logits_are_read_as_softmax():
    z = np.array([[1.0, 2.0, 3.0], [0.0, -700.0, 5.0]])
    scores = Scores(z, "logits")
    expected = z - logsumexp(z, axis=1, keepdims=True)
    np.testing.assert_allclose(scores.log_proba(TINY), expected)
    np.testing.assert_allclose(scores.proba(), np.exp(expected))
    assert scores.logits(TINY) is z


def test_probabilities_are_floored_only_where_a_logarithm_is_taken():
    p = np.array([[0.0, 1e-200, 1.0]])
    scores = Scores(p, "proba")
    np.testing.assert_array_equal(scores.proba(), p)
    np.testing.assert_allclose(scores.log_proba(1e-100), np.log([[1e-100, 1e-100, 1.0]]))
    np.testing.assert_allclose(scores.logits(1e-250), np.log([[1e-250, 1e-200, 1.0]]))


def test_a_smaller_probability_never_has_a_larger_logarithm():
    p = np.sort(np.concatenate([[0.0, 1.0], np.logspace(-320, 0, 50)]))
    log_proba = Scores(np.column_stack([1 - p, p]), "proba").log_proba(1e-12)[:, 1]
    assert np.all(np.diff(log_proba) >= 0)
    np.testing.assert_array_equal(log_proba[p > 1e-12], np.log(p[p > 1e-12]))


@pytest.mark.parametrize("floor", [TINY, 1e-50, 1e-12, 1e-3])
def test_a_zero_in_single_precision_is_floored_as_in_double_precision(floor):
    # Most of these floors are zero in float32: the logarithm must be finite all the same.
    p = np.array([[0.0, 0.25, 0.75]])
    single = Scores(p.astype(np.float32), "proba").log_proba(floor)
    np.testing.assert_allclose(single, Scores(p, "proba").log_proba(floor), rtol=1e-6)


def test_single_precision_stays_single_precision():
    p = np.array([[0.25, 0.75]], dtype=np.float32)
    assert Scores(p, "proba").log_proba(1e-12).dtype == np.float32


def test_the_floor_without_zeros_changes_nothing():
    assert learn_floor(Scores(np.array([1e-300, 0.5]), "proba")) == TINY
    assert learn_floor(Scores(np.array([-800.0, 800.0]), "logits")) == TINY
    assert TINY == 2.2250738585072014e-308


@pytest.mark.parametrize(
    ("proba", "floor"),
    [
        ([0.0, 0.01, 0.5], 0.005),  # a forest of a hundred trees
        ([1.0, 0.75], 0.125),  # the zero is 1 - p
        ([[0.0, 1e-45, 1.0]], 5e-46),
    ],
)
def test_a_zero_is_half_the_smallest_that_the_model_expresses(proba, floor):
    assert learn_floor(Scores(np.array(proba), "proba")) == pytest.approx(floor, abs=0)


def test_the_floor_is_never_below_the_normal_numbers():
    subnormal = np.float32(1e-45)
    p = np.array([0.0, subnormal, 0.5], dtype=np.float32)
    assert learn_floor(Scores(p, "proba")) == float(np.finfo(np.float32).tiny)
