import pickle
import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB

from sklearn_calib.display import ReliabilityGridDisplay
from sklearn_calib.metrics import calibration_table, expected_calibration_error


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return rng.integers(0, 3, 120), rng.dirichlet([1, 1, 1], 120), rng.integers(1, 4, 120)


def test_a_panel_for_each_class(rows):
    y, proba, weight = rows
    display = ReliabilityGridDisplay.from_predictions(y, proba, sample_weight=weight)
    assert list(display.tables) == ["0", "1", "2"]
    for k, (ax, panel) in enumerate(zip(display.axes_, display.displays_, strict=True)):
        table = calibration_table(y == k, proba[:, k], sample_weight=weight)
        expected = np.column_stack([table.confidence, table.accuracy])
        np.testing.assert_allclose(panel.line_.get_xydata(), expected)
        error = expected_calibration_error(y == k, proba[:, k], sample_weight=weight)
        assert ax.get_title() == f"{k} (ECE {error:.3f})"
        assert panel.ax_ is ax
        assert ax.figure is display.figure_
    display.figure_.canvas.draw()


def test_a_panel_for_each_group(rows):
    y, proba, weight = rows
    group = np.where(np.arange(y.size) % 3 == 0, "old", "new")
    display = ReliabilityGridDisplay.from_predictions(
        y, proba, groups=group, sample_weight=weight, labels=range(3)
    )
    assert list(display.tables) == ["new", "old"]
    for name, table in display.tables.items():
        of = group == name
        expected = calibration_table(y[of], proba[of], sample_weight=weight[of], labels=range(3))
        np.testing.assert_allclose(table.gap, expected.gap)
    assert display.axes_[0].get_ylabel() == "Accuracy"
    assert display.axes_[1].get_ylabel() == ""


def test_a_group_need_not_hold_every_class(rows):
    y, proba, _ = rows
    display = ReliabilityGridDisplay.from_predictions(y, proba, groups=y)
    named = ReliabilityGridDisplay.from_predictions(y, proba, groups=y, labels=[0, 1, 2])
    for name in ("0", "1", "2"):
        np.testing.assert_array_equal(display.tables[name].gap, named.tables[name].gap)
    with pytest.raises(ValueError, match="y_true holds 2 distinct labels but y_proba is about 3"):
        ReliabilityGridDisplay.from_predictions(y[y > 0], proba[y > 0], groups=y[y > 0])


def test_an_estimator_names_its_classes():
    X, y = load_iris(return_X_y=True)
    y = np.array(["setosa", "versicolor", "virginica"])[y]
    display = ReliabilityGridDisplay.from_estimator(GaussianNB().fit(X, y), X, y)
    assert [ax.get_title().split(" (")[0] for ax in display.axes_] == sorted(set(y))


def test_many_panels_fill_rows_and_leave_no_empty_axes():
    rng = np.random.default_rng(0)
    proba, y = rng.dirichlet(np.ones(6), 300), rng.integers(0, 6, 300)
    display = ReliabilityGridDisplay.from_predictions(y, proba)
    assert len(display.figure_.axes) == 6
    assert [bool(ax.get_ylabel()) for ax in display.axes_] == [True, False, False, False] + [
        True,
        False,
    ]


def test_options_of_the_diagram_reach_every_panel(rows):
    display = ReliabilityGridDisplay.from_predictions(*rows[:2], style="bars", histogram=True)
    assert all(panel.bars_ is not None for panel in display.displays_)
    assert all(panel.histogram_ax_ is not None for panel in display.displays_)
    with pytest.raises(TypeError, match="colour"):
        ReliabilityGridDisplay.from_predictions(*rows[:2], colour="red")


def test_pickle_and_a_given_figure(rows, plt):
    figure = plt.figure()
    display = ReliabilityGridDisplay.from_predictions(*rows[:2])
    again = pickle.loads(pickle.dumps(ReliabilityGridDisplay(display.tables))).plot(figure)
    assert again.figure_ is figure
    assert again.axes_.size == 3


def test_wrong_groups(rows):
    with pytest.raises(ValueError, match="groups has 2"):
        ReliabilityGridDisplay.from_predictions(*rows[:2], groups=["a", "b"])
    with pytest.raises(ValueError, match="groups holds missing labels"):
        ReliabilityGridDisplay.from_predictions(*rows[:2], groups=["a", None] * 60)


def test_clear_error_without_matplotlib(rows, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="needs matplotlib"):
        ReliabilityGridDisplay.from_predictions(*rows[:2])
