from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sklearn_calib.metrics import (
    area_under_generalized_risk_coverage_curve,
    area_under_risk_coverage_curve,
    excess_area_under_risk_coverage_curve,
    risk_coverage_curve,
)

AREAS = [
    area_under_risk_coverage_curve,
    excess_area_under_risk_coverage_curve,
    area_under_generalized_risk_coverage_curve,
]
RULES = ["rows", "trapezoid"]

# Confidence 0.9 right, 0.8 wrong, 0.8 right, 0.6 right, 0.5 wrong.
CORRECT, CONFIDENCE = [1, 0, 1, 1, 0], [0.9, 0.8, 0.8, 0.6, 0.5]
PROBA = np.array([[(1 - c) / 2, c, (1 - c) / 2] for c in CONFIDENCE])
Y = ["b", "a", "b", "b", "c"]

# Distinct confidences: coverages 0.2, 0.6, 0.8, 1 with risks 0, 1/3, 1/4, 2/5.
AURC_ROWS = (0 + 1 / 3 + 1 / 3 + 1 / 4 + 2 / 5) / 5
AURC_TRAPEZOID = (
    0.2 * 0 + 0.4 * (0 + 1 / 3) / 2 + 0.2 * (1 / 3 + 1 / 4) / 2 + 0.2 * (1 / 4 + 2 / 5) / 2
)
IDEAL = 0.4 + 0.6 * np.log(0.6)
# Wrong answers among all rows: 0, 1/5, 1/5, 2/5 at those coverages, 0 at coverage 0.
AUGRC_ROWS = (0 + 1 / 5 + 1 / 5 + 1 / 5 + 2 / 5) / 5
AUGRC_TRAPEZOID = 0.4 * (1 / 5) / 2 + 0.2 * 1 / 5 + 0.2 * (1 / 5 + 2 / 5) / 2


@pytest.mark.parametrize(
    ("y", "proba", "arguments"),
    [(CORRECT, CONFIDENCE, {"kind": "record"}), (Y, PROBA, {})],
    ids=["records", "classes"],
)
@pytest.mark.parametrize(
    ("area", "rule", "expected"),
    [
        (area_under_risk_coverage_curve, "rows", AURC_ROWS),
        (area_under_risk_coverage_curve, "trapezoid", AURC_TRAPEZOID),
        (excess_area_under_risk_coverage_curve, "rows", AURC_ROWS - IDEAL),
        (excess_area_under_risk_coverage_curve, "trapezoid", AURC_TRAPEZOID - IDEAL),
        (area_under_generalized_risk_coverage_curve, "rows", AUGRC_ROWS),
        (area_under_generalized_risk_coverage_curve, "trapezoid", AUGRC_TRAPEZOID),
    ],
)
def test_by_hand(y, proba, arguments, area, rule, expected):
    assert area(y, proba, rule=rule, **arguments) == pytest.approx(expected)


def test_default_rules():
    arguments = {"kind": "record"}
    assert area_under_risk_coverage_curve(CORRECT, CONFIDENCE, **arguments) == (
        pytest.approx(AURC_ROWS)
    )
    assert area_under_generalized_risk_coverage_curve(CORRECT, CONFIDENCE, **arguments) == (
        pytest.approx(AUGRC_TRAPEZOID)
    )


# Slow references, straight from the definitions


def slow_rows(correct, confidence, weight, generalized):
    """Weighted mean over rows of the risk of answering all rows that are at least as confident."""
    rows = list(zip(correct, confidence, weight, strict=True))
    area = 0.0
    for _, own, w in rows:
        answered = [(1 - o, v) for o, c, v in rows if c >= own]
        wrong = sum(r * v for r, v in answered)
        area += w * wrong / (sum(weight) if generalized else sum(v for _, v in answered))
    return area / sum(weight)


def slow_trapezoid(correct, confidence, weight, generalized):
    """Trapezoids between the points of each threshold."""
    points = []
    for threshold in sorted(set(confidence), reverse=True):
        answered = [(1 - o, w) for o, c, w in zip(correct, confidence, weight, strict=True)
                    if c >= threshold]  # fmt: skip
        share = sum(w for _, w in answered) / sum(weight)
        risk = sum(r * w for r, w in answered) / sum(w for _, w in answered)
        points.append((share, share * risk if generalized else risk))
    points.insert(0, (0.0, 0.0 if generalized else points[0][1]))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))


def slow_ideal(correct, weight, n_steps=20_000):
    """Midpoint integral of the risk of the best share c of the rows."""
    order = np.argsort(correct)[::-1]
    share = np.append(0, np.cumsum(np.array(weight)[order])) / np.sum(weight)
    loss = np.append(0, np.cumsum(((1 - np.array(correct)) * weight)[order])) / np.sum(weight)
    coverage = (np.arange(n_steps) + 0.5) / n_steps
    return np.mean(np.interp(coverage, share, loss) / coverage)


