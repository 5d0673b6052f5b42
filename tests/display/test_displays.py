"""What all displays promise alike."""

import inspect
import pickle
import subprocess
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sklearn_calib.display
from sklearn_calib.metrics import calibration_table, recalibration_curve, risk_coverage_curve

COMPUTE = {
    "CorpReliabilityDisplay": recalibration_curve,
    "ReliabilityDisplay": calibration_table,
    "RiskCoverageDisplay": risk_coverage_curve,
}
DISPLAYS = [getattr(sklearn_calib.display, name) for name in COMPUTE]
# These have several axes, a row for each group, or time along the axis, and tests of their own.
OTHERS = {
    "CalibrationOverTimeDisplay",
    "EvidenceDisplay",
    "GroupCalibrationDisplay",
    "ReliabilityGridDisplay",
}
assert COMPUTE.keys() | OTHERS == set(sklearn_calib.display.__all__)

pytestmark = pytest.mark.parametrize("Display", DISPLAYS)


def _data(n_classes=2, seed=0):
    X, y = make_classification(
        300, n_informative=6, n_classes=n_classes, class_sep=0.7, random_state=seed
    )
    return X, np.array(["bird", "cat", "dog"])[y]


@pytest.fixture(scope="module", params=[2, 3], ids=["binary", "multiclass"])
def fitted(request):
    X, y = _data(request.param)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:150], y[:150]), X, y


@pytest.fixture(scope="module")
def numbers():
    """Computed numbers of three models, for the constructors."""
    X, y = _data()
    proba = [GaussianNB(var_smoothing=s).fit(X[:150], y[:150]).predict_proba(X) for s in (1, 2, 3)]
    return {name: [compute(y, p) for p in proba] for name, compute in COMPUTE.items()}


def _public_state(display):
    return {name: value for name, value in vars(display).items() if not name.endswith("_")}


def _legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_signatures_follow_one_pattern(Display):
    def names(method):
        parameters = inspect.signature(method).parameters.values()
        kinds = {p.name: p.kind for p in parameters}
        return list(kinds), [name for name, kind in kinds.items() if kind == kind.KEYWORD_ONLY]

    every, keyword_only = names(Display.plot)
    assert every[:2] == ["self", "ax"]
    assert every[2:] == keyword_only
    assert keyword_only[0] == "name"
    assert keyword_only[-1] == "despine"
    assert "curve_kwargs" in keyword_only
    for method, positional in [
        (Display.from_estimator, ["estimator", "X", "y"]),
        (Display.from_predictions, ["y_true", "y_proba"]),
    ]:
        every, keyword_only = names(method)
        assert every == [*positional, *keyword_only, "plot_options"]
        assert keyword_only[0] == "sample_weight"
        assert keyword_only[-2:] == ["name", "ax"]


def test_every_way_returns_a_drawn_display(Display, fitted, numbers):
    classifier, X, y = fitted
    made = [
        Display.from_estimator(classifier, X, y),
        Display.from_predictions(y, classifier.predict_proba(X), labels=classifier.classes_),
    ]
    bare = Display(numbers[Display.__name__][0])
    assert bare.plot() is bare
    for display in [*made, bare]:
        assert isinstance(display, Display)
        assert isinstance(display.ax_, matplotlib.axes.Axes)
        assert display.figure_ is display.ax_.figure
        assert isinstance(display.line_, matplotlib.lines.Line2D)
        assert display.line_ in display.ax_.lines
        assert display.ax_.get_ylabel()
        display.figure_.canvas.draw()


def test_estimator_and_its_predictions_are_one_picture(Display, fitted):
    classifier, X, y = fitted
    weight = np.arange(y.size) % 4
    ours = Display.from_estimator(classifier, X, y, sample_weight=weight)
    theirs = Display.from_predictions(
        y, classifier.predict_proba(X), labels=classifier.classes_, sample_weight=weight
    )
    np.testing.assert_array_equal(ours.line_.get_xydata(), theirs.line_.get_xydata())
    assert ours.ax_.get_ylabel() == theirs.ax_.get_ylabel()
    assert ours.line_.get_label().startswith("Pipeline (")


