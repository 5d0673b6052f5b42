import numpy as np
import pytest
from scipy.stats import norm

from sklearn_calib.metrics import spiegelhalter_z


def test_it_is_the_standardised_brier_score():
    # Spiegelhalter's own form: Brier score minus its expectation, over its standard deviation, both
    # from the two values that each term (o - p)^2 may take.
    rng = np.random.default_rng(0)
    p = rng.random(50)
    o = (rng.random(50) < p).astype(int)
    expected = p * (1 - p) ** 2 + (1 - p) * p**2
    variance = p * (1 - p) ** 4 + (1 - p) * p**4 - expected**2
    z = np.sum((o - p) ** 2 - expected) / np.sqrt(variance.sum())
    result = spiegelhalter_z(o, p)
    assert result.statistic == pytest.approx(z)
    assert result.pvalue == pytest.approx(2 * norm.sf(abs(z)))


def test_the_sign_tells_the_direction():
    rng = np.random.default_rng(0)
    true = rng.uniform(0.05, 0.95, 2000)
    o = (rng.random(2000) < true).astype(int)
    odds = true / (1 - true)
    for power, sign in ((2, 1), (0.5, -1)):
        p = odds**power / (1 + odds**power)
        result = spiegelhalter_z(o, p)
        assert np.sign(result.statistic) == sign
        assert result.pvalue < 1e-6


def test_it_is_standard_normal_at_perfect_calibration():
    rng = np.random.default_rng(0)
    p = rng.random((500, 200))
    z = [spiegelhalter_z(rng.random(200) < row, row).statistic for row in p]
    assert abs(np.mean(z)) < 4 / np.sqrt(500)
    assert np.std(z) == pytest.approx(1, abs=4 / np.sqrt(2 * 500))


def test_forecasts_without_variance():
    assert spiegelhalter_z([1, 0], [1.0, 0.0]) == (0, 1)
    assert spiegelhalter_z([1, 1], [0.5, 0.5]) == (0, 1)
    assert spiegelhalter_z([1, 0], [1.0, 1.0]) == (np.inf, 0)


@pytest.mark.parametrize("kind", ["classwise", "top_label"])
def test_kinds_of_many_tests_are_an_error(kind):
    with pytest.raises(ValueError, match=f"kind='{kind}' makes one set of events for each class"):
        spiegelhalter_z([0, 1], [[0.8, 0.2], [0.1, 0.9]], kind=kind)
