"""A classifier and a calibrator joined, against the same written out by hand."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
    TunedThresholdClassifierCV,
    cross_val_predict,
)
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from sklearn_calib import BinningCalibrator, CalibratedClassifier, TemperatureScaler

CALIBRATORS = [TemperatureScaler(), BinningCalibrator(n_bins=4)]
every_calibrator = pytest.mark.parametrize("calibrator", CALIBRATORS, ids=repr)
both_modes = pytest.mark.parametrize("ensemble", [True, False])


def problem(n_classes=3, n=240, seed=0):
    return make_classification(
        n, 6, n_informative=4, n_classes=n_classes, flip_y=0.1, random_state=seed
    )


def by_hand(estimator, calibrator, X, y, X_new, splits, *, ensemble, weight=None):
    """What the docstring promises, for classifiers with probabilities of all classes."""

    def fit(model, X, y, rows):
        return clone(model).fit(X, y, **({} if weight is None else {"sample_weight": weight[rows]}))

    if ensemble:
        members = []
        for train, test in splits:
            fitted = fit(estimator, X[train], y[train], train)
            fixed = fit(calibrator, fitted.predict_proba(X[test]), y[test], test)
            members.append(fixed.predict_proba(fitted.predict_proba(X_new)))
        return np.mean(members, axis=0)
    held_out = np.full((len(y), len(set(y))), np.nan)
    for train, test in splits:
        held_out[test] = fit(estimator, X[train], y[train], train).predict_proba(X[test])
    every = np.arange(len(y))
    fixed = fit(calibrator, held_out, y, every)
    return fixed.predict_proba(fit(estimator, X, y, every).predict_proba(X_new))


# Against the reference


@every_calibrator
@both_modes
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_both_modes_by_hand(calibrator, ensemble, n_classes, weighted):
    X, y = problem(n_classes)
    X_new = problem(n_classes, seed=1)[0]
    weight = np.random.default_rng(0).uniform(0.5, 2, y.size) if weighted else None
    joined = CalibratedClassifier(GaussianNB(), calibrator, cv=4, ensemble=ensemble)
    joined.fit(X, y, sample_weight=weight)
    expected = by_hand(
        GaussianNB(),
        calibrator,
        X,
        y,
        X_new,
        StratifiedKFold(4).split(X, y),
        ensemble=ensemble,
        weight=weight,
    )
    np.testing.assert_allclose(joined.predict_proba(X_new), expected, rtol=1e-9)
    np.testing.assert_array_equal(joined.predict(X_new), expected.argmax(axis=1))
    assert len(joined.calibrated_classifiers_) == (4 if ensemble else 1)
    assert joined.n_features_in_ == 6


def test_defaults():
    """Five stratified folds; an ensemble, but a single pair for a frozen model."""
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), TemperatureScaler()).fit(X, y)
    explicit = CalibratedClassifier(
        GaussianNB(), TemperatureScaler(), cv=StratifiedKFold(5), ensemble=True
    ).fit(X, y)
    np.testing.assert_array_equal(joined.predict_proba(X), explicit.predict_proba(X))
    frozen = FrozenEstimator(GaussianNB().fit(X, y))
    assert (
        len(CalibratedClassifier(frozen, TemperatureScaler()).fit(X, y).calibrated_classifiers_)
        == 1
    )


def test_it_makes_an_overconfident_classifier_honest():
    """Each feature three times: naive Bayes counts the same evidence thrice."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 4000)
    X = (rng.random((4000, 4)) < np.where(y[:, None], 0.65, 0.35)).astype(float)
    tripled = np.hstack([X, X, X])
    fit, test = slice(0, 2000), slice(2000, None)
    joined = CalibratedClassifier(BernoulliNB(), TemperatureScaler()).fit(tripled[fit], y[fit])
    for pair in joined.calibrated_classifiers_:
        # each row's log-odds are three times what the features justify; the prior is even
        assert pair.calibrator.temperature_ == pytest.approx(3, rel=0.25)
    honest = BernoulliNB().fit(X[fit], y[fit]).predict_proba(X[test])
    assert log_loss(y[test], joined.predict_proba(tripled[test])) == pytest.approx(
        log_loss(y[test], honest), abs=0.005
    )


# Frozen models


