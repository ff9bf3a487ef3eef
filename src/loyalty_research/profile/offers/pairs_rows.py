"""Which customers hold which items, counted in the engine: bounded by items, never by lines."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.profile.offers.items import buyer_count, placed


@dataclass(frozen=True, slots=True)
class Counts:
    """Customers by the number of different items they hold, by item, and by pair of items.

    Parameters
    ----------
    everybody
        Customers with any purchase of the period.
    customers
        Shape (sizes,), from 0 items: those who hold as many of the items looked at.
    buyers
        Shape (sizes, items): those of them who hold the item.
    both
        Shape (sizes, items, items), symmetric with 0 on the diagonal: those who hold two.
    """

    everybody: int
    customers: np.ndarray
    buyers: np.ndarray
    both: np.ndarray


@reduction
def held_items(lines: ir.Table) -> ir.Table:
    """Return one row a customer and item held: customer_id, place, size (items the customer holds).

    ``lines`` has customer_id and place.
    """
    rows = lines.select("customer_id", "place").distinct()
    size = rows.count().over(ibis.window(group_by="customer_id"))
    return rows.mutate(size=size.cast("int64"))


@reduction
def held_counts(held: ir.Table) -> ir.Table:
    """Count customers by the number of items they hold and item: size, place, customers."""
    return held.group_by("size", "place").aggregate(customers=held.count())


@reduction
def pair_counts(held: ir.Table) -> ir.Table:
    """Count customers by the number of items they hold and pair: size, place, other, customers.

    ``place`` is the smaller of the two.
    """
    others = held.select("customer_id", other=held.place)
    both = held.join(
        others, [held.customer_id == others.customer_id, held.place < others.other]
    ).select("size", "place", "other")
    return both.group_by("size", "place", "other").aggregate(customers=both.count())


def count_pairs(lines: ir.Table, top: pd.DataFrame) -> Counts:
    """Return the counts of the items in ``top`` and of their pairs."""
    held = held_items(placed(lines, top))
    one = collect(held_counts(held), sort_by=["size", "place"])
    two = collect(pair_counts(held), sort_by=["size", "place", "other"])
    items, most = len(top), int(one["size"].max()) if len(one) else 0
    buyers = np.zeros((most + 1, items))
    buyers[one["size"], one["place"]] = one["customers"]
    both = np.zeros((most + 1, items, items))
    both[two["size"], two["place"], two["other"]] = two["customers"]
    customers = buyers.sum(axis=1) / np.maximum(np.arange(most + 1), 1)
    everybody = int(collect_one(buyer_count(lines))["customers"])
    customers[0] = everybody - customers.sum()
    return Counts(everybody, customers, buyers, both + both.transpose(0, 2, 1))
