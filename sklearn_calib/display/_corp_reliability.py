"""Reliability diagram without bins: isotonic regression of outcomes on probabilities (CORP)."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core.bins import assign_bins, uniform_edges
from sklearn_calib._validation import check_option
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
    check_legend_numbers,
    draw_histogram,
    draw_ref_line,
    finish_diagram,
    name_of_positive,
    numbers_note,
    resolve_kind,
)
from sklearn_calib.metrics import consistency_band, recalibration_curve

_LEGEND_NUMBERS = ("decomposition", "pvalue")
_HISTOGRAM_BINS = 20
_MARKER = 0.01  # half the width of a marker


class _Bins(NamedTuple):
    lower: np.ndarray
    upper: np.ndarray
    share: np.ndarray


class CorpReliabilityDisplay:
    """Reliability diagram by isotonic regression: accuracy against confidence, without bins (CORP).

    The curve is the non-decreasing map from stated to observed that fits best; a marker stands at both
    ends of each stretch of equal accuracy. The band is where the curve would lie, at each probability
    by itself, if the stated probabilities were right: what leaves it is more than noise. Make one with
    `from_estimator` or `from_predictions`; the constructor takes computed numbers and stores them as
    they are.

    Parameters
    ----------
    curve : RecalibrationCurve or list of RecalibrationCurve
        One for each model, as `recalibration_curve` returns it.
    band : ConsistencyBand, list of them or None, default=None
        One for each model, as `consistency_band` returns it with ``curve="isotonic"``.
    name : str or list of str, default=None
        Name of the model, or of each, for the legend.
    note : str or list of str, default=None
        Numbers of the model, or of each, for the legend.
    kind : {"confidence", "positive", "record"}, default="confidence"
        What the curves compare; it only words the axis labels.
    pos_label : label, default=None
        With ``kind="positive"``: the label to name at the axis.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        Where the diagram is.
    line_ : matplotlib Line2D, or list of them for several models
        The curve, through the ends of its stretches.
    band_ : matplotlib PolyCollection, list of them, or None
        The consistency band.
    ref_line_ : matplotlib Line2D or None
        The diagonal.
    histogram_ax_ : matplotlib Axes or None
        Axes of the histogram below `ax_`, which bear the label of the common x axis.

    See Also
    --------
    ReliabilityDisplay : The diagram with bins, which also shows forecasts that are not in order.
    sklearn_calib.metrics.recalibration_curve : The curve.
    sklearn_calib.metrics.consistency_band : The band.
    sklearn_calib.metrics.score_decomposition : The numbers in the legend.

    References
    ----------
    .. [1] Dimitriadis, Gneiting and Jordan (2021). Stable reliability diagrams for probabilistic
       classifiers. PNAS 118(8). :doi:`10.1073/pnas.2016191118`

    Examples
    --------
    >>> from sklearn_calib.datasets import load_solar_flares
    >>> from sklearn_calib.display import CorpReliabilityDisplay
    >>> flares = load_solar_flares("C1")
    >>> noaa = flares.data[:, flares.feature_names.index("NOAA")]
    >>> display = CorpReliabilityDisplay.from_predictions(flares.target, noaa, name="NOAA")
    >>> display.line_.get_label()
    'NOAA (MCB 0.005, DSC 0.071, UNC 0.191)'
    """

    def __init__(
        self, curve, *, band=None, name=None, note=None, kind="confidence", pos_label=None
    ):
        self.curve = curve
        self.band = band
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
        band="auto",
        confidence_level=0.95,
        legend="decomposition",
        random_state=0,
        name=None,
        ax=None,
        **plot_options,
    ):
        """Draw the diagram of a fitted classifier.

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
        pos_label : label, default=None
            The class that ``kind="positive"`` asks about; None is the last of `classes_`.
        kind : {"auto", "positive", "confidence"}, default="auto"
            What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
        band : bool or "auto", default="auto"
            Simulate the consistency band; see `from_predictions`.
        confidence_level : float in (0, 1), default=0.95
            Pointwise level of the band.
        legend : str or sequence of str, default="decomposition"
            Numbers in the legend; see `from_predictions`.
        random_state : int, RandomState instance or None, default=0
            Of the simulation.
        name : str or list of str, default=None
            Name for the legend; None is the name of the class, or the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. See `plot`.
        **plot_options
            Further keywords of `plot`: histogram, ref_line and so on.

        Returns
        -------
        display : CorpReliabilityDisplay
            With the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from sklearn.model_selection import train_test_split
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from sklearn_calib.display import CorpReliabilityDisplay
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> X, X_test, y, y_test = train_test_split(X, y, random_state=0)
        >>> display = CorpReliabilityDisplay.from_estimator(GaussianNB().fit(X, y), X_test, y_test)
        >>> display.ax_.get_ylabel()
        'Fraction of positives (label: 1)'
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
            band=band,
            confidence_level=confidence_level,
            legend=legend,
            random_state=random_state,
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
        band="auto",
        confidence_level=0.95,
        legend="decomposition",
        random_state=0,
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
            Probabilities in [0, 1], as in `recalibration_curve`. A dict holds those of several models
            (or groups of rows) by name.
        sample_weight : array-like of shape (n_samples,), or dict, default=None
            Non-negative weights, or those of each model of `y_proba`; in band and test they count as
            numbers of rows.
        pos_label : label, default=None
            The class whose probability a 1-D `y_proba` is, and that ``kind="positive"`` asks about.
        labels : array-like of shape (n_classes,), default=None
            Sorted labels of all classes. Needed where `y_true` does not hold every class.
        kind : {"auto", "positive", "confidence", "record"}, default="auto"
            What is compared with what; "auto" is "positive" for two classes and "confidence" for more.
        band : bool or "auto", default="auto"
            Simulate the consistency band; "auto" does so for one model, since bands of several cover
            each other.
        confidence_level : float in (0, 1), default=0.95
            Pointwise level of the band.
        legend : str or sequence of str, default="decomposition"
            Numbers in the legend, one or both of "decomposition" (miscalibration, discrimination and
            uncertainty of the Brier score, see `score_decomposition`) and "pvalue" (of
            `calibration_test`); an empty sequence shows none.
        random_state : int, RandomState instance or None, default=0
            Of the simulation; a number makes the same picture every time.
        name : str or list of str, default=None
            Name for the legend; None shows none, or the keys of a dict.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure. See `plot`.
        **plot_options
            Further keywords of `plot`: histogram, ref_line and so on.

        Returns
        -------
        display : CorpReliabilityDisplay
            With the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        import_pyplot()
        check_option(band, "band", (True, False, "auto"))
        numbers = check_legend_numbers(legend, _LEGEND_NUMBERS)
        names, models = split_models(y_true, y_proba, sample_weight)
        asked = {"pos_label": pos_label, "labels": labels, "kind": kind}
        curves = [recalibration_curve(y, p, sample_weight=w, **asked) for y, p, w in models]
        bands = None
        if len(models) == 1 if band == "auto" else band:
            options = {"confidence_level": confidence_level, "random_state": random_state, **asked}
            bands = [
                consistency_band(y, p, curve="isotonic", sample_weight=w, **options)
                for y, p, w in models
            ]
        notes = [numbers_note(numbers, y, p, sample_weight=w, **asked) for y, p, w in models]
        display = cls(
            one_or_list(curves),
            band=None if bands is None else one_or_list(bands),
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
        histogram : bool, default=True
            Draw the share of the weight in twentieths of [0, 1] below the diagram. Room is taken from
            `ax`.
        ref_line : bool, default=True
            Draw the diagonal of perfect calibration.
        curve_kwargs : dict or list of dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the curve, for all models or for each.
        ref_line_kwargs : dict, default=None
            Keywords of `matplotlib.axes.Axes.plot` for the diagonal.
        despine : bool, default=False
            Remove the lines at the top and right of the axes.

        Returns
        -------
        display : CorpReliabilityDisplay
            This object, with the artists as attributes.
        """
        check_option(self.kind, "kind", tuple(AXIS_LABELS))
        # named tuples are no lists of models
        curves = as_list(self.curve)
        self.ax_, self.figure_ = axes_to_draw_on(ax, FIGSIZE)
        first = not curves_on(self.ax_)
        lines = self._draw_lines(curves, name, curve_kwargs)
        colors = [line.get_color() for line in lines]
        self.line_ = one_or_list(lines)
        self.band_ = self._draw_bands(colors, labelled=first)
        self.ref_line_ = draw_ref_line(self.ax_, ref_line_kwargs) if ref_line else None
        bins = [(_histogram_bins(c), color) for c, color in zip(curves, colors, strict=True)]
        self.histogram_ax_ = draw_histogram(self.ax_, bins) if histogram else None
        finish_diagram(self.ax_, self.histogram_ax_, self.kind, self.pos_label, despine)
        return self

    def _draw_lines(self, curves, name, curve_kwargs):
        notes = [None] * len(curves) if self.note is None else as_list(self.note)
        labels = model_labels(self.name if name is None else name, notes)
        look = {"linestyle": "-", "linewidth": 1.5, "markersize": 3.5, "zorder": 3}
        styles = [{**look, "label": label} for label in labels]
        return draw_curves(self.ax_, [_ends(c) for c in curves], styles, curve_kwargs)

    def _draw_bands(self, colors, labelled):
        if self.band is None:
            return None
        bands = as_list(self.band)
        look = {"alpha": 0.18, "linewidth": 0, "zorder": 1}
        artists = [
            self.ax_.fill_between(*_outline(band), color=color, **look)
            for band, color in zip(bands, colors, strict=True)
        ]
        if labelled and np.any(bands[0].upper > bands[0].lower):
            artists[0].set_label("Band if calibrated")
        return one_or_list(artists)


def _outline(band):
    """Probabilities and limits of the band; at a single probability it is as wide as a marker."""
    if band.probability.size > 1:
        return band.probability, band.lower, band.upper
    around = band.probability + [-_MARKER, _MARKER]
    return around, np.repeat(band.lower, 2), np.repeat(band.upper, 2)


def _ends(curve):
    """Points at both ends of each stretch of equal recalibrated values: the same curve, fewer points."""
    change = np.flatnonzero(np.diff(curve.recalibrated)) + 1
    ends = np.unique(np.concatenate([[0], change - 1, change, [curve.probability.size - 1]]))
    return curve.probability[ends], curve.recalibrated[ends]


def _histogram_bins(curve):
    edges = uniform_edges(_HISTOGRAM_BINS)
    bins = assign_bins(curve.probability, edges)
    weight = np.bincount(bins, curve.weight, _HISTOGRAM_BINS)
    return _Bins(edges[:-1], edges[1:], weight / weight.sum())
