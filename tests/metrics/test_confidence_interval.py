"""Bootstrap intervals: what they cover, what they refuse, how they resample."""

from functools import partial

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.metrics import brier_score_loss, log_loss, make_scorer, roc_auc_score

from sklearn_calib.metrics import (
    area_under_risk_coverage_curve,
    calibration_error,
    confidence_interval,
    expected_calibration_error,
    maximum_calibration_error,
    selective_accuracy,
)


def brier(y_true, y_proba, sample_weight=None):
    return np.average((np.asarray(y_true) - y_proba) ** 2, weights=sample_weight)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    p = rng.random(300)
    return (rng.random(300) < p).astype(int), p


fast = partial(confidence_interval, n_resamples=199, random_state=0)


@pytest.mark.parametrize("method", ["bca", "percentile"])
def test_interval_of_a_mean_is_nearly_normal(data, method):
    y, p = data
    losses = (y - p) ** 2
    result = fast(brier, y, p, method=method, n_resamples=999)
    assert result.estimate == pytest.approx(losses.mean())
    sigma = losses.std() / np.sqrt(300)
    assert result.standard_error == pytest.approx(sigma, rel=0.1)
    expected = losses.mean() + np.array([-1.96, 1.96]) * sigma
    np.testing.assert_allclose((result.lower, result.upper), expected, atol=0.4 * sigma)
    assert result.distribution.shape == (999,)


def test_coverage_of_a_mean():
    # 60 intervals show 95 % to within 0.03 (one sigma). E (y - p)^2 = E p (1 - p) = 1 / 6.
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(60):
        p = rng.random(60)
        y = (rng.random(60) < p).astype(int)
        result = fast(brier, y, p, n_resamples=99, random_state=seed)
        covered += result.lower <= 1 / 6 <= result.upper
    assert covered / 60 > 0.85


@pytest.mark.parametrize(
    "metric",
    [
        calibration_error,
        expected_calibration_error,
        maximum_calibration_error,
        partial(partial(calibration_error, norm="l2"), squared=True),
        "neg_expected_calibration_error",
        "neg_l2_squared_calibration_error",
    ],
)
def test_calibration_errors_are_refused(data, metric):
    with pytest.raises(
        ValueError, match=r"no valid bootstrap interval.*calibration_error_interval"
    ):
        confidence_interval(metric, *data)


def test_foreign_calibration_errors_are_refused(data):
    def my_ece(y_true, y_proba, sample_weight=None):
        return 0.0

    with pytest.raises(ValueError, match="my_ece has no valid bootstrap interval"):
        confidence_interval(my_ece, *data)


@pytest.mark.parametrize(
    ("name", "function"),
    [("neg_brier_score", brier_score_loss), ("neg_log_loss", log_loss), ("roc_auc", roc_auc_score)],
)
@pytest.mark.parametrize("columns", [1, 2])
def test_scorers_of_scikit_learn(data, name, function, columns):
    y, p = data
    sign = -1 if name.startswith("neg") else 1
    labels = np.array(["no", "yes"])[y]
    result = fast(name, labels, p if columns == 1 else np.column_stack([1 - p, p]), n_resamples=29)
    assert result.estimate == pytest.approx(sign * function(y, p))
    assert result.lower < result.estimate < result.upper


def test_our_scorers_take_their_parameters(data):
    y, p = data
    result = fast("selective_accuracy", y, p, coverage=0.5)
    assert result.estimate == selective_accuracy(y, p, coverage=0.5)
    assert fast("selective_accuracy", y, p).estimate == selective_accuracy(y, p, coverage=0.8)
    result = fast("neg_area_under_risk_coverage_curve", y, p)
    assert result.estimate == -area_under_risk_coverage_curve(y, p)
    threshold = fast("selective_accuracy", y, p, threshold=0.7)
    assert threshold.estimate == selective_accuracy(y, p, threshold=0.7)


def test_many_classes_and_rare_ones():
    # The class 2 occurs once: a third of the resamples miss it.
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([2, 2, 0.5], 60)
    y = np.append(rng.integers(0, 2, 59), 2)
    for metric in (log_loss, area_under_risk_coverage_curve, "neg_log_loss"):
        result = fast(metric, y, proba, n_resamples=49)
        assert np.isfinite(result.distribution).all()


def test_records_and_graded_outcomes(data):
    _, p = data
    quality = np.clip(p + 0.1, 0, 1)
    result = fast(selective_accuracy, quality, p, kind="record", threshold=0.5)
    assert result.lower < result.estimate < result.upper
    bound = partial(selective_accuracy, kind="record", threshold=0.5)
    assert fast(bound, quality, p)[:3] == result[:3]


def test_the_same_seed_repeats_whatever_the_number_of_jobs(data):
    with parallel_config(backend="threading"):  # processes take seconds to start
        results = [fast(brier, *data, n_jobs=n_jobs, n_resamples=20) for n_jobs in (None, 2)]
    np.testing.assert_array_equal(results[0].distribution, results[1].distribution)
    assert results[0][:3] == results[1][:3]
    assert fast(brier, *data, random_state=1)[1:3] != results[0][1:3]


