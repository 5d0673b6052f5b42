"""What is deprecated goes when its version comes.

A deprecated name warns with `FutureWarning` for two minor versions; the line that goes is marked with a
comment ``TODO(0.3): ...``, and this test fails when version 0.3 is being made.
"""

import re
from pathlib import Path

import sklearn_calib

SOURCES = sorted(Path(sklearn_calib.__file__).parent.rglob("*.py"))


def overdue(text, version):
    """Marks whose version has come."""
    now = tuple(int(part) for part in version.split(".")[:2])
    marks = re.findall(r"TODO\((\d+)\.(\d+)\)", text)
    return [mark for mark in marks if tuple(map(int, mark)) <= now]


def test_nothing_is_overdue():
    for path in SOURCES:
        assert not overdue(path.read_text(encoding="utf-8"), sklearn_calib.__version__), path


def test_a_mark_is_found_when_its_version_comes():
    line = "# TODO(0.3): remove `old_name`"
    assert overdue(line, "0.3.0.dev0")
    assert overdue(line, "1.0.0")
    assert not overdue(line, "0.2.5")
