"""Texts in YAML: whatever a heading holds, it reads back as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_FAR = 10**9


def scalar(value: object) -> str:
    """Return a value as YAML on one line, quoted where it has to be."""
    plain = not isinstance(value, str) or not _UNPRINTABLE.search(value)
    style = None if plain else '"'
    written = yaml.safe_dump(
        [value], allow_unicode=plain, default_flow_style=True, default_style=style, width=_FAR
    )
    return written.strip()[1:-1]


def listed(values: Iterable[object]) -> str:
    """Return a list as YAML on one line."""
    return f"[{', '.join(scalar(value) for value in values)}]"


def comment(text: str) -> str:
    """Return a text as it may stand behind ``#``: on one line, printable."""
    return _UNPRINTABLE.sub(" ", text)
