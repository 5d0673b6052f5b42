import numpy as np
import pytest
from matplotlib.colors import same_color
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB

from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.display import ReliabilityDisplay
from sklearn_calib.metrics import CalibrationTable, calibration_table, expected_calibration_error

Y, P = [0, 0, 0, 1], [0.2, 0.2, 0.7, 0.7]  # 0 of 2 at 20 %, 1 of 2 at 70 %


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    return calibration_table(rng.random(500) < p**2, p, sample_weight=rng.random(500))


def _corners(bars):
    """Left, width, bottom and height of bars."""
    boxes = [(b.get_x(), b.get_width(), b.get_y(), b.get_height()) for b in bars]
    return np.array(boxes).T


def test_by_hand():
    display = ReliabilityDisplay.from_predictions(Y, P)
    np.testing.assert_allclose(display.line_.get_xydata(), [[0.2, 0], [0.7, 0.5]])
    assert display.line_.get_label() == "ECE 0.200"  # (2 * 0.2 + 2 * 0.2) / 4
    shares = [bar.get_height() for bar in display.histogram_ax_.patches]
    assert shares == [0.5, 0.5]


def test_points_are_the_table(table):
    display = ReliabilityDisplay(table).plot()
    np.testing.assert_array_equal(display.line_.get_xdata(), table.confidence)
    np.testing.assert_array_equal(display.line_.get_ydata(), table.accuracy)
    assert display.bars_ is None


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_intervals_are_those_of_the_table(table, level):
    display = ReliabilityDisplay(table).plot(confidence_level=level)
    x, y = (values.reshape(-1, 3) for values in display.interval_.get_data())
    low, high = table.accuracy_interval(level)
    np.testing.assert_array_equal(x[:, 0], table.confidence)
    np.testing.assert_array_equal(x[:, 1], table.confidence)
    np.testing.assert_array_equal(y[:, 0], low)
    np.testing.assert_array_equal(y[:, 1], high)
    assert np.isnan(y[:, 2]).all()


def test_shade_lies_between_points_and_diagonal(table):
    (path,) = ReliabilityDisplay(table).plot().gap_.get_paths()
    corners = {tuple(corner) for corner in path.vertices}
    assert corners == set(zip(table.confidence, table.accuracy, strict=True)) | set(
        zip(table.confidence, table.confidence, strict=True)
    )


def test_bars_are_the_table(table):
    display = ReliabilityDisplay(table).plot(style="bars")
    left, width, bottom, height = _corners(display.bars_)
    np.testing.assert_array_equal(left, table.lower)
    np.testing.assert_array_equal(width, table.upper - table.lower)
    np.testing.assert_array_equal(bottom, 0)
    np.testing.assert_array_equal(height, table.accuracy)
    left, _, bottom, height = _corners(display.gap_)
    np.testing.assert_array_equal(left, table.lower)
    np.testing.assert_array_equal(bottom, table.accuracy)
    np.testing.assert_array_equal(height, table.gap)
    assert display.line_.get_linestyle() == "None"  # points alone


def test_histogram_is_the_share_of_the_weight(table):
    left, width, _, height = _corners(ReliabilityDisplay(table).plot().histogram_ax_.patches)
    np.testing.assert_array_equal(left, table.lower)
    np.testing.assert_array_equal(width, table.upper - table.lower)
    np.testing.assert_array_equal(height, table.share)


def test_histograms_of_several_models_stand_side_by_side():
    tables = [calibration_table(Y, P), calibration_table(Y, P[::-1])]
    below = ReliabilityDisplay(tables).plot().histogram_ax_
    left, width, _, _ = _corners(below.patches)
    # the bins (0.1, 0.2] and (0.6, 0.7], first half and second half
    np.testing.assert_allclose(left, [0.1, 0.6, 0.15, 0.65])
    np.testing.assert_allclose(width, 0.05)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [5, "cube_root"])
def test_legend_says_the_calibration_error(strategy, n_bins):
    data = load_mmlu_pro_confidence(model="Qwen2.5-7B")
    asked = {"kind": "record", "strategy": strategy, "n_bins": n_bins}
    display = ReliabilityDisplay.from_predictions(data.target, data.data, name="Qwen", **asked)
    error = expected_calibration_error(data.target, data.data, **asked)
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == [f"Qwen (ECE {error:.3f})", "Perfectly calibrated"]


@pytest.mark.parametrize(
    ("given", "kind", "x_label", "y_label"),
    [
        ({}, "positive", "Mean predicted probability", "Fraction of positives"),
        (
            {"pos_label": 0},
            "positive",
            "Mean predicted probability",
            "Fraction of positives (label: 0)",
        ),
        (
            {"labels": [0, 1]},
            "positive",
            "Mean predicted probability",
            "Fraction of positives (label: 1)",
        ),
        ({"kind": "confidence"}, "confidence", "Mean confidence", "Accuracy"),
        ({"kind": "record"}, "record", "Stated confidence", "Accuracy"),
    ],
)
def test_axes_say_what_is_compared(given, kind, x_label, y_label):
    display = ReliabilityDisplay.from_predictions(Y, P, **given)
    assert display.kind == kind
    assert display.histogram_ax_.get_xlabel() == x_label
    assert display.ax_.get_ylabel() == y_label
    bare = ReliabilityDisplay.from_predictions(Y, P, histogram=False, **given)
    assert bare.ax_.get_xlabel() == x_label
    assert bare.histogram_ax_ is None


