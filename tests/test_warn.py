"""Warnings point at the line of the user."""

import threading
import warnings

import numpy as np
import pytest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression

from sklearn_calib import CalibratedClassifier, TemperatureScaler, read_records
from sklearn_calib._warn import WarnOnce, warn_nothing, warn_user
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


def test_threads_that_overlap_leave_the_warnings_of_the_process_as_they_were():
    """The first enters and leaves first: contexts of `warnings` would restore each other's filters."""
    first_in, second_in, first_out = (threading.Event() for _ in range(3))

    def first():
        with WarnOnce():
            first_in.set()
            second_in.wait(10)
            warn_user("Of the first.")
        first_out.set()

    def second():
        first_in.wait(10)
        with WarnOnce():
            second_in.set()
            first_out.wait(10)
            warn_user("Of the second.")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        filters, threads = (
            list(warnings.filters),
            [threading.Thread(target=t) for t in (first, second)],
        )
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert warnings.filters == filters
        warnings.warn("Later.", stacklevel=1)
    told = [str(warning.message) for warning in caught]
    assert told == ["Of the first.", "Of the second.", "Later."]


def test_nothing_is_told_nor_waits_where_nothing_warns():
    with WarnOnce(), warn_nothing():
        warn_user("Hidden.")
        warnings.warn("Hidden too.", stacklevel=1)
