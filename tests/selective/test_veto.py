"""Rows that are rejected in any case, and thresholds that groups have of their own."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from sklearn_calib.selective._veto import check_source, find_groups, thresholds_of, veto_mask

X = pd.DataFrame({"known": [True, False, False, True], "site": ["a", "b", "b", "a"]})
ANSWER = np.array([1, 0, 1, 1])


def test_parameter_and_mask_veto_together():
    given = [False, False, True, True]
    assert veto_mask(None, X, None).tolist() == [False] * 4
    assert veto_mask("known", X, None).tolist() == [True, False, False, True]
    assert veto_mask(lambda X: X["site"] == "b", X, None).tolist() == [False, True, True, False]
    assert veto_mask("known", X, given).tolist() == [True, False, True, True]


@pytest.mark.parametrize("rows", [[[1], [2]], np.ones((2, 1)), sp.csr_array(np.eye(2))])
def test_any_rows_can_be_vetoed(rows):
    assert veto_mask(None, rows, [True, False]).tolist() == [True, False]


def test_booleans_in_an_array_of_objects():
    assert veto_mask(None, X, np.array([True, False, np.True_, False], object)).sum() == 2


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        ([True], r"here 4; got shape \(1,\) and dtype bool"),
        ([0, 1, 0, 1], "dtype int"),
        (np.array([True, False, None, True], object), "dtype object"),
        (np.zeros((4, 1), bool), r"shape \(4, 1\)"),
    ],
)
def test_masks_that_are_refused(mask, told):
    for source, given in ((None, mask), (lambda X: mask, None)):
        with pytest.raises(ValueError, match="veto must give one boolean per row, .*" + told):
            veto_mask(source, X, given)


def test_labels_with_the_call_come_before_the_parameter():
    given = ["u", "v", "v", "v"]
    for source in (None, "class", "site", lambda X: X["site"]):
        assert find_groups(source, X, ANSWER, given).tolist() == given
    assert find_groups("class", X, ANSWER, None) is ANSWER
    for source in ("site", lambda X: X["site"]):
        assert find_groups(source, X, ANSWER, None).tolist() == ["a", "b", "b", "a"]


def test_groups_of_rows_held_out():
    """Answers are those of the rows already; labels and columns are of all rows."""
    rows = np.array([3, 1])
    assert find_groups("site", X, ANSWER[rows], None, rows).tolist() == ["a", "b"]
    assert find_groups(None, X, ANSWER[rows], [1, 2, 3, 4], rows).tolist() == [4, 2]
    assert find_groups("class", X, ANSWER[rows], None, rows).tolist() == [1, 0]


def test_groups_that_are_refused():
    with pytest.raises(ValueError, match="threshold_groups must be given, as they were in fit"):
        find_groups(None, X, ANSWER, None)
    with pytest.raises(ValueError, match="one label per row, here 4; got 3"):
        find_groups(None, X, ANSWER, ["a", "b", "c"])
    with pytest.raises(ValueError, match="threshold_groups holds missing labels"):
        find_groups(None, X, ANSWER, np.array(["a", None, "b", "c"], object))


def test_a_group_that_is_new_is_not_answered():
    limits = thresholds_of({"a": 0.5, "b": 0.25}, np.array(["b", "new", "a", "b"]))
    assert limits.tolist() == [0.25, np.inf, 0.5, 0.25]
    assert thresholds_of({0: 0.5, 1: 0.75}, np.array([1, 0])).tolist() == [0.75, 0.5]


def test_sources():
    for source in (None, "a column", len):
        check_source(source, "per", "class")
    with pytest.raises(TypeError, match=r"per must be None, 'class', the name of .*; got 3"):
        check_source(3, "per", "class")
    with pytest.raises(TypeError, match="veto must be None, the name of a column"):
        check_source([True], "veto")
