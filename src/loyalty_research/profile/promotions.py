"""What falls into promotion windows and member days, and whether who came in then came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Stater,
    as_days,
    drawable,
    identified,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.promotions_second import second_by_window, second_difference
from loyalty_research.profile.promotions_views import promotion_charts, promotion_tables
from loyalty_research.profile.special_days import (
    MemberDays,
    Spans,
    Window,
    as_member_days,
    as_windows,
    day_totals,
    every_day,
    in_spans,
    persons_on,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "promotions"

_TEMPLATES = {"promotion": "promotion_share", "member_day": "promotion_member_days"}


def promotions(
    orders: Any,
    *,
    period: Any,
    windows: Iterable[Any] = (),
    member_days: Any = None,
    first_purchase_observed: bool | None = None,
) -> Result:
    """Set sales in promotion windows and on member days beside their share of days.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day); windows count as far as they lie in it.
    windows
        Those of a brand's calendar, or (name, first day, last day) each.
    member_days
        Those of a brand's calendar, or ``{"weekdays": ["friday"], "days_of_month": [8]}``.
    first_purchase_observed
        Whether a customer's first order in the data is the first ever; None asks the brand.

    Returns
    -------
    Result
        Frames ``summary`` (promotion, member day, other: days, orders, net sales and their
        shares), ``windows`` (one row each) and, where it is known who is new, ``second`` (second
        purchase within 90 days, by whether the first fell into a window).

    Raises
    ------
    ParameterError
        Where a window or a member day is none.

    Notes
    -----
    A day in a window is a promotion day even if it is a member day, too. The second purchase is
    estimated as on the board (Kaplan & Meier), customers not yet followed for 90 days censored;
    the interval of the difference combines those of both rates (MOVER). Who comes in during
    promotions differs from who comes in otherwise: none of this is what a promotion does.

    References
    ----------
    Kaplan & Meier 1958; Zou & Donner 2008.
    """
    days = as_days(period)
    shown, special = as_windows(windows, days), as_member_days(member_days)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    if not shown and not special:
        return _withheld(state, "no_promotions", 0)
    inside = within(table, days)
    daily = every_day(collect(day_totals(inside), sort_by=["day"]), days)
    count = int(daily["orders"].sum())
    if not count:
        return _withheld(state, "not_computable", 0)
    spans = [item.days.iso for item in shown]
    frames = {"summary": _kinds(daily, inside, shown, special)}
    findings = [*_share_findings(state, frames["summary"], shown, count)]
    people = 0
    if shown:
        frames["windows"] = _windows(daily, inside, shown, spans)
        observed = (
            state.context.first_purchase_observed
            if first_purchase_observed is None
            else first_purchase_observed
        )
        second, limits = second_by_window(table, days, spans, observed=observed)
        findings.append(second_difference(state, table, days, shown, limits))
        if limits:
            frames["second"] = second
            people = int(second["customers"].min())
    return Result(
        name="promotions",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=tuple(findings),
        charts=drawable(promotion_charts(frames, count, people, days), state.context),
        tables=promotion_tables(frames, count, days),
        references=("kaplan1958", "zou2008"),
        context=state.context,
        table=day_totals(inside),
    )


def _withheld(state: Stater, reason: str, base: int) -> Result:
    finding = state.withheld(
        "promotion_share", reason, definition="promotion_window", base=base, base_unit="orders"
    )
    return Result(
        name="promotions",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"day_type": []})},
        findings=(finding,),
        context=state.context,
    )


@reduction
def window_buyers(orders: ir.Table, *, spans: Spans) -> ir.Table:
    """Return one row: identified customers who bought in each span, columns b0, b1, ..."""
    known = identified(orders)
    return known.aggregate(
        **{
            f"b{place}": known.customer_id.nunique(where=in_spans(known.day, [span]))
            for place, span in enumerate(spans)
        }
    )


def _kinds(
    daily: pd.DataFrame, inside: ir.Table, shown: Sequence[Window], special: MemberDays
) -> pd.DataFrame:
    kind = np.full(len(daily), "other", dtype=object)
    kind[[day in special for day in daily["day"]]] = "member_day"
    for item in shown:
        kind[(daily["day"] >= item.days.start) & (daily["day"] <= item.days.end)] = "promotion"
    rows = (
        daily.assign(day_type=kind)
        .groupby("day_type")
        .agg(days=("day", "size"), orders=("orders", "sum"), net_sales=("net_sales", "sum"))
    )
    order = [name for name in ("promotion", "member_day", "other") if name in rows.index]
    rows = rows.loc[order].reset_index()
    persons = persons_on(inside, dict(zip(daily["day"], kind, strict=True)))
    rows["persons"] = [persons.get(name, 0) for name in order]
    return _with_shares(rows, daily)


def _with_shares(rows: pd.DataFrame, daily: pd.DataFrame) -> pd.DataFrame:
    sales = float(daily["net_sales"].sum())
    return rows.assign(
        share_days=rows["days"] / len(daily),
        share_orders=rows["orders"] / float(daily["orders"].sum()),
        share_sales=rows["net_sales"] / sales if sales else np.nan,
        sales_per_day=rows["net_sales"] / rows["days"],
    )


def _windows(
    daily: pd.DataFrame, inside: ir.Table, shown: Sequence[Window], spans: Spans
) -> pd.DataFrame:
    buyers = collect_one(window_buyers(inside, spans=spans))
    rows = []
    for place, item in enumerate(shown):
        part = daily[(daily["day"] >= item.days.start) & (daily["day"] <= item.days.end)]
        rows.append(
            {
                "name_zh": item.zh,
                "name_en": item.en,
                "start": item.days.start.isoformat(),
                "end": item.days.end.isoformat(),
                "days": item.days.count,
                "orders": float(part["orders"].sum()),
                "net_sales": float(part["net_sales"].sum()),
                "buyers": int(buyers[f"b{place}"] or 0),
            }
        )
    return _with_shares(pd.DataFrame(rows), daily)


def _share_findings(
    state: Stater, kinds: pd.DataFrame, shown: Sequence[Window], orders: int
) -> list[Finding]:
    rows = {str(row["day_type"]): row for row in kinds.to_dict("records")}
    plain = float(rows["other"]["sales_per_day"]) if "other" in rows else 0.0
    found = []
    for kind, template in _TEMPLATES.items():
        if kind not in rows:
            continue
        row = rows[kind]
        if plain <= 0:
            found.append(
                state.withheld(
                    template,
                    "not_computable",
                    definition="promotion_window",
                    base=orders,
                    base_unit="orders",
                )
            )
            continue
        factor = float(row["sales_per_day"]) / plain
        found.append(
            state(
                template,
                Estimate(float(row["share_sales"]), None, None, orders),
                unit="share",
                definition="promotion_window",
                method="count",
                base_unit="orders",
                subject=template,
                task="activate",
                values={
                    "windows": Value(len(shown), "count"),
                    "days": Value(int(row["days"]), "days"),
                    "share_days": Value(float(row["share_days"]), "share"),
                    "share_orders": Value(float(row["share_orders"]), "share"),
                    "factor": Value(factor, "number"),
                },
            )
        )
    return found
