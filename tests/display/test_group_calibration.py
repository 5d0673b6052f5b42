import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from sklearn_calib.display import GroupCalibrationDisplay
from sklearn_calib.metrics import calibration_by_group


@pytest.fixture
def records():
    """Groups whose gaps are 0.3, 0.1, 0 and -0.2 exactly; the smallest has 40 rows."""
    sizes, gaps = (200, 200, 100, 40), (0.3, 0.1, 0.0, -0.2)
    group = np.repeat(["law", "math", "art", "tiny"], sizes)
    correct = np.concatenate(
        [np.arange(n) < n * (0.7 - g) - 1e-9 for n, g in zip(sizes, gaps, strict=True)]
    )
    return correct, np.full(group.size, 0.7), group


def draw(records, **options):
    correct, confidence, group = records
    return GroupCalibrationDisplay.from_predictions(
        correct, confidence, groups=group, kind="record", **options
    )


def tick_labels(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def test_gaps_and_intervals_are_those_of_the_numbers(records, plt):
    display = draw(records)
    assert tick_labels(display) == ["tiny", "art", "math", "law"]
    gap, height = display.line_.get_xydata().T
    np.testing.assert_array_equal(height, range(4))
    np.testing.assert_allclose(gap, [-0.2, 0, 0.1, 0.3], atol=1e-12)
    numbers = calibration_by_group(*records, kind="record")
    for segment, name in zip(display.interval_.get_segments(), tick_labels(display), strict=True):
        (i,) = np.flatnonzero(numbers.group == name)
        np.testing.assert_allclose(segment[:, 0], [numbers.gap_lower[i], numbers.gap_upper[i]])
    display.figure_.canvas.draw()
    assert "positive: overconfident" in display.ax_.get_xlabel()


def test_filled_markers_are_more_than_noise(records, plt):
    filled = draw(records).ax_.lines[1]
    numbers = calibration_by_group(*records, kind="record")
    sure = (numbers.gap_lower > 0) | (numbers.gap_upper < 0)
    assert 0 < sure.sum() < 4
    np.testing.assert_allclose(np.sort(filled.get_xdata()), np.sort(numbers.gap[sure]))


def test_order_and_number_of_groups(records, plt):
    by_evidence = calibration_by_group(*records, kind="record").group
    assert tick_labels(draw(records, order="evidence")) == by_evidence[::-1].tolist()
    assert set(tick_labels(draw(records, max_groups=2))) == set(by_evidence[:2])
    with pytest.raises(ValueError, match="max_groups must be at least 1; got 0"):
        draw(records, max_groups=0)
    with pytest.raises(ValueError, match="order must be one of 'gap', 'evidence'"):
        draw(records, order="name")


def test_several_models_stand_side_by_side(records, plt):
    correct, confidence, group = records
    models = {"stated": confidence, "mended": np.full(group.size, correct.mean())}
    display = GroupCalibrationDisplay.from_predictions(correct, models, groups=group, kind="record")
    first, second = display.line_
    assert [line.get_label() for line in display.line_] == ["stated", "mended"]
    assert first.get_color() != second.get_color()
    assert np.all(first.get_ydata() > second.get_ydata())
    assert len(display.interval_) == 2
    # a group that one model has no rows of is left out there
    few = calibration_by_group(*(part[:400] for part in records), kind="record")
    pair = GroupCalibrationDisplay([display.result[0], few], name=["all", "few"]).plot()
    assert [len(line.get_xdata()) for line in pair.line_] == [4, 2]


def test_from_estimator_is_from_predictions(plt):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = np.array(["no", "yes"])[(X[:, 0] + rng.normal(size=400) > 0).astype(int)]
    groups = pd.DataFrame({"side": np.where(X[:, 1] > 0, "left", "right")})
    models = {"logistic": LogisticRegression().fit(X, y), "bayes": GaussianNB().fit(X, y)}
    ours = GroupCalibrationDisplay.from_estimator(models, X, y, groups=groups)
    for model, line in zip(models.values(), ours.line_, strict=True):
        theirs = GroupCalibrationDisplay.from_predictions(y, model.predict_proba(X), groups=groups)
        np.testing.assert_allclose(np.sort(line.get_xdata()), np.sort(theirs.line_.get_xdata()))
    one = GroupCalibrationDisplay.from_estimator(models["bayes"], X, y, groups=groups)
    assert one.line_.get_label() == "GaussianNB"


def test_axes_style_and_names(records, plt):
    figure, ax = plt.subplots()
    display = draw(records, ax=ax, name="gpt", curve_kwargs={"c": "red", "ms": 9}, despine=True)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert display.line_.get_color() == "red"
    assert ax.lines[1].get_markersize() == 9
    assert ax.get_legend().get_texts()[0].get_text() == "gpt"
    assert not ax.spines["top"].get_visible()


def test_constructor_pickle_and_no_groups(records, plt):
    result = calibration_by_group(*records, kind="record")
    display = GroupCalibrationDisplay(result, name="a")
    assert display.result is result
    assert pickle.loads(pickle.dumps(display)).plot().line_.get_label() == "a"
    with pytest.warns(UserWarning, match="No group has min_count"):
        empty = draw(records, min_count=999)
    empty.figure_.canvas.draw()


def test_clear_error_without_matplotlib(records, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"needs matplotlib.*pip install 'sklearn-calib\[plot"):
        draw(records)
