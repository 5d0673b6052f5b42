"""Reliability diagrams side by side: one for each class, or for each group of rows."""

from dataclasses import fields, replace

import numpy as np

from sklearn_calib._core.calibration_error import l1_error
from sklearn_calib._events import class_names, distinct
from sklearn_calib._validation import (
    check_labels,
    check_probabilities,
    check_same_length,
    check_weights,
    drop_zero_weights,
)
from sklearn_calib.display._base import as_list, import_pyplot, predict_models
from sklearn_calib.display._diagram import resolve_kind
from sklearn_calib.display._reliability import ReliabilityDisplay
from sklearn_calib.metrics import CalibrationTable, calibration_table
from sklearn_calib.metrics._calibration_table import DEFAULT_N_BINS, DEFAULT_STRATEGY

_PANEL = (2.6, 2.9)  # inches
_MAX_COLUMNS = 4


class ReliabilityGridDisplay:
    """Small reliability diagrams on common axes, one for each class or for each group of rows.

    Make one with `from_estimator` or `from_predictions`; the constructor takes computed tables and
    stores them as they are.

    Parameters
    ----------
    tables : dict of str to CalibrationTable
        A table without groups for each panel, by the panel's title.
    kind : {"confidence", "positive", "record"}, default="positive"
        What the tables compare; it only words the axis labels.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes of shape (n_panels,)
        The diagrams, in the order of `tables`.
    figure_ : matplotlib Figure
        Their figure.
    displays_ : list of ReliabilityDisplay
        One for each panel, with its artists.

    See Also
    --------
    ReliabilityDisplay : One diagram; a dict of groups draws them in one.

    Examples
    --------
    >>> from sklearn_calib.datasets import load_cifar10_probabilities
    >>> from sklearn_calib.display import ReliabilityGridDisplay
    >>> images = load_cifar10_probabilities()
    >>> display = ReliabilityGridDisplay.from_predictions(
    ...     images.target, images.data, labels=range(10)
    ... )
    >>> display.axes_.size, display.axes_[3].get_title()
    (10, '3 (ECE 0.027)')
    """

    def __init__(self, tables, *, kind="positive"):
        self.tables = tables
        self.kind = kind

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        groups=None,
        sample_weight=None,
        pos_label=None,
        kind="auto",
        n_bins=DEFAULT_N_BINS,
        strategy=DEFAULT_STRATEGY,
        **plot_options,
    ):
        """Draw the diagrams of a fitted classifier.

        Parameters
        ----------
        estimator : classifier with `predict_proba`
            Fitted classifier or pipeline.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows that the estimator was not fitted on.
        y : array-like of shape (n_samples,)
            Their labels.
        groups : array-like of shape (n_samples,), default=None
            A panel for the rows of each value; None makes a panel for each class.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; rows of zero weight count as absent.
        pos_label : label, default=None
            The class that ``kind="positive"`` asks about; None is the last of `classes_`.
        kind : {"auto", "positive", "confidence"}, default="auto"
            With `groups`: what is compared with what. See `from_predictions`.
        n_bins : int or "cube_root", default=10
            Number of bins.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width or of equal weight.
        **plot_options
            Keywords of `ReliabilityDisplay.plot`.

        Returns
        -------
        display : ReliabilityGridDisplay
            With the artists as attributes.
        """
        import_pyplot()
        y_proba, labels, _ = predict_models(estimator, X)
        return cls.from_predictions(
            y,
            y_proba,
            groups=groups,
            sample_weight=sample_weight,
            pos_label=pos_label,
            labels=labels,
            kind=kind,
            n_bins=n_bins,
            strategy=strategy,
            **plot_options,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_proba,
        *,
        groups=None,
        sample_weight=None,
        pos_label=None,
        labels=None,
        kind="auto",
        n_bins=DEFAULT_N_BINS,
        strategy=DEFAULT_STRATEGY,
        **plot_options,
    ):
        """Draw the diagrams of predicted probabilities or stated confidences.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels; with ``kind="record"`` whether the answer was right.
        y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
            Probabilities in [0, 1], as in `calibration_table`.
        groups : array-like of shape (n_samples,), default=None
            A panel for the rows of each value, in sorted order; None makes a panel for each class.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; rows of zero weight count as absent.
        pos_label : label, default=None
            The class whose probability a 1-D `y_proba` is.
        labels : array-like of shape (n_classes,), default=None
            Sorted labels of all classes. Needed where `y_true` does not hold every class.
        kind : {"auto", "positive", "confidence", "record"}, default="auto"
            With `groups`: what is compared with what. Panels of classes compare the probability of the
            class with how often it is the label.
        n_bins : int or "cube_root", default=10
            Number of bins.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width or of equal weight.
        **plot_options
            Keywords of `ReliabilityDisplay.plot`: style, interval, curve_kwargs and so on.

        Returns
        -------
        display : ReliabilityGridDisplay
            With the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        import_pyplot()
        asked = {
            "pos_label": pos_label,
            "labels": labels,
            "n_bins": n_bins,
            "strategy": strategy,
        }
        if groups is None:
            table = calibration_table(
                y_true, y_proba, sample_weight=sample_weight, kind="classwise", **asked
            )
            return cls(_by_group(table)).plot(**plot_options)
        groups = check_labels(groups, "groups")
        y_true, y_proba = np.asarray(y_true), np.asarray(y_proba)
        check_same_length(groups=groups, y_true=y_true, y_proba=y_proba)
        weight = check_weights(sample_weight, groups.size)
        if labels is None and kind != "record":
            asked["labels"] = _labels_of_all(y_true, y_proba, weight, pos_label)
        tables = {}
        for group in distinct(groups):
            rows = groups == group
            if weight is not None and not weight[rows].any():
                continue  # absent
            tables[str(group)] = calibration_table(
                y_true[rows],
                y_proba[rows],
                sample_weight=None if weight is None else weight[rows],
                kind=kind,
                **asked,
            )
        return cls(tables, kind=resolve_kind(kind, y_proba, labels)).plot(**plot_options)

    def plot(self, figure=None, **plot_options):
        """Draw the diagrams.

        Parameters
        ----------
        figure : matplotlib Figure, default=None
            An empty figure to draw in; None makes one.
        **plot_options
            Keywords of `ReliabilityDisplay.plot`: style, interval, curve_kwargs and so on. There is no
            histogram unless asked for.

        Returns
        -------
        display : ReliabilityGridDisplay
            This object, with the artists as attributes.
        """
        n_panels = len(self.tables)
        n_columns = min(_MAX_COLUMNS, n_panels)
        n_rows = -(-n_panels // n_columns)
        if figure is None:
            size = (_PANEL[0] * n_columns, _PANEL[1] * n_rows)
            figure = import_pyplot().figure(figsize=size, layout="constrained")
        axes = np.atleast_1d(figure.subplots(n_rows, n_columns)).ravel()
        for ax in axes[n_panels:]:
            ax.remove()
        self.figure_, self.axes_ = figure, axes[:n_panels]
        self.displays_ = []
        for ax, (title, table) in zip(self.axes_, self.tables.items(), strict=True):
            display = ReliabilityDisplay(table, kind=self.kind, note="")
            display.plot(ax, **{"histogram": False, **plot_options})
            ax.set_title(f"{title} (ECE {l1_error(table):.3f})", fontsize="medium")
            if ax.get_legend():
                ax.get_legend().remove()
            self.displays_.append(display)
        self._label_outer_axes(n_columns)
        return self

    def _label_outer_axes(self, n_columns):
        for i, ax in enumerate(self.axes_):
            if i % n_columns:
                ax.set_ylabel("")
            if i + n_columns < self.axes_.size and ax.get_xlabel():
                ax.set_xlabel("")


def _labels_of_all(y_true, y_proba, weight, pos_label):
    """Labels of the classes, of which each group need not hold all; None if all rows hold one only."""
    y, proba, _ = drop_zero_weights(weight, check_labels(y_true), check_probabilities(y_proba))
    return class_names(y, proba, None, pos_label) if distinct(y).size > 1 else None


def _by_group(table):
    """Tables of the groups of a table, without their group, by its name."""
    names = [field.name for field in fields(CalibrationTable)]
    parts = {}
    for group in as_list(np.unique(table.group).tolist()):
        rows = table.group == group
        columns = {
            name: None if getattr(table, name) is None else getattr(table, name)[rows]
            for name in names
        }
        parts[str(group)] = replace(table, **columns | {"group": None})
    return parts