def test_estimators_must_be_fitted_and_agree_on_the_classes(Display):
    X, y = _data(2)
    X3, y3 = _data(3)
    with pytest.raises(NotFittedError):
        Display.from_estimator(GaussianNB(), X, y)
    models = {"two": GaussianNB().fit(X, y), "three": GaussianNB().fit(X3, y3)}
    with pytest.raises(ValueError, match="same classes_"):
        Display.from_estimator(models, X, y)
    for model in (RidgeClassifier().fit(X, y), GaussianNB, None, {"a": LinearRegression()}):
        with pytest.raises(
            TypeError, match="estimator must be a fitted classifier with predict_pro"
        ):
            Display.from_estimator(model, X, y)


def test_dict_of_estimators(Display, fitted):
    classifier, X, y = fitted
    bayes = GaussianNB().fit(X[:150], y[:150])
    display = Display.from_estimator({"logistic": classifier, "bayes": bayes}, X, y)
    alone = Display.from_estimator(bayes, X, y)
    assert [label.split(" (")[0] for label in _legend(display)[:2]] == ["logistic", "bayes"]
    np.testing.assert_array_equal(display.line_[1].get_xydata(), alone.line_.get_xydata())


def test_given_axes_are_used(Display, numbers, plt):
    figure, axes = plt.subplots(1, 2)
    display = Display(numbers[Display.__name__][0]).plot(axes[1])
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert not axes[0].lines
    assert plt.get_fignums() == [figure.number]


def test_plot_leaves_the_numbers_alone(Display, numbers):
    display = Display(numbers[Display.__name__], name=["a", "b", "c"])
    before = _public_state(display)
    assert not [name for name in vars(display) if name.endswith("_")]
    display.plot()
    after = _public_state(display)
    assert before.keys() == after.keys()
    assert all(after[name] is value for name, value in before.items())


def test_constructor_stores_what_it_is_given(Display, numbers):
    table, name = numbers[Display.__name__], ["a", "b", "c"]
    display = Display(table, name=name)
    assert next(iter(vars(display).values())) is table
    assert display.name is name


def test_pickle(Display, numbers):
    display = Display(numbers[Display.__name__], name=["a", "b", "c"])
    again = pickle.loads(pickle.dumps(display)).plot()
    copy = pickle.loads(pickle.dumps(again))
    assert _legend(copy) == _legend(again)
    np.testing.assert_array_equal(copy.line_[2].get_xydata(), again.line_[2].get_xydata())
    copy.figure_.canvas.draw()


def test_name(Display, numbers):
    first, second, _ = numbers[Display.__name__]
    display = Display(first, name="kept")
    assert display.plot().line_.get_label().startswith("kept")
    assert display.plot(name="other").line_.get_label().startswith("other")
    assert display.name == "kept"
    pair = Display([first, second], name=["one", "two"]).plot()
    assert [line.get_label()[:3] for line in pair.line_] == ["one", "two"]
    for wrong in ("one", ["one"], ["one", "two", "three"]):
        with pytest.raises(ValueError, match="one name for each of 2 models"):
            pair.plot(name=wrong)


@pytest.mark.parametrize(
    "given",
    [
        {"c": "red", "lw": 5, "ls": "--"},
        {"color": "red", "linewidth": 5, "linestyle": "--", "label": "mine"},
    ],
)
def test_curve_kwargs_win_under_any_alias(Display, numbers, given):
    display = Display(numbers[Display.__name__][0], name="model").plot(curve_kwargs=given)
    line = display.line_
    assert same_color(line.get_color(), "red")
    assert line.get_linewidth() == 5
    assert line.get_linestyle() == "--"
    assert line.get_label().startswith(given.get("label", "model"))


def test_curve_kwargs_for_all_or_each(Display, numbers):
    display = Display(numbers[Display.__name__])
    lines = display.plot(curve_kwargs={"linewidth": 4}).line_
    assert [line.get_linewidth() for line in lines] == [4, 4, 4]
    lines = display.plot(curve_kwargs=[{"c": "red"}, None, {"lw": 2}]).line_
    assert same_color(lines[0].get_color(), "red")
    assert lines[2].get_linewidth() == 2
    with pytest.raises(ValueError, match="one dict for each of 3 models; got a list of 2"):
        display.plot(curve_kwargs=[{}, {}])


