"""Uncertainty of an ensemble, split by where it comes from."""

from typing import NamedTuple

import numpy as np

from sklearn_calib._core import ensemble
from sklearn_calib.ensemble._probas import check_members


class Uncertainty(NamedTuple):
    """Entropies of each row in nats, of shape (n_samples,): total = aleatoric + epistemic."""

    total: np.ndarray
    aleatoric: np.ndarray
    epistemic: np.ndarray


def uncertainty(probas, *, weights=None):
    r"""Total uncertainty of an ensemble, split into aleatoric and epistemic.

    .. math:: H(\bar p) = \sum_m w_m H(p_m) + \sum_m w_m KL(p_m \| \bar p)

    The entropy of the mean is the mean entropy of the members (aleatoric: each of them finds the case
    open) plus their mean divergence from the mean (epistemic: they find different things) [1]_. More
    training data can be hoped to reduce the second only.

    Parameters
    ----------
    probas : array-like of shape (n_members, n_samples, n_classes) or (n_members, n_samples)
        Probabilities of each member, as in `disagreement`.
    weights : array-like of shape (n_members,), default=None
        Non-negative weights :math:`w_m` of the members; None weighs them equally.

    Returns
    -------
    uncertainty : Uncertainty
        Named tuple of arrays `total`, `aleatoric` and `epistemic` of shape (n_samples,), in nats. All
        are in [0, log n_classes]; epistemic is 0 where the members agree.

    Raises
    ------
    ValueError
        As `disagreement` does.

    See Also
    --------
    disagreement : Other measures of disagreement.

    References
    ----------
    .. [1] Depeweg, Hernandez-Lobato, Doshi-Velez and Udluft (2018). Decomposition of Uncertainty in
       Bayesian Deep Learning for Efficient and Risk-sensitive Learning. :arxiv:`1710.07283`

    Examples
    --------
    Two members that toss a coin, and two that are sure of the opposite, have the same mean.

    >>> from sklearn_calib.ensemble import uncertainty
    >>> split = uncertainty([[0.5, 0.0], [0.5, 1.0]])
    >>> split.total.round(2), split.aleatoric.round(2), split.epistemic.round(2)
    (array([0.69, 0.69]), array([0.69, 0.  ]), array([0.  , 0.69]))
    """
    proba, weight = check_members(probas, weights)
    return Uncertainty(
        ensemble.total_uncertainty(proba, weight),
        ensemble.aleatoric_uncertainty(proba, weight),
        ensemble.epistemic_uncertainty(proba, weight),
    )
