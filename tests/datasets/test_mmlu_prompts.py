import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from sklearn_calib.datasets import load_mmlu_prompts

# Questions per subject, counted in the published files.
SUBJECTS = {
    "anatomy": 150,
    "business_ethics": 112,
    "college_computer_science": 112,
    "college_medicine": 191,
    "formal_logic": 141,
    "high_school_biology": 343,
    "marketing": 260,
    "professional_accounting": 314,
}


def test_every_question_is_asked_with_every_prompt():
    answers = load_mmlu_prompts()
    assert answers.n_prompts == 10
    assert answers.data.shape == (16230, 4)
    pairs = answers.prompt * 1623 + answers.question
    np.testing.assert_array_equal(pairs, np.arange(16230))
    for rows in (answers.target, answers.subject):
        assert np.all(rows.reshape(10, 1623) == rows[:1623])


def test_probabilities():
    data = load_mmlu_prompts().data
    np.testing.assert_allclose(data.sum(axis=1), 1, rtol=0, atol=1e-12)
    # the first two rows of the source, in its single precision
    source = [
        [0.36924446, 0.13373148, 0.23106727, 0.2659568],
        [0.33399877, 0.12480621, 0.31870386, 0.22249115],
    ]
    np.testing.assert_allclose(data[:2], source, rtol=3e-7)
    np.testing.assert_allclose([data.min(), data.max()], [0.0027966301, 0.9717158], rtol=3e-7)


def test_counts_of_the_source():
    answers = load_mmlu_prompts()
    subjects, counts = np.unique(answers.subject[:1623], return_counts=True)
    assert dict(zip(subjects.tolist(), counts.tolist(), strict=True)) == SUBJECTS
    np.testing.assert_array_equal(np.bincount(answers.target[:1623]), [378, 384, 418, 443])


def test_accuracy_of_the_source():
    answers = load_mmlu_prompts()
    chosen = answers.data.argmax(axis=1).reshape(10, -1)
    accuracy = [accuracy_score(answers.target[:1623], a) for a in chosen]
    assert np.mean(accuracy) == pytest.approx(0.416574, abs=5e-6)


def test_frame():
    pytest.importorskip("pandas")
    frame = load_mmlu_prompts(as_frame=True).frame
    assert list(frame) == ["A", "B", "C", "D", "prompt", "question", "subject", "label"]
    assert frame["subject"].dtype == "category"
