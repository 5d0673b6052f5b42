import numpy as np
import pytest

from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.metrics import (
    expected_calibration_error,
    mean_calibration_gap,
    overconfidence_error,
    underconfidence_error,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.integers(0, 3, 200), rng.dirichlet([1, 1, 1], 200), rng.random(200)


@pytest.mark.parametrize("kind", ["confidence", "top_label", "classwise"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_the_parts_add_up_to_the_error_and_their_difference_is_the_mean_gap(data, kind, strategy):
    y, proba, weight = data
    asked = {"kind": kind, "strategy": strategy, "sample_weight": weight}
    over, under = overconfidence_error(y, proba, **asked), underconfidence_error(y, proba, **asked)
    assert over + under == pytest.approx(expected_calibration_error(y, proba, **asked))
    gap = 0 if kind == "classwise" else mean_calibration_gap(y, proba, sample_weight=weight)
    assert over - under == pytest.approx(gap, abs=1e-12)


def test_two_bins_by_hand():
    # 20 % said, 50 % seen; 90 % said, 0 % seen
    y, p = [0, 1, 0, 0], [0.2, 0.2, 0.9, 0.9]
    assert overconfidence_error(y, p) == pytest.approx(0.45)
    assert underconfidence_error(y, p) == pytest.approx(0.15)
    assert mean_calibration_gap(y, p) == pytest.approx(0.3)


def test_language_models_are_overconfident():
    records = load_mmlu_pro_confidence(model="gpt-4o")
    gap = mean_calibration_gap(records.target, records.data, kind="record")
    assert gap == pytest.approx(records.data.mean() - records.target.mean())
    assert gap > 0.2


def test_the_class_wise_gap_says_nothing(data):
    with pytest.raises(ValueError, match="kind='classwise' has a mean gap of 0 by definition"):
        mean_calibration_gap(*data[:2], kind="classwise")
    top = mean_calibration_gap(*data[:2], kind="top_label")
    assert top == mean_calibration_gap(*data[:2], kind="confidence")
