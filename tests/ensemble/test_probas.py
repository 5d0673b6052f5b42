"""What every function of stored probabilities refuses."""

import numpy as np
import pytest

from sklearn_calib.ensemble import combine_probabilities, disagreement, uncertainty


@pytest.mark.parametrize("call", [disagreement, uncertainty, combine_probabilities])
@pytest.mark.parametrize(
    ("probas", "message"),
    [
        ([0.5, 0.5], "probas must have the shape"),
        (np.full((2, 2, 2, 2), 0.5), "probas must have the shape"),
        ([[0.5, 1.2]], r"probas must hold probabilities in \[0, 1\]; got"),
        ([[[0.5, 0.4]]], "row 0 of member 0 sums to 0.9"),
        ([[[0.5, np.nan]]], "NaN for some classes only, first in row 0 of member 0"),
        ([[[np.nan, np.nan]]], "no member's probabilities for row 0"),
        ([[np.inf]], "probas"),
        (np.empty((0, 3, 2)), "probas: .*0 sample"),
        (np.empty((3, 0, 2)), "probas must have the shape"),
        ([["a"]], "probas: could not convert"),
    ],
)
def test_bad_probabilities(call, probas, message):
    with pytest.raises(ValueError, match=message):
        call(probas)


@pytest.mark.parametrize("call", [disagreement, uncertainty, combine_probabilities])
@pytest.mark.parametrize("weights", [[1], [1, -1], [0, 0], [[1, 1]], [1, np.nan]])
def test_bad_weights(call, weights):
    with pytest.raises(ValueError, match="weights"):
        call([[0.5], [0.6]], weights=weights)
