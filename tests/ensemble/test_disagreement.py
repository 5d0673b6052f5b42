"""Properties of every measure of disagreement and of every way to combine."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_calib.ensemble import combine_probabilities, disagreement, uncertainty
from sklearn_calib.ensemble._combine_probabilities import METHODS
from sklearn_calib.ensemble._disagreement import MEASURES

every_measure = pytest.mark.parametrize("measure", MEASURES)
every_method = pytest.mark.parametrize("method", METHODS)
BOUNDS = {
    "vote_share": lambda k: 1,
    "variation_ratio": lambda k: 1 - 1 / k,
    "vote_entropy": np.log,
    "pairwise_disagreement": lambda k: 1,
    "predictive_entropy": np.log,
    "mutual_information": np.log,
    "winner_variance": lambda k: 1 / 4,
}


def members(n_members=5, n=40, k=4, seed=0, concentration=0.3):
    return np.random.default_rng(seed).dirichlet(np.full(k, concentration), (n_members, n))


@st.composite
def ensembles(draw):
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(2, 4)))
    raw = draw(arrays(np.float64, shape, elements=st.floats(0, 1, width=32)))
    raw[..., 0] += raw.sum(axis=2) == 0
    return raw / raw.sum(axis=2, keepdims=True)


@settings(max_examples=100, deadline=None)
@given(ensembles())
def test_total_is_aleatoric_plus_epistemic(probas):
    split = uncertainty(probas)
    np.testing.assert_allclose(split.total, split.aleatoric + split.epistemic, atol=1e-12, rtol=0)
    assert split.epistemic.min() >= 0
    assert split.aleatoric.min() >= 0
    assert split.total.max() <= np.log(probas.shape[2]) + 1e-12


@settings(max_examples=50, deadline=None)
@given(ensembles())
def test_disagreement_is_within_its_bounds(probas):
    for measure in MEASURES:
        value = disagreement(probas, measure=measure)
        assert value.min() >= 0, measure
        most = BOUNDS.get(measure, lambda k: np.log(len(probas)))(probas.shape[2])
        assert value.max() <= most + 1e-12, measure
    for method in METHODS:
        combined = combine_probabilities(probas, method=method)
        np.testing.assert_allclose(combined.sum(axis=1), 1)
        assert combined.min() >= 0
        assert combined.max() <= 1


@every_method
def test_many_members_that_agree_are_not_surer_than_sure(method):
    # fifty times 1/50 is above 1 in floating point
    combined = combine_probabilities(np.tile([1.0, 0.0, 0.0], (50, 1, 1)), method=method)
    assert combined[0, 0] == 1


def test_equal_numbers_of_votes_are_equal():
    """Ties stay ties: fifty members, of which one, two or three vote for other classes."""
    votes = np.zeros((50, 3), dtype=int)
    votes[[0, 17], 0], votes[3, 1], votes[[3, 9], 2] = 1, 1, [1, 2]
    share = combine_probabilities(np.eye(3)[votes], method="vote")
    assert share[:, 0].tolist() == [48 / 50, 49 / 50, 48 / 50]
    assert len(set(disagreement(np.eye(3)[votes[:, [0, 2]]], measure="vote_share").tolist())) == 1


@every_measure
def test_identical_members_do_not_disagree(measure):
    probas = np.repeat(members(1), 7, axis=0)
    value = disagreement(probas, measure=measure, weights=np.linspace(0.1, 3, 7))
    expected = uncertainty(probas).total if measure == "predictive_entropy" else 0
    np.testing.assert_allclose(value, expected, atol=1e-12)


@every_measure
def test_one_member_does_not_disagree(measure):
    value = disagreement(members(1), measure=measure)
    if measure != "predictive_entropy":
        np.testing.assert_allclose(value, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("vote_share", 2 / 3),
        ("variation_ratio", 2 / 3),
        ("vote_entropy", np.log(3)),
        ("pairwise_disagreement", 1),
        ("predictive_entropy", np.log(3)),
        ("mutual_information", np.log(3)),
        ("winner_variance", 2 / 9),  # of 1, 0, 0
        ("max_kl", np.log(3)),
    ],
)
def test_members_that_are_sure_of_different_classes(measure, expected):
    assert disagreement(np.eye(3)[:, None], measure=measure) == pytest.approx(expected)


@every_measure
def test_the_order_of_members_does_not_matter(measure):
    probas, weights = members(), np.array([1.0, 2, 3, 4, 5])
    order = [3, 1, 4, 0, 2]
    np.testing.assert_allclose(
        disagreement(probas[order], measure=measure, weights=weights[order]),
        disagreement(probas, measure=measure, weights=weights),
        atol=1e-12,
    )


@every_measure
def test_the_order_of_classes_does_not_matter(measure):
    probas = members()
    np.testing.assert_allclose(
        disagreement(probas[..., ::-1], measure=measure),
        disagreement(probas, measure=measure),
        atol=1e-12,
    )


@pytest.mark.parametrize("measure", [m for m in MEASURES if m != "pairwise_disagreement"])
def test_integer_weights_are_repeated_members(measure):
    probas = members(3)
    np.testing.assert_allclose(
        disagreement(probas, measure=measure, weights=[1, 2, 3]),
        disagreement(probas[[0, 1, 1, 2, 2, 2]], measure=measure),
        atol=1e-12,
    )


@every_measure
def test_scale_of_weights_does_not_matter_and_zero_is_absent(measure):
    probas, weights = members(4), np.array([1, 0, 2, 1.5])
    expected = disagreement(probas[[0, 2, 3]], measure=measure, weights=weights[[0, 2, 3]])
    for scale in (1, 1e-300, 1e300):
        value = disagreement(probas, measure=measure, weights=weights * scale)
        np.testing.assert_allclose(value, expected, atol=1e-12)


@every_method
def test_combine_with_weights(method):
    probas = members(3)
    np.testing.assert_allclose(
        combine_probabilities(probas, method=method, weights=[1, 0, 2]),
        combine_probabilities(probas[[0, 2, 2]], method=method),
    )
    one = combine_probabilities(probas[:1], method=method)
    expected = np.eye(4)[probas[0].argmax(axis=1)] if method == "vote" else probas[0]
    np.testing.assert_allclose(one, expected, atol=1e-12)


@every_measure
def test_a_silent_member_is_absent_in_its_row(measure):
    probas = members(4, n=6)
    probas[1, 2] = probas[0, 2] = np.nan
    value = disagreement(probas, measure=measure)
    assert value[2] == pytest.approx(disagreement(probas[2:, [2]], measure=measure)[0])
    assert value[3] == pytest.approx(disagreement(probas[:, [3]], measure=measure)[0])


@every_measure
def test_two_dimensions_are_the_positive_class(measure):
    positive = members(4, k=2)[..., 1]
    stacked = np.stack([1 - positive, positive], axis=-1)
    np.testing.assert_allclose(
        disagreement(positive, measure=measure), disagreement(stacked, measure=measure)
    )
    assert combine_probabilities(positive).shape == (40, 2)


@every_measure
def test_input_is_only_read(measure):
    probas = members()
    reference = disagreement(probas, measure=measure)
    frozen = probas.copy()
    frozen.setflags(write=False)
    for same in (frozen, probas.tolist(), np.asfortranarray(probas)):
        np.testing.assert_allclose(disagreement(same, measure=measure), reference, atol=1e-12)
    half = disagreement(probas.astype(np.float32), measure=measure)
    np.testing.assert_allclose(half, reference, atol=1e-5)
    assert half.dtype == np.float64


def test_geometric_mean_is_the_mean_of_log_odds():
    positive = np.array([[0.6, 0.2], [0.9, 0.7], [0.5, 0.4]])
    log_odds = np.log(positive / (1 - positive)).mean(axis=0)
    combined = combine_probabilities(positive, method="geometric_mean")
    np.testing.assert_allclose(combined[:, 1], 1 / (1 + np.exp(-log_odds)))


def test_geometric_mean_with_zeros_everywhere_is_finite():
    np.testing.assert_allclose(
        combine_probabilities([[[1.0, 0]], [[0.0, 1]]], method="geometric_mean"), 0.5
    )


def test_unknown_names():
    with pytest.raises(ValueError, match="measure must be one of 'vote_share'"):
        disagreement([[0.5]], measure="entropy")
    with pytest.raises(ValueError, match="method must be one of 'mean'"):
        combine_probabilities([[0.5]], method="median")
