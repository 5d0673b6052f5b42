"""Warnings point at the line of the user."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression

from sklearn_calib import CalibratedClassifier, TemperatureScaler, read_records
from sklearn_calib._warn import WarnOnce, warn_user
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


def test_folds_that_all_warn_are_one_warning():
    """Classes far apart: every fold answers all rows right, with another bound of the temperature."""
    rng, y = np.random.default_rng(0), np.repeat([0, 1], 30)
    X = 10 * y[:, None] + rng.standard_normal((60, 2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CalibratedClassifier(LogisticRegression(), TemperatureScaler(), cv=3).fit(X, y)
    assert [warning.filename for warning in caught] == [__file__]
    assert str(caught[0].message).endswith("(And 2 more like this.)")


def test_what_differs_in_words_is_told_apart_and_an_error_passes():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with WarnOnce():
            for number in (1, 2.5e-3, 30):
                warn_user(f"{number} rows are few.")
            warn_user("Something else.", UndefinedMetricWarning)
    assert [str(warning.message) for warning in caught] == [
        "1 rows are few. (And 2 more like this.)",
        "Something else.",
    ]
    with pytest.raises(ZeroDivisionError), WarnOnce():
        raise ZeroDivisionError
