"""Month by month: how sales moved, and which factor moved them."""

from __future__ import annotations

import math
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.board_indicators import order_totals
from loyalty_research.profile.common import (
    Days,
    Stater,
    identified,
    month_index,
    month_text,
    present,
    within,
)
from loyalty_research.stats import Estimate, ratio, split_change

FACTORS = ("buyers", "orders_per_customer", "order_value")


@reduction
def month_totals(orders: ir.Table) -> ir.Table:
    """Return one row a month: month_index, buyers, orders, identified orders, sales, days."""
    table = orders.mutate(month_index=month_index(orders.day))
    known = present(table.customer_id)
    return table.group_by("month_index").aggregate(
        buyers=table.customer_id.nunique(),
        orders=table.count(),
        identified_orders=known.sum(),
        net_sales=table.net_sales.sum(),
        identified_sales=table.net_sales.sum(where=known),
    )


@reduction
def kept_months(orders: ir.Table) -> ir.Table:
    """Return one row a month: customers who bought in it and in the month before."""
    known = identified(orders)
    months = known.select("customer_id", month_index=month_index(known.day)).distinct()
    before = months.select(before_customer=months.customer_id, next_index=months.month_index + 1)
    both = months.inner_join(
        before,
        [
            months.customer_id == before.before_customer,
            months.month_index == before.next_index,
        ],
    )
    return both.group_by("month_index").aggregate(kept=both.count())


def months_of(inside: ir.Table, period: Days) -> pd.DataFrame:
    """Return one row a month of the period: counts, sales, and who came back from the last."""
    frame = collect(month_totals(inside), sort_by=["month_index"])
    kept = collect(kept_months(inside), sort_by=["month_index"]).set_index("month_index")["kept"]
    index = frame["month_index"].astype(int)
    buyers = frame.set_index("month_index")["buyers"].astype(float)
    # Where nobody bought the month before, nobody can come back.
    before = buyers.where(buyers > 0).reindex(index - 1).to_numpy()
    both = kept.reindex(index).fillna(0).to_numpy(dtype=float)
    days = np.array([_days_of(number, period) for number in index], dtype=int)
    return pd.DataFrame(
        {
            "month": [month_text(number) for number in index],
            "days": days,
            "buyers": frame["buyers"],
            "buyers_before": before,
            "kept": both,
            "orders": frame["orders"],
            "identified_orders": frame["identified_orders"],
            "net_sales": frame["net_sales"],
            "identified_sales": frame["identified_sales"],
            "sales_per_day": frame["net_sales"] / days,
            "order_value": frame["net_sales"] / frame["orders"],
            "orders_per_customer": frame["identified_orders"]
            / frame["buyers"].where(frame["buyers"] > 0),
            "repeat_retention": both / before,
        }
    )


def _factors(row: pd.Series) -> dict[str, float]:
    buyers, orders, sales = (
        float(row[name]) for name in ("buyers", "identified_orders", "identified_sales")
    )
    if min(buyers, orders, sales) <= 0:
        return {}
    return {
        "buyers": buyers,
        "orders_per_customer": orders / buyers,
        "order_value": sales / orders,
    }


def _split(first: pd.Series, last: pd.Series) -> dict[str, float]:
    """Parts of the change of sales; nan where a period has no identified sales."""
    before, after = _factors(first), _factors(last)
    parts = split_change(before, after) if before and after else dict.fromkeys(FACTORS, math.nan)
    loose = [float(row["net_sales"]) - float(row["identified_sales"]) for row in (first, last)]
    return {f"part_{name}": parts[name] for name in FACTORS} | {
        "part_unidentified": loose[1] - loose[0],
        "change": float(last["net_sales"]) - float(first["net_sales"]),
    }


def _days_of(month: int, period: Days) -> int:
    """Return how many days of a month lie in the period."""
    span = pd.Period(month_text(month), freq="M")
    first = max(span.start_time.date(), period.start)
    return (min(span.end_time.date(), period.end) - first).days + 1


