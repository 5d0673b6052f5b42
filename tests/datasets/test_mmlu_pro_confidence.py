import numpy as np
import pytest

from sklearn_calib.datasets import load_mmlu_pro_confidence

# Questions of the source without a usable stated confidence.
N_MISSING = {
    "gpt-4o": 29,
    "gpt-4.1-mini": 171,
    "claude-3-5-haiku": 1,
    "deepseek-chat": 1,
    "Meta-Llama-3.1-8B": 607,
    "Qwen2.5-7B": 22,
}

every_model = pytest.mark.parametrize("model", N_MISSING)


def test_gpt_4o_is_overconfident_as_in_the_source():
    records = load_mmlu_pro_confidence()
    assert records.model_id == "gpt-4o-2024-08-06"
    assert records.data.shape == (12003, 1)
    assert records.data.mean() == pytest.approx(0.9327, abs=5e-5)
    assert records.target.mean() == pytest.approx(0.7242, abs=5e-5)
    assert records.target.sum() == 8693
    assert np.mean(records.data == 1) == pytest.approx(0.247, abs=5e-4)  # a quarter says 100 %


@every_model
def test_every_question_has_a_row_or_is_counted_as_missing(model):
    records = load_mmlu_pro_confidence(model=model)
    assert records.models == list(N_MISSING)
    assert records.n_missing == N_MISSING[model]
    assert len(records.target) == 12032 - N_MISSING[model]
    assert np.all(np.diff(records.question) > 0)
    assert records.question[0] >= 0
    assert records.question[-1] < 12032


@every_model
def test_confidences_are_probabilities(model):
    records = load_mmlu_pro_confidence(model=model)
    assert np.all((records.data >= 0) & (records.data <= 1))
    if model == "claude-3-5-haiku":
        assert np.all(np.isnan(records.token_confidence))
    else:
        assert np.all((records.token_confidence > 0.5) & (records.token_confidence <= 1))


@every_model
def test_an_unparsed_answer_is_kept_and_wrong(model):
    records = load_mmlu_pro_confidence(model=model)
    assert set(np.unique(records.target)) == {0, 1}
    assert not records.target[~records.parsed].any()


def test_unparsed_rows_of_gpt_4o():
    assert np.sum(~load_mmlu_pro_confidence().parsed) == 25


def test_a_question_has_the_same_subject_for_every_model():
    subject_of = {}
    for model in N_MISSING:
        records = load_mmlu_pro_confidence(model=model)
        for question, subject in zip(records.question, records.subject, strict=True):
            assert subject_of.setdefault(question, subject) == subject
    assert len(set(subject_of.values())) == 14
    assert {"law", "math", "computer science"} <= set(subject_of.values())


def test_frame_holds_what_the_arrays_hold():
    arrays = load_mmlu_pro_confidence(model="Qwen2.5-7B")
    frame = load_mmlu_pro_confidence(model="Qwen2.5-7B", as_frame=True).frame
    assert list(frame) == [
        "confidence",
        "token_confidence",
        "subject",
        "parsed",
        "question",
        "correct",
    ]
    assert frame["subject"].dtype == "category"
    np.testing.assert_array_equal(frame["token_confidence"], arrays.token_confidence)
    np.testing.assert_array_equal(frame["subject"].astype(str), arrays.subject)


def test_unknown_model():
    with pytest.raises(ValueError, match=r"model must be one of 'gpt-4o', .*'Qwen2.5-7B'"):
        load_mmlu_pro_confidence(model="gpt-2")
