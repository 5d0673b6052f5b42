"""The parts of reliability diagrams, one by one."""

from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_calib.display._diagram import (
    check_legend_numbers,
    draw_histogram,
    draw_ref_line,
    finish_diagram,
    name_of_positive,
    numbers_note,
    resolve_kind,
)
from sklearn_calib.metrics import calibration_test, score_decomposition


@pytest.mark.parametrize(
    ("shape", "labels", "expected"),
    [
        ((5,), None, "positive"),
        ((5, 1), None, "positive"),
        ((5, 2), None, "positive"),
        ((5, 3), None, "confidence"),
        ((5,), ["no", "yes"], "positive"),
        ((5, 3), ["a", "b", "c"], "confidence"),
    ],
)
def test_auto(shape, labels, expected):
    assert resolve_kind("auto", np.full(shape, 0.5), labels) == expected
    assert resolve_kind("record", np.full(shape, 0.5), labels) == "record"


@pytest.mark.parametrize(
    ("pos_label", "labels", "expected"),
    [
        (None, None, None),
        ("yes", None, "yes"),
        (None, ["no", "yes"], "yes"),
        (None, np.array([0, 1]), 1),
        ("no", ["no", "yes"], "no"),
        (0, [0, 1], 0),  # a label that is false is given all the same
    ],
)
def test_positive_label(pos_label, labels, expected):
    assert name_of_positive(pos_label, labels) == expected


def test_names_of_numbers():
    accepted = ("ece", "pvalue")
    assert check_legend_numbers("ece", accepted) == ("ece",)
    assert check_legend_numbers(["pvalue", "ece"], accepted) == ("pvalue", "ece")
    assert check_legend_numbers((), accepted) == ()
    for wrong in ("mce", ["ece", "mce"]):
        with pytest.raises(ValueError, match=r"legend must be one of.*'mce'"):
            check_legend_numbers(wrong, accepted)


def test_note_says_the_numbers_of_the_metrics():
    rng = np.random.default_rng(0)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(int)
    terms, test = score_decomposition(y, p), calibration_test(y, p)
    decomposition = (
        f"MCB {terms.miscalibration:.3f}, DSC {terms.discrimination:.3f}, "
        f"UNC {terms.uncertainty:.3f}"
    )
    assert test.pvalue > 0.001
    assert numbers_note(("decomposition",), y, p) == decomposition
    both = numbers_note(("pvalue", "decomposition"), y, p)
    assert both == f"{decomposition}, p = {test.pvalue:.2g}"
    assert numbers_note(("ece",), y, p) is None
    assert numbers_note((), y, p) is None
    # half of the rows are right where all say 0.99: p is the smallest there is
    assert numbers_note(("pvalue",), [0, 1] * 2_000, np.full(4_000, 0.99)) == "p < 0.001"


def test_one_diagonal(plt):
    ax = plt.subplots()[1]
    line = draw_ref_line(ax, {"ls": "--"})
    np.testing.assert_array_equal(line.get_xydata(), [[0, 0], [1, 1]])
    assert line.get_linestyle() == "--"
    assert draw_ref_line(ax, None) is line
    assert len(ax.lines) == 1


def part(lower, upper, share):
    return SimpleNamespace(lower=np.array(lower), upper=np.array(upper), share=np.array(share))


def test_bars_of_models_share_the_width_of_a_bin(plt):
    ax = plt.subplots()[1]
    one = part([0.0, 0.5], [0.5, 1.0], [0.25, 0.75])
    other = part([0.0], [1.0], [1.0])
    below = draw_histogram(ax, [(one, "C0"), (other, "C1")])
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in below.patches]
    assert bars == [(0, 0.25, 0.25), (0.5, 0.25, 0.75), (0.5, 0.5, 1)]
    assert {bar.get_alpha() for bar in below.patches} == {1}
    assert draw_histogram(ax, [(other, "C2")]) is below
    assert below.patches[-1].get_alpha() < 1  # the earlier bars show through


@pytest.mark.parametrize(
    ("kind", "pos_label", "x_label", "y_label"),
    [
        ("positive", None, "Mean predicted probability", "Fraction of positives"),
        ("positive", 0, "Mean predicted probability", "Fraction of positives (label: 0)"),
        ("confidence", "a", "Mean confidence", "Accuracy"),
        ("record", None, "Stated confidence", "Accuracy"),
    ],
)
@pytest.mark.parametrize("with_histogram", [True, False])
def test_labels_stand_at_the_lowest_axes(plt, kind, pos_label, x_label, y_label, with_histogram):
    ax = plt.subplots()[1]
    below = draw_histogram(ax, [(part([0.0], [1.0], [1.0]), "C0")]) if with_histogram else None
    draw_ref_line(ax, None)
    finish_diagram(ax, below, kind, pos_label, despine=True)
    assert (below or ax).get_xlabel() == x_label
    assert ax.get_ylabel() == y_label
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] < 0 < 1 < ax.get_xlim()[1]  # markers at the ends are whole
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Perfectly calibrated"]
    for axes in {ax, below or ax}:
        assert not axes.spines["top"].get_visible()


def test_spines_stay_unless_told(plt):
    ax = plt.subplots()[1]
    finish_diagram(ax, None, "record", None, despine=False)
    assert ax.spines["top"].get_visible()
    assert ax.get_legend() is None  # nothing has a label