@every_calibrator
def test_a_frozen_model_is_not_refitted(calibrator):
    X, y = problem()
    X_cal, y_cal = problem(seed=1)
    model = GaussianNB().fit(X, y)
    before = pickle.dumps(model)
    joined = CalibratedClassifier(FrozenEstimator(model), calibrator).fit(X_cal, y_cal)
    assert pickle.dumps(model) == before
    fixed = clone(calibrator).fit(model.predict_proba(X_cal), y_cal)
    np.testing.assert_array_equal(
        joined.predict_proba(X), fixed.predict_proba(model.predict_proba(X))
    )
    assert clone(joined).estimator.estimator is model


def test_a_frozen_model_in_an_ensemble_calibrates_per_fold():
    X, y = problem()
    model = GaussianNB().fit(X, y)
    joined = CalibratedClassifier(FrozenEstimator(model), TemperatureScaler(), cv=3, ensemble=True)
    joined.fit(X, y)
    members = [
        TemperatureScaler().fit(model.predict_proba(X[test]), y[test])
        for _, test in StratifiedKFold(3).split(X, y)
    ]
    scores = model.predict_proba(X)
    expected = np.mean([member.predict_proba(scores) for member in members], axis=0)
    np.testing.assert_allclose(joined.predict_proba(X), expected, rtol=1e-12)
    assert all(pair.estimator.estimator is model for pair in joined.calibrated_classifiers_)


@pytest.mark.parametrize("routing", [False, True])
def test_a_frozen_pipeline_with_weights_needs_no_warning(routing):
    X, y = problem()
    model = make_pipeline(StandardScaler(), GaussianNB()).fit(X, y)
    weight = np.arange(1.0, y.size + 1)
    joined = CalibratedClassifier(FrozenEstimator(model), TemperatureScaler())
    with sklearn.config_context(enable_metadata_routing=routing):
        joined.fit(X, y, sample_weight=weight)
    fixed = TemperatureScaler().fit(model.predict_proba(X), y, sample_weight=weight)
    assert joined.calibrated_classifiers_[0].calibrator.temperature_ == fixed.temperature_


@pytest.mark.parametrize("names", [np.array([0, 1, 2]), np.array(["ant", "bee", "cat"])])
def test_classes_of_a_frozen_model_and_of_y(names):
    X, y = problem()
    frozen = FrozenEstimator(GaussianNB().fit(X, names[y]))
    joined = CalibratedClassifier(frozen, TemperatureScaler())
    rows = y != 2
    with pytest.raises(ValueError, match=f"knows the class {names.tolist()[2]!r}, which is absent"):
        joined.fit(X[rows], names[y[rows]])
    frozen = FrozenEstimator(GaussianNB().fit(X[rows], names[y[rows]]))
    joined = CalibratedClassifier(frozen, TemperatureScaler())
    with pytest.raises(ValueError, match=f"y holds the class {names.tolist()[2]!r}, which"):
        joined.fit(X, names[y])


# Scores of all kinds of classifiers


@both_modes
@pytest.mark.parametrize("n_classes", [2, 3])
def test_decision_values_are_logits(ensemble, n_classes):
    X, y = problem(n_classes)
    splits = list(StratifiedKFold(3).split(X, y))
    joined = CalibratedClassifier(LinearSVC(), TemperatureScaler(), cv=3, ensemble=ensemble).fit(
        X, y
    )
    fitted = [LinearSVC().fit(X[train], y[train]) for train, _ in splits]
    values = [m.decision_function(X[test]) for m, (_, test) in zip(fitted, splits, strict=True)]
    scaler = TemperatureScaler(input="logits")
    if ensemble:
        temperatures = [
            clone(scaler).fit(v, y[test]).temperature_
            for v, (_, test) in zip(values, splits, strict=True)
        ]
    else:
        tests = np.concatenate([test for _, test in splits])
        temperatures = [scaler.fit(np.concatenate(values), y[tests]).temperature_]
    found = [pair.calibrator.temperature_ for pair in joined.calibrated_classifiers_]
    np.testing.assert_allclose(found, temperatures, rtol=1e-9)
    assert {pair.calibrator.input for pair in joined.calibrated_classifiers_} == {"logits"}


