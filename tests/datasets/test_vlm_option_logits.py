import numpy as np
import pytest
from scipy.special import softmax

from sklearn_calib.datasets import load_vlm_option_logits

MODELS = ["llava-v1.5-13b", "Monkey", "Qwen-VL-Chat"]
N_ROWS = {"mmbench": 4377, "oodcv": 2844}

every_set = pytest.mark.parametrize("dataset", N_ROWS)
every_model = pytest.mark.parametrize("model", MODELS)


@pytest.mark.parametrize(
    ("dataset", "model", "published"),
    [("mmbench", "llava-v1.5-13b", 0.08889), ("oodcv", "Monkey", 0.26821)],
)
def test_published_calibration_error(dataset, model, published, expected_calibration_error):
    # The published numbers use 15 bins and all rows, the calibration half included.
    logits, label = load_vlm_option_logits(dataset, model=model, return_X_y=True)
    confidence = softmax(logits.astype(float), axis=1).max(axis=1)
    correct = logits.argmax(axis=1) == label
    error = expected_calibration_error(confidence, correct, n_bins=15)
    assert error == pytest.approx(published, abs=5e-6)


@every_set
@every_model
def test_rows_are_valid(dataset, model):
    answers = load_vlm_option_logits(dataset, model=model)
    assert answers.models == MODELS
    assert answers.data.shape == (N_ROWS[dataset], 6)
    assert answers.data.dtype == np.float32
    assert np.all(np.isfinite(answers.data))
    assert answers.feature_names == answers.target_names == list("ABCDEF")
    # "I don't know" and "None of the above" are never right.
    np.testing.assert_array_equal(np.unique(answers.target), [0, 1, 2, 3])


@every_set
def test_halves_hold_every_row_once(dataset):
    answers = load_vlm_option_logits(dataset)
    both = np.concatenate([answers.cal_idx, answers.test_idx])
    np.testing.assert_array_equal(np.sort(both), np.arange(N_ROWS[dataset]))
    assert 0 <= len(answers.test_idx) - len(answers.cal_idx) <= 1


@every_set
def test_rows_are_the_same_for_every_model(dataset):
    first, *others = [load_vlm_option_logits(dataset, model=model) for model in MODELS]
    for other in others:
        np.testing.assert_array_equal(other.target, first.target)
        np.testing.assert_array_equal(other.test_idx, first.test_idx)
        assert not np.array_equal(other.data, first.data)


def test_mmbench_questions_come_in_rotations():
    answers = load_vlm_option_logits("mmbench")
    question, count = np.unique(answers.question_id, return_counts=True)
    assert set(count) == {2, 3, 4}
    # rotations of one question ask for one ability
    abilities = set(zip(answers.question_id, answers.category, answers.subcategory, strict=True))
    assert len(abilities) == len(question)
    assert len(set(answers.category)) == 6
    assert len(set(answers.subcategory)) == 20


def test_oodcv_situations():
    situation = load_vlm_option_logits("oodcv").situation
    assert set(situation) == {
        "iid",
        "context",
        "occlusion",
        "pose",
        "shape",
        "texture",
        "weather",
    }


def test_unknown_names():
    with pytest.raises(ValueError, match="dataset must be one of 'mmbench', 'oodcv'"):
        load_vlm_option_logits("seedbench")
    with pytest.raises(ValueError, match=r"model must be one of 'llava-v1.5-13b', 'Monkey', "):
        load_vlm_option_logits(model="gpt-4o")