def test_models_differ_in_colour_marker_and_grey(Display, numbers):
    lines = Display(numbers[Display.__name__] * 2).plot().line_
    assert len({line.get_color() for line in lines}) == 6
    assert len({line.get_marker() for line in lines}) == 6
    grey = [np.dot(matplotlib.colors.to_rgb(line.get_color()), [0.3, 0.6, 0.1]) for line in lines]
    assert np.abs(np.diff(grey)).min() > 0.1  # neighbours, printed without colour


def test_models_on_the_same_axes_go_on_with_colours(Display, numbers, plt):
    together = Display(numbers[Display.__name__], name=["a", "b", "c"]).plot()
    _, ax = plt.subplots()
    lines = []
    for table, name in zip(numbers[Display.__name__], "abc", strict=True):
        lines.append(Display(table, name=name).plot(ax).line_)
    for line, expected in zip(lines, together.line_, strict=True):
        assert line.get_color() == expected.get_color()
        assert line.get_marker() == expected.get_marker()
    assert sorted(t.get_text() for t in ax.get_legend().get_texts()) == sorted(_legend(together))


def test_dict_of_models_each_with_its_own_truth(Display):
    rng = np.random.default_rng(0)
    y, p, w = {}, {}, {}
    for name, n in (("short", 50), ("long", 80)):
        y[name], p[name], w[name] = rng.integers(0, 2, n), rng.random(n), rng.integers(1, 4, n)
    display = Display.from_predictions(y, p, sample_weight=w, kind="record")
    assert display.name == ["short", "long"]
    for name, line in zip(p, display.line_, strict=True):
        alone = Display.from_predictions(y[name], p[name], sample_weight=w[name], kind="record")
        np.testing.assert_array_equal(line.get_xydata(), alone.line_.get_xydata())
    with pytest.raises(ValueError, match="y_true has no entry for 'long'"):
        Display.from_predictions({"short": y["short"]}, p, kind="record")
    with pytest.raises(ValueError, match="y_proba must be one too"):
        Display.from_predictions(y, p["short"], kind="record")
    with pytest.raises(ValueError, match="no model to draw"):
        Display.from_predictions(y, {}, kind="record")


def test_despine(Display, numbers):
    display = Display(numbers[Display.__name__][0])
    for despine in (False, True):
        for ax in display.plot(despine=despine).figure_.axes:
            assert ax.spines["top"].get_visible() is not despine
            assert ax.spines["right"].get_visible() is not despine
            assert ax.spines["left"].get_visible()


def test_forms_of_input_and_read_only(Display):
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 2, 60), rng.random(60).round(2)
    weight = rng.random(60)
    for array in (y, p, weight):
        array.setflags(write=False)
    expected = Display.from_predictions(y, p, sample_weight=weight).line_.get_xydata()
    index = rng.permutation(60)
    forms = [
        (y.tolist(), p.tolist(), weight.tolist()),
        (pd.Series(y, index=index), pd.Series(p, index=index), pd.Series(weight, index=index)),
        (y, pd.DataFrame({"no": (1 - p).round(2), "yes": p}), weight),
        (y, p[:, None], weight),
    ]
    for y_true, y_proba, sample_weight in forms:
        display = Display.from_predictions(y_true, y_proba, sample_weight=sample_weight)
        np.testing.assert_allclose(display.line_.get_xydata(), expected, rtol=1e-12)


def test_clear_error_without_matplotlib(Display, fitted, numbers, monkeypatch):
    classifier, X, y = fitted
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    for draw in (
        lambda: Display.from_estimator(classifier, X, y),
        lambda: Display.from_predictions(y, classifier.predict_proba(X)),
        lambda: Display(numbers[Display.__name__][0]).plot(),
    ):
        with pytest.raises(
            ImportError, match=r"needs matplotlib.*pip install 'sklearn-calib\[plot"
        ):
            draw()


def test_import_does_not_need_matplotlib(Display):
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        f"from sklearn_calib.display import {Display.__name__} as D\n"
        "try: D.from_predictions([0, 1], [0.2, 0.9])\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'sklearn-calib[plot]'" in done.stdout


def test_unknown_options_are_errors(Display, numbers):
    with pytest.raises(TypeError, match="colour"):
        Display.from_predictions([0, 1], [0.2, 0.9], colour="red")
