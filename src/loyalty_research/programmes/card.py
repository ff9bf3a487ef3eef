"""Programme cards: what a programme's rules are, what they rest on, and what is not known."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from loyalty_research.engine import DEFAULT_CONTEXT, Context
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Column, TableView, Value
from loyalty_research.programmes.card_frames import card_frames
from loyalty_research.programmes.load import FOLDER
from loyalty_research.programmes.schema import Programme
from loyalty_research.results import Result

PARTS = (
    "earn",
    "exceptions",
    "expiry",
    "levels",
    "rewards",
    "benefits",
    "conversions",
    "fees",
    "others",
)
_PROGRAMME = Column("programme_{language}", heading="programme")
_NUMBER = Column("number", "count", heading="fact_source")
_SHOWN: dict[str, tuple[Column, ...]] = {
    "summary": (
        _PROGRAMME,
        Column("operator_{language}", heading="operator"),
        Column("market_{language}", heading="market"),
        Column("origin", "label:rule_origin", heading="rule_origin"),
        Column("status", "label:rules_status", heading="rules_status"),
        Column("since", heading="in_force_from"),
        Column("until", heading="in_force_until"),
        Column("verified", heading="rules_of"),
        Column("goal", "label:rule_goal", heading="rule_goal"),
        Column("assumed", "count", heading="assumptions"),
        Column("unknown", "count", heading="unknowns"),
    ),
    "complexity": (
        _PROGRAMME,
        *(Column(part, "count", heading=f"rule_part_{part}") for part in PARTS),
        Column("total", "count", heading="rules_to_know"),
    ),
    "rules": (
        Column("part", "label:rule_part", heading="rule_part"),
        Column("text_{language}", heading="rule"),
        Column("assumed_{language}", heading="assumed"),
        Column("grades", heading="fact_grade"),
        Column("date", heading="fact_date"),
        Column("numbers", heading="fact_source"),
    ),
    "reach": (
        Column("what_{language}", heading="reward_or_level"),
        Column("level_{language}", heading="at_rate_of"),
        Column("takes_{language}", heading="takes"),
        Column("rate", "share", heading="given_back"),
        Column("rate_is", "label:rate_is", heading="rate_is"),
    ),
    "unknown": (
        _PROGRAMME,
        Column("topic", "label:rule_topic", heading="topic"),
        Column("text_{language}", heading="fact_unknown"),
    ),
    "sources": (
        _NUMBER,
        Column("title", heading="source"),
        Column("grade", heading="fact_grade"),
        Column("date", heading="fact_date"),
        Column("url", heading="fact_url"),
    ),
}
_SAID = {
    "complexity": ("rules_counted",),
    "reach": ("rules_alone",),
    "sources": ("fact_grades",),
}


def card(
    programme: Programme,
    *,
    chapter: str,
    section: str = "programme_cards",
    context: Context = DEFAULT_CONTEXT,
    period: tuple[str, str] | None = None,
) -> Result:
    """Show the rules of one programme; see :func:`~loyalty_research.programmes.card.cards`."""
    return cards([programme], chapter=chapter, section=section, context=context, period=period)


def cards(
    programmes: Sequence[Programme],
    *,
    chapter: str,
    section: str = "programme_cards",
    context: Context = DEFAULT_CONTEXT,
    period: tuple[str, str] | None = None,
) -> Result:
    """Show the rules of programmes: what they are, what they rest on, what is not known.

    Parameters
    ----------
    programmes
        As read by :func:`loyalty_research.programmes.load_programme`, each once.
    chapter, section
        Where the cards stand in a report.
    context
        Of the brand; its evidence is replaced: ``published`` where all programmes are, else
        ``assumed``.
    period
        First and last day printed below the tables, ISO; None for the dates that the programmes
        tell; a dash is printed where they tell none.

    Returns
    -------
    Result
        Frames ``summary``, ``complexity``, ``unknown``, ``sources``, and for every programme
        ``rules_<programme>`` and ``reach_<programme>``, what rewards and levels take by the rules
        alone; each a table.

    Raises
    ------
    ParameterError
        Where no programme is given.
    """
    if not programmes:
        raise ParameterError(problem("cards: found no programme; allowed: one or more"))
    frames = card_frames(programmes)
    days = period or _dates(programmes)
    published = all(item.origin == "published" for item in programmes)
    return Result(
        name="programme_card",
        chapter=chapter,
        section=section,
        frames=frames,
        tables=tuple(_tables(programmes, frames, days)),
        context=dataclasses.replace(
            context,
            evidence="published" if published else "assumed",
            provenance="" if published else FOLDER.as_posix(),
            public=True,
        ),
    )


def _tables(
    programmes: Sequence[Programme], frames: Mapping[str, pd.DataFrame], days: tuple[str, str]
) -> Iterator[TableView]:
    several = len(programmes)
    yield _table("summary", "summary", frames, several, days)
    for programme in programmes:
        name = Value({"zh": programme.name.zh, "en": programme.name.en}, "bilingual")
        for kind in ("rules", "reach"):
            frame = f"{kind}_{programme.id}"
            if len(frames[frame]):
                yield _table(kind, frame, frames, 1, days, name=name)
    yield _table("complexity", "complexity", frames, several, days)
    for kind in ("unknown", "sources"):
        if len(frames[kind]):
            yield _table(kind, kind, frames, several, days)


def _table(
    kind: str,
    frame: str,
    frames: Mapping[str, pd.DataFrame],
    base: int,
    days: tuple[str, str],
    **values: Value,
) -> TableView:
    """Return a table without the columns that would be empty in both languages."""
    filled = frames[frame].notna().any()
    return TableView(
        name=frame,
        key=f"programmes.card_{kind}",
        frame=frame,
        columns=tuple(
            item for item in _SHOWN[kind] if filled[item.name.replace("{language}", "en")]
        ),
        base=base,
        base_unit="programmes",
        period=days,
        values=values,
        persons=(),
        notes=_SAID.get(kind, ()),
    )


def _dates(programmes: Sequence[Programme]) -> tuple[str, str]:
    """Return the first and last date that programmes tell, whole days."""
    told = [item for one in programmes for item in (one.effective_from, one.effective_to) if item]
    told += [one.verified.isoformat() for one in programmes if one.verified]
    told += [item.date for one in programmes for item in one.sources.values() if item.date]
    if not told:
        return "", ""
    days = sorted(f"{text}-01-01"[:10] for text in told)
    return days[0], days[-1]
