import math

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from sklearn_calib import TemperatureScaler
from sklearn_calib.llm import option_logits

from .records import Client, chat_tokens


def answer(text, top, before="The answer is"):
    """Tokens of a response that says something first."""
    tokens = [{"token": word, "logprob": -0.1, "top_logprobs": []} for word in before.split()]
    alternatives = [{"token": t, "logprob": lp} for t, lp in top.items()]
    return [*tokens, {"token": text, "logprob": top[text], "top_logprobs": alternatives}]


@pytest.mark.parametrize(
    "variants", [["A", "B"], [" A", " b"], ["(A)", "B."], ["\u2581A", "\u0120B"]]
)
def test_letter_variants(variants):
    found = option_logits([dict(zip(variants, [-0.2, -2.0], strict=True))], ["A", "B"])
    np.testing.assert_allclose(found.logits, [[-0.2, -2.0]])
    assert found.listed.all()


def test_variants_of_an_option_are_added():
    found = option_logits([{"A": -1.0, " A": -2.0, "a)": -3.0, "B": -2.5}], ["A", "B"])
    np.testing.assert_allclose(found.logits, [[logsumexp([-1.0, -2.0, -3.0]), -2.5]])


def test_the_generated_token_chooses_the_position():
    record = answer(" C", {" C": -0.3, " D": -1.6})
    found = option_logits([record], list("ABCD"))
    np.testing.assert_allclose(found.logits[0, 2:], [-0.3, -1.6])
    assert found.listed.tolist() == [[False, False, True, True]]


def test_first_and_last_position():
    record = answer(" A", {" A": -0.4, " B": -1.2}) + answer(" B", {" A": -2.0, " B": -0.2})
    np.testing.assert_allclose(option_logits([record], ["A", "B"]).logits, [[-0.4, -1.2]])
    last = option_logits([record], ["A", "B"], position="last")
    np.testing.assert_allclose(last.logits, [[-2.0, -0.2]])


def test_a_listed_option_is_used_where_none_was_generated():
    record = answer(" none", {" none": -0.1, " B": -3.0})
    np.testing.assert_allclose(option_logits([record], ["A", "B"]).logits[0, 1], -3.0)


def test_a_missing_option_has_the_most_it_can_have():
    # 0.9 + 0.06 are listed: the others have no more than the rest, 0.04, nor than the smallest, 0.06
    found = option_logits([{"A": math.log(0.9), "x": math.log(0.06)}], ["A", "B"])
    np.testing.assert_allclose(np.exp(found.logits), [[0.9, 0.04]])
    # 0.5 + 0.01 are listed: no more than the smallest
    found = option_logits([{"A": math.log(0.5), "x": math.log(0.01)}], ["A", "B"])
    np.testing.assert_allclose(np.exp(found.logits), [[0.5, 0.01]])
    assert found.listed.tolist() == [[True, False]]


def test_the_bound_is_never_below_what_was_left_out():
    # any full distribution, cut to its three likeliest tokens
    rng = np.random.default_rng(0)
    for _ in range(50):
        proba = softmax(3 * rng.normal(size=6))
        full = dict(zip("ABCDEF", np.log(proba), strict=True))
        listed = dict(sorted(full.items(), key=lambda pair: -pair[1])[:3])
        found = option_logits([listed], list("ABCDEF"))
        assert np.all(found.logits >= np.log(proba) - 1e-9)
        assert found.logits.argmax() == proba.argmax()


def test_impossible_options_stay_finite():
    found = option_logits([{"A": 0.0, "B": -9999.0}, {"A": 0.0, "B": -math.inf}], ["A", "B"])
    assert np.isfinite(found.logits).all()


def test_unreadable_rows_are_nan_with_the_reason():
    found = option_logits([None, {"x": -0.1}, {"A": -0.1, "B": -3.0}], ["A", "B"])
    assert np.isnan(found.logits).all(axis=1).tolist() == [True, True, False]
    assert found.reason.tolist() == ["missing", "no option among the listed tokens", None]
    assert not found.listed[:2].any()
    assert option_logits([], ["A", "B", "C"]).logits.shape == (0, 3)


def test_objects_of_clients():
    record = Client({"content": chat_tokens()})
    assert option_logits([record], ["It", "The"]).logits[0].tolist() == [-0.7, -1.2]


def test_logits_go_into_a_calibrator():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 300)
    records = [dict(zip("ABC", row, strict=True)) for row in -np.abs(rng.normal(2, 1, (300, 3)))]
    logits = option_logits(records, ["A", "B", "C"]).logits
    TemperatureScaler(input="logits").fit(logits + 2 * np.eye(3)[truth], truth)


def test_options_must_be_distinct():
    for options in (["A"], ["A", "a"], ["(B)", "B"], ["A", ""]):
        with pytest.raises(ValueError, match="options must be two or more"):
            option_logits([], options)
    for options in ("AB", [1, 2], None):
        with pytest.raises(TypeError, match="options must be a list of text"):
            option_logits([], options)
    with pytest.raises(ValueError, match="position must be one of"):
        option_logits([], ["A", "B"], position=0)
