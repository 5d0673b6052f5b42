"""The public test: size, power, invariances, input."""

import numpy as np
import pytest
from scipy.stats import multinomial

from sklearn_calib.metrics import calibration_test, spiegelhalter_z

METHODS = ("smooth", "kuiper", "ks", "bins", "debiased", "spiegelhalter")
every_method = pytest.mark.parametrize("method", METHODS)


def calibrated(rng, n):
    p = rng.uniform(0.05, 0.95, n)
    return (rng.random(n) < p).astype(float), p


@every_method
def test_pvalues_are_uniform_at_calibration(method):
    # 200 p-values: the share below 0.2 is 0.2 to within 0.028 (one sigma). The sizes at 5 % are in
    # benchmarks/inference_simulation.py.
    rng = np.random.default_rng(1)
    pvalues = [
        calibration_test(*calibrated(rng, 80), kind="record", method=method, n_resamples=99).pvalue
        for _ in range(200)
    ]
    assert 0.11 < np.mean(np.array(pvalues) <= 0.2) < 0.29


@every_method
@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_too_much_and_too_little_confidence_are_seen(method, slope):
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 1_000)
    odds = (p / (1 - p)) ** slope
    y = rng.random(1_000) < odds / (1 + odds)
    assert calibration_test(y, p, kind="record", method=method).pvalue < 0.01


def test_a_gap_that_changes_sign_is_seen_by_smooth_and_not_by_spiegelhalter():
    # Symmetric about one half: the Brier score is as expected, and the mean gap is zero.
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 3_000)
    y = rng.random(3_000) < p + 0.07 * np.sin(4 * np.pi * (p - 0.5)) * np.sign(p - 0.5)
    assert calibration_test(y, p, kind="record").pvalue < 0.01
    assert calibration_test(y, p, kind="record", method="spiegelhalter").pvalue > 0.05


def test_spiegelhalter_in_closed_form():
    # All p = 0.2, 40 of 100 happen: z = (40 - 20) 0.6 / (0.6 sqrt(100 * 0.16)) = 5.
    result = calibration_test([1] * 40 + [0] * 60, [0.2] * 100, method="spiegelhalter")
    assert result.statistic == pytest.approx(5)
    assert result.pvalue == pytest.approx(5.733e-7, rel=1e-3)


@pytest.mark.parametrize("method", ["smooth", "kuiper", "ks", "bins"])
def test_one_probability_gives_the_binomial_test(method):
    # With p = 0.5 in every row each statistic grows with |number right - 20|, so that its p-value is
    # P(|X - 20| >= 6) = 2 P(X <= 14) of X ~ B(40, 1/2) = 0.0807.
    result = calibration_test([1] * 26 + [0] * 14, [0.5] * 40, method=method, n_resamples=20_000)
    assert result.pvalue == pytest.approx(0.0807, abs=0.006)


@every_method
def test_order_of_rows_and_coding_do_not_matter(method):
    rng = np.random.default_rng(0)
    y, p = calibrated(rng, 500)
    expected = calibration_test(y, p, method=method)
    rows = rng.permutation(500)
    shuffled = calibration_test(y[rows], p[rows], method=method)
    assert shuffled[:2] == pytest.approx(expected[:2], rel=1e-9)
    names = np.where(y == 1, "yes", "no")
    assert calibration_test(names, p, method=method) == expected
    assert calibration_test(2 * y - 1, p.tolist(), method=method) == expected


@every_method
def test_integer_weights_are_repetitions(method):
    rng = np.random.default_rng(0)
    y, p = calibrated(rng, 60)
    weight = rng.integers(0, 4, 60)
    weighted = calibration_test(y, p, method=method, sample_weight=weight)
    repeated = calibration_test(np.repeat(y, weight), np.repeat(p, weight), method=method)
    assert weighted.statistic == pytest.approx(repeated.statistic)
    assert weighted.pvalue == pytest.approx(repeated.pvalue, abs=0.02)


def test_default_seed_repeats_and_others_may_be_given():
    y, p = calibrated(np.random.default_rng(3), 200)
    first = calibration_test(y, p)
    assert calibration_test(y, p) == first
    other = calibration_test(y, p, random_state=1)
    assert other.statistic == first.statistic
    assert other.pvalue == pytest.approx(first.pvalue, abs=0.05)
    calibration_test(y, p, random_state=np.random.RandomState(0))


def test_top_label_adds_the_statistics_of_the_predicted_classes():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1, 1], 400)
    y = (proba.cumsum(axis=1) > rng.random((400, 1))).argmax(axis=1)
    answer, confidence = proba.argmax(axis=1), proba.max(axis=1)
    total = sum(
        calibration_test(
            y[answer == k] == k, confidence[answer == k], kind="record", n_resamples=9
        ).statistic
        for k in range(3)
    )
    result = calibration_test(y, proba, kind="top_label")
    assert result.statistic == pytest.approx(total)
    assert result.pvalue > 0.01


@pytest.mark.parametrize("method", METHODS[:-1])
def test_graded_outcomes_with_the_right_mean_are_no_evidence(method):
    rng = np.random.default_rng(0)
    pvalues = []
    for _ in range(60):
        p = rng.uniform(0.2, 0.8, 300)
        outcome = p + rng.uniform(-0.2, 0.2, 300)
        result = calibration_test(outcome, p, kind="record", method=method, n_resamples=99)
        pvalues.append(result.pvalue)
    assert "expected outcome" in result.null_hypothesis
    assert 0.05 < np.mean(np.array(pvalues) <= 0.2) < 0.4


