import numpy as np
import pytest

from sklearn_calib.display import EvidenceDisplay
from sklearn_calib.monitoring import CalibrationMonitor


def stream(n, shift=0.0):
    rng = np.random.default_rng(0)
    p = rng.uniform(0.3, 1, n)
    return (rng.random(n) < p - shift).astype(float), p


def test_path_is_that_of_the_monitor(plt):
    monitor = CalibrationMonitor(0.01).update(*stream(2_000, 0.1), time=np.arange(2_000) // 100)
    periods, report = monitor.periods(), monitor.report()
    display = EvidenceDisplay.from_monitor(monitor)
    expected = [period["log_evidence"] / np.log(10) for period in periods]
    np.testing.assert_allclose(display.line_.get_ydata(), expected)
    assert 10 ** display.line_.get_ydata()[-1] == pytest.approx(report.evidence)
    assert display.line_.get_xdata()[-1] == 2_000
    assert display.ref_line_.get_ydata()[0] == pytest.approx(2)
    assert display.alarm_.get_xdata()[0] == report.alarms[0].row
    texts = [t.get_text() for t in display.ax_.get_legend().get_texts()]
    assert texts == ["alarm at 100", "onset", "alarm"]
    assert display.ax_.get_xlabel() == "Time"
    display.figure_.canvas.draw()


def test_no_evidence_is_drawn_at_the_bottom(plt):
    display = EvidenceDisplay([1, 2], [-5_000.0, 3.0], np.log(20), name="a").plot(despine=True)
    assert display.line_.get_ydata()[0] == -4
    assert display.ax_.get_xlabel() == "Row"
    assert display.alarm_ is None
    bare = EvidenceDisplay([1, 2], [0.0, 3.0], 3.0, alarm=1, onset=0)
    bare.plot(display.ax_, name="b", ref_line=False, mark_alarm=False, curve_kwargs={"lw": 4})
    assert bare.ref_line_ is bare.alarm_ is bare.onset_ is None
    assert bare.line_.get_linewidth() == 4
    assert bare.line_.get_color() != display.line_.get_color()


def test_ticks_are_powers_of_ten(plt):
    display = EvidenceDisplay([1, 2], [0.0, 300.0], 3.0).plot()
    text = display.ax_.yaxis.get_major_formatter()
    assert [text(x) for x in (-1, 0, 0.5, 2, 50)] == ["0.1", "1", "", "100", "1e50"]


def test_a_monitor_without_rows():
    with pytest.raises(ValueError, match="no rows yet"):
        EvidenceDisplay.from_monitor(CalibrationMonitor())
