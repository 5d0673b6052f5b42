"""Results in columns become data frames of the same columns."""

import sys

import numpy as np
import pytest

from sklearn_calib.metrics import (
    accuracy_by_threshold,
    calibration_by_group,
    calibration_table,
    multicalibration_error,
)

P = np.linspace(0.05, 0.95, 80)
Y, GROUP = P > 0.4, np.arange(80) % 2
RESULTS = [
    calibration_table(Y, P),
    accuracy_by_threshold(Y, P),
    calibration_by_group(Y, P, GROUP),
    multicalibration_error(Y, P, GROUP),
]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_a_frame_holds_the_columns(result, monkeypatch):
    frame, columns = result.to_frame(), result.to_dict()
    assert list(frame) == list(columns)
    for name, column in columns.items():
        assert frame[name].tolist() == list(column)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'sklearn-calib\[frames\]'"):
        result.to_frame()
