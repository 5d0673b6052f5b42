"""Risk-coverage curve: the accuracy of the answered rows against their share."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.intervals import wilson_interval
from sklearn_calib._core.risk_coverage import area_under_risk_coverage, last_reaching_accuracy
from sklearn_calib._validation import check_number, check_option
from sklearn_calib.display._base import (
    REFERENCE_STYLE,
    as_list,
    axes_to_draw_on,
    curves_on,
    draw_curves,
    import_pyplot,
    model_labels,
    one_or_list,
    percent,
    predict_models,
    remove_spines,
    show_legend,
    split_models,
)
from sklearn_calib.metrics import risk_coverage_curve

_Y_LABELS = {"accuracy": "Accuracy of the answered", "risk": "Risk of the answered (1 - accuracy)"}
_FIGSIZE = (6.0, 4.8)  # inches
# Up to this many distinct confidences each has a marker; denser curves have one now and then.
_MAX_MARKERS = 40
_MARKER_SPACING = 0.1  # of the diagonal of the axes
# The first percent of the rows is a handful of answers, right or wrong: it does not set the scale.
_NOISY_COVERAGE = 0.01
# Bands are wide longer: those of less than a tenth of the rows may be cut off.
_NOISY_BAND = 0.1
# The legend is at the left, where accuracy is high: its width and the height of a row, as shares of the
# axes; and the height of a text of three rows with its distance.
_LEGEND_WIDTH = 0.6
_LEGEND_ROW = 0.05
_TEXT_HEIGHT = 0.2
_MARGIN = 0.04
_BAND_STYLE = {"step": "post", "alpha": 0.18, "linewidth": 0, "zorder": 1}
# Coverage beyond which the text stands to the left of its circle and below a falling accuracy.
_MIDDLE = 0.5


class _OperatingPoint(NamedTuple):
    """What is answered from a confidence on."""

    threshold: float
    coverage: float
    accuracy: float


class RiskCoverageDisplay:
    """Accuracy (or risk) of the answered rows against the share answered.

    A point of the curve answers every row whose confidence reaches a threshold. Rows of equal
    confidence are answered together: only the markers can be reached, and the steps between them show
    what the next lower coverage gives. Make one with `from_estimator` or `from_predictions`; the
    constructor takes computed curves and stores them as they are.

    Parameters
    ----------
    curve : RiskCoverage or list of RiskCoverage
        One curve for each model, as `risk_coverage_curve` returns it.
    n_samples : float or list of float, default=None
        Number of rows behind each curve, or the sum of their weights: how sure its accuracies are.
        None draws no band.
    area : float or list of float, default=None
        Area under each curve for the legend, as `area_under_risk_coverage_curve` returns it.
    name : str or list of str, default=None
        Name of the model, or of each, for the legend.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Where the curve is.
    line_ : matplotlib Line2D, or list of them for several models
        Coverage and accuracy (or risk) at each distinct confidence, joined by steps.
    band_ : matplotlib artist, list of them, or None
        Band of the pointwise intervals; None where it was not asked for, or `n_samples` is unknown.
    point_ : matplotlib Line2D, list of them, or None
        Circle at what was asked for by `threshold` or `target_accuracy`; None where it was not asked
        for, or nothing is answered.
    annotation_ : matplotlib Annotation or None
        What the circle means, for one model; for several the legend says it.
    target_line_ : matplotlib Line2D or None
        Horizontal line at the target accuracy.

    See Also
    --------
    sklearn_calib.metrics.risk_coverage_curve : The numbers that are drawn.
    sklearn_calib.metrics.area_under_risk_coverage_curve : The number in the legend.
    ReliabilityDisplay : Whether the confidence is honest.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.display import RiskCoverageDisplay
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> display = RiskCoverageDisplay.from_predictions(
    ...     records.target, records.data, kind="record", name="gpt-4o", target_accuracy=0.8
    ... )
    >>> display.line_.get_label()
    'gpt-4o (AURC 0.184)'
    >>> print(display.annotation_.get_text())
    confidence ≥ 0.95
    coverage 66.6%
    accuracy 83.1%
    """

    def __init__(self, curve, *, n_samples=None, area=None, name=None):
        self.curve = curve
        self.n_samples = n_samples
        self.area = area
        self.name = name

    @classmethod
    def from_estimator(
        cls, estimator, X, y, *, sample_weight=None, name=None, ax=None, **plot_options
    ):
        """Draw the curve of a fitted classifier.

        Parameters
        ----------
        estimator : classifier with `predict_proba`, or dict of str to classifier
            Fitted classifier or pipeline; several with their names, if their `classes_` are the same.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows that the estimator was not fitted on.
        y : array-like of shape (n_samples,)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; rows of zero weight count as absent.
        name : str or list of str, default=None
            Name for the legend; None is the name of the class, or the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. See `plot`.
        **plot_options
            Further keywords of `plot`: metric, threshold, target_accuracy and so on.

        Returns
        -------
        display : RiskCoverageDisplay
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
        >>> from sklearn_calib.display import RiskCoverageDisplay
        >>> X, X_test, y, y_test = train_test_split(*load_wine(return_X_y=True), random_state=0)
        >>> classifier = GaussianNB().fit(X, y)
        >>> display = RiskCoverageDisplay.from_estimator(classifier, X_test, y_test)
        >>> display.ax_.get_ylabel()
        'Accuracy of the answered'
        """
        import_pyplot()
        y_proba, labels, default_name = predict_models(estimator, X)
        return cls.from_predictions(
            y,
            y_proba,
            sample_weight=sample_weight,
            labels=labels,
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
        kind="confidence",
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the curve of predicted probabilities or stated confidences.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,), or dict
            True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
            [0, 1]). A dict holds those of each model of `y_proba`.
        y_proba : array-like of shape (n_samples,) or (n_samples, n_classes), or dict
            Probabilities in [0, 1], as in `selective_accuracy`. A dict holds those of several models
            by name.
        sample_weight : array-like of shape (n_samples,), or dict, default=None
            Non-negative weights, or those of each model of `y_proba`.
        pos_label : label, default=None
            The class whose probability a 1-D `y_proba` is.
        labels : array-like of shape (n_classes,), default=None
            Sorted labels of all classes. Needed where `y_true` does not hold every class.
        kind : {"confidence", "record"}, default="confidence"
            Labels and class probabilities, or records of confidence and correctness.
        name : str or list of str, default=None
            Name for the legend; None shows none, or the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. See `plot`.
        **plot_options
            Further keywords of `plot`: metric, threshold, target_accuracy and so on.

        Returns
        -------
        display : RiskCoverageDisplay
            With the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        Each model has its own answers, so each has its own correctness:

        >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
        >>> from sklearn_calib.display import RiskCoverageDisplay
        >>> names = ["gpt-4o", "gpt-4.1-mini", "Qwen2.5-7B"]
        >>> records = {name: load_mmlu_pro_confidence(model=name) for name in names}
        >>> display = RiskCoverageDisplay.from_predictions(
        ...     {name: r.target for name, r in records.items()},
        ...     {name: r.data for name, r in records.items()},
        ...     kind="record",
        ...     target_accuracy=0.8,
        ... )
        >>> for line in display.line_:
        ...     print(line.get_label())
        gpt-4o (83.1%, 66.6%, ≥ 0.95)
        gpt-4.1-mini (81.2%, 88.6%, ≥ 0.9)
        Qwen2.5-7B (not reached)
        """
        import_pyplot()
        names, models = split_models(y_true, y_proba, sample_weight)
        asked = {"pos_label": pos_label, "labels": labels, "kind": kind}
        curves = [risk_coverage_curve(y, p, sample_weight=w, **asked) for y, p, w in models]
        display = cls(
            one_or_list(curves),
            n_samples=one_or_list(
                [len(y) if w is None else float(np.sum(w)) for y, _, w in models]
            ),
            area=one_or_list([area_under_risk_coverage(curve) for curve in curves]),
            name=names if name is None else name,
        )
        return display.plot(ax=ax, **plot_options)

    def plot(
        self,
        ax=None,
        *,
        name=None,
        metric="accuracy",
        threshold=None,
        target_accuracy=None,
        confidence_level=0.95,
        curve_kwargs=None,
        despine=False,
    ):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. Axes that hold a curve already get further colours.
        name : str or list of str, default=None
            Name of the model, or of each, for the legend; None takes that of the constructor.
        metric : {"accuracy", "risk"}, default="accuracy"
            Draw the accuracy of the answered rows, or their risk, that is 1 - accuracy.
        threshold : float in [0, 1], default=None
            Mark what is answered from this confidence on, such as the one that `select_threshold` chose.
        target_accuracy : float in (0, 1], default=None
            Draw a line at this accuracy. Without `threshold`, mark the largest coverage that reaches it:
            chosen on the rows that are drawn, and no promise for others.
        confidence_level : float in (0, 1) or None, default=0.95
            Shade the Wilson interval of the accuracy at each threshold by itself, where `n_samples` is
            known; weights count as frequencies. None shades nothing.
        curve_kwargs : dict or list of dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the curves, for all models or for each.
        despine : bool, default=False
            Remove the lines at the top and right of the axes.

        Returns
        -------
        display : RiskCoverageDisplay
            This object, with the artists as attributes.

        Notes
        -----
        The y axis shows what its values are from 1 % coverage on: below, a few answers make the curve
        jump over the whole range. Marks of `threshold` and `target_accuracy` are in words beside the
        circle; for several models in the legend: accuracy, coverage, and confidence from which on.
        """
        curves = self._check(metric, threshold, target_accuracy, confidence_level)
        asked = threshold is not None or target_accuracy is not None
        points = [_operating_point(curve, threshold, target_accuracy) for curve in curves]
        labels = model_labels(self.name if name is None else name, self._notes(points, asked))
        self.ax_, self.figure_ = axes_to_draw_on(ax, _FIGSIZE)
        lines = _draw_lines(self.ax_, curves, labels, metric, curve_kwargs)
        bands = self._draw_bands(curves, lines, metric, confidence_level)
        circles = [_circle(self.ax_, *pair, metric) for pair in zip(points, lines, strict=True)]
        self.line_ = one_or_list(lines)
        self.band_ = one_or_list(bands) if bands else None
        self.point_ = one_or_list(circles) if asked else None
        self.annotation_ = _annotate(self.ax_, points[0], metric) if len(points) == 1 else None
        self.target_line_ = _target_line(self.ax_, target_accuracy, metric)
        title = "accuracy, coverage, confidence" if asked and len(points) > 1 else None
        self._finish(metric, target_accuracy, title, despine)
        return self

    def _check(self, metric, threshold, target_accuracy, confidence_level):
        """Curves as a list, after all that can be wrong."""
        check_option(metric, "metric", tuple(_Y_LABELS))
        if threshold is not None:
            check_number(threshold, "threshold", low=0, high=1)
        if target_accuracy is not None:
            check_number(target_accuracy, "target_accuracy", low=0, high=1, low_open=True)
        if confidence_level is not None:
            open_ = {"low_open": True, "high_open": True}
            check_number(confidence_level, "confidence_level", low=0, high=1, **open_)
        return as_list(self.curve)

    def _draw_bands(self, curves, lines, metric, confidence_level):
        if self.n_samples is None or confidence_level is None:
            return []
        sizes = as_list(self.n_samples)
        if len(sizes) != len(curves):
            raise ValueError(f"n_samples must hold one number for each of {len(curves)} curves.")
        return [
            _band(self.ax_, curve, size, line, metric, confidence_level)
            for curve, size, line in zip(curves, sizes, lines, strict=True)
        ]

    def _band_outlines(self):
        """Coverages and heights of the edges of the bands, where they are to be seen."""
        bands = [] if self.band_ is None else as_list(self.band_)
        edges = [path.vertices for band in bands for path in band.get_paths()]
        return [edge[edge[:, 0] >= _NOISY_BAND].T for edge in edges]

    def _notes(self, points, asked):
        """Area of each model; for several models what was asked for instead."""
        areas = [None] * len(points) if self.area is None else as_list(self.area)
        if len(areas) != len(points):
            raise ValueError(f"area must hold one number for each of {len(points)} curves.")
        if asked and len(points) > 1:
            return [_in_a_row(point) for point in points]
        return [None if area is None else f"AURC {area:.3f}" for area in areas]

    def _finish(self, metric, target_accuracy, title, despine):
        ax = self.ax_
        ax.set(xlim=(-0.02, 1.02), xlabel="Coverage (share answered)", ylabel=_Y_LABELS[metric])
        n_rows = len(ax.get_legend_handles_labels()[1]) + (title is not None)
        targets = [] if target_accuracy is None else [target_accuracy]
        shown = [line.get_data() for line in curves_on(ax)] + self._band_outlines()
        ax.set_ylim(_y_limits(shown, targets, self.annotation_, n_rows, metric))
        ax.xaxis.set_major_formatter(percent)
        ax.yaxis.set_major_formatter(percent)
        if despine:
            remove_spines(ax)
        show_legend(ax, "lower left" if metric == "accuracy" else "upper left", title=title)


def _operating_point(curve, threshold, target_accuracy):
    """What is answered from the threshold on, or at the accuracy; None where that is nothing."""
    if threshold is not None:
        last = int(np.sum(curve.threshold >= threshold)) - 1
    else:
        last = -1 if target_accuracy is None else last_reaching_accuracy(curve, target_accuracy)
    if last < 0:
        return None
    first_answered = curve.threshold[last] if threshold is None else threshold
    return _OperatingPoint(first_answered, curve.coverage[last], 1 - curve.risk[last])


def _height(accuracy, metric):
    return accuracy if metric == "accuracy" else 1 - accuracy


def _draw_lines(ax, curves, labels, metric, curve_kwargs):
    points = [(c.coverage, c.risk if metric == "risk" else 1 - c.risk) for c in curves]
    look = {"drawstyle": "steps-post", "linewidth": 1.5, "markersize": 5}
    styles = [{**look, "label": label} for label in labels]
    for curve, style in zip(curves, styles, strict=True):
        style["markevery"] = 1 if curve.risk.size <= _MAX_MARKERS else _MARKER_SPACING
    return draw_curves(ax, points, styles, curve_kwargs)


def _band(ax, curve, n_samples, line, metric, confidence_level):
    n_answered = curve.coverage * n_samples
    limits = wilson_interval((1 - curve.risk) * n_answered, n_answered, confidence_level)
    low, high = (_height(limit, metric) for limit in limits)
    return ax.fill_between(curve.coverage, low, high, color=line.get_color(), **_BAND_STYLE)


def _circle(ax, point, line, metric):
    if point is None:
        return None
    look = {"markersize": 11, "markerfacecolor": "none", "markeredgewidth": 2.2, "zorder": 4}
    height = _height(point.accuracy, metric)
    return ax.plot(point.coverage, height, "o", color=line.get_color(), **look)[0]


def _annotate(ax, point, metric):
    """Say what the circle is, on the side of it where a falling accuracy leaves room."""
    if point is None:
        return None
    text = (
        f"confidence ≥ {_cut(point.threshold)}\n"
        f"coverage {point.coverage:.1%}\naccuracy {point.accuracy:.1%}"
    )
    at_left = point.coverage > _MIDDLE
    below = at_left == (metric == "accuracy")
    return ax.annotate(
        text,
        (point.coverage, _height(point.accuracy, metric)),
        xytext=(-10 if at_left else 10, -10 if below else 10),
        textcoords="offset points",
        ha="right" if at_left else "left",
        va="top" if below else "bottom",
        fontsize="small",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        zorder=3,
    )


def _in_a_row(point):
    if point is None:
        return "not reached"
    return f"{point.accuracy:.1%}, {point.coverage:.1%}, ≥ {_cut(point.threshold)}"


def _cut(threshold):
    """Up to four decimals, cut: rounding 0.99996 up to 1 would answer fewer."""
    return np.format_float_positional(threshold, trim="-")[:6]


def _target_line(ax, target_accuracy, metric):
    if target_accuracy is None:
        return None
    label = f"Target accuracy {100 * target_accuracy:.4g}%"
    return ax.axhline(_height(target_accuracy, metric), label=label, **REFERENCE_STYLE)


def _y_limits(shown, targets, text, n_legend_rows, metric):
    """What lines and bands show beyond the first noisy percent, with room for the text and the legend.

    Thought out for accuracy, which is high at the left; risk is its mirror image.
    """
    curves = [(coverage, _height(height, metric)) for coverage, height in shown]
    seen = np.concatenate([a[c >= _NOISY_COVERAGE] for c, a in curves] + [targets])
    at_left = [a[(c >= _NOISY_COVERAGE) & (c <= _LEGEND_WIDTH)] for c, a in curves]
    low, high = seen.min(), seen.max()
    legend = min(_LEGEND_ROW * n_legend_rows, 0.5)
    low = min(low, _end_beyond(np.min(np.concatenate(at_left), initial=high), high, legend))
    if text is not None:
        coverage, accuracy = text.xy[0], _height(text.xy[1], metric)
        if coverage > _MIDDLE:
            low = min(low, _end_beyond(accuracy, high, _TEXT_HEIGHT + legend))
        else:
            high = max(high, _end_beyond(accuracy, low, _TEXT_HEIGHT))
    margin = max(_MARGIN * (high - low), 0.005)
    return np.sort(_height(np.array([low - margin, high + margin]), metric))


def _end_beyond(value, other_end, share):
    """Return where an axis must end for this share of it to lie beyond the value."""
    return (value - share * other_end) / (1 - share)
