from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from sklearn_calib import _validation as validation
from sklearn_calib._validation import (
    _all_inside,
    check_count,
    check_labels,
    check_logits,
    check_n_bins,
    check_number,
    check_option,
    check_outcomes,
    check_probabilities,
    check_same_length,
    check_weights,
    checked_blocks,
)

NAN, INF = float("nan"), float("inf")


def check_three_weights(weight, name="sample_weight"):
    assert name == "sample_weight"
    return check_weights(weight, 3)


numbers = pytest.mark.parametrize(
    ("check", "name"),
    [
        (check_probabilities, "y_proba"),
        (check_probabilities, "X"),
        (check_outcomes, "y_true"),
        (check_three_weights, "sample_weight"),
    ],
)
NO_NUMBERS = {
    "NaN": [0.1, NAN, 0.3],
    "infinite": [0.1, INF, 0.3],
    "None among numbers": [0.1, None, 0.3],
    "pandas NA": pd.Series([0.1, None, 0.3], dtype="Float64"),
    "negative": [0.1, -0.5, 0.3],
    "words": ["a", "b", "c"],
    "one word": "balanced",
    "scalar": 0.5,
    "empty": [],
    "no columns": np.empty((3, 0)),
    "ragged": [[0.1], [0.2, 0.3], [0.4]],
    "three dimensions": np.full((3, 1, 1), 0.5),
    "complex": np.array([0.1, 0.2, 0.3j]),
    "sparse": sparse.csr_array(np.full((3, 1), 0.5)),
    "dictionary": {"a": 1},
}


@numbers
@pytest.mark.parametrize("values", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_vector_of_numbers_is_an_error_that_names_the_argument(check, name, values):
    with pytest.raises((ValueError, TypeError), match=rf"\b{name}\b"):
        check(values, name)


# Probabilities


@pytest.mark.parametrize(
    "make", [list, tuple, np.array, pd.Series, pl.Series, lambda p: np.array(p)[:, None]]
)
def test_probabilities_from_any_container(make):
    proba = check_probabilities(make([0.25, 0.5, 1.0]))
    assert proba.dtype == np.float64
    np.testing.assert_array_equal(proba, [0.25, 0.5, 1.0])


@pytest.mark.parametrize(
    ("given", "kept"),
    [("f4", "f4"), ("f8", "f8"), ("f2", "f8"), ("i8", "f8"), ("?", "f8")],
)
def test_single_precision_is_kept_and_all_else_is_double(given, kept):
    assert check_probabilities(np.array([0, 1], dtype=given)).dtype == kept


@pytest.mark.parametrize("wrong", [1.2, -0.2, 1 + 1e-5, -1e-5])
def test_probability_out_of_range(wrong):
    with pytest.raises(ValueError, match=r"y_proba must hold probabilities in \[0, 1\]; got"):
        check_probabilities([0.5, wrong])
    with pytest.raises(ValueError, match="y_proba must hold probabilities"):
        check_probabilities([[0.5, 0.5], [wrong, 1 - wrong]])


def test_rounding_beyond_the_range_is_cut_off():
    given = np.array([-1e-7, 0.5, 1 + 1e-7])
    proba = check_probabilities(given)
    np.testing.assert_array_equal(proba, [0, 0.5, 1])
    assert given[0] == -1e-7  # not in place


def test_rows_must_sum_to_one():
    with pytest.raises(ValueError, match=r"rows of y_proba must sum to 1.*row 1 sums to 1.1"):
        check_probabilities([[0.5, 0.5], [0.5, 0.6]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rows_sum_to_one_up_to_their_precision(dtype):
    proba = np.random.default_rng(0).dirichlet(np.ones(100), size=50).astype(dtype)
    assert dtype == np.float64 or np.any(proba.sum(axis=1, dtype=float) != 1)
    assert check_probabilities(proba).shape == (50, 100)


def test_the_given_probabilities_are_not_copied_without_need():
    proba = np.array([[0.25, 0.75]])
    assert np.shares_memory(check_probabilities(proba), proba)


# Labels


@pytest.mark.parametrize(
    "y",
    [
        ["a", "b", "b"],
        np.array(["a", "b", "b"], dtype=object),
        np.array(["a", "b", "b"], dtype=np.dtypes.StringDType()),
        pd.Series(["a", "b", "b"], index=[7, 3, 5]),
        pd.Series(["a", "b", "b"], dtype="category"),
        pl.Series(["a", "b", "b"]),
        pl.Series(["a", "b", "b"], dtype=pl.Categorical),
        pl.Series(["a", "b", "b"], dtype=pl.Enum(["b", "a"])),
    ],
)
def test_labels_from_any_container(y):
    labels = check_labels(y)
    assert isinstance(labels, np.ndarray)
    assert labels.tolist() == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([True, False], [True, False]),
        (pd.Series([True, False], dtype="boolean"), [True, False]),
        (pd.Series([2, 1], dtype="Int64"), [2, 1]),
        (np.array([2, 1], dtype=np.uint8), [2, 1]),
        ([2.0, 1.0], [2, 1]),
    ],
)
def test_labels_of_any_kind(y, expected):
    assert check_labels(y).tolist() == expected


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (np.array([True, False], dtype=object), "b"),
        (np.array([2, np.int8(1)], dtype=object), "i"),
        (np.array([1, 2.5], dtype=object), "f"),
        (
            np.array([2**63, 2**63 + 1, -1], dtype=object),
            "O",
        ),  # as floats two of them would be equal
        (np.array([Decimal(1), Decimal(2)], dtype=object), "O"),
        (np.array(["a", "b"], dtype=np.dtypes.StringDType()), "O"),
    ],
)
def test_labels_are_of_a_kind_that_estimators_fit(y, kind):
    labels = check_labels(y)
    assert labels.dtype.kind == kind
    assert labels.tolist() == y.tolist()


