import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_calib.datasets import load_triviaqa_answers

SHAPES = {"test": (1000, 12), "train": (2000, 11)}


@pytest.mark.parametrize("split", SHAPES)
def test_a_question_has_an_answer_of_every_model(split):
    answers = load_triviaqa_answers(split)
    n_questions, n_models = SHAPES[split]
    assert answers.n_models == len(answers.models) == n_models
    assert answers.data.shape == (n_questions * n_models, 1)
    model = answers.model.reshape(-1, n_models)
    assert np.all(model == answers.models)
    np.testing.assert_array_equal(
        answers.question.reshape(-1, n_models)[:, 0], np.arange(n_questions)
    )
    assert set(np.unique(answers.target)) == {0, 1}
    assert answers.data.min() > 0
    assert answers.data.max() <= 1


def test_figures_of_the_source():
    """Accuracy of the rows, and how many answers are empty, counted in the published files."""
    test, train = load_triviaqa_answers(), load_triviaqa_answers("train")
    assert test.target.mean() == pytest.approx(0.49067, abs=5e-6)
    assert train.target.mean() == pytest.approx(0.45845, abs=5e-6)
    assert np.sum(test.answer == -1) == 153
    assert np.sum(train.answer == -1) == 240
    assert roc_auc_score(test.target, test.data) == pytest.approx(0.7244, abs=5e-5)


def test_equal_answers_to_a_question_are_mostly_judged_equal():
    answers = load_triviaqa_answers()
    codes, correct = answers.answer.reshape(-1, 12), answers.target.reshape(-1, 12)
    same = (codes[:, :1] == codes[:, 1:]) & (codes[:, :1] >= 0)
    agree = correct[:, :1] == correct[:, 1:]
    assert agree[same].mean() > 0.9
    assert agree[~same].mean() < 0.7


def test_frame():
    pytest.importorskip("pandas")
    frame = load_triviaqa_answers(as_frame=True).frame
    assert list(frame) == ["sequence_probability", "answer", "question", "model", "correct"]
    assert frame["model"].dtype == "category"


def test_unknown_split():
    with pytest.raises(ValueError, match="split must be one of 'test', 'train'"):
        load_triviaqa_answers("dev")