@pytest.mark.parametrize("method", METHODS[:-1])
def test_graded_outcomes_with_a_wrong_mean_are(method):
    rng = np.random.default_rng(0)
    p = rng.uniform(0.3, 0.8, 300)
    outcome = p - 0.05 + rng.uniform(-0.2, 0.2, 300)
    assert calibration_test(outcome, p, kind="record", method=method).pvalue < 0.01


def test_spiegelhalter_is_one_test_under_both_names():
    # The variance of a graded outcome is at most that of a 0/1 one, so that z is too small.
    rng = np.random.default_rng(0)
    p, weight = rng.uniform(0.2, 0.8, 300), rng.random(300)
    outcome = p + rng.uniform(-0.2, 0.2, 300)
    result = calibration_test(
        outcome, p, kind="record", method="spiegelhalter", sample_weight=weight
    )
    assert result[:2] == spiegelhalter_z(outcome, p, kind="record", sample_weight=weight)
    assert abs(result.statistic) < 1
    assert "expected outcome" in result.null_hypothesis


@every_method
@pytest.mark.parametrize("rows", [1, 2, 300])
def test_all_right_is_valid_input(method, rows):
    result = calibration_test(np.ones(rows), np.ones(rows), kind="record", method=method)
    assert result.pvalue == 1


@every_method
@pytest.mark.parametrize("possible", [0, 5e-324, 1e-300])
def test_a_mistake_that_was_impossible_is_told(method, possible):
    y = np.append(np.zeros(99), 1)
    result = calibration_test(y, np.full(100, possible), kind="record", method=method)
    assert result.pvalue <= 0.0005


def test_huge_samples_cost_no_more():
    # 3e5 rows are simulated in 128 cells
    y, p = calibrated(np.random.default_rng(0), 300_000)
    assert calibration_test(y, p.astype(np.float32), n_resamples=99).pvalue > 0.01


def labels_of(proba, rng):
    return np.argmax(np.log(proba) + rng.gumbel(size=proba.shape), axis=1)


CLASSES = {"kind": "classwise", "labels": [0, 1, 2]}


@every_method
def test_classwise_pvalues_are_uniform_at_calibration(method):
    # 200 p-values: see above.
    rng = np.random.default_rng(1)
    pvalues = []
    for _ in range(200):
        p = rng.dirichlet([1, 1, 0.3], 60)
        result = calibration_test(labels_of(p, rng), p, method=method, n_resamples=99, **CLASSES)
        pvalues.append(result.pvalue)
    assert 0.11 < np.mean(np.array(pvalues) <= 0.2) < 0.29


def test_classwise_pvalue_by_enumeration():
    # With equal stated probabilities in all of n rows the statistic grows with the sum over classes of
    # (N_k - n / 3)^2, whose distribution is that of a multinomial.
    n, counts = 12, [8, 2, 2]
    chance = {}
    for a in range(n + 1):
        for b in range(n + 1 - a):
            key = sum((c - n / 3) ** 2 for c in (a, b, n - a - b))
            chance[key] = chance.get(key, 0) + multinomial.pmf([a, b, n - a - b], n, [1 / 3] * 3)
    seen = sum((c - n / 3) ** 2 for c in counts)
    expected = sum(p for key, p in chance.items() if key > seen - 1e-9)
    y, p = np.repeat([0, 1, 2], counts), np.full((n, 3), 1 / 3)
    for method in ("smooth", "bins", "debiased"):
        result = calibration_test(y, p, method=method, n_resamples=20_000, **CLASSES)
        assert result.pvalue == pytest.approx(expected, abs=0.01)


@every_method
def test_classwise_sees_what_the_largest_probability_hides(method):
    # The largest probability is right, the other two are exchanged.
    rng = np.random.default_rng(0)
    p = np.tile([0.6, 0.3, 0.1], (500, 1))
    y = labels_of(p[:, [0, 2, 1]], rng)
    assert calibration_test(y, p, kind="confidence", labels=[0, 1, 2]).pvalue > 0.05
    assert calibration_test(y, p, method=method, **CLASSES).pvalue < 0.001


@every_method
def test_classwise_order_of_rows_and_integer_weights(method):
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1, 1], 60)
    y, weight = labels_of(p, rng), rng.integers(0, 4, 60)
    weighted = calibration_test(y, p, method=method, sample_weight=weight, **CLASSES)
    rows = rng.permutation(np.repeat(np.arange(60), weight))
    repeated = calibration_test(y[rows], p[rows], method=method, **CLASSES)
    assert weighted.statistic == pytest.approx(repeated.statistic)
    assert weighted.pvalue == pytest.approx(repeated.pvalue, abs=0.05)
    scaled = calibration_test(y, p, method=method, sample_weight=rng.random(60), **CLASSES)
    assert 0 < scaled.pvalue <= 1


def test_classwise_spiegelhalter_of_two_classes_is_that_of_one():
    rng = np.random.default_rng(0)
    y, p = calibrated(rng, 300)
    both = calibration_test(y, p, kind="classwise", method="spiegelhalter")
    assert both[:2] == pytest.approx(calibration_test(y, p, method="spiegelhalter")[:2])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"method": "t"}, ValueError, "method must be one of"),
        ({"kind": "classwise", "sample_weight": [1e9, 1]}, ValueError, "at most 1e"),
        ({"n_resamples": 0}, ValueError, "n_resamples must be at least 1"),
        ({"n_resamples": 1.5}, TypeError, "n_resamples must be an integer"),
        ({"method": "bins", "n_bins": 0}, ValueError, "n_bins"),
        ({"y_proba": [0.5, 1.2]}, ValueError, "y_proba"),
    ],
)
def test_wrong_input_is_named(change, error, message):
    with pytest.raises(error, match=message):
        calibration_test(**{"y_true": [0, 1], "y_proba": [0.2, 0.7]} | change)
