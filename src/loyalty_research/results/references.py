"""References of the methods, as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files


@cache
def _entries() -> dict[str, str]:
    text = files("loyalty_research.results").joinpath("references.bib").read_text("utf-8")
    entries: dict[str, str] = {}
    for block in text.split("\n@"):
        entry = block.strip()
        if entry:
            entry = entry if entry.startswith("@") else f"@{entry}"
            key = entry.split("{", 1)[1].split(",", 1)[0].strip()
            entries[key] = entry
    return entries


def bibtex(keys: Iterable[str]) -> str:
    """Return the entries of ``keys`` as BibTeX, in the order given.

    Raises
    ------
    KeyError
        Where a key has no entry.
    """
    return "\n\n".join(_entries()[key] for key in dict.fromkeys(keys))
