"""AbstainingClassifier with a guarantee, costs, other confidences, vetoes and groups."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.stats import entropy
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, ShuffleSplit, TunedThresholdClassifierCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sklearn_calib import (
    AbstainingClassifier,
    CalibratedClassifier,
    TemperatureScaler,
    select_threshold,
)
from sklearn_calib.metrics import get_scorer

PROMISE = {"target_accuracy": 0.8, "confidence_level": 0.9}


def problem(n_classes=3, n=800, seed=0):
    return make_classification(
        n, 6, n_informative=4, n_classes=n_classes, class_sep=1.5, random_state=seed
    )


def frozen(X, y):
    return FrozenEstimator(GaussianNB().fit(X[::2], y[::2]))


def held_out(X, y):
    return X[1::2], y[1::2]


def fitted(**params):
    X, y = problem()
    return AbstainingClassifier(frozen(X, y), **params).fit(*held_out(X, y)), X, y


# A guaranteed accuracy


def test_it_is_select_threshold_on_the_held_out_rows():
    careful, X, y = fitted(**PROMISE)
    X_cal, y_cal = held_out(X, y)
    proba = careful.predict_proba(X_cal)
    expected = select_threshold(proba.argmax(axis=1) == y_cal, proba.max(axis=1), **PROMISE)
    assert careful.threshold_ == expected.threshold
    assert careful.guarantee_ == expected.guarantee == careful.selected_.guarantee
    assert careful.selected_.certified
    assert careful.accept(X_cal).mean() == expected.coverage


def test_one_split_without_refit():
    X, y = problem()
    cv = ShuffleSplit(1, test_size=0.5, random_state=0)
    careful = AbstainingClassifier(GaussianNB(), cv=cv, refit=False, **PROMISE).fit(X, y)
    train, test = next(cv.split(X))
    model = GaussianNB().fit(X[train], y[train])
    np.testing.assert_array_equal(careful.predict_proba(X), model.predict_proba(X))
    expected = AbstainingClassifier(FrozenEstimator(model), **PROMISE).fit(X[test], y[test])
    assert careful.threshold_ == expected.threshold_


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "cross-fitting with a refit is for confidence_level=None"),
        ({"refit": False}, "cv must be a single split.*it has 5"),
        ({"target_accuracy": None}, "give target_accuracy too"),
        ({"confidence_level": 1.5}, r"confidence_level must be in \(0, 1\)"),
        ({"threshold": "chow"}, "threshold='chow' needs costs"),
        ({"costs": (1, 0.1)}, "Give at most one of"),
    ],
)
def test_what_cannot_be_promised(params, message):
    with pytest.raises(ValueError, match=message):
        AbstainingClassifier(GaussianNB(), **{**PROMISE, **params}).fit(*problem())


def test_weights_and_a_guarantee():
    X, y = problem()
    with pytest.raises(ValueError, match="sample_weight cannot be used with a guarantee"):
        AbstainingClassifier(frozen(X, y), **PROMISE).fit(X, y, sample_weight=np.ones(y.size))


def test_repr_and_html_say_what_is_guaranteed():
    careful, X, y = fitted(**PROMISE)
    assert careful.guarantee_ in repr(careful)
    assert careful.guarantee_ in careful._repr_html_()
    assert careful.guarantee_ in careful._repr_mimebundle_()["text/html"]
    assert "guarantee" not in repr(clone(careful))
    careful.set_params(target_accuracy=None, confidence_level=None, threshold=0.5).fit(X, y)
    assert not hasattr(careful, "selected_")
    assert careful.guarantee_ == "No accuracy is guaranteed: the threshold was given, not learnt."


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-2]}, cv=2),
        CalibratedClassifier(LinearSVC(), TemperatureScaler(), cv=2),
        TunedThresholdClassifierCV(GaussianNB(), cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("labels", [["ham", "spam"], [False, True], [-1, 1]], ids=str)
def test_around_other_meta_estimators(model, labels):
    X, code = problem(2)
    y = np.array(labels)[code]
    cv = ShuffleSplit(1, test_size=0.5, random_state=0)
    careful = AbstainingClassifier(model, cv=cv, refit=False, **PROMISE).fit(X, y)
    rejected = careful.predict(X) == careful.abstain_label_
    np.testing.assert_array_equal(rejected, ~careful.accept(X))
    copied = pickle.loads(pickle.dumps(careful))
    np.testing.assert_array_equal(copied.predict(X), careful.predict(X))


def test_a_class_that_the_held_out_rows_lack_and_one_class_alone():
    X, y = problem()
    X_cal, y_cal = held_out(X, y)
    few = y_cal != 2
    careful = AbstainingClassifier(frozen(X, y), **PROMISE).fit(X_cal[few], y_cal[few])
    assert careful.classes_.tolist() == [0, 1, 2]
    one = AbstainingClassifier(FrozenEstimator(GaussianNB().fit(X, np.zeros(y.size))), **PROMISE)
    assert one.fit(X, np.zeros(y.size)).accept(X).all()


def test_folds_in_parallel():
    X, y = problem(n=300)
    careful = AbstainingClassifier(GaussianNB(), target_accuracy=0.85, cv=2)
    expected = clone(careful).fit(X, y).threshold_
    assert careful.set_params(n_jobs=2).fit(X, y).threshold_ == expected


# Costs


def test_costs():
    careful, X, y = fitted(costs=(5, 1))
    X_cal, y_cal = held_out(X, y)
    proba = careful.predict_proba(X_cal)
    expected = select_threshold(
        proba.argmax(axis=1) == y_cal, proba.max(axis=1), costs=(5, 1), confidence_level=None
    )
    assert careful.threshold_ == expected.threshold
    assert careful.selected_.cost == expected.cost
    assert fitted(costs=(5, 1), threshold="chow")[0].threshold_ == pytest.approx(0.8)


# Confidence


def slow_margin(proba):
    largest = np.sort(proba, axis=1)
    return largest[:, -1] - largest[:, -2]


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        ("probability", lambda p: p.max(axis=1)),
        ("margin", slow_margin),
        ("entropy", lambda p: -entropy(p, axis=1)),
        (lambda model, X: np.log(model.predict_proba(X).max(axis=1)), lambda p: np.log(p.max(1))),
    ],
    ids=["probability", "margin", "entropy", "callable"],
)
def test_confidences(confidence, expected):
    careful, X, y = fitted(confidence=confidence, target_coverage=0.5)
    X_cal, _ = held_out(X, y)
    values = expected(careful.predict_proba(X_cal))
    accept = careful.accept(X_cal)
    assert accept.mean() == 0.5
    assert values[accept].min() >= values[~accept].max()
    everything = AbstainingClassifier(careful.estimator, confidence=confidence).fit(X, y)
    assert everything.accept(X).all()


def test_a_column_as_confidence_needs_no_probabilities():
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = FrozenEstimator(LinearSVC().fit(frame, y))
    careful = AbstainingClassifier(model, confidence="a", target_coverage=0.25).fit(frame, y)
    np.testing.assert_array_equal(careful.accept(frame), X[:, 0] >= careful.threshold_)
    assert careful.accept(frame).mean() == 0.25


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"confidence": 0.5}, TypeError, "confidence must be one of 'probability'"),
        ({"confidence": "a"}, TypeError, "X must be a data frame, since the column 'a'"),
        ({"veto": 3}, TypeError, "veto must be None, the name of a column"),
        ({"veto": lambda X: X[:, 0]}, ValueError, "veto must give one boolean per row"),
        ({"veto": lambda X: np.ones(len(X), bool)}, ValueError, "All 400 held-out rows are vetoed"),
        ({"per": 3}, TypeError, "per must be None, 'class', the name of a column"),
        ({"per": lambda X: [1]}, ValueError, "per must give one label per row"),
    ],
)
def test_parts_that_are_refused(params, error, message):
    with pytest.raises(error, match=message):
        fitted(target_coverage=0.5, **params)


# Veto


@pytest.mark.parametrize("how", ["column", "callable", "mask"])
def test_vetoed_rows_choose_no_threshold_and_are_never_answered(how):
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef")).assign(known=X[:, 1] > 0.5)
    mask = frame["known"].to_numpy()
    model = frozen(frame.astype(float), y)
    source = {"column": "known", "callable": lambda X: X["b"] > 0.5, "mask": None}[how]
    given = {"veto": mask} if how == "mask" else {}
    careful = AbstainingClassifier(model, veto=source, **PROMISE).fit(frame, y, **given)
    alone = AbstainingClassifier(model, **PROMISE).fit(frame[~mask], y[~mask])
    assert careful.threshold_ == alone.threshold_
    assert careful.n_vetoed_ == mask.sum()
    assert f"{mask.sum()}, are never answered" in careful.guarantee_
    np.testing.assert_array_equal(careful.accept(frame, **given), alone.accept(frame) & ~mask)
    np.testing.assert_array_equal(careful.predict(frame, **given)[mask], careful.abstain_label_)
    np.testing.assert_array_equal(careful.vetoed(frame, **given), mask)


def test_a_veto_as_routed_metadata():
    X, y = problem(n=200)
    mask = X[:, 0] > 0
    with sklearn.config_context(enable_metadata_routing=True):
        careful = AbstainingClassifier(GaussianNB(), target_coverage=0.5, cv=2)
        careful.set_fit_request(veto=True).set_predict_request(veto=True)
        piped = make_pipeline(StandardScaler(), careful).fit(X, y, veto=mask)
        answers = piped.predict(X, veto=mask)
    assert piped[-1].n_vetoed_ == mask.sum()
    assert np.all(answers[mask] == -1)
    assert np.any(answers[~mask] != -1)


# Groups


@pytest.mark.parametrize("simultaneous", [True, False])
def test_one_threshold_per_class(simultaneous):
    promise = {**PROMISE, "target_accuracy": 0.7}
    careful, X, y = fitted(per="class", simultaneous=simultaneous, **promise)
    X_cal, y_cal = held_out(X, y)
    proba = careful.predict_proba(X_cal)
    answer = proba.argmax(axis=1)
    expected = select_threshold(
        answer == y_cal, proba.max(axis=1), groups=answer, simultaneous=simultaneous, **promise
    )
    assert careful.threshold_ == {name: one.threshold for name, one in expected.items()}
    limits = np.array([careful.threshold_[name] for name in answer])
    np.testing.assert_array_equal(careful.accept(X_cal), proba.max(axis=1) >= limits)
    assert careful.guarantee_.count("With confidence") == 3
    assert ("at once" in careful.guarantee_) == simultaneous


def test_groups_by_column_callable_or_with_the_call():
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    groups = np.where(X[:, 0] > 0, "high", "low")
    model = frozen(frame, y)
    with_call = AbstainingClassifier(model, **PROMISE).fit(frame, y, threshold_groups=groups)
    by_function = AbstainingClassifier(
        model, per=lambda X: np.where(X["a"] > 0, "high", "low"), **PROMISE
    ).fit(frame, y)
    assert with_call.threshold_ == by_function.threshold_
    np.testing.assert_array_equal(
        with_call.accept(frame, threshold_groups=groups), by_function.accept(frame)
    )
    with pytest.raises(ValueError, match="threshold_groups must be given, as they were in fit"):
        with_call.accept(frame)
    assert not with_call.accept(frame, threshold_groups=np.full(y.size, "new")).any()


def test_groups_without_a_threshold_to_learn_are_refused():
    X, y = problem()
    model = frozen(X, y)
    for given in ({}, {"threshold": 0.8}, {"threshold": "chow", "costs": (1, 0.2)}):
        careful = AbstainingClassifier(model, **given)
        with pytest.raises(
            ValueError, match="per and threshold_groups are for thresholds that are"
        ):
            careful.fit(X, y, threshold_groups=y)
        with pytest.raises(
            ValueError, match="per and threshold_groups are for thresholds that are"
        ):
            clone(careful).set_params(per="class").fit(X, y)
        with pytest.raises(ValueError, match="fit learnt no thresholds of groups"):
            careful.fit(X, y).predict(X, threshold_groups=y)


def test_scores_see_the_guaranteed_threshold():
    careful, X, y = fitted(**PROMISE)
    scorer = get_scorer("answered_coverage")
    assert scorer(careful, X, y) == pytest.approx(careful.accept(X).mean())
