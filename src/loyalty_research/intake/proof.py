"""A brand file proves itself: the brand opens, and says what a back office should say too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty_research.engine import collect_one

if TYPE_CHECKING:
    from loyalty_research.study import Brand


@dataclass(frozen=True, slots=True)
class Totals:
    """What to compare with the client's own figures.

    Parameters
    ----------
    start, end
        First and last day, ISO.
    orders, net_sales
        Valid orders and what they come to.
    identified, buyers, repurchase_rate
        Orders with a customer; customers; share of them with purchases on two days or more. None
        where customers are not known.
    """

    start: str
    end: str
    orders: int
    net_sales: float
    identified: int | None = None
    buyers: int | None = None
    repurchase_rate: float | None = None


def totals_of(brand: Brand) -> Totals | None:
    """Return the totals of an opened brand; None where it has no transactions."""
    if not brand.has("orders"):
        return None
    start, end = brand.period.iso
    orders = brand.orders
    row = collect_one(orders.aggregate(orders=orders.count(), sales=orders.net_sales.sum()))
    found = Totals(start, end, int(row["orders"]), float(row["sales"] or 0))
    if "customer_id" not in orders.columns:
        return found
    known = orders.filter(orders.customer_id.notnull())
    days = known.group_by("customer_id").aggregate(
        days=known.day.nunique(), orders=known.order_id.nunique()
    )
    people = collect_one(
        days.aggregate(
            buyers=days.count(), again=(days.days >= 2).sum(), identified=days.orders.sum()
        )
    )
    buyers = int(people["buyers"])
    rate = int(people["again"] or 0) / buyers if buyers else None
    return Totals(
        start,
        end,
        found.orders,
        found.net_sales,
        identified=int(people["identified"] or 0),
        buyers=buyers,
        repurchase_rate=rate,
    )
