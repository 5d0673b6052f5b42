import numpy as np
import pandas as pd
import pytest

from sklearn_calib.metrics import multicalibration_error


def calibrated(n=2000, n_groups=10, seed=0):
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.2, 1, n)
    return (rng.random(n) < confidence).astype(int), confidence, rng.integers(0, n_groups, n)


def slow(correct, confidence, rows):
    """Error and noise of one segment, by the definitions."""
    order = np.argsort(confidence[rows])
    residual = (correct - confidence)[rows][order]
    walk = np.concatenate([[0], np.cumsum(residual)]) / residual.size
    variance = max(np.sum((confidence * (1 - confidence))[rows]), np.sum(residual**2))
    return walk.max() - walk.min(), np.sqrt(variance) / residual.size


def test_definitions():
    correct, confidence, group = calibrated()
    result = multicalibration_error(correct, confidence, group, kind="record")
    parts = {"all rows": slow(correct, confidence, slice(None))}
    parts |= {str(g): slow(correct, confidence, group == g) for g in range(10)}
    for name, error, noise in zip(result.segment, result.error, result.noise, strict=True):
        assert error == pytest.approx(parts[name][0])
        assert noise == pytest.approx(parts[name][1] * np.sqrt(8 / np.pi))
    sigma = parts["all rows"][1]
    assert result.worst == pytest.approx(sigma * max(e / s for e, s in parts.values()))
    share = np.bincount(group) / group.size
    mean = sum(share[g] * parts[str(g)][0] for g in range(10))
    assert result.weighted == pytest.approx(mean)
    assert float(result) == result.worst


def test_one_group_is_all_rows():
    """With no segment but the whole, worst and weighted are its cumulative error."""
    correct, confidence, _ = calibrated()
    result = multicalibration_error(correct, confidence, np.zeros(2000), kind="record")
    error, _ = slow(correct, confidence, slice(None))
    assert result.worst == pytest.approx(error)
    assert result.weighted == pytest.approx(error)


def test_noise_levels_are_what_calibration_gives():
    """Means over 100 calibrated data sets; walks of 200 steps are a few percent below the limit."""
    results = [multicalibration_error(*calibrated(seed=seed), kind="record") for seed in range(100)]
    for name in ("worst", "weighted"):
        seen = np.mean([getattr(r, name) for r in results])
        assert seen == pytest.approx(
            np.mean([getattr(r, name + "_noise") for r in results]), rel=0.08
        )
    assert np.mean([r.pvalue < 0.05 for r in results]) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_a_wrong_segment_is_found_and_errors_do_not_cancel_out():
    """Group 3 is right on average: too low where confidence is low, too high where it is high."""
    correct, confidence, group = calibrated(8000)
    rng = np.random.default_rng(1)
    wrong = group == 3
    tilted = 0.6 + (confidence - 0.6) * 0.2
    correct[wrong] = rng.random(wrong.sum()) < tilted[wrong]
    result = multicalibration_error(correct, confidence, group, kind="record")
    assert result.segment[0] == "3"
    assert result.pvalue < 1e-3
    assert result.worst > 1.5 * result.worst_noise


def test_segments_of_several_columns():
    correct, confidence, group = calibrated()
    frame = pd.DataFrame({"a": group % 2, "b": group // 5})
    result = multicalibration_error(correct, confidence, frame, depth=2, kind="record")
    assert len(result.segment) == 1 + 2 + 2 + 4
    assert "a=0 & b=1" in result.segment
    assert result.to_frame().columns.tolist() == [
        "segment",
        "count",
        "error",
        "noise",
        "pvalue_adjusted",
    ]
    text = str(result)
    assert "worst segment" in text
    assert text.splitlines()[1].split()[0] == "segment"


def test_small_segments_are_left_out_but_not_all_rows():
    correct, confidence, group = calibrated(20, 4)
    result = multicalibration_error(correct, confidence, group, kind="record")
    assert result.segment.tolist() == ["all rows"]
    assert result.weighted == pytest.approx(result.worst)


def test_integer_weights_are_repetitions():
    correct, confidence, group = calibrated(400)
    weight = np.random.default_rng(0).integers(0, 4, 400)
    rows = np.repeat(np.arange(400), weight)
    weighted = multicalibration_error(
        correct, confidence, group, sample_weight=weight, kind="record", min_count=1
    )
    repeated = multicalibration_error(
        correct[rows], confidence[rows], group[rows], kind="record", min_count=1
    )
    for name in ("worst", "worst_noise", "weighted", "weighted_noise", "pvalue"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name))


def test_certain_rows():
    """Certain and right is no error; certain and wrong is one, and finite."""
    y, group = np.ones(100), np.repeat([0, 1], 50)
    right = multicalibration_error(y, np.ones(100), group, kind="record")
    assert right.worst == right.weighted == right.worst_noise == 0
    assert right.pvalue == 1
    wrong = multicalibration_error(1 - y, np.ones(100), group, kind="record")
    assert wrong.worst == wrong.weighted == 1
    assert wrong.pvalue < 1e-6


def test_errors():
    correct, confidence, group = calibrated(100)
    with pytest.raises(ValueError, match="min_count must be at least 1"):
        multicalibration_error(correct, confidence, group, min_count=0)
    with pytest.raises(ValueError, match="groups has 3"):
        multicalibration_error(correct, confidence, [1, 2, 3])
    with pytest.raises(TypeError, match="depth must be an integer of 1 to 1"):
        multicalibration_error(correct, confidence, group, depth=1.0)
