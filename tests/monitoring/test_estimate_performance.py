import numpy as np
import pytest
from scipy.stats import norm
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib.metrics import calibration_table
from sklearn_calib.monitoring import estimate_performance


def records(n, shift=0.0, seed=0, low=0.3, high=1.0):
    rng = np.random.default_rng(seed)
    p = rng.uniform(low, high, n)
    return (rng.random(n) < np.clip(p - shift, 0, 1)).astype(float), p


def test_accuracy_is_the_mean_confidence():
    estimate = estimate_performance([0.5, 0.9, 0.8])
    assert estimate.accuracy == pytest.approx(2.2 / 3)
    half = norm.ppf(0.975) * np.sqrt(0.25 + 0.09 + 0.16) / 3
    assert estimate.accuracy_interval == pytest.approx((2.2 / 3 - half, min(1, 2.2 / 3 + half)))
    assert (estimate.coverage, estimate.n_rows, estimate.shift) == (1, 3, None)


def test_selective_accuracy_at_a_threshold():
    estimate = estimate_performance([0.5, 0.9, 0.8], threshold=0.8)
    assert estimate.selective_accuracy == pytest.approx(0.85)
    assert estimate.coverage == pytest.approx(2 / 3)
    single = estimate_performance(np.array([0.5, 0.9, 0.8], dtype=np.float32), threshold=0.8)
    assert single.coverage == estimate.coverage
    assert "answering 66.7%: 0.850" in str(estimate)
    assert "only outcomes can tell" in str(estimate)


def test_a_reference_takes_off_its_gap():
    """Per bin: mean confidence less the gap, the variance of the bin's accuracy and of the outcomes."""
    reference = calibration_table([1, 0, 1, 1], [0.7, 0.7, 0.9, 0.9], kind="record", n_bins=2)
    estimate = estimate_performance([0.6, 0.8], reference=reference)
    mean = np.array([0.6, 0.8]) - (0.8 - 0.75)
    assert estimate.accuracy == pytest.approx(mean.mean())
    accuracy = (3 + 1) / (4 + 2)
    variance = accuracy * (1 - accuracy) / 4 + np.sum(mean * (1 - mean)) / 4
    low = mean.mean() - norm.ppf(0.9) * np.sqrt(variance)
    narrow = estimate_performance([0.6, 0.8], reference=reference, confidence_level=0.8)
    assert narrow.accuracy_interval[0] == pytest.approx(low)
    assert estimate.accuracy_interval[0] < low


def test_interval_covers_the_accuracy_that_turns_out():
    """With an overconfident calibrator and a reference of 300 rows; 95 % of 300 within 4 errors."""
    covered = []
    for seed in range(300):
        reference = calibration_table(*records(300, 0.1, [seed, 0]), kind="record", n_bins=5)
        o, p = records(400, 0.1, [seed, 1])
        low, high = estimate_performance(p, reference=reference).accuracy_interval
        covered.append(low <= o.mean() <= high)
    assert np.mean(covered) > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 300)


def test_where_the_reference_has_nothing_all_may_be_right_or_wrong():
    reference = calibration_table(*records(500, high=0.8), kind="record")
    with pytest.warns(
        UserWarning, match=r"50.0% of the confidences are where the reference has none"
    ):
        estimate = estimate_performance([0.55, 0.95], reference=reference)
    assert estimate.accuracy_interval == (0, 1)
    assert estimate.shift.outside == 0.5


def test_warning_of_moved_confidences():
    reference = calibration_table(*records(2_000), kind="record")
    with pytest.warns(UserWarning, match="Confidences have moved"):
        estimate_performance(records(2_000, low=0.7)[1], reference=reference)
    estimate_performance(records(2_000, seed=1)[1], reference=reference)  # no warning


def test_weights_are_repetitions():
    _, p = records(30)
    weight = np.arange(30) % 3
    reference = calibration_table(*records(500), kind="record")
    weighted = estimate_performance(p, sample_weight=weight, threshold=0.6, reference=reference)
    repeated = estimate_performance(np.repeat(p, weight), threshold=0.6, reference=reference)
    assert weighted.accuracy == pytest.approx(repeated.accuracy)
    assert weighted.selective_accuracy == pytest.approx(repeated.selective_accuracy)
    assert weighted.coverage == pytest.approx(repeated.coverage)
    assert weighted.n_rows == 20


def test_probabilities_of_all_classes():
    proba = np.array([[0.2, 0.5, 0.3], [0.1, 0.0, 0.9]])
    assert estimate_performance(proba).accuracy == pytest.approx(0.7)


def test_no_answer_at_all():
    with pytest.warns(UndefinedMetricWarning, match="No answer is given"):
        estimate = estimate_performance([0.5, 0.6], threshold=0.9)
    assert estimate.coverage == 0
    assert np.isnan(estimate.selective_accuracy)


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"threshold": 2}, ValueError, "threshold"),
        ({"confidence_level": 1}, ValueError, "confidence_level"),
        ({"reference": 3}, TypeError, "reference"),
        ({"sample_weight": [-1, 1]}, ValueError, "sample_weight"),
    ],
)
def test_errors(given, error, told):
    with pytest.raises(error, match=told):
        estimate_performance([0.5, 0.6], **given)
    with pytest.raises(ValueError, match="confidence"):
        estimate_performance([0.5, np.nan])
