import inspect
import pickle
from unittest.mock import Mock

import numpy as np
import pytest
import sklearn
from sklearn import metrics as sklearn_metrics
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, make_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_calib import AbstainingClassifier, metrics
from sklearn_calib.metrics import (
    answered_accuracy,
    answered_cost,
    answered_coverage,
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    calibration_error,
    coverage,
    coverage_at_accuracy,
    cumulative_calibration_error,
    debiased_calibration_error,
    excess_area_under_risk_coverage_curve,
    get_scorer,
    get_scorer_names,
    overconfidence_error,
    score_decomposition,
    selective_accuracy,
    selective_cost,
    smooth_calibration_error,
    sweep_calibration_error,
    underconfidence_error,
)
from sklearn_calib.metrics._scorers import (
    ClassifierScorer,
    cumulative_statistic,
    discrimination,
    miscalibration,
)

# name: sign, metric, parameters
PROBA_SCORERS = {
    "neg_l1_calibration_error": (-1, calibration_error, {}),
    "neg_l2_calibration_error": (-1, calibration_error, {"norm": "l2"}),
    "neg_l2_squared_calibration_error": (-1, calibration_error, {"norm": "l2", "squared": True}),
    "neg_max_calibration_error": (-1, calibration_error, {"norm": "max"}),
    "neg_l2_squared_debiased_calibration_error": (-1, debiased_calibration_error, {}),
    "neg_sweep_calibration_error": (-1, sweep_calibration_error, {}),
    "neg_smooth_calibration_error": (-1, smooth_calibration_error, {}),
    "neg_ks_calibration_error": (-1, cumulative_statistic, {"statistic": "max"}),
    "neg_kuiper_calibration_error": (-1, cumulative_statistic, {"statistic": "range"}),
    "neg_overconfidence_error": (-1, overconfidence_error, {}),
    "neg_underconfidence_error": (-1, underconfidence_error, {}),
    "neg_brier_miscalibration": (-1, miscalibration, {"loss": "brier"}),
    "neg_log_loss_miscalibration": (-1, miscalibration, {"loss": "log_loss"}),
    "brier_discrimination": (1, discrimination, {"loss": "brier"}),
    "log_loss_discrimination": (1, discrimination, {"loss": "log_loss"}),
    "neg_expected_calibration_error": (-1, calibration_error, {}),
    "neg_maximum_calibration_error": (-1, calibration_error, {"norm": "max"}),
    "selective_accuracy": (1, selective_accuracy, {"coverage": 0.8}),
    "coverage": (1, coverage, {"threshold": 0.8}),
    "neg_area_under_risk_coverage_curve": (-1, area_under_risk_coverage_curve, {}),
    "neg_excess_area_under_risk_coverage_curve": (-1, excess_area_under_risk_coverage_curve, {}),
    "neg_area_under_generalized_risk_coverage_curve": (
        -1,
        area_under_generalized_risk_coverage_curve,
        {},
    ),
    "coverage_at_accuracy": (1, coverage_at_accuracy, {"accuracy": 0.9}),
    "neg_selective_cost": (-1, selective_cost, {"costs": (1.0, 0.2)}),
}
DECISION_SCORERS = {
    "answered_accuracy": (1, answered_accuracy, {}),
    "answered_coverage": (1, answered_coverage, {}),
    "neg_answered_cost": (-1, answered_cost, {"costs": (1.0, 0.2)}),
}
SCORERS = PROBA_SCORERS | DECISION_SCORERS
every_scorer = pytest.mark.parametrize("name", SCORERS)
every_proba_scorer = pytest.mark.parametrize("name", PROBA_SCORERS)

CODINGS = {
    2: [[0, 1], [1, 2], [-1, 1], [False, True], ["no", "yes"]],
    3: [[0, 1, 2], [1, 2, 3], [-1, 0, 1], ["a", "bb", "ccc"]],
}


def make_data(n_classes, coding=None):
    X, code = make_classification(
        120, n_features=4, n_informative=3, n_redundant=0, n_classes=n_classes, flip_y=0.2,
        random_state=0,
    )  # fmt: skip
    return X, code if coding is None else np.array(coding)[code]


def folds(y):
    return list(StratifiedKFold(3).split(y, y))


def by_hand(name, estimator, X, y, **weights):
    """The metric of a fitted estimator, called with all classes of it and of the data."""
    sign, metric, parameters = SCORERS[name]
    if name in DECISION_SCORERS:
        y_pred, labels = estimator.predict(X), estimator.classes_
    else:
        labels = np.union1d(estimator.classes_, y)
        y_pred = np.zeros((len(y), labels.size))
        y_pred[:, np.isin(labels, estimator.classes_)] = estimator.predict_proba(X)
    return sign * metric(y, y_pred, labels=labels, **parameters, **weights)


