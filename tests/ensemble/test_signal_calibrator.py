import pickle

import numpy as np
import pytest
import sklearn
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_calib import SigmoidCalibrator
from sklearn_calib.ensemble import SignalCalibrator


def problem(n=400, n_signals=2, seed=0):
    """Score and signals, of which the first adds to the log-odds of the truth."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(0.05, 0.95, n)
    signals = rng.normal(3, 2, (n, n_signals))
    z = 0.7 * logit(score) + (0.5 * signals[:, 0] - 1.5 if n_signals else 0)
    return np.column_stack([score, signals]), (rng.random(n) < expit(z)).astype(int)


@parametrize_with_checks(
    [
        SignalCalibrator(input="logits"),
        SignalCalibrator(input="logits", degree=1),
        SignalCalibrator(input="logits", shrinkage=0.1),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("n_scores", [1, 2])
def test_coefficients_say_what_is_predicted(degree, n_scores):
    X, y = problem()
    X[:, 1] = expit(X[:, 1] - 3)
    calibrator = SignalCalibrator(n_scores=n_scores, degree=degree).fit(X, y)
    columns = np.column_stack([logit(X[:, :n_scores]), X[:, n_scores:]])
    t = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    z = np.full(len(X), calibrator.intercept_)
    for coef, term in zip(calibrator.coef_, calibrator.terms_, strict=True):
        product = t[:, list(term)].prod(axis=1)
        is_score = len(term) == 1 and term[0] < n_scores
        z += coef * (columns[:, term[0]] if is_score else product - product.mean())
    np.testing.assert_allclose(calibrator.predict_proba(X)[:, 1], expit(z), atol=1e-12)
    np.testing.assert_allclose(calibrator.predict_proba(X).sum(axis=1), 1)
    # three columns: 3, and 6 pairs, and 10 triples
    assert len(calibrator.terms_) == len(set(calibrator.terms_)) == {1: 3, 2: 9, 3: 19}[degree]


@pytest.mark.parametrize(
    ("n_columns", "degree"), [(1, 3), (6, 3), (7, 2), (12, 2), (13, 1), (30, 1)]
)
def test_automatic_degree_keeps_the_number_of_terms_small(n_columns, degree):
    X, y = np.random.default_rng(0).normal(size=(40, n_columns)), np.arange(40) % 2
    calibrator = SignalCalibrator(input="logits").fit(X, y)
    assert len(calibrator.terms_[-1]) == degree
    assert len(calibrator.coef_) <= 100


@pytest.mark.parametrize("shape", ["shift", "scale", "bend"])
def test_recovers_the_truth(shape):
    rng = np.random.default_rng(0)
    s, x = rng.normal(0, 2, 20_000), rng.uniform(0, 1, 20_000)
    z = {
        "shift": 0.5 * s - 2 * x + 1,
        "scale": (1.5 - x) * s + 0.5,
        "bend": s + 6 * (x - 0.5) ** 2,
    }[shape]
    y = rng.random(s.size) < expit(z)
    X = np.column_stack([s, x])
    calibrator = SignalCalibrator(input="logits").fit(X, y)
    assert np.abs(calibrator.predict_proba(X)[:, 1] - expit(z)).mean() < 0.01


def test_products_do_not_turn_around_beyond_the_rows_of_the_fit():
    rng = np.random.default_rng(0)
    s, x = rng.normal(0, 1, 2000), rng.uniform(0, 1, 2000)
    y = rng.random(2000) < expit(s + 6 * (x - 0.5) ** 2)
    calibrator = SignalCalibrator(input="logits").fit(np.column_stack([s, x]), y)
    far = calibrator.predict_proba(np.column_stack([np.linspace(3, 1e3, 50), np.full(50, x.max())]))
    assert np.all(np.diff(far[:, 1]) >= 0)
    assert far[-1, 1] == 1


def test_without_signals_and_shrinkage_it_is_platt_scaling():
    X, y = problem(n_signals=0)
    ours, theirs = SignalCalibrator(shrinkage=0, degree=1).fit(X, y), SigmoidCalibrator().fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-8)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_strong_shrinkage_keeps_the_scores(degree):
    X, y = problem()
    kept = SignalCalibrator(shrinkage=1e8, degree=degree).fit(X, y)
    np.testing.assert_allclose(kept.predict_proba(X)[:, 1], X[:, 0], atol=1e-5)
    X[:, 1] = expit(X[:, 1] - 3)
    pooled = SignalCalibrator(n_scores=2, shrinkage=1e8, degree=degree).fit(X, y)
    mean = expit((logit(X[:, 0]) + logit(X[:, 1])) / 2)
    np.testing.assert_allclose(pooled.predict_proba(X)[:, 1], mean, atol=1e-5)


def test_few_rows_with_useless_signals_do_less_harm_than_without_shrinkage():
    """Three noise columns, thirty rows, a score that is right: the mean loss over repetitions."""
    losses = {0: [], 8: []}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        score = rng.uniform(0.05, 0.95, 2030)
        y = rng.random(2030) < score
        X = np.column_stack([score, rng.normal(size=(2030, 3))])
        for shrinkage, found in losses.items():
            calibrator = SignalCalibrator(shrinkage=shrinkage).fit(X[:30], y[:30])
            found.append(
                log_loss(y[30:], calibrator.predict_proba(X[30:])) - log_loss(y[30:], score[30:])
            )
    assert np.mean(losses[8]) < 0.5 * np.mean(losses[0])
    assert np.mean(losses[8]) < 0.08


def test_a_useful_signal_beats_the_score_alone():
    X, y = problem(2000)
    new, truth = problem(2000, seed=1)
    both = log_loss(truth, SignalCalibrator().fit(X, y).predict_proba(new))
    alone = log_loss(truth, SignalCalibrator().fit(X[:, :1], y).predict_proba(new[:, :1]))
    assert both < alone - 0.02


def test_weights_are_repeated_rows_and_zero_is_absent():
    X, y = problem(60)
    w = np.arange(60) % 3
    X[w == 0] = 0.999  # would move means and floors
    weighted = SignalCalibrator().fit(X, y, sample_weight=w)
    repeated = SignalCalibrator().fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-7)
    np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, rtol=1e-7)


@pytest.mark.parametrize(
    ("unit", "origin"), [([1, 1e6, 1e-6], [0, 5e6, 7]), ([1, 1e200, 1e-200], [0, 5e200, 0])]
)
def test_unit_and_origin_of_a_signal_do_not_matter(unit, origin):
    """Not even where squares overflow or vanish."""
    X, y = problem()
    scaled = X * unit + origin
    np.testing.assert_allclose(
        SignalCalibrator().fit(X, y).predict_proba(X),
        SignalCalibrator().fit(scaled, y).predict_proba(scaled),
        atol=1e-7,
    )


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_a_constant_signal_has_no_effect(value, degree):
    X, y = problem(n_signals=1)
    with_constant = np.column_stack([X, np.full(len(X), value)])
    calibrator = SignalCalibrator(degree=degree).fit(with_constant, y)
    assert calibrator.coef_[2] == pytest.approx(0, abs=1e-12)
    alone = SignalCalibrator(degree=degree).fit(X, y)
    np.testing.assert_allclose(
        calibrator.predict_proba(with_constant), alone.predict_proba(X), atol=1e-9
    )


def test_one_outcome_only():
    X, _ = problem(20)
    calibrator = SignalCalibrator(classes=[0, 1]).fit(X, np.ones(20))
    proba = calibrator.predict_proba(X)[:, 1]
    assert np.isfinite(calibrator.coef_).all()
    assert proba.mean() > 0.7
    assert proba.max() < 1


def test_separated_outcomes_warn_not():
    score = np.linspace(0.1, 0.9, 40)
    calibrator = SignalCalibrator().fit(np.column_stack([score, score]), score > 0.5)
    assert np.isfinite(calibrator.coef_).all()


def test_scores_of_zero_and_one():
    X, y = problem()
    X[:5, 0], X[5:9, 0] = 0, 1
    assert np.isfinite(SignalCalibrator().fit(X, y).predict_proba(X)).all()
    stated = SignalCalibrator(eps=1e-3).fit(X, y)
    assert stated.eps_ == 1e-3
    none, little, one = stated.predict_proba([[0, 0, 0], [1e-3, 0, 0], [1, 0, 0]])[:, 1]
    assert none == pytest.approx(little, rel=2e-3)  # a floor for the probability and its complement
    assert 0 < min(none, one) <= max(none, one) < 1


def test_logits_are_the_log_odds_of_probabilities():
    X, y = problem()
    logits = np.column_stack([logit(X[:, 0]), X[:, 1:]])
    np.testing.assert_allclose(
        SignalCalibrator().fit(X, y).predict_proba(X),
        SignalCalibrator(input="logits").fit(logits, y).predict_proba(logits),
    )


@pytest.mark.parametrize("labels", [["no", "yes"], [-1, 1], [False, True]])
def test_labels_of_any_kind(labels):
    X, y = problem()
    calibrator = SignalCalibrator().fit(X, np.array(labels)[y])
    assert calibrator.classes_.tolist() == labels
    assert set(calibrator.predict(X).tolist()) == set(labels)
    np.testing.assert_array_equal(
        calibrator.predict_proba(X), SignalCalibrator().fit(X, y).predict_proba(X)
    )


def test_a_row_alone_is_the_row_in_a_batch():
    X, y = problem()
    calibrator = SignalCalibrator().fit(X, y)
    batch = calibrator.predict_proba(X)
    np.testing.assert_allclose(
        np.vstack([calibrator.predict_proba(row[None]) for row in X[:9]]), batch[:9]
    )


# scikit-learn 1.8 does not know the names of polars columns
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_data_frames_clone_and_pickle():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    X, y = problem()
    names = ["stated", "agreement", "length"]
    calibrator = SignalCalibrator().fit(
        pd.DataFrame(X, columns=names), pd.Series(y, index=range(9, 409))
    )
    assert calibrator.feature_names_in_.tolist() == names
    expected = calibrator.predict_proba(pl.DataFrame(X, schema=names))
    again = pickle.loads(pickle.dumps(calibrator))
    np.testing.assert_array_equal(again.predict_proba(pd.DataFrame(X, columns=names)), expected)
    assert clone(calibrator).get_params() == calibrator.get_params()


def test_searches_and_metadata_routing():
    X, y = problem()
    w = np.arange(400) % 3
    search = GridSearchCV(
        SignalCalibrator(),
        {"shrinkage": [1, 8], "degree": [1, 3]},
        cv=2,
        scoring="neg_log_loss",
    )
    assert search.fit(X, y).best_params_["degree"] in (1, 3)
    with sklearn.config_context(enable_metadata_routing=True):
        calibrator = SignalCalibrator().set_fit_request(sample_weight=True)
        pipeline = make_pipeline(FunctionTransformer(), calibrator).fit(X, y, sample_weight=w)
    np.testing.assert_array_equal(pipeline[-1].coef_, SignalCalibrator().fit(X, y, w).coef_)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"degree": 4}, ValueError, "degree must be one of 'auto', 1, 2, 3"),
        ({"shrinkage": -1}, ValueError, "shrinkage must be in"),
        ({"shrinkage": "auto"}, TypeError, "shrinkage must be a number"),
        ({"n_scores": 4}, ValueError, r"n_scores must be in \[1, 3\]"),
        ({"n_scores": 1.5}, TypeError, "n_scores must be an integer"),
        ({"n_scores": 3}, ValueError, r"X\[:, :3\] must hold probabilities in \[0, 1\]"),
        ({"input": "score"}, ValueError, "input must be one of"),
        ({"eps": 0.9}, ValueError, "eps must be in"),
    ],
)
def test_bad_parameters(parameters, error, message):
    X, y = problem()
    with pytest.raises(error, match=message):
        SignalCalibrator(**parameters).fit(X, y)


def test_bad_input():
    X, y = problem()
    with pytest.raises(
        ValueError, match=r"Only binary classification is supported. y holds 3 labels"
    ):
        SignalCalibrator().fit(X, np.arange(400) % 3)
    with pytest.raises(ValueError, match="y holds one class only"):
        SignalCalibrator().fit(X, np.ones(400))
    with pytest.raises(ValueError, match="NaN"):
        SignalCalibrator().fit(np.where(X > 5, np.nan, X), y)
