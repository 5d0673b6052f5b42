"""Codes of labels, against numpy's sort."""

import numpy as np
import pytest

from sklearn_calib._core.labels import encode

LABELS = {
    "from zero": np.array([2, 0, 1, 0]),
    "from one, with a gap": np.array([5, 1, 1, 3]),
    "negative": np.array([-1, 1, -1]),
    "far apart": np.array([10**18, -(10**18), 3]),
    "largest": np.array([2**64 - 1, 2**64 - 3], np.uint64),
    "smallest": np.array([-(2**63), -(2**63) + 2]),
    "bytes": np.array([255, 0, 7] * 50, np.uint8),
    "small": np.array([-128, 127] * 90, np.int8),
    "bools": np.array([True, False, True]),
    "one class": np.array([7, 7]),
    "floats": np.array([1.0, -2.0, 1.0]),
    "strings": np.array(["b", "a", "b"]),
    "objects": np.array(["b", "a", "b"], object),
}


@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS)
def test_labels_and_positions(y):
    present, code = encode(y)
    expected, inverse = np.unique(y, return_inverse=True)
    np.testing.assert_array_equal(present, expected)
    np.testing.assert_array_equal(code, inverse)
    assert present.dtype == y.dtype
    np.testing.assert_array_equal(present[code], y)


def test_read_only_and_strided():
    y = np.arange(20)[::3]
    y.flags.writeable = False
    np.testing.assert_array_equal(encode(y)[1], np.arange(7))
