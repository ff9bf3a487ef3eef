"""What the comparison rests on: exchange rates, sourced tickets, programmes left out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.competitors.common import published_result
from loyalty_research.competitors.compare import Comparison
from loyalty_research.findings import Column, TableView, Value
from loyalty_research.results import Result

_SECTION = "competitor_basis"


def basis(comparison: Comparison) -> Result:
    """Set out exchange rates, tickets of other trades and the programmes that are not computed.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frames ``rates`` (pair, rate as its source prints it, period, number of the source),
        ``tickets`` (trade, market, whose, period, value, status, number), ``left_out`` (programme,
        trade, reason, words) and ``sources`` (number, title, grade, date, url).
    """
    sources = _Sources()
    frames = {
        "rates": _rates(comparison, sources),
        "tickets": _tickets(comparison, sources),
        "left_out": _left_out(comparison),
    }
    frames["sources"] = sources.frame()
    return published_result(comparison, _SECTION, frames, tables=_tables(comparison, frames))


class _Sources:
    """Numbers sources in the order of use."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def number(self, item: Any) -> int:
        """Return the number of the source of a rate or figure."""
        row = {"title": item.title, "grade": item.grade, "date": item.date or None, "url": item.url}
        self._known.setdefault(item.url, row)
        return list(self._known).index(item.url) + 1

    def frame(self) -> pd.DataFrame:
        """Return one row a source."""
        rows = [{"number": place, **row} for place, row in enumerate(self._known.values(), start=1)]
        return pd.DataFrame(rows)


def _rates(comparison: Comparison, sources: _Sources) -> pd.DataFrame:
    rates = comparison.rates
    rows = []
    for rate in rates.rates.values():
        pair = (rate.currency, rates.base) if rate.is_for_base else (rates.base, rate.currency)
        rows.append(
            {
                "pair": "/".join(pair),
                "printed": f"{rate.printed:.4f}",
                "period": rates.period,
                "number": sources.number(rate),
            }
        )
    return pd.DataFrame(rows)


def _tickets(comparison: Comparison, sources: _Sources) -> pd.DataFrame:
    rows = [
        {
            "trade": trade,
            "market_zh": ticket.market.zh,
            "market_en": ticket.market.en,
            "whose_zh": f"{ticket.series.name.zh}，{ticket.series.measure.name.zh}",
            "whose_en": f"{ticket.series.name.en}, {ticket.series.measure.name.en}",
            "period": ticket.point.period.code,
            "value": f"{ticket.point.amount:g} {ticket.currency}",
            "status": ticket.point.bound or ("derived" if ticket.point.derived else "published"),
            "used": place == 0,
            "number": sources.number(ticket.point),
        }
        for trade, several in comparison.tickets.items()
        for place, ticket in enumerate(several)
    ]
    return pd.DataFrame(rows)


def _left_out(comparison: Comparison) -> pd.DataFrame:
    rows = [
        {
            "name_zh": item.programme.name.zh,
            "name_en": item.programme.name.en,
            "trade": item.programme.trade,
            "reason": item.reason,
            "words": ", ".join(item.words) or None,
        }
        for item in comparison.left_out
    ]
    return pd.DataFrame(rows, columns=["name_zh", "name_en", "trade", "reason", "words"])


_NUMBER = Column("number", "count", heading="fact_source")
_SHOWN = {
    "rates": (
        Column("pair", heading="currency_pair"),
        Column("printed", heading="exchange_rate"),
        Column("period", heading="fact_period"),
        _NUMBER,
    ),
    "tickets": (
        Column("trade", "label:trade", heading="trade"),
        Column("market_{language}", heading="market"),
        Column("whose_{language}", heading="whose_ticket"),
        Column("period", heading="fact_period"),
        Column("value", heading="ticket"),
        Column("status", "label:fact_status", heading="fact_status"),
        Column("used", "label:yes_no", heading="used_for_scaling"),
        _NUMBER,
    ),
    "left_out": (
        Column("name_{language}", heading="programme"),
        Column("trade", "label:trade", heading="trade"),
        Column("reason", "label:left_out", heading="why_left_out"),
        Column("words", heading="words_unknown"),
    ),
    "sources": (
        _NUMBER,
        Column("title", heading="source"),
        Column("grade", heading="fact_grade"),
        Column("date", heading="fact_date"),
        Column("url", heading="fact_url"),
    ),
}


def _tables(comparison: Comparison, frames: dict[str, pd.DataFrame]) -> list[TableView]:
    return [
        TableView(
            name=name,
            key=f"competitors.{name}",
            frame=name,
            columns=columns,
            base=len(frames[name]),
            base_unit="programmes" if name == "left_out" else "figures",
            period=comparison.days.iso,
            values={"year": Value(comparison.rates.period, "text")},
            persons=(),
            notes=(f"basis_{name}",),
        )
        for name, columns in _SHOWN.items()
        if len(frames[name])
    ]
