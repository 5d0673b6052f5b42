import ast
import importlib
import pkgutil
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import sklearn_calib

ROOT = Path(sklearn_calib.__file__).parent
PUBLIC = [
    "sklearn_calib",
    *sorted(
        f"sklearn_calib.{module.name}"
        for module in pkgutil.iter_modules(sklearn_calib.__path__)
        if not module.name.startswith("_")
    ),
]
SOURCES = sorted(ROOT.rglob("*.py"))


def test_there_are_public_subpackages():
    assert {"sklearn_calib.metrics", "sklearn_calib.calibrators"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_sorted_and_importable(name):
    module = importlib.import_module(name)
    assert module.__all__ == sorted(set(module.__all__))
    for member in module.__all__:
        assert hasattr(module, member)


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_everything_that_is_importable(name):
    module = importlib.import_module(name)
    public = {
        member
        for member, value in vars(module).items()
        if not member.startswith("_") and type(value) is not type(sys)
    }
    assert public == set(module.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_members_are_documented(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for member in module.__all__:
        assert getattr(module, member).__doc__


def imports(path):
    """Every imported name of a source file, as a dotted path."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_private_of_other_packages_is_imported(path):
    for name in imports(path):
        package, *parts = name.split(".")
        if package != "sklearn_calib":
            assert not any(p.startswith("_") and not p.startswith("__") for p in parts), name


CORE = sorted((ROOT / "_core").glob("*.py"))


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_imports_nothing_above_it(path):
    # `_optional` only imports pandas where a table becomes a frame.
    allowed = {"numpy", "scipy", *sys.stdlib_module_names}
    ours = ("sklearn_calib._core.", "sklearn_calib._optional.")
    for name in imports(path):
        assert name.partition(".")[0] in allowed or name.startswith(ours), name


def test_metrics_import_no_estimators_and_no_displays():
    above = ("calibrators", "display", "selective", "_calibrated", "_meta_classifier", "_records")
    for path in (ROOT / "metrics").glob("*.py"):
        for name in imports(path):
            assert not name.startswith(tuple(f"sklearn_calib.{module}" for module in above)), name


def test_optional_packages_are_not_imported():
    # scikit-learn is first: what it imports by itself is not ours.
    code = """
import sys, sklearn, sklearn.model_selection, sklearn.utils.estimator_checks
before = set(sys.modules)
import {modules}
print(*{{name.partition(".")[0] for name in set(sys.modules) - before}})
"""
    modules = ", ".join(PUBLIC)
    command = [sys.executable, "-W", "error::ImportWarning", "-c", code.format(modules=modules)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    new = set(output.split())
    assert "sklearn_calib" in new
    assert not new & {"matplotlib", "pandas", "narwhals", "polars", "pyarrow"}


def test_every_public_name_is_in_one_section_of_the_documentation():
    reference = runpy.run_path(str(ROOT.parent / "doc" / "api_reference.py"))
    listed = [name for _, _, _, names in reference["SECTIONS"] for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) == {name for p in PUBLIC for name in importlib.import_module(p).__all__}
    for _, module, _, names in reference["SECTIONS"]:
        assert set(names) <= set(importlib.import_module(module).__all__)
