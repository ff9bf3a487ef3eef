"""What an order of a trade comes to: published figures by trade, from data/facts/tickets.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from loyalty_research.brand.checked_file import read_checked
from loyalty_research.brand.fact_series import FactPoint, Facts, FactSeries, not_found
from loyalty_research.brand.facts import load_facts
from loyalty_research.brand.fields import Bilingual, Code, Section, Text
from loyalty_research.brand.home import find_home
from loyalty_research.errors import ParameterError, Problem, problem

TICKETS_FILE = Path("data", "facts", "tickets.yaml")
_FAMILY = "order_value"


class TicketRow(Section):
    """A published figure by its series and period, and the market it is of."""

    series: Code
    period: Text
    market: Bilingual


class TicketFile(Section):
    """The file as a whole: figures by trade, the one to scale to first."""

    tickets: dict[Code, Annotated[tuple[TicketRow, ...], Field(min_length=1)]]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an order, or a visit, of a trade comes to.

    Parameters
    ----------
    trade
        As ``trade`` of a brand file.
    market
        Where.
    series, point
        The published figure: whose and how counted; value, period, source, grade, bound.
    currency
        ISO 4217 code of its amount.
    """

    trade: str
    market: Bilingual
    series: FactSeries
    point: FactPoint
    currency: str


def load_tickets(home: Path | None = None) -> Mapping[str, tuple[Ticket, ...]]:
    """Read and check the sourced tickets of a project, by trade.

    Parameters
    ----------
    home
        Folder that holds ``data/facts``; None for that of the project in use.

    Raises
    ------
    BrandFileError
        With every problem of the file, or of that of the published figures.
    """
    home = home or find_home()
    facts = load_facts(home)
    file = read_checked(home / TICKETS_FILE, TicketFile, mistakes=partial(_mistakes, facts))
    return {
        trade: tuple(_ticket(trade, row, facts) for row in rows)
        for trade, rows in file.tickets.items()
    }


def _ticket(trade: str, row: TicketRow, facts: Facts) -> Ticket:
    series = facts.series[row.series]
    point = facts.point(row.series, row.period)
    return Ticket(trade, row.market, series, point, facts.brands[series.brand].currency or "")


def _mistakes(facts: Facts, file: TicketFile) -> Iterator[Problem]:
    """Yield names that stand for nothing, and figures that are no amount of an order or visit."""
    for trade, rows in file.tickets.items():
        for place, row in enumerate(rows):
            key = f"tickets.{trade}.{place}"
            if row.series not in facts.series:
                yield not_found(f"{key}.series", row.series, facts.series)
                continue
            measure = facts.series[row.series].measure
            if measure.family != _FAMILY or measure.unit != "money":
                yield problem(
                    "{key}.series: found {found}, whose measure is of the family {family}; "
                    "allowed: an amount of the family {allowed}",
                    key=key,
                    found=repr(row.series),
                    family=measure.family,
                    allowed=_FAMILY,
                )
            try:
                facts.point(row.series, row.period)
            except ParameterError as error:
                yield from error.problems
