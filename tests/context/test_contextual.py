import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_calib import (
    AbstainingClassifier,
    CalibratedClassifier,
    ContextualCalibrator,
    IsotonicCalibrator,
    SigmoidCalibrator,
)

STRATEGIES = ["groups", "boosting"]
both = pytest.mark.parametrize("strategy", STRATEGIES)
OFFSET = {"law": -1.2, "biology": 1.0, "math": 0.0}


def records(n=1500, seed=0, offset=OFFSET):
    """Confidences that are right, in log-odds, but for an offset of the subject."""
    rng = np.random.default_rng(seed)
    z, subject = rng.normal(0.5, 1.2, n), rng.choice(list(offset), n)
    shift = np.array([offset[s] for s in subject])
    X = pd.DataFrame({"confidence": expit(z), "subject": subject})
    return X, (rng.random(n) < expit(z + shift)).astype(int)


def with_length(X):
    """A number besides, which says nothing."""
    return X.assign(length=np.random.default_rng(99).normal(size=len(X)))


def make(strategy="groups", **options):
    return ContextualCalibrator(strategy, **{"context": ["subject"], "cv": 3, **options})


def predict(calibrator, X):
    return calibrator.predict_proba(X)[:, 1]


X, Y = records()
X_TEST, Y_TEST = records(4000, seed=1)
PLAIN = predict(SigmoidCalibrator().fit(X[["confidence"]], Y), X[["confidence"]])


# Limiting cases


@both
def test_without_context_it_starts_from_the_plain_calibrator(strategy):
    scores = X[["confidence"]]
    fitted = make(strategy, context=(), max_rounds=1).fit(scores, Y)
    if strategy == "boosting":
        assert fitted.n_rounds_ == [0]  # of sigmoid data nothing is left for trees
    np.testing.assert_allclose(predict(fitted, scores), PLAIN, atol=1e-6)


def test_one_group_or_shrinkage_without_bound_is_the_plain_calibrator():
    for fitted, table in [
        (make().fit(X.assign(subject="law"), Y), X.assign(subject="law")),
        (make(shrinkage=np.inf).fit(X, Y), X),
    ]:
        np.testing.assert_allclose(predict(fitted, table), PLAIN, atol=1e-6)


def test_no_shrinkage_is_a_fit_of_each_group():
    fitted = make(shrinkage=0).fit(X, Y)
    for subject, rows in X.groupby("subject").groups.items():
        scores = X.loc[rows, ["confidence"]]
        alone = predict(SigmoidCalibrator().fit(scores, Y[rows]), scores)
        np.testing.assert_allclose(predict(fitted, X.loc[rows]), alone, atol=1e-5, err_msg=subject)


@both
def test_an_unseen_or_missing_group_is_the_population(strategy):
    fitted = make(strategy).fit(X, Y)
    unseen = [predict(fitted, X.assign(subject=name)) for name in ("physics", None, 3.0)]
    for p in unseen[1:]:
        np.testing.assert_array_equal(p, unseen[0])
    low, high = (predict(fitted, X.assign(subject=name)) for name in ("law", "biology"))
    if strategy == "groups":
        assert np.all((low < unseen[0]) & (unseen[0] < high))


@both
def test_missing_values_are_a_group_of_their_own_where_there_were_some(strategy):
    """They behave as one more name."""
    missing = X.assign(subject=X["subject"].where(X["subject"] != "law", None))
    p = predict(make(strategy).fit(missing, Y), missing)
    np.testing.assert_allclose(p, predict(make(strategy).fit(X, Y), X), atol=1e-9)
    numbers = X["subject"].map({"math": 1.0, "biology": 2.0, "law": np.nan})
    numeric = make().fit(X.assign(subject=numbers), Y)
    np.testing.assert_allclose(
        predict(numeric, X.assign(subject=numbers)), predict(make().fit(X, Y), X), atol=1e-7
    )


# What it is for


@both
def test_groups_become_calibrated(strategy):
    """Held out: within three standard errors of 0 in each group of about 1300 rows."""
    fitted = make(strategy).fit(X, Y)
    p = predict(fitted, X_TEST)
    gap = pd.Series(p - Y_TEST).groupby(X_TEST["subject"]).mean().abs()
    assert gap.max() < 3 * np.sqrt(0.25 / 1300) + 3 * np.sqrt(0.25 / 500)
    plain = SigmoidCalibrator().fit(X[["confidence"]], Y).predict_proba(X_TEST[["confidence"]])
    assert log_loss(Y_TEST, p) < log_loss(Y_TEST, plain) - 0.02


