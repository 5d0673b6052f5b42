"""Check that every link inside the built site leads somewhere.

``python doc/check_links.py doc/_build``
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        for name in ("href", "src"):
            if attributes.get(name):
                self.links.append(attributes[name])


def broken(root):
    """Pairs of page and link that lead nowhere."""
    found = (
        path for path in root.rglob("*.html") if "_static" not in path.parts
    )  # the theme's own
    pages = {path.resolve(): Page(path) for path in found}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing = not target.exists()
            fragment = unquote(parts.fragment)
            if not missing and fragment and target in pages:
                missing = fragment not in pages[target].anchors
            if missing:
                yield path.relative_to(root.resolve()), link


if __name__ == "__main__":
    found = list(broken(Path(sys.argv[1])))
    for page, link in found:
        print(f"{page}: {link}")
    print(f"{len(found)} broken links")
    sys.exit(bool(found))
