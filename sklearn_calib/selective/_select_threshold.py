"""From which confidence on may one answer?"""

import numpy as np

from sklearn_calib._validation import (
    check_confidences,
    check_costs,
    check_labels,
    check_number,
    check_outcomes,
    check_same_length,
    check_weights,
    drop_zero_weights,
)
from sklearn_calib._warn import warn_user
from sklearn_calib.selective._selected_threshold import summarize
from sklearn_calib.selective._threshold_search import Aim, rank, search


def select_threshold(
    correct,
    confidence,
    *,
    target_accuracy=None,
    target_coverage=None,
    costs=None,
    confidence_level=0.95,
    sample_weight=None,
    groups=None,
    simultaneous=True,
):
    """Choose the confidence from which on to answer, for an accuracy, a coverage or costs.

    With `target_accuracy` and a `confidence_level` the answer is a promise: whatever the confidences
    and the model are, the probability over the rows given that the accuracy above the threshold is
    below the target is at most ``1 - confidence_level``. It needs rows that the model and its
    calibrator were not fitted on, drawn independently from the population that is promised about.

    Parameters
    ----------
    correct : array-like of shape (n_samples,)
        Whether each answer was right: 0/1, booleans, or a quality in [0, 1].
    confidence : array-like of shape (n_samples,)
        The larger, the surer: probabilities or any other finite numbers.
    target_accuracy : float in (0, 1], default=None
        Answer as many rows as can be shown to have at least this accuracy (or mean quality).
    target_coverage : float in (0, 1], default=None
        Answer as many rows as possible without exceeding this share of them. Rows of equal confidence
        are answered together, so that less may be reached.
    costs : tuple of two floats, (error, abstention), default=None
        Answer so that the mean cost of these rows is smallest; right answers cost nothing. Give exactly
        one of `target_accuracy`, `target_coverage` and `costs`.
    confidence_level : float in (0, 1), default=0.95
        Probability, over the rows given, with which `target_accuracy` holds; also the level of the
        intervals. None keeps the plain rule: what was observed on these rows, and no promise.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights. An error where an accuracy is to be guaranteed: exact tests need rows.
    groups : array-like of shape (n_samples,), default=None
        Choose one threshold per group, each from its own rows.
    simultaneous : bool, default=True
        With `groups`: whether `confidence_level` is the probability that the promises to all groups
        hold at once (each group then has a stricter level, by Bonferroni's inequality), or that to
        each group by itself.

    Returns
    -------
    selected : SelectedThreshold, or dict of SelectedThreshold by group
        The threshold, what it answers and how accurately, and what is guaranteed, in words.

    Raises
    ------
    ValueError
        If not exactly one of the three aims is given, or for weights with a guarantee.

    Warns
    -----
    UserWarning
        If the aim cannot be reached; no row is answered then. The message names the best that can.

    See Also
    --------
    AbstainingClassifier : The same for a classifier.
    sklearn_calib.metrics.risk_coverage_curve : Risk of every coverage, without a choice.

    Notes
    -----
    The procedure is a set of exact binomial tests in an order fixed in advance; the user guide proves
    that it holds for any shape of the risk and compares its power with other procedures. Graded
    qualities use bets in place of binomial tails [2]_.

    With a guarantee, a threshold between two observed confidences is the smallest number above the
    lower one, since that is what was tested: 0.8500000000000001 means "above 0.85".

    References
    ----------
    .. [1] Geifman and El-Yaniv (2017). Selective classification for deep neural networks. NeurIPS.
       arXiv:1705.08500
    .. [2] Waudby-Smith and Ramdas (2024). Estimating means of bounded random variables by betting.
       JRSS B 86(1):1-27. arXiv:2010.09686
    .. [3] Chow (1970). On optimum recognition error and reject tradeoff. IEEE Transactions on
       Information Theory 16(1):41-46. :doi:`10.1109/TIT.1970.1054406`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_calib import select_threshold
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 2000)
    >>> correct = rng.random(2000) < confidence
    >>> selected = select_threshold(correct, confidence, target_accuracy=0.9)
    >>> selected
    <SelectedThreshold 0.83638: coverage 0.330, accuracy 0.924, certified>
    >>> print(selected.guarantee)
    With confidence 0.95, the accuracy of the answers with confidence above 0.83638 is at least 0.9, ...
    """
    aim = check_aim(target_accuracy, target_coverage, costs, confidence_level)
    if aim.promises and sample_weight is not None:
        raise ValueError(
            "sample_weight cannot be used with a guarantee, whose exact tests count rows. Leave it out, "
            "or set confidence_level=None for the plain rule without a guarantee."
        )
    correct = check_outcomes(correct, "correct")
    confidence = check_confidences(confidence)
    groups = None if groups is None else check_labels(groups, "groups")
    check_same_length(correct=correct, confidence=confidence, groups=groups)
    weight = check_weights(sample_weight, correct.size)
    if groups is None:
        return _select(aim, *drop_zero_weights(weight, correct, confidence))
    correct, confidence, groups, weight = drop_zero_weights(weight, correct, confidence, groups)
    names = np.unique(groups).tolist()
    level = confidence_level
    if level is not None and simultaneous:
        level = 1 - (1 - level) / len(names)
    return {
        name: _select(
            aim._replace(confidence_level=level),
            *(
                None if array is None else array[groups == name]
                for array in (correct, confidence, weight)
            ),
            group=name,
            together=(len(names), confidence_level) if simultaneous else None,
        )
        for name in names
    }


def check_aim(target_accuracy, target_coverage, costs, confidence_level):
    """Return the one aim that is given, checked."""
    given = {
        name: value
        for name, value in (
            ("target_accuracy", target_accuracy),
            ("target_coverage", target_coverage),
            ("costs", costs),
        )
        if value is not None
    }
    if len(given) != 1:
        raise ValueError(
            f"Give exactly one of target_accuracy, target_coverage and costs; got {given or 'none'}."
        )
    for name in given.keys() - {"costs"}:
        check_number(given[name], name, low=0, high=1, low_open=True)
    if costs is not None:
        costs = check_costs(costs)
    if confidence_level is not None:
        check_number(
            confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True
        )
    return Aim(target_accuracy, target_coverage, costs, confidence_level)


def _select(aim, correct, confidence, weight, *, group=None, together=None):
    ranked = rank(correct, confidence, weight)
    choice = search(aim, ranked)
    if choice.problem:
        warn_user(choice.problem if group is None else f"Group {group!r}: {choice.problem}")
    return summarize(aim, ranked, choice, group=group, together=together)
