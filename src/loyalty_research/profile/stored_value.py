"""How much of the sales was paid from stored value, and by whom."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    identified,
    month_index,
    month_text,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion, ratio

_SECTION = "stored_value"
_MONTHS = (
    Persons("buyers", names=("month",), rows="apart", key="months"),
    Persons("users", names=("month",), rows="apart", hides=("stored_value_used", "share")),
)


def stored_value(orders: Any, *, period: Any) -> Result:
    """Tell how much of net sales was paid from stored value, and how its users buy.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales, stored_value_used (part of what was
        paid). Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (users of stored value and others: customers, net sales, spend and
        repurchase with intervals) and ``months`` (net sales, paid from stored value, share).
        Without a ``stored_value_used`` column the one finding says so.

    Notes
    -----
    A recharge is a liability, not a sale: sales count when stored value is used. What is
    outstanding needs the recharges themselves, and is withheld.
    """
    days = as_days(period)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    if "stored_value_used" not in table.columns:
        return _withheld(state, "no_stored_value", 0)
    inside = within(table, days)
    months = collect(stored_months(inside), sort_by=["month_index"])
    count = int(months["orders"].sum())
    if not count:
        return _withheld(state, "not_computable", 0)
    used, sales = float(months["stored_value_used"].sum()), float(months["net_sales"].sum())
    if not used:
        return _withheld(state, "no_stored_value_used", count)
    if used > sales:
        return _withheld(state, "stored_value_beyond_sales", count)
    months = months.assign(
        month=[month_text(int(item)) for item in months["month_index"]],
        share=months["stored_value_used"] / months["net_sales"],
    )
    people = collect(stored_customers(inside), sort_by=["customer_id"])
    summary = _summary(people)
    return Result(
        name="stored_value",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": summary, "months": months},
        findings=_findings(state, people, used, sales, count),
        charts=drawable(_charts(months, used / sales, count, days), state.context),
        tables=_tables(len(people), count, days),
        context=state.context,
        table=stored_customers(inside),
    )


def _withheld(state: Stater, reason: str, base: int) -> Result:
    finding = state.withheld(
        "stored_value_share", reason, definition="stored_value", base=base, base_unit="orders"
    )
    return Result(
        name="stored_value",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"user": []})},
        findings=(finding,),
        context=state.context,
    )


def _paid(orders: ir.Table) -> ir.Value:
    """Return what of each order was paid from stored value; nothing where it is missing."""
    return ibis.coalesce(orders.stored_value_used, ibis.literal(0).cast("decimal(18, 4)"))


@reduction
def stored_months(orders: ir.Table) -> ir.Table:
    """Return one row a month: orders, net_sales, stored_value_used, buyers, users.

    Buyers and users, who paid from stored value, are identified customers.
    """
    rows = orders.select(
        "customer_id", "net_sales", month_index=month_index(orders.day), used=_paid(orders)
    )
    return rows.group_by("month_index").aggregate(
        orders=rows.count(),
        net_sales=rows.net_sales.sum(),
        stored_value_used=rows.used.sum(),
        buyers=rows.customer_id.nunique(),
        users=rows.customer_id.nunique(where=rows.used > 0),
    )


@reduction
def stored_customers(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: occasions, net_sales, stored_value_used."""
    known = identified(orders)
    rows = known.select("customer_id", "day", "net_sales", used=_paid(known))
    return rows.group_by("customer_id").aggregate(
        occasions=rows.day.nunique(),
        net_sales=rows.net_sales.sum(),
        stored_value_used=rows.used.sum(),
    )


