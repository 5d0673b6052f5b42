"""Warnings that point at the line of the user, however deep the cause lies."""

import re
import sys
import warnings

_PACKAGE = __name__.partition(".")[0]


def warn_user(message, category=UserWarning):
    """Warn at the first caller outside of this package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


class WarnOnce:
    """Context in which many fits warn; each warning is told once, at its end.

    Messages that differ in their numbers only are one.
    """

    def __enter__(self):
        self._context = warnings.catch_warnings(record=True)
        self._caught = self._context.__enter__()
        warnings.simplefilter("always", UserWarning)
        return self

    def __exit__(self, *error):
        self._context.__exit__(*error)
        kinds: dict = {}
        for warning in self._caught:
            key = warning.category, re.sub(r"[\d.e+-]+", "#", str(warning.message))
            kinds.setdefault(key, []).append(str(warning.message))
        for (category, _), messages in kinds.items():
            also = f" (And {len(messages) - 1} more like this.)" if len(messages) > 1 else ""
            warn_user(messages[0] + also, category)
