"""Reliability diagram: stated confidence against observed accuracy."""

from dataclasses import replace

import numpy as np

from sklearn_calib._core.calibration_error import l1_error
from sklearn_calib._validation import check_number, check_option
from sklearn_calib.display._base import (
    as_list,
    axes_to_draw_on,
    curves_on,
    draw_curves,
    import_pyplot,
    model_labels,
    one_or_list,
    predict_models,
    split_models,
)
from sklearn_calib.display._diagram import (
    AXIS_LABELS,
    FIGSIZE,
    LEGEND_NUMBERS,
    check_legend_numbers,
    draw_histogram,
    draw_ref_line,
    finish_diagram,
    name_of_positive,
    numbers_note,
    resolve_kind,
)
from sklearn_calib.metrics import calibration_table
from sklearn_calib.metrics._calibration_table import DEFAULT_N_BINS, DEFAULT_STRATEGY


class ReliabilityDisplay:
    """Reliability diagram: accuracy against confidence, in bins.

    Points below the diagonal are overconfident: accuracy falls short of confidence. Make one with
    `from_estimator` or `from_predictions`; the constructor takes computed tables and stores them as
    they are.

    Few rows in a bin make its point jump, as its interval and the histogram say; bins of equal weight,
    ``strategy="quantile"``, avoid that.

    Parameters
    ----------
    table : CalibrationTable or list of CalibrationTable
        One table without groups for each model, as `calibration_table` returns it.
    name : str or list of str, default=None
        Name of the model, or of each, for the legend.
    note : str or list of str, default=None
        Numbers of the model, or of each, for the legend; None is the calibration error of the table.
    kind : {"confidence", "positive", "record"}, default="confidence"
        What the tables compare; it only words the axis labels.
    pos_label : label, default=None
        With ``kind="positive"``: the label to name at the axis.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Where the diagram is.
    line_ : matplotlib Line2D, or list of them for several models
        A marker per bin at its mean confidence and accuracy.
    gap_ : matplotlib artist, list of them, or None
        Shade between accuracy and confidence: a PolyCollection, with ``style="bars"`` bars.
    interval_ : matplotlib Line2D, list of them, or None
        Intervals of the accuracies: for each bin its mean confidence twice, at lower and upper limit,
        and a row of NaN that ends the stroke.
    bars_ : matplotlib BarContainer or None
        Bars of the accuracies, with ``style="bars"``.
    ref_line_ : matplotlib Line2D or None
        The diagonal.
    histogram_ax_ : matplotlib Axes or None
        Axes of the histogram below `ax_`, which bear the label of the common x axis.

    See Also
    --------
    sklearn_calib.metrics.calibration_table : The numbers that are drawn.
    sklearn_calib.metrics.expected_calibration_error : The number in the legend.
    RiskCoverageDisplay : What abstaining below a confidence buys.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.display import ReliabilityDisplay
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> display = ReliabilityDisplay.from_predictions(
    ...     records.target, records.data, kind="record", name="gpt-4o"
    ... )
    >>> display.line_.get_label()
    'gpt-4o (ECE 0.209)'
    """

    def __init__(self, table, *, name=None, note=None, kind="confidence", pos_label=None):
        self.table = table
        self.name = name
        self.note = note
        self.kind = kind
        self.pos_label = pos_label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        sample_weight=None,
        pos_label=None,
        kind="auto",
        n_bins=DEFAULT_N_BINS,
        strategy=DEFAULT_STRATEGY,
        legend="ece",
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the diagram of a fitted classifier.

        Parameters
        ----------
        estimator : classifier with `predict_proba`, or dict of str to classifier
            Fitted classifier or pipeline; several with their names, before and after calibration for
            example, if their `classes_` are the same.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows that the estimator was not fitted on.
        y : array-like of shape (n_samples,)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; rows of zero weight count as absent.
        pos_label : label, default=None
            The class that ``kind="positive"`` asks about; None is the last of `classes_`.
        kind : {"auto", "positive", "confidence"}, default="auto"
            What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
            See `calibration_table`.
        n_bins : int or "cube_root", default=10
            Number of bins.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width or of equal weight.
        legend : str or sequence of str, default="ece"
            Numbers in the legend, one or several of "ece", "decomposition" (miscalibration,
            discrimination and uncertainty of the Brier score, see `score_decomposition`) and "pvalue"
            (of `calibration_test`); an empty sequence shows none.
        name : str or list of str, default=None
            Name for the legend; None is the name of the class, or the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. See `plot`.
        **plot_options
            Further keywords of `plot`: style, gap, interval, histogram and so on.

        Returns
        -------
        display : ReliabilityDisplay
            With the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.model_selection import train_test_split
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from sklearn_calib.display import ReliabilityDisplay
        >>> X, X_test, y, y_test = train_test_split(*load_wine(return_X_y=True), random_state=0)
        >>> classifier = GaussianNB().fit(X, y)
        >>> display = ReliabilityDisplay.from_estimator(classifier, X_test, y_test, histogram=False)
        >>> display.ax_.get_xlabel(), display.ax_.get_ylabel()
        ('Mean confidence', 'Accuracy')
        """
        import_pyplot()
        y_proba, labels, default_name = predict_models(estimator, X)
        return cls.from_predictions(
            y,
            y_proba,
            sample_weight=sample_weight,
            pos_label=pos_label,
            labels=labels,
            kind=kind,
            n_bins=n_bins,
            strategy=strategy,
            legend=legend,
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
        sample_weight=None,
        pos_label=None,
        labels=None,
        kind="auto",
        n_bins=DEFAULT_N_BINS,
        strategy=DEFAULT_STRATEGY,
        legend="ece",
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the diagram of predicted probabilities or stated confidences.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,), or dict
            True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
            [0, 1]). A dict holds those of each model of `y_proba`.
        y_proba : array-like of shape (n_samples,) or (n_samples, n_classes), or dict
            Probabilities in [0, 1], as in `calibration_table`. A dict holds those of several models
            by name.
        sample_weight : array-like of shape (n_samples,), or dict, default=None
            Non-negative weights, or those of each model of `y_proba`.
        pos_label : label, default=None
            The class whose probability a 1-D `y_proba` is, and that ``kind="positive"`` asks about.
        labels : array-like of shape (n_classes,), default=None
            Sorted labels of all classes. Needed where `y_true` does not hold every class.
        kind : {"auto", "positive", "confidence", "record"}, default="auto"
            What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
            See `calibration_table`.
        n_bins : int or "cube_root", default=10
            Number of bins.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width or of equal weight.
        legend : str or sequence of str, default="ece"
            Numbers in the legend, one or several of "ece", "decomposition" (miscalibration,
            discrimination and uncertainty of the Brier score, see `score_decomposition`) and "pvalue"
            (of `calibration_test`); an empty sequence shows none.
        name : str or list of str, default=None
            Name for the legend; None shows none, or the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. See `plot`.
        **plot_options
            Further keywords of `plot`: style, gap, interval, histogram and so on.

        Returns
        -------
        display : ReliabilityDisplay
            With the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sklearn_calib.datasets import load_cifar10_probabilities
        >>> from sklearn_calib.display import ReliabilityDisplay
        >>> vgg = load_cifar10_probabilities(model="vgg16")
        >>> resnet = load_cifar10_probabilities(model="wideresnet-16-4")
        >>> display = ReliabilityDisplay.from_predictions(
        ...     vgg.target, {"VGG-16": vgg.data, "WideResNet-16-4": resnet.data}
        ... )
        >>> [line.get_label() for line in display.line_]
        ['VGG-16 (ECE 0.040)', 'WideResNet-16-4 (ECE 0.054)']
        """
        import_pyplot()
        numbers = check_legend_numbers(legend, LEGEND_NUMBERS)
        names, models = split_models(y_true, y_proba, sample_weight)
        asked = {"pos_label": pos_label, "labels": labels, "kind": kind}
        tables = [
            calibration_table(y, p, sample_weight=w, n_bins=n_bins, strategy=strategy, **asked)
            for y, p, w in models
        ]
        notes = [
            _note(table, numbers, numbers_note(numbers, y, p, sample_weight=w, **asked))
            for table, (y, p, w) in zip(tables, models, strict=True)
        ]
        display = cls(
            one_or_list(tables),
            name=names if name is None else name,
            note=one_or_list(notes),
            kind=resolve_kind(kind, models[0][1], labels),
            pos_label=name_of_positive(pos_label, labels),
        )
        return display.plot(ax=ax, **plot_options)

    def plot(
        self,
        ax=None,
        *,
        name=None,
        style="points",
        gap="auto",
        interval=True,
        confidence_level=0.95,
        histogram=True,
        ref_line=True,
        curve_kwargs=None,
        ref_line_kwargs=None,
        despine=False,
    ):
        """Draw the diagram.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. Axes that hold a diagram already get further
            colours and share its diagonal and histogram.
        name : str or list of str, default=None
            Name of the model, or of each, for the legend; None takes that of the constructor.
        style : {"points", "bars"}, default="points"
            Points joined by a line, or bars as wide as the bins (one model only) with a point at the
            mean confidence of each.
        gap : bool or "auto", default="auto"
            Shade the gap between confidence and accuracy; "auto" does so for one model alone, since
            shades of several would cover each other.
        interval : bool, default=True
            Draw the Wilson interval of the accuracy in each bin.
        confidence_level : float in (0, 1), default=0.95
            Pointwise level of these intervals.
        histogram : bool, default=True
            Draw the share of the weight in each bin below the diagram. Room is taken from `ax`.
        ref_line : bool, default=True
            Draw the diagonal of perfect calibration.
        curve_kwargs : dict or list of dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the points, for all models or for each. The
            colour holds for the other artists of the model too.
        ref_line_kwargs : dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the diagonal.
        despine : bool, default=False
            Remove the lines at the top and right of the axes.

        Returns
        -------
        display : ReliabilityDisplay
            This object, with the artists as attributes.

        Raises
        ------
        ValueError
            If a table has groups: draw one class, ``from_predictions(y_true == k, y_proba[:, k])``.
            If bars of several models are asked for.
        """
        tables = self._check(style, gap, confidence_level)
        self.ax_, self.figure_ = axes_to_draw_on(ax, FIGSIZE)
        alone = len(tables) == 1 and not curves_on(self.ax_)
        lines = self._draw_lines(tables, name, style, curve_kwargs)
        models = [(_trimmed(t), line.get_color()) for t, line in zip(tables, lines, strict=True)]

        def draw(wanted, artist, *args):
            """Artists of all models, if wanted."""
            return one_or_list([artist(self.ax_, *m, *args) for m in models]) if wanted else None

        self.line_ = one_or_list(lines)
        self.gap_ = draw(alone if gap == "auto" else gap, _gap, style)
        self.interval_ = draw(interval, _interval, confidence_level)
        self.bars_ = draw(style == "bars", _bars)
        self.ref_line_ = draw_ref_line(self.ax_, ref_line_kwargs) if ref_line else None
        self.histogram_ax_ = draw_histogram(self.ax_, models) if histogram else None
        finish_diagram(self.ax_, self.histogram_ax_, self.kind, self.pos_label, despine)
        return self

    def _check(self, style, gap, confidence_level):
        """Tables as a list, after all that can be wrong."""
        check_option(style, "style", ("points", "bars"))
        check_option(gap, "gap", (True, False, "auto"))
        check_number(
            confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True
        )
        tables = as_list(self.table)
        if any(table.group is not None for table in tables):
            raise ValueError(
                "A table with groups (kind 'classwise' or 'top_label') is not one diagram. Draw one "
                "class k at a time: from_predictions(y_true == k, y_proba[:, k])."
            )
        check_option(self.kind, "kind", tuple(AXIS_LABELS))
        if style == "bars" and len(tables) > 1:
            raise ValueError("Bars of several models cover each other: use style='points'.")
        return tables

    def _draw_lines(self, tables, name, style, curve_kwargs):
        points = [(table.confidence, table.accuracy) for table in tables]
        notes = [_note(table) for table in tables] if self.note is None else as_list(self.note)
        labels = model_labels(self.name if name is None else name, notes)
        joined = "none" if style == "bars" else "-"
        look = {"linestyle": joined, "linewidth": 1.2, "markersize": 6, "zorder": 3}
        styles = [{**look, "label": label} for label in labels]
        return draw_curves(self.ax_, points, styles, curve_kwargs)