@both
@pytest.mark.parametrize("seed", range(2))
def test_noise_does_no_harm(strategy, seed):
    """Context that says nothing costs less than 0.005 nats of log loss."""
    X, y = records(800, seed, dict.fromkeys("abcdefgh", 0.0))
    X_test, y_test = records(4000, seed + 10, dict.fromkeys("abcdefgh", 0.0))
    fitted = make(strategy, context=["subject", "length"]).fit(with_length(X), y)
    plain = SigmoidCalibrator().fit(X[["confidence"]], y).predict_proba(X_test[["confidence"]])
    assert (
        log_loss(y_test, fitted.predict_proba(with_length(X_test)))
        < log_loss(y_test, plain) + 0.005
    )


def test_boosting_is_kept_only_if_it_beats_the_plain_calibrator():
    fitted = make("boosting").fit(X, Y)
    (table,), (used,) = fitted.cv_results_, fitted.n_rounds_
    assert used == np.argmin(table["log_loss"]) > 0
    assert table["difference"][0] == table["standard_error"][0] == 0
    assert -table["difference"][used] > table["standard_error"][used]
    np.testing.assert_allclose(table["log_loss"] - table["log_loss"][0], table["difference"])


def test_boosting_finds_intersections_and_groups_add_up():
    rng = np.random.default_rng(0)
    a, b, z = rng.integers(0, 2, 4000), rng.integers(0, 2, 4000), rng.normal(size=4000)
    table = pd.DataFrame({"p": expit(z), "a": a.astype(bool), "b": b.astype(bool)})
    uniform = rng.random(4000)
    additive = (uniform < expit(z + 1.5 * a - 1.5 * b)).astype(int)
    crossed = (uniform < expit(z + np.where(a == b, 1.2, -1.2))).astype(int)
    groups = ContextualCalibrator(context=["a", "b"]).fit(table, additive)
    assert np.mean(np.abs(predict(groups, table) - expit(z + 1.5 * a - 1.5 * b))) < 0.03
    boosted = ContextualCalibrator("boosting", context=["a", "b"], cv=3).fit(table, crossed)
    assert np.mean(np.abs(predict(boosted, table) - expit(z + np.where(a == b, 1.2, -1.2)))) < 0.06


def test_numbers_are_cut_into_segments():
    X = with_length(records(3000)[0])[["confidence", "length"]]
    rng = np.random.default_rng(5)
    y = (rng.random(3000) < expit(logit(X["confidence"]) + 1.5 * (X["length"] > 0))).astype(int)
    fitted = make(context="length", n_segments=4).fit(X, y)
    table = fitted.effects_[0]
    assert len(table["segment"]) == 4
    np.testing.assert_allclose(table["weight"], 750)
    assert np.all(np.abs(table["offset"] - [-0.75, -0.75, 0.75, 0.75]) < 0.4)


def test_the_plain_calibrator_can_be_any():
    base = IsotonicCalibrator()
    fitted = make(calibrator=base, shrinkage=np.inf).fit(X, Y)
    isotonic = IsotonicCalibrator().fit(X[["confidence"]], Y).predict_proba(X[["confidence"]])
    # isotonic probabilities are calibrated, so that slope and offset stay what they are
    inside = (isotonic[:, 1] > 0.02) & (isotonic[:, 1] < 0.98)
    np.testing.assert_allclose(predict(fitted, X)[inside], isotonic[inside, 1], atol=0.02)
    assert not hasattr(base, "classes_")
    make("boosting", calibrator=base).fit(X, Y).predict_proba(X)


# Invariances


@both
def test_names_of_groups_and_labels_do_not_matter(strategy):
    names = {"law": 3, "biology": 1, "math": 2}
    numbered = X.assign(subject=X["subject"].map(names))
    expected = predict(make(strategy).fit(X, Y), X)
    fitted = make(strategy, categorical=[True]).fit(numbered, np.array(["no", "yes"])[Y])
    np.testing.assert_allclose(predict(fitted, numbered), expected, atol=1e-9)
    assert fitted.predict(numbered)[0] in ("no", "yes")


