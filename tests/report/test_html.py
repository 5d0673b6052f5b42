"""The report as a page."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from sklearn_calib._core.risk_coverage import risk_coverage
from sklearn_calib._records import BadRow, Records
from sklearn_calib._report.html import render_html
from sklearn_calib._report.numbers import make_report

pytest.importorskip("matplotlib")

VOID = {"meta", "br", "path", "use", "rect", "stop", "circle", "line", "polygon"}


class Page(HTMLParser):
    """Collect tags, attributes and text, and check that tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.source = text
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def curve_of(records):
    return risk_coverage(records.confidence, records.correct)


@pytest.fixture(scope="module")
def page():
    rng = np.random.default_rng(0)
    confidence = rng.choice([0.6, 0.8, 0.95, 1.0], 200)
    correct = (rng.random(200) < confidence * 0.7).astype(float)
    topic = np.array(["<script>alert(1)</script>", "b & c"] * 100, dtype=object)
    bad = (BadRow(7, "confidence '<b>' is not a number"),)
    records = Records(confidence, correct, np.arange(200), {"topic": topic}, bad)
    report = make_report(
        records, title="answers <1>.jsonl", target_accuracy=0.6, n_bins=10, by="topic"
    )
    return Page(render_html(report, curve_of(records)))


def test_page_is_well_formed_and_has_three_pictures(page):
    assert page.open == []
    assert page.tags.count("svg") == 3
    assert page.tags.count("figcaption") == 3
    assert ("role", "img") in page.attributes


@pytest.mark.parametrize(("n_bad", "folded"), [(10, False), (11, True)])
def test_a_long_list_of_unusable_rows_is_folded(n_bad, folded):
    bad = tuple(BadRow(line, "confidence is missing") for line in range(n_bad))
    records = Records(np.full(20, 0.9), np.tile([1.0, 0.0], 10), np.arange(20), {}, bad)
    report = make_report(records, title="answers.jsonl", target_accuracy=0.6, n_bins=10)
    html = render_html(report, curve_of(records))
    assert ("<details open>" not in html) == folded
    assert html.count("<li>line") == n_bad


def test_page_loads_nothing_and_runs_nothing(page):
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    addresses = [value for name, value in page.attributes if name in {"src", "href", "xlink:href"}]
    assert all(address.startswith("#") for address in addresses)


def test_page_escapes_what_the_file_holds(page):
    assert "<script>alert(1)</script>" in page.text
    assert "b & c" in page.text
    assert "confidence '<b>' is not a number" in page.text


def test_page_says_what_the_report_says(page):
    assert "OVERCONFIDENT" in page.text.upper()
    assert "answer from confidence" in page.text
    assert ("name", "viewport") in page.attributes


def test_same_records_give_the_same_page():
    records = Records(np.array([0.9, 0.8]), np.array([1.0, 0.0]), np.arange(2), {}, ())
    report = make_report(records, title="two", target_accuracy=0.5, n_bins=10)
    assert render_html(report, curve_of(records)) == render_html(report, curve_of(records))


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
@pytest.mark.parametrize("width", [500, 1280])
def test_a_browser_shows_the_page_without_scrolling_sideways(page, tmp_path, width):
    """A script that we add asks the browser for the width of what it has laid out."""
    probe = "<script>document.title = document.documentElement.scrollWidth</script>"
    file = tmp_path / "report.html"
    file.write_text(page.source.replace("</body>", f"{probe}</body>"), encoding="utf-8")
    options = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-sync"
    command = [CHROMIUM, *options.split(), f"--window-size={width},900", "--dump-dom"]
    shown = subprocess.run(
        [*command, f"--user-data-dir={tmp_path / 'profile'}", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    title = re.search(r"<title>(\d+)</title>", shown.stdout)
    assert title, shown.stderr[-500:]
    assert int(title.group(1)) <= width
