"""What the displays share: one or several models, axes, styles and the legend."""

from collections.abc import Mapping

import numpy as np

from sklearn_calib._optional import import_optional

# Okabe and Ito (2008): told apart with any colour vision. Neighbours differ in lightness as well, and
# each colour has its own marker, for print in grey.
_COLORS = ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7")
_MARKERS = ("o", "s", "^", "D", "v", "P")

# Marks our curves and histograms, so that displays drawn on the same axes go on where the last ended.
_CURVE_ID = "sklearn-calib-curve"
_BELOW_ID = "sklearn-calib-below"

REFERENCE_STYLE = {"color": "0.4", "linestyle": ":", "linewidth": 1.2, "zorder": 1.5}


def import_pyplot():
    """Return `matplotlib.pyplot`, or raise an `ImportError` that says what to install."""
    return import_optional("matplotlib.pyplot", extra="plot")


def as_list(value):
    """Return a list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def one_or_list(values):
    """Return the only value of a list, or the list."""
    return values[0] if len(values) == 1 else values


def predict_models(estimator, X):
    """Return probabilities, class labels and default name of a classifier, or of a dict of them."""
    if not isinstance(estimator, Mapping):
        return _predict(estimator, X), estimator.classes_, type(estimator).__name__
    y_proba = {name: _predict(model, X) for name, model in estimator.items()}
    labels = [model.classes_ for model in estimator.values()]
    if any(not np.array_equal(labels[0], other) for other in labels[1:]):
        raise ValueError("The estimators of one display must have the same classes_.")
    return y_proba, labels[0] if labels else None, None


def _predict(model, X):
    if isinstance(model, type) or not hasattr(model, "predict_proba"):
        raise TypeError(
            f"estimator must be a fitted classifier with predict_proba, or a dict of them; got {model!r}."
        )
    return model.predict_proba(X)


def split_models(y_true, y_proba, sample_weight):
    """Return the names (None for one model) and each model's (y_true, y_proba, sample_weight)."""
    if not isinstance(y_proba, Mapping):
        if isinstance(y_true, Mapping):
            raise ValueError("y_true is a dict of models, so y_proba must be one too.")
        return None, [(y_true, y_proba, sample_weight)]
    if not y_proba:
        raise ValueError("There is no model to draw: the dict is empty.")
    rows = [
        (
            _of_model(y_true, model, "y_true"),
            proba,
            _of_model(sample_weight, model, "sample_weight"),
        )
        for model, proba in y_proba.items()
    ]
    return list(y_proba), rows


def _of_model(value, model, argument):
    if not isinstance(value, Mapping):
        return value
    if model not in value:
        raise ValueError(f"{argument} has no entry for {model!r}, which is a model of y_proba.")
    return value[model]


def model_labels(name, notes):
    """Legend entries such as "gpt-4o (ECE 0.209)"; None where there is neither name nor note."""
    names = [None] * len(notes) if name is None else as_list(name)
    if len(names) != len(notes):
        raise ValueError(f"name must hold one name for each of {len(notes)} models; got {name!r}.")
    return [_label(*pair) for pair in zip(names, notes, strict=True)]


def _label(name, note):
    if name is None or note is None:
        return note if name is None else str(name)
    return f"{name} ({note})"


def axes_to_draw_on(ax, figsize):
    """Return the given axes, or those of a new figure, and their figure."""
    if ax is None:
        _, ax = import_pyplot().subplots(figsize=figsize, layout="constrained")
    return ax, ax.figure


def curves_on(ax):
    """Return the curves that displays have drawn on the axes."""
    return [line for line in ax.lines if str(line.get_gid()).startswith(_CURVE_ID)]


def draw_curves(ax, curves, styles, curve_kwargs):
    """Draw (x, y) pairs, each in its style, which the user's keywords win over; return the lines.

    Colours continue those of earlier curves on the axes.
    """
    if not isinstance(curve_kwargs, list):
        curve_kwargs = [curve_kwargs] * len(curves)
    elif len(curve_kwargs) != len(curves):
        raise ValueError(
            f"curve_kwargs must be a dict, or a list of one dict for each of {len(curves)} models; "
            f"got a list of {len(curve_kwargs)}."
        )
    lines = []
    for (x, y), style, given in zip(curves, styles, curve_kwargs, strict=True):
        default = {**_model_style(len(curves_on(ax))), **style}
        lines += ax.plot(x, y, **merge_style(default, given))
    return lines


def _model_style(index):
    return {
        "color": _COLORS[index % len(_COLORS)],
        "marker": _MARKERS[index % len(_MARKERS)],
        "gid": f"{_CURVE_ID}-{index}",
    }


def merge_style(default, given):
    """Return line keywords where `given` wins over `default`, whichever aliases it uses."""
    line = import_optional("matplotlib.lines", extra="plot").Line2D
    normalize = import_optional("matplotlib.cbook", extra="plot").normalize_kwargs
    return {**normalize(default, line), **normalize(given, line)}


def axes_below(ax, share):
    """Return axes that take this share of the height of `ax`, beneath it, with the same x axis.

    A second call for the same `ax` returns the same axes.
    """
    name = f"{_BELOW_ID}-{ax.figure.axes.index(ax)}"
    for other in ax.figure.axes:
        if other.get_gid() == name:
            return other
    cell = ax.get_subplotspec()
    if cell is None:
        below = _split_position(ax, share)
    else:
        upper, lower = cell.subgridspec(2, 1, height_ratios=(1 - share, share), hspace=0.06)
        ax.set_subplotspec(upper)
        below = ax.figure.add_subplot(lower, sharex=ax)
    below.set_gid(name)
    ax.tick_params(labelbottom=False)
    return below


def _split_position(ax, share):
    """Return the axes below for axes that were placed by hand."""
    left, bottom, width, height = ax.get_position(original=True).bounds
    ax.set_position((left, bottom + share * height, width, (1 - share) * height))
    return ax.figure.add_axes((left, bottom, width, 0.85 * share * height), sharex=ax)


def show_legend(ax, loc="best", **kwargs):
    """Draw a legend if anything on the axes has a label."""
    if ax.get_legend_handles_labels()[1]:
        style = {"fontsize": "small", "title_fontsize": "small", "framealpha": 0.85}
        ax.legend(loc=loc, alignment="left", **style, **kwargs)


def percent(share, _position=None):
    """Return the text of a tick at a share, nothing outside [0, 1]."""
    share = round(share, 9) + 0.0  # ticks are sums: -1e-17 is 0, and no minus sign
    return f"{100 * share:.4g}%" if 0 <= share <= 1 else ""


def remove_spines(*axes):
    """Remove the lines at the top and right of the axes."""
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
