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
    n_questions = code.shape[0]
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

    counts = (w > 0).astype(np.intp)
    in_cluster = np.bincount(cluster, counts, clusters.size)[cluster] - counts
    in_question = np.bincount(row, counts, n_questions)[row] - counts
    agree = np.where(in_cluster > 0, size[cluster] - w, 0)
    leave_one_out = np.zeros(code.shape)
    leave_one_out[row, column] = np.clip(
        np.divide(agree, total[row] - w, out=np.full(row.size, np.nan), where=in_question > 0), 0, 1
    )
    return Agreement(
        plurality=plurality,
        share=np.minimum(best, 1),
        entropy=np.bincount(question, entr(share), n_questions),
        n_clusters=np.bincount(question[size > 0], minlength=n_questions),
        n_answers=np.bincount(row[w > 0], minlength=n_questions),
        leave_one_out=leave_one_out,
    )
