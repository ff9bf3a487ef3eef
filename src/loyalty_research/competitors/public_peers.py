"""The brands of a trade with published figures, and the indices that tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loyalty_research.brand import BrandFacts, FactPoint, Facts, FactSeries
from loyalty_research.brand.fact_file import IndexRow


@dataclass(frozen=True, slots=True)
class Peers:
    """What is published of the brands of a trade.

    Parameters
    ----------
    trade, own
        Of the brand reported on, and its name among the published figures; empty for none.
    brands
        Its peers and, first, the brand itself, without the scores of indices.
    indices
        Satisfaction indices of the trade, by identifier.
    facts
        All published figures of the project.
    """

    trade: str
    own: str
    brands: tuple[BrandFacts, ...]
    indices: dict[str, IndexRow]
    facts: Facts

    def numbers(self) -> dict[str, int]:
        """Return the number of each source, in the order of use."""
        used = [point.source for facts in self.brands for series in facts.series
                for point in series.points]  # fmt: skip
        for item in self.indices.values():
            used += [p.source for s in self.scores(item) for p in s.points]
            used += [item.source] if item.source else []
        return {name: place for place, name in enumerate(dict.fromkeys(used), start=1)}

    def scores(self, item: IndexRow) -> list[FactSeries]:
        """Return the scores of an index by brand; the mean of the sector comes last."""
        found = [s for s in self.facts.series.values() if s.measure_id == item.measure]
        return sorted(found, key=lambda series: series.brand == item.average)


def peers_of(facts: Facts, trade: str, own: str) -> Peers:
    """Return the peers of a brand in its trade.

    Parameters
    ----------
    facts
        All published figures.
    trade
        As in the brand file.
    own
        The brand among the published figures; empty for none.
    """
    indices = {name: item for name, item in facts.indices.items() if trade in item.trades}
    scored = {item.measure for item in facts.indices.values()}
    found = sorted(facts.in_trade(trade), key=lambda item: item.brand != own)
    brands = tuple(_without(item, scored) for item in found)
    return Peers(trade, own, tuple(item for item in brands if item.series), indices, facts)


def _without(facts: BrandFacts, measures: set[str | None]) -> BrandFacts:
    kept = tuple(item for item in facts.series if item.measure_id not in measures)
    return BrandFacts(facts.brand, facts.about, kept, facts.unknown)


def told(point: FactPoint, numbers: dict[str, int]) -> dict[str, Any]:
    """Return the columns that tell a figure: period, value, status, grade, source and note."""
    note = {"zh": point.note.zh, "en": point.note.en} if point.note else {"zh": None, "en": None}
    return {
        "period": point.period.code,
        "value": point.amount,
        "status": point.bound or point.caution or ("derived" if point.derived else "published"),
        "grade": point.grade,
        "number": numbers[point.source],
        "note_zh": note["zh"],
        "note_en": note["en"],
    }
