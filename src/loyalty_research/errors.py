"""Errors a user can cause, and the sentence each one prints.

One base class, a few families. Every error carries a list of problems, so that a check can collect
all of them and stop once. A problem keeps its template and its fields apart, so that a message can
be shown in another language: the catalogue ``errors.po`` of that language is keyed by the English
template. Phrases that stand in fields, such as ``; did you mean {near}?``, have the context
``value`` there. Nothing else of the package is imported here.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands, what was found, what is allowed.

    Parameters
    ----------
    template
        English sentence with ``{name}`` placeholders.
    fields
        Values of the placeholders.
    """

    template: str
    fields: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.fields)


def problem(template: str, **fields: object) -> Problem:
    """Build a :class:`Problem` from a template and its fields."""
    return Problem(template, fields)


class LoyaltyError(Exception):
    """Base of every error that a user's input can cause.

    Parameters
    ----------
    problems
        One or more :class:`Problem` or plain sentences.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            item if isinstance(item, Problem) else Problem("{message}", {"message": item})
            for item in problems
        )
        super().__init__("\n".join(str(item) for item in self.problems))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the problems as sentences, in the language in use.

        IPython asks for this. ``LOYALTY_DEBUG=1`` brings the traceback back.
        """
        if os.environ.get("LOYALTY_DEBUG") == "1":
            return "".join(traceback.format_exception(self)).splitlines()
        return sentences(self, os.environ.get("LOYALTY_LANGUAGE", "en"))

    def __reduce__(self) -> tuple[type[LoyaltyError], tuple[Problem, ...]]:
        return type(self), self.problems


class BrandFileError(LoyaltyError):
    """The brand file, or the place it should stand in, is not as it must be."""


class ProgrammeError(LoyaltyError):
    """A programme file, or a rule of it, is not as it must be."""


class SurveyModelError(LoyaltyError):
    """A survey model is not as it must be."""


class DataError(LoyaltyError):
    """A table's file, columns or values cannot be used."""


class MissingTableError(DataError):
    """An analysis asks for a table, or a column of one, that the brand does not bring."""


class ParameterError(LoyaltyError):
    """An argument or a notebook parameter has a wrong name, type or value."""


class ReportError(LoyaltyError):
    """A report, or a chapter of it, could not be made."""


def raise_all(problems: Iterable[Problem], family: type[LoyaltyError]) -> None:
    """Raise ``family`` with all problems at once; do nothing where there are none."""
    found = tuple(problems)
    if found:
        raise family(*found)


def sentences(error: LoyaltyError, language: str) -> list[str]:
    """Return the lines of an error in ``language``, a sentence for every problem."""
    return [
        line for item in error.problems for line in sentence(item, language).splitlines() or [""]
    ]


def sentence(item: Problem, language: str) -> str:
    """Return a problem in ``language``; in English where the catalogue has no entry for it."""
    messages, _ = _catalogue(language)
    lead, template = "", messages.get(item.template)
    if template is None and item.template.startswith(_FILE):
        lead = str(item.fields["file"]) + messages.get(_FILE, _FILE).removeprefix("{file}")
        template = messages.get(item.template.removeprefix(_FILE))
    if template is None:
        return phrase(str(item), language)
    parts = Formatter().parse(item.template)
    as_given = {name for _, name, spec, conversion in parts if spec or conversion}
    fields = {
        name: value if name in as_given else phrase(str(value), language)
        for name, value in item.fields.items()
    }
    return lead + template.format(**fields)


def phrase(text: str, language: str) -> str:
    """Return a phrase that stands in a field in ``language``; as it is where it is unknown."""
    _, phrases = _catalogue(language)
    for pattern, message in phrases:
        match = pattern.fullmatch(text)
        if match:
            found = {name: phrase(part, language) for name, part in match.groupdict().items()}
            return message.format(**found)
    return text


_FILE = "{file}: "


@cache
def _catalogue(language: str) -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Return the templates of a language by their English, and its phrases with their patterns."""
    place = files("loyalty_research").joinpath("language", "locales", language, "errors.po")
    if language == "en" or not language.isalpha() or not place.is_file():
        return {}, ()
    from babel.messages.pofile import read_po

    templates: dict[str, str] = {}
    phrases: list[tuple[str, str]] = []
    with place.open("rb") as stream:
        for message in read_po(stream, locale=language):
            if message.context == "value":
                phrases.append((str(message.id), str(message.string)))
            elif message.id:
                templates[str(message.id)] = str(message.string)
    phrases.sort(key=lambda pair: (pair[0].count("{"), -len(pair[0])))  # the plainest first
    return templates, tuple((_pattern(text), message) for text, message in phrases)


def _pattern(text: str) -> re.Pattern[str]:
    """Return what finds the fields of an English phrase again."""
    parts = [
        re.escape(literal) + (f"(?P<{name}>.+?)" if name else "")
        for literal, name, _, _ in Formatter().parse(text)
    ]
    return re.compile("".join(parts), re.DOTALL)