def test_probabilities_and_decision_values_of_one_model_agree():
    """expit of the decision value is the probability: the temperatures are the same."""
    X, y = problem(2)

    class DecisionOnly(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.model_ = LogisticRegression().fit(X, y)
            self.classes_ = self.model_.classes_
            return self

        def decision_function(self, X):
            return self.model_.decision_function(X)

    from_values = CalibratedClassifier(DecisionOnly(), TemperatureScaler(), ensemble=False).fit(
        X, y
    )
    from_proba = CalibratedClassifier(
        LogisticRegression(), TemperatureScaler(), ensemble=False
    ).fit(X, y)
    np.testing.assert_allclose(from_values.predict_proba(X), from_proba.predict_proba(X), rtol=1e-8)


@pytest.mark.parametrize("n_classes", [3, 4])
def test_one_vs_one_decision_values_are_refused(n_classes):
    """Three classes have three pairs: the columns are as many as classes, but not theirs."""
    X, y = problem(n_classes)
    joined = CalibratedClassifier(SVC(decision_function_shape="ovo"), TemperatureScaler())
    with pytest.raises(ValueError, match="one-vs-one"):
        joined.fit(X, y)
    CalibratedClassifier(SVC(decision_function_shape="ovr"), TemperatureScaler()).fit(X, y)


def test_one_vs_one_of_two_classes_is_one_decision_value():
    X, y = problem(2)
    same = [
        CalibratedClassifier(SVC(decision_function_shape=shape), TemperatureScaler()).fit(X, y)
        for shape in ("ovo", "ovr")
    ]
    np.testing.assert_array_equal(same[0].predict_proba(X), same[1].predict_proba(X))


def test_an_estimator_without_scores_is_refused():
    class Oracle(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def predict(self, X):
            return self.classes_[:1].repeat(len(X))

    with pytest.raises(TypeError, match="predict_proba or decision_function; got Oracle"):
        CalibratedClassifier(Oracle(), TemperatureScaler()).fit(*problem())


@both_modes
def test_saturated_votes_of_a_forest(ensemble):
    """Zeros and ones in the scores; nothing is infinite."""
    X, y = problem(n=120)
    forest = RandomForestClassifier(3, random_state=0)
    for calibrator in (*CALIBRATORS, LogisticRegression(), GaussianNB()):
        joined = CalibratedClassifier(forest, calibrator, cv=3, ensemble=ensemble).fit(X, y)
        proba = joined.predict_proba(X)
        np.testing.assert_allclose(proba.sum(axis=1), 1)
        assert np.all((proba >= 0) & (proba <= 1))


# Calibrators of others


@pytest.mark.parametrize("foreign", [LogisticRegression(), GaussianNB()], ids=repr)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_foreign_calibrator_gets_logits(foreign, n_classes):
    """Log-odds in one column for two classes, else log-probabilities."""
    X, y = problem(n_classes)
    model = GaussianNB().fit(X, y)
    X_cal, y_cal = problem(n_classes, seed=1)

    def logits(X):
        log_proba = np.log(model.predict_proba(X))
        return log_proba if n_classes > 2 else log_proba[:, 1:] - log_proba[:, :1]

    joined = CalibratedClassifier(FrozenEstimator(model), foreign).fit(X_cal, y_cal)
    fixed = clone(foreign).fit(logits(X_cal), y_cal)
    np.testing.assert_allclose(joined.predict_proba(X), fixed.predict_proba(logits(X)), rtol=1e-9)
    np.testing.assert_array_equal(joined.predict(X), fixed.predict(logits(X)))


def test_a_foreign_calibrator_of_decision_values_gets_them():
    X, y = problem(2)
    model = LinearSVC().fit(X, y)
    joined = CalibratedClassifier(FrozenEstimator(model), LogisticRegression()).fit(X, y)
    fixed = LogisticRegression().fit(model.decision_function(X)[:, None], y)
    np.testing.assert_allclose(
        joined.predict_proba(X), fixed.predict_proba(model.decision_function(X)[:, None]), rtol=1e-9
    )


def test_a_calibrator_without_weights_warns():
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), KNeighborsClassifier(), cv=2)
    joined.fit(X, y)  # no weights, no warning
    with pytest.warns(UserWarning, match="KNeighborsClassifier.fit takes no sample_weight"):
        joined.fit(X, y, sample_weight=np.ones(y.size))


def test_the_calibrator_itself_is_not_changed():
    X, y = problem()
    calibrator = TemperatureScaler(eps=1e-4)
    joined = CalibratedClassifier(LinearSVC(), calibrator, cv=2).fit(X, y)
    assert calibrator.get_params() == TemperatureScaler(eps=1e-4).get_params()
    assert not hasattr(calibrator, "temperature_")
    assert joined.calibrated_classifiers_[0].calibrator.eps == 1e-4


