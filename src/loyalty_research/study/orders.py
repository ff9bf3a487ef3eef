"""From lines to valid orders, once, for every analysis."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction
from loyalty_research.tables import ORDERS

_CUTS = ("discount", "coupon_discount", "platform_discount")
_MONEY = "decimal(18, 4)"


def net_line_sales(lines: ir.Table) -> ir.DecimalValue:
    """Return the net sales of each line: amount, less what was refunded where that is known."""
    if "refund_amount" in lines.columns:
        zero = ibis.literal(0).cast(_MONEY)
        return (lines.amount - ibis.coalesce(lines.refund_amount, zero)).cast(_MONEY)
    return lines.amount


@reduction
def build_orders(lines: ir.Table) -> ir.Table:
    """Build the valid orders: one row an order with something paid for.

    Parameters
    ----------
    lines
        Canonical transactions that are sales, one row a line.

    Returns
    -------
    ibis.expr.types.Table
        Columns of :data:`loyalty_research.tables.ORDERS` that the lines give; not sorted.

    Notes
    -----
    Valid is an order whose lines sum to more than zero after refunds. An order that shows several
    customers, stores or times takes the smallest, and one that shows several members of staff is
    nobody's; the checks count such orders. Units are net of
    returns; they and unit_sales leave out lines without a countable quantity, and are missing for
    an order that has no other lines.
    """
    table = lines.mutate(_net=net_line_sales(lines))
    totals = table.group_by("order_id").aggregate(**_measures(table))
    valid = totals.filter(totals.net_sales > 0)
    valid = valid.mutate(day=valid.ordered_at.date())
    return valid.select(*(name for name in ORDERS.names if name in valid.columns))


@reduction
def mark_occasions(orders: ir.Table) -> ir.Table:
    """Add ``counts_occasion``: true for one order of each customer and day.

    Counting marks is much cheaper than grouping by customer and day, and is done by every section;
    so the orders that are kept carry them.

    Parameters
    ----------
    orders
        Valid orders, one row an order: order_id, customer_id, day.

    Returns
    -------
    ibis.expr.types.Table
        The orders, in the column order of :data:`loyalty_research.tables.ORDERS`; unchanged where
        they carry no customer_id. Orders without a customer are not marked.
    """
    if "customer_id" not in orders.columns:
        return orders
    number = ibis.row_number().over(group_by=["customer_id", "day"], order_by="order_id")
    return orders.mutate(counts_occasion=orders.customer_id.notnull() & (number == 0))


def _measures(table: ir.Table) -> dict[str, ir.Value]:
    zero = ibis.literal(0).cast(_MONEY)
    given = set(table.columns)
    measures: dict[str, ir.Value] = {
        "ordered_at": table.ordered_at.min(),
        "net_sales": table._net.sum().cast(_MONEY),
        "lines": table.count(),
    }
    for name in ("customer_id", "store_id", "channel"):
        if name in given:
            measures[name] = table[name].min()
    if "staff_id" in given:
        staff = table.staff_id
        measures["staff_id"] = ibis.ifelse(staff.min() == staff.max(), staff.min(), ibis.null())
    for name in ("list_amount", *_CUTS, "stored_value_used"):
        if name in given:
            measures[name] = ibis.coalesce(table[name].sum(), zero).cast(_MONEY)
    cuts = [table[name] > 0 for name in _CUTS if name in given]
    if cuts:
        reduced = ibis.or_(*(ibis.coalesce(cut, ibis.literal(False)) for cut in cuts))
        sales = table._net.sum(where=reduced)
        measures["discounted_sales"] = ibis.coalesce(sales, zero).cast(_MONEY)
    if "quantity" in given:
        # A decimal sum is the same whatever order the lines come in; a sum of doubles is not.
        units = table.quantity.cast(_MONEY).sum()
        measures["units"] = units.cast("float64")
        measures["unit_sales"] = table._net.sum(where=table.quantity.notnull()).cast(_MONEY)
    return measures
