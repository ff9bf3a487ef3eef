"""Which customers bought which items: at the level of categories, subcategories or products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import (
    as_table,
    collect,
    collect_one,
    context_of,
    reduction,
    require_columns,
)
from loyalty_research.engine.context import Context
from loyalty_research.errors import MissingTableError, ParameterError, problem
from loyalty_research.profile.common import Days, identified, present, within
from loyalty_research.study.orders import net_line_sales

Level = Literal["category", "subcategory", "product"]
LEVELS: tuple[Level, ...] = get_args(Level)
MOST_PRODUCTS = 300
"""Above it, products are too many to show one by one, and groups of them are looked at."""
_GROUPS = (12, 1000)


@dataclass(frozen=True, slots=True)
class Bought:
    """Lines that identified customers bought, by item.

    Parameters
    ----------
    lines
        Lazy: customer_id, day, item, amount; quantity and product_id where the brand has them.
    level
        What an item is.
    products
        Table of products, for their names; None where there is none.
    context
        Of the brand, or of the table given.
    """

    lines: ir.Table
    level: Level
    products: ir.Table | None
    context: Context

    @property
    def unit(self) -> str:
        """The unit items are printed in."""
        return f"label:{self.level}"

    def labels(self, items: Sequence[Any]) -> list[str]:
        """Return how items are called: products by name, with the identifier where it is shared."""
        numbers = [str(item) for item in items]
        if self.level != "product" or self.products is None or "name" not in self.products.columns:
            return numbers
        table = self.products.filter(self.products.product_id.isin(list(items)))
        found = collect(table.select("product_id", "name"), sort_by=["product_id"])
        by_number = dict(zip(found["product_id"].astype(str), found["name"], strict=True))
        names = pd.Series([by_number.get(number) for number in numbers], dtype=object)
        names = names.where(names.notna(), "").astype(str)
        twice = names.duplicated(keep=False)
        return [
            number if not name else f"{name} ({number})" if doubled else name
            for number, name, doubled in zip(numbers, names, twice, strict=True)
        ]


def bought(data: Any, days: Days, *, level: str | None = None) -> Bought:
    """Return what identified customers bought in a period.

    Parameters
    ----------
    data
        A brand with transactions (and products); or lines with customer_id, ordered_at, amount and
        the items' column: category, subcategory or product_id.
    days
        The period.
    level
        What an item is; None for the finest level whose items can still be shown.

    Raises
    ------
    ParameterError
        For an unknown level.
    MissingTableError
        Where the level's column, or the table it stands in, is missing.
    """
    if level is not None and level not in LEVELS:
        raise ParameterError(
            problem(
                "level: found {found!r}; allowed: {allowed}", found=level, allowed=", ".join(LEVELS)
            )
        )
    if not isinstance(getattr(data, "context", None), Context):
        return _of_table(as_table(data, name="lines"), days, level)
    products = data.products if data.has("products") else None
    if level in {"category", "subcategory"} and products is None:
        products = data.products  # raises, and tells how to add it
    lines = data.transactions
    require_columns(lines, ["product_id"], name="transactions")
    require_columns(data.orders, ["customer_id"], name="orders")
    sold = sold_items(lines, orders=within(data.orders, days), products=products)
    chosen = _checked(sold, level, "transactions" if products is None else "products")
    return Bought(_of_level(sold, chosen), chosen, products, data.context)


def _of_table(table: ir.Table, days: Days, level: str | None) -> Bought:
    require_columns(table, ["customer_id", "ordered_at", "amount"], name="lines")
    stamp = table.ordered_at
    table = table.mutate(day=stamp if stamp.type().is_date() else stamp.date())
    table = identified(within(table, days).filter(table.amount > 0))
    kept = ("customer_id", "day", "amount", "quantity", "product_id", "category", "subcategory")
    sold = table.select(*(name for name in kept if name in table.columns))
    chosen = _checked(sold, level, "lines")
    return Bought(_of_level(sold, chosen), chosen, None, context_of(table))


@reduction
def sold_items(lines: ir.Table, *, orders: ir.Table, products: ir.Table | None = None) -> ir.Table:
    """Return lines of valid, identified orders that something was paid for, with their groups.

    Columns: customer_id, day, product_id, amount (net of refunds), quantity, category, subcategory;
    the last three where there is anything to take them from.
    """
    known = identified(orders).select("order_id", "customer_id", "day")
    kept = ["order_id", "product_id", "amount"] + ["quantity"] * ("quantity" in lines.columns)
    own = lines.mutate(amount=net_line_sales(lines)).select(*kept)
    own = own.filter(own.amount > 0, own.product_id.notnull())
    sold = own.inner_join(known, "order_id").drop("order_id")
    if products is None:
        return sold
    groups = [name for name in ("category", "subcategory") if name in products.columns]
    if not groups:
        return sold
    both = sold.left_join(products.select("product_id", *groups), "product_id")
    return both.drop("product_id_right")


def _checked(sold: ir.Table, level: str | None, name: str) -> Level:
    column = {"product": "product_id"}
    if level is not None:
        require_columns(sold, [column.get(level, level)], name=name)
        return next(item for item in LEVELS if item == level)
    given = [item for item in LEVELS if column.get(item, item) in sold.columns]
    if not given:
        raise MissingTableError(
            problem(
                "{name}: missing column(s) {missing}; the table has {found}",
                name=name,
                missing="product_id",
                found=", ".join(sold.columns),
            )
        )
    counts = collect_one(level_counts(sold))
    return _default(given, counts)


def _default(given: Sequence[Level], counts: dict[str, Any]) -> Level:
    """Return products where they are few, else the finest groups that are neither few nor many."""
    if "product" in given and (counts["product"] <= MOST_PRODUCTS or len(given) == 1):
        return "product"
    if "subcategory" in given and _GROUPS[0] <= counts["subcategory"] <= _GROUPS[1]:
        return "subcategory"
    return "category" if "category" in given and counts["category"] > 1 else given[-1]


@reduction
def level_counts(sold: ir.Table) -> ir.Table:
    """Count the items of each level: one row, one column a level."""
    column = {"product": "product_id"}
    names = {item: column.get(item, item) for item in LEVELS}
    return sold.aggregate(
        **{item: sold[name].nunique() for item, name in names.items() if name in sold.columns}
    )


def _of_level(sold: ir.Table, level: Level) -> ir.Table:
    name = "product_id" if level == "product" else level
    table = sold.mutate(item=sold[name])
    return table.filter(present(table.item))


@reduction
def item_totals(lines: ir.Table) -> ir.Table:
    """Return one row an item: customers, net_sales, first_day and last_day it was bought."""
    own = lines.group_by("item", "customer_id").aggregate(
        net_sales=lines.amount.sum(), first_day=lines.day.min(), last_day=lines.day.max()
    )
    return own.group_by("item").aggregate(
        customers=own.count(),
        net_sales=own.net_sales.sum(),
        first_day=own.first_day.min(),
        last_day=own.last_day.max(),
    )


@reduction
def buyer_count(lines: ir.Table) -> ir.Table:
    """Count the customers: one row, column customers."""
    return lines.aggregate(customers=lines.customer_id.nunique())


def top_items(lines: ir.Table, *, most: int, throughout: Days | None = None) -> pd.DataFrame:
    """Return the items with the most customers, largest first.

    Parameters
    ----------
    lines
        Lazy: customer_id, day, item, amount.
    most
        How many items.
    throughout
        A period in whose first and last tenth an item must have been bought; None for any item.

    Returns
    -------
    pandas.DataFrame
        Columns item, place (from 0), customers, net_sales, first_day, last_day, of (number of all
        items).
    """
    totals = collect(item_totals(lines), sort_by=["item"])
    rows = totals.assign(of=len(totals), net_sales=totals["net_sales"].astype(float))
    if throughout is not None and len(rows):
        tenth = pd.Timedelta(days=throughout.count // 10)
        early = pd.to_datetime(rows["first_day"]) <= pd.Timestamp(throughout.start) + tenth
        late = pd.to_datetime(rows["last_day"]) >= pd.Timestamp(throughout.end) - tenth
        rows = rows[early & late]
    rows = rows.sort_values(["customers", "item"], ascending=[False, True], ignore_index=True)
    top = rows.head(most)
    return top.assign(place=range(len(top)))


def placed(lines: ir.Table, top: pd.DataFrame) -> ir.Table:
    """Return the lines of the items in ``top``, with the item's place."""
    return at_places(lines, places=ibis.memtable(top[["item", "place"]]))


@reduction
def at_places(lines: ir.Table, *, places: ir.Table) -> ir.Table:
    """Return the lines of some items: customer_id, day, place, amount."""
    both = lines.inner_join(places, "item")
    return both.select("customer_id", "day", "place", "amount")