def _summary(people: pd.DataFrame) -> pd.DataFrame:
    user = (people["stored_value_used"] > 0).to_numpy()
    total = float(people["net_sales"].sum()) or 1.0
    rows = []
    for name, inside in ((True, user), (False, ~user)):
        group = people[inside]
        spend = ratio(group["net_sales"].to_numpy(dtype=float), np.ones(len(group)))
        back = proportion(int((group["occasions"] >= 2).sum()), len(group))
        rows.append(
            {
                "user": int(name),
                "customers": len(group),
                "share_customers": len(group) / max(len(people), 1),
                "net_sales": float(group["net_sales"].sum()),
                "share_sales": float(group["net_sales"].sum()) / total,
                "spend": spend.value,
                "spend_low": spend.low,
                "spend_high": spend.high,
                "repurchase": back.value,
                "repurchase_low": back.low,
                "repurchase_high": back.high,
            }
        )
    measured = ["spend", "repurchase"]
    bounds = [f"{name}_{end}" for name in measured for end in ("low", "high")]
    return pd.DataFrame(rows).astype(dict.fromkeys([*measured, *bounds], float))


def _findings(
    state: Stater, people: pd.DataFrame, used: float, sales: float, orders: int
) -> tuple[Finding, ...]:
    user = (people["stored_value_used"] > 0).to_numpy()
    spent = people["net_sales"].to_numpy(dtype=float)
    stake = float(spent[user].sum())
    return (
        state(
            "stored_value_share",
            Estimate(used / sales, None, None, orders),
            unit="share",
            definition="stored_value",
            method="count",
            base_unit="orders",
            subject="stored_value",
            values={"used": Value(used, "money"), "sales": Value(sales, "money")},
        ),
        state(
            "stored_value_users",
            proportion(int(user.sum()), len(people)),
            unit="share",
            definition="stored_value",
            method="wilson",
            subject="stored_value",
            task="retain",
            group="stored_value",
            at_stake=stake,
            values={
                "people": Value(int(user.sum()), "customers"),
                "sales": Value(stake, "money"),
                "share_sales": Value(stake / float(spent.sum()) if len(spent) else None, "share"),
            },
        ),
        state.withheld(
            "stored_value_outstanding", "no_recharges", definition="stored_value", base=orders
        ),
    )


def _charts(months: pd.DataFrame, share: float, orders: int, days: Days) -> list[Chart]:
    top = months.iloc[int(months["share"].to_numpy().argmax())]
    least = months.iloc[int(months["share"].to_numpy().argmin())]
    return [
        Chart(
            name="months",
            key="stored_value.months",
            kind="bars",
            frame="months",
            encode={
                "x": "month",
                "x_unit": "month",
                "y": "share",
                "unit": "share",
                "y_label": "share_stored_value",
            },
            values={
                "share": Value(share, "share"),
                "best": Value(str(top["month"]), "month"),
                "best_share": Value(float(top["share"]), "share"),
                "worst": Value(str(least["month"]), "month"),
                "worst_share": Value(float(least["share"]), "share"),
            },
            definitions=("stored_value",),
            base=orders,
            base_unit="orders",
            period=days.iso,
            persons=_MONTHS,
        )
    ]


def _tables(people: int, orders: int, days: Days) -> tuple[TableView, ...]:
    return (
        TableView(
            name="users",
            key="stored_value.users",
            frame="summary",
            columns=(
                Column("user", "label:yes_no", heading="stored_value_user"),
                Column("customers", "customers"),
                Column("share_customers", "share"),
                Column("share_sales", "share"),
                Column("spend", "money", low="spend_low", high="spend_high"),
                Column(
                    "repurchase",
                    "share",
                    low="repurchase_low",
                    high="repurchase_high",
                    heading="repurchase_rate",
                ),
            ),
            definitions=("stored_value", "spend_per_customer", "repurchase_rate"),
            base=people,
            base_unit="customers",
            period=days.iso,
            persons=(Persons(names=("user",), rates=("spend", "repurchase")),),
        ),
        TableView(
            name="months",
            key="stored_value.months",
            frame="months",
            columns=(
                Column("month", "month"),
                Column("net_sales", "money"),
                Column("stored_value_used", "money"),
                Column("share", "share", heading="share_stored_value"),
            ),
            definitions=("stored_value",),
            base=orders,
            base_unit="orders",
            period=days.iso,
            persons=_MONTHS,
        ),
    )
