"""What reliability diagrams share: diagonal, histogram, axes and the numbers in the legend."""

import numpy as np

from sklearn_calib._validation import check_option
from sklearn_calib.display._base import (
    REFERENCE_STYLE,
    axes_below,
    merge_style,
    percent,
    remove_spines,
    show_legend,
)
from sklearn_calib.metrics import calibration_test, score_decomposition

AXIS_LABELS = {
    "positive": ("Mean predicted probability", "Fraction of positives"),
    "confidence": ("Mean confidence", "Accuracy"),
    "record": ("Stated confidence", "Accuracy"),
}
FIGSIZE = (5.0, 5.7)  # inches: a square diagram above its histogram
LEGEND_NUMBERS = ("ece", "decomposition", "pvalue")
_HISTOGRAM_SHARE = 0.17  # of the height
_LIMITS = (-0.02, 1.02)  # room for the markers at 0 and 1
_REF_LINE_LABEL = "Perfectly calibrated"


def resolve_kind(kind, y_proba, labels):
    """Return what "auto" means to `calibration_table`: labels tell the classes, else the columns."""
    if kind != "auto":
        return kind
    n_columns = np.shape(y_proba)[1] if np.ndim(y_proba) == 2 else 1
    n_classes = max(2, n_columns) if labels is None else len(labels)
    return "positive" if n_classes == 2 else "confidence"


def name_of_positive(pos_label, labels):
    """Return the label to name at the axis, None where it is not known by name."""
    return pos_label if labels is None or pos_label is not None else list(labels)[-1]


def check_legend_numbers(legend, accepted):
    """Return the names as a tuple; one name or several."""
    names = (legend,) if isinstance(legend, str) else tuple(legend)
    for name in names:
        check_option(name, "legend", accepted)
    return names


def numbers_note(names, y_true, y_proba, **asked):
    """Return text such as "MCB 0.005, DSC 0.071, UNC 0.191, p = 0.03", without the ECE; or None."""
    parts = []
    if "decomposition" in names:
        terms = score_decomposition(y_true, y_proba, **asked)
        parts.append(
            f"MCB {terms.miscalibration:.3f}, DSC {terms.discrimination:.3f}, "
            f"UNC {terms.uncertainty:.3f}"
        )
    if "pvalue" in names:
        p = calibration_test(y_true, y_proba, **asked).pvalue
        parts.append("p < 0.001" if p < 0.001 else f"p = {p:.2g}")
    return ", ".join(parts) or None


def draw_ref_line(ax, ref_line_kwargs):
    """Return the diagonal, unless one is on the axes."""
    for line in ax.lines:
        if line.get_label() == _REF_LINE_LABEL:
            return line
    style = merge_style({**REFERENCE_STYLE, "label": _REF_LINE_LABEL}, ref_line_kwargs)
    return ax.plot([0, 1], [0, 1], **style)[0]


def draw_histogram(ax, models):
    """Share of the weight per bin in axes below; bars of several models stand side by side.

    Models are pairs of a table (or what has lower, upper and share) and a colour. Bars of an earlier
    display stay visible beneath.
    """
    below = axes_below(ax, _HISTOGRAM_SHARE)
    alpha = 0.6 if below.patches else 1.0
    for i, (table, color) in enumerate(models):
        width = (table.upper - table.lower) / len(models)
        look = {"color": color, "edgecolor": "white", "linewidth": 0.5, "alpha": alpha}
        below.bar(table.lower + i * width, table.share, width, align="edge", **look)
    below.yaxis.set_major_formatter(percent)
    below.set_ylabel("Share")
    ax.figure.align_ylabels([ax, below])
    return below


def finish_diagram(ax, histogram_ax, kind, pos_label, despine):
    """Label the axes, set their limits and draw the legend."""
    x_label, y_label = AXIS_LABELS[kind]
    if kind == "positive" and pos_label is not None:
        y_label += f" (label: {pos_label})"
    lowest = histogram_ax or ax
    lowest.set_xlabel(x_label)
    ax.set(xlim=_LIMITS, ylim=_LIMITS, ylabel=y_label)
    if despine:
        remove_spines(ax, lowest)
    show_legend(ax)
