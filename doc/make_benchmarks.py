"""Write ``benchmarks.md`` from the results and the scripts of ``benchmarks/``.

``python doc/make_benchmarks.py``
"""

import ast
import json
import re
import runpy
from pathlib import Path

HERE = Path(__file__).parent
BENCHMARKS = HERE.parent / "benchmarks"
BIBLIOGRAPHY = runpy.run_path(str(HERE / "references.py"))


def page():
    """The page as text: what was measured where, speed ratios, where others are better, the scripts."""
    results = json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8"))
    lines = [
        "# Benchmarks",
        "",
        "*Decide whether what is claimed here would hold for you; every script can be run.*",
        "",
        f"Measured on {results['date']}: {results['machine']}. {results['versions']}.",
        "Ratios of two candidates in one run are worth more than times; they move by a tenth or two.",
        "",
        "## Speed",
        "",
        "| work | so many times faster than | beside the physical limit |",
        "|---|---|---|",
        *map(_row, results["speed"]),
        "",
        "## Where others are better",
        "",
        *(f"* {text}" for text in results["better"]),
        "",
        "## The scripts, and what came out",
    ]
    for path in sorted(BENCHMARKS.glob("[a-z]*.py")):
        lines += ["", f"### {path.name}", "", _described(path)]
    return "\n".join(lines) + "\n"


def _row(entry):
    faster = ", ".join(f"{name} {ratio:g} x" for name, ratio in entry["faster"].items())
    return f"| {entry['work']} | {faster or '-'} | {entry['limit'] or '-'} |"


def _described(path):
    """The docstring of a script, its call as code, works cited by key."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    text = BIBLIOGRAPHY["IDENTIFIER"].sub(_cited, text)
    return re.sub(r"(?m)^    (\S.*)$", r"    \1", text).replace("<", "\\<")


def _cited(identifier):
    key = BIBLIOGRAPHY["key_of"](identifier[0], BIBLIOGRAPHY["read_entries"]())
    return f"{{cite:t}}`{key}`"


if __name__ == "__main__":
    (HERE / "benchmarks.md").write_text(page(), encoding="utf-8")
