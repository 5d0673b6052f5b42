"""Agreement of answers that are known by their codes."""

from typing import NamedTuple

import numpy as np
from scipy.special import entr


class Agreement(NamedTuple):
    """What `agreement` finds, for each question but for the last field: (n_questions, n_samples)."""

    plurality: np.ndarray
    share: np.ndarray
    entropy: np.ndarray
    n_clusters: np.ndarray
    n_answers: np.ndarray
    leave_one_out: np.ndarray


def agreement(code, weight):
    """Shares of the answers `code`, (n_questions, n_samples), by the weights (n_samples,) of columns.

    A negative code is no answer; a column of weight zero counts for nobody else. The plurality of a
    question without answers is -1. Sorts the answers once; a cluster is a pair of a question and a code.
    """
    n_questions = len(code)
    row, column = np.nonzero(code >= 0)
    answer, w = code[row, column], weight[column]
    n_codes = answer.max(initial=0) + 1
    clusters, cluster = np.unique(row * n_codes + answer, return_inverse=True)
    question, name = clusters // n_codes, clusters % n_codes

    size = np.bincount(cluster, w, clusters.size)
    total = np.bincount(row, w, n_questions)
    share = np.divide(size, total[question], out=np.zeros(size.size), where=size > 0)
    best = np.zeros(n_questions)
    np.maximum.at(best, question, share)
    plurality = np.full(n_questions, -1)
    leading = np.flatnonzero((share == best[question]) & (share > 0))[::-1]
    plurality[question[leading]] = name[leading]  # where several lead, the smallest is written last

    leave_one_out = np.zeros(code.shape)
    agree, others = _without_own(cluster, w, size), _without_own(row, w, total)
    leave_one_out[row, column] = np.divide(
        np.minimum(agree, others), others, out=np.full(row.size, np.nan), where=others > 0
    )
    return Agreement(
        plurality=plurality,
        share=np.minimum(best, 1),
        entropy=np.bincount(question, entr(share), n_questions),
        n_clusters=np.bincount(question[size > 0], minlength=n_questions),
        n_answers=np.bincount(row[w > 0], minlength=n_questions),
        leave_one_out=leave_one_out,
    )


def _without_own(group, w, total):
    """Weight of the others in the group of each answer: exactly 0 where there are none."""
    told = w > 0
    others = np.bincount(group, told, total.size)[group] - told
    return np.where(others > 0, total[group] - w, 0)
