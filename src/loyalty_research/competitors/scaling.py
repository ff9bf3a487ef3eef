"""Baskets in another currency, or at a multiple of another trade's ticket."""

from __future__ import annotations

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from loyalty_research.brand.tickets import Ticket
from loyalty_research.engine import reduction

_MONEY = "decimal(18, 4)"
_FACTOR = "decimal(18, 8)"
_PLACES = Decimal("1e-8")


@reduction
def multiplied(rows: ir.Table, *, factor: Decimal) -> ir.Table:
    """Return orders or lines with their amount times ``factor``, rounded to ten-thousandths.

    Parameters
    ----------
    rows
        Orders (``net_sales``) or lines (``amount``), as decimals.
    factor
        With at most eight decimal places.
    """
    name = "net_sales" if "net_sales" in rows.columns else "amount"
    times = ibis.literal(factor, type=_FACTOR)
    return rows.mutate(**{name: (rows[name].cast(_MONEY) * times).cast(_MONEY)})


def ticket_factor(
    ticket: Ticket, *, multiple: Decimal, median_order: float, exchange: Decimal
) -> Decimal:
    """Return by what amounts are multiplied so that the median order is a multiple of a ticket.

    Parameters
    ----------
    ticket
        Sourced ticket of the programme's trade.
    multiple
        Of the ticket, such as 0.5.
    median_order
        In the brand's currency, above zero.
    exchange
        What a unit of the ticket's currency is in the programme's.

    Returns
    -------
    Decimal
        Units of the programme's currency for one unit of the brand's, to eight decimal places.
    """
    wanted = Decimal(str(ticket.point.amount)) * multiple * exchange
    return (wanted / Decimal(repr(median_order))).quantize(_PLACES)
