"""Members of an ensemble: what they say together, and how far they disagree.

Probabilities p_m have the shape (n_members, n, k), weights w_m the shape (n_members, n) and the sum 1
over members. A weight of zero means that the member says nothing about the row; its probabilities are
then zeros. Logarithms are natural. Loops over members keep no more than (n, k) at a time.
"""

import numpy as np
from scipy.special import entr, kl_div, softmax

_TINY = np.finfo(np.float64).tiny


def arithmetic_mean(proba, weight):
    """Mean of the probabilities, (n, k): sum_m w_m p_m."""
    return np.einsum("mn,mnk->nk", weight, proba)


def geometric_mean(proba, weight):
    """Mean of the log-probabilities, made to sum to 1, (n, k); zeros count as the smallest number."""
    log_proba = sum(w[:, None] * np.log(np.maximum(p, _TINY)) for w, p in _members(proba, weight))
    return softmax(log_proba, axis=1)


def vote_share(proba, weight):
    """Share of the members whose first largest probability is that of the class, (n, k)."""
    share = np.zeros(proba.shape[1:])
    rows = np.arange(share.shape[0])
    for w, p in _members(proba, weight):
        share[rows, p.argmax(axis=1)] += w
    return np.minimum(share, 1)


def total_uncertainty(proba, weight):
    """Entropy of the mean, (n,): what is not known about the label."""
    return _entropy(arithmetic_mean(proba, weight))


def aleatoric_uncertainty(proba, weight):
    """Mean entropy of the members, (n,): what each of them leaves open."""
    return sum(w * _entropy(p) for w, p in _members(proba, weight))


def epistemic_uncertainty(proba, weight):
    """Mean divergence of the members from their mean, (n,): total minus aleatoric, never negative."""
    mean = arithmetic_mean(proba, weight)
    return sum(w * _divergence(p, mean) for w, p in _members(proba, weight))


def dissenting_vote(proba, weight):
    """1 - share of the votes for the class of the largest mean, (n,)."""
    winner = arithmetic_mean(proba, weight).argmax(axis=1)
    return 1 - vote_share(proba, weight)[np.arange(winner.size), winner]


def variation_ratio(proba, weight):
    """1 - share of the votes for the class with most of them, (n,)."""
    return 1 - vote_share(proba, weight).max(axis=1)


def vote_entropy(proba, weight):
    """Entropy of the shares of the votes, (n,)."""
    return _entropy(vote_share(proba, weight))


def pairwise_disagreement(proba, weight):
    """Share of the pairs of members that vote for different classes, (n,); 0 without a pair."""
    different = 1 - (vote_share(proba, weight) ** 2).sum(axis=1)
    pairs = 1 - (weight**2).sum(axis=0)
    some = np.count_nonzero(weight, axis=0) > 1
    return np.divide(np.maximum(different, 0), pairs, out=np.zeros(pairs.size), where=some)


def winner_variance(proba, weight):
    """Variance over the members of the probability of the class with the largest mean, (n,)."""
    mean = arithmetic_mean(proba, weight)
    winner = mean.argmax(axis=1)
    cell = np.arange(winner.size), winner
    return sum(w * (p[cell] - mean[cell]) ** 2 for w, p in _members(proba, weight))


def max_divergence(proba, weight):
    """Largest Kullback-Leibler divergence of a member from the mean, (n,)."""
    mean = arithmetic_mean(proba, weight)
    largest = np.zeros(mean.shape[0])
    for w, p in _members(proba, weight):
        np.maximum(largest, _divergence(p, mean), out=largest, where=w > 0)
    return largest


def _members(proba, weight):
    return zip(weight, proba, strict=True)


def _entropy(proba):
    return entr(proba).sum(axis=1)


def _divergence(proba, mean):
    """Kullback-Leibler divergence, term by term x log(x / y) - x + y >= 0, so that the sum is too."""
    return kl_div(proba, np.maximum(mean, _TINY)).sum(axis=1)
