"""Everything that README, guide and CONTRIBUTING show is executed."""

import contextlib
import io
import re
from itertools import pairwise
from pathlib import Path

import pytest

from sklearn_calib._command import main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "doc").glob("*.md"))]


def blocks(page):
    """Fenced code blocks of a page as (language, content)."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), flags=re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_blocks_print_what_the_page_shows(page):
    shown = blocks(page)
    namespace = {}
    for (language, code), following in pairwise([*shown, ("", "")]):
        if language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), namespace)
        expected = following[1] if following[0] == "text" else ""
        assert printed.getvalue() == expected


def test_report_prints_what_the_readme_shows(capsys):
    assert main(["report"]) == 0
    printed = capsys.readouterr().out
    texts = [content for language, content in blocks(ROOT / "README.md") if language == "text"]
    assert texts[0] in printed
    assert texts[1] in printed


def test_readme_commands_are_those_of_continuous_integration():
    """`.ci/run` runs the README's two commands to the letter."""
    commands = [
        content.strip() for language, content in blocks(ROOT / "README.md") if language == "bash"
    ]
    script = (ROOT / ".ci" / "run").read_text()
    assert commands[0] in script
    assert commands[2] in script