@pytest.mark.parametrize(
    ("columns", "labels", "kind"),
    [(2, None, "positive"), (3, None, "confidence"), (3, ["a", "b", "c"], "confidence")],
)
def test_auto_is_what_the_table_means_by_it(columns, labels, kind):
    rng = np.random.default_rng(2)
    proba = rng.dirichlet(np.ones(columns), 90)
    y = np.array(["a", "b", "c"])[np.arange(90) % columns]
    display = ReliabilityDisplay.from_predictions(y, proba, labels=labels)
    expected = calibration_table(y, proba, labels=labels, kind=kind)
    assert display.kind == kind
    np.testing.assert_array_equal(display.line_.get_ydata(), expected.accuracy)


def test_estimator_names_its_positive_class():
    X, y = load_iris(return_X_y=True)
    X, y = X[y > 0, :2], np.array(["setosa", "versicolor", "virginica"])[y[y > 0]]
    classifier = GaussianNB().fit(X, y)
    for pos_label, column in ((None, 1), ("virginica", 1), ("versicolor", 0)):
        display = ReliabilityDisplay.from_estimator(classifier, X, y, pos_label=pos_label)
        label = classifier.classes_[column]
        expected = calibration_table(y == label, classifier.predict_proba(X)[:, column])
        assert display.ax_.get_ylabel() == f"Fraction of positives (label: {label})"
        np.testing.assert_array_equal(display.table.accuracy, expected.accuracy)


@pytest.mark.parametrize("kind", ["classwise", "top_label"])
def test_groups_are_drawn_one_at_a_time(kind):
    X, y = load_iris(return_X_y=True)
    classifier = GaussianNB().fit(X, y)
    with pytest.raises(ValueError, match="one class k at a time"):
        ReliabilityDisplay.from_estimator(classifier, X, y, kind=kind)
    proba = classifier.predict_proba(X)
    with pytest.raises(ValueError, match="one class k at a time"):
        ReliabilityDisplay(calibration_table(y, proba, kind=kind)).plot()
    whole = calibration_table(y, proba, kind="classwise")
    for k in range(3):  # the advice of the message
        display = ReliabilityDisplay.from_predictions(y == k, proba[:, k])
        rows = whole.group == k
        np.testing.assert_array_equal(display.line_.get_xdata(), whole.confidence[rows])
        np.testing.assert_array_equal(display.line_.get_ydata(), whole.accuracy[rows])


def test_shade_is_for_one_model_alone_unless_asked_for(table, plt):
    assert ReliabilityDisplay(table).plot(gap=False).gap_ is None
    assert ReliabilityDisplay([table, table]).plot().gap_ is None
    assert len(ReliabilityDisplay([table, table]).plot(gap=True).gap_) == 2
    _, ax = plt.subplots()
    assert ReliabilityDisplay(table).plot(ax).gap_ is not None
    assert ReliabilityDisplay(table).plot(ax).gap_ is None


def test_parts_can_be_left_out(table):
    display = ReliabilityDisplay(table).plot(
        gap=False, interval=False, histogram=False, ref_line=False
    )
    assert display.ax_.lines[:] == [display.line_]
    assert not display.ax_.collections
    assert display.figure_.axes == [display.ax_]
    assert display.interval_ is display.gap_ is display.ref_line_ is display.bars_ is None


def test_colour_holds_for_all_parts_of_a_model(table):
    for style in ("points", "bars"):
        display = ReliabilityDisplay(table).plot(style=style, curve_kwargs={"c": "purple"})
        assert same_color(display.interval_.get_color(), "purple")
        assert same_color(display.histogram_ax_.patches[0].get_facecolor(), "purple")
        filled = display.bars_[0] if style == "bars" else display.gap_
        assert same_color(np.ravel(filled.get_facecolor())[:3], "purple")


def test_reference_line(table):
    display = ReliabilityDisplay(table).plot(
        ref_line_kwargs={"ls": "-", "c": "red", "label": "y=x"}
    )
    np.testing.assert_array_equal(display.ref_line_.get_xydata(), [[0, 0], [1, 1]])
    assert display.ref_line_.get_linestyle() == "-"
    assert same_color(display.ref_line_.get_color(), "red")
    assert "y=x" in [text.get_text() for text in display.ax_.get_legend().get_texts()]


