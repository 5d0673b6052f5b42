import numpy as np
import pytest
from scipy.stats import chi2_contingency

from sklearn_calib.metrics import calibration_table
from sklearn_calib.monitoring import confidence_shift_test


def table_of(p, **options):
    return calibration_table(np.zeros(len(p)), p, kind="record", **options)


def test_statistic_is_pearsons():
    rng = np.random.default_rng(0)
    old, new = rng.random(400), rng.beta(2, 2, 300)
    shift = confidence_shift_test(table_of(old, n_bins=4), new)
    counts = [np.histogram(p, 4, (0, 1))[0] for p in (old, new)]
    expected = chi2_contingency(counts, correction=False)
    assert shift.statistic == pytest.approx(expected.statistic)
    assert shift.pvalue == pytest.approx(expected.pvalue)
    assert shift.degrees_of_freedom == 3
    share = [count / count.sum() for count in counts]
    assert shift.distance == pytest.approx(np.abs(share[0] - share[1]).sum() / 2)
    assert shift.outside == 0


def test_sparse_bins_are_pooled():
    """Bins of 3, 3 and 94 old and 4, 4 and 92 new rows: the first two hold 7 of either."""
    old = np.repeat([0.1, 0.5, 0.9], [3, 3, 94])
    new = np.repeat([0.1, 0.5, 0.9], [4, 4, 92])
    shift = confidence_shift_test(table_of(old, n_bins=3), new)
    assert shift.degrees_of_freedom == 1
    expected = chi2_contingency([[6, 94], [8, 92]], correction=False)
    assert shift.pvalue == pytest.approx(expected.pvalue)


def test_outside_of_the_reference():
    old, new = np.full(50, 0.25), np.array([0.25] * 30 + [0.75] * 20)
    shift = confidence_shift_test(table_of(old, n_bins=2), new)
    assert shift.outside == shift.distance == pytest.approx(0.4)
    assert shift.pvalue < 1e-5


def test_rejects_no_more_than_it_says():
    rng = np.random.default_rng(0)
    pvalues = [
        confidence_shift_test(table_of(rng.beta(5, 1, 200)), rng.beta(5, 1, 100)).pvalue
        for _ in range(300)
    ]
    for level in (0.05, 0.2):
        rate = np.mean(np.array(pvalues) < level)
        assert abs(rate - level) < 4 * np.sqrt(level * (1 - level) / 300)


def test_a_few_rows_prove_nothing():
    shift = confidence_shift_test(table_of([0.5, 0.9]), [0.1])
    assert (shift.pvalue, shift.degrees_of_freedom, shift.outside) == (1, 0, 1)


def test_weights_are_frequencies():
    rng = np.random.default_rng(0)
    old, new, weight = rng.random(300), rng.beta(2, 1, 100), np.arange(100) % 3
    reference = table_of(old)
    weighted = confidence_shift_test(reference, new, sample_weight=weight)
    repeated = confidence_shift_test(reference, np.repeat(new, weight))
    assert weighted.statistic == pytest.approx(repeated.statistic)


def test_quantile_bins_and_float32():
    rng = np.random.default_rng(0)
    old = rng.beta(9, 1, 500)
    table = table_of(old, strategy="quantile")
    assert confidence_shift_test(table, old).distance == pytest.approx(0)
    assert confidence_shift_test(table, old.astype(np.float32)).distance < 0.01


def test_errors():
    grouped = calibration_table([0, 1], [[0.3, 0.7], [0.4, 0.6]], kind="top_label")
    with pytest.raises(ValueError, match="without groups"):
        confidence_shift_test(grouped, [0.5])
    with pytest.raises(TypeError, match="CalibrationTable"):
        confidence_shift_test([0.5], [0.5])
    with pytest.raises(ValueError, match="1-D"):
        confidence_shift_test(table_of([0.5]), [[0.5, 0.5]])
