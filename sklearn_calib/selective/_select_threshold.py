"""From which confidence on may one answer?"""


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

    Parameters
    ----------
    correct : array-like of shape (n_samples,)
        Whether each answer was right: 0/1, booleans, or a quality in [0, 1].
    confidence : array-like of shape (n_samples,)
        The larger, the surer; any finite numbers.
    target_accuracy : float in (0, 1], default=None
        Answer as many rows as possible while their accuracy is at least this.
    target_coverage : float in (0, 1], default=None
        Answer as many rows as possible without exceeding this share.
    costs : tuple of two floats, (error, abstention), default=None
        Answer so that the mean cost is smallest. Give one of these three.
    confidence_level : float in (0, 1) or None, default=0.95
        Probability, over the rows given, that the target accuracy holds for future rows; also the
        level of the intervals. None keeps the plain rule: what was observed, nothing promised.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights; an error together with a guarantee.
    groups : array-like of shape (n_samples,), default=None
        Choose one threshold per group.
    simultaneous : bool, default=True
        With `groups`: whether `confidence_level` holds for all groups at once or for each by itself.

    Returns
    -------
    selected : SelectedThreshold, or dict of group to SelectedThreshold where `groups` is given
    """
    raise NotImplementedError
