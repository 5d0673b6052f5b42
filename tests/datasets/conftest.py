import math

import pytest


def _expected_calibration_error(confidence, correct, n_bins):
    bins = {}
    for p, o in zip(confidence, correct, strict=True):
        k = max(
            math.ceil(float(p) * n_bins), 1
        )  # (k - 1) / n_bins < p <= k / n_bins; 0 is in bin 1
        bins.setdefault(k, []).append((float(p), float(o)))
    sums = [(sum(o for _, o in rows), sum(p for p, _ in rows)) for rows in bins.values()]
    # n_b / n * |acc_b - conf_b| = |sum of outcomes - sum of confidences| / n
    return sum(abs(outcomes - confidences) for outcomes, confidences in sums) / len(correct)


@pytest.fixture
def expected_calibration_error():
    """The binned error as papers define it, row by row in plain Python."""
    return _expected_calibration_error