def test_progress_is_told_on_request(data, capfd):
    fast(brier, *data, verbose=1)
    assert "199" in "".join(capfd.readouterr())


def test_integer_weights_are_frequencies(data):
    y, p = data
    weight = np.tile([0, 1, 4], 100)
    weighted = fast(brier, y, p, sample_weight=weight, n_resamples=999)
    rows = np.repeat(np.arange(300), weight)
    repeated = fast(brier, y[rows], p[rows], n_resamples=999)
    assert weighted.estimate == pytest.approx(repeated.estimate)
    assert weighted.standard_error == pytest.approx(repeated.standard_error, rel=0.1)


def test_other_weights_stay_with_their_rows(data):
    y, p = data
    weight = np.tile([0.5, 1.5], 150)
    result = fast(brier, y, p, sample_weight=weight, n_resamples=999)
    assert result.estimate == pytest.approx(brier(y, p, weight))
    scaled = fast(brier, y, p, sample_weight=weight / 8, n_resamples=999)
    np.testing.assert_allclose(scaled.distribution, result.distribution)
    # the delta method: the sum of w^2 (loss - mean)^2 over (sum w)^2
    loss = (y - p) ** 2
    sigma = np.sqrt(np.sum(weight**2 * (loss - result.estimate) ** 2)) / weight.sum()
    assert result.standard_error == pytest.approx(sigma, rel=0.1)


def test_clusters_widen_the_interval(data):
    # Every row occurs four times: rows alone would pretend to four times the data.
    y, p = (np.repeat(part, 4) for part in data)
    names = np.repeat([f"document {i}" for i in range(300)], 4)
    alone, clustered = fast(brier, y, p), fast(brier, y, p, groups=names)
    assert clustered.standard_error / alone.standard_error == pytest.approx(2, rel=0.2)
    once = fast(brier, *data)
    assert clustered.standard_error == pytest.approx(once.standard_error, rel=0.2)


def test_undefined_resamples_are_left_out_and_told():
    # Nothing is answered where the one sure row is not drawn, in about a third of the resamples.
    y, p = np.ones(20), np.append(np.full(19, 0.5), 0.9)
    with pytest.warns(UserWarning, match="undefined on .* of 199 resamples"):
        result = fast(selective_accuracy, y, p, kind="record", threshold=0.8)
    assert 100 < result.distribution.size < 160


def test_a_metric_that_is_undefined_on_all_rows_is_an_error():
    with pytest.raises(ValueError, match="undefined"):
        fast(selective_accuracy, [1, 0], [0.3, 0.4], kind="record", threshold=0.9)


@pytest.mark.parametrize("options", [{"sample_weight": [0, 1]}, {"groups": ["a", "a"]}])
def test_one_row_or_cluster_has_no_interval(options):
    with pytest.raises(ValueError, match="has no interval"):
        fast(brier, [0, 1], [0.2, 0.7], **options)


def test_a_print_leaves_out_the_distribution():
    y, p = [0, 1, 1, 0], [0.2, 0.7, 0.6, 0.4]
    result = confidence_interval(brier_score_loss, y, p, n_resamples=20, random_state=0)
    assert repr(result).startswith(f"BootstrapInterval(estimate={result.estimate!r}, lower=")
    assert repr(result).endswith("method='bca')")


def unweighted(y_true, y_proba):
    return 0.0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"metric": unweighted}, TypeError, "must take sample_weight"),
        ({"metric": "accuracy"}, ValueError, "must take probabilities"),
        ({"metric": "answered_accuracy"}, ValueError, "must take probabilities"),
        ({"metric": "nonsense"}, ValueError, "not a scorer"),
        ({"method": "normal"}, ValueError, "method must be one of"),
        ({"n_resamples": 1}, ValueError, "n_resamples must be at least 2"),
        ({"confidence_level": 2}, ValueError, "confidence_level"),
        ({"groups": [1, 2, 3]}, ValueError, "groups has 3"),
        ({"y_true": [0, None]}, ValueError, "y_true holds missing"),
        ({"sample_weight": [-1, 1]}, ValueError, "sample_weight must not be negative"),
    ],
)
def test_wrong_input_is_named(change, error, message):
    arguments = {"metric": brier, "y_true": [0, 1], "y_proba": [0.2, 0.7]} | change
    with pytest.raises(error, match=message):
        confidence_interval(**arguments)


def test_scorer_objects_have_the_attributes_that_are_read():
    """Private to scikit-learn: if they go, `_metric_of_scorer` must change."""
    scorer = make_scorer(log_loss, response_method="predict_proba", greater_is_better=False)
    assert (scorer._score_func, scorer._sign, scorer._kwargs) == (log_loss, -1, {})
    assert scorer._response_method == "predict_proba"
