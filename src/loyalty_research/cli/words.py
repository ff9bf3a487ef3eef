"""The language of the command line: help, progress, headings and errors.

Chosen by ``--ui``, else ``LOYALTY_UI``, else the locale. Only Babel is needed to read the wording.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from loyalty_research.errors import ParameterError, phrase, problem

UI_VARIABLE = "LOYALTY_UI"
UI_LANGUAGES = ("en", "zh")
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_chosen = ["en"]


def choose(argv: Sequence[str]) -> None:
    """Choose the language before the arguments are parsed, as help and errors are worded in it.

    Raises
    ------
    ParameterError
        Where ``LOYALTY_UI`` names no language; the option is checked with the other arguments.
    """
    named = os.environ.get(UI_VARIABLE, "")
    _chosen[0] = named if named in UI_LANGUAGES else _from_locale()
    given = _given(argv)
    if given in UI_LANGUAGES:
        _chosen[0] = given
    elif not given and named and named not in UI_LANGUAGES:
        allowed = ", ".join(UI_LANGUAGES)
        raise ParameterError(
            problem(
                "{variable}: found {found!r}; allowed: {allowed}",
                variable=UI_VARIABLE,
                found=named,
                allowed=allowed,
            )
        )


def ui() -> str:
    """Return the language in use: ``zh`` or ``en``."""
    return _chosen[0]


def text(key: str, /, **values: object) -> str:
    """Return the message of ``key`` in the language in use."""
    return text_in(ui(), key, **values)


def text_in(language: str, key: str, /, **values: object) -> str:
    """Return the message of ``key`` in ``language``: ``zh`` or ``en``."""
    message = _messages(language)[key]
    return message.format(**values) if values else message


def has(key: str) -> bool:
    """Tell whether there is a message of ``key``."""
    return key in _messages(ui())


def told(line: str, **values: object) -> str:
    """Return a line of progress: the message of a key, else the line itself in other words."""
    if line in _messages(ui()):
        named = {name: phrase(str(value), ui()) for name, value in values.items()}
        return text(line, **named)
    return phrase(line, ui())


def _given(argv: Sequence[str]) -> str:
    """Return what the option ``--ui`` says, wherever it stands; empty where it is not given."""
    found = ""
    for place, item in enumerate(argv):
        if item == "--":
            break
        if item.startswith("--ui="):
            found = item.removeprefix("--ui=")
        elif item == "--ui" and place + 1 < len(argv):
            found = argv[place + 1]
    return found


def _from_locale() -> str:
    named = next((value for name in _LOCALES if (value := os.environ.get(name))), None)
    if named is None:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


@cache
def _messages(language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    place = files("loyalty_research").joinpath("language", "locales", language, "cli.po")
    with place.open("rb") as stream:
        return {str(item.id): str(item.string) for item in read_po(stream) if item.id}
