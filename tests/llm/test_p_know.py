import math

import pytest

from sklearn_calib.llm import p_know, p_true


def test_share_of_yes():
    record = {"Yes": math.log(0.6), " no": math.log(0.15), "I": math.log(0.2)}
    assert p_know([record]).confidence[0] == pytest.approx(0.8)
    assert p_true([record]).confidence[0] == pytest.approx(0.8)


def test_own_tokens():
    record = {"B": math.log(0.6), "A": math.log(0.15)}
    assert p_know([record], know=["A"], not_know=["B"]).confidence[0] == pytest.approx(0.2)


def test_groups_must_be_apart():
    with pytest.raises(ValueError, match="know and not_know must each hold tokens"):
        p_know([], know=["no"])