# In scikit-learn's tools


@every_scorer
@pytest.mark.parametrize(
    ("n_classes", "coding"), [(k, c) for k, codings in CODINGS.items() for c in codings], ids=str
)
def test_cross_validate(name, n_classes, coding):
    X, y = make_data(n_classes, coding)
    classifier = AbstainingClassifier(LogisticRegression(), threshold=0.6)
    scores = cross_validate(
        classifier, X, y, scoring=get_scorer(name), cv=folds(y), error_score="raise"
    )["test_score"]
    expected = [
        by_hand(name, clone(classifier).fit(X[train], y[train]), X[test], y[test])
        for train, test in folds(y)
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


@every_proba_scorer
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("words", [False, True])
def test_a_test_fold_that_misses_a_class(name, n_classes, words):
    X, y = make_data(n_classes, [f"c{k}" for k in range(n_classes)] if words else None)
    classifier = LogisticRegression().fit(X, y)
    rows = y != classifier.classes_[-1]
    score = get_scorer(name)(classifier, X[rows], y[rows])
    assert score == pytest.approx(by_hand(name, classifier, X[rows], y[rows]))


@every_scorer
@pytest.mark.filterwarnings("ignore:The log loss is infinite")  # an unseen label has probability 0
@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("missing", [0, 1])
def test_a_training_fold_that_misses_a_class(name, n_classes, missing):
    # The unseen label has probability 0; of two classes only one is left.
    X, y = make_data(n_classes, [f"c{k}" for k in range(n_classes)])
    train = np.flatnonzero(y != f"c{missing}")
    classifier = GaussianNB()
    score = cross_val_score(
        classifier,
        X,
        y,
        scoring=get_scorer(name, **({"threshold": 0.5} if name == "selective_accuracy" else {})),
        cv=[(train, np.arange(y.size))],
        error_score="raise",
    )
    fitted = classifier.fit(X[train], y[train])
    if name == "selective_accuracy":
        proba = fitted.predict_proba(X)
        answered = proba.max(axis=1) >= 0.5
        expected = np.mean(fitted.predict(X)[answered] == y[answered])
    else:
        expected = by_hand(name, fitted, X, y)
    assert score == pytest.approx([expected])


def test_scorers_of_one_number_of_several():
    X, y = make_data(2)
    classifier = LogisticRegression().fit(X, y)
    proba = classifier.predict_proba(X)
    terms = score_decomposition(y, proba, loss="log_loss")
    assert get_scorer("neg_log_loss_miscalibration")(classifier, X, y) == -terms.miscalibration
    assert get_scorer("log_loss_discrimination")(classifier, X, y) == terms.discrimination
    binned = score_decomposition(y, proba, method="bins", n_bins=4)
    scorer = get_scorer("brier_discrimination", method="bins", n_bins=4)
    assert scorer(classifier, X, y) == binned.discrimination
    kuiper = cumulative_calibration_error(y, proba, statistic="range").statistic
    assert get_scorer("neg_kuiper_calibration_error")(classifier, X, y) == -kuiper


def test_an_unseen_label_has_probability_zero():
    # A model that knows only "a" says 1 for it; "b" occurs in a quarter of the rows.
    X, y = np.zeros((8, 1)), np.repeat(["a", "b"], [6, 2])
    one_class = DummyClassifier().fit(X[:2], y[:2])
    assert get_scorer("neg_expected_calibration_error")(one_class, X, y) == -0.25
    assert get_scorer("neg_max_calibration_error", kind="classwise")(one_class, X, y) == -0.25
    assert get_scorer("coverage")(one_class, X, y) == 1
    assert get_scorer("answered_accuracy")(one_class, X, y) == 0.75
    # and where the fold has one class too, all is right
    assert get_scorer("neg_expected_calibration_error")(one_class, X[:6], y[:6]) == 0


def test_beside_scikit_learns_scorers_in_cross_validate_and_search():
    X, y = make_data(2, ["no", "yes"])
    scoring = {
        "log_loss": "neg_log_loss",
        "accuracy": "accuracy",
        "ece": get_scorer("neg_expected_calibration_error"),
        "selective": get_scorer("selective_accuracy"),
        "answered": get_scorer("answered_accuracy"),
    }
    classifier = LogisticRegression()
    scores = cross_validate(classifier, X, y, scoring=scoring, cv=folds(y), error_score="raise")
    for name in scoring:
        alone = cross_val_score(classifier, X, y, scoring=scoring[name], cv=folds(y))
        np.testing.assert_array_equal(scores[f"test_{name}"], alone)
    np.testing.assert_array_equal(scores["test_answered"], scores["test_accuracy"])

    search = GridSearchCV(
        classifier, {"C": [0.01, 1]}, scoring=scoring, refit="log_loss", cv=folds(y)
    ).fit(X, y)
    for name in scoring:
        np.testing.assert_allclose(
            search.cv_results_[f"mean_test_{name}"][1], np.mean(scores[f"test_{name}"])
        )


@every_proba_scorer
@pytest.mark.parametrize("first", [0, 1])
def test_a_scorer_of_the_other_class_does_not_disturb(name, first):
    # scikit-learn 1.9 keeps one column of two in its cache, under one key whatever the pos_label.
    X, y = make_data(2, [1, 2])
    other = make_scorer(brier_score_loss, response_method="predict_proba", pos_label=1)
    scoring = [("other", other), ("ours", get_scorer(name))]
    scoring = dict(scoring if first == 0 else scoring[::-1])
    scores = cross_validate(LogisticRegression(), X, y, scoring=scoring, cv=folds(y))
    alone = cross_val_score(LogisticRegression(), X, y, scoring=scoring["ours"], cv=folds(y))
    np.testing.assert_array_equal(scores["test_ours"], alone)


class Counting(LogisticRegression):
    """Counts the calls of each method."""

    calls = Mock()

    def predict_proba(self, X):
        self.calls.predict_proba()
        return super().predict_proba(X)

    def predict(self, X):
        self.calls.predict()
        return super().predict(X)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_scorers_share_one_call_per_fold(n_classes):
    X, y = make_data(n_classes)
    Counting.calls.reset_mock()
    scoring = {name: get_scorer(name) for name in SCORERS} | {"accuracy": "accuracy"}
    cross_validate(Counting(), X, y, scoring=scoring, cv=folds(y), error_score="raise")
    assert Counting.calls.predict_proba.call_count == 3
    assert Counting.calls.predict.call_count == 3


def test_pickled_to_other_processes():
    X, y = make_data(3, ["a", "b", "c"])
    scoring = {name: get_scorer(name) for name in SCORERS}
    arguments = {"scoring": scoring, "cv": folds(y), "error_score": "raise"}
    alone = cross_validate(LogisticRegression(), X, y, **arguments)
    together = cross_validate(LogisticRegression(), X, y, n_jobs=2, **arguments)
    for name in SCORERS:
        np.testing.assert_array_equal(together[f"test_{name}"], alone[f"test_{name}"])


@every_scorer
def test_pickled_and_cloned_scorers_score_alike(name):
    X, y = make_data(2)
    classifier, scorer = LogisticRegression().fit(X, y), get_scorer(name)
    for copy in (pickle.loads(pickle.dumps(scorer)), clone(scorer, safe=False)):
        assert copy(classifier, X, y) == scorer(classifier, X, y)
        assert repr(copy) == repr(scorer)


# Weights


@every_scorer
def test_weights_of_a_call(name):
    X, y = make_data(3)
    weight = np.random.default_rng(0).random(y.size)
    classifier = AbstainingClassifier(LogisticRegression(), threshold=0.5).fit(X, y)
    score = get_scorer(name)(classifier, X, y, sample_weight=weight)
    expected = by_hand(name, classifier, X, y, sample_weight=weight)
    assert score == pytest.approx(expected)
    assert score != pytest.approx(by_hand(name, classifier, X, y))


@every_scorer
def test_weights_through_metadata_routing(name):
    X, y = make_data(3)
    weight = np.random.default_rng(0).random(y.size)
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = LogisticRegression().set_fit_request(sample_weight=False)
        arguments = {"cv": folds(y), "params": {"sample_weight": weight}, "error_score": "raise"}
        # scikit-learn 1.8 says it by a TypeError
        with pytest.raises((UnsetMetadataPassedError, TypeError), match="sample_weight"):
            cross_validate(classifier, X, y, scoring=get_scorer(name), **arguments)
        scorer = get_scorer(name).set_score_request(sample_weight=True)
        scores = cross_validate(classifier, X, y, scoring=scorer, **arguments)["test_score"]
        # what one scorer was told does not stick to others of the name
        assert not hasattr(get_scorer(name), "_metadata_request")
    expected = [
        by_hand(
            name,
            clone(classifier).fit(X[train], y[train]),
            X[test],
            y[test],
            sample_weight=weight[test],
        )
        for train, test in folds(y)
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


def test_weights_of_a_search_without_routing_reach_the_scorers():
    # As scikit-learn does it: the weights of fit also weigh the scores.
    X, y = make_data(2)
    weight = np.random.default_rng(0).integers(1, 4, y.size).astype(float)
    search = GridSearchCV(
        LogisticRegression(),
        {"C": [1.0]},
        scoring=get_scorer("neg_expected_calibration_error"),
        cv=folds(y),
        error_score="raise",
    ).fit(X, y, sample_weight=weight)
    expected = [
        by_hand(
            "neg_expected_calibration_error",
            LogisticRegression().fit(X[train], y[train], sample_weight=weight[train]),
            X[test],
            y[test],
            sample_weight=weight[test],
        )
        for train, test in folds(y)
    ]
    assert search.cv_results_["mean_test_score"] == pytest.approx([np.mean(expected)])


# Abstention


@pytest.mark.parametrize("in_pipeline", [False, True])
@pytest.mark.parametrize("coding", [None, ["no", "yes"]])
def test_a_search_over_the_threshold_changes_the_decision_scores(in_pipeline, coding):
    X, y = make_data(2, coding)
    estimator, parameter = AbstainingClassifier(LogisticRegression()), "threshold"
    if in_pipeline:
        estimator = make_pipeline(StandardScaler(), estimator)
        parameter = "abstainingclassifier__threshold"
    scoring = {name: get_scorer(name) for name in SCORERS} | {"accuracy": "accuracy"}
    search = GridSearchCV(
        estimator, {parameter: [0.5, 0.6, 0.7]}, scoring=scoring, refit="answered_accuracy",
        cv=folds(y), error_score="raise",
    ).fit(X, y)  # fmt: skip
    scores = {name: search.cv_results_[f"mean_test_{name}"] for name in scoring}
    assert np.all(np.diff(scores["answered_accuracy"]) > 0)
    assert np.all(np.diff(scores["answered_coverage"]) < 0)
    assert scores["answered_coverage"][0] == 1
    assert scores["answered_accuracy"][0] == pytest.approx(scores["accuracy"][0])
    assert search.best_params_ == {parameter: 0.7}
    # Those of probabilities do not see the threshold of the classifier.
    for name in PROBA_SCORERS:
        assert np.ptp(scores[name]) == 0


def test_an_abstain_label_of_ones_own_is_told_to_the_scorer():
    X, y = make_data(2, ["no", "yes"])
    classifier = AbstainingClassifier(LogisticRegression(), threshold=0.7, abstain_label="ask").fit(
        X, y
    )
    accepted = classifier.accept(X)
    assert get_scorer("answered_coverage", abstain_label="ask")(classifier, X, y) == (
        pytest.approx(accepted.mean())
    )
    expected = accuracy_score(y[accepted], classifier.predict(X)[accepted])
    score = get_scorer("answered_accuracy", abstain_label="ask")(classifier, X, y)
    assert score == pytest.approx(expected)
    assert get_scorer("answered_accuracy")(classifier, X, y) == score  # the classifier tells it


def test_an_abstain_label_of_ones_own_inside_a_pipeline_is_an_error_unless_told():
    X, y = make_data(2, ["no", "yes"])
    careful = AbstainingClassifier(LogisticRegression(), threshold=0.7, abstain_label="ask")
    pipeline = make_pipeline(StandardScaler(), careful).fit(X, y)
    assert 0 < get_scorer("answered_coverage", abstain_label="ask")(pipeline, X, y) < 1
    with pytest.raises(ValueError, match="y_pred holds 'ask', which is neither"):
        get_scorer("answered_accuracy")(pipeline, X, y)


# Names and parameters


def test_names():
    assert get_scorer_names() == sorted(SCORERS)


@every_scorer
def test_scorers_of_names(name):
    scorer = get_scorer(name)
    assert isinstance(scorer, ClassifierScorer)
    assert isinstance(scorer, type(make_scorer(accuracy_score)))
    assert repr(scorer).startswith(f"make_scorer({SCORERS[name][1].__name__}")
    if hasattr(metrics, f"{name}_scorer"):
        assert repr(getattr(metrics, f"{name}_scorer")) == repr(scorer)


def test_exported_scorers_are_those_with_names():
    exported = {name for name in metrics.__all__ if name.endswith("_scorer")} - {"get_scorer"}
    aliases = {"neg_expected_calibration_error", "neg_maximum_calibration_error"}
    assert exported == {f"{name}_scorer" for name in set(SCORERS) - aliases}


@pytest.mark.parametrize("name", ["accuracy", "neg_log_loss", "neg_brier_score", "roc_auc"])
def test_names_of_scikit_learn(name):
    X, y = make_data(2)
    classifier = LogisticRegression().fit(X, y)
    score = sklearn_metrics.get_scorer(name)(classifier, X, y)
    assert get_scorer(name)(classifier, X, y) == score


def test_unknown_names():
    with pytest.raises(ValueError, match=r"'ece' is not a scorer; ours are \['answered_accuracy'"):
        get_scorer("ece")


def test_parameters_are_for_our_own_names():
    with pytest.raises(ValueError, match=r"only; got 'accuracy' with \{'normalize': False\}"):
        get_scorer("accuracy", normalize=False)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("neg_expected_calibration_error", {"n_bins": 15, "kind": "classwise"}),
        ("neg_expected_calibration_error", {"strategy": "quantile"}),
        ("neg_l2_calibration_error", {"squared": True}),
        ("selective_accuracy", {"coverage": 0.5}),
        ("selective_accuracy", {"threshold": 0.6}),  # in place of the coverage
        ("coverage", {"threshold": 0.6}),
        ("coverage_at_accuracy", {"accuracy": 0.85}),
        ("neg_selective_cost", {"costs": (1, 0.4)}),
        ("neg_selective_cost", {"threshold": 0.6}),  # the costs stay
        ("neg_area_under_risk_coverage_curve", {"rule": "trapezoid"}),
    ],
)
def test_parameters(name, parameters):
    X, y = make_data(2, ["no", "yes"])
    classifier = LogisticRegression().fit(X, y)
    sign, metric, defaults = SCORERS[name]
    if name == "selective_accuracy":
        defaults = {}  # threshold and coverage exclude each other
    expected = metric(y, classifier.predict_proba(X), **{**defaults, **parameters})
    score = get_scorer(name, **parameters)(classifier, X, y)
    assert score == pytest.approx(sign * expected)
    assert score != pytest.approx(get_scorer(name)(classifier, X, y))


