"""Warnings that point at the line of the user, however deep the cause lies."""

import re
import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar

_PACKAGE = __name__.partition(".")[0]
# Category and message of the warnings that wait in this thread, None where they do not. The recorder of
# `warnings` is one for all threads: of two that overlap, one would go on recording for ever.
_waiting: ContextVar[list | None] = ContextVar("waiting", default=None)


def warn_user(message, category=UserWarning):
    """Warn at the first caller outside of this package."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append((category, message))
        return
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


class WarnOnce:
    """Context in which many fits warn; each warning of this package is told once, at its end.

    Messages that differ in their numbers only are one.
    """

    def __enter__(self):
        self._told: list = []
        self._token = _waiting.set(self._told)
        return self

    def __exit__(self, *error):
        _waiting.reset(self._token)
        kinds: dict = {}
        for category, message in self._told:
            key = category, re.sub(r"[\d.e+-]+", "#", message)
            kinds.setdefault(key, []).append(message)
        for (category, _), messages in kinds.items():
            also = f" (And {len(messages) - 1} more like this.)" if len(messages) > 1 else ""
            warn_user(messages[0] + also, category)


@contextmanager
def warn_nothing():
    """Context without a `UserWarning`, of this package or of what it calls."""
    token = _waiting.set([])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        _waiting.reset(token)
