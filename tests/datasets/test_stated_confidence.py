import numpy as np
import pytest

from sklearn_calib.datasets import load_stated_confidence

MODELS = [
    "gpt-4o",
    "claude-3-7-sonnet",
    "claude-3-haiku",
    "deepseek-v3",
    "gemini-2.5-flash",
    "Meta-Llama-3.1-8B",
]
N_COMMON = {"BoolQ": 2503, "LSAT": 87, "SAT": 173, "SciQ": 996, "HaluEval": 1790, "LifeEval": 751}
N_QUESTIONS = {
    "BoolQ": 3270,
    "LSAT": 230,
    "SAT": 206,
    "SciQ": 1000,
    "HaluEval": 2000,
    "LifeEval": 808,
}

every_set = pytest.mark.parametrize("dataset", N_COMMON)
every_model = pytest.mark.parametrize("model", MODELS)


@pytest.mark.parametrize(
    ("dataset", "model", "published"),
    [
        ("BoolQ", "gpt-4o", 0.07992),
        ("HaluEval", "claude-3-haiku", 0.36628),
        ("LifeEval", "Meta-Llama-3.1-8B", 0.12362),
    ],
)
def test_published_calibration_error(dataset, model, published, expected_calibration_error):
    # The authors evaluate with 10 bins on the questions that all their models answered.
    confidence, correct = load_stated_confidence(
        dataset, model=model, common_only=True, return_X_y=True
    )
    error = expected_calibration_error(confidence[:, 0], correct, n_bins=10)
    assert error == pytest.approx(published, abs=5e-6)


@every_set
@every_model
def test_rows_are_valid(dataset, model):
    records = load_stated_confidence(dataset, model=model)
    assert records.models == MODELS
    assert records.datasets == list(N_COMMON)
    assert records.data.shape == (len(records.target), 1)
    assert np.all((records.data >= 0) & (records.data <= 1))
    assert np.all((records.target >= 0) & (records.target <= 1))
    assert np.all(np.diff(records.question) > 0)
    assert records.question[-1] < N_QUESTIONS[dataset]
    assert records.common.sum() == N_COMMON[dataset]


@every_set
def test_common_only_keeps_the_same_questions_for_every_model(dataset):
    questions = [
        load_stated_confidence(dataset, model=model, common_only=True).question for model in MODELS
    ]
    assert len(questions[0]) == N_COMMON[dataset]
    for other in questions[1:]:
        np.testing.assert_array_equal(other, questions[0])


def test_common_only_selects_the_common_rows():
    every = load_stated_confidence("SAT", model="claude-3-haiku")
    common = load_stated_confidence("SAT", model="claude-3-haiku", common_only=True)
    np.testing.assert_array_equal(common.data, every.data[every.common])
    np.testing.assert_array_equal(common.target, every.target[every.common])
    assert common.common.all()


@every_set
def test_outcomes_are_zero_or_one_except_in_life_eval(dataset):
    records = load_stated_confidence(dataset)
    graded = dataset == "LifeEval"
    assert records.target.dtype == (np.float64 if graded else np.int64)
    assert np.any((records.target > 0) & (records.target < 1)) == graded
    assert records.target_names == (None if graded else ["wrong", "correct"])
    assert ("radius" in records) == graded


@every_set
@every_model
def test_token_confidence_is_there_where_documented(dataset, model):
    token_confidence = load_stated_confidence(dataset, model=model).token_confidence
    documented = model == "Meta-Llama-3.1-8B" and dataset not in {"HaluEval", "LifeEval"}
    assert np.all(np.isnan(token_confidence) != documented)


def test_life_eval_asks_for_ages_and_radii():
    records = load_stated_confidence("LifeEval")
    np.testing.assert_array_equal(np.unique(records.radius), [1, 5, 10, 20])
    np.testing.assert_array_equal(np.unique(records.min_age), np.arange(101))
    # 101 ages, 4 radii, 2 sexes
    assert len(records.target) == 101 * 4 * 2


def test_unknown_names():
    with pytest.raises(ValueError, match=r"dataset must be one of 'BoolQ', .*'LifeEval'"):
        load_stated_confidence("TriviaQA")
    with pytest.raises(ValueError, match=r"model must be one of 'gpt-4o', .*'Meta-Llama-3.1-8B'"):
        load_stated_confidence(model="gpt-2")
