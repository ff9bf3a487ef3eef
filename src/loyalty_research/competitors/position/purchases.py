"""Purchases of a category with who bought and how, reduced to counts by brand and attribute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction

GROUPS = 4_096
"""Most units that are drawn: above it households are put into so many groups by their number."""
_FROM = {"morning": 0, "afternoon": 12, "evening": 17}


@reduction
def occasions_of_lines(
    lines: ir.Table,
    orders: ir.Table,
    products: ir.Table,
    *,
    column: str,
    categories: Sequence[str] = (),
    subcategories: Sequence[str] = (),
) -> ir.Table:
    """Return one row a household, day and brand: what was bought of a category, and how.

    Parameters
    ----------
    lines
        order_id, amount, product_id; ``discount`` where lines tell it.
    orders
        Identified orders: order_id, customer_id, ordered_at.
    products, column, categories, subcategories
        As in :func:`~loyalty_research.competitors.market.purchases.purchases_of_lines`.

    Returns
    -------
    ibis.expr.types.Table
        household_id, brand, day, ``daytime`` of the first order of the day and ``promoted``
        (``yes`` where a line of it was sold below its list price).
    """
    for name, values in (("category", categories), ("subcategory", subcategories)):
        if values:
            products = products.filter(products[name].isin(list(values)))
    named = products.select("product_id", brand=products[column].cast("string").fill_null(""))
    told = [name for name in ("order_id", "amount", "product_id", "discount") if name in
            lines.columns]  # fmt: skip
    own = lines.filter(lines.amount > 0).select(*told).inner_join(named, "product_id")
    own = own.inner_join(orders.select("order_id", "customer_id", "ordered_at"), "order_id")
    own = own.mutate(day=own.ordered_at.date(), hour=own.ordered_at.hour())
    found = {"first_hour": own.hour.min()}
    if "discount" in told:
        found["cut"] = own.discount.max()
    rows = own.group_by(["customer_id", "brand", "day"]).aggregate(**found)
    rows = rows.mutate(household_id=rows.customer_id, daytime=_daytime(rows.first_hour))
    kept = ["household_id", "brand", "day", "daytime"]
    if "discount" not in told:
        return rows.select(*kept)
    return rows.select(*kept, promoted=ibis.cases((rows.cut > 0, "yes"), else_="no"))


def _daytime(hour: ir.Value) -> ir.Value:
    return ibis.cases(
        (hour < _FROM["afternoon"], "morning"),
        (hour < _FROM["evening"], "afternoon"),
        else_="evening",
    )


@reduction
def occasions_of_market(market: ir.Table, *, start: dt.date, end: dt.date) -> ir.Table:
    """Return one row a purchase of the table ``market``: household_id, brand, ``promoted``.

    Parameters
    ----------
    market
        household_id, brand; ``promoted`` and ``at`` where it has them.
    start, end
        Purchases outside are left out, where their time is known.
    """
    if "at" in market.columns:
        day = market.at.date()
        market = market.filter(day >= ibis.literal(start), day <= ibis.literal(end))
    named = {"household_id": market.household_id, "brand": market.brand}
    if "promoted" not in market.columns:
        return market.select(**named)
    promoted = ibis.cases((market.promoted.fill_null(False), "yes"), else_="no")
    return market.select(**named, promoted=promoted)


@reduction
def described(purchases: ir.Table, customers: ir.Table, *, columns: Sequence[str]) -> ir.Table:
    """Return the purchases of households all of whose ``columns`` are known, with them as texts."""
    texts = {name: customers[name].cast("string") for name in columns}
    known = customers.select(customer_id=customers.customer_id, **texts)
    known = known.filter(*(known[name].notnull() for name in columns))
    own = purchases.inner_join(known, purchases.household_id == known.customer_id)
    return own.drop("customer_id")


@reduction
def household_sizes(purchases: ir.Table) -> ir.Table:
    """Return one row a number of purchases: bought, households."""
    each = purchases.group_by("household_id").aggregate(bought=purchases.count())
    return each.group_by("bought").aggregate(households=each.count())


@reduction
def weighed(purchases: ir.Table, *, light: int, heavy: int) -> ir.Table:
    """Return purchases with ``weight``: light up to so many purchases, heavy above so many."""
    each = purchases.group_by("household_id").mutate(bought=purchases.count())
    weight = ibis.cases((each.bought <= light, "light"), (each.bought > heavy, "heavy"),
                        else_="medium")  # fmt: skip
    return each.mutate(weight=weight).drop("bought")


@reduction
def attribute_cells(
    purchases: ir.Table, *, attributes: Sequence[str], brands: Sequence[str], groups: int = GROUPS
) -> ir.Table:
    """Return one row a group of households, brand, attribute and level: purchases.

    Parameters
    ----------
    purchases
        household_id (whole numbers), brand, and the columns ``attributes``.
    brands
        Those that count.
    groups
        Households with the same remainder are drawn together.
    """
    rows = purchases.filter(purchases.brand.isin(list(brands)))
    unit = (rows.household_id.cast("int64") % groups).cast("int64")
    long = ibis.union(
        *(
            rows.select(unit=unit, brand=rows.brand, attribute=ibis.literal(name), level=rows[name])
            for name in attributes
        )
    ) if len(attributes) > 1 else rows.select(
        unit=unit, brand=rows.brand, attribute=ibis.literal(attributes[0]),
        level=rows[attributes[0]],
    )  # fmt: skip
    return long.group_by(["unit", "brand", "attribute", "level"]).aggregate(purchases=long.count())


@reduction
def buyers_by(purchases: ir.Table, *, column: str) -> ir.Table:
    """Return one row a value of a column: level, buyers (households)."""
    return purchases.group_by(level=purchases[column]).aggregate(
        buyers=purchases.household_id.nunique()
    )


@reduction
def buyers_of(purchases: ir.Table) -> ir.Table:
    """Return one row: households, those with a purchase."""
    return purchases.aggregate(households=purchases.household_id.nunique())


def thirds(purchases: ir.Table) -> tuple[int, int]:
    """Return the most purchases of the lightest third of households, and of the lighter two."""
    sizes = collect(household_sizes(purchases), sort_by=["bought"])
    reached = sizes["households"].cumsum() / max(int(sizes["households"].sum()), 1)
    cuts = [sizes["bought"][reached >= part].iloc[0] for part in (1 / 3, 2 / 3)]
    return int(cuts[0]), int(cuts[1])


def unit_counts(
    cells: pd.DataFrame, *, brands: Sequence[str], columns: Sequence[tuple[str, str]]
) -> np.ndarray:
    """Return the counts (g, j, k) of :func:`attribute_cells`, units by their number.

    Parameters
    ----------
    brands
        Of the rows.
    columns
        Attribute and level of each column; a level that is not among them counts as ``""`` of
        its attribute, where that is one.
    """
    place: Mapping[Any, int] = {name: number for number, name in enumerate(columns)}
    pairs = zip(cells["attribute"], cells["level"], strict=True)
    at = np.array([place.get(pair, place.get((pair[0], ""), -1)) for pair in pairs], dtype=int)
    row = cells["brand"].map({name: number for number, name in enumerate(brands)}).to_numpy()
    units, unit = np.unique(cells["unit"].to_numpy(), return_inverse=True)
    found = np.zeros((len(units), len(brands), len(columns)))
    told = at >= 0
    np.add.at(found, (unit[told], row[told], at[told]), cells["purchases"].to_numpy()[told])
    return found
