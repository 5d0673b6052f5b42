"""Configuration of the documentation: ``python -m sphinx -W doc doc/_build``."""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from api_reference import SECTIONS  # noqa: E402

from sklearn_calib import __version__  # noqa: E402

project = "sklearn_calib"
author = "the sklearn_calib developers"
copyright = author
version = release = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["_build", "changelog.d", "gallery/**/*.md5"]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"
extlinks = {
    "arxiv": ("https://arxiv.org/abs/%s", "arXiv:%s"),
    "doi": ("https://doi.org/%s", "doi:%s"),
}
extlinks_detect_hardcoded_links = False

numpydoc_show_class_members = False
autosummary_generate = True
autodoc_typehints = "none"

html_theme = "pydata_sphinx_theme"
html_title = "sklearn_calib"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": []}
html_show_sourcelink = False

sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent / "examples"),
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "show_memory": False,
    "min_reported_time": 1e9,
    "plot_gallery": "True",
    "show_signature": False,
    "download_all_examples": False,
}


def write_api_pages():
    """One page of the interface from the one list of it."""
    lines = ["Interface", "=========", ""]
    for title, module, text, names in SECTIONS:
        lines += [title, "-" * len(title), "", text, "", f".. currentmodule:: {module}", ""]
        classes = [name for name in names if isinstance(getattr(import_module(module), name), type)]
        for kind, members in (("class", classes), ("base", [n for n in names if n not in classes])):
            if members:
                lines += [
                    ".. autosummary::",
                    "   :toctree: generated/",
                    f"   :template: {kind}.rst",
                ]
                lines += ["   :nosignatures:", "", *(f"   {name}" for name in members), ""]
    page, content = HERE / "api.rst", "\n".join(lines) + "\n"
    if not page.exists() or page.read_text() != content:
        page.write_text(content)


write_api_pages()
