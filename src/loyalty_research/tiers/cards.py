"""The programmes a chapter is about, as cards: rules, sources, what is unknown, what changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from loyalty_research.findings import Column, TableView, Value
from loyalty_research.profile.common import as_days
from loyalty_research.programmes.card import cards as programme_cards
from loyalty_research.programmes.changes import SAME, changes, rule_keys
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme
from loyalty_research.results import Result
from loyalty_research.tiers.common import CHAPTER, empty, given
from loyalty_research.tiers.replays import Replays

_SECTION = "programme_cards"
_CHANGE = Column("change", "label:rule_change", heading="rule_change")


def cards(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    against: Programme | str | None = None,
) -> Result:
    """Show the rules of the brand's programme and its candidates, or of proposals.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned, for ``programmes`` None.
    against
        A programme, mostly the present one: the cards of the others mark what they change in it.

    Returns
    -------
    Result
        Tables of the rules, of what they rest on and of what is unknown; programmes that cannot be
        replayed are among them. With ``against`` the rules of each other programme say whether they
        are new or changed, and ``changes_<programme>`` has them beside the present ones, with those
        dropped. Nothing where no programme is named.
    """
    listed, period = _listed(brand, programmes, replays)
    if not listed:
        return empty(given(brand, (), replays), _SECTION)
    shown = programme_cards(
        listed, chapter=CHAPTER, section=_SECTION, context=brand.context, period=period
    )
    if against is None:
        return shown
    present = load_programme(against) if isinstance(against, str) else against
    for design in listed:
        if design.id != present.id:
            shown = _marked(shown, present, design)
    return shown


def _listed(
    brand: Any, programmes: Any, made: Replays | None
) -> tuple[list[Programme], tuple[str, str]]:
    """Return the programmes to show, and the period; nothing is replayed for it."""
    if programmes is None and made is not None:
        return list(made.programmes), made.days.iso
    if programmes is None:
        programmes = [item for item in (brand.programme, *brand.candidates) if item is not None]
    several = isinstance(programmes, Iterable) and not isinstance(programmes, (str, Programme))
    named = list(programmes) if several else [programmes]
    listed = [load_programme(item) if isinstance(item, str) else item for item in named]
    return listed, as_days(brand.period).iso


def _marked(shown: Result, present: Programme, design: Programme) -> Result:
    """Mark the rules of a design that are new or changed, and add the table of changes."""
    found = changes(present, design)
    told, name = shown.frames[f"rules_{design.id}"], f"changes_{design.id}"
    kinds = dict(zip(zip(found["part"], found["rule"], strict=True), found["change"], strict=True))
    marks = [kinds[key] for key in rule_keys(told)]
    differing = found[found["change"] != SAME].reset_index(drop=True)
    frames = {
        **shown.frames,
        f"rules_{design.id}": told.assign(change=marks),
        name: differing,
    }
    tables = []
    for view in shown.tables:
        if view.name != f"rules_{design.id}":
            tables.append(view)
            continue
        tables.append(dataclasses.replace(view, columns=(_CHANGE, *view.columns)))
        if len(differing):
            tables.append(_changes(view, name, present, design))
    return dataclasses.replace(shown, frames=frames, tables=tuple(tables))


def _changes(view: TableView, name: str, present: Programme, design: Programme) -> TableView:
    both = {"programme": present, "other": design}
    return dataclasses.replace(
        view,
        name=name,
        frame=name,
        key="programme_cards.changes",
        columns=(
            Column("part", "label:rule_part", heading="rule_part"),
            _CHANGE,
            Column("before_{language}", heading="rule_before"),
            Column("after_{language}", heading="rule_after"),
        ),
        values={
            key: Value({"zh": item.name.zh, "en": item.name.en}, "bilingual")
            for key, item in both.items()
        },
        notes=(),
    )
