"""A person listed several times, such as once by every employee who knows them, stands once."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction


@reduction
def one_row_each(customers: ir.Table) -> ir.Table:
    """Return one row a customer.

    Parameters
    ----------
    customers
        Canonical customers; an identifier may stand in several rows.

    Returns
    -------
    ibis.expr.types.Table
        The same columns. Rows without an identifier stay as they are.

    Notes
    -----
    The row with the earliest ``joined_on`` is kept; among equals, and where it is missing, the one
    whose other values sort first, whatever the order of the file.
    """
    first = [name for name in ("joined_on",) if name in customers.columns]
    others = [name for name in customers.columns if name not in ("customer_id", *first)]
    order = [ibis.asc(name, nulls_first=False) for name in (*first, *others)]
    if not order:
        return customers.distinct()
    number = ibis.row_number().over(group_by="customer_id", order_by=order)
    marked = customers.mutate(_number=number)
    kept = marked.filter((marked._number == 0) | marked.customer_id.isnull())
    return kept.drop("_number")
