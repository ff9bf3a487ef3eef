"""Rules side by side: what each programme has, where it was read, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from loyalty_research.competitors.common import published_result, withheld
from loyalty_research.competitors.compare import Comparison
from loyalty_research.findings import Column, TableView
from loyalty_research.programmes.complexity import complexity
from loyalty_research.programmes.mechanics import mechanics
from loyalty_research.programmes.schema import Programme
from loyalty_research.results import Result

_SECTION = "competitor_rules"
TOPICS = (
    "earn",
    "redeem",
    "expiry",
    "tiers",
    "birthday",
    "benefit",
    "member_prices",
    "coupons",
    "paid",
    "partners",
    "stored_value",
    "behaviour",
    "channels",
)
"""Topics that are columns of the matrix; what else is known stands in the list of rules."""


def rules(comparison: Comparison) -> Result:
    """Set the rules of published programmes of the same trade side by side.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a programme: market, in force since, status, number of rules a
        member has to know, of assumptions and of unknowns; ``matrix``: one row a programme, a
        column a topic with the best grade of its sources, ``assumed``, ``unknown`` or empty;
        ``rules``: one row a rule with text, assumption and number of its source; ``sources``;
        ``unknown``: what was looked for and not found.
    """
    if not comparison.published:
        found = withheld(
            comparison,
            _SECTION,
            "competitor_rules",
            "no_published_programme",
            definition="first_reward",
        )
        return published_result(comparison, _SECTION, {}, findings=(found,))
    told = _numbered(mechanics(comparison.published))
    is_unknown = told["unknown"].astype(bool)
    frames = {
        "programmes": _overview(comparison.published, told),
        "matrix": _matrix(comparison.published, told),
        "rules": told[~is_unknown].reset_index(drop=True),
        "unknown": told[is_unknown].reset_index(drop=True),
        "sources": _sources(told),
    }
    return published_result(comparison, _SECTION, frames, tables=_tables(comparison, frames))


def _numbered(told: pd.DataFrame) -> pd.DataFrame:
    """Return the rules with the number of their source, in the order of use."""
    titles = told["title"].dropna().drop_duplicates().tolist()
    numbers = {title: place for place, title in enumerate(titles, start=1)}
    return told.assign(number=told["title"].map(numbers))


def _overview(published: Sequence[Programme], told: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for programme in published:
        own = told[told["programme"] == programme.id]
        rows.append(
            {
                **_names(programme),
                "market_zh": programme.market.zh,
                "market_en": programme.market.en,
                "since": programme.effective_from,
                "until": programme.effective_to,
                "verified": programme.verified.isoformat() if programme.verified else None,
                "status": programme.status,
                "rules": complexity(programme).total,
                "assumed": int(own["assumed_zh"].notna().sum()),
                "unknown": int(own["unknown"].astype(bool).sum()),
            }
        )
    return pd.DataFrame(rows)


def _names(programme: Programme) -> dict[str, str]:
    return {
        "id": programme.id,
        "name_zh": programme.name.zh,
        "name_en": programme.name.en,
    }


def _matrix(published: Sequence[Programme], told: pd.DataFrame) -> pd.DataFrame:
    """Return the best grade of the sources of each topic of each programme."""
    rows = []
    for programme in published:
        own = told[told["programme"] == programme.id]
        cells = {topic: _cell(own[own["topic"] == topic]) for topic in TOPICS}
        rows.append({**_names(programme), **cells})
    return pd.DataFrame(rows)


def _cell(rows: pd.DataFrame) -> str | None:
    grades = sorted(rows["grade"].dropna())
    if grades:
        return str(grades[0])
    if rows["unknown"].astype(bool).any():
        return "unknown"
    return "assumed" if len(rows) else None


def _sources(told: pd.DataFrame) -> pd.DataFrame:
    known = told[told["number"].notna()].drop_duplicates("number")
    shown = ["number", "title", "grade", "date", "url"]
    return known[shown].sort_values("number").reset_index(drop=True)


_PROGRAMME = Column("name_{language}", heading="programme")
_NUMBER = Column("number", "count", heading="fact_source")
_SHOWN: dict[str, tuple[Column, ...]] = {
    "programmes": (
        _PROGRAMME,
        Column("market_{language}", heading="market"),
        Column("since", heading="in_force_from"),
        Column("until", heading="in_force_until"),
        Column("verified", heading="checked_on"),
        Column("status", "label:rules_status", heading="rules_status"),
        Column("rules", "count", heading="rules_to_know"),
        Column("assumed", "count", heading="assumptions"),
        Column("unknown", "count", heading="unknowns"),
    ),
    "matrix": (
        _PROGRAMME,
        *(Column(topic, "label:rule_known", heading=f"topic_{topic}") for topic in TOPICS),
    ),
    "rules": (
        Column("programme_{language}", heading="programme"),
        Column("topic", "label:rule_topic", heading="topic"),
        Column("text_{language}", heading="rule_text"),
        Column("assumed_{language}", heading="assumed"),
        Column("grade", heading="fact_grade"),
        Column("date", heading="fact_date"),
        _NUMBER,
    ),
    "unknown": (
        Column("programme_{language}", heading="programme"),
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
_SAID = {"matrix": ("rule_matrix",), "sources": ("fact_grades",)}


def _tables(comparison: Comparison, frames: dict[str, Any]) -> list[TableView]:
    return [
        TableView(
            name=name,
            key=f"competitors.rules_{name}",
            frame=name,
            columns=columns,
            base=len(frames["programmes"]),
            base_unit="programmes",
            period=comparison.days.iso,
            persons=(),
            notes=_SAID.get(name, ()),
        )
        for name, columns in _SHOWN.items()
        if len(frames[name])
    ]
