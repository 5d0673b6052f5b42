"""The table of confidence against accuracy: what every binned number is computed from."""

from dataclasses import replace

from sklearn_calib._core.bins import cube_root, quantile_edges, uniform_edges
from sklearn_calib._core.table import concatenate_tables, tabulate, tabulate_classwise
from sklearn_calib._events import calibration_events, class_blocks, hard_events, split_by_group
from sklearn_calib._validation import check_n_bins, check_option

# One default for every binned number of the package, chosen by simulation (see `calibration_error`).
DEFAULT_N_BINS = 10
DEFAULT_STRATEGY = "uniform"


def calibration_table(
    y_true,
    y_proba,
    *,
    sample_weight=None,
    pos_label=None,
    labels=None,
    kind="auto",
    n_bins=DEFAULT_N_BINS,
    strategy=DEFAULT_STRATEGY,
):
    """Confidence and accuracy per bin.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; with ``kind="record"`` whether the answer was right (0/1, bool, or a quality in
        [0, 1]).
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Probabilities in [0, 1]. One dimension is the probability of `pos_label` (of the answer given,
        with ``kind="record"``); two have one column per class, in the order of the sorted labels.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; rows of zero weight count as absent.
    pos_label : label, default=None
        The class whose probability a 1-D `y_proba` is, and that ``kind="positive"`` asks about. None
        takes the last of `labels`; without `labels`, 1 for labels within {0, 1} or {-1, 1}, else the
        larger of two distinct labels.
    labels : array-like of shape (n_classes,), default=None
        Sorted labels of all classes. Needed where `y_true` does not hold every class.
    kind : {"auto", "positive", "confidence", "top_label", "classwise", "record"}, default="auto"
        What is compared with what:

        * "positive": the probability of `pos_label` with how often it is the label (two classes);
        * "confidence": the largest probability of a row with how often its class is right [1]_;
        * "top_label": the same, separately for each predicted class [2]_;
        * "classwise": the probability of each class with how often it is the label [3]_;
        * "record": a stated confidence with how often the answer is right;
        * "auto": "positive" for two classes, "confidence" for more.
    n_bins : int or "cube_root", default=10
        Number of bins; "cube_root" takes the smallest integer not below the cube root of the number of
        rows of positive weight (in the group, where there are groups).
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width on [0, 1], or of equal weight (in each group, where there are groups;
        equal values never split, so there may be fewer bins). Bins are ``(lower, upper]``, with 0 in
        the first; a value on an edge is one whose decimal equals the edge.

    Returns
    -------
    table : CalibrationTable
        One row per bin (and group) that holds any weight, with ``lower``, ``upper``, ``count``,
        ``weight``, ``confidence``, ``accuracy``, ``gap``, ``share``, ``group`` and
        ``accuracy_interval()``. Tables of equal bins add; ``print`` shows one.

    References
    ----------
    .. [1] Guo, Pleiss, Sun and Weinberger (2017). On Calibration of Modern Neural Networks. ICML.
       :arxiv:`1706.04599`
    .. [2] Gupta and Ramdas (2022). Top-label calibration and multiclass-to-binary reductions. ICLR.
       :arxiv:`2107.08353`
    .. [3] Kull et al. (2019). Beyond temperature scaling. NeurIPS. :arxiv:`1910.12656`

    Examples
    --------
    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.metrics import calibration_table
    >>> records = load_mmlu_pro_confidence(model="gpt-4o")
    >>> table = calibration_table(records.target, records.data, kind="record", n_bins=5)
    >>> print(table)
        bin       count  confidence  accuracy      gap  95 % interval
    (0.0, 0.2]     ...
    """
    events = calibration_events(
        y_true,
        y_proba,
        kind=kind,
        sample_weight=sample_weight,
        pos_label=pos_label,
        labels=labels,
    )
    return table_of_events(events, n_bins, strategy)


def first_moments(y_true, y_proba, *, kind, n_bins, strategy, **asked):
    """`calibration_table` without the second moments, which errors do not need: twice as fast."""
    if kind == "classwise" and strategy == "uniform" and n_bins != "cube_root":
        check_n_bins(n_bins)
        edges = uniform_edges(n_bins)
        blocks, code, weight, names = class_blocks(y_true, y_proba, edges[1], **asked)
        table = tabulate_classwise(blocks, code, weight, edges, names.size)
        return replace(table, group=names[table.group])
    return table_of_events(
        hard_events(y_true, y_proba, kind=kind, **asked), n_bins, strategy, moments=1
    )


def table_of_events(events, n_bins, strategy, *, moments=2):
    """Table of events; groups are named by their labels."""
    check_n_bins(n_bins)
    check_option(strategy, "strategy", ("uniform", "quantile"))
    if events.group is None:
        return tabulate(events, _edges(events, n_bins, strategy), moments=moments)
    if strategy == "uniform" and n_bins != "cube_root":
        table = tabulate(events, uniform_edges(n_bins), moments=moments)
    else:
        table = concatenate_tables(
            [
                tabulate(part, _edges(part, n_bins, strategy), moments=moments)
                for part in split_by_group(events)
            ]
        )
    return replace(table, group=events.group_names[table.group])


def _edges(events, n_bins, strategy):
    if n_bins == "cube_root":
        n_bins = cube_root(events.probability.size)
    if strategy == "uniform":
        return uniform_edges(n_bins)
    return quantile_edges(events.probability, n_bins, events.weight)
