"""What competing brands cost where a household bought: from purchases of others, store by week."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction

_PLACE = ["store_id", "week", "brand"]


@reduction
def days_of_category(lines: ir.Table) -> ir.Table:
    """Return one row a household and day with a purchase of a category.

    Parameters
    ----------
    lines
        Of :func:`~loyalty_research.competitors.market.purchases.lines_of_category`; without
        ``store_id`` all are of one store.

    Returns
    -------
    ibis.expr.types.Table
        household_id, at, occasion_id, brand and store_id (the first by name), brands, stores (how
        many).
    """
    lines = _with_store(lines)
    grouped = lines.group_by(["household_id", "day"]).aggregate(
        brand=lines.brand.min(),
        store_id=lines.store_id.min(),
        brands=lines.brand.nunique(),
        stores=lines.store_id.nunique(),
    )
    name = grouped.household_id.cast("string") + "|" + grouped.day.cast("string")
    return grouped.mutate(occasion_id=name).rename(at="day")


@reduction
def prices_of_weeks(days: ir.Table, lines: ir.Table, *, brands: Sequence[str]) -> ir.Table:
    """Return what each brand cost other households in the store and week of a purchase.

    Parameters
    ----------
    days
        Of ``days_of_category``: one store a day.
    lines
        The same lines, with quantity.
    brands
        Brands that are looked at.

    Returns
    -------
    ibis.expr.types.Table
        occasion_id, brand, price; no row where no other household bought the brand there that week,
        and none of an occasion with fewer than two brands.

    Notes
    -----
    price = what other households paid / what the same products cost on average over all purchases.
    1 is the usual price, whatever the size of the pack: packs and varieties are compared with
    themselves only. The average is over all purchases: a product with few of them is near 1.
    """
    rows = _worth(_with_store(lines), brands)
    sums = {"paid": rows.amount.sum(), "worth": rows.worth.sum(), "lines": rows.count()}
    cells = rows.group_by(_PLACE).aggregate(**sums)
    own = rows.group_by([*_PLACE, "household_id"]).aggregate(**sums)
    own = own.rename(own_paid="paid", own_worth="worth", own_lines="lines")
    asked = days.select("occasion_id", "household_id", "store_id", week=days["at"].truncate("W"))
    pairs = asked.inner_join(cells, ["store_id", "week"])
    pairs = pairs.left_join(own, [*_PLACE, "household_id"])
    pairs = pairs.select(
        "occasion_id",
        "brand",
        paid=pairs.paid - pairs.own_paid.fill_null(0),
        worth=pairs.worth - pairs.own_worth.fill_null(0),
        lines=pairs.lines - pairs.own_lines.fill_null(0),
    )
    known = pairs.filter(pairs.lines > 0, pairs.worth > 0)
    price = known.paid.cast("float64") / known.worth.cast("float64")
    offered = known.select("occasion_id", "brand", price=price)
    sizes = offered.group_by("occasion_id").aggregate(size=offered.count())
    return offered.semi_join(sizes.filter(sizes["size"] > 1), "occasion_id")


@reduction
def price_coverage(days: ir.Table, offered: ir.Table) -> ir.Table:
    """Return one row: occasions, kept (the brand bought has a price), cells (brands with one).

    Parameters
    ----------
    days
        Of the brands that are looked at: occasion_id, brand.
    offered
        Of :func:`prices_of_weeks`.
    """
    sizes = offered.group_by("occasion_id").aggregate(cells=offered.count())
    chosen = offered.select("occasion_id", "brand", kept=ibis.literal(1))
    rows = days.select("occasion_id", "brand").left_join(sizes, "occasion_id").drop(
        "occasion_id_right"
    )  # fmt: skip
    rows = rows.left_join(chosen, ["occasion_id", "brand"])
    return rows.aggregate(
        occasions=rows.count(),
        kept=rows.kept.fill_null(0).sum().fill_null(0),
        cells=rows.cells.fill_null(0).sum().fill_null(0),
    )


def _with_store(lines: ir.Table) -> ir.Table:
    if "store_id" in lines.columns:
        return lines.mutate(store_id=lines.store_id.cast("string").fill_null(""))
    return lines.mutate(store_id=ibis.literal(""))


def _worth(lines: ir.Table, brands: Sequence[str]) -> ir.Table:
    """Return lines with their week, and what they would have cost at usual prices as ``worth``."""
    own = lines.filter(lines.quantity > 0, lines.brand.isin(list(brands)))
    usual = own.group_by("product_id").aggregate(
        usual=own.amount.sum().cast("float64") / own.quantity.sum().cast("float64")
    )
    rows = own.inner_join(usual, "product_id")
    worth = (rows.quantity.cast("float64") * rows.usual).cast("decimal(18, 4)")
    return rows.select(
        "household_id", "store_id", "brand", "amount", week=rows.day.truncate("W"), worth=worth
    )
