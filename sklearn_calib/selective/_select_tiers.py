"""Several actions by confidence, each with an accuracy of its own."""

import numpy as np

from sklearn_calib._core.risk_coverage import last_reaching_accuracy, risk_coverage
from sklearn_calib._core.tiers import certified_tiers
from sklearn_calib._validation import (
    check_confidences,
    check_number,
    check_outcomes,
    check_same_length,
    check_weights,
    drop_zero_weights,
)
from sklearn_calib._warn import warn_user
from sklearn_calib.selective._selected_tiers import describe_tiers

DEFAULT_TIERS = (("answer", 0.95), ("flag", 0.85), ("clarify", 0.6))


def select_tiers(
    correct,
    confidence,
    *,
    tiers=DEFAULT_TIERS,
    otherwise="defer",
    confidence_level=0.95,
    sample_weight=None,
):
    r"""Divide confidences into tiers, each with an action and an accuracy of its own.

    **What a tier promises** is the accuracy of the rows that are routed to it, not of all rows from its
    confidence on: with ``("flag", 0.85)`` at least 85 % of the flagged answers are right, although the
    surest ones were taken away and are answered without a flag. Each tier takes as many rows as it can,
    after the tiers above it.

    **How sure that is.** With `confidence_level` = 0.95, the tiers found are wrong about any one of
    their accuracies for at most 5 % of all samples of calibration rows. Each of J tiers has 1/J of that.
    The promise is exact for finite samples and any distribution, with ties and where accuracy does not
    grow with confidence; it assumes that calibration rows and rows to come are independent draws from
    one distribution, in an order that says nothing about them. See Notes for the proof.

    Parameters
    ----------
    correct : array-like of shape (n_samples,)
        Whether each answer was right: 0/1 or booleans; without `confidence_level` also a quality in
        [0, 1].
    confidence : array-like of shape (n_samples,)
        The larger, the surer; any finite numbers.
    tiers : sequence of (str, float), default=(("answer", 0.95), ("flag", 0.85), ("clarify", 0.6))
        Actions and the accuracy of each in (0, 1), from the surest down: accuracies must decrease.
    otherwise : str, default="defer"
        Action for the rest.
    confidence_level : float in (0, 1) or None, default=0.95
        Probability, over the calibration rows, with which all tiers keep their accuracy. None takes the
        largest tiers that have it on the given rows: that is what was observed, no promise.
    sample_weight : array-like of shape (n_samples,), default=None
        Non-negative weights; an error with `confidence_level`, since a promise counts independent rows.

    Returns
    -------
    selected : SelectedTiers
        With ``route(confidence)`` and one `Tier` per action. A tier whose accuracy cannot be certified
        (or reached) is empty.

    Warns
    -----
    UserWarning
        If a tier is empty, naming it and why.

    See Also
    --------
    select_threshold : One tier: answer or not.
    ConfidenceRouter : The same for a classifier.

    Notes
    -----
    Thresholds are values of about :math:`2\sqrt n` evenly spaced rows, which are used for nothing else;
    for the others these are fixed numbers, and the errors among the :math:`N` rows with confidence in
    :math:`[t, u)` are binomial. Below a fixed :math:`u`, candidates :math:`t` are tested in decreasing
    order, starting where enough rows are expected to be able to pass; a candidate that passes hands its
    level on to the next (fallback procedure [1]_), so that the chance of any false rejection is at most
    the level of the tier.

    The :math:`u` of a lower tier is chosen on the same rows, which costs nothing. Given the rows above
    :math:`u`, those below are independent draws. That the tiers above end at :math:`u` means that their
    tests further down failed, which many errors there make more likely; a false pass of the lower tier
    is made more likely by few errors there. Both are monotone in one order of what a row can be (right
    in the highest interval, ..., right in the lowest, wrong in the lowest, ..., wrong in the highest), so
    that by Harris's inequality [2]_ the first makes the second less likely, not more.

    References
    ----------
    .. [1] Wiens (2003). A fixed sequence Bonferroni procedure for testing multiple endpoints.
       Pharmaceutical Statistics 2(3):211-215. :doi:`10.1002/pst.64`
    .. [2] Harris (1960). A lower bound for the critical probability in a certain percolation process.
       Mathematical Proceedings of the Cambridge Philosophical Society 56(1):13-20.
       :doi:`10.1017/S0305004100034241`

    Examples
    --------
    gpt-4o on MMLU-Pro states 0.95 or more where it is right in 83 % of cases:

    >>> from sklearn_calib.datasets import load_mmlu_pro_confidence
    >>> from sklearn_calib.selective import select_tiers
    >>> gpt = load_mmlu_pro_confidence(model="gpt-4o")
    >>> selected = select_tiers(
    ...     gpt.target, gpt.data[:, 0], tiers=[("answer", 0.8), ("flag", 0.5)], otherwise="defer"
    ... )
    >>> print(selected)
                 confidence           rows    share    right   95 % interval    wanted
    answer       0.95 or more        7,990   66.6 %   83.1 %   82.3 - 83.9 %      80 % certified
    flag         0.6 to 0.95         3,947   32.9 %   51.7 %   50.1 - 53.2 %      50 % certified
    defer        below 0.6              66    0.5 %   18.2 %   10.7 - 29.1 %
    >>> selected.route([0.99, 0.9, 0.3])
    array(['answer', 'flag', 'defer'], dtype='<U6')
    """
    tiers = check_tiers(tiers, otherwise)
    confidence = check_confidences(confidence)
    correct = check_outcomes(correct, "correct")
    check_same_length(correct=correct, confidence=confidence)
    weight = check_weights(sample_weight, correct.size)
    targets = [target for _, target in tiers]
    if confidence_level is None:
        correct, confidence, weight = drop_zero_weights(weight, correct, confidence)
        bounds = _observed_tiers(confidence, correct, weight, targets)
    else:
        _check_can_promise(confidence_level, correct, weight)
        bounds = certified_tiers(confidence, correct, targets, (1 - confidence_level) / len(tiers))
    selected = describe_tiers(
        tiers, otherwise, bounds, confidence, correct, weight, confidence_level
    )
    _tell_of_empty_tiers(selected)
    return selected


