from collections import defaultdict
from math import log

import numpy as np
import pytest

from sklearn_calib._core.agreement import agreement


def by_row(code, weight):
    """Everything, written out question by question."""
    rows = []
    for answers in code.tolist():
        size = defaultdict(float)
        for answer, w in zip(answers, weight, strict=True):
            if answer >= 0 and w > 0:
                size[answer] += w
        total = sum(size.values())
        share = {answer: s / total for answer, s in size.items()}
        best = max(share.values(), default=0)
        others = []
        for j, answer in enumerate(answers):
            rest = [
                (other, v)
                for i, (other, v) in enumerate(zip(answers, weight, strict=True))
                if i != j and other >= 0 and v > 0
            ]
            if answer < 0:
                others.append(0)
            elif not rest:
                others.append(np.nan)
            else:
                others.append(sum(v for o, v in rest if o == answer) / sum(v for _, v in rest))
        plurality = min((a for a, s in share.items() if abs(s - best) < 1e-12), default=-1)
        entropy = -sum(s * log(s) for s in share.values())
        n_answers = sum(a >= 0 and w > 0 for a, w in zip(answers, weight, strict=True))
        rows.append((plurality, best, entropy, len(share), n_answers, others))
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("weighted", [False, True])
def test_against_the_sums_written_out(seed, weighted):
    rng = np.random.default_rng(seed)
    code = rng.integers(-1, 3 + seed, (40, 5))
    code[0], code[1] = -1, [-1, -1, 2, -1, -1]
    weight = rng.choice([0.0, 0.5, 1.0, 2.0], 5) if weighted else np.ones(5)
    weight[2] = 1
    found = agreement(code, weight)
    for value, expected in zip(found, by_row(code, weight), strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-12)


def test_weights_whose_sums_are_rounded():
    # 0.1 + 0.2 - 0.2 is not 0.1 in floating point
    found = agreement(np.array([[0, 0, -1], [0, -1, -1]]), np.array([0.1, 0.2, 0.3]))
    np.testing.assert_array_equal(found.leave_one_out, [[1, 1, 0], [np.nan, 0, 0]])
    assert found.share.tolist() == [1, 1]


def test_no_answers_at_all():
    found = agreement(np.full((3, 2), -1), np.ones(2))
    assert found.plurality.tolist() == [-1, -1, -1]
    for value in found[1:]:
        assert not value.any()
