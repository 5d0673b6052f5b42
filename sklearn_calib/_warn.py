"""Warnings that point at the line of the user, however deep the cause lies."""

import sys
import warnings

_PACKAGE = __name__.partition(".")[0]


def warn_user(message, category=UserWarning):
    """Warn at the first caller outside of this package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