def steps_of(months: pd.DataFrame) -> pd.DataFrame:
    """Split the step of each month from the month before; a month cut short is not compared."""
    spans = [pd.Period(text, freq="M") for text in months["month"]]
    whole = [days == span.days_in_month for days, span in zip(months["days"], spans, strict=True)]
    rows = [
        _step(months.iloc[index - 1], months.iloc[index])
        for index in range(1, len(months))
        if whole[index - 1] and whole[index] and spans[index - 1] + 1 == spans[index]
    ]
    columns = ["month", "month_before", "buyers", "buyers_before"]
    columns += [*(f"part_{name}" for name in FACTORS), "part_unidentified", "change"]
    return pd.DataFrame(rows, columns=columns)


def _step(first: pd.Series, last: pd.Series) -> dict[str, Any]:
    return {
        "month": last["month"],
        "month_before": first["month"],
        "buyers": int(last["buyers"]),
        "buyers_before": int(first["buyers"]),
        **_split(first, last),
    }


def halves_of(inside: ir.Table, days: Days) -> pd.DataFrame:
    """Return one row a half of the period: buyers, identified orders and sales."""
    rows = []
    for name, half in zip(("first", "last"), days.halves(), strict=True):
        part = within(inside, half)
        totals = collect_one(order_totals(part))
        rows.append(
            {
                "half": name,
                "start": half.start.isoformat(),
                "end": half.end.isoformat(),
                "buyers": collect_one(buyer_count(part))["buyers"],
                "identified_orders": totals["identified_orders"] or 0,
                "identified_sales": totals["identified_sales"] or 0.0,
                "net_sales": totals["net_sales"] or 0.0,
            }
        )
    return pd.DataFrame(rows)


@reduction
def buyer_count(orders: ir.Table) -> ir.Table:
    """Return one row: distinct identified customers."""
    return orders.aggregate(buyers=orders.customer_id.nunique())


@reduction
def half_sales(orders: ir.Table, *, first_end: str, last_start: str) -> ir.Table:
    """Return one row an identified customer: net sales of the first and of the last half."""
    known = identified(orders)
    return known.group_by("customer_id").aggregate(
        first=known.net_sales.sum(where=known.day <= ibis.date(first_end)),
        last=known.net_sales.sum(where=known.day >= ibis.date(last_start)),
    )


def change_findings(
    state: Stater,
    inside: ir.Table,
    days: Days,
    halves: pd.DataFrame,
    *,
    year_before: bool = False,
) -> tuple[Finding, ...]:
    """Return what moved sales from half to half, and what one year cannot tell.

    ``year_before`` tells whether the same dates of the year before are compared.
    """
    if days.count < 2 or min(halves["identified_sales"]) <= 0:
        return ()
    first, last = days.halves()
    sales = collect(
        half_sales(inside, first_end=first.end.isoformat(), last_start=last.start.isoformat()),
        sort_by=["customer_id"],
    ).fillna(0.0)
    found = ratio(sales["last"].to_numpy(), sales["first"].to_numpy())
    shifted = Estimate(
        _less_one(found.value), _less_one(found.low), _less_one(found.high), found.base, found.level
    )
    parts = _split(halves.iloc[0], halves.iloc[1])
    change = float(halves["identified_sales"].iloc[1] - halves["identified_sales"].iloc[0])
    finding = state(
        "board_sales_change",
        shifted,
        unit="change",
        definition="sales_decomposition",
        method="log_mean",
        subject="sales_change",
        values={
            "change": Value(change, "money_change"),
            "buyers": Value(parts["part_buyers"], "money_change"),
            "orders": Value(parts["part_orders_per_customer"], "money_change"),
            "value": Value(parts["part_order_value"], "money_change"),
            "first_start": Value(first.start.isoformat(), "date"),
            "first_end": Value(first.end.isoformat(), "date"),
            "last_start": Value(last.start.isoformat(), "date"),
            "last_end": Value(last.end.isoformat(), "date"),
        },
    )
    if days.count >= 730 or year_before:
        return (finding,)
    season = state.withheld(
        "board_season",
        "one_year",
        definition="yoy",
        base=len(sales),
        values={"days": Value(days.count, "days")},
    )
    return finding, season


def _less_one(value: float | None) -> float | None:
    return None if value is None else value - 1
