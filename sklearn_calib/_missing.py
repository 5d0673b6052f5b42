"""What stands for no value."""

import numpy as np


def is_missing(value):
    """Whether an object is no value: None, NaN, NaT or pandas.NA, whose equality is itself."""
    if value is None:
        return True
    same = value == value
    return not same if isinstance(same, (bool, np.bool_)) else same is value


def is_missing_or_blank(value):
    """The same, or text without a character that shows."""
    return not value.strip() if isinstance(value, str) else is_missing(value)