# Splits


def test_a_single_hold_out_split():
    X, y = problem()
    cv = StratifiedShuffleSplit(1, test_size=0.3, random_state=0)
    joined = CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=cv).fit(X, y)
    expected = by_hand(GaussianNB(), TemperatureScaler(), X, y, X, cv.split(X, y), ensemble=True)
    np.testing.assert_allclose(joined.predict_proba(X), expected, rtol=1e-9)


@pytest.mark.parametrize("cv", [TimeSeriesSplit(3), ShuffleSplit(3, random_state=0)], ids=repr)
def test_other_splits_need_an_ensemble(cv):
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=cv)
    assert len(joined.fit(X, y).calibrated_classifiers_) == 3
    joined.set_params(ensemble=False)
    with pytest.raises(ValueError, match="hold out every row exactly once; use ensemble=True"):
        joined.fit(X, y)


@every_calibrator
@both_modes
def test_a_training_part_that_misses_a_class(calibrator, ensemble):
    """Its classifier gives that class the probability 0, and the calibrator is told so."""
    X, y = problem()
    even = np.arange(y.size) % 2 == 0
    splits = [
        (np.flatnonzero(even), np.flatnonzero(~even)),
        (np.flatnonzero(~even & (y != 2)), np.flatnonzero(even)),
    ]
    joined = CalibratedClassifier(GaussianNB(), calibrator, cv=splits, ensemble=ensemble).fit(X, y)
    proba = joined.predict_proba(X)
    assert proba.shape == (y.size, 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(joined.classes_, [0, 1, 2])
    scores = []
    for train, test in splits:
        own = GaussianNB().fit(X[train], y[train])
        embedded = np.zeros((test.size, 3))
        embedded[:, own.classes_] = own.predict_proba(X[test])
        scores.append(embedded)
    if ensemble:
        fixed = clone(calibrator).fit(scores[1], y[splits[1][1]])
        pair = joined.calibrated_classifiers_[1]
        np.testing.assert_allclose(
            pair.predict_proba(X[splits[1][1]]), fixed.predict_proba(scores[1]), rtol=1e-9
        )
    else:
        fixed = clone(calibrator).fit(
            np.concatenate(scores), np.concatenate([y[test] for _, test in splits])
        )
        new = GaussianNB().fit(X, y).predict_proba(X)
        np.testing.assert_allclose(proba, fixed.predict_proba(new), rtol=1e-9)


def test_a_missing_class_has_no_decision_value():
    X, y = problem()
    splits = [(np.flatnonzero(y != 1), np.arange(y.size))]
    joined = CalibratedClassifier(LinearSVC(), TemperatureScaler(), cv=splits)
    with pytest.raises(ValueError, match="without the class 1, for which it has no decision value"):
        joined.fit(X, y)


@every_calibrator
def test_a_test_part_that_misses_a_class(calibrator):
    """As in time series: the calibrator is told all classes."""
    X, y = problem()
    test = np.flatnonzero(y != 2)[:60]
    splits = [(np.setdiff1d(np.arange(y.size), test), test)]
    joined = CalibratedClassifier(GaussianNB(), calibrator, cv=splits).fit(X, y)
    assert joined.predict_proba(X).shape == (y.size, 3)
    np.testing.assert_array_equal(joined.calibrated_classifiers_[0].calibrator.classes_, [0, 1, 2])


def test_a_foreign_calibrator_of_a_part_that_misses_a_class():
    """It never saw the class, hence gives it no probability."""
    X, y = problem()
    test = np.flatnonzero(y != 1)[:60]
    splits = [(np.setdiff1d(np.arange(y.size), test), test)]
    joined = CalibratedClassifier(GaussianNB(), LogisticRegression(), cv=splits).fit(X, y)
    proba = joined.predict_proba(X)
    np.testing.assert_array_equal(proba[:, 1], 0)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


# Labels


@every_calibrator
@both_modes
@pytest.mark.parametrize("model", [GaussianNB(), LinearSVC()], ids=repr)
def test_the_names_of_the_labels_do_not_matter(calibrator, ensemble, model):
    X, y = problem()
    joined = CalibratedClassifier(model, calibrator, cv=2, ensemble=ensemble)
    expected = clone(joined).fit(X, y).predict_proba(X)
    for names in ([1, 2, 3], [-1, 0, 1], ["x", "y", "zz"], [0.0, 1.0, 2.0]):
        labels = np.array(names)[y]
        for same in (labels, pd.Series(labels, index=np.arange(5, 5 + y.size)), labels.tolist()):
            named = clone(joined).fit(X, same)
            np.testing.assert_array_equal(named.predict_proba(X), expected)
            np.testing.assert_array_equal(
                named.predict(X), np.array(names)[expected.argmax(axis=1)]
            )


def sharpness(model, names):
    """Mean largest probability of three classes that are easy to tell apart."""
    X, y = make_classification(600, 10, n_informative=5, n_classes=3, random_state=0)
    return model.fit(X, np.array(names)[y]).predict_proba(X).max(axis=1).mean()


OTHER_CODINGS = [[1, 2, 3], [-1, 0, 1]]


@pytest.mark.parametrize("names", OTHER_CODINGS)
def test_no_collapse_with_labels_that_do_not_start_at_zero(names):
    model = CalibratedClassifier(LogisticRegression(), TemperatureScaler(), cv=3)
    assert sharpness(model, names) == pytest.approx(sharpness(model, [0, 1, 2]), rel=1e-9)
    assert sharpness(model, names) > 0.6


@pytest.mark.xfail(
    strict=True,
    reason="scikit-learn does not encode labels for method='temperature': all probabilities are 1/3. "
    "Once this passes, tell so in the documentation and drop this test",
)
@pytest.mark.parametrize("names", OTHER_CODINGS)
def test_scikit_learn_collapses_there(names):
    model = CalibratedClassifierCV(LogisticRegression(), method="temperature", cv=3)
    assert sharpness(model, [0, 1, 2]) > 0.6
    assert sharpness(model, names) > 0.6


# Features of any kind


def test_feature_names():
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    joined = CalibratedClassifier(LogisticRegression(), TemperatureScaler(), cv=2)
    expected = clone(joined).fit(X, y).predict_proba(X)
    joined.fit(frame, pd.Series(y, index=np.arange(y.size)[::-1]))
    np.testing.assert_array_equal(joined.feature_names_in_, list("abcdef"))
    np.testing.assert_array_equal(joined.predict_proba(frame), expected)
    with pytest.raises(ValueError, match="feature names should match"):
        joined.predict_proba(frame[list("fedcba")])
    joined.fit(X, y)
    assert not hasattr(joined, "feature_names_in_")


@both_modes
def test_containers_of_features(ensemble):
    X, y = problem()
    joined = CalibratedClassifier(BernoulliNB(), TemperatureScaler(), cv=2, ensemble=ensemble)
    expected = clone(joined).fit(X, y).predict_proba(X)
    polars = pl.DataFrame(X, schema=list("abcdef"))
    for same in (
        X.tolist(),
        polars,
        polars.to_arrow(),
        sp.csr_array(X),
        sp.coo_array(X),
        np.asfortranarray(X),
    ):
        proba = clone(joined).fit(same, y).predict_proba(same)
        np.testing.assert_allclose(proba, expected, rtol=1e-9)


def test_texts_through_a_pipeline():
    texts = ["good film", "bad film", "good plot", "bad plot", "very good", "very bad"] * 5
    y = np.array(["pos", "neg"] * 15)
    y[::7] = "neg"
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    joined = CalibratedClassifier(model, TemperatureScaler(), cv=3).fit(texts, y)
    assert joined.predict(["good", "bad"]).tolist() == ["pos", "neg"]
    assert not hasattr(joined, "n_features_in_")


# Weights, groups and metadata routing


def test_weights_that_a_pipeline_does_not_take():
    X, y = problem()
    weight = np.arange(1.0, y.size + 1)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    joined = CalibratedClassifier(model, TemperatureScaler(), cv=3, ensemble=False)
    with pytest.warns(UserWarning, match="Pipeline.fit takes no sample_weight") as record:
        joined.fit(X, y, sample_weight=weight)
    assert len(record) == 1
    assert record[0].filename == __file__
    held_out = cross_val_predict(model, X, y, cv=3, method="predict_proba")
    expected = TemperatureScaler().fit(held_out, y, sample_weight=weight).temperature_
    assert joined.calibrated_classifiers_[0].calibrator.temperature_ == pytest.approx(expected)


def test_weights_through_a_pipeline_with_routing():
    X, y = problem()
    weight = np.random.default_rng(0).uniform(0.5, 2, y.size)
    plain = CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=3)
    expected = plain.fit(X, y, sample_weight=weight).predict_proba(X)
    with sklearn.config_context(enable_metadata_routing=True):
        model = make_pipeline(GaussianNB().set_fit_request(sample_weight=True))
        joined = CalibratedClassifier(model, TemperatureScaler(), cv=3)
        joined.fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(joined.predict_proba(X), expected, rtol=1e-9)


