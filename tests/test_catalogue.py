"""The catalogue of metrics is complete and in step with the code."""

import inspect
import runpy
from pathlib import Path

from sklearn_calib import metrics

DOC = Path(__file__).parents[1] / "doc"
CATALOGUE = runpy.run_path(str(DOC / "make_catalogue.py"))
ENTRIES = {name: entry for part in CATALOGUE["SECTIONS"].values() for name, entry in part.items()}


def test_every_public_metric_is_in_the_catalogue():
    public = {
        name
        for name in metrics.__all__
        if inspect.isfunction(getattr(metrics, name)) and not name.startswith("get_")
    }
    assert set(ENTRIES) == public, "add an entry to doc/make_catalogue.py and run it"


def test_the_page_is_what_the_code_says():
    page = (DOC / "metrics_catalogue.md").read_text(encoding="utf-8")
    assert page == CATALOGUE["render"](), "run: python doc/make_catalogue.py"


def test_every_entry_says_all():
    page = CATALOGUE["render"]()
    assert "None $$" not in page
    for word in ("**For:**", "**Bias:**", "**Not:**", "$$ "):
        assert page.count(word) == len(ENTRIES)
    without_reference = [
        part.splitlines()[0]
        for part in page.split("### ")[1:]
        if "**References:**" not in part and "scikit-learn" not in part
    ]
    # plain means and tables of rows have no inventor
    plain = ("gap", "confidence_error", "accuracy", "coverage", "cost", "threshold")
    assert all(name.strip("`").endswith(plain) for name in without_reference), without_reference


def test_the_expected_calibration_error_stands_there_with_its_warnings():
    entry = ENTRIES["expected_calibration_error"]
    assert "constant forecast" in entry.avoid
    assert "different size" in entry.avoid
    assert "Upwards" in entry.bias
