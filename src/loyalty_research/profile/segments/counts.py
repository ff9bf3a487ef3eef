"""What each customer's purchases add up to: one row a customer, from the engine."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction
from loyalty_research.profile.common import identified
from loyalty_research.profile.prices import discount_totals


@reduction
def purchase_counts(orders: ir.Table, *, early_before: int, channel: str) -> ir.Table:
    """Return one row an identified customer with a paid order: what its features are made of.

    Columns: customer_id, orders, occasions, net_sales, last_day, weekend, early, main_channel. The
    last three count orders: on Saturdays and Sundays, before the hour ``early_before`` (0 for no
    hours), and through ``channel`` (empty for none).
    """
    known = identified(orders)
    paid = known.filter(known.net_sales > 0)
    stamp = paid.ordered_at
    hour = ibis.literal(0) if stamp.type().is_date() else stamp.hour()
    through = (paid.channel == channel) if channel else ibis.literal(value=False)
    paid = paid.mutate(
        on_weekend=paid.day.day_of_week.index() >= 5,
        is_early=hour.cast("int64") < early_before,
        through=through.fill_null(False),
    )
    days = paid.group_by("customer_id", "day").aggregate(
        orders=paid.count(),
        net_sales=paid.net_sales.sum(),
        weekend=paid.on_weekend.cast("int64").sum(),
        early=paid.is_early.cast("int64").sum(),
        main_channel=paid.through.cast("int64").sum(),
    )
    return days.group_by("customer_id").aggregate(
        orders=days.orders.sum(),
        occasions=days.count(),
        net_sales=days.net_sales.sum(),
        last_day=days.day.max(),
        weekend=days.weekend.sum(),
        early=days.early.sum(),
        main_channel=days.main_channel.sum(),
    )


@reduction
def offer_sums(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: net sales on offer."""
    return discount_totals(orders).select("customer_id", "on_offer")


@reduction
def category_counts(lines: ir.Table, orders: ir.Table, products: ir.Table) -> ir.Table:
    """Return one row an identified customer: categories bought."""
    known = identified(orders).select("order_id", "customer_id")
    rows = lines.filter(lines.amount > 0).select("order_id", "product_id")
    named = products.filter(products.category.notnull()).select("product_id", "category")
    own = rows.inner_join(known, "order_id").inner_join(named, "product_id")
    pairs = own.select("customer_id", "category").distinct()
    return pairs.group_by("customer_id").aggregate(categories=pairs.count())


@reduction
def hours_and_channels(orders: ir.Table) -> ir.Table:
    """Return one row an hour and channel: orders of identified customers."""
    known = identified(orders)
    stamp = known.ordered_at
    hour = ibis.literal(0) if stamp.type().is_date() else stamp.hour()
    channel = known.channel if "channel" in known.columns else ibis.literal("")
    rows = known.mutate(hour=hour.cast("int64"), through=channel.fill_null(""))
    return rows.group_by("hour", "through").aggregate(orders=rows.count())
