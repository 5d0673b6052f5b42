import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from sklearn_calib.frames import risk_coverage_from_frame
from sklearn_calib.metrics import risk_coverage_curve


def log(n=500, decimals=3):
    rng = np.random.default_rng(0)
    sure = np.round(rng.random(n), decimals)
    return pd.DataFrame(
        {"sure": sure, "right": rng.random(n) < sure, "weight": rng.choice([0.0, 1.0, 2.5], n)}
    )


def test_confidences_of_three_decimals_give_the_whole_curve(to_engine):
    frame = log()
    curve = risk_coverage_from_frame(
        to_engine(frame), confidence="sure", correct="right", weight="weight"
    )
    expected = risk_coverage_curve(
        frame.right, frame.sure, kind="record", sample_weight=frame.weight
    )
    for actual, wanted in zip(curve, expected, strict=True):
        assert_allclose(actual, wanted, atol=1e-12)


def test_coarse_points_lie_on_the_whole_curve(to_engine):
    frame = log(decimals=9)
    curve = risk_coverage_from_frame(
        to_engine(frame), confidence="sure", correct="right", resolution=20
    )
    assert curve.threshold.size == 20
    for threshold, coverage, risk in zip(*curve, strict=True):
        answered = frame.sure >= threshold
        assert coverage == pytest.approx(answered.mean(), abs=1e-12)
        assert risk == pytest.approx(1 - frame.right[answered].mean(), abs=1e-12)


def test_resolution_is_checked():
    with pytest.raises(ValueError, match="resolution must be at least 1"):
        risk_coverage_from_frame(log(), confidence="sure", correct="right", resolution=0)
