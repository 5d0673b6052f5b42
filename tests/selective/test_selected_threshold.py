"""What a chosen threshold says about itself, in numbers and in words."""

import dataclasses
import pickle

import numpy as np
import pytest
from scipy.stats import beta

from sklearn_calib import select_threshold
from sklearn_calib.selective import SelectedThreshold
from sklearn_calib.selective._selected_threshold import summarize
from sklearn_calib.selective._threshold_search import Aim, rank, search


def summary(correct, confidence, weight=None, *, words=(), **aim):
    aim = Aim(
        **{"accuracy": None, "coverage": None, "costs": None, "confidence_level": None, **aim}
    )
    ranked = rank(np.asarray(correct, float), np.asarray(confidence, float), weight)
    return summarize(aim, ranked, search(aim, ranked), **dict(words))


# 300 rows at 0.9, of which 10 are wrong, and 300 at 0.5, of which 200 are
CORRECT = np.concatenate([np.arange(300) >= 10, np.arange(300) >= 200])
CONFIDENCE = np.repeat([0.9, 0.5], 300)
PROMISE = {"accuracy": 0.9, "confidence_level": 0.95}


def test_numbers_by_hand():
    found = summary(CORRECT, CONFIDENCE, **PROMISE)
    assert (found.n_rows, found.n_answered, found.coverage) == (600, 300, 0.5)
    assert found.accuracy == pytest.approx(290 / 300)
    # Clopper and Pearson: quantiles of beta distributions
    exact = beta.ppf(0.025, 290, 11), beta.ppf(0.975, 291, 10)
    assert found.accuracy_interval == pytest.approx(exact)
    exact = beta.ppf(0.025, 300, 301), beta.ppf(0.975, 301, 300)
    assert found.coverage_interval == pytest.approx(exact)
    assert (found.target_accuracy, found.confidence_level) == (0.9, 0.95)
    assert found.target_coverage is found.costs is found.cost is found.chow_threshold is None


def test_intervals_need_a_level_and_rows_that_count_alike():
    aims = {"level": {"confidence_level": None}, "weights": {"weight": np.full(600, 2.0)}}
    for options in aims.values():
        found = summary(
            CORRECT, CONFIDENCE, **{"coverage": 0.5, "confidence_level": 0.9, **options}
        )
        assert found.coverage_interval is found.accuracy_interval is None
        assert "(" not in str(found)


def test_graded_outcomes_have_the_interval_of_bounded_ones():
    """Hoeffding: n KL(mean, limit) = log(2 / alpha) at both ends."""
    found = summary(np.full(40, 0.75), np.full(40, 0.5), coverage=1.0, confidence_level=0.9)
    for end in found.accuracy_interval:
        divergence = 0.75 * np.log(0.75 / end) + 0.25 * np.log(0.25 / (1 - end))
        assert 40 * divergence == pytest.approx(np.log(2 / 0.1))
    assert found.accuracy_interval[0] < 0.75 < found.accuracy_interval[1]


def test_where_nothing_is_answered():
    found = summary([0, 0], [0.9, 0.8], coverage=0.25, confidence_level=0.95)
    assert (found.threshold, found.coverage, found.n_answered) == (np.inf, 0, 0)
    assert np.isnan(found.accuracy)
    assert found.accuracy_interval is None
    # Clopper and Pearson of 0 of 2: (1 - p)**2 = 0.025
    assert found.coverage_interval == pytest.approx((0, 1 - 0.025**0.5))
    assert "accuracy   " not in str(found)


