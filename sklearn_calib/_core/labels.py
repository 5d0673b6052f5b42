"""Labels as integer codes."""

import numpy as np

_TABLE_PER_ROW = 4  # a table of integers is used up to so many entries per row


def encode(y):
    """Sorted distinct labels, and the position of each label among them.

    What ``np.unique(y, return_inverse=True)`` returns. Integers in a narrow range are looked up in a
    table, many times faster than sorted.
    """
    if y.dtype.kind in "biu":
        low, high = int(y.min()), int(y.max())
        if high - low < _TABLE_PER_ROW * y.size:
            return _by_table(y, low, high - low + 1)
    present = np.unique(y)
    return present, np.searchsorted(present, y)


def _by_table(y, low, size):
    wide = y.astype(np.int64 if y.dtype.kind == "i" else np.uint64, copy=False)
    position = (wide - low).astype(np.intp, copy=False)
    offsets = np.arange(size)
    if size > 2:  # both ends are there; what lies between may not be
        seen = np.zeros(size, dtype=bool)
        seen[position] = True
        offsets = np.flatnonzero(seen)
    if offsets.size < size:
        position = (np.cumsum(seen) - 1)[position]
    return (offsets.astype(wide.dtype) + low).astype(y.dtype), position
