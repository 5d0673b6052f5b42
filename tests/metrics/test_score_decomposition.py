"""Decompositions against scikit-learn's scores and isotonic regression, and published numbers."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from sklearn_calib.datasets import load_solar_flares
from sklearn_calib.metrics import (
    calibration_error,
    calibration_table,
    score_decomposition,
)

LOSSES = {"brier": brier_score_loss, "log_loss": log_loss}
every_loss = pytest.mark.parametrize("loss", LOSSES)


@pytest.fixture(params=[False, True], ids=["distinct", "ties"])
def data(request):
    rng = np.random.default_rng(0)
    p = rng.integers(1, 20, 200) / 20 if request.param else rng.uniform(0.01, 0.99, 200)
    return (rng.random(200) < p**1.5).astype(int), p, rng.integers(1, 4, 200)


@every_loss
def test_terms_are_differences_of_scikit_learns_scores(loss, data):
    y, p, weight = data
    score = LOSSES[loss]
    recalibrated = IsotonicRegression(y_min=0, y_max=1).fit(p, y, weight).predict(p)
    recalibrated = np.clip(recalibrated, 1e-15, 1 - 1e-15)  # scikit-learn warns otherwise
    base = np.full(y.size, np.average(y, weights=weight))
    s_x, s_c, s_r = (score(y, q, sample_weight=weight) for q in (p, recalibrated, base))
    result = score_decomposition(y, p, loss=loss, sample_weight=weight)
    np.testing.assert_allclose(result, (s_x, s_x - s_c, s_r - s_c, s_r, 0), atol=1e-9)


@every_loss
def test_binned_terms_are_scores_of_bins(loss, data):
    y, p, weight = data
    score = LOSSES[loss]
    table = calibration_table(y, p, sample_weight=weight, n_bins=7)
    b = np.searchsorted(table.upper, p)
    base = np.full(y.size, np.average(y, weights=weight))
    accuracy = np.clip(table.accuracy[b], 1e-15, 1 - 1e-15)
    s_x, s_b, s_c, s_r = (
        score(y, q, sample_weight=weight) for q in (p, table.confidence[b], accuracy, base)
    )
    result = score_decomposition(y, p, loss=loss, method="bins", sample_weight=weight, n_bins=7)
    np.testing.assert_allclose(result, (s_x, s_b - s_c, s_r - s_c, s_r, s_x - s_b), atol=1e-9)


def test_murphys_miscalibration_is_the_squared_error_of_the_bins(data):
    y, p, weight = data
    for strategy in ("uniform", "quantile"):
        asked = {"sample_weight": weight, "strategy": strategy}
        result = score_decomposition(y, p, method="bins", **asked)
        expected = calibration_error(y, p, norm="l2", squared=True, **asked)
        assert result.miscalibration == pytest.approx(expected)
        assert result.uncertainty == pytest.approx(np.var(np.repeat(y, weight)))


@every_loss
@pytest.mark.parametrize("method", ["isotonic", "bins"])
@pytest.mark.parametrize("kind", ["confidence", "top_label", "classwise", "record"])
def test_the_terms_add_up_to_the_score_and_are_not_negative(loss, method, kind):
    rng = np.random.default_rng(1)
    proba, y = rng.dirichlet([1, 1, 1], 150), rng.integers(0, 3, 150)
    if kind == "record":
        proba, y = proba[:, 0], rng.random(150)  # graded
    s, mcb, dsc, unc, within = score_decomposition(y, proba, loss=loss, method=method, kind=kind)
    assert s == pytest.approx(mcb - dsc + unc + within)
    assert min(mcb, dsc, unc) >= 0
    assert method == "bins" or within == 0


def test_class_wise_terms_are_those_of_the_multiclass_brier_score():
    rng = np.random.default_rng(2)
    proba, y = rng.dirichlet([1, 1, 1], 150), rng.integers(0, 3, 150)
    of_classes = [score_decomposition(y == k, proba[:, k]) for k in range(3)]
    result = score_decomposition(y, proba, kind="classwise")
    np.testing.assert_allclose(result, np.mean(of_classes, axis=0))
    multiclass = brier_score_loss(y, proba, labels=range(3), scale_by_half=False)
    assert 3 * result.score == pytest.approx(multiclass)


@pytest.mark.parametrize(
    ("magnitude", "method", "published"),
    [
        ("C1", "NOAA", (0.005, 0.071, 0.191)),
        ("C1", "DAFFS", (0.012, 0.056, 0.191)),
        ("M1", "NOAA", (0.003, 0.014, 0.034)),
        ("M1", "DAFFS", (0.003, 0.009, 0.034)),
    ],
)
def test_solar_flares_as_published(magnitude, method, published):
    """Dimitriadis, Gneiting and Jordan (2021), to the printed digits."""
    flares = load_solar_flares(magnitude)
    forecast = flares.data[:, flares.feature_names.index(method)]
    terms = score_decomposition(flares.target, forecast)
    assert tuple(np.round(terms[1:4], 3)) == published


def test_a_sure_forecast_that_fails_has_infinite_log_loss():
    y, p = [1, 0, 1], [1.0, 1.0, 0.4]
    with pytest.warns(UserWarning, match="The log loss is infinite"):
        result = score_decomposition(y, p, loss="log_loss")
    assert result.score == result.miscalibration == np.inf
    assert np.all(np.isfinite([result.discrimination, result.uncertainty, result.within_bin]))
    assert np.all(np.isfinite(score_decomposition(y, p)))


@every_loss
def test_sure_forecasts_that_come_true(loss):
    assert score_decomposition([1, 1], [1.0, 1.0], loss=loss) == (0, 0, 0, 0, 0)
    result = score_decomposition([1, 0], [1.0, 0.0], loss=loss)
    assert result.score == result.miscalibration == 0
    assert result.discrimination == pytest.approx(result.uncertainty)


@every_loss
def test_a_monotone_change_of_the_forecasts_changes_miscalibration_only(loss, data):
    y, p, _ = data
    # outcomes are drawn with probability p^1.5
    before, after = (score_decomposition(y, q, loss=loss) for q in (p**1.5, p**4))
    assert after.discrimination == pytest.approx(before.discrimination)
    assert after.miscalibration > before.miscalibration


def test_wrong_options():
    with pytest.raises(ValueError, match="loss must be one of 'brier', 'log_loss'"):
        score_decomposition([0, 1], [0.2, 0.8], loss="log")
    with pytest.raises(ValueError, match="method must be one of 'isotonic', 'bins'"):
        score_decomposition([0, 1], [0.2, 0.8], method="corp")
    with pytest.raises(ValueError, match="n_bins must be at least 1"):
        score_decomposition([0, 1], [0.2, 0.8], method="bins", n_bins=0)
