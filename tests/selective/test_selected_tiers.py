import pickle

import numpy as np
import pytest

from sklearn_calib.selective import SelectedTiers, Tier

TIERS = SelectedTiers(
    tiers=(
        Tier("answer", 0.9, 0.8, np.inf, 1200, 1200.0, 0.6, 0.951, (0.937, 0.962), True),
        Tier("flag", 0.875, 0.8, 0.8, 0, 0.0, 0.0, np.nan, (0.0, 1.0), False),
        Tier("clarify", 0.5, 0.25, 0.8, 600, 600.0, 0.3, 0.6, (0.56, 0.639), True),
        Tier("hand over", None, -np.inf, 0.25, 200, 200.0, 0.1, 0.1, (0.066, 0.149), False),
    ),
    confidence_level=0.95,
    n_rows=2000,
    guarantee="So and so.",
)


def test_read_as_a_table():
    assert str(TIERS).splitlines() == [
        "             confidence           rows    share    right   95 % interval    wanted",
        "answer       0.8 or more         1,200   60.0 %   95.1 %   93.7 - 96.2 %      90 % certified",
        "flag         none                    0    0.0 %                             87.5 %",
        "clarify      0.25 to 0.8           600   30.0 %   60.0 %   56.0 - 63.9 %      50 % certified",
        "hand over    below 0.25            200   10.0 %   10.0 %   6.6 - 14.9 %",
    ]


def test_route():
    confidence = [1.0, 0.8, 0.7999, 0.25, 0.1, -5, 7]
    expected = ["answer", "answer", "clarify", "clarify", "hand over", "hand over", "answer"]
    assert TIERS.route(confidence).tolist() == expected


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (-np.inf, np.inf, "all"),
        (0.5, 0.5, "none"),
        (0.95, np.inf, "0.95 or more"),
        (np.nextafter(0.9, 1), np.inf, "above 0.9"),
        (8 / 30, np.inf, "0.2667 or more"),
        (np.nextafter(8 / 30, 1), np.inf, "0.2667 or more"),
        (-np.inf, np.nextafter(0.9, 1), "up to 0.9"),
        (-np.inf, 0.9, "below 0.9"),
        (-np.inf, -1.5, "below -1.5"),
        (0.25, 0.8, "0.25 to 0.8"),
    ],
)
def test_ranges_are_said_exactly(lower, upper, said):
    tier = Tier("a", 0.5, float(lower), float(upper), 1, 1.0, 1.0, 1.0, (0.2, 1.0), False)
    line = str(SelectedTiers((tier,), None, 1, "")).splitlines()[1]
    assert line[13:29].rstrip() == said


def test_lookup():
    assert TIERS["clarify"].accuracy == 0.6
    assert TIERS.actions == ("answer", "flag", "clarify", "hand over")
    assert TIERS.otherwise == "hand over"
    assert len(TIERS) == 4
    assert [tier.action for tier in TIERS] == list(TIERS.actions)
    with pytest.raises(KeyError, match="'defer' is not one of the actions"):
        TIERS["defer"]


def test_pickle():
    again = pickle.loads(pickle.dumps(TIERS))
    assert str(again) == str(TIERS)


@pytest.mark.parametrize("confidence", [[np.nan], [np.inf], [[0.1, 0.2]]])
def test_wrong_confidences(confidence):
    with pytest.raises(ValueError, match="confidence"):
        TIERS.route(confidence)