def test_integer_weights_are_repetitions():
    weight = np.random.default_rng(0).integers(0, 3, Y.size)
    rows = np.repeat(np.arange(Y.size), weight)
    columns = {"context": ["subject", "length"]}
    table = with_length(X)
    weighted = make(**columns).fit(table, Y, sample_weight=weight)
    repeated = make(**columns).fit(table.iloc[rows], Y[rows])
    np.testing.assert_allclose(predict(weighted, table), predict(repeated, table), atol=1e-7)


@both
def test_rows_of_zero_weight_are_absent(strategy):
    weight = (np.arange(Y.size) % 3 > 0).astype(float)
    wild = X.assign(subject=X["subject"].where(weight > 0, "wild"))
    weighted = make(strategy).fit(wild, Y, sample_weight=weight)
    removed = make(strategy).fit(X[weight > 0], Y[weight > 0])
    np.testing.assert_allclose(predict(weighted, X), predict(removed, X), atol=1e-9)


@both
def test_a_row_alone_is_the_row_in_the_batch(strategy):
    table = with_length(X)
    fitted = make(strategy, context=["subject", "length"]).fit(table, Y)
    alone = [predict(fitted, table.iloc[[i]])[0] for i in range(10)]
    np.testing.assert_allclose(alone, predict(fitted, table)[:10], atol=1e-15)


# scikit-learn 1.8 does not know the names of polars columns
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@both
def test_tables_of_all_kinds(strategy):
    fitted = make(strategy).fit(X, Y)
    expected = predict(fitted, X)
    np.testing.assert_array_equal(predict(fitted, pl.from_pandas(X)), expected)
    rows = X.to_numpy(dtype=object)
    by_position = make(strategy, context=[1]).fit(rows, Y)
    np.testing.assert_array_equal(predict(by_position, rows), expected)
    lists = make(strategy, context=1).fit(rows.tolist(), Y)
    np.testing.assert_array_equal(predict(lists, rows.tolist()), expected)


def test_logits_and_probabilities_are_the_same():
    as_logits = X.assign(confidence=logit(X["confidence"]))
    p = predict(make(input="logits").fit(as_logits, Y), as_logits)
    np.testing.assert_allclose(p, predict(make().fit(X, Y), X), atol=1e-9)


# More classes, and records of graded kind


@both
def test_more_classes_are_one_against_the_rest(strategy):
    rng = np.random.default_rng(0)
    z, g = rng.normal(size=(1500, 3)), rng.integers(0, 2, 1500)
    shift = np.array([[1.0, 0.0, -1.0], [-1.0, 0.0, 1.0]])[g]
    y = np.array(["a", "b", "c"])[(z + shift + rng.gumbel(size=z.shape)).argmax(axis=1)]
    table = pd.DataFrame(z, columns=list("xyz")).assign(g=g.astype(bool))
    fitted = make(strategy, context="g", input="logits").fit(table, y)
    proba = fitted.predict_proba(table)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    for flag in (0, 1):
        share = [np.mean(y[g == flag] == c) for c in "abc"]
        np.testing.assert_allclose(proba[g == flag].mean(axis=0), share, atol=0.05)
    assert len(getattr(fitted, "effects_", getattr(fitted, "n_rounds_", None))) == 3


@both
def test_a_class_without_rows_has_a_constant(strategy):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(90, 3)), columns=list("abc")).assign(
        g=["x", "y", "z"] * 30
    )
    options = {"context": "g", "input": "logits", "classes": [0, 1, 2]}
    fitted = make(strategy, **options).fit(table, np.arange(90) % 2)
    assert 0 < fitted.predict_proba(table)[:, 2].max() < 0.03


# In a classifier


def customers(n=600, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"x": rng.normal(size=n), "segment": rng.choice(["old", "new"], n)})
    shift = np.where(table["segment"] == "new", 1.5, -1.5)
    y = np.where(rng.random(n) < expit(table["x"] + shift), "yes", "no")
    return table.set_index(np.arange(n) + 5), y


MODEL = make_pipeline(make_column_transformer(("passthrough", ["x"])), LogisticRegression())


