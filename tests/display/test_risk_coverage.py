import numpy as np
import pytest

from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.display import RiskCoverageDisplay
from sklearn_calib.metrics import (
    area_under_risk_coverage_curve,
    coverage,
    risk_coverage_curve,
    selective_accuracy,
)

# Answered at 0.9: 2 of 4, both right; at 0.8: 3, two right; at 0.7: 4, three right.
CORRECT, CONFIDENCE = [1, 1, 0, 1], [0.9, 0.9, 0.8, 0.7]


@pytest.fixture(scope="module")
def records():
    names = load_mmlu_pro_confidence().models
    data = {name: load_mmlu_pro_confidence(model=name) for name in names}
    return (
        {name: bunch.target for name, bunch in data.items()},
        {name: bunch.data for name, bunch in data.items()},
    )


def _draw(**options):
    return RiskCoverageDisplay.from_predictions(CORRECT, CONFIDENCE, kind="record", **options)


def _legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_by_hand():
    display = _draw(name="model")
    np.testing.assert_allclose(display.line_.get_xydata(), [[0.5, 1], [0.75, 2 / 3], [1, 3 / 4]])
    assert _legend(display) == ["model (AURC 0.146)"]  # (0 + 0 + 1/3 + 1/4) / 4
    assert display.point_ is display.annotation_ is display.target_line_ is None


@pytest.mark.parametrize("metric", ["accuracy", "risk"])
def test_values_are_those_of_the_curve(records, metric):
    display = RiskCoverageDisplay.from_predictions(*records, kind="record", metric=metric)
    for name, line, area in zip(records[0], display.line_, display.area, strict=True):
        y, p = records[0][name], records[1][name]
        curve = risk_coverage_curve(y, p, kind="record")
        np.testing.assert_array_equal(line.get_xdata(), curve.coverage)
        expected = curve.risk if metric == "risk" else 1 - curve.risk
        np.testing.assert_array_equal(line.get_ydata(), expected)
        assert area == area_under_risk_coverage_curve(y, p, kind="record")
        assert line.get_label() == f"{name} (AURC {area:.3f})"
    assert display.ax_.get_ylabel().lower().startswith(metric)


def test_steps_hold_what_is_reached_until_the_next_tie():
    line = _draw().line_
    assert line.get_drawstyle() == "steps-post"
    assert line.get_markevery() == 1  # every point that can be reached


def test_dense_curves_have_few_markers():
    rng = np.random.default_rng(0)
    display = RiskCoverageDisplay.from_predictions(rng.integers(0, 2, 500), rng.random(500))
    assert isinstance(display.line_.get_markevery(), float)
    assert _draw(curve_kwargs={"markevery": 2}).line_.get_markevery() == 2


def test_labels_and_weights_mean_what_they_mean_to_the_metrics():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(3), 80)
    y = np.array(["a", "b", "c"])[rng.integers(0, 3, 80)]
    weight = rng.integers(0, 3, 80)
    display = RiskCoverageDisplay.from_predictions(y, proba, sample_weight=weight)
    expected = risk_coverage_curve(y, proba, sample_weight=weight)
    np.testing.assert_array_equal(display.curve.risk, expected.risk)
    y, p = np.where(y == "a", "ham", "spam"), proba[:, 0]
    for pos_label in ("ham", "spam"):
        display = RiskCoverageDisplay.from_predictions(y, p, pos_label=pos_label)
        expected = risk_coverage_curve(y, p, pos_label=pos_label)
        np.testing.assert_array_equal(display.curve.risk, expected.risk)


@pytest.mark.parametrize(
    ("options", "threshold", "at", "accuracy"),
    [
        ({"target_accuracy": 0.7}, "0.7", 1, 3 / 4),
        ({"target_accuracy": 0.75}, "0.7", 1, 3 / 4),
        ({"target_accuracy": 0.8}, "0.9", 0.5, 1),
        ({"threshold": 0.8}, "0.8", 0.75, 2 / 3),
        ({"threshold": 0.85}, "0.85", 0.5, 1),
        ({"threshold": 0.0}, "0", 1, 3 / 4),
    ],
)
def test_circle_by_hand(options, threshold, at, accuracy):
    for metric in ("accuracy", "risk"):
        display = _draw(metric=metric, **options)
        height = accuracy if metric == "accuracy" else 1 - accuracy
        np.testing.assert_allclose(display.point_.get_xydata(), [[at, height]])
        assert display.annotation_.get_text() == (
            f"confidence ≥ {threshold}\ncoverage {at:.1%}\naccuracy {accuracy:.1%}"
        )


@pytest.mark.parametrize("target", [0.5, 0.62, 0.8, 0.95])
def test_largest_coverage_against_trying_every_threshold(records, target):
    display = RiskCoverageDisplay.from_predictions(*records, kind="record", target_accuracy=target)
    for name, circle in zip(records[0], display.point_, strict=True):
        y, p = records[0][name], records[1][name].ravel()
        tried = [(np.mean(p >= t), np.mean(y[p >= t])) for t in np.unique(p)]
        reached = [pair for pair in tried if pair[1] >= target]
        if reached:
            np.testing.assert_allclose(circle.get_xydata()[0], max(reached))
        else:
            assert circle is None


