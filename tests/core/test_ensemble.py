"""The formulas, against sums that are written out row by row."""

import math

import numpy as np
import pytest

from sklearn_calib._core import ensemble


def problem(n_members=4, n=30, k=3, seed=0):
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.full(k, 0.5), (n_members, n))
    proba[0, 0] = np.eye(k)[0]  # a zero
    weight = rng.uniform(0.5, 2, (n_members, n))
    weight[1, 3] = 0  # says nothing there
    proba[1, 3] = 0
    return proba, 3 * weight


def entropy(p):
    return -sum(x * math.log(x) for x in p if x > 0)


def divergence(p, q):
    return sum(x * math.log(x / y) for x, y in zip(p, q, strict=True) if x > 0)


def by_row(proba, weight):
    """Every measure, written out; a dict of lists."""
    found, weight = {}, weight / weight.sum(axis=0)
    for i in range(proba.shape[1]):
        members = [(w, p) for w, p in zip(weight[:, i], proba[:, i], strict=True) if w > 0]
        mean = [sum(w * p[k] for w, p in members) for k in range(proba.shape[2])]
        votes = [(w, int(np.argmax(p))) for w, p in members]
        share = [sum(w for w, v in votes if v == k) for k in range(proba.shape[2])]
        winner = int(np.argmax(mean))
        pairs = [
            (votes[a][0] * votes[b][0], votes[a][1] != votes[b][1])
            for a in range(len(votes))
            for b in range(len(votes))
            if a != b
        ]
        logs = [
            sum(w * math.log(max(p[k], 2.2e-308)) for w, p in members) for k in range(len(mean))
        ]
        row = {
            "arithmetic_mean": mean,
            "geometric_mean": np.exp(logs) / np.exp(logs).sum(),
            "vote_share": share,
            "total_uncertainty": entropy(mean),
            "aleatoric_uncertainty": sum(w * entropy(p) for w, p in members),
            "epistemic_uncertainty": sum(w * divergence(p, mean) for w, p in members),
            "dissenting_vote": 1 - share[winner],
            "variation_ratio": 1 - max(share),
            "vote_entropy": entropy(share),
            "pairwise_disagreement": sum(w for w, d in pairs if d) / sum(w for w, _ in pairs),
            "winner_variance": sum(w * (p[winner] - mean[winner]) ** 2 for w, p in members),
            "max_divergence": max(divergence(p, mean) for _, p in members),
        }
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    return found


SLOW = by_row(*problem())


@pytest.mark.parametrize("name", SLOW)
def test_formula(name):
    np.testing.assert_allclose(getattr(ensemble, name)(*problem()), SLOW[name], atol=1e-12)


def test_extremely_small_probabilities_stay_finite():
    tiny = np.array([[[5e-324, 1.0]], [[0.0, 1.0]], [[1.0, 0.0]]])
    weight = np.full((3, 1), 1 / 3)
    for name in SLOW:
        assert np.isfinite(getattr(ensemble, name)(tiny, weight)).all(), name