levels = st.integers(0, 5).map(lambda d: d / 5)
rows = st.lists(st.tuples(levels, levels, st.integers(1, 3)), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_areas_equal_the_slow_references(rows):
    correct, confidence, weight = map(list, zip(*rows, strict=True))
    for rule, slow in (("rows", slow_rows), ("trapezoid", slow_trapezoid)):
        arguments = {"kind": "record", "sample_weight": weight, "rule": rule}
        area = area_under_risk_coverage_curve(correct, confidence, **arguments)
        assert area == pytest.approx(slow(correct, confidence, weight, False), abs=1e-14)
        area = area_under_generalized_risk_coverage_curve(correct, confidence, **arguments)
        assert area == pytest.approx(slow(correct, confidence, weight, True), abs=1e-14)


@settings(max_examples=20, deadline=None)
@given(rows)
def test_excess_is_beyond_the_best_order(rows):
    correct, confidence, weight = map(list, zip(*rows, strict=True))
    arguments = {"kind": "record", "sample_weight": weight}
    excess = excess_area_under_risk_coverage_curve(correct, confidence, **arguments)
    area = area_under_risk_coverage_curve(correct, confidence, **arguments)
    assert excess >= 0
    assert area - excess == pytest.approx(slow_ideal(correct, weight), abs=1e-5)


# Closed forms


def test_area_of_the_best_order():
    # All right answers first: the risk is 0 for them and (k - r) / k for the k-th of n.
    n, r = 50, 40
    correct, confidence = np.arange(n) < r, 1 - np.arange(n) / n
    area = area_under_risk_coverage_curve(correct, confidence, kind="record")
    assert area == pytest.approx(sum((k - r) / k for k in range(r + 1, n + 1)) / n)
    # the sum is a right-hand Riemann sum of an increasing risk: above the integral, within 1 / n
    excess = excess_area_under_risk_coverage_curve(correct, confidence, kind="record")
    assert 0 < excess < (1 - r / n) / n


def test_perfect_confidence_that_ties_pays_for_its_ties():
    # "Sure" for all right and "unsure" for all wrong answers: no threshold answers a part of a tie.
    correct = np.array([1, 1, 1, 0])
    arguments = {"kind": "record"}
    assert excess_area_under_risk_coverage_curve(correct, correct, **arguments) == (
        pytest.approx(1 / 4 * 1 / 4 - (1 / 4 + 3 / 4 * np.log(3 / 4)))
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("correct", [0, 1])
def test_all_right_or_all_wrong(correct, rule):
    records = ([correct] * 4, [0.9, 0.8, 0.8, 0.1])
    arguments = {"kind": "record", "rule": rule}
    assert area_under_risk_coverage_curve(*records, **arguments) == 1 - correct
    # there is no order to get wrong
    assert excess_area_under_risk_coverage_curve(*records, **arguments) == pytest.approx(
        0, abs=1e-15
    )
    # coverages 1/4, 3/4, 3/4, 1 of wrong answers; the integral of c is 1/2
    generalized = area_under_generalized_risk_coverage_curve(*records, **arguments)
    expected = (1 / 4 + 3 / 4 + 3 / 4 + 1) / 4 if rule == "rows" else 1 / 2
    assert generalized == pytest.approx((1 - correct) * expected)


def test_areas_of_a_random_order():
    rng = np.random.default_rng(0)
    correct, confidence = rng.random(20_000) < 0.7, rng.random(20_000)
    area = area_under_risk_coverage_curve(correct, confidence, kind="record")
    assert area == pytest.approx(0.3, abs=0.02)
    generalized = area_under_generalized_risk_coverage_curve(correct, confidence, kind="record")
    assert generalized == pytest.approx(0.15, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), levels, st.integers(1, 3)), min_size=2, max_size=30))
def test_generalized_area_is_that_of_the_roc_curve(rows):
    """Equation of Traub et al. (2024), also with ties and weights."""
    correct, confidence, weight = map(np.array, zip(*rows, strict=True))
    if correct.all() or not correct.any():
        return
    accuracy = np.average(correct, weights=weight)
    auroc = roc_auc_score(correct, confidence, sample_weight=weight)
    expected = accuracy * (1 - accuracy) * (1 - auroc) + (1 - accuracy) ** 2 / 2
    area = area_under_generalized_risk_coverage_curve(
        correct, confidence, sample_weight=weight, kind="record"
    )
    assert area == pytest.approx(expected, abs=1e-14)


