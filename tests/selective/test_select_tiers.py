import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from sklearn_calib.selective import SelectedTiers, select_tiers

# Three confidences: 20 rows of 0.9 of which 19 are right, 20 of 0.7 (15 right), 10 of 0.2 (2 right).
CONFIDENCE = np.repeat([0.9, 0.7, 0.2], [20, 20, 10])
CORRECT = np.repeat([1, 0, 1, 0, 1, 0], [19, 1, 15, 5, 2, 8])
TIERS = [("answer", 0.9), ("flag", 0.7)]


def observed(**arguments):
    arguments = {"tiers": TIERS, "confidence_level": None, **arguments}
    return select_tiers(CORRECT, CONFIDENCE, **arguments)


def test_observed_tiers_by_hand():
    tiers = observed()
    assert isinstance(tiers, SelectedTiers)
    assert tiers.actions == ("answer", "flag", "defer")
    assert [(t.lower, t.upper) for t in tiers] == [(0.9, np.inf), (0.7, 0.9), (-np.inf, 0.7)]
    assert [t.count for t in tiers] == [20, 20, 10]
    assert [t.share for t in tiers] == [0.4, 0.4, 0.2]
    assert [t.accuracy for t in tiers] == [0.95, 0.75, 0.2]
    assert [t.target_accuracy for t in tiers] == [0.9, 0.7, None]
    assert not any(t.certified for t in tiers)
    assert "nothing is promised" in tiers.guarantee


def test_a_tier_is_judged_by_its_own_rows():
    # 34 of 40 rows from 0.7 on are right, 0.85: as much as asked for, but 0.75 without the answered
    with pytest.warns(UserWarning, match="Tier 'flag' is empty: .* 0.8 could not be reached below"):
        tiers = observed(tiers=[("answer", 0.9), ("flag", 0.8)])
    assert tiers["flag"].count == 0
    assert tiers["flag"].lower == tiers["flag"].upper == 0.9
    assert tiers["defer"].count == 30


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=25
    )
)
@pytest.mark.filterwarnings("ignore:Tier:UserWarning")
def test_observed_tiers_against_trying_every_threshold(rows):
    confidence, correct, weight = map(np.array, zip(*rows, strict=True))
    if weight.sum() == 0:
        return
    tiers = select_tiers(
        correct, confidence, tiers=TIERS, confidence_level=None, sample_weight=weight
    )
    upper = np.inf
    for tier in tiers.tiers[:-1]:
        best = upper
        for threshold in np.unique(confidence[weight > 0]):
            inside = (confidence >= threshold) & (confidence < upper)
            if threshold < upper and weight[inside].sum() > 0:
                accuracy = np.average(correct[inside], weights=weight[inside])
                if accuracy >= tier.target_accuracy - 1e-12:
                    best = min(best, threshold)
        assert tier.lower == best
        upper = best
    repeated = np.repeat(np.arange(correct.size), weight)
    again = select_tiers(
        correct[repeated], confidence[repeated], tiers=TIERS, confidence_level=None
    )
    assert [t.lower for t in again] == [t.lower for t in tiers]
    np.testing.assert_allclose([t.share for t in again], [t.share for t in tiers])


def certified(n=20_000, seed=0, **arguments):
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.4, 1, n)
    correct = rng.random(n) < confidence
    return select_tiers(correct, confidence, **arguments), confidence, correct


def test_certified_tiers_hold_their_accuracy_and_say_so():
    tiers, confidence, correct = certified()
    assert [t.certified for t in tiers] == [True, True, True, False]
    action = tiers.route(confidence)
    for tier in tiers:
        inside = action == tier.action
        assert tier.count == inside.sum()
        assert tier.accuracy == pytest.approx(correct[inside].mean())
        if tier.certified:
            assert (tier.lower + min(tier.upper, 1)) / 2 > tier.target_accuracy  # honest confidence
    assert sum(t.share for t in tiers) == pytest.approx(1)
    assert tiers.guarantee == (
        "With probability 95 %, at least 95 % of 'answer' and 85 % of 'flag' and 60 % of 'clarify' are "
        "right. Learnt from 20,000 rows, for further independent rows of the same kind."
    )


def test_a_single_tier_passes_the_exact_test():
    """Clopper-Pearson on the rows that chose the threshold; the pilot rows are few."""
    tiers, confidence, correct = certified(tiers=[("answer", 0.8)], confidence_level=0.9)
    pilot = np.unique(np.linspace(0, 19_999, 282).round().astype(int))
    rest = np.delete(np.arange(20_000), pilot)
    inside = confidence[rest] >= tiers["answer"].lower
    n, right = inside.sum(), correct[rest][inside].sum()
    assert beta.ppf(0.1, right, n - right + 1) > 0.8
    assert tiers["answer"].lower in confidence[pilot]


