"""Pages of the documentation can be read as plain files too, and all are reached."""

import re
from pathlib import Path

import pytest

DOC = Path(__file__).parents[1] / "doc"
PAGES = sorted(DOC.glob("*.md"))
TOCTREE = re.compile(r"^```\{toctree\}\n((?::[^\n]*\n)*)(.*?)^```$", flags=re.M | re.S)


def trees(page):
    """Options and entries of the tables of contents of a page."""
    for options, entries in TOCTREE.findall(page.read_text(encoding="utf-8")):
        yield options.split(), entries.split()


def links(page):
    """Targets of the links of a page, without suffix and anchor."""
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    return {re.sub(r"\.(md|rst)$", "", target.partition("#")[0]) for target in targets}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_table_of_contents_is_hidden_behind_links(page):
    for options, entries in trees(page):
        assert ":hidden:" in options
        assert set(entries) <= links(page)


def test_every_page_is_in_one_table_of_contents():
    entries = [entry for page in PAGES for _, some in trees(page) for entry in some]
    assert len(entries) == len(set(entries))
    assert {page.stem for page in PAGES} - {"index"} <= set(entries)