def _layouts(plt):
    yield plt.subplots()[1]
    yield plt.subplots(2, 3)[1][1, 1]
    yield plt.subplots(1, 2, layout="constrained")[1][0]
    yield plt.subplots(1, 2, layout="tight")[1][0]
    yield plt.figure().add_axes((0.2, 0.3, 0.5, 0.6))


def test_histogram_stands_below_and_is_as_wide(table, plt):
    for ax in _layouts(plt):
        room = ax.get_position()
        display = ReliabilityDisplay(table).plot(ax)
        display.figure_.canvas.draw()
        above, below = (a.get_position() for a in (ax, display.histogram_ax_))
        np.testing.assert_allclose([below.x0, below.x1], [above.x0, above.x1], atol=1e-9)
        assert below.y1 < above.y0
        assert below.height < above.height / 3
        assert display.histogram_ax_.get_xlim() == ax.get_xlim()
        if display.figure_.get_layout_engine() is None:
            assert below.y0 == pytest.approx(room.y0)
            assert above.y1 == pytest.approx(room.y1)
        ax.set_xlim(0.5, 1)
        assert display.histogram_ax_.get_xlim() == (0.5, 1)


def test_second_display_shares_histogram_and_diagonal(table, plt):
    for ax in _layouts(plt):
        first = ReliabilityDisplay(table, name="a").plot(ax)
        size = ax.get_position().bounds
        second = ReliabilityDisplay(table, name="b").plot(ax)
        assert second.histogram_ax_ is first.histogram_ax_
        assert second.ref_line_ is first.ref_line_
        assert ax.get_position().bounds == size
        assert len(first.histogram_ax_.patches) == 2 * len(table)


def test_own_figure_is_square():
    display = ReliabilityDisplay.from_predictions(Y, P)
    display.figure_.canvas.draw()
    box = display.ax_.get_window_extent()
    assert box.width / box.height == pytest.approx(1, abs=0.1)


def test_legend_finds_a_place_beside_points_and_intervals():
    data = load_mmlu_pro_confidence()
    display = ReliabilityDisplay.from_predictions(
        data.target, data.data, kind="record", name="gpt-4o"
    )
    display.figure_.canvas.draw()
    legend = display.ax_.get_legend().get_window_extent()
    for line in (display.line_, display.interval_):
        x, y = display.ax_.transData.transform(line.get_xydata()).T
        assert not np.any((x > legend.x0) & (x < legend.x1) & (y > legend.y0) & (y < legend.y1))


def test_one_bin_and_a_bin_of_no_width():
    one = ReliabilityDisplay.from_predictions([1, 0, 1], [0.95] * 3, kind="record")
    assert one.line_.get_xdata().size == 1
    point = CalibrationTable(
        lower=np.array([0.0, 0.0]),
        upper=np.array([0.0, 1.0]),
        count=np.array([2, 2]),
        weight=np.array([2.0, 2.0]),
        sum_probability=np.array([0.0, 1.3]),
        sum_outcome=np.array([0.0, 1.0]),
    )
    for style in ("points", "bars"):
        ReliabilityDisplay(point).plot(style=style).figure_.canvas.draw()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "curve"}, "style must be one of 'points', 'bars'; got 'curve'"),
        ({"gap": "yes"}, "gap must be one of True, False, 'auto'"),
        ({"confidence_level": 1}, r"confidence_level must be in \(0, 1\)"),
    ],
)
def test_wrong_options(table, options, message, plt):
    with pytest.raises(ValueError, match=message):
        ReliabilityDisplay(table).plot(**options)
    assert not plt.get_fignums()


def test_bars_are_for_one_model(table):
    with pytest.raises(ValueError, match="style='points'"):
        ReliabilityDisplay([table, table]).plot(style="bars")


def test_wrong_kind(table):
    with pytest.raises(ValueError, match="kind must be one of"):
        ReliabilityDisplay(table, kind="auto").plot()
    with pytest.raises(ValueError, match="kind must be one of"):
        ReliabilityDisplay.from_predictions(Y, P, kind="binary")


@pytest.mark.parametrize("style", ["points", "bars"])
def test_outer_bars_of_equal_weight_do_not_reach_where_no_values_are(style):
    # Edges midway between values. Around their means 0.45 and 0.75 the outer bars are symmetric.
    p = [0.4, 0.5, 0.55, 0.65, 0.75, 0.75]
    display = ReliabilityDisplay.from_predictions(
        [0, 1] * 3, p, kind="record", n_bins=3, strategy="quantile", style=style
    )
    bars = display.histogram_ax_.patches if style == "points" else display.bars_.patches
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert ends[0] == pytest.approx((2 * 0.45 - 0.525, 0.525))
    assert ends[1] == pytest.approx((0.525, 0.7))
    assert ends[2] == pytest.approx((0.7, 0.8))
    # one value only
    display = ReliabilityDisplay.from_predictions(
        [0, 1], [0.9, 0.9], kind="record", strategy="quantile"
    )
    bar = display.histogram_ax_.patches[0]
    assert (bar.get_x(), bar.get_width()) == pytest.approx((0.8, 0.2))