@pytest.mark.parametrize("to_estimator", [False, True])
def test_weights_to_the_calibrator_alone_through_a_search(to_estimator):
    """With routing each consumer states what it wants: the scorer, the estimator, and ourselves."""
    X, y = problem()
    weight = np.random.default_rng(0).uniform(0.1, 3, y.size)
    with sklearn.config_context(enable_metadata_routing=True):
        model = GaussianNB().set_fit_request(sample_weight=to_estimator)
        joined = CalibratedClassifier(model, TemperatureScaler(), cv=3).set_fit_request(
            sample_weight=True
        )
        search = GridSearchCV(
            joined,
            {"estimator__var_smoothing": [1e-9, 1e-3]},
            scoring=get_scorer("neg_log_loss").set_score_request(sample_weight=False),
            cv=2,
        ).fit(X, y, sample_weight=weight)
    smoothing = search.best_params_["estimator__var_smoothing"]
    temperatures = [
        p.calibrator.temperature_ for p in search.best_estimator_.calibrated_classifiers_
    ]
    expected = []
    for train, test in StratifiedKFold(3).split(X, y):
        own = GaussianNB(var_smoothing=smoothing)
        own.fit(X[train], y[train], sample_weight=weight[train] if to_estimator else None)
        fixed = TemperatureScaler().fit(
            own.predict_proba(X[test]), y[test], sample_weight=weight[test]
        )
        expected.append(fixed.temperature_)
    np.testing.assert_allclose(temperatures, expected, rtol=1e-9)


