"""Growth of a chain split into stores, and customers or sales per store; published figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from loyalty_research.brand import BrandFacts, FactPoint, FactSeries

_STORES = "stores"
_SPLIT = (
    "brand", "name_zh", "name_en", "measure", "measure_zh", "measure_en", "figure_zh", "figure_en",
    "basis", "when", "before_when", "flow", "flow_before", "stores", "stores_before", "total_part",
    "stores_part", "per_store_part", "stores_part_mean", "per_store_part_mean", "grade",
)  # fmt: skip
_NOT_SPLIT = ("brand", "name_zh", "name_en", "reason")


def growth_split(brands: Iterable[BrandFacts]) -> pd.DataFrame:
    """Split changes of what all stores did into stores and the same per store.

    Parameters
    ----------
    brands
        What is published of each.

    Returns
    -------
    pandas.DataFrame
        One row a brand, measure and period: ``basis`` (``year_before``, or ``period_before`` where
        no period has one a year earlier), flow and stores of both periods, the logs ``total_part``
        = ``stores_part`` + ``per_store_part``, and with ``_mean`` the parts where opening and
        closing stores of the period are averaged (missing where one is not published); the lowest
        ``grade`` of the figures used.

    Notes
    -----
    ln(F1 / F0) = ln(S1 / S0) + ln((F1 / S1) / (F0 / S0)). Only measures marked ``per_store`` count
    the same stores as the measure ``stores``; net revenue of a company with franchised stores does
    not. Only plain figures are split: neither bounds nor such that do not compare.
    """
    rows = [row for facts in brands for row in _rows_of(facts)]
    return pd.DataFrame(rows, columns=list(_SPLIT))


def not_split(brands: Iterable[BrandFacts], split: pd.DataFrame) -> pd.DataFrame:
    """Return the brands without a split, each with the ``reason``.

    ``no_flow``: no plain figures of customers, sales or cups of all stores; ``no_stores``: none of
    stores; ``neither``; ``no_pair``: both, but not for the same two periods.
    """
    done = set(split["brand"])
    rows = [
        {**_named(facts), "reason": _reason(facts)} for facts in brands if facts.brand not in done
    ]
    return pd.DataFrame(rows, columns=list(_NOT_SPLIT))


def _rows_of(facts: BrandFacts) -> Iterator[dict[str, Any]]:
    stores = {point.period.last: point for point in _plain(_store_series(facts))}
    for series in _flows(facts):
        rows = list(_pairs(facts, series, stores, basis="year_before"))
        yield from rows or _pairs(facts, series, stores, basis="period_before")


def _pairs(
    facts: BrandFacts, series: FactSeries, stores: dict[int, FactPoint], *, basis: str
) -> Iterator[dict[str, Any]]:
    flows = {point.period.months: point for point in _plain([series])}
    for point in flows.values():
        period = point.period
        length = period.last - period.first + 1
        step = 12 if basis == "year_before" else length
        before = flows.get((period.kind, period.first - step, period.last - step))
        counted = [stores.get(period.last), stores.get(period.last - step)]
        if before is None or counted[0] is None or counted[1] is None:
            continue
        now, then = counted[0], counted[1]
        used = [point, before, now, then]
        opening = [stores.get(item.period.first - 1) for item in (point, before)]
        row = _row(facts, series, point, before, now.amount, then.amount)
        if opening[0] is not None and opening[1] is not None:
            row |= _by_mean(row, now, then, opening[0], opening[1])
        yield {**row, "basis": basis, "grade": max(item.grade for item in used)}


def _row(
    facts: BrandFacts,
    series: FactSeries,
    point: FactPoint,
    before: FactPoint,
    now: float,
    then: float,
) -> dict[str, Any]:
    total, stores = math.log(point.amount / before.amount), math.log(now / then)
    return {
        **_named(facts),
        "measure": series.measure_id,
        "measure_zh": series.measure.name.zh,
        "measure_en": series.measure.name.en,
        "figure_zh": f"{facts.about.name.zh}：{series.measure.name.zh}",
        "figure_en": f"{facts.about.name.en}: {series.measure.name.en}",
        "when": point.period.code,
        "before_when": before.period.code,
        "flow": point.amount,
        "flow_before": before.amount,
        "stores": now,
        "stores_before": then,
        "total_part": total,
        "stores_part": stores,
        "per_store_part": total - stores,
        "stores_part_mean": math.nan,
        "per_store_part_mean": math.nan,
    }


def _by_mean(
    row: dict[str, Any], now: FactPoint, then: FactPoint, opened: FactPoint, earlier: FactPoint
) -> dict[str, float]:
    stores = math.log((now.amount + opened.amount) / (then.amount + earlier.amount))
    return {"stores_part_mean": stores, "per_store_part_mean": row["total_part"] - stores}


def _reason(facts: BrandFacts) -> str:
    has_stores = bool(_plain(_store_series(facts)))
    has_flow = bool(_plain(_flows(facts)))
    if has_stores and has_flow:
        return "no_pair"
    if has_stores:
        return "no_flow"
    return "no_stores" if has_flow else "neither"


def _flows(facts: BrandFacts) -> list[FactSeries]:
    return [item for item in facts.series if item.measure.per_store]


def _store_series(facts: BrandFacts) -> list[FactSeries]:
    return [item for item in facts.series if item.measure_id == _STORES]


def _plain(several: Iterable[FactSeries]) -> list[FactPoint]:
    return [point for series in several for point in series.points if point.is_plain]


def _named(facts: BrandFacts) -> dict[str, str]:
    return {"brand": facts.brand, "name_zh": facts.about.name.zh, "name_en": facts.about.name.en}
