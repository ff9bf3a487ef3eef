"""The indicators of the board: size, activity, return, order value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect_one, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    Days,
    Stater,
    identified,
    present,
    within,
)
from loyalty_research.stats import Estimate, proportion, ratio, ratio_sums

_SATURATED = 0.95


@reduction
def order_totals(orders: ir.Table) -> ir.Table:
    """Return one row: orders, identified orders, their net sales, squares of unidentified ones."""
    known = present(orders.customer_id)
    sales = orders.net_sales
    return orders.aggregate(
        orders=orders.count(),
        identified_orders=known.sum(),
        net_sales=sales.sum(),
        identified_sales=sales.sum(where=known),
        unidentified_squares=(sales * sales).sum(where=~known),
    )


@reduction
def unit_totals(orders: ir.Table) -> ir.Table:
    """Return one row: orders with countable units, their units, the net sales of those lines."""
    counted = orders.units > 0
    sums = {"unit_orders": counted.sum(), "units": orders.units.sum(where=counted)}
    if "unit_sales" in orders.columns:
        sums["unit_sales"] = orders.unit_sales.sum(where=counted)
    return orders.aggregate(**sums)


def day_before(days: Days, window: int) -> Any:
    """Return the day before the last ``window`` days, or before the whole period if shorter."""
    first = days.end - dt.timedelta(days=window)
    return first if window < days.count else days.start - dt.timedelta(days=1)


def repeat_retention(table: ir.Table, days: Days, window: int) -> Estimate | None:
    """Return the share of the buyers of the window before last who buy in the last one."""
    if days.count < 2 * window:
        return None
    last = Days(days.end - dt.timedelta(days=window - 1), days.end)
    before = Days(last.start - dt.timedelta(days=window), last.start - dt.timedelta(days=1))
    found = collect_one(
        kept_customers(within(table, Days(before.start, last.end)), split=last.start.isoformat())
    )
    return proportion(int(found["kept"] or 0), int(found["before"] or 0))


@reduction
def window_buyers(orders: ir.Table, *, split: str) -> ir.Table:
    """Return customer_id, bought before ``split`` (early) and bought from it on (late)."""
    known = identified(orders)
    people = known.group_by("customer_id").aggregate(
        first_day=known.day.min(), last_day=known.day.max()
    )
    return people.select(
        "customer_id",
        early=people.first_day < ibis.date(split),
        late=people.last_day >= ibis.date(split),
    )


@reduction
def kept_customers(orders: ir.Table, *, split: str) -> ir.Table:
    """Return one row: customers who bought before ``split``, and of these, who bought after."""
    people = window_buyers(orders, split=split)
    return people.aggregate(before=people.early.sum(), kept=(people.early & people.late).sum())


def indicator_findings(
    state: Stater,
    days: Days,
    totals: dict[str, Any],
    customers: pd.DataFrame,
    units: dict[str, Any] | None,
    kept: Estimate | None,
    active_days: int,
) -> list[Finding]:
    """Return one finding an indicator, stated or withheld, in the order of the board."""
    buyers = len(customers)
    active = int((customers["last_day"] > day_before(days, active_days)).sum())
    orders, known = int(totals["orders"]), int(totals["identified_orders"] or 0)
    sales = customers["net_sales"].to_numpy(dtype=float)
    counts = customers["orders"].to_numpy(dtype=float)
    occasions = customers["occasions"].to_numpy(dtype=float)
    return [
        state(
            "board_identified_share",
            known / orders if orders else None,
            unit="share",
            definition="identified_share",
            method="count",
            base=orders,
            base_unit="orders",
            subject="identified",
        ),
        _member_share(state, totals, orders, known),
        state(
            "board_active_customers",
            float(active),
            unit="customers",
            definition="active_member",
            method="count",
            base=buyers,
            subject="active",
            task="activate",
            values={
                "days": Value(min(active_days, days.count), "days"),
                "buyers": Value(buyers, "customers"),
                "share": Value(active / buyers if buyers else None, "share"),
            },
        ),
        _repurchase(state, days, occasions),
        _retention(state, kept, active_days),
        state(
            "board_purchase_frequency",
            ratio(occasions, np.ones(buyers)),
            unit="occasions_rate",
            definition="purchase_frequency",
            method="linearised_ratio",
            subject="frequency",
        ),
        state(
            "board_order_value",
            _order_value(totals, sales, counts, orders, known),
            unit="money",
            definition="order_value",
            method="linearised_ratio",
            base=orders,
            base_unit="orders",
            subject="order_value",
        ),
        state(
            "board_spend_per_customer",
            ratio(sales, np.ones(buyers)),
            unit="money",
            definition="spend_per_customer",
            method="linearised_ratio",
            subject="spend",
            values={
                "median": Value(float(np.median(sales)) if buyers else None, "money"),
            },
        ),
        state(
            "board_orders_per_customer",
            ratio(counts, np.ones(buyers)),
            unit="orders_rate",
            definition="orders_per_customer",
            method="linearised_ratio",
            subject="frequency",
        ),
        *_unit_findings(state, units),
    ]


def _member_share(state: Stater, totals: dict[str, Any], orders: int, known: int) -> Finding:
    if not orders or known in {0, orders}:
        reason = "all_identified" if known else "none_identified" if orders else "not_computable"
        return state.withheld(
            "board_member_share_of_sales",
            reason,
            definition="member_share_of_sales",
            base=orders,
            base_unit="orders",
        )
    return state(
        "board_member_share_of_sales",
        float(totals["identified_sales"]) / float(totals["net_sales"]),
        unit="share",
        definition="member_share_of_sales",
        method="count",
        base=orders,
        base_unit="orders",
        subject="member_share",
    )


def _repurchase(state: Stater, days: Days, occasions: np.ndarray) -> Finding:
    estimate = proportion(int((occasions >= 2).sum()), len(occasions))
    values = {
        "share": Value(estimate.value, "share"),
        "days": Value(days.count, "days"),
        "base_customers": Value(len(occasions), "customers"),
    }
    common: dict[str, Any] = {
        "definition": "repurchase_rate",
        "base": len(occasions),
        "subject": "repurchase",
        "task": "retain",
        "values": values,
    }
    enough = len(occasions) >= state.context.base_limit
    if enough and estimate.value is not None and estimate.value > _SATURATED:
        return state.withheld("board_repurchase_rate", "saturated", **common)
    return state("board_repurchase_rate", estimate, unit="share", method="wilson", **common)


def _retention(state: Stater, kept: Estimate | None, window: int) -> Finding:
    values = {"days": Value(window, "days")}
    if kept is None:
        return state.withheld(
            "board_repeat_retention",
            "period_too_short",
            definition="repeat_retention",
            values=values,
        )
    return state(
        "board_repeat_retention",
        kept,
        unit="share",
        definition="repeat_retention",
        method="wilson",
        subject="retention",
        task="retain",
        values=values,
    )


def _order_value(
    totals: dict[str, Any], sales: np.ndarray, counts: np.ndarray, orders: int, known: int
) -> Estimate:
    """Estimate net sales per order; an unidentified order is a unit of its own."""
    loose = orders - known
    return ratio_sums(
        len(sales) + loose,
        x=float(orders),
        y=float(totals["net_sales"] or 0.0),
        xx=float(counts @ counts) + loose,
        yy=float(sales @ sales) + float(totals["unidentified_squares"] or 0.0),
        xy=float(sales @ counts)
        + float(totals["net_sales"] or 0.0)
        - float(totals["identified_sales"] or 0.0),
    )


def _unit_findings(state: Stater, units: dict[str, Any] | None) -> list[Finding]:
    names = (("board_units_per_order", "units_per_order"), ("board_unit_price", "unit_price"))
    count = int(units["unit_orders"] or 0) if units else 0
    if units is None or not count:
        # Without a single order the sum is missing; with orders, their quantities are.
        reason = "not_computable" if units and units["unit_orders"] is None else "no_quantity"
        return [state.withheld(name, reason, definition=definition) for name, definition in names]
    found = [
        state(
            "board_units_per_order",
            float(units["units"]) / count,
            unit="number",
            definition="units_per_order",
            method="count",
            base=count,
            base_unit="orders",
            subject="basket",
        )
    ]
    if units.get("unit_sales") is not None:
        found.append(
            state(
                "board_unit_price",
                float(units["unit_sales"]) / float(units["units"]),
                unit="money",
                definition="unit_price",
                method="count",
                base=count,
                base_unit="orders",
                subject="basket",
            )
        )
    return found
