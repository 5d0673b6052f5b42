import pickle

import numpy as np
import pytest

from sklearn_calib.datasets import load_nfl_forecasts
from sklearn_calib.display import CalibrationOverTimeDisplay
from sklearn_calib.monitoring import CalibrationMonitor


def stream(n, shift=0.0, start=0):
    rng = np.random.default_rng(0)
    p = rng.uniform(0.3, 1, n)
    return (rng.random(n) < np.where(np.arange(n) < start, p, p - shift)).astype(float), p


def test_gap_and_interval_per_season(plt):
    games = load_nfl_forecasts()
    o, p, season = games.target, games.data[:, 0], games.season
    display = CalibrationOverTimeDisplay.from_predictions(o, p, kind="record", time=season)
    strokes = display.interval_.get_ydata().reshape(-1, 3)
    for i, year in enumerate(range(2015, 2022)):
        d = (p - o)[season == year]
        gap, half = d.mean(), 1.959964 * np.sqrt((d @ d + 0.5) / (d.size + 2) / d.size)
        assert display.line_.get_ydata()[i] == pytest.approx(gap)
        np.testing.assert_allclose(strokes[i, :2], [gap - half, gap + half], rtol=1e-5)
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == list(
        map(str, range(2015, 2022))
    )
    assert display.ax_.get_xlabel() == "Time"
    assert display.alarm_ is display.onset_ is display.tolerance_ is None


def test_weights_and_labels_of_any_kind():
    y, p = np.array(["no", "yes", "yes", "no"] * 5), np.linspace(0.1, 0.9, 20)
    month, weight = np.repeat(["feb", "jan"], 10), np.tile([0, 1, 2, 1], 5)
    display = CalibrationOverTimeDisplay.from_predictions(y, p, time=month, sample_weight=weight)
    rows = np.repeat(np.arange(20), weight)
    for i, name in enumerate(["feb", "jan"]):
        of = rows[month[rows] == name]
        assert display.line_.get_ydata()[i] == pytest.approx(np.mean(p[of] - (y[of] == "yes")))


def test_monitor_with_alarm_and_tolerance(plt):
    monitor = CalibrationMonitor(tolerance=0.02).update(*stream(3_000, 0.2, 1_500))
    first = monitor.report().alarms[0]
    display = CalibrationOverTimeDisplay.from_monitor(monitor, max_periods=10, name="watched")
    assert display.alarm_.get_xdata()[0] == first.row
    assert display.onset_.get_xdata()[0] == first.onset_row
    assert len(display.line_.get_xdata()) <= 10
    assert sum(p.weight for p in display.periods) == 3_000
    total = sum(p.sum_gap for p in display.periods)
    assert total / 3_000 == pytest.approx(monitor.table().gap @ monitor.table().share)
    assert display.tolerance_ is not None
    assert display.ax_.get_xlabel() == "Row"
    texts = [t.get_text() for t in display.ax_.get_legend().get_texts()]
    assert texts == ["watched", "tolerance", "onset", "alarm"]
    display.figure_.canvas.draw()


def test_plot_options(plt):
    monitor = CalibrationMonitor().update(*stream(500, 0.3), time="2026-11-24")
    _, ax = plt.subplots()
    display = CalibrationOverTimeDisplay.from_monitor(
        monitor,
        ax=ax,
        interval=False,
        ref_line=False,
        mark_alarm=False,
        curve_kwargs={"c": "red"},
        despine=True,
    )
    assert display.ax_ is ax
    assert display.interval_ is display.ref_line_ is display.alarm_ is None
    assert display.line_.get_color() == "red"
    assert not ax.spines["top"].get_visible()
    again = pickle.loads(pickle.dumps(display)).plot(ref_line_kwargs={"ls": "-"})
    assert again.ref_line_.get_linestyle() == "-"


def test_errors():
    with pytest.raises(ValueError, match="no rows yet"):
        CalibrationOverTimeDisplay.from_monitor(CalibrationMonitor())
    monitor = CalibrationMonitor().update(1, 0.5)
    with pytest.raises(ValueError, match="max_periods"):
        CalibrationOverTimeDisplay.from_monitor(monitor, max_periods=0)
    with pytest.raises(ValueError, match="confidence_level"):
        CalibrationOverTimeDisplay.from_monitor(monitor, confidence_level=1.5)
    with pytest.raises(ValueError, match="time has 1"):
        CalibrationOverTimeDisplay.from_predictions([0, 1], [0.2, 0.7], time=[1])
