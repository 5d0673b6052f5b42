"""The one bibliography, `references.bib`: its entries, and which of them a reference means."""

import re
import unicodedata
from pathlib import Path

IDENTIFIER = re.compile(r"arxiv\W{1,2}(\d{4}\.\d{4,5})(?!\d)|\b(10\.\d{4,9}/[^\s`,;\"]*\w)", re.I)


def read_entries():
    """Return the fields of every entry, by key."""
    text = Path(__file__).with_name("references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{(\w+),\n(.*?)^\}$", text, flags=re.M | re.S)
    return {
        key: dict(re.findall(r"^  (\w+) = \{(.*)\},$", body, flags=re.M)) for key, body in entries
    }


def identifiers(text):
    """Return the DOIs and arXiv numbers in a text, in lower case."""
    return [(arxiv or doi).lower() for arxiv, doi in IDENTIFIER.findall(text)]


def key_of(reference, entries):
    """Return the key of the entry with the DOI, arXiv number or title of a reference, or None."""
    named = set(identifiers(reference))
    for key, fields in entries.items():
        if {fields.get("doi", "").lower(), fields.get("eprint", "")} & named:
            return key
    return next(
        (key for key, fields in entries.items() if _plain(fields["title"]) in _plain(reference)),
        None,
    )


def _plain(text):
    """Letters and digits only, so that case, accents, braces and line breaks do not matter."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z0-9]", "", letters)
