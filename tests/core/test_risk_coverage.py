import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib._core.risk_coverage import (
    area_under_risk_coverage,
    last_reaching_accuracy,
    last_within_coverage,
    risk_coverage,
)

decimals = st.integers(0, 5).map(lambda d: d / 5)
rows = st.lists(st.tuples(decimals, decimals, st.integers(1, 3)), min_size=1, max_size=20)


def as_arrays(rows):
    confidence, correct, weight = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    return confidence, correct, weight


def slow_risk(confidence, correct, weight, threshold):
    answered = [
        (o, w) for c, o, w in zip(confidence, correct, weight, strict=True) if c >= threshold
    ]
    return sum(w * (1 - o) for o, w in answered) / sum(w for _, w in answered)


@settings(max_examples=100, deadline=None)
@given(rows)
def test_curve_equals_the_slow_definition(rows):
    confidence, correct, weight = as_arrays(rows)
    curve = risk_coverage(confidence, correct, weight)
    thresholds = sorted(set(confidence), reverse=True)
    np.testing.assert_array_equal(curve.threshold, thresholds)
    coverage = [weight[confidence >= t].sum() / weight.sum() for t in thresholds]
    np.testing.assert_allclose(curve.coverage, coverage)
    risk = [slow_risk(confidence, correct, weight, t) for t in thresholds]
    np.testing.assert_allclose(curve.risk, risk, atol=1e-15)
    assert curve.coverage[-1] == 1
    assert np.all((curve.risk >= 0) & (curve.risk <= 1))


@settings(max_examples=100, deadline=None)
@given(rows)
def test_area_is_the_mean_over_rows_of_the_risk_at_their_own_confidence(rows):
    confidence, correct, weight = as_arrays(rows)
    area = area_under_risk_coverage(risk_coverage(confidence, correct, weight))
    own = [slow_risk(confidence, correct, weight, c) for c in confidence]
    assert area == pytest.approx(np.average(own, weights=weight), abs=1e-14)


def test_area_without_ties_is_the_mean_over_ranks():
    # Geifman et al. (2019), eq. (3): the mean over k of the error rate of the k most confident.
    rng = np.random.default_rng(0)
    confidence, correct = rng.permutation(200) / 200, rng.integers(0, 2, 200)
    ranked = correct[np.argsort(-confidence)]
    means = [np.mean(1 - ranked[:k]) for k in range(1, 201)]
    area = area_under_risk_coverage(risk_coverage(confidence, correct))
    assert area == pytest.approx(np.mean(means))


def test_no_weights_are_weights_of_one():
    confidence, correct = np.array([0.2, 0.9, 0.9, 0.4]), np.array([0, 1, 0, 1])
    for a, b in zip(
        risk_coverage(confidence, correct),
        risk_coverage(confidence, correct, np.ones(4)),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_one_confidence_is_one_point():
    curve = risk_coverage(np.full(4, 0.7), np.array([1, 0, 0, 1]))
    assert [c.tolist() for c in curve] == [[0.7], [1.0], [0.5]]


@pytest.mark.parametrize("n", [3, 7, 10, 49, 1000])
def test_a_coverage_of_k_rows_is_reached_by_k_rows(n):
    # k / n as a float and the sum of k weights over that of n, here 0.1 each, may differ by rounding.
    curve = risk_coverage(np.arange(n) / n, np.ones(n), np.full(n, 0.1))
    for k in range(1, n + 1):
        assert last_within_coverage(curve, k / n) == k - 1


def test_ties_are_within_the_coverage_together_or_not():
    curve = risk_coverage(np.array([0.9, 0.8, 0.8, 0.8, 0.1]), np.ones(5))
    np.testing.assert_allclose(curve.coverage, [0.2, 0.8, 1])
    assert [last_within_coverage(curve, c) for c in (0.1, 0.2, 0.79, 0.8, 1)] == [-1, 0, 0, 1, 2]


def test_largest_coverage_of_an_accuracy():
    # right, wrong, right, right, wrong: accuracy 1, 1/2, 2/3, 3/4, 3/5
    curve = risk_coverage(np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([1, 0, 1, 1, 0]))
    reached = [last_reaching_accuracy(curve, a) for a in (0.6, 0.61, 0.75, 2 / 3, 0.76, 1)]
    assert reached == [4, 3, 3, 3, 0, 0]
    assert last_reaching_accuracy(risk_coverage(np.array([0.9]), np.array([0])), 0.01) == -1


@pytest.mark.parametrize("n", [3, 7, 10, 49, 1000])
def test_an_accuracy_of_k_of_n_reaches_k_over_n(n):
    for k in range(1, n + 1, max(1, n // 20)):
        correct = np.repeat([1.0, 0.0], [k, n - k])
        curve = risk_coverage(np.full(n, 0.5), correct, np.full(n, 0.1))
        assert last_reaching_accuracy(curve, k / n) == 0


@pytest.mark.parametrize("weight", [None, np.array([1.0, 2, 1, 1, 1, 1])])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_any_scale_of_confidence(weight, dtype):
    """Margins, entropies and logits are confidences too: only their order matters."""
    confidence = np.array([0.1, 0.2, 0.2, 0.5, 0.9, 1.0], dtype=dtype)
    correct = np.array([0.0, 1, 0, 1, 1, 1])
    expected = risk_coverage(confidence, correct, weight)
    for shift, scale in ((-5, 1), (-0.5, 1), (0, 100), (-1, 4)):
        other = (confidence * scale + shift).astype(dtype)
        curve = risk_coverage(other, correct, weight)
        np.testing.assert_array_equal(curve.threshold, np.unique(other)[::-1])
        np.testing.assert_array_equal(curve.coverage, expected.coverage)
        np.testing.assert_array_equal(curve.risk, expected.risk)
