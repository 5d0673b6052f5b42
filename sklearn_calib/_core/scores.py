"""Clean scores of a classifier, read as probabilities or as log-probabilities."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_softmax, softmax


class Scores(NamedTuple):
    """Scores of shape (n, n_classes), or (n,) for the positive one of two classes.

    `values` are probabilities or finite logits, as `input` tells. One dimension p means the row
    (1 - p, p), and one logit s, the log-odds of the positive class, the row (0, s). Where a logarithm
    is taken, a probability below `floor` is raised to it.
    """

    values: np.ndarray
    input: str

    def proba(self):
        """Probabilities of shape (n, n_classes)."""
        values = self.values
        if values.ndim == 1:
            positive = values if self.input == "proba" else expit(values)
            return np.column_stack([1 - positive, positive])
        return values if self.input == "proba" else softmax(values, axis=1)

    def positive(self):
        """Probability of the second of two classes, of shape (n,)."""
        if self.input == "proba" and self.values.ndim == 1:
            return self.values
        return self.proba()[:, 1]

    def logits(self, floor):
        """Log-probabilities up to a constant per row, of shape (n, n_classes), finite."""
        if self.input == "proba":
            return self.log_proba(floor)
        if self.values.ndim == 1:
            return np.column_stack([np.zeros_like(self.values), self.values])
        return self.values

    def log_proba(self, floor):
        """Log-probabilities of shape (n, n_classes), finite."""
        if self.input == "logits":
            return log_softmax(self.logits(floor), axis=1)
        proba = self.proba()
        if not proba.dtype.type(floor):  # a floor learnt in float64 is nothing in float32
            proba = proba.astype(np.float64)
        raised = np.maximum(proba, proba.dtype.type(floor))
        return np.log(raised, out=raised)

    def log_odds(self, floor):
        """Log-odds of the second of two classes, of shape (n,), finite."""
        if self.input == "logits" and self.values.ndim == 1:
            return self.values
        logits = self.logits(floor)
        return logits[:, 1] - logits[:, 0]

    def one_vs_rest(self):
        """Scores of two columns, the rest and the class, for each class; two classes are themselves.

        The rest is the sum of the other columns, not 1 minus the class, so that it is exact where the
        class is all but sure.
        """
        if self.values.ndim == 1 or self.values.shape[1] == 2:
            return [self]
        add = np.add if self.input == "proba" else np.logaddexp
        rest = _accumulate_others(add, self.values)
        return [
            Scores(np.column_stack(pair), self.input)
            for pair in zip(rest.T, self.values.T, strict=True)
        ]


def _accumulate_others(add, values):
    """Sum, by the ufunc `add`, of all columns but the own one."""
    before = add.accumulate(values, axis=1)[:, :-1]
    after = add.accumulate(values[:, ::-1], axis=1)[:, ::-1][:, 1:]
    others = np.empty_like(values)
    others[:, 0], others[:, -1] = after[:, 0], before[:, -1]
    others[:, 1:-1] = add(before[:, :-1], after[:, 1:])
    return others


def learn_floor(scores):
    """Half the smallest positive probability if there are zeros, else the smallest normal number.

    A zero says "less than I can express". What a model can express is seen in its other scores: 0.01
    for a forest of a hundred trees, 1e-16 for a complement 1 - p, 1e-38 for a softmax in float32.
    Half of that is the natural place of a zero in each case.
    """
    tiny = float(np.finfo(scores.values.dtype).tiny)
    if scores.input == "logits":
        return tiny  # nothing is floored: logits are finite
    if scores.values.min() > 0 and (scores.values.ndim == 2 or scores.values.max() < 1):
        return tiny
    proba = scores.proba()
    return max(float(proba[proba > 0].min()) / 2, tiny)
