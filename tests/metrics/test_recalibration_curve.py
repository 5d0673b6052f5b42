import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from sklearn_calib.metrics import recalibration_curve


@pytest.fixture(params=[False, True], ids=["distinct", "ties"])
def data(request):
    rng = np.random.default_rng(0)
    p = rng.integers(0, 21, 200) / 20 if request.param else rng.random(200)
    return (rng.random(200) < p**1.5).astype(int), p, rng.integers(1, 4, 200)


def test_the_curve_is_isotonic_regression(data):
    y, p, weight = data
    curve = recalibration_curve(y, p, sample_weight=weight)
    np.testing.assert_array_equal(curve.probability, np.unique(p))
    expected = IsotonicRegression().fit(p, y, weight).predict(curve.probability)
    np.testing.assert_allclose(curve.recalibrated, expected, atol=1e-12)
    sums = [weight[p == value].sum() for value in curve.probability]
    np.testing.assert_array_equal(curve.weight, sums)


def test_graded_outcomes():
    curve = recalibration_curve([0.2, 0.9, 0.4], [0.1, 0.5, 0.7], kind="record")
    np.testing.assert_allclose(curve.recalibrated, [0.2, 0.65, 0.65])


@pytest.mark.parametrize("kind", ["classwise", "top_label"])
def test_kinds_of_many_curves_are_an_error(kind):
    with pytest.raises(ValueError, match=f"kind='{kind}' makes one set of events for each class"):
        recalibration_curve([0, 1], [[0.8, 0.2], [0.1, 0.9]], kind=kind)
