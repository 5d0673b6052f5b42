import math

import numpy as np
import pytest

from sklearn_calib.llm import p_true


def log(**proba):
    return {token: math.log(p) for token, p in proba.items()}


def test_share_of_the_true_tokens():
    # (0.5 + 0.1) / (0.5 + 0.1 + 0.2)
    found = p_true([{" True": math.log(0.5), "true": math.log(0.1), "False": math.log(0.2)}])
    assert found.confidence[0] == pytest.approx(0.75)


def test_letters_of_the_prompt_of_the_paper():
    found = p_true([{"(A": math.log(0.6), " B": math.log(0.2)}], true=["A"], false=["B"])
    assert found.confidence[0] == pytest.approx(0.75)


def test_one_of_both_listed_is_bounded():
    # false can have the rest, 0.1, and not more than what is listed least, 0.9
    assert p_true([log(true=0.9)]).confidence[0] == pytest.approx(0.9)
    assert p_true([log(false=0.9)]).confidence[0] == pytest.approx(0.1)


def test_neither_is_nan_with_the_reason():
    found = p_true([log(maybe=0.9), None])
    assert np.isnan(found.confidence).all()
    assert found.reason.tolist() == ["no option among the listed tokens", "missing"]


def test_groups_must_be_apart():
    with pytest.raises(
        ValueError, match="true and false must each hold tokens, and none in common"
    ):
        p_true([], true=["A"], false=["a"])
    with pytest.raises(ValueError, match="must each hold tokens"):
        p_true([], true=[])
    with pytest.raises(TypeError, match="true must be a list of text"):
        p_true([], true="A")
