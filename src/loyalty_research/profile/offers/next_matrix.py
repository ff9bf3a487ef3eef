"""Customers by items as a sparse matrix, taken from the engine in parts of bounded size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import sparse

from loyalty_research.engine import collect, reduction
from loyalty_research.profile.offers.items import placed

PART = 100_000
"""Customers taken from the engine at once."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """What customers bought.

    Parameters
    ----------
    customers
        Shape (customers,): their identifiers, ascending.
    days
        Shape (customers, items), sparse: days on which each bought the item.
    """

    customers: np.ndarray
    days: sparse.csr_matrix


@reduction
def customer_item_days(rows: ir.Table) -> ir.Table:
    """Return one row a customer and item: days on which it was bought.

    ``rows`` has customer_id, place and day.
    """
    daily = rows.select("customer_id", "place", "day").distinct()
    return daily.group_by("customer_id", "place").aggregate(days=daily.count())


@reduction
def customers_of(rows: ir.Table) -> ir.Table:
    """Return one row a customer: customer_id."""
    return rows.select("customer_id").distinct()


def purchases(
    lines: ir.Table,
    top: pd.DataFrame,
    *,
    first: dt.date,
    last: dt.date,
    customers: np.ndarray | None = None,
) -> Purchases:
    """Return days with a purchase by customer and item, from the first day to the last.

    Parameters
    ----------
    lines
        Lazy: customer_id, item, day, amount.
    top
        The items, one column of the matrix each: item, place.
    first, last
        Days, both included.
    customers
        Identifiers, ascending, for the rows; None for all who bought one of the items.
    """
    rows = placed(lines.filter(lines.day.between(ibis.literal(first), ibis.literal(last))), top)
    if customers is None:
        customers = collect(customers_of(rows), sort_by=["customer_id"])["customer_id"].to_numpy()
    counts = customer_item_days(rows)
    blocks = [
        _block(counts, customers[start : start + PART], len(top))
        for start in range(0, len(customers), PART)
    ]
    if not blocks:
        return Purchases(customers, sparse.csr_matrix((0, len(top)), dtype=np.float32))
    return Purchases(customers, sparse.vstack(blocks, format="csr", dtype=np.float32))


def _block(counts: ir.Table, customers: np.ndarray, items: int) -> sparse.csr_matrix:
    low, high = _plain(customers[0]), _plain(customers[-1])
    part = counts.filter(counts.customer_id.between(low, high))
    frame = collect(part, sort_by=["customer_id", "place"])
    who = frame["customer_id"].to_numpy()
    row = np.searchsorted(customers, who)
    known = customers[np.minimum(row, len(customers) - 1)] == who
    values = frame["days"].to_numpy(dtype=np.float32)[known]
    place = frame["place"].to_numpy()[known]
    return sparse.csr_matrix((values, (row[known], place)), shape=(len(customers), items))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