def test_a_higher_level_promises_less():
    thresholds = [
        certified(tiers=[("answer", 0.9)], confidence_level=level)[0]["answer"].lower
        for level in (0.5, 0.9, 0.99, 0.999)
    ]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1]


def test_what_cannot_be_certified_is_empty_and_told():
    with pytest.warns(
        UserWarning, match="Tier 'answer' is empty: an accuracy of 0.99 could not be"
    ):
        tiers, _, _ = certified(n=100, tiers=[("answer", 0.99), ("flag", 0.5)])
    assert tiers["answer"].lower == np.inf
    assert tiers["flag"].certified
    assert tiers.guarantee.endswith("Nothing could be certified for 'answer'.")
    with pytest.warns(UserWarning, match=r"Tier .* is empty"):
        tiers = select_tiers([1, 1], [0.9, 0.8])
    assert list(tiers.route([0.9, 0.1])) == ["defer", "defer"]
    assert not any(t.certified for t in tiers)


def test_any_scale_of_confidence():
    tiers, confidence, correct = certified()
    logits = np.log(confidence) - np.log1p(-confidence)
    again = select_tiers(correct, logits)
    np.testing.assert_array_equal(again.route(logits), tiers.route(confidence))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_calibration_rows_are_routed_as_counted_in_any_precision(dtype):
    rng = np.random.default_rng(0)
    confidence = rng.choice([0.3, 0.6, 0.7, 0.9], 3000).astype(dtype)
    tiers = select_tiers(rng.random(3000) < confidence, confidence, tiers=[("a", 0.8), ("b", 0.5)])
    action = tiers.route(confidence)
    assert [np.sum(action == t.action) for t in tiers] == [t.count for t in tiers]


def test_forms_of_input():
    expected = observed()
    index = np.arange(50)[::-1]
    for correct, confidence in (
        (CORRECT.tolist(), CONFIDENCE.tolist()),
        (CORRECT.astype(bool), CONFIDENCE[:, None]),
        (pd.Series(CORRECT, index=index), pd.Series(CONFIDENCE, index=index)),
    ):
        tiers = select_tiers(correct, confidence, tiers=TIERS, confidence_level=None)
        assert tiers.tiers == expected.tiers
        np.testing.assert_array_equal(tiers.route(confidence), expected.route(CONFIDENCE))


def test_quality_is_for_observed_tiers():
    quality = np.where(CORRECT == 1, 1.0, 0.5)
    tiers = select_tiers(quality, CONFIDENCE, tiers=[("answer", 0.95)], confidence_level=None)
    assert tiers["answer"].accuracy == pytest.approx((19 + 0.5) / 20)
    with pytest.raises(ValueError, match=r"correct must be 0 or 1.*correct >= 0.5"):
        select_tiers(quality, CONFIDENCE)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tiers": []}, ValueError, r"tiers must be a sequence of \(action, accuracy\).*empty"),
        ({"tiers": "answer"}, ValueError, "tiers must be a sequence"),
        ({"tiers": [("a", 0.9, 1)]}, ValueError, "tiers must be a sequence"),
        ({"tiers": [("a", 0.8), ("b", 0.9)]}, ValueError, r"must decrease; got \[0.8, 0.9\]"),
        ({"tiers": [("a", 0.8), ("b", 0.8)]}, ValueError, "must decrease"),
        ({"tiers": [("a", 0.9), ("a", 0.8)]}, ValueError, "must differ"),
        ({"tiers": [("defer", 0.9)]}, ValueError, "must differ"),
        ({"tiers": [(1, 0.9)]}, TypeError, "must be a name; got 1"),
        ({"otherwise": None}, TypeError, "must be a name; got None"),
        ({"otherwise": ""}, ValueError, "must be a name; one is empty"),
        ({"tiers": [("a", 1.0)]}, ValueError, r"accuracy of tier 'a' must be in \(0, 1\)"),
        ({"tiers": [("a", "0.9")]}, TypeError, "accuracy of tier 'a' must be a number"),
        ({"confidence_level": 1}, ValueError, r"confidence_level must be in \(0, 1\)"),
        ({"confidence_level": 0.9, "sample_weight": [1] * 50}, ValueError, "cannot be weighted"),
    ],
)
def test_wrong_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        observed(**arguments)


@pytest.mark.parametrize(
    ("correct", "confidence", "message"),
    [
        ([1, 0], [0.9], "correct has 2, confidence has 1"),
        ([1, 0], [0.9, np.nan], "confidence contains NaN"),
        ([1, 2], [0.9, 0.8], "correct says whether the answer was right"),
        ([1, 0], [[0.9, 0.1], [0.8, 0.2]], r"confidence must be 1-D; got shape \(2, 2\)"),
        ([], [], "minimum of 1"),
    ],
)
def test_wrong_records(correct, confidence, message):
    with pytest.raises(ValueError, match=message):
        select_tiers(correct, confidence)