@pytest.mark.parametrize("threshold", [0.5, 0.93, 1.0])
def test_threshold_means_what_it_means_to_the_metrics(records, threshold):
    display = RiskCoverageDisplay.from_predictions(*records, kind="record", threshold=threshold)
    for name, circle in zip(records[0], display.point_, strict=True):
        asked = {"kind": "record", "threshold": threshold}
        x, y = circle.get_xydata()[0]
        assert x == pytest.approx(coverage(records[0][name], records[1][name], **asked))
        assert y == pytest.approx(selective_accuracy(records[0][name], records[1][name], **asked))


def test_nothing_answered_has_no_circle():
    for options in ({"threshold": 0.95}, {"target_accuracy": 1.0}):
        display = RiskCoverageDisplay.from_predictions(
            [0, 1, 1], [0.9, 0.8, 0.7], kind="record", **options
        )
        assert display.point_ is None
        assert display.annotation_ is None


def test_legend_of_several_models_says_what_is_reached(records):
    display = RiskCoverageDisplay.from_predictions(*records, kind="record", target_accuracy=0.8)
    assert display.annotation_ is None
    assert _legend(display) == [
        "gpt-4o (83.1%, 66.6%, ≥ 0.95)",
        "gpt-4.1-mini (81.2%, 88.6%, ≥ 0.9)",
        "claude-3-5-haiku (93.1%, 5.3%, ≥ 0.98)",
        "deepseek-chat (80.7%, 94.3%, ≥ 0.75)",
        "Meta-Llama-3.1-8B (not reached)",
        "Qwen2.5-7B (not reached)",
        "Target accuracy 80%",
    ]
    assert "coverage" in display.ax_.get_legend().get_title().get_text()


@pytest.mark.parametrize(
    ("confidence", "shown"),
    [
        (0.95, "0.95"),
        (0.99996, "0.9999"),
        (1.0, "1"),
        (np.float32(0.95), "0.95"),
        (0.12345, "0.1234"),
    ],
)
def test_shown_threshold_is_never_above_the_true_one(confidence, shown):
    y_proba = np.array([confidence, 0.01], dtype=np.asarray(confidence).dtype)
    display = RiskCoverageDisplay.from_predictions(
        [1, 0], y_proba, kind="record", target_accuracy=1.0
    )
    assert display.annotation_.get_text().startswith(f"confidence ≥ {shown}\n")


def test_target_line():
    assert _draw(target_accuracy=0.9).target_line_.get_ydata() == [0.9, 0.9]
    risk = _draw(target_accuracy=0.9, metric="risk").target_line_
    np.testing.assert_allclose(risk.get_ydata(), 0.1)
    assert risk.get_label() == "Target accuracy 90%"


def test_a_threshold_is_marked_beside_a_target():
    display = _draw(threshold=0.8, target_accuracy=0.7)
    np.testing.assert_allclose(display.point_.get_xydata(), [[0.75, 2 / 3]])
    assert display.target_line_.get_ydata() == [0.7, 0.7]


def _limits(band):
    """Coverages and heights of the corners of a band."""
    (path,) = band.get_paths()
    return {(round(x, 6), round(y, 6)) for x, y in path.vertices}


@pytest.mark.parametrize("metric", ["accuracy", "risk"])
def test_band_holds_the_intervals_of_each_threshold(metric):
    display = _draw(confidence_level=0.9, metric=metric)
    assert display.n_samples == 4
    z = 1.6448536269514722
    corners = _limits(display.band_)
    # |accuracy - limit| = z sqrt(limit (1 - limit) / n), accuracies 1, 2/3, 3/4 of 2, 3, 4 rows
    for x, accuracy, n in ((0.5, 1, 2), (0.75, 2 / 3, 3), (1, 3 / 4, 4)):
        heights = {y for at, y in corners if at == x}
        limits = {1 - y if metric == "risk" else y for y in heights}
        solved = [
            p
            for p in limits
            if abs(abs(accuracy - p) - z * np.sqrt(max(p * (1 - p), 0) / n)) < 1e-5
        ]
        assert min(solved) < accuracy <= max(solved) or max(solved) == pytest.approx(1)


def test_bands_of_weights_and_of_several_models():
    rows = [0, 0, 1, 2, 3, 3, 3]
    weighted = _draw(sample_weight=[2, 1, 1, 3])
    repeated = RiskCoverageDisplay.from_predictions(
        np.array(CORRECT)[rows], np.array(CONFIDENCE)[rows], kind="record"
    )
    assert weighted.n_samples == repeated.n_samples == 7
    assert _limits(weighted.band_) == _limits(repeated.band_)
    several = RiskCoverageDisplay.from_predictions(
        {"a": CORRECT, "b": CORRECT[:3]}, {"a": CONFIDENCE, "b": CONFIDENCE[:3]}, kind="record"
    )
    assert several.n_samples == [4, 3]
    assert len(several.band_) == 2


