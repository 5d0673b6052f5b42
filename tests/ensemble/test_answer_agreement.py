import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib.ensemble import answer_agreement

TEXTS = [["a", "a", "b", None], ["c", "d", "c", "d"], ["e", "e", "e", "e"], [None, "", " ", np.nan]]


def test_text():
    found = answer_agreement(TEXTS)
    assert found.answer.tolist() == [
        "a",
        "c",
        "e",
        None,
    ]  # of a tie the first in alphabetical order
    np.testing.assert_allclose(found.share, [2 / 3, 1 / 2, 1, 0])
    np.testing.assert_allclose(found.entropy, [np.log(3) - 2 / 3 * np.log(2), np.log(2), 0, 0])
    assert found.n_clusters.tolist() == [2, 2, 1, 0]
    assert found.n_answers.tolist() == [3, 4, 4, 0]
    np.testing.assert_allclose(found.leave_one_out[0], [1 / 2, 1 / 2, 0, 0])
    np.testing.assert_allclose(found.leave_one_out[1:3], [[1 / 3] * 4, [1] * 4])


def test_codes_with_a_value_for_missing():
    found = answer_agreement([[3, 3, 0, -1], [-1, -1, -1, -1]], missing=-1)
    assert found.answer.tolist() == [3, -1]
    assert found.answer.dtype == np.int64
    np.testing.assert_allclose(found.share, [2 / 3, 0])
    # without being told, -1 is a code like any other
    assert answer_agreement([[3, 3, 0, -1]]).n_clusters.tolist() == [3]


def test_weights_of_samples():
    found = answer_agreement([["a", "b", "b"]], weights=[3, 1, 1])
    assert found.answer.tolist() == ["a"]
    np.testing.assert_allclose(found.share, [3 / 5])
    np.testing.assert_allclose(found.leave_one_out, [[0, 1 / 4, 1 / 4]])
    # integer weights are repeated answers, but for what an answer says about itself
    twice = answer_agreement([["a", "b", "b", "a", "a"]])
    np.testing.assert_allclose(found.share, twice.share)
    np.testing.assert_allclose(found.entropy, twice.entropy)


def test_a_sample_of_weight_zero_is_judged_by_the_others_only():
    found = answer_agreement([["a", "a", "b"]], weights=[0, 1, 1])
    np.testing.assert_allclose(found.leave_one_out, [[1 / 2, 0, 0]])
    assert found.n_answers.tolist() == [2]


def test_order_of_samples_and_names_of_answers_do_not_matter():
    rng = np.random.default_rng(0)
    codes, order = rng.integers(0, 4, (50, 6)), rng.permutation(6)
    found, permuted = answer_agreement(codes), answer_agreement(codes[:, order])
    for name in found._fields:
        value = getattr(found, name)
        value = value[:, order] if name == "leave_one_out" else value
        np.testing.assert_allclose(getattr(permuted, name), value, err_msg=name)
    texts = answer_agreement(np.array(["w", "x", "y", "z"])[codes])
    np.testing.assert_array_equal(texts.answer, np.array(["w", "x", "y", "z"])[found.answer])
    np.testing.assert_array_equal(texts.leave_one_out, found.leave_one_out)


def test_disjoint_answers_and_equal_codes_of_different_questions():
    found = answer_agreement([[1, 2, 3], [1, 1, 1]])
    np.testing.assert_allclose(found.share, [1 / 3, 1])
    np.testing.assert_allclose(found.entropy, [np.log(3), 0])
    assert not found.leave_one_out[0].any()


def test_the_only_answer_has_no_others():
    with pytest.warns(
        UndefinedMetricWarning,
        match="1 answers are the only ones to their question, the first to question 1",
    ):
        found = answer_agreement([["a", "a"], ["b", None]])
    np.testing.assert_array_equal(found.leave_one_out, [[1, 1], [np.nan, 0]])
    with pytest.warns(UndefinedMetricWarning):
        assert np.isnan(answer_agreement([[1], [2]]).leave_one_out).all()


def test_input_of_any_kind():
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    reference = answer_agreement(TEXTS)
    columns = {f"s{j}": [row[j] for row in TEXTS[:3]] for j in range(4)}
    for table in (
        np.array(TEXTS, dtype=object),
        pd.DataFrame(TEXTS, index=[3, 1, 2, 0]),
        pd.DataFrame(TEXTS, dtype="string"),
    ):
        found = answer_agreement(table)
        np.testing.assert_array_equal(found.share, reference.share)
        assert found.answer.tolist() == reference.answer.tolist()
    np.testing.assert_array_equal(
        answer_agreement(pl.DataFrame(columns)).share, reference.share[:3]
    )
    with_nan = answer_agreement(pd.DataFrame({"a": [1, 2], "b": [1, np.nan], "c": [1, 2]}))
    assert with_nan.answer.tolist() == [1, 2]
    assert answer_agreement(np.array([["a", "a"]])).answer.tolist() == ["a"]
    assert answer_agreement(np.array([[True, True]])).share.tolist() == [1]


def test_huge_codes():
    codes = np.array([[2**62, 2**62, 2**62 + 1]])
    found = answer_agreement(codes)
    assert found.answer.tolist() == [2**62]
    np.testing.assert_allclose(found.share, 2 / 3)


@pytest.mark.parametrize("answers", [["a", "b"], [], [[]], [[["a"]]], [["a"], ["b", "c"]]])
def test_answers_must_be_a_table(answers):
    with pytest.raises(ValueError, match="answers"):
        answer_agreement(answers)


@pytest.mark.parametrize("answers", [[["a", 1]], [[0.5, 1.0]], np.zeros((2, 2), complex)])
def test_answers_must_be_text_or_integers(answers):
    with pytest.raises(TypeError, match="answers"):
        answer_agreement(answers)


def test_nan_among_text_is_missing():
    found = answer_agreement([["a", float("nan"), "a"], ["b", None, "b"]])
    assert found.n_answers.tolist() == [2, 2]
    assert found.answer.tolist() == ["a", "b"]


def test_weights_must_fit():
    with pytest.raises(ValueError, match="weights must be one number per member"):
        answer_agreement([["a", "b"]], weights=[1])