def test_the_positive_label_of_a_scorer():
    X, y = make_data(2, ["no", "yes"])
    classifier = GaussianNB().fit(X, y)
    for k, label in enumerate(["no", "yes"]):
        scorer = get_scorer("neg_max_calibration_error", pos_label=label, strategy="quantile")
        expected = calibration_error(
            y == label, classifier.predict_proba(X)[:, k], norm="max", strategy="quantile"
        )
        assert scorer(classifier, X, y) == -expected


def test_a_classifier_without_probabilities():
    X, y = make_data(2)
    no_proba = make_pipeline(StandardScaler(), sklearn.svm.LinearSVC()).fit(X, y)
    with pytest.raises(
        TypeError, match="calibration_error needs a fitted classifier with predict_proba"
    ):
        get_scorer("neg_expected_calibration_error")(no_proba, X, y)


# The one method of scikit-learn's scorers that is overridden


def test_the_overridden_method_exists():
    base = ClassifierScorer.__mro__[1]
    assert base is type(make_scorer(accuracy_score))
    parameters = list(inspect.signature(base._score).parameters)
    assert parameters == ["self", "method_caller", "estimator", "X", "y_true", "kwargs"]
    assert callable(base._warn_overlap)
    own = list(inspect.signature(ClassifierScorer._score).parameters)
    assert own == parameters
    assert list(inspect.signature(base.__init__).parameters) == [
        "self",
        "score_func",
        "sign",
        "kwargs",
        "response_method",
    ]


@pytest.mark.parametrize("n_scorers", [1, 2])
def test_the_overridden_method_is_called(monkeypatch, n_scorers):
    X, y = make_data(2)
    called = Mock(side_effect=lambda *_, **__: 0.5)
    monkeypatch.setattr(ClassifierScorer, "_score", called)
    scoring = {name: get_scorer(name) for name in list(SCORERS)[:n_scorers]}
    scores = cross_validate(LogisticRegression(), X, y, scoring=scoring, cv=folds(y))
    assert called.call_count == 3 * n_scorers
    for name in scoring:
        np.testing.assert_array_equal(scores[f"test_{name}"], 0.5)
    assert get_scorer("coverage")(LogisticRegression().fit(X, y), X, y) == 0.5
