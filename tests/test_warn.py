"""Warnings point at the line of the user."""

import warnings

import pytest
from sklearn.exceptions import UndefinedMetricWarning

from sklearn_calib import TemperatureScaler, read_records
from sklearn_calib.calibrators import SigmoidCalibrator
from sklearn_calib.metrics import selective_accuracy


@pytest.mark.parametrize(
    "doubtful",
    [
        lambda: TemperatureScaler().fit([0.9, 0.1], [1, 0]),
        lambda: SigmoidCalibrator().fit([0.9, 0.1], [1, 0]),
        lambda: selective_accuracy([1, 0], [0.6, 0.4], threshold=0.9),
        lambda: selective_accuracy([1, 0], [0.6, 0.6], coverage=0.1),
        lambda: read_records([{"confidence": 2, "correct": 1}, {"confidence": 0.5, "correct": 1}]),
    ],
)
def test_warnings_name_the_file_of_the_caller(doubtful):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        doubtful()
    assert [warning.filename for warning in caught] == [__file__]
    assert issubclass(caught[0].category, UserWarning | UndefinedMetricWarning)
