"""The canonical tables: their columns, types, and what may stand in them.

A brand maps its own columns onto these names; everything above reads only these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "time", "date", "money", "number", "integer", "text", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a canonical table.

    Parameters
    ----------
    name
        Canonical name.
    kind
        ``id`` identifier (text or integer), ``time`` local time stamp, ``date``, ``money``
        (DECIMAL(18, 4) in the brand's currency), ``number``, ``integer``, ``text``, ``flag``.
    required
        Whether the table is refused without it.
    nullable
        Whether single values may be missing.
    minimum
        Smallest value allowed; None where any is.
    """

    name: str
    kind: Kind
    required: bool = False
    nullable: bool = True
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table: what a row is, its columns, and the columns that identify a row."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    extra: bool = False
    """Whether columns beyond those listed are kept as text (household attributes, survey items)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError where the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _must(name: str, kind: Kind) -> Column:
    return Column(name, kind, required=True, nullable=False)


def _may(name: str, kind: Kind, minimum: float | None = None) -> Column:
    return Column(name, kind, minimum=minimum)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "transactions",
            "one line of an order",
            (
                _must("order_id", "id"),
                _must("ordered_at", "time"),
                _must("amount", "money"),
                _may("customer_id", "id"),
                _may("line_id", "id"),
                _may("status", "text"),
                _may("after_sales", "text"),
                _may("refund_amount", "money", 0),
                _may("list_amount", "money"),
                _may("discount", "money", 0),
                _may("coupon_discount", "money", 0),
                _may("platform_discount", "money", 0),
                _may("freight", "money"),
                _may("stored_value_used", "money"),
                _may("points_used", "number"),
                _may("coupon", "text"),
                _may("product_id", "id"),
                _may("product_name", "text"),
                _may("store_name", "text"),
                _may("store_id", "id"),
                _may("staff_id", "id"),
                _may("channel", "text"),
                _may("quantity", "number"),
            ),
            key=("order_id", "line_id"),
        ),
        Table(
            "products",
            "one product",
            (
                _must("product_id", "id"),
                _may("name", "text"),
                _may("category", "text"),
                _may("subcategory", "text"),
                _may("maker", "text"),
                _may("brand", "text"),
                _may("private_label", "flag"),
                _may("cost", "money", 0),
                _may("launched_on", "date"),
            ),
            key=("product_id",),
        ),
        Table(
            "customers",
            "one customer",
            (
                _must("customer_id", "id"),
                _may("joined_on", "date"),
                _may("cancelled_on", "date"),
                _may("join_source", "text"),
                _may("tier", "text"),
                _may("staff_id", "id"),
                _may("birthday_month", "integer", 1),
                _may("gender", "text"),
                _may("age_band", "text"),
                _may("place", "text"),
            ),
            key=("customer_id",),
            extra=True,
        ),
        Table(
            "stores",
            "one store",
            (
                _must("store_id", "id"),
                _may("name", "text"),
                _may("city", "text"),
                _may("opened_on", "date"),
            ),
            key=("store_id",),
        ),
        Table(
            "campaigns",
            "one campaign",
            (
                _must("campaign_id", "id"),
                _may("kind", "text"),
                _may("starts_on", "date"),
                _may("ends_on", "date"),
            ),
            key=("campaign_id",),
        ),
        Table(
            "exposures",
            "one customer reached by one campaign",
            (_must("campaign_id", "id"), _must("customer_id", "id"), _may("at", "time")),
            key=("campaign_id", "customer_id"),
        ),
        Table(
            "redemptions",
            "one coupon used",
            (
                _must("customer_id", "id"),
                _must("at", "time"),
                _may("campaign_id", "id"),
                _may("coupon_id", "id"),
            ),
        ),
        Table(
            "survey",
            "one respondent",
            (
                _must("respondent_id", "id"),
                _may("customer_id", "id"),
                _may("weight", "number", 0),
            ),
            key=("respondent_id",),
            extra=True,
        ),
        Table(
            "feedback",
            "one comment",
            (
                _must("feedback_id", "id"),
                _must("posted_at", "time"),
                _must("text", "text"),
                _may("rating", "number"),
                _may("brand", "text"),
                _may("customer_id", "id"),
                _may("source", "text"),
                _may("resolved_at", "time"),
            ),
            key=("feedback_id",),
        ),
        Table(
            "events",
            "one event of a customer",
            (_must("customer_id", "id"), _must("at", "time"), _must("kind", "text")),
        ),
        Table(
            "points",
            "one posting on a points account",
            (
                _must("customer_id", "id"),
                _must("at", "time"),
                _must("delta", "number"),
                _may("reason", "text"),
                _may("expires_on", "date"),
            ),
        ),
        Table(
            "market",
            "one purchase across competing brands",
            (
                _must("household_id", "id"),
                _must("occasion_id", "id"),
                _must("brand", "text"),
                _may("at", "time"),
                _may("sequence", "integer"),
                _may("price", "money", 0),
                _may("quantity", "number"),
                _may("promoted", "flag"),
            ),
        ),
        Table(
            "choice_sets",
            "one brand on offer at one occasion",
            (
                _must("occasion_id", "id"),
                _must("brand", "text"),
                _may("price", "money", 0),
                _may("promoted", "flag"),
            ),
            key=("occasion_id", "brand"),
        ),
    )
}
"""Canonical tables by name."""

ORDERS = Table(
    "orders",
    "one valid order",
    (
        _must("order_id", "id"),
        _may("customer_id", "integer"),
        _must("ordered_at", "time"),
        _must("day", "date"),
        _must("net_sales", "money"),
        _must("lines", "integer"),
        _may("list_amount", "money"),
        _may("discount", "money"),
        _may("coupon_discount", "money"),
        _may("platform_discount", "money"),
        _may("discounted_sales", "money"),
        _may("units", "number"),
        _may("unit_sales", "money"),
        _may("stored_value_used", "money"),
        _may("store_id", "id"),
        _may("staff_id", "id"),
        _may("channel", "text"),
        _may("counts_occasion", "flag"),
    ),
    key=("order_id",),
)
"""Orders as built from lines.

``customer_id`` is a dense integer. ``discounted_sales`` is the net sales of the lines that carry a
price cut or a coupon; ``units`` counts lines with a countable quantity, and ``unit_sales`` is the
net sales of those same lines. ``counts_occasion`` marks one order of each customer and day: as long
as no order of a day is left out, counting marks counts occasions. A column is absent where the
brand has nothing to build it from.
"""
