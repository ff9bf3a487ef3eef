"""What the engine tells of each customer for the rules: main channel, prices paid, margin."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction
from loyalty_research.profile.common import identified, present

MONEY = "decimal(18, 4)"


@reduction
def main_channel(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: the channel of most orders, then of most sales."""
    known = identified(orders).filter(present(orders.channel))
    counts = known.group_by("customer_id", "channel").aggregate(
        orders=known.count(), net_sales=known.net_sales.sum()
    )
    order = [ibis.desc("orders"), ibis.desc("net_sales"), ibis.asc("channel")]
    number = ibis.row_number().over(group_by="customer_id", order_by=order)
    ranked = counts.mutate(_number=number)
    return ranked.filter(ranked._number == 0).select("customer_id", "channel")


@reduction
def unit_lines(lines: ir.Table, *, orders: ir.Table, products: ir.Table) -> ir.Table:
    """Return sold units of identified customers with what ``products`` says of the product.

    Lines without a countable quantity, or for nothing, are left out.
    """
    known = identified(orders).select("order_id", "customer_id")
    own = lines.select("order_id", "product_id", "amount", "quantity")
    own = own.filter(own.quantity > 0, own.amount > 0)
    return own.inner_join(known, "order_id").inner_join(products, "product_id")


@reduction
def product_prices(units: ir.Table) -> ir.Table:
    """Return one row a product: category, net_sales, units."""
    return units.group_by("product_id", "category").aggregate(
        net_sales=units.amount.sum(), units=units.quantity.sum()
    )


@reduction
def price_levels(units: ir.Table, *, medians: ir.Table) -> ir.Table:
    """Return one row a customer: net_sales, and what the same units cost at category medians."""
    priced = units.inner_join(medians, "category")
    return priced.group_by("customer_id").aggregate(
        net_sales=priced.amount.sum(),
        at_median=(priced.quantity.cast(MONEY) * priced.median_price.cast(MONEY)).sum(),
    )


@reduction
def margin_sums(units: ir.Table) -> ir.Table:
    """Return one row: net_sales of the units whose cost is known, and that cost."""
    known = units.filter(present(units.cost))
    return known.aggregate(
        net_sales=known.amount.sum(), cost=(known.quantity.cast(MONEY) * known.cost).sum()
    )


@reduction
def buyers_between(orders: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return one row an identified customer with an order from ``start`` to ``end``."""
    known = identified(orders)
    inside = known.filter(known.day >= ibis.date(start), known.day <= ibis.date(end))
    return inside.select("customer_id").distinct()