def _trimmed(table):
    """The table as its bars are drawn.

    Bins of equal weight reach to 0 and 1, where there may be no values. There a bar goes only as far as
    values spread evenly around their mean would.
    """
    width = table.upper - table.lower
    if width[0] < 1 and np.allclose(width, width[0]):
        return table
    lower, upper = table.lower.copy(), table.upper.copy()
    lower[0] = max(lower[0], 2 * table.confidence[0] - table.upper[0])
    upper[-1] = min(upper[-1], 2 * table.confidence[-1] - table.lower[-1])
    return replace(table, lower=lower, upper=upper)


def _note(table, numbers=("ece",), further=None):
    """Return the numbers of a model in the legend as text, or None."""
    ece = f"ECE {l1_error(table):.3f}" if "ece" in numbers else None
    return ", ".join(filter(None, [ece, further])) or None


def _bars(ax, table, color):
    width = table.upper - table.lower
    look = {"color": color, "alpha": 0.35, "edgecolor": color, "linewidth": 1}
    return ax.bar(table.lower, table.accuracy, width, align="edge", **look)


def _gap(ax, table, color, style):
    """Shade from the points to the diagonal, or hatched bars from accuracy to mean confidence."""
    if style == "points":
        confidence, look = table.confidence, {"color": color, "alpha": 0.15, "linewidth": 0}
        return ax.fill_between(confidence, table.accuracy, confidence, **look)
    width = table.upper - table.lower
    look = {"facecolor": "none", "edgecolor": "0.45", "hatch": "////", "linewidth": 0.6}
    return ax.bar(table.lower, table.gap, width, table.accuracy, align="edge", label="Gap", **look)


def _interval(ax, table, color, confidence_level):
    """Strokes in one line, not a collection: the legend finds its place beside lines only."""
    low, high = table.accuracy_interval(confidence_level)
    x = np.column_stack([table.confidence, table.confidence, np.full(len(table), np.nan)])
    y = np.column_stack([low, high, np.full(len(table), np.nan)])
    look = {"linewidth": 3.5, "alpha": 0.4, "solid_capstyle": "butt", "zorder": 2.5}
    return ax.plot(x.ravel(), y.ravel(), color=color, **look)[0]