@pytest.mark.parametrize(
    "y",
    [
        [1.0, NAN, 0.0],
        [1, None, 0],
        np.array(["a", None, "b"], dtype=object),
        np.array(["a", NAN, "b"], dtype=object),
        pd.Series(["a", None, "b"]),
        pd.Series([1, None, 0], dtype="Int64"),
        np.array([1, pd.NA, 0], dtype=object),
        pd.Series(["a", None, "b"], dtype="category"),
        pl.Series(["a", None, "b"]),
        np.array(["2020-01-01", "NaT", "2020-01-02"], dtype="M8[D]"),
    ],
)
def test_missing_labels_are_named_by_row(y):
    with pytest.raises(ValueError, match=r"y_true holds missing labels .* first at row 1\."):
        check_labels(y)


@pytest.mark.parametrize(
    "y",
    [
        1,
        None,
        "ab",
        {"a": 1},
        [],
        [[0, 1], [1, 0]],
        np.zeros((2, 1, 1)),
        [[0], [1, 2]],
        sparse.csr_array(np.eye(2)),
        np.array([0, "a"], dtype=object),
    ],
    ids=str,
)
def test_what_is_no_vector_of_labels_is_an_error_that_names_the_argument(y):
    with pytest.raises((ValueError, TypeError), match=r"\by_true\b"):
        check_labels(y)
    with pytest.raises((ValueError, TypeError), match=r"\blabels\b"):
        check_labels(y, "labels")


def test_a_column_of_labels_is_taken_with_the_usual_warning():
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        assert check_labels([[0], [1]]).tolist() == [0, 1]


# Outcomes


@pytest.mark.parametrize(
    "outcome",
    [
        [True, False, True],
        [1, 0, 1],
        [[1], [0], [1]],
        pd.Series([True, False, True], dtype="boolean", index=[4, 2, 9]),
        pl.Series([True, False, True]),
    ],
)
def test_outcomes_from_any_container(outcome):
    checked = check_outcomes(outcome)
    assert checked.dtype == np.float64
    np.testing.assert_array_equal(checked, [1, 0, 1])


def test_outcomes_may_be_graded():
    np.testing.assert_array_equal(check_outcomes([0.0, 0.3, 1.0]), [0, 0.3, 1])


@pytest.mark.parametrize("wrong", [[-1, 1], [1, 2], [0.5, 1.01]])
def test_outcomes_are_qualities_between_0_and_1(wrong):
    with pytest.raises(
        ValueError, match=r"y_true says whether the answer was right.*got (-1|2|1.01)"
    ):
        check_outcomes(wrong)


