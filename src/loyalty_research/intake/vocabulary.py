"""The words retail systems use: headings, systems and values, as ``aliases.yaml`` lists them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from loyalty_research.intake.notes import Note, note

_LOOSE = re.compile(r"[\s_\-\ufeff\u200b'`\"]+")
_SPACE = re.compile(r"[\s\ufeff\u200b]+")
_UNIT = re.compile(r"\([^()]*\)$")
StatusGroup = Literal["sale", "no_sale", "returned", "unknown"]


@dataclass(frozen=True, slots=True)
class Alias:
    """A heading that may stand for a column.

    Parameters
    ----------
    name
        The heading, normalised.
    why
        Empty, or the warning that goes with taking it.
    """

    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """A system whose exports are known by their headings."""

    code: str
    headings: frozenset[str]
    least: int
    no_buyer: bool = False
    recharge_starts: tuple[str, ...] = ()
    statuses: Mapping[str, tuple[str, ...]] | None = None

    @property
    def named(self) -> Note:
        """Its name, to be worded."""
        return note(f"system.{self.code}")


@dataclass(frozen=True, slots=True)
class Words:
    """Values with one meaning: whole ones, and words found anywhere in a value."""

    exact: frozenset[str]
    words: tuple[str, ...]
    no: tuple[str, ...] = ()

    def know(self, value: str) -> bool:
        """Tell whether a value has this meaning."""
        plain = _plain(value)
        if any(word in plain for word in self.no):
            return False
        return plain in self.exact or any(word in plain for word in self.words)


def normalise(heading: str) -> str:
    """Return a heading as it is compared.

    Half width, lower case, without white space, marks and a trailing bracket such as ``(元)``.
    """
    plain = _LOOSE.sub("", unicodedata.normalize("NFKC", heading)).lower()
    return _UNIT.sub("", plain) or plain


def _plain(value: object) -> str:
    """Return a value as it is compared: as a heading, but with its marks."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", str(value))).lower().lstrip("'")


@cache
def aliases(table: str) -> Mapping[str, tuple[Alias, ...]]:
    """Return the aliases of every canonical column of a table, best first."""
    found: dict[str, tuple[Alias, ...]] = {}
    for column, entry in _document()["tables"].get(table, {}).items():
        listed = [Alias(name) for name in _normal(entry["names"])]
        for last in entry.get("last", ()):
            listed += [Alias(name, last["why"]) for name in _normal(last["names"])]
        found[column] = tuple(dict.fromkeys(listed))
    return found


@cache
def lookalikes(column: str) -> Mapping[str, str]:
    """Return the headings that look like ``column`` and are not, with the reason's name."""
    entry = _document()["not_this"].get(column)
    return dict.fromkeys(_normal(entry["names"]), entry["why"]) if entry else {}


@cache
def holds_freight(heading: str) -> bool:
    """Tell whether an amount of this heading usually holds the freight as well."""
    return normalise(heading) in set(_normal(_document()["amount_with_freight"]))


@cache
def systems() -> tuple[System, ...]:
    """Return the systems that are known."""
    return tuple(
        System(
            code=code,
            headings=frozenset(_normal(entry["headings"])),
            least=entry["least"],
            no_buyer=entry.get("no_buyer", False),
            recharge_starts=tuple(entry.get("recharge_starts", ())),
            statuses={key: tuple(item) for key, item in entry.get("statuses", {}).items()} or None,
        )
        for code, entry in _document()["systems"].items()
    )


def system_of(headings: Iterable[str]) -> System | None:
    """Return the system whose export has these headings; None where none is like it."""
    found = {normalise(heading) for heading in headings}
    fits = [
        (len(item.headings & found), len(item.headings & found) / len(item.headings), item)
        for item in systems()
    ]
    count, _, best = max(fits, key=lambda fit: (fit[0] >= fit[2].least, fit[1], fit[0]))
    return best if count >= best.least else None


def status_group(value: str, system: System | None = None) -> StatusGroup:
    """Return what an order's status means: a sale, no sale, returned, or unknown."""
    for group, listed in ((system.statuses if system else None) or {}).items():
        if value.strip() in listed:
            return _GROUPS[group]
    for group, words in _statuses():
        if words.know(value):
            return _GROUPS[group]
    return "unknown"


@cache
def meaning(name: str) -> Words:
    """Return the values listed in ``aliases.yaml`` under ``values`` and `name`."""
    return _words(_document()["values"][name])


_GROUPS: dict[str, StatusGroup] = {"sale": "sale", "no_sale": "no_sale", "returned": "returned"}


@cache
def _statuses() -> tuple[tuple[str, Words], ...]:
    return tuple((entry["group"], _words(entry)) for entry in _document()["values"]["statuses"])


def _words(entry: Mapping[str, Any]) -> Words:
    return Words(
        exact=frozenset(_plain(item) for item in entry.get("exact", ())),
        words=tuple(_plain(item) for item in entry.get("words", ())),
        no=tuple(_plain(item) for item in entry.get("not", ())),
    )


def _normal(names: Iterable[object]) -> list[str]:
    return [normalise(str(name)) for name in names]


@cache
def _document() -> Mapping[str, Any]:
    text = files("loyalty_research").joinpath("intake", "aliases.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document
