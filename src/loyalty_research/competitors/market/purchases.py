"""Purchases of a category reduced in the engine to counts of households by brand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np

from loyalty_research.competitors.market.panel import Panel
from loyalty_research.engine import collect, reduction
from loyalty_research.errors import DataError, problem

_CELL = "cell"


@reduction
def purchases_of_lines(
    lines: ir.Table,
    products: ir.Table,
    *,
    column: str,
    categories: Sequence[str] = (),
    subcategories: Sequence[str] = (),
) -> ir.Table:
    """Return one row a household, day and brand: what was bought of a category.

    Parameters
    ----------
    lines
        Of identified orders: customer_id, ordered_at, amount, product_id.
    products
        product_id, the column that names the brand, and what categories are told by.
    column
        Column of ``products`` that names the brand; products without a value are one brand without
        a name.
    categories, subcategories
        Products that belong; none for all.

    Returns
    -------
    ibis.expr.types.Table
        household_id, brand, day. Several units, or lines, of a brand on a day are one purchase;
        two brands on a day are two. Lines with an amount of zero or below are no purchase.
    """
    own = lines_of_category(
        lines, products, column=column, categories=categories, subcategories=subcategories
    )
    return own.select("household_id", "brand", "day").distinct()


@reduction
def lines_of_category(
    lines: ir.Table,
    products: ir.Table,
    *,
    column: str,
    categories: Sequence[str] = (),
    subcategories: Sequence[str] = (),
) -> ir.Table:
    """Return the lines of a category with an amount above zero.

    Parameters
    ----------
    lines, products, column, categories, subcategories
        As in :func:`purchases_of_lines`.

    Returns
    -------
    ibis.expr.types.Table
        household_id, brand, day, product_id, amount; ``quantity`` and ``store_id`` where lines
        have them.
    """
    for name, values in (("category", categories), ("subcategory", subcategories)):
        if values:
            products = products.filter(products[name].isin(list(values)))
    named = products.select("product_id", brand=products[column].cast("string").fill_null(""))
    own = lines.filter(lines.amount > 0).inner_join(named, "product_id")
    more = [name for name in ("quantity", "store_id") if name in own.columns]
    return own.select(
        "product_id", "amount", *more,
        household_id=own.customer_id, brand=own.brand, day=own.ordered_at.date(),
    )  # fmt: skip


@reduction
def purchases_of_market(market: ir.Table, *, start: dt.date, end: dt.date) -> ir.Table:
    """Return one row a purchase of the table ``market``: household_id, brand, and when.

    Parameters
    ----------
    market
        household_id, brand; ``at`` or ``sequence`` where it has them.
    start, end
        Purchases outside are left out, where their time is known.

    Returns
    -------
    ibis.expr.types.Table
        household_id, brand, and ``day``, or ``sequence`` where there is no time.
    """
    named = {"household_id": market.household_id, "brand": market.brand}
    if "at" in market.columns:
        rows = market.select(**named, day=market.at.date())
        return rows.filter(rows.day >= ibis.literal(start), rows.day <= ibis.literal(end))
    if "sequence" in market.columns:
        return market.select(**named, sequence=market.sequence)
    return market.select(**named)


@reduction
def brand_purchases(purchases: ir.Table) -> ir.Table:
    """Return one row a brand: brand, purchases."""
    return purchases.group_by("brand").aggregate(purchases=purchases.count())


@reduction
def in_halves(purchases: ir.Table, *, middle: dt.date | None = None) -> ir.Table:
    """Return purchases with the half they fall into, ``part``: 0 or 1.

    Parameters
    ----------
    purchases
        household_id, brand, and day or sequence.
    middle
        Last day of the first half; None to halve each household's own purchases, in their
        sequence: the earlier of an odd number are one fewer.
    """
    if middle is not None:
        return purchases.mutate(part=(purchases.day > ibis.literal(middle)).cast("int64"))
    each = purchases.group_by("household_id").mutate(
        place=ibis.row_number().over(
            group_by=purchases.household_id, order_by=[purchases.sequence, purchases.brand]
        ),
        bought=purchases.count().over(group_by=purchases.household_id),
    )
    late = (each.place + 1) * 2 > each.bought
    return each.mutate(part=late.cast("int64")).drop("place", "bought")


@reduction
def numbered(purchases: ir.Table) -> ir.Table:
    """Return purchases whose household_id is a whole number, in the order of the identifiers."""
    households = purchases.select("household_id").distinct()
    number = households.mutate(number=ibis.row_number().over(order_by=households.household_id))
    own = purchases.inner_join(number, "household_id")
    return own.drop("household_id").rename(household_id="number")


@reduction
def cell_counts(purchases: ir.Table, *, brands: Sequence[str], parts: int = 1) -> ir.Table:
    """Return one row a household, half and brand: cell, purchases.

    Parameters
    ----------
    purchases
        household_id (whole numbers), brand, and ``part`` where ``parts`` is 2.
    brands
        Names with a code of their own, from 0; all others share the next.
    parts
        1, or 2 for halves.

    Notes
    -----
    cell = (household_id x parts + part) x (brands + 1) + code: one whole number, which sorts fast.
    """
    code = ibis.literal(len(brands))
    if brands:
        codes = zip(brands, range(len(brands)), strict=True)
        code = purchases.brand.cases(*codes, else_=len(brands))
    part = purchases.part if parts > 1 else 0
    place = purchases.household_id.cast("int64") * parts + part
    cells = purchases.mutate(**{_CELL: place * (len(brands) + 1) + code.cast("int64")})
    return cells.group_by(_CELL).aggregate(purchases=cells.count())


def panels(
    purchases: ir.Table,
    *,
    households: int | None,
    most: int = 50,
    halves: bool = False,
    category: str = "",
) -> tuple[Panel, ...]:
    """Return the counts of households by brand: of the whole, and of each half where asked for.

    A household has the same row in all of them.

    Parameters
    ----------
    purchases
        One row a purchase: household_id, brand, and ``part`` for halves.
    households
        All households, buyers or not; None where only buyers are in the data.
    most
        Brands with a column of their own, the largest first; all others are one rest.
    halves
        Whether a panel of each half follows that of the whole.
    category
        What messages call it.

    Raises
    ------
    DataError
        Where nothing was bought.
    """
    sizes = collect(brand_purchases(purchases), sort_by=["brand"])
    sizes = sizes[sizes["brand"] != ""].sort_values(["purchases", "brand"], ascending=[False, True])
    brands = tuple(sizes["brand"].head(most))
    whole = purchases.household_id.type().is_integer()
    own = purchases if whole else numbered(purchases)
    parts = 2 if halves else 1
    cells = collect(cell_counts(own, brands=brands, parts=parts), sort_by=[_CELL])
    if cells.empty:
        raise DataError(
            problem(
                "market: nobody bought anything in category {category!r} in the period; its "
                "categories and subcategories must be named as products names them",
                category=category,
            )
        )
    place, code = np.divmod(cells[_CELL].to_numpy(), len(brands) + 1)
    household, part = np.divmod(place, parts)
    new = np.ones(len(household), dtype=bool)
    new[1:] = household[1:] != household[:-1]
    row, bought = np.cumsum(new) - 1, cells["purchases"].to_numpy().astype(np.int32)
    counted = []
    for half in range(parts):
        counts = np.zeros((int(new.sum()), len(brands) + 1), dtype=np.int32)
        inside = part == half
        counts[row[inside], code[inside]] = bought[inside]
        counted.append(counts)
    whole = counted[0] + counted[1] if halves else counted[0]
    size = len(whole) if households is None else households
    rest = bool(whole[:, -1].any())
    names = (*brands, "") if rest else brands
    several = [whole, *counted] if halves else [whole]
    return tuple(Panel(counts[:, : len(names)], names, size, rest) for counts in several)
