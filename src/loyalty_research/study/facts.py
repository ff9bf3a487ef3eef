"""Counts and shares for the data section, and for the notices of a brand file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir

from loyalty_research.engine import collect_one
from loyalty_research.study.plan import TablePlan
from loyalty_research.study.reductions import described_facts, order_facts, sales_above


def gather_facts(
    tables: Mapping[str, ir.Table],
    staged: Mapping[str, ir.Table],
    plans: Mapping[str, TablePlan],
    period: tuple[str, str],
) -> dict[str, Any]:
    """Return facts by name: first_day, last_day, lines, orders, customers, net_sales, shares."""
    facts: dict[str, Any] = {"first_day": period[0], "last_day": period[1]}
    orders = tables.get("orders")
    if orders is None:
        return facts
    lines = tables["transactions"]
    facts |= collect_one(lines.aggregate(lines=lines.count(), sales_kept=lines.amount.sum()))
    facts |= collect_one(
        order_facts(orders, first_month=f"{period[0][:8]}01", last_month=f"{period[1][:8]}01")
    )
    if "customers" in facts:
        facts |= _customer_facts(facts, tables)
    for item in plans["transactions"].every_column:
        if item.at_most is not None and item.name == "quantity":
            row = collect_one(
                sales_above(staged["transactions"], column="quantity", limit=item.at_most)
            )
            facts["sales_above_limit"] = row["sales"]
    return facts


def _customer_facts(facts: Mapping[str, Any], tables: Mapping[str, ir.Table]) -> dict[str, Any]:
    customers = facts["customers"]
    found: dict[str, Any] = {
        "identified_share": _share(facts["identified_orders"], facts["orders"]),
        "first_month_share": _share(facts["first_month_customers"], customers),
        "last_month_share": _share(facts["last_month_customers"], customers),
    }
    if "customers" in tables:
        row = collect_one(described_facts(tables["orders"], tables["customers"]))
        found["customers_described"] = row["customers"]
        found["customers_described_share"] = _share(row["customers"], customers)
        found["customers_described_sales_share"] = _share(row["net_sales"], facts["net_sales"])
    return found


def _share(part: float | None, whole: float | None) -> float | None:
    return None if not whole else float(f"{(part or 0) / whole:.12g}")