@both
@pytest.mark.parametrize("ensemble", [True, False])
def test_context_columns_of_a_classifier(strategy, ensemble):
    table, y = customers()
    test, y_test = customers(2000, seed=1)
    honest = CalibratedClassifier(
        MODEL, ContextualCalibrator(strategy, context=["segment"], cv=2), cv=2, ensemble=ensemble
    ).fit(table, y)
    blind = CalibratedClassifier(MODEL, SigmoidCalibrator(), cv=3, ensemble=ensemble).fit(table, y)
    gain = log_loss(y_test, blind.predict_proba(test)) - log_loss(
        y_test, honest.predict_proba(test)
    )
    assert gain > 0.1
    calibrator = honest.calibrated_classifiers_[0].calibrator
    assert calibrator.feature_names_in_[-1] == "segment"
    again = pickle.loads(pickle.dumps(honest))
    np.testing.assert_array_equal(again.predict(test), honest.predict(test))
    by_position = clone(honest).set_params(calibrator__context=-1).fit(table, y)
    np.testing.assert_array_equal(by_position.predict_proba(test), honest.predict_proba(test))


def test_weights_routing_and_frozen_classifiers():
    table, y = customers()
    weight = np.random.default_rng(0).integers(0, 3, y.size).astype(float)
    groups = np.arange(y.size) % 7
    calibrator = ContextualCalibrator(context=["segment"])
    model = make_pipeline(make_column_transformer(("passthrough", ["x"])), LogisticRegression())
    with sklearn.config_context(enable_metadata_routing=True):
        model[-1].set_fit_request(sample_weight=True)
        honest = CalibratedClassifier(model, calibrator, cv=GroupKFold(3))
        honest.fit(table, y, sample_weight=weight, groups=groups)
        used = sum(p.calibrator.effects_[0]["weight"].sum() for p in honest.calibrated_classifiers_)
        assert used == weight.sum()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frozen = sklearn.frozen.FrozenEstimator(clone(MODEL).fit(table, y))
        one = CalibratedClassifier(frozen, calibrator).fit(table, y)
    table_of_one = one.calibrated_classifiers_[0].calibrator.effects_[0]
    assert table_of_one["segment"].tolist() == ["new", "old"]
    assert AbstainingClassifier(one, threshold=0.9).fit(table, y).accept(table).any()


def test_searches_reach_the_parameters():
    table, y = customers(300)
    search = GridSearchCV(
        CalibratedClassifier(MODEL, ContextualCalibrator(context="segment"), cv=3),
        {"calibrator__shrinkage": [1e3, "auto"]},
        scoring="neg_log_loss",
        cv=StratifiedKFold(3),
    ).fit(table, y)
    assert search.best_params_ == {"calibrator__shrinkage": "auto"}


CLASSIFIERS = [
    CalibratedClassifier(
        LogisticRegression(C=1),
        ContextualCalibrator(strategy, context=0, max_rounds=1, cv=2),
        cv=3,
        ensemble=False,
    )
    for strategy in STRATEGIES
]


@pytest.mark.filterwarnings("ignore:The scores separate the classes:UserWarning")
@parametrize_with_checks(CLASSIFIERS)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


# Manners


@both
def test_clone_pickle_threads_and_refit(strategy):
    fitted = make(strategy).fit(X, Y)
    expected = predict(fitted, X)
    np.testing.assert_array_equal(predict(pickle.loads(pickle.dumps(fitted)), X), expected)
    with pytest.raises(NotFittedError):
        clone(fitted).predict_proba(X)
    with ThreadPoolExecutor(4) as pool:
        for p in pool.map(lambda _: predict(fitted, X), range(4)):
            np.testing.assert_array_equal(p, expected)
    other = fitted.set_params(strategy="groups", context=["subject"]).fit(X, Y)
    assert not hasattr(other, "n_rounds_")


def test_effects_tell_what_was_learnt():
    (table,) = make().fit(X, Y).effects_
    assert table["column"].tolist() == ["subject"] * 3
    assert table["segment"].tolist() == ["biology", "law", "math"]
    np.testing.assert_array_equal(table["weight"], X["subject"].value_counts().sort_index())
    assert table["offset"][1] < table["offset"][2] < table["offset"][0]
    np.testing.assert_allclose(table["slope"], 1, atol=0.5)


@both
def test_read_only_and_separable_rows(strategy):
    numbers = np.column_stack([X["confidence"], np.arange(Y.size) % 4.0])
    numbers.flags.writeable = False
    make(strategy, context=1).fit(numbers, Y)
    with pytest.warns(UserWarning, match="The scores separate the classes"):
        sure = make(strategy, context=1).fit(numbers, numbers[:, 0] > 0.5)
    p = sure.predict_proba(numbers)
    assert np.isfinite(p).all()
    if strategy == "groups":  # smoothed targets of the plain calibrator are not taken back
        with pytest.warns(UserWarning, match="The scores separate the classes"):
            plain = SigmoidCalibrator().fit(numbers[:, :1], numbers[:, 0] > 0.5)
        np.testing.assert_allclose(p, plain.predict_proba(numbers[:, :1]), atol=1e-3)


