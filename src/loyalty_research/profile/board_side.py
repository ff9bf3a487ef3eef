"""What the board reads of one period: its totals, one row a customer, and the active windows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.profile.board_indicators import order_totals, unit_totals, window_buyers
from loyalty_research.profile.board_second import MAIN, SecondPurchase
from loyalty_research.profile.common import Days, customer_totals, identified, within

Counted = Mapping[str, tuple[int, int]]
"""By indicator: the customers it counts, and those it counts them among."""


@dataclass(frozen=True, slots=True)
class Side:
    """One period.

    Parameters
    ----------
    days
        First and last day.
    totals
        Row of :func:`order_totals`.
    customers
        Rows of :func:`customer_totals`.
    units
        Row of :func:`unit_totals`; None where orders carry no units.
    """

    days: Days
    totals: dict[str, Any]
    customers: pd.DataFrame
    units: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Extras:
    """What a comparison asks of a period besides its :class:`Side`.

    Parameters
    ----------
    marks
        One row a customer: bought in the window before last (early), in the last one (late).
    window
        Length of the last window in days.
    complete
        Whether both windows lie in days that are known.
    joined
        Members who joined in the period; None where unknown.
    second
        Curve of the second purchase; None where unknown.
    """

    marks: pd.DataFrame
    window: int
    complete: bool
    joined: int | None = None
    second: SecondPurchase | None = None


def side_of(table: ir.Table, days: Days) -> Side:
    """Read one period."""
    inside = within(table, days)
    return Side(
        days,
        collect_one(order_totals(inside)),
        collect(customer_totals(inside), sort_by=["customer_id"]),
        collect_one(unit_totals(inside)) if "units" in inside.columns else None,
    )


def extras_of(
    table: ir.Table,
    days: Days,
    *,
    window: int,
    known_from: dt.date,
    joined: int | None = None,
    second: SecondPurchase | None = None,
) -> Extras:
    """Read the two windows that end with a period, as far back as its days are known."""
    length = min(window, (days.end - known_from).days + 1)
    split = days.end - dt.timedelta(days=length - 1)
    first = split - dt.timedelta(days=length)
    reach = within(table, Days(max(first, known_from), days.end))
    marks = collect(window_buyers(reach, split=split.isoformat()), sort_by=["customer_id"])
    return Extras(marks, length, first >= known_from, joined, second)


def counted(side: Side, extras: Extras) -> Counted:
    """Return whom the indicators of a period tell of; those not named tell of its buyers."""
    early, late = (extras.marks[name].to_numpy(dtype=bool) for name in ("early", "late"))
    buyers, again = len(side.customers), int((side.customers["occasions"] >= 2).sum())
    found = {
        "buyers": (buyers, buyers),
        "repurchase_rate": (again, buyers),
        "active_customers": (int(late.sum()),) * 2,
        "repeat_retention": (int((early & late).sum()), int(early.sum())),
        "new_members": (extras.joined or 0,) * 2,
    }
    if extras.second is not None:
        limit = extras.second.limit
        returned = round((limit.reached_by(MAIN).value or 0.0) * limit.base)
        found["second_purchase_rate"] = (returned, limit.base)
    return found


@reduction
def order_days(orders: ir.Table) -> ir.Table:
    """Return one row: the first and the last day with an order."""
    return orders.aggregate(first_day=orders.day.min(), last_day=orders.day.max())


def days_seen(table: ir.Table, before: ir.Table | None) -> ir.Table:
    """Return customer_id and day of all orders, those of a compared period included."""
    seen = identified(table).select("customer_id", "day")
    if before is None:
        return seen
    return ibis.union(seen, identified(before).select("customer_id", "day"))
