import numpy as np
import pytest

from sklearn_calib._columns import read_columns
from sklearn_calib._core.scores import Scores
from sklearn_calib.context._encoders import Categories, ScoresInContext, Segments


def column(values):
    return read_columns(values)[0]


def test_categories_are_coded_in_their_order():
    encoder = Categories(column(["b", "a", None, "b"]))
    assert encoder.names == ["a", "b", "missing"]
    codes = encoder.encode(column(["a", "b", None, "c"]))
    assert codes.segment.tolist() == [0, 1, 2, -1]
    # for trees: by falling frequency, unknown ones missing
    np.testing.assert_array_equal(codes.feature, [1, 0, 2, np.nan])


def test_missing_values_are_unknown_where_there_were_none():
    encoder = Categories(column(["b", "a"]))
    assert encoder.encode(column([None, "a"])).segment.tolist() == [-1, 0]
    numbers = Segments(column([1.0, 2.0]), None, 5)
    assert numbers.encode(column([np.nan, 2.0])).segment.tolist() == [-1, 1]


def test_numbers_and_their_equals_are_one_category():
    encoder = Categories(column(np.array([1.0, 2.0])))
    assert encoder.encode(column([1, 2, 3])).segment.tolist() == [0, 1, -1]


def test_the_rarest_of_too_many_categories_are_missing_for_trees():
    encoder = Categories(column([f"c{i}" for i in range(300) for _ in range(1 + (i < 254))]))
    feature = encoder.encode(column([f"c{i}" for i in range(300)])).feature
    assert not np.isnan(feature[:254]).any()
    assert np.isnan(feature[254:]).all()


def test_few_distinct_numbers_have_a_segment_each():
    encoder = Segments(column([3.0, 1.0, 1.0, 2.0]), None, 3)
    assert encoder.encode(column([1.0, 2.0, 3.0, 2.4, 2.6])).segment.tolist() == [0, 1, 2, 1, 2]
    assert encoder.names == ["(-inf, 1.5]", "(1.5, 2.5]", "(2.5, inf]"]


def test_segments_have_about_equal_weight_and_weights_are_repetitions():
    values = np.random.default_rng(0).normal(size=500)
    weight = np.random.default_rng(1).integers(1, 4, 500)
    weighted = Segments(column(values), weight.astype(float), 4).encode(column(values))
    repeated = Segments(column(np.repeat(values, weight)), None, 4).encode(column(values))
    np.testing.assert_array_equal(weighted.segment, repeated.segment)
    np.testing.assert_array_equal(weighted.feature, repeated.feature)
    share = np.bincount(weighted.segment, weight) / weight.sum()
    np.testing.assert_allclose(share, 0.25, atol=0.01)


def test_columns_without_any_value():
    nothing = Segments(column(np.full(3, np.nan)), None, 4)
    assert nothing.names == ["missing"]
    assert nothing.encode(column([np.nan, 1.0])).segment.tolist() == [0, 0]
    assert Categories(column([None, None])).names == ["missing"]


def test_text_where_numbers_were():
    encoder = Segments(column([1.0, 2.0]), None, 5)
    with pytest.raises(ValueError, match="held numbers in fit; now it holds 'a'"):
        encoder.encode(column(["a", None]))
    assert encoder.encode(column([None, None])).segment.tolist() == [-1, -1]


def test_scores_carry_their_context():
    z = np.arange(12.0).reshape(4, 3)
    scores = ScoresInContext(z, "logits", [column(["a", "b", "c", "d"])])
    assert len(scores) == 4
    assert scores.shape == (4, 3)
    part = scores[np.array([True, False, False, True])]
    assert part.context[0].values.tolist() == ["a", "d"]
    for ours, theirs in zip(scores.one_vs_rest(), Scores(z, "logits").one_vs_rest(), strict=True):
        np.testing.assert_array_equal(ours.values, theirs.values)
        assert ours.context is scores.context
