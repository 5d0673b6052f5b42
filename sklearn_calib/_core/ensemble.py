"""Members of an ensemble: what they say together, and how far they disagree.

Probabilities p_m have the shape (n_members, n, k), weights w_m the shape (n_members, n). A weight of zero
means that the member says nothing about the row; its probabilities are then zeros. Weights are divided by
their sum last, so that equal ones count votes exactly. Logarithms are natural. Loops over members keep no
more than (n, k) at a time.
"""

import numpy as np
from scipy.special import entr, kl_div, softmax

_TINY = np.finfo(np.float64).tiny


def arithmetic_mean(proba, weight):
    """Mean of the probabilities, (n, k): sum_m w_m p_m."""
    mean = np.einsum("mn,mnk->nk", weight, proba)
    return mean / mean.sum(axis=1, keepdims=True)


def geometric_mean(proba, weight):
    """Mean of the log-probabilities, made to sum to 1, (n, k); zeros count as the smallest number."""
    total = sum(w[:, None] * np.log(np.maximum(p, _TINY)) for w, p in _members(proba, weight))
    return softmax(total / weight.sum(axis=0)[:, None], axis=1)


def vote_share(proba, weight):
    """Share of the members whose first largest probability is that of the class, (n, k)."""
    votes = _votes(proba, weight)
    return votes / votes.sum(axis=1, keepdims=True)


def total_uncertainty(proba, weight):
    """Entropy of the mean, (n,): what is not known about the label."""
    return _entropy(arithmetic_mean(proba, weight))


def aleatoric_uncertainty(proba, weight):
    """Mean entropy of the members, (n,): what each of them leaves open."""
    return _mean(_entropy, proba, weight)


def epistemic_uncertainty(proba, weight):
    """Mean divergence of the members from their mean, (n,): total minus aleatoric, never negative."""
    mean = arithmetic_mean(proba, weight)
    return _mean(lambda p: _divergence(p, mean), proba, weight)


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
    votes = _votes(proba, weight)
    total = votes.sum(axis=1) ** 2
    different, pairs = total - (votes**2).sum(axis=1), total - (weight**2).sum(axis=0)
    some = np.count_nonzero(weight, axis=0) > 1
    share = np.divide(different, pairs, out=np.zeros(pairs.size), where=some)
    return np.clip(share, 0, 1)


def winner_variance(proba, weight):
    """Variance over the members of the probability of the class with the largest mean, (n,)."""
    mean = arithmetic_mean(proba, weight)
    winner = mean.argmax(axis=1)
    cell = np.arange(winner.size), winner
    return _mean(lambda p: (p[cell] - mean[cell]) ** 2, proba, weight)


def max_divergence(proba, weight):
    """Largest Kullback-Leibler divergence of a member from the mean, (n,)."""
    mean = arithmetic_mean(proba, weight)
    largest = np.zeros(mean.shape[0])
    for w, p in _members(proba, weight):
        np.maximum(largest, _divergence(p, mean), out=largest, where=w > 0)
    return largest


def _members(proba, weight):
    return zip(weight, proba, strict=True)


def _mean(function, proba, weight):
    """Weighted mean of a function of each member's probabilities, (n,)."""
    return sum(w * function(p) for w, p in _members(proba, weight)) / weight.sum(axis=0)


def _votes(proba, weight):
    """Weight of the votes for each class, (n, k)."""
    votes = np.zeros(proba.shape[1:])
    rows = np.arange(votes.shape[0])
    for w, p in _members(proba, weight):
        votes[rows, p.argmax(axis=1)] += w
    return votes


def _entropy(proba):
    return entr(proba).sum(axis=1)


def _divergence(proba, mean):
    """Kullback-Leibler divergence, term by term x log(x / y) - x + y >= 0, so that the sum is too."""
    return kl_div(proba, np.maximum(mean, _TINY)).sum(axis=1)