@both
def test_numbers_that_are_all_missing(strategy):
    nothing = X.assign(subject=np.nan)
    p = predict(make(strategy, max_rounds=2).fit(nothing, Y), nothing)
    assert np.isfinite(p).all()
    with pytest.raises(
        TypeError, match=r"The column 'subject' holds what is no name: .*unhashable"
    ):
        make(strategy).fit(X.assign(subject=[[1]] * len(X)), Y)


def test_more_categories_than_trees_can_hold():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"p": rng.random(900), "user": [f"u{i}" for i in range(450)] * 2})
    y = rng.random(900) < table["p"]
    for strategy in STRATEGIES:
        p = predict(make(strategy, context="user").fit(table, y), table)
        assert np.isfinite(p).all()


@pytest.mark.parametrize("kind", ["proba", "logits"])
def test_any_classifier_is_a_plain_calibrator(kind):
    """Logistic regression of the log-odds, without a penalty, is the sigmoid calibrator."""
    table = X if kind == "proba" else X.assign(confidence=logit(X["confidence"].clip(1e-3, 0.999)))
    plain = LogisticRegression(C=1e10, tol=1e-10)
    for strategy in STRATEGIES:
        ours = make(strategy, input=kind, max_rounds=2).fit(table, Y)
        theirs = clone(ours).set_params(calibrator=plain).fit(table, Y)
        np.testing.assert_allclose(predict(theirs, table), predict(ours, table), atol=1e-4)
    with pytest.warns(UserWarning, match="KNeighborsClassifier.fit takes no sample_weight"):
        make(calibrator=KNeighborsClassifier()).fit(X, Y, sample_weight=np.ones(len(Y)))


def test_too_few_rows_to_leave_any_out():
    table = pd.DataFrame({"p": [0.2, 0.6, 0.4, 0.8], "g": list("abab")})
    assert make("boosting", context="g").fit(table, [0, 1, 0, 0]).n_rounds_ == [0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "trees"}, "strategy must be one of 'groups', 'boosting'"),
        ({"shrinkage": -1}, "shrinkage must be in"),
        ({"n_segments": 0}, "n_segments must be at least 1; got 0"),
        ({"max_rounds": 1.5}, "max_rounds must be an integer of at least 1; got 1.5"),
        ({"categorical": [True, False]}, "categorical must tell of each of 1 context columns"),
        ({"categorical": "guess"}, "categorical must be 'from_dtype', a boolean or a list"),
        ({"categorical": [0.5]}, "categorical must be 'from_dtype', a boolean or a list"),
        ({"calibrator": "sigmoid"}, "calibrator must be a classifier with predict_proba"),
        ({"calibrator": SigmoidCalibrator}, "calibrator must be a classifier with predict_proba"),
        ({"context": None}, "context must be the name or position of a column of X, or a list"),
        ({"context": ["topic"]}, "context names the column 'topic'; those of X are"),
        ({"context": []}, "could not convert string to float"),
        ({"context": ["confidence"]}, "'subject' of X is a score, since context does not name it"),
        ({"input": "odds"}, "input must be one of"),
        ({"strategy": "boosting", "cv": [([0], [1])]}, "cv must hold out every row exactly once"),
    ],
)
def test_errors_name_the_argument(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(**options).fit(X, Y)


def test_bad_tables():
    fitted = make().fit(X, Y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        make().fit(X, Y[:-1])
    with pytest.raises(ValueError, match=r"must hold probabilities in \[0, 1\]"):
        make().fit(X.assign(confidence=2.0), Y)
    with pytest.raises(ValueError, match="NaN"):
        make().fit(X.assign(confidence=np.nan), Y)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict_proba(X.rename(columns={"confidence": "p"}))
    lengths = make(context="subject").fit(X.assign(subject=1.5), Y)
    with pytest.raises(ValueError, match="'subject' held numbers in fit; now it holds 'law'"):
        lengths.predict_proba(X.assign(subject="law"))
    with pytest.raises(ValueError, match="one column per class"):
        make().fit(X.assign(other=0.0).assign(confidence=0.5, third=0.5), Y)
