"""The page of benchmarks says what the results and the scripts say."""

import runpy
from pathlib import Path

DOC = Path(__file__).parents[1] / "doc"


def test_the_page_is_in_step_with_results_and_scripts():
    page = runpy.run_path(str(DOC / "make_benchmarks.py"))["page"]()
    assert (DOC / "benchmarks.md").read_text(encoding="utf-8") == page


def test_every_script_says_what_it_asks():
    for path in (DOC.parent / "benchmarks").glob("[a-z]*.py"):
        assert f"### {path.name}" in (DOC / "benchmarks.md").read_text(encoding="utf-8")
        assert f"`{path.name}`" in (DOC.parent / "benchmarks" / "README.md").read_text(
            encoding="utf-8"
        )