def test_trapezoid_of_generalized_risk_is_the_mean_over_orders_of_ties():
    rng = np.random.default_rng(0)
    confidence = rng.integers(0, 3, 30) / 2
    correct = rng.random(30) < confidence
    areas = []
    for _ in range(3000):
        jitter = confidence + 1e-6 * rng.permutation(30)
        areas.append(area_under_generalized_risk_coverage_curve(correct, jitter / 2, kind="record"))
    area = area_under_generalized_risk_coverage_curve(correct, confidence, kind="record")
    assert area == pytest.approx(np.mean(areas), abs=4 * np.std(areas) / np.sqrt(3000))


# Other packages. The records were made by `peer_records`; the numbers are what each package returned.


def peer_records(ties):
    rng = np.random.default_rng(7)
    confidence = rng.uniform(0.5, 1, 500)
    if ties:
        confidence = np.round(confidence, 1)
    return (rng.random(500) < confidence**2).astype(float), confidence


@pytest.mark.parametrize(
    ("ties", "aurc", "excess", "augrc"),
    [
        (False, 0.22187033261960618, 0.13825252920426584, 0.140316),
        (True, 0.18636395482474136, 0.11019002597306264, 0.12654),
    ],
)
def test_fd_shifts(ties, aurc, excess, augrc):
    """fd-shifts at commit c4467aec, divided by 1000: the trapezoid, also with ties."""
    records, arguments = peer_records(ties), {"kind": "record", "rule": "trapezoid"}
    assert area_under_risk_coverage_curve(*records, **arguments) == pytest.approx(aurc, abs=1e-12)
    assert excess_area_under_risk_coverage_curve(*records, **arguments) == (
        pytest.approx(excess, abs=1e-12)
    )
    assert area_under_generalized_risk_coverage_curve(*records, **arguments) == (
        pytest.approx(augrc, abs=1e-12)
    )


@pytest.mark.parametrize("package", ["lm-polygraph", "MAPIE", "uncertainty-calibration"])
def test_means_over_ranks(package):
    """lm-polygraph 0.7.0 RCC-AUC; MAPIE 1.6.0 auarc and uncertainty-calibration 0.1.4 are 1 - AURC."""
    records = peer_records(ties=False)
    theirs = {
        "lm-polygraph": 0.2222503326196062,
        "MAPIE": 1 - 0.7777496673803939,
        "uncertainty-calibration": 1 - 0.7777496673803939,
    }[package]
    area = area_under_risk_coverage_curve(*records, kind="record")
    assert area == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(
    ("area", "theirs"),
    [
        (area_under_risk_coverage_curve, 0.2223149627987563),
        (area_under_generalized_risk_coverage_curve, 0.1405971944081326),
    ],
)
def test_torch_uncertainty(area, theirs):
    """torch-uncertainty 0.13.0: the trapezoid from coverage 1/n on, divided by 1 - 1/n."""
    correct, confidence = peer_records(ties=False)
    n = correct.size
    ours = area(correct, confidence, kind="record", rule="trapezoid")
    curve = risk_coverage_curve(correct, confidence, kind="record")
    generalized = area is area_under_generalized_risk_coverage_curve
    first = curve.risk[0] / n / 2 / n if generalized else curve.risk[0] / n
    assert (ours - first) / (1 - 1 / n) == pytest.approx(theirs, abs=1e-7)  # theirs is float32


def test_ranks_of_ties_depend_on_the_order_of_rows_elsewhere():
    """With ties MAPIE and lm-polygraph return 0.1948, uncertainty-calibration 0.1956: two orders."""
    correct, confidence = peer_records(ties=True)

    def mean_over_ranks(order):
        wrong = np.cumsum(1 - correct[order])
        return np.mean(wrong / np.arange(1, correct.size + 1))

    as_they_stand = mean_over_ranks(np.argsort(-confidence, kind="stable"))
    assert as_they_stand == pytest.approx(0.19480379254025793, abs=1e-12)
    right_first = mean_over_ranks(np.lexsort((-correct, -confidence)))
    wrong_first = mean_over_ranks(np.lexsort((correct, -confidence)))
    assert right_first < 1 - 0.8043855080094008 < wrong_first
    # one number here, which is none of theirs: a threshold answers all of a tie
    ours = area_under_risk_coverage_curve(correct, confidence, kind="record")
    assert right_first < ours < wrong_first


# Parameters


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("rule", ["mean", "trapezoidal", None, 1])
def test_wrong_rule(area, rule):
    with pytest.raises(ValueError, match="rule must be one of 'rows', 'trapezoid'; got"):
        area(CORRECT, CONFIDENCE, kind="record", rule=rule)