@pytest.mark.parametrize(
    ("costs", "cost", "chow", "chow_cost"),
    [
        # 10 errors above 0.5 and 210 in all, of 600 rows
        ((10.0, 1.0), (100 + 300) / 600, 0.9, (100 + 300) / 600),
        ((100.0, 5.0), (1_000 + 1_500) / 600, 0.95, 5.0),  # Chow's rule answers no row
        ((4.0, 2.0), (40 + 600) / 600, 0.5, 840 / 600),
        ((10.0, 0.1), 0.1, 0.99, 0.1),  # nor do we
        ((1.0, 3.0), 210 / 600, 0.0, 210 / 600),
    ],
)
def test_costs_by_hand(costs, cost, chow, chow_cost):
    found = summary(CORRECT, CONFIDENCE, costs=costs)
    assert found.cost == pytest.approx(cost)
    assert found.chow_threshold == pytest.approx(chow)
    assert found.chow_cost == pytest.approx(chow_cost)
    assert f"cost        {cost:.4g} per row" in str(found)


def test_the_curve_holds_what_was_tested():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 1_000)
    found = summary(rng.random(1_000) < confidence, confidence, **PROMISE)
    curve = found.curve
    assert np.all(np.diff(curve.coverage) > 0)
    assert np.all(np.diff(curve.threshold) < 0)
    assert found.coverage == curve.coverage[curve.certified].max()
    assert np.all(curve.accuracy[curve.certified] >= 0.9)


BELOW = "independent draws from one population and neither the model nor its calibrator was fitted"


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ({}, "With confidence 0.95, the accuracy of the answers with confidence above 0.5 is at"),
        (
            {"group": "a"},
            "With confidence 0.95 for this group by itself, the accuracy of the answers",
        ),
        (
            {"group": 1, "together": (3, 0.85)},
            "With confidence 0.85 for all 3 groups at once, the accuracy of the answers of group 1 ",
        ),
    ],
)
def test_the_promise_in_words(words, start):
    found = summary(CORRECT, CONFIDENCE, words=words, **PROMISE)
    assert found.certified
    assert found.guarantee.startswith(start)
    assert "is at least 0.9, if the 600 rows" in found.guarantee
    assert BELOW in found.guarantee


def test_where_all_rows_are_answered_the_promise_names_no_confidence():
    found = summary(np.ones(100), np.linspace(0.5, 0.9, 100), **PROMISE)
    assert "the accuracy of the answers is at least 0.9" in found.guarantee


def test_no_promise_in_words():
    for group, whose in ((None, ""), ("a", " of group 'a'")):
        found = summary(CORRECT[300:], CONFIDENCE[300:], words={"group": group}, **PROMISE)
        told = f"No row{whose} is answered: from 300 rows no threshold is certified to have an accuracy"
        assert found.guarantee.startswith(told)
        assert found.best_certified < 0.9
    found = summary(CORRECT, CONFIDENCE, coverage=0.5, confidence_level=0.95)
    assert found.guarantee.startswith(
        "No accuracy is guaranteed: the threshold was chosen by what 600"
    )


def test_print():
    found = summary(CORRECT, CONFIDENCE, **PROMISE)
    coverage, accuracy = found.coverage_interval, found.accuracy_interval
    lines = str(found).splitlines()
    assert lines[:3] == [
        "threshold   0.5",
        f"coverage    50.0%  ({coverage[0]:.1%} - {coverage[1]:.1%})",
        f"accuracy    96.7%  ({accuracy[0]:.1%} - {accuracy[1]:.1%})",
    ]
    assert " ".join(lines[3:]) == found.guarantee  # wrapped
    assert repr(found) == "<SelectedThreshold 0.5: coverage 0.500, accuracy 0.967, certified>"
    plain = summary(CORRECT, CONFIDENCE, coverage=0.5)
    assert repr(plain).endswith("accuracy 0.967, not certified>")


def test_the_result_is_frozen_and_pickles():
    selected = select_threshold(CORRECT, CONFIDENCE, target_accuracy=0.9)
    assert isinstance(selected, SelectedThreshold)
    with pytest.raises(dataclasses.FrozenInstanceError):
        selected.threshold = 0
    assert str(pickle.loads(pickle.dumps(selected))) == str(selected)
