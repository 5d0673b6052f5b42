"""Docstrings are contracts: complete, in numpydoc's form, with the defaults of the signature."""

import importlib
import inspect
import pkgutil
import re

import pytest
from numpydoc.docscrape import FunctionDoc
from numpydoc.validate import validate

import sklearn_calib

PUBLIC = ["sklearn_calib"] + [
    f"sklearn_calib.{module.name}"
    for module in pkgutil.iter_modules(sklearn_calib.__path__)
    if not module.name.startswith("_")
]
# What our docstrings do otherwise: summaries may ask a question and need no period or infinitive; a class
# needs no extended summary, and a section "See Also" only where there is something to see.
EXEMPT = {"GL01", "GL08", "SS03", "SS05", "SS06", "ES01", "SA01", "SA04", "EX01", "RT02", "RT03"}
EXEMPT |= {"PR01", "PR02", "YD01", "GL03"}


def members():
    """Every public object once, and the public methods that our classes define."""
    seen = set()
    for name in PUBLIC:
        module = importlib.import_module(name)
        for member in module.__all__:
            value = getattr(module, member)
            path = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
            if path in seen or not (inspect.isfunction(value) or inspect.isclass(value)):
                continue
            seen.add(path)
            yield path, value
            if inspect.isclass(value):
                for method, function in vars(value).items():
                    function = getattr(function, "__func__", function)
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{path}.{method}", function


MEMBERS = dict(members())
every_member = pytest.mark.parametrize("path", MEMBERS)


@every_member
def test_docstrings_are_valid(path):
    errors = [(code, text) for code, text in validate(path)["errors"] if code not in EXEMPT]
    assert not errors


def documented_defaults(doc):
    """Default of each parameter as its type line tells it."""
    for parameter in FunctionDoc(None, doc=inspect.cleandoc(doc))["Parameters"]:
        default = re.search(r"default=(.+)$", parameter.type)
        for name in parameter.name.split(", "):
            yield name.lstrip("*"), default and default.group(1)


@every_member
def test_documented_parameters_are_those_of_the_signature(path):
    value = MEMBERS[path]
    documented = dict(documented_defaults(value.__doc__ or ""))
    signature = inspect.signature(value).parameters
    result = inspect.isclass(value) and (
        hasattr(value, "_fields") or hasattr(value, "__dataclass_fields__")
    )
    expected = (
        {} if result else {name: p for name, p in signature.items() if name not in ("self", "cls")}
    )
    assert list(documented) == list(expected)
    for name, parameter in expected.items():
        told = documented[name]
        if parameter.default is inspect.Parameter.empty:
            assert told is None, name
        else:
            assert told is not None, f"{name}: tell default={parameter.default!r}"
            shown = repr(parameter.default).replace("'", '"')
            assert told.replace("'", '"').rstrip(".") == shown, name
