"""Answering only where confidence suffices, against brute force over all thresholds."""

import pickle
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    ShuffleSplit,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_calib import AbstainingClassifier, CalibratedClassifier, TemperatureScaler
from sklearn_calib.metrics import (
    answered_accuracy,
    answered_accuracy_scorer,
    answered_coverage,
    answered_coverage_scorer,
    get_scorer,
    selective_accuracy,
)


class StatedConfidence(ClassifierMixin, BaseEstimator):
    """Says what the first column of X holds as the probability of its one answer, 1."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.array([0, 1])
        return self

    def predict(self, X):
        return np.ones(len(X), int)

    def predict_proba(self, X):
        return np.column_stack([1 - np.asarray(X)[:, 0], np.asarray(X)[:, 0]])


def stated(confidence, correct, **params):
    """Learn from stated confidences in the answer 1 and whether it was right."""
    X, weight = np.reshape(confidence, (-1, 1)), params.pop("sample_weight", None)
    frozen = FrozenEstimator(StatedConfidence().fit(X, correct))
    return AbstainingClassifier(frozen, **params).fit(X, correct, sample_weight=weight)


def problem(n_classes=3, n=300, seed=0):
    return make_classification(
        n, 6, n_informative=4, n_classes=n_classes, class_sep=1.5, random_state=seed
    )


# What is learnt


def slow_threshold(confidence, correct, weight, *, accuracy=None, coverage=None):
    """Of all thresholds that meet the target the one that answers most; infinity if none does."""
    best, most = float("inf"), 0
    for threshold in set(confidence):
        answered = confidence >= threshold
        share = Fraction(int(weight[answered].sum()), int(weight.sum()))
        right = Fraction(int(weight[answered & (correct == 1)].sum()), int(weight[answered].sum()))
        met = right >= accuracy if coverage is None else share <= coverage
        if met and share > most:
            best, most = threshold, share
    return best


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("target", [Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(1)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.filterwarnings("ignore:Only .* rows are answered:UserWarning")
@pytest.mark.filterwarnings("ignore:target_.* is :UserWarning")
def test_thresholds_against_brute_force(seed, target, weighted):
    """Few distinct confidences make many ties; weights include zeros."""
    rng = np.random.default_rng(seed)
    confidence = rng.integers(4, 12, 40) / 12
    correct = (rng.random(40) < confidence).astype(int)
    weight = rng.integers(0, 4, 40) if weighted else np.ones(40, int)
    kept = weight > 0
    for name in ("accuracy", "coverage"):
        learnt = stated(
            confidence,
            correct,
            sample_weight=weight if weighted else None,
            **{f"target_{name}": float(target)},
        ).threshold_
        expected = slow_threshold(confidence[kept], correct[kept], weight[kept], **{name: target})
        assert learnt == expected


def test_target_accuracy_by_hand():
    """0.9: 2 of 2 right; 0.8: 3 of 4; 0.7: 4 of 5; 0.6: 4 of 6. At least 0.8 is met down to 0.7."""
    confidence = np.array([0.9, 0.9, 0.8, 0.8, 0.7, 0.6])
    correct = np.array([1, 1, 1, 0, 1, 0])
    with pytest.warns(UserWarning, match="Only 5 rows"):
        careful = stated(confidence, correct, target_accuracy=0.8)
    assert careful.threshold_ == 0.7
    np.testing.assert_array_equal(careful.accept(confidence[:, None]), confidence >= 0.7)
    np.testing.assert_array_equal(careful.predict(confidence[:, None]), [1, 1, 1, 1, 1, -1])


def test_target_coverage_by_hand():
    """Half of six rows are three; the two rows at 0.8 go together, hence two are answered."""
    confidence = np.array([0.9, 0.9, 0.8, 0.8, 0.7, 0.6])
    assert stated(confidence, np.ones(6, int), target_coverage=0.5).threshold_ == 0.9
    assert stated(confidence, np.ones(6, int), target_coverage=4 / 6).threshold_ == 0.8
    assert stated(confidence, np.ones(6, int), target_coverage=1).threshold_ == 0.6


def test_an_unattainable_accuracy_rejects_all_and_tells_the_best():
    """The best is 2 of 3, answering half of the rows, from 0.8 on."""
    confidence, correct = np.array([0.9, 0.85, 0.8, 0.7, 0.6, 0.5]), [0, 1, 1, 0, 0, 0]
    message = (
        r"target_accuracy=0.75 is not reached.*best observed accuracy is 0.6667.*50.00%.*0.8 on"
    )
    with pytest.warns(UserWarning, match=message) as record:
        careful = stated(confidence, correct, target_accuracy=0.75)
    assert record[0].filename == __file__
    assert careful.threshold_ == np.inf
    assert not careful.accept(confidence[:, None]).any()
    np.testing.assert_array_equal(careful.predict(confidence[:, None]), -1)


def test_an_unattainable_coverage_rejects_all_and_says_why():
    message = r"target_coverage=0.3 is below .* 50.00% of the rows share .* 0.9"
    with pytest.warns(UserWarning, match=message):
        careful = stated([0.9, 0.9, 0.7, 0.6], [1, 1, 0, 1], target_coverage=0.3)
    assert careful.threshold_ == np.inf


@pytest.mark.parametrize("target", [{"target_accuracy": 0.85}, {"target_coverage": 0.6}])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_targets_are_learnt_on_held_out_rows(target, n_classes):
    X, y = problem(n_classes)
    careful = AbstainingClassifier(GaussianNB(), cv=4, **target).fit(X, y)
    held_out = cross_val_predict(GaussianNB(), X, y, cv=4, method="predict_proba")
    confidence, correct = held_out.max(axis=1), held_out.argmax(axis=1) == y
    name, value = next(iter(target.items()))
    expected = slow_threshold(
        confidence,
        correct.astype(int),
        np.ones(y.size, int),
        **{name.removeprefix("target_"): Fraction(str(value))},
    )
    assert careful.threshold_ == pytest.approx(expected, rel=1e-12)
    # the model that answers is fitted on all rows
    np.testing.assert_array_equal(careful.predict_proba(X), GaussianNB().fit(X, y).predict_proba(X))


def test_learning_on_the_training_rows_would_promise_too_much():
    """A tree knows its training rows by heart; held out it does not."""
    X, y = problem(n=600)
    tree = DecisionTreeClassifier(min_samples_leaf=5, random_state=0)
    X_test, y_test = X[400:], y[400:]
    X, y = X[:400], y[:400]
    with pytest.warns(UserWarning, match="target_accuracy=0.99 is not reached"):
        AbstainingClassifier(tree, target_accuracy=0.99).fit(X, y)
    by_heart = AbstainingClassifier(FrozenEstimator(clone(tree).fit(X, y)), target_accuracy=0.99)
    answers = by_heart.fit(X, y).predict(X_test)
    assert answered_accuracy(y_test, answers, abstain_label=-1) < 0.95


def test_shuffled_splits_may_hold_rows_out_twice_or_never():
    X, y = problem()
    cv = ShuffleSplit(3, test_size=0.4, random_state=0)
    weight = np.random.default_rng(0).uniform(0.5, 2, y.size)
    careful = AbstainingClassifier(GaussianNB(), target_accuracy=0.85, cv=cv)
    careful.fit(X, y, sample_weight=weight)
    confidence, correct, weights = [], [], []
    for train, test in cv.split(X, y):
        fitted = GaussianNB().fit(X[train], y[train], sample_weight=weight[train])
        proba = fitted.predict_proba(X[test])
        confidence.append(proba.max(axis=1))
        correct.append(proba.argmax(axis=1) == y[test])
        weights.append(weight[test])
    confidence, correct, weights = map(np.concatenate, (confidence, correct, weights))
    reached = [
        t for t in confidence
        if np.average(correct[confidence >= t], weights=weights[confidence >= t]) >= 0.85
    ]  # fmt: skip
    assert careful.threshold_ == min(reached)


# Thresholds that are given


def test_without_threshold_or_target_every_row_is_answered():
    X, y = problem()
    plain = AbstainingClassifier(GaussianNB()).fit(X, y)
    assert plain.threshold_ == 0
    assert plain.accept(X).all()
    np.testing.assert_array_equal(plain.predict(X), GaussianNB().fit(X, y).predict(X))


@pytest.mark.parametrize("threshold", [0, 0.5, 0.8, 1, 1.0])
def test_a_given_threshold(threshold):
    X, y = problem()
    careful = AbstainingClassifier(GaussianNB(), threshold=threshold).fit(X, y)
    model = GaussianNB().fit(X, y)
    accept = model.predict_proba(X).max(axis=1) >= threshold
    np.testing.assert_array_equal(careful.accept(X), accept)
    np.testing.assert_array_equal(careful.predict(X) == careful.abstain_label_, ~accept)
    np.testing.assert_array_equal(careful.predict(X)[accept], model.predict(X)[accept])


def test_decisions_agree_with_the_probability_based_metric():
    X, y = problem()
    careful = AbstainingClassifier(GaussianNB(), threshold=0.8).fit(X, y)
    by_decision = answered_accuracy(y, careful.predict(X), abstain_label=-1)
    by_probability = selective_accuracy(y, careful.predict_proba(X), threshold=0.8)
    assert by_decision == pytest.approx(by_probability)


def test_confidence_is_that_of_the_answer_given():
    """A tuned threshold answers 1 from P(1) = 0.1 on: its confidence in that answer is 0.1."""
    X, y = problem(2)
    tuned = TunedThresholdClassifierCV(GaussianNB(), scoring="recall", cv=2)
    careful = AbstainingClassifier(tuned, threshold=0.5).fit(X, y)
    answer, proba = careful.estimator_.predict(X), careful.predict_proba(X)
    assert np.any(answer != proba.argmax(axis=1))  # or the test shows nothing
    np.testing.assert_array_equal(careful.accept(X), proba[np.arange(y.size), answer] >= 0.5)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"threshold": 0.5, "target_accuracy": 0.9}, ValueError, "Give at most one of"),
        ({"target_accuracy": 0.5, "target_coverage": 0.9}, ValueError, "Give at most one of"),
        ({"threshold": 1.1}, ValueError, r"threshold must be in \[0, 1\]; got 1.1"),
        ({"threshold": -0.1}, ValueError, r"threshold must be in \[0, 1\]"),
        ({"threshold": np.nan}, ValueError, r"threshold must be in \[0, 1\]"),
        ({"threshold": "0.5"}, TypeError, "threshold must be a number or 'chow'; got '0.5'"),
        ({"threshold": True}, TypeError, "threshold must be a number"),
        ({"target_accuracy": 0}, ValueError, r"target_accuracy must be in \(0, 1\]"),
        ({"target_accuracy": 95}, ValueError, r"target_accuracy must be in \(0, 1\]; got 95"),
        ({"target_coverage": 0.0}, ValueError, r"target_coverage must be in \(0, 1\]"),
        ({"target_coverage": 1.5}, ValueError, r"target_coverage must be in \(0, 1\]"),
    ],
)  # fmt: skip
def test_parameters(params, error, message):
    with pytest.raises(error, match=message):
        AbstainingClassifier(GaussianNB(), **params).fit(*problem())


# The label that is no answer


@pytest.mark.parametrize(
    ("labels", "abstain_label", "dtype"),
    [
        (np.array(["a", "bb", "ccc"]), "abstain", "<U7"),
        (np.array(["a", "bb", "ccc"], object), "abstain", None),  # the estimator's choice
        (np.array([0, 1, 2]), -1, np.int64),
        (np.array([-1, 0, 1]), -2, np.int64),
        (np.array([-5, -1, 3]), -6, np.int64),
        (np.array([-128, -1, 127], np.int8), -129, np.int16),
        (np.array([0, 1, 255], np.uint8), -1, np.int16),
        (np.array([0, 1, 2], np.uint64), -1, np.int64),
        (np.array([0.0, 1.0, 2.0]), -1, np.float64),
        (np.array([-1.0, 1.0, 2.0]), -2, np.float64),
        (np.array([False, True]), -1, np.int8),
        (np.array([-1, 1]), -2, np.int64),
        (np.array(["no", "yes"]), "abstain", "<U7"),
    ],
    ids=str,
)
def test_default_labels(labels, abstain_label, dtype):
    X, code = problem(len(labels))
    careful = AbstainingClassifier(GaussianNB(), threshold=0.9).fit(X, labels[code])
    answers, accept = careful.predict(X), careful.accept(X)
    assert 0 < accept.sum() < accept.size
    assert careful.abstain_label_ == abstain_label
    if dtype is not None:
        assert answers.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(answers == abstain_label, ~accept)
    expected = labels[GaussianNB().fit(X, code).predict(X)]
    assert answers[accept].tolist() == expected[accept].tolist()
    np.testing.assert_array_equal(careful.classes_, labels)


@pytest.mark.parametrize(
    ("names", "abstain_label"),
    [(["a", "b", "c"], "ask a human"), ([0, 1, 2], 99), ([0, 1, 2], -0.5), ([0.0, 1.0, 2.0], 7)],
)
def test_a_given_label(names, abstain_label):
    X, code = problem()
    careful = AbstainingClassifier(GaussianNB(), threshold=0.9, abstain_label=abstain_label)
    answers = careful.fit(X, np.array(names)[code]).predict(X)
    np.testing.assert_array_equal(answers == abstain_label, ~careful.accept(X))
    assert set(answers.tolist()) == {*names, abstain_label}


@pytest.mark.parametrize(
    ("names", "abstain_label", "message"),
    [
        (["a", "b", "c"], "b", r"abstain_label='b' is one of the classes \['a', 'b', 'c'\]"),
        ([0, 1, 2], 2, "abstain_label=2 is one of the classes"),
        ([0, 1, 2], True, "abstain_label=True is one of the classes"),
        ([0, 1, 2], "abstain", "abstain_label must be a number, as the classes"),
        (["a", "b", "c"], -1, "abstain_label must be a string, as the classes"),
        ([0, 1, 2], np.nan, "abstain_label must be a number"),
        ([0, 1, 2], [3], "abstain_label must be a number"),
    ],
)
def test_labels_that_are_refused(names, abstain_label, message):
    X, code = problem()
    careful = AbstainingClassifier(GaussianNB(), abstain_label=abstain_label)
    with pytest.raises(ValueError, match=message):
        careful.fit(X, np.array(names)[code])


# Around and inside others


def test_a_frozen_model_is_not_refitted():
    X, y = problem()
    model = GaussianNB().fit(X, y)
    before = pickle.dumps(model)
    X_cal, y_cal = problem(seed=1)
    careful = AbstainingClassifier(FrozenEstimator(model), target_coverage=0.5).fit(X_cal, y_cal)
    assert pickle.dumps(model) == before
    confidence = model.predict_proba(X_cal).max(axis=1)
    assert np.mean(confidence >= careful.threshold_) == 0.5
    np.testing.assert_array_equal(careful.predict_proba(X), model.predict_proba(X))


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
@pytest.mark.parametrize("params", [{}, {"threshold": 0.8}, {"target_accuracy": 0.9}], ids=str)
def test_around_other_meta_estimators(model, params):
    X, code = problem(2)
    y = np.array(["ham", "spam"])[code]
    careful = AbstainingClassifier(model, cv=2, **params).fit(X, y)
    fitted = clone(model).fit(X, y)
    np.testing.assert_allclose(careful.predict_proba(X), fitted.predict_proba(X))
    accept = careful.accept(X)
    np.testing.assert_array_equal(careful.predict(X)[accept], fitted.predict(X)[accept])
    np.testing.assert_array_equal(careful.predict(X) == "abstain", ~accept)


def search_over_thresholds(estimator, name):
    """Mean scores of three thresholds by decisions and by probabilities."""
    scoring = {
        "accuracy": answered_accuracy_scorer,
        "coverage": answered_coverage_scorer,
        "by_probability": get_scorer("selective_accuracy", threshold=0.5),
    }
    grid = {name: [0.0, 0.7, 0.9]}
    search = GridSearchCV(estimator, grid, scoring=scoring, refit="accuracy", cv=3)
    X, code = problem()
    search.fit(X, np.array(["a", "b", "c"])[code])
    return search, {key: search.cv_results_[f"mean_test_{key}"] for key in scoring}


@pytest.mark.parametrize("piped", [False, True])
def test_a_search_over_the_threshold_changes_the_score_of_decisions(piped):
    """Scores of probabilities cannot see the threshold: predict_proba passes through."""
    careful, name = AbstainingClassifier(GaussianNB()), "threshold"
    if piped:
        careful = make_pipeline(StandardScaler(), careful)
        name = "abstainingclassifier__threshold"
    search, scores = search_over_thresholds(careful, name)
    assert scores["coverage"][0] == 1
    assert np.all(np.diff(scores["coverage"]) < 0)
    assert np.all(np.diff(scores["accuracy"]) > 0)
    assert len(set(scores["by_probability"])) == 1
    assert search.best_params_ == {name: 0.9}
    X, code = problem()
    by_hand = []
    for train, test in StratifiedKFold(3).split(X, code):
        # naive Bayes scales each feature by itself: standardisation changes nothing
        proba = GaussianNB().fit(X[train], code[train]).predict_proba(X[test])
        answered = proba.max(axis=1) >= 0.9
        by_hand.append(np.mean(proba.argmax(axis=1)[answered] == code[test][answered]))
    assert scores["accuracy"][2] == pytest.approx(np.mean(by_hand))


def test_scorers_need_the_label_only_if_it_was_chosen():
    X, y = problem()
    careful = AbstainingClassifier(GaussianNB(), threshold=0.9, abstain_label=7)
    told = get_scorer("answered_coverage", abstain_label=7)
    scores = cross_validate(careful, X, y, scoring={"told": told}, cv=2)["test_told"]
    by_hand = []
    for train, test in StratifiedKFold(2).split(X, y):
        answers = clone(careful).fit(X[train], y[train]).predict(X[test])
        by_hand.append(answered_coverage(y[test], answers, abstain_label=7))
    np.testing.assert_allclose(scores, by_hand)
    assert max(scores) < 1


def test_abstentions_count_as_errors_in_plain_accuracy():
    X, y = problem()
    careful = AbstainingClassifier(GaussianNB(), threshold=0.9).fit(X, y)
    answers = careful.predict(X)
    expected = answered_accuracy(y, answers, abstain_label=-1) * np.mean(careful.accept(X))
    assert careful.score(X, y) == pytest.approx(expected)


def test_an_estimator_without_probabilities():
    X, y = problem()
    message = "estimator must have predict_proba.*wrap LinearSVC in CalibratedClassifier"
    for parameters in ({}, {"threshold": 0.9}, {"target_accuracy": 0.9}):
        with pytest.raises(TypeError, match=message):
            AbstainingClassifier(LinearSVC(), **parameters).fit(X, y)
    assert not hasattr(AbstainingClassifier(LinearSVC()), "predict_proba")


def test_a_frozen_model_must_be_fitted():
    with pytest.raises(NotFittedError):
        AbstainingClassifier(FrozenEstimator(GaussianNB())).fit(*problem())


def test_pickle_clone_and_a_second_fit():
    X, y = problem()
    careful = AbstainingClassifier(GaussianNB(), target_coverage=0.5, cv=2)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    careful.fit(frame, np.array(["a", "b", "c"])[y])
    np.testing.assert_array_equal(careful.feature_names_in_, list("abcdef"))
    copied = pickle.loads(pickle.dumps(careful))
    np.testing.assert_array_equal(copied.predict(frame), careful.predict(frame))
    fresh = clone(careful).fit(X, y)
    again = careful.fit(X, y)
    assert vars(again).keys() == vars(fresh).keys()
    np.testing.assert_array_equal(again.predict(X), fresh.predict(X))
    assert again.abstain_label_ == -1


def test_sparse_features():
    X, y = problem()
    dense = AbstainingClassifier(BernoulliNB(), target_coverage=0.5, cv=2)
    sparse = clone(dense).fit(sp.csr_array(X), y)
    dense.fit(X, y)
    np.testing.assert_array_equal(sparse.predict(sp.csr_array(X)), dense.predict(X))


# Weights, groups and metadata routing


@pytest.mark.parametrize("routing", [False, True])
def test_groups(routing):
    X, y = problem()
    groups = np.arange(y.size) % 5
    careful = AbstainingClassifier(GaussianNB(), target_coverage=0.5, cv=GroupKFold(5))
    with sklearn.config_context(enable_metadata_routing=routing):
        careful.fit(X, y, groups=groups)
    held_out = cross_val_predict(
        GaussianNB(), X, y, cv=list(GroupKFold(5).split(X, y, groups)), method="predict_proba"
    )
    assert np.mean(held_out.max(axis=1) >= careful.threshold_) == 0.5


def test_weights_are_those_of_the_estimator_and_of_the_threshold():
    X, y = problem()
    weight = np.random.default_rng(0).uniform(0.2, 3, y.size)
    plain = AbstainingClassifier(GaussianNB(), target_accuracy=0.9, cv=2)
    plain.fit(X, y, sample_weight=weight)
    expected = GaussianNB().fit(X, y, sample_weight=weight).predict_proba(X)
    np.testing.assert_array_equal(plain.predict_proba(X), expected)
    with sklearn.config_context(enable_metadata_routing=True):
        piped = make_pipeline(GaussianNB().set_fit_request(sample_weight=True))
        routed = AbstainingClassifier(piped, target_accuracy=0.9, cv=2)
        routed.fit(X, y, sample_weight=weight)
    assert routed.threshold_ == pytest.approx(plain.threshold_)
    np.testing.assert_allclose(routed.predict_proba(X), expected)


def test_weights_that_a_pipeline_does_not_take():
    X, y = problem()
    careful = AbstainingClassifier(make_pipeline(GaussianNB()), target_accuracy=0.9)
    with pytest.warns(UserWarning, match="Pipeline.fit takes no sample_weight: .* by Abstaining"):
        careful.fit(X, y, sample_weight=np.ones(y.size))


def test_weights_are_checked():
    X, y = problem()
    test = np.arange(100)
    held_out = AbstainingClassifier(
        GaussianNB(), target_coverage=0.5, cv=[(np.arange(100, y.size), test)]
    )
    with pytest.raises(ValueError, match=r"sample_weight .*zero"):
        held_out.fit(X, y, sample_weight=(np.arange(y.size) >= 100).astype(float))
    for bad, message in ((np.zeros(y.size), "zero"), (-np.ones(y.size), "negative")):
        with pytest.raises(ValueError, match=f"sample_weight .*{message}"):
            AbstainingClassifier(GaussianNB()).fit(X, y, sample_weight=bad)
