"""The board counted slowly: Python loops over the lines of a world, one after the other."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from loyalty_research.worlds import World

Days = tuple[dt.date, dt.date]
_WINDOW = 90


def indicators(world: World, days: Days, *, whole: bool) -> dict[str, float]:
    """Return every indicator of a period.

    Parameters
    ----------
    world
        A world whose customers' first purchases are seen.
    days
        First and last day.
    whole
        Whether net sales and buyers, which are told in comparisons only, are wanted too.
    """
    paid: dict[Any, Decimal] = defaultdict(Decimal)
    pieces: dict[Any, int] = defaultdict(int)
    whose, day_of = {}, {}
    for line in world.tables["transactions"].to_pylist():
        order = line["order_id"]
        paid[order] += line["amount"]
        pieces[order] += line["quantity"]
        whose[order] = line["customer_id"]
        day_of[order] = line["ordered_at"].date()
    valid = [order for order in paid if paid[order] > 0 and day_of[order] <= days[1]]
    seen: dict[Any, set[dt.date]] = defaultdict(set)
    for order in valid:
        if whose[order] is not None:
            seen[whose[order]].add(day_of[order])
    orders = [order for order in valid if day_of[order] >= days[0]]
    known = [order for order in orders if whose[order] is not None]
    bought: dict[Any, set[dt.date]] = defaultdict(set)
    for order in known:
        bought[whose[order]].add(day_of[order])
    late = days[1] - dt.timedelta(days=_WINDOW - 1)
    early = late - dt.timedelta(days=_WINDOW)
    before = {who for who, dates in seen.items() if any(early <= day < late for day in dates)}
    after = {who for who, dates in seen.items() if any(late <= day for day in dates)}
    sales = float(sum(paid[order] for order in orders))
    of_known = float(sum(paid[order] for order in known))
    units = sum(pieces[order] for order in orders)
    occasions = sum(len(dates) for dates in bought.values())
    found = {
        "identified_share": len(known) / len(orders),
        "member_share_of_sales": of_known / sales,
        "active_customers": float(len(after)),
        "repurchase_rate": sum(len(dates) >= 2 for dates in bought.values()) / len(bought),
        "repeat_retention": len(before & after) / len(before),
        "second_purchase_rate": second_purchase(seen, days),
        "purchase_frequency": occasions / len(bought),
        "order_value": sales / len(orders),
        "spend_per_customer": of_known / len(bought),
        "orders_per_customer": len(known) / len(bought),
        "units_per_order": units / len(orders),
        "unit_price": sales / units,
    }
    if whole:
        found |= {"net_sales": sales, "buyers": float(len(bought))}
    return found


def second_purchase(seen: dict[Any, set[dt.date]], days: Days) -> float:
    """Return the Kaplan-Meier share of new customers back within 90 days, gap by gap."""
    gaps = []
    for dates in seen.values():
        first, *rest = sorted(dates)
        if first >= days[0]:
            end = rest[0] if rest else days[1]
            gaps.append(((end - first).days, bool(rest)))
    still_away = 1.0
    for gap in range(1, 91):
        followed = sum(length >= gap for length, _ in gaps)
        back = sum(length == gap and ended for length, ended in gaps)
        still_away *= 1 - back / followed if followed else 1.0
    return 1 - still_away


def members(rows: list[dict[str, Any]], days: Days) -> dict[str, float]:
    """Return who joined in a period, and less those who cancelled in it."""
    joined, left = (
        sum(row[name] is not None and days[0] <= row[name] <= days[1] for row in rows)
        for name in ("joined_on", "cancelled_on")
    )
    return {"new_members": float(joined), "net_member_growth": float(joined - left)}


def changes(now: dict[str, float], then: dict[str, float], shares: frozenset[str]) -> dict:
    """Return the change of each indicator: a difference for shares, relative otherwise."""
    return {
        name: now[name] - then[name] if name in shares else now[name] / then[name] - 1
        for name in now
        if name in then
    }