def check_tiers(tiers, otherwise):
    """Return tiers as a list of (name, accuracy) after all that can be wrong with them."""
    told = "tiers must be a sequence of (action, accuracy) pairs, such as [('answer', 0.95)]"
    try:
        pairs = [(action, accuracy) for action, accuracy in tiers]
    except (TypeError, ValueError):
        raise ValueError(f"{told}; got {tiers!r}.") from None
    if not pairs:
        raise ValueError(f"{told}; it is empty.")
    for action in [*(action for action, _ in pairs), otherwise]:
        if not isinstance(action, str):
            raise TypeError(f"An action of tiers, and otherwise, must be a name; got {action!r}.")
        if not action:
            raise ValueError("An action of tiers, and otherwise, must be a name; one is empty.")
    for action, accuracy in pairs:
        name = f"The accuracy of tier {action!r}"
        check_number(accuracy, name, low=0, high=1, low_open=True, high_open=True)
    accuracies = [accuracy for _, accuracy in pairs]
    if any(np.diff(accuracies) >= 0):
        raise ValueError(f"The accuracies of tiers must decrease; got {accuracies!r}.")
    actions = [*(action for action, _ in pairs), otherwise]
    if len(set(actions)) < len(actions):
        raise ValueError(f"The actions of tiers, and otherwise, must differ; got {actions!r}.")
    return [(action, float(accuracy)) for action, accuracy in pairs]


def _check_can_promise(confidence_level, correct, weight):
    check_number(confidence_level, "confidence_level", low=0, high=1, low_open=True, high_open=True)
    if weight is not None:
        raise ValueError(
            "A promise counts independent rows and cannot be weighted: leave out sample_weight, or set "
            "confidence_level=None."
        )
    if np.any((correct > 0) & (correct < 1)):
        raise ValueError(
            "With confidence_level, correct must be 0 or 1. Say which quality is good enough, such as "
            "correct >= 0.5, or set confidence_level=None."
        )


def _observed_tiers(confidence, correct, weight, targets):
    """The largest tiers whose accuracy is reached on these rows, one after the other."""
    bounds, upper = [], np.inf
    for target in targets:
        below, lower = confidence < upper, upper
        if below.any():
            part = (
                None if array is None else array[below] for array in (confidence, correct, weight)
            )
            curve = risk_coverage(*part)
            last = last_reaching_accuracy(curve, target)
            lower = float(curve.threshold[last]) if last >= 0 else upper
        bounds.append((lower, upper, False))
        upper = lower
    return bounds


def _tell_of_empty_tiers(selected):
    verb = "reached" if selected.confidence_level is None else "certified"
    for tier in selected.tiers[:-1]:
        if tier.lower == tier.upper:
            below = "" if tier.upper == np.inf else f" below confidence {tier.upper:.4g}"
            warn_user(
                f"Tier {tier.action!r} is empty: an accuracy of {tier.target_accuracy:.4g} could not be "
                f"{verb}{below}, from {selected.n_rows} rows."
            )
