"""Policies: what is written is read again, and nothing else is."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from sklearn_calib import (
    BinningCalibrator,
    IdentityCalibrator,
    Policy,
    SigmoidCalibrator,
    TemperatureScaler,
)
from sklearn_calib._policy import (
    BinnedCalibration,
    PolicyTier,
    TemperatureCalibration,
    plain_calibrator,
)
from sklearn_calib.selective import select_tiers

POLICY = Policy(
    tiers=(
        PolicyTier("answer", 0.9, 0.95, True, 0.5, 0.97, (0.95, 0.98)),
        PolicyTier("flag", None, 0.85, False, 0.0, None, None),
        PolicyTier("clarify", 0.5, 0.6, True, 0.25, 0.7, (0.6, 0.79)),
    ),
    otherwise="defer",
    calibrator=BinnedCalibration((0.0, 0.6, 1.0), (0.25, 0.875)),
    guarantee="So and so.",
    confidence_level=0.95,
    n_rows=1000,
)


def test_route_takes_the_first_threshold_that_is_reached():
    actions = ["answer", "answer", "clarify", "clarify", "defer", "defer"]
    assert POLICY.route([1.0, 0.9, 0.89, 0.5, 0.49, 0.0]).tolist() == actions
    nothing = dataclasses.replace(POLICY, tiers=())
    assert nothing.route([1.0, 0.0]).tolist() == ["defer", "defer"]


def test_calibrate():
    np.testing.assert_array_equal(
        POLICY.calibrate([0.0, 0.6, 0.61, 1.0]), [0.25, 0.25, 0.875, 0.875]
    )
    plain = dataclasses.replace(POLICY, calibrator=None)
    np.testing.assert_array_equal(plain.calibrate([0.3]), [0.3])
    halved = dataclasses.replace(POLICY, calibrator=TemperatureCalibration(2.0, 1e-3))
    # log-odds of 0.8 are log 4; half of that is log 2
    np.testing.assert_allclose(halved.calibrate([0.8, 0.5]), [2 / 3, 1 / 2])
    edge = np.sqrt(0.999 / 0.001)
    np.testing.assert_allclose(halved.calibrate([1.0]), [np.sqrt(1000) / (1 + np.sqrt(1000))])
    assert edge / (1 + edge) == pytest.approx(halved.calibrate([0.999])[0])


@pytest.mark.parametrize(
    "calibrator",
    [
        BinningCalibrator(n_bins="cube_root"),
        BinningCalibrator(n_bins=4, strategy="uniform"),
        TemperatureScaler(eps=1e-3),
        TemperatureScaler(),
        IdentityCalibrator(),
    ],
    ids=str,
)
def test_plain_numbers_do_what_the_calibrator_does(calibrator):
    rng = np.random.default_rng(0)
    confidence = np.append(np.round(rng.random(300), 2), [0, 1])
    calibrator.fit(confidence, rng.random(302) < confidence**2)
    policy = dataclasses.replace(POLICY, calibrator=plain_calibrator(calibrator))
    policy = Policy.from_json(policy.to_json())
    new = np.append(rng.random(100), [0, 1, 0.5])
    expected = calibrator.predict_proba(new)[:, 1]
    np.testing.assert_allclose(policy.calibrate(new), expected, rtol=1e-13)


def test_of_tiers():
    rng = np.random.default_rng(0)
    confidence = rng.choice([0.3, 0.6, 0.8, 0.95], 4000)
    selected = select_tiers(
        rng.random(4000) < confidence, confidence, tiers=[("a", 0.7), ("b", 0.2)]
    )
    policy = Policy.from_tiers(selected)
    np.testing.assert_array_equal(policy.route(confidence), selected.route(confidence))
    assert policy.guarantee == selected.guarantee
    assert [t.threshold for t in policy.tiers] == [max(t.lower, 0) for t in selected.tiers[:-1]]
    assert policy.n_rows == 4000
    everything = select_tiers([1] * 100, [0.5] * 100, tiers=[("a", 0.5)])
    assert Policy.from_tiers(everything).tiers[0].threshold == 0
    with pytest.warns(UserWarning, match="Tier 'a' is empty"):
        nothing = select_tiers([0] * 100, [0.5] * 100, tiers=[("a", 0.5)])
    assert Policy.from_tiers(nothing).tiers[0].threshold is None
    assert Policy.from_tiers(nothing).route([1.0]).tolist() == ["defer"]


# Written and read


def test_the_file_is_read_by_people():
    lines = POLICY.to_json().splitlines()
    assert lines[:4] == [
        "{",
        '  "format": "sklearn_calib policy",',
        '  "version": 1,',
        '  "guarantee": "So and so.",',
    ]
    assert '      "threshold": 0.9,' in lines
    assert '    "kind": "binning",' in lines


shares = st.floats(0, 1)
calibrations = st.one_of(
    st.none(),
    st.builds(TemperatureCalibration, st.floats(1e-3, 1e3), st.floats(1e-12, 0.5)),
    st.lists(shares, min_size=2, max_size=5, unique=True).flatmap(
        lambda edges: st.builds(
            BinnedCalibration,
            st.just(tuple(sorted(edges))),
            st.tuples(*[shares] * (len(edges) - 1)),
        )
    ),
)


@settings(max_examples=60, deadline=None)
@given(calibrations, st.lists(shares, max_size=4, unique=True), st.text(min_size=1), st.data())
def test_what_is_written_is_read_to_the_last_bit(calibrator, thresholds, word, data):
    tiers = tuple(
        PolicyTier(f"{word}{k}", t, data.draw(shares), True, 0.1, None, (t / 2, t))
        for k, t in enumerate(sorted(thresholds, reverse=True))
    )
    policy = Policy(tiers, word, calibrator, word, data.draw(st.one_of(st.none(), shares)), 7)
    assert Policy.from_json(policy.to_json()) == policy


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(share):
    text = POLICY.to_json().rstrip()
    with pytest.raises(ValueError, match="not complete JSON"):
        Policy.from_json(text[: int(share * len(text))])
    with pytest.raises(ValueError, match="not complete JSON"):
        Policy.from_json(text[:-1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", 'does not say "format": "sklearn_calib policy"'),
        ('{"confidence": 0.9}', 'does not say "format"'),
        ("3", 'does not say "format"'),
        ('{"format": "sklearn_calib policy"}', "of version None, .* reads version 1"),
        (
            '{"format": "sklearn_calib policy", "version": 1}',
            "lacks 'calibrator', 'confidence_level'",
        ),
        ('{"format": "sklearn_calib policy", "version": true}', "of version True"),
        (POLICY.to_json().replace("0.9,", "NaN,"), "NaN is not a number of JSON"),
        ("[" * 100_000, "not complete JSON"),
    ],
)
def test_a_foreign_file_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Policy.from_json(text)


@pytest.mark.parametrize("version", [0, 2, "1", 1.5, None])
def test_another_version_is_refused(version):
    entries = json.loads(POLICY.to_json()) | {"version": version}
    with pytest.raises(ValueError, match=f"is of version {version!r}, and this version"):
        Policy.from_json(json.dumps(entries))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["more"], 1, "The policy holds unknown 'more'"),
        (["otherwise"], 3, "otherwise must be a text; got 3"),
        (["otherwise"], "answer", "actions of a policy must differ"),
        (["guarantee"], None, "guarantee must be a text"),
        (["confidence_level"], 95, r"confidence_level must be in \[0, 1\]; got 95"),
        (["n_rows"], 0, "n_rows must be a number of rows; got 0"),
        (["n_rows"], 7.5, "n_rows must be a number of rows"),
        (["tiers"], {}, "tiers must be a list"),
        (["tiers", 0], "answer", "A tier of the policy must be an object"),
        (["tiers", 0, "note"], "", "A tier of the policy holds unknown 'note'"),
        (["tiers", 0, "action"], "", "action must be a text"),
        (["tiers", 0, "threshold"], "0.9", "threshold must be a number"),
        (["tiers", 0, "threshold"], 1.5, r"threshold must be in \[0, 1\]"),
        (["tiers", 0, "threshold"], 0.4, "thresholds of a policy must decrease"),
        (["tiers", 0, "certified"], 1, "certified must be true or false; got 1"),
        (["tiers", 0, "accuracy_interval"], [0.1], "must hold two numbers; got 1"),
        (["calibrator"], "binning", "must be null, binning or temperature; got None"),
        (["calibrator", "kind"], "spline", "must be null, binning or temperature; got 'spline'"),
        (["calibrator", "values"], [0.5], "edges of the calibrator must increase, one more"),
        (["calibrator", "edges"], [0, 0.6, 0.5], "edges of the calibrator must increase"),
        (["calibrator", "edges"], 3, "edges must be a list"),
        (["calibrator"], {"kind": "temperature", "temperature": 0, "eps": 0.1}, "temperature must"),
        (["calibrator"], {"kind": "temperature", "temperature": 1}, "The calibrator lacks 'eps'"),
    ],
)
def test_a_file_that_was_spoilt_is_refused(path, value, message):
    entries = json.loads(POLICY.to_json())
    place = entries
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        Policy.from_json(json.dumps(entries))


@pytest.mark.parametrize("name", [*Policy._names, "version", "format"])
def test_no_entry_may_be_missing(name):
    entries = json.loads(POLICY.to_json())
    del entries[name]
    with pytest.raises(ValueError, match=name):
        Policy.from_json(json.dumps(entries))


@pytest.mark.parametrize("confidence", [[1.5], [-0.1], [np.nan], [[0.1, 0.9]]])
def test_only_stated_probabilities(confidence):
    for method in (POLICY.route, POLICY.calibrate):
        with pytest.raises(ValueError, match="confidence"):
            method(confidence)


def test_a_policy_takes_a_fitted_calibrator_of_one_column_and_nothing_else():
    correct, confidence = np.tile([0, 1, 1], 20), np.tile([0.3, 0.6, 0.9], 20)
    tiers = select_tiers(correct, confidence, tiers=[("answer", 0.6)], confidence_level=None)
    scaler = TemperatureScaler(eps=1e-3).fit(confidence, correct)
    policy = Policy.from_tiers(tiers, scaler)
    expected = scaler.predict_proba([0.2, 0.8])[:, 1]
    np.testing.assert_allclose(policy.calibrate([0.2, 0.8]), expected)
    assert Policy.from_json(policy.to_json()) == policy
    both = np.column_stack([1 - confidence, confidence])
    for wrong in ("temperature", TemperatureScaler, SigmoidCalibrator().fit(confidence, correct)):
        with pytest.raises(TypeError, match="calibrator must be a BinningCalibrator"):
            Policy.from_tiers(tiers, wrong)
    with pytest.raises(TypeError, match=r"calibrator must be a .* of probabilities"):
        Policy.from_tiers(tiers, TemperatureScaler(input="logits"))
    with pytest.raises(TypeError, match="fitted on one column; got 2"):
        Policy.from_tiers(tiers, TemperatureScaler().fit(both, correct))
    with pytest.raises(NotFittedError):
        Policy.from_tiers(tiers, TemperatureScaler())
