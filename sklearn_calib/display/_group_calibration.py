"""Gap between confidence and accuracy, group by group."""

import numpy as np

from sklearn_calib._validation import check_count, check_option
from sklearn_calib.display._base import (
    REFERENCE_STYLE,
    as_list,
    axes_to_draw_on,
    draw_curves,
    import_pyplot,
    model_labels,
    one_or_list,
    predict_models,
    remove_spines,
    show_legend,
    split_models,
)
from sklearn_calib.metrics import calibration_by_group

_WIDTH = 6.4  # inches
_HEIGHT = (1.1, 0.26)  # inches: of the rest, and of each group
_SPREAD = 0.5  # of the distance between groups, for the models of one
_MOST_GROUPS = 30


class GroupCalibrationDisplay:
    """Gap of each group with its interval, the most overconfident group at the top.

    Filled markers are gaps whose interval, which allows for the number of groups, excludes 0. Several
    models, such as before and after calibration, stand side by side. Make one with `from_estimator` or
    `from_predictions`; the constructor takes computed results and stores them as they are.

    Parameters
    ----------
    result : GroupCalibration or list of GroupCalibration
        One for each model, as `calibration_by_group` returns it.
    name : str or list of str, default=None
        Name of the model, or of each, for the legend.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Where the gaps are.
    line_ : matplotlib Line2D, or list of them for several models
        Gap (x) of each group (y, from 0 at the bottom).
    interval_ : matplotlib LineCollection, or list of them
        The intervals.

    See Also
    --------
    sklearn_calib.metrics.calibration_by_group : The numbers that are drawn.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.display import GroupCalibrationDisplay
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> display = GroupCalibrationDisplay.from_predictions(
    ...     records.target, records.data, groups=records.subject, kind="record"
    ... )
    >>> [label.get_text() for label in display.ax_.get_yticklabels()][-2:]
    ['law', 'engineering']
    """

    def __init__(self, result, *, name=None):
        self.result = result
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        groups,
        sample_weight=None,
        depth=1,
        min_count=30,
        confidence_level=0.95,
        pos_label=None,
        kind="auto",
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the gaps of a fitted classifier.

        Parameters
        ----------
        estimator : classifier with `predict_proba`, or dict of str to classifier
            Fitted classifier or pipeline; several with their names, if their `classes_` are the same.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows that the estimator was not fitted on.
        y : array-like of shape (n_samples,)
            True labels.
        groups : data frame, dict of columns, or array-like
            What rows are grouped by, as in `calibration_by_group`.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights.
        depth : int, default=1
            Largest number of columns that form a group together.
        min_count : int, default=30
            Groups of fewer rows are left out.
        confidence_level : float in (0, 1), default=0.95
            Of all intervals at once.
        pos_label : label, default=None
            The class whose probability is meant; None is the last one.
        kind : {"auto", "positive", "confidence"}, default="auto"
            What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
        name : str or list of str, default=None
            Name of the model for the legend; None is the class of the estimator, or the keys.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Keywords of `plot`.

        Returns
        -------
        display : GroupCalibrationDisplay
            The drawn display.
        """
        import_pyplot()
        y_proba, labels, default_name = predict_models(estimator, X)
        return cls.from_predictions(
            y,
            y_proba,
            groups=groups,
            sample_weight=sample_weight,
            depth=depth,
            min_count=min_count,
            confidence_level=confidence_level,
            pos_label=pos_label,
            labels=labels,
            kind=kind,
            name=default_name if name is None else name,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_proba,
        *,
        groups,
        sample_weight=None,
        depth=1,
        min_count=30,
        confidence_level=0.95,
        pos_label=None,
        labels=None,
        kind="auto",
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the gaps of probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,), or dict of str to array-like
            True labels; with ``kind="record"`` whether the answer was right.
        y_proba : array-like of shape (n_samples,) or (n_samples, n_classes), or dict of str to them
            Probabilities in [0, 1]; a dict holds several models, and their names.
        groups : data frame, dict of columns, or array-like
            What rows are grouped by, as in `calibration_by_group`; the same for all models.
        sample_weight : array-like of shape (n_samples,), or dict, default=None
            Non-negative weights.
        depth : int, default=1
            Largest number of columns that form a group together.
        min_count : int, default=30
            Groups of fewer rows are left out.
        confidence_level : float in (0, 1), default=0.95
            Of all intervals at once.
        pos_label : label, default=None
            The class whose probability is meant by a 1-D `y_proba`; None is the last one.
        labels : array-like of shape (n_classes,), default=None
            Sorted labels of all classes. Needed where `y_true` does not hold every class.
        kind : {"auto", "positive", "confidence", "record"}, default="auto"
            What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
        name : str or list of str, default=None
            Name of the model, or of each; None takes the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.
        **plot_options
            Keywords of `plot`.

        Returns
        -------
        display : GroupCalibrationDisplay
            The drawn display.
        """
        import_pyplot()
        names, models = split_models(y_true, y_proba, sample_weight)
        results = [
            calibration_by_group(
                y,
                proba,
                groups,
                depth=depth,
                min_count=min_count,
                confidence_level=confidence_level,
                sample_weight=weight,
                pos_label=pos_label,
                labels=labels,
                kind=kind,
            )
            for y, proba, weight in models
        ]
        display = cls(one_or_list(results), name=names if name is None else name)
        return display.plot(ax=ax, **plot_options)

    def plot(
        self,
        ax=None,
        *,
        name=None,
        order="gap",
        max_groups=_MOST_GROUPS,
        curve_kwargs=None,
        despine=False,
    ):
        """Draw the gaps.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure, whose height follows the number of groups.
        name : str or list of str, default=None
            Name of the model, or of each, for the legend; None takes that of the constructor.
        order : {"gap", "evidence"}, default="gap"
            From top to bottom: falling gap, or falling evidence, of the first model.
        max_groups : int, default=30
            Groups of less evidence, in the first model, are not drawn.
        curve_kwargs : dict or list of dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the markers, for all models or for each.
        despine : bool, default=False
            Remove the lines at the top and right of the axes.

        Returns
        -------
        display : GroupCalibrationDisplay
            This object, with the artists as attributes.
        """
        check_option(order, "order", ("gap", "evidence"))
        results = as_list(self.result)
        labels = model_labels(self.name if name is None else name, [None] * len(results))
        check_count(max_groups, "max_groups", low=1)
        groups = _ordered_groups(results[0], order, max_groups)
        height = _HEIGHT[0] + _HEIGHT[1] * max(len(groups), 1)
        self.ax_, self.figure_ = axes_to_draw_on(ax, (_WIDTH, height))
        rows = [_rows(result, groups) for result in results]
        offsets = np.linspace(0.5, -0.5, len(rows)) * _SPREAD if len(rows) > 1 else [0.0]
        lines = _draw_markers(self.ax_, results, rows, offsets, labels, curve_kwargs)
        self.line_ = one_or_list(lines)
        self.interval_ = one_or_list(
            [
                _draw_interval(self.ax_, *one)
                for one in zip(results, rows, offsets, lines, strict=True)
            ]
        )
        self._finish(groups, despine)
        return self

    def _finish(self, groups, despine):
        ax = self.ax_
        ax.axvline(0, **REFERENCE_STYLE)
        ax.set_yticks(range(len(groups)), labels=groups, fontsize="small")
        ax.set_ylim(-0.7, len(groups) - 0.3)
        ax.set(xlabel="Confidence - accuracy (positive: overconfident)", ylabel="Group")
        ax.xaxis.set_major_formatter(_signed)
        ax.grid(axis="x", linewidth=0.4, alpha=0.5)
        if despine:
            remove_spines(ax)
        show_legend(ax)


