"""One bibliography: pages cite it by key, docstrings by DOI, arXiv number or title."""

import ast
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIBLIOGRAPHY = runpy.run_path(str(ROOT / "doc" / "references.py"))
ENTRIES = BIBLIOGRAPHY["read_entries"]()
KEYS = {
    fields[name].lower(): key
    for key, fields in ENTRIES.items()
    for name in ("doi", "eprint")
    if name in fields
}
PAGES = sorted((ROOT / "doc").glob("*.md"))
SOURCES = [
    p
    for folder in ("sklearn_calib", "benchmarks", "examples")
    for p in sorted((ROOT / folder).rglob("*.py"))
]


def cited_keys(page):
    """Keys that a page cites."""
    roles = re.findall(r"\{cite:[tp]\}`([^`]+)`", page.read_text(encoding="utf-8"))
    return [key.strip() for role in roles for key in role.split(",")]


def references(path):
    """Entries of the References sections of a source file, as they stand in its docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            docstring = ast.get_docstring(node) or ""
            section = re.search(
                r"\nReferences\n-+\n(.*?)(?:\n\n\w[^\n]*\n-+\n|$)", docstring, flags=re.S
            )
            if section:
                parts = re.split(r"\.\. \[\d+\] |\n\n", section[1])
                yield from (part for part in parts if part.strip())


def test_the_whole_file_is_read():
    text = (ROOT / "doc" / "references.bib").read_text(encoding="utf-8")
    assert text.count("\n@") + 1 == len(ENTRIES) == len(set(ENTRIES))
    for key, fields in ENTRIES.items():
        assert {"author", "title", "year"} <= set(fields), key


def test_entries_are_sorted_and_no_work_stands_there_twice():
    assert list(ENTRIES) == sorted(ENTRIES)
    for field in ("title", "doi", "eprint"):
        values = [fields[field].casefold() for fields in ENTRIES.values() if field in fields]
        assert len(values) == len(set(values)), field


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_cite_by_key(page):
    assert set(cited_keys(page)) <= set(ENTRIES)
    assert not BIBLIOGRAPHY["identifiers"](page.read_text(encoding="utf-8")), "cite by key instead"


def test_identifiers_in_code_are_in_the_bibliography():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert set(BIBLIOGRAPHY["identifiers"](text)) <= set(KEYS), path.name


def test_references_of_docstrings_are_in_the_bibliography():
    for path in SOURCES:
        for reference in references(path):
            assert BIBLIOGRAPHY["key_of"](reference, ENTRIES), f"{path.name}: {reference}"


def test_every_entry_is_cited():
    cited = {key for page in PAGES for key in cited_keys(page)}
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        cited |= {KEYS[name] for name in BIBLIOGRAPHY["identifiers"](text)}
        cited |= {BIBLIOGRAPHY["key_of"](reference, ENTRIES) for reference in references(path)}
    assert set(ENTRIES) <= cited


def test_what_an_entry_is_found_by():
    find = BIBLIOGRAPHY["key_of"]
    entries = {
        "a2020": {"title": "On {M}aps", "doi": "10.1000/X(1)2-3"},
        "b2021": {"title": "On Pots", "eprint": "2101.00001"},
    }
    assert find("A (2020). doi:10.1000/x(1)2-3.", entries) == "a2020"
    assert find("B (2021). :arxiv:`2101.00001`", entries) == "b2021"
    assert find("A (2020). On\n   maps. J. 1:2", entries) == "a2020"
    assert find("C (2022). On pans. arXiv:2101.000012", entries) is None