def test_no_band_without_level_or_number_of_rows():
    assert _draw(confidence_level=None).band_ is None
    curve = risk_coverage_curve(CORRECT, CONFIDENCE, kind="record")
    assert RiskCoverageDisplay(curve).plot().band_ is None
    with pytest.raises(ValueError, match="n_samples must hold one number for each of 2 curves"):
        RiskCoverageDisplay([curve, curve], n_samples=4).plot()


def test_area_is_optional_and_one_per_curve():
    curve = risk_coverage_curve(CORRECT, CONFIDENCE, kind="record")
    display = RiskCoverageDisplay(curve).plot()
    assert display.ax_.get_legend() is None
    assert _legend(RiskCoverageDisplay(curve, name="a").plot()) == ["a"]
    assert _legend(RiskCoverageDisplay([curve, curve], area=[0.1, 0.2]).plot()) == [
        "AURC 0.100",
        "AURC 0.200",
    ]
    with pytest.raises(ValueError, match="one number for each of 2 curves"):
        RiskCoverageDisplay([curve, curve], area=0.1).plot()


def test_a_few_first_answers_do_not_set_the_scale():
    # The most confident of 1000 answers is wrong: accuracy 0 there, above 0.98 from ten rows on.
    rng = np.random.default_rng(0)
    confidence = np.sort(rng.random(1000))[::-1]
    correct = np.ones(1000)
    correct[0], correct[900:] = 0, 0
    for metric, low, high in (("accuracy", 0.8, 1.05), ("risk", -0.05, 0.2)):
        display = RiskCoverageDisplay.from_predictions(
            correct, confidence, kind="record", metric=metric
        )
        assert low < display.ax_.get_ylim()[0] < display.ax_.get_ylim()[1] < high
        assert display.line_.get_ydata()[0] == (metric == "risk")  # drawn all the same


@pytest.mark.parametrize("metric", ["accuracy", "risk"])
@pytest.mark.parametrize("options", [{}, {"target_accuracy": 0.8}, {"threshold": 0.9}])
def test_nothing_hides_the_points(records, metric, options):
    several = RiskCoverageDisplay.from_predictions(
        *records, kind="record", metric=metric, **options
    )
    singles = [
        RiskCoverageDisplay.from_predictions(
            records[0][name], records[1][name], kind="record", metric=metric, name=name, **options
        )
        for name in records[0]
    ]
    for display in [several, *singles]:
        display.figure_.canvas.draw()
        boxes = [display.ax_.get_legend().get_window_extent()]
        if display.annotation_ is not None:
            boxes.append(display.annotation_.get_window_extent())
            frame = display.ax_.get_window_extent()
            assert frame.x0 < boxes[1].x0 < boxes[1].x1 < frame.x1
            assert frame.y0 < boxes[1].y0 < boxes[1].y1 < frame.y1
            assert not boxes[0].overlaps(boxes[1])
        lines = display.line_ if isinstance(display.line_, list) else [display.line_]
        for line in lines:
            x, y = display.ax_.transData.transform(line.get_xydata()).T
            for box in boxes:
                assert not np.any((x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1))


def test_later_displays_keep_earlier_curves_in_sight(plt):
    _, ax = plt.subplots()
    poor = RiskCoverageDisplay.from_predictions([0, 1, 0, 0], CONFIDENCE, kind="record", ax=ax)
    _draw(ax=ax)
    low, high = ax.get_ylim()
    assert low < poor.line_.get_ydata().min() < poor.line_.get_ydata().max() < high


@pytest.mark.parametrize("correct", [[1, 1, 1], [0, 0, 0]])
def test_always_right_or_always_wrong(correct):
    display = RiskCoverageDisplay.from_predictions(correct, [0.9, 0.8, 0.7], kind="record")
    low, high = display.ax_.get_ylim()
    assert low < correct[0] < high
    display.figure_.canvas.draw()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "error"}, "metric must be one of 'accuracy', 'risk'; got 'error'"),
        ({"confidence_level": 1}, r"confidence_level must be in \(0, 1\)"),
        ({"threshold": 1.5}, r"threshold must be in \[0, 1\]"),
        ({"target_accuracy": 0}, r"target_accuracy must be in \(0, 1\]"),
        ({"target_accuracy": 80}, r"target_accuracy must be in \(0, 1\]"),
    ],
)
def test_wrong_options(options, message, plt):
    with pytest.raises(ValueError, match=message):
        _draw(**options)
    assert not plt.get_fignums()


def test_no_grouped_kinds():
    with pytest.raises(ValueError, match="kind must be one of 'confidence', 'record'"):
        RiskCoverageDisplay.from_predictions(CORRECT, CONFIDENCE, kind="classwise")


@pytest.mark.parametrize("metric", ["accuracy", "risk"])
def test_bands_beyond_the_first_tenth_are_seen_whole(metric):
    curve = risk_coverage_curve(
        [1] * 19 + [0] + [1, 0] * 40, [0.9] * 20 + [0.6] * 80, kind="record"
    )
    display = RiskCoverageDisplay(curve, n_samples=100).plot(metric=metric)
    heights = display.band_.get_paths()[0].vertices[:, 1]
    low, high = display.ax_.get_ylim()
    assert low < heights.min() < heights.max() < high
