"""Catalogues of wording: gettext .po files by language and domain, read as they are.

Message ids are symbolic keys (``finding.rfm_best``); both languages stand in a catalogue, so that
neither is a translation of the other.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return every message of ``language`` by key.

    Raises
    ------
    ValueError
        Where a key stands in two files of the language.
    """
    messages: dict[str, str] = {}
    folder = files("loyalty_research.language").joinpath("locales", language)
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not item.name.endswith(".po"):
            continue
        with item.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if not message.id:
                    continue
                key = str(message.id)
                if key in messages:
                    msg = f"{item.name}: key {key!r} of language {language!r} stands in two files"
                    raise ValueError(msg)
                messages[key] = str(message.string)
    return messages