def _signed(gap, _position=None):
    return f"{gap:+.2f}" if round(gap, 9) else "0"


def _ordered_groups(result, order, max_groups):
    """Names from bottom to top."""
    shown = np.arange(min(len(result), max_groups))
    if order == "gap":
        shown = shown[np.argsort(-result.gap[shown], kind="stable")]
    return [str(name) for name in result.group[shown][::-1]]


def _rows(result, groups):
    """Height of each group on the axes and its row in the result, for those that it has."""
    row = {str(name): i for i, name in enumerate(result.group)}
    pairs = [(height, row[name]) for height, name in enumerate(groups) if name in row]
    return np.array(pairs, dtype=int).reshape(-1, 2).T


def _draw_markers(ax, results, rows, offsets, labels, curve_kwargs):
    points = [
        (result.gap[row], height + offset)
        for result, (height, row), offset in zip(results, rows, offsets, strict=True)
    ]
    look = {"linestyle": "none", "markersize": 5, "markerfacecolor": "white", "zorder": 3}
    lines = draw_curves(ax, points, [{**look, "label": label} for label in labels], curve_kwargs)
    for line, result, (_, row), (x, y) in zip(lines, results, rows, points, strict=True):
        sure = (result.gap_lower[row] > 0) | (result.gap_upper[row] < 0)
        ax.plot(
            x[sure],
            y[sure],
            linestyle="none",
            marker=line.get_marker(),
            markersize=line.get_markersize(),
            color=line.get_color(),
            zorder=4,
        )
    return lines


def _draw_interval(ax, result, rows, offset, line):
    height, row = rows
    return ax.hlines(
        height + offset,
        result.gap_lower[row],
        result.gap_upper[row],
        color=line.get_color(),
        linewidth=1.4,
    )