def test_outcomes_of_two_columns():
    with pytest.raises(ValueError, match=r"y_true must be 1-D; got shape \(2, 2\)"):
        check_outcomes(np.eye(2))


# Weights


def test_no_weights_stay_none():
    assert check_weights(None, 3) is None


@pytest.mark.parametrize(
    "make", [list, np.array, lambda w: pd.Series(w, index=[5, 2, 0]), pl.Series, np.float32]
)
def test_weights_from_any_container(make):
    weight = check_weights(make([2, 0, 1]), 3)
    assert weight.dtype == np.float64
    np.testing.assert_array_equal(weight, [2, 0, 1])


@pytest.mark.parametrize("shape", [(2,), (4,), (3, 1), (3, 2), (1, 3)])
def test_weights_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"sample_weight.shape must be \(3,\)"):
        check_weights(np.ones(shape), 3)


def test_negative_weights():
    with pytest.raises(ValueError, match="sample_weight must not be negative; got -2"):
        check_weights([1, -2, 1], 3)


def test_no_positive_weight():
    with pytest.raises(ValueError, match="all weights are zero"):
        check_weights([0, 0, 0], 3)


@pytest.mark.parametrize("weight", [1e-320, 1e-101, 1e101, 1e308])
def test_weights_whose_products_vanish_or_overflow(weight):
    with pytest.raises(ValueError, match="The largest sample_weight must be between 1e-100 and"):
        check_weights([0, weight], 2)


# Parameters


def test_lengths_are_told_by_name():
    check_same_length(y_true=[1, 2], y_proba=[1, 2], sample_weight=None)
    with pytest.raises(ValueError, match="y_true has 2, y_proba has 3"):
        check_same_length(y_true=[1, 2], y_proba=[1, 2, 3])


def test_options():
    check_option("a", "kind", ("a", "b"))
    check_option(None, "kind", ("a", None))
    for wrong in ("c", None, 1, ["a"]):
        with pytest.raises(ValueError, match="kind must be one of 'a', 'b'; got"):
            check_option(wrong, "kind", ("a", "b"))


@pytest.mark.parametrize("value", [0.2, 1, np.float32(0.5), np.int64(1)])
def test_numbers_within_bounds(value):
    check_number(value, "share", low=0, high=1, low_open=True)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, ValueError),
        (1.1, ValueError),
        (NAN, ValueError),
        (INF, ValueError),
        ("0.5", TypeError),
        (None, TypeError),
        (True, TypeError),
        (np.True_, TypeError),
        ([0.5], TypeError),
        (0.5j, TypeError),
    ],
)
def test_numbers_out_of_bounds(value, error):
    with pytest.raises(error, match=r"share must be .*in \(0, 1\]; got"):
        check_number(value, "share", low=0, high=1, low_open=True)


def test_bounds_are_told_as_an_interval():
    with pytest.raises(ValueError, match=r"eps must be in \[0, 0.5\); got 0.5"):
        check_number(0.5, "eps", low=0, high=0.5, high_open=True)


@pytest.mark.parametrize("n_bins", [1, 50, np.int32(7), "cube_root"])
def test_numbers_of_bins(n_bins):
    check_n_bins(n_bins)


@pytest.mark.parametrize(
    ("n_bins", "error"),
    [(0, ValueError), (-3, ValueError), (10.0, TypeError), (True, TypeError)]
    + [("sqrt", TypeError), (None, TypeError), ([0, 0.5, 1], TypeError)],
)
def test_wrong_numbers_of_bins(n_bins, error):
    with pytest.raises(error, match="n_bins must be"):
        check_n_bins(n_bins)


@pytest.mark.parametrize("size", [0.0, 1e-40, 1.0, 3e38])
def test_logits_of_usual_size_pass(size):
    logits = size * np.array([0.5, -1.0])
    assert check_logits(logits, "X") is logits