@pytest.mark.parametrize("routing", [False, True])
@both_modes
def test_groups(routing, ensemble):
    X, y = problem()
    groups = np.arange(y.size) % 7
    joined = CalibratedClassifier(
        GaussianNB(), TemperatureScaler(), cv=GroupKFold(3), ensemble=ensemble
    )
    with sklearn.config_context(enable_metadata_routing=routing):
        joined.fit(X, y, groups=groups)
    splits = GroupKFold(3).split(X, y, groups)
    expected = by_hand(GaussianNB(), TemperatureScaler(), X, y, X, splits, ensemble=ensemble)
    np.testing.assert_allclose(joined.predict_proba(X), expected, rtol=1e-9)


def test_groups_that_are_missing():
    with pytest.raises(ValueError, match="groups"):
        CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=GroupKFold(3)).fit(*problem())


def test_other_fit_parameters_reach_the_estimator():
    X, y = problem()

    class Picky(GaussianNB):
        def fit(self, X, y, sample_weight=None, note=None, constant=None):
            assert note is not None
            assert len(note) == len(y)
            assert constant == "same for all"
            return super().fit(X, y, sample_weight)

    joined = CalibratedClassifier(Picky(), TemperatureScaler(), cv=3, ensemble=False)
    joined.fit(X, y, note=np.arange(y.size), constant="same for all")
    with pytest.raises(TypeError, match="unknown"):
        joined.fit(X, y, unknown=1)


def test_weights_are_checked():
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), TemperatureScaler())
    for bad, message in (
        (np.zeros(y.size), "zero"),
        (-np.ones(y.size), "negative"),
        (np.ones(3), r"sample_weight.shape"),
        (np.full(y.size, np.nan), "sample_weight contains NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            joined.fit(X, y, sample_weight=bad)


# In a search, in a crowd, on disk


def test_searching_calibrators_and_their_parameters():
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), BinningCalibrator(), cv=2)
    search = GridSearchCV(
        joined,
        [
            {"calibrator": [TemperatureScaler(), GaussianNB()]},
            {"calibrator": [BinningCalibrator()], "calibrator__n_bins": [2, 30]},
        ],
        scoring="neg_log_loss",
        cv=2,
    ).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert len(set(scores)) == 4
    by_itself = [
        np.mean(
            [
                -log_loss(
                    y[test],
                    clone(joined)
                    .set_params(**params)
                    .fit(X[train], y[train])
                    .predict_proba(X[test]),
                )
                for train, test in StratifiedKFold(2).split(X, y)
            ]
        )
        for params in search.cv_results_["params"]
    ]
    np.testing.assert_allclose(scores, by_itself, rtol=1e-9)