@pytest.mark.parametrize("size", [1e-60, 1e60])
def test_logits_too_large_or_all_too_small(size):
    with pytest.raises(ValueError, match="The largest logit of X must be between 1e-50 and 1e"):
        check_logits(size * np.array([0.5, -1.0]), "X")
    check_logits(1e-60 * np.array([0.5, -1.0]), "X", few_are_small=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rounding_beyond_one_is_clipped_in_every_shape(dtype):
    above = np.nextafter(dtype(1), dtype(2))
    for proba in (np.array([above, 0.5], dtype=dtype), np.array([[above, 0]] * 3, dtype=dtype)):
        assert check_probabilities(proba).max() == 1
    below = np.array([[1, -1e-9], [0.5, 0.5]], dtype=dtype)
    assert check_probabilities(below).min() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_one_look_at_the_bits_is_a_comparison_with_0_and_1(dtype, shape):
    info = np.finfo(dtype)
    numbers = [0, info.smallest_subnormal, 0.5, 1 - info.epsneg, 1, 1 + info.eps, 2, info.max]
    for number in [*numbers, np.inf, np.nan, *(-value for value in numbers[1:]), -np.inf, -np.nan]:
        values = np.full(shape, 0.5, dtype=dtype)
        values[1] = number
        inside = bool(((values >= 0) & (values <= 1)).all())
        assert _all_inside(values) is inside
        assert _all_inside(np.repeat(values, 2, axis=0)[::2]) is inside


def test_negative_zero_is_a_probability():
    assert check_probabilities([-0.0, 0.5]).tolist() == [0, 0.5]
    assert check_probabilities([[-0.0, 1.0], [0.5, 0.5]]).tolist() == [[0, 1], [0.5, 0.5]]


@pytest.mark.parametrize("value", [0, -1, 3])
def test_counts_out_of_range(value):
    with pytest.raises(ValueError, match=f"depth must be 1 to 2; got {value}"):
        check_count(value, "depth", high=2)


@pytest.mark.parametrize("value", [True, np.True_, 1.0, "1", None])
def test_what_is_no_count(value):
    with pytest.raises(TypeError, match="min_count must be an integer of at least 1; got"):
        check_count(value, "min_count")


def test_counts():
    check_count(np.int64(2), "depth", high=2)
    check_count(10**9, "min_count")
    with pytest.raises(ValueError, match="n_resamples must be at least 2; got 1"):
        check_count(1, "n_resamples", low=2)


def blocks_of(proba, above):
    block, where, found = zip(*checked_blocks(proba, above), strict=True)
    return np.concatenate(block), where, np.concatenate(found)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows_per_block", [1, 7, 100])
def test_blocks_are_the_rows_and_hold_the_entries_above(dtype, rows_per_block, monkeypatch):
    monkeypatch.setattr(validation, "_LARGE_BLOCK", 3 * rows_per_block)
    proba = np.random.default_rng(0).multinomial(10, [0.2, 0.3, 0.5], 50).astype(dtype) / dtype(10)
    proba[3] = [-0.0, 1, 0]
    proba[4] = [-1e-9, 1 + 1e-7, 0]  # what rounding does is clipped
    expected = np.clip(proba, 0, 1)
    for layout in (proba, np.asfortranarray(proba)):
        rows, where, found = blocks_of(layout, 0.3)
        np.testing.assert_array_equal(rows, expected)
        np.testing.assert_array_equal(found, expected[expected > dtype(0.3)])
        assert where[0].max() < 3 * rows_per_block


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0.5, 0.6, 0.2], r"must sum to 1.*; row 40 sums to 1\.3"),
        ([1.2, -0.1, -0.1], r"probabilities in \[0, 1\]; got -0\.1"),
        ([1.2, 0.0, -1e-9], r"probabilities in \[0, 1\]; got 1\.2"),
        ([np.nan, 0.5, 0.5], "NaN"),
        ([np.inf, 0, 0], "infinity"),
    ],
)
def test_a_wrong_row_in_a_later_block_is_found(row, message, monkeypatch):
    monkeypatch.setattr(validation, "_LARGE_BLOCK", 21)
    proba = np.full((50, 3), 1 / 3)
    proba[40] = row
    with pytest.raises(ValueError, match=message):
        blocks_of(proba, 0.4)