def test_searching_calibrators_of_a_frozen_model():
    X, y = problem()
    joined = CalibratedClassifier(FrozenEstimator(GaussianNB().fit(X, y)), TemperatureScaler())
    grid = {"calibrator": [TemperatureScaler(), LogisticRegression()]}
    X_cal, y_cal = problem(seed=1)
    search = GridSearchCV(joined, grid, scoring="neg_log_loss", cv=2).fit(X_cal, y_cal)
    model = search.best_estimator_.calibrated_classifiers_[0].estimator
    assert model.estimator is joined.estimator.estimator


def test_n_jobs_changes_nothing():
    X, y = problem()
    alone = CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=3).fit(X, y)
    together = CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=3, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(alone.predict_proba(X), together.predict_proba(X))


@every_calibrator
def test_pickle_and_threads(calibrator):
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), calibrator, cv=2).fit(X, y)
    expected = joined.predict_proba(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(joined)).predict_proba(X), expected)
    with ThreadPoolExecutor(4) as threads:
        for proba in threads.map(joined.predict_proba, [X] * 16):
            np.testing.assert_array_equal(proba, expected)


def test_inside_other_meta_estimators():
    X, y = problem(2)
    joined = CalibratedClassifier(GaussianNB(), TemperatureScaler(), cv=2)
    vote = VotingClassifier([("a", joined), ("b", clone(joined))], voting="soft").fit(X, y)
    np.testing.assert_allclose(vote.predict_proba(X), clone(joined).fit(X, y).predict_proba(X))
    tuned = TunedThresholdClassifierCV(joined, cv=2).fit(X, y)
    np.testing.assert_allclose(tuned.predict_proba(X), vote.predict_proba(X))
    piped = make_pipeline(StandardScaler(), joined).fit(X, y)
    assert piped.predict_proba(X).shape == (y.size, 2)
    twice = CalibratedClassifier(joined, TemperatureScaler(), cv=2).fit(X, y)
    np.testing.assert_allclose(twice.predict_proba(X).sum(axis=1), 1)


def test_single_precision_is_kept():
    X, y = problem()

    class Single(GaussianNB):
        def predict_proba(self, X):
            return super().predict_proba(X).astype(np.float32)

    for calibrator in CALIBRATORS:
        joined = CalibratedClassifier(Single(), calibrator, cv=2).fit(X, y)
        assert joined.predict_proba(X).dtype == np.float32


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"ensemble": "yes"}, "ensemble must be one of 'auto', True, False; got 'yes'"),
        ({"ensemble": None}, "ensemble must be one of"),
        ({"cv": 1}, "k-fold|n_splits"),
    ],
)
def test_parameters(params, message):
    with pytest.raises(ValueError, match=message):
        CalibratedClassifier(GaussianNB(), TemperatureScaler(), **params).fit(*problem())


@pytest.mark.parametrize("calibrator", [None, "sigmoid", IsotonicRegression()], ids=repr)
def test_a_calibrator_is_a_classifier(calibrator):
    with pytest.raises(TypeError, match="calibrator must be a classifier with predict_proba"):
        CalibratedClassifier(GaussianNB(), calibrator).fit(*problem())


def test_a_frozen_model_must_be_fitted():
    with pytest.raises(NotFittedError):
        CalibratedClassifier(FrozenEstimator(GaussianNB()), TemperatureScaler()).fit(*problem())


def test_y_is_checked():
    X, y = problem()
    joined = CalibratedClassifier(GaussianNB(), TemperatureScaler())
    with pytest.raises(ValueError, match="missing labels"):
        joined.fit(X, np.where(y == 0, np.nan, y))
    with pytest.raises(ValueError, match="Unknown label type"):
        joined.fit(X, y + 0.3 * X[:, 0])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        joined.fit(X, y[:-1])
    with pytest.raises(ValueError, match="class"):
        joined.fit(X, 0 * y)
