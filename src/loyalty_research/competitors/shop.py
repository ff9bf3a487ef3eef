"""The brand's side of the comparison: a year of identified baskets, and what customers spent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import Context, collect, collect_one, reduction
from loyalty_research.profile.common import (
    Days,
    as_days,
    customer_totals,
    identified,
    valid_orders,
    within,
)

_ORDERS = ("order_id", "customer_id", "ordered_at", "day", "net_sales", "units", "channel")
_LINES = ("order_id", "line_id", "amount", "product_id", "quantity")
_OF_ORDER = ("order_id", "customer_id", "ordered_at", "store_id", "channel")


@dataclass(frozen=True)
class Shop:
    """A brand's last year, as programmes are replayed on it.

    Parameters
    ----------
    brand
        The opened brand.
    trade
        As its file says; empty for frames.
    days
        The last twelve months of the period, or all of a shorter one.
    """

    brand: Any
    trade: str
    days: Days

    @property
    def context(self) -> Context:
        """Currency, evidence and unit of the rows."""
        context: Context = self.brand.context
        return context

    @property
    def currency(self) -> str:
        """Currency of every amount."""
        return self.context.currency or ""

    @cached_property
    def orders(self) -> ir.Table:
        """Identified orders of the year."""
        rows = identified(within(valid_orders(self.brand.orders, "customer_id"), self.days))
        names = [name for name in (*_ORDERS, "store_id") if name in rows.columns]
        return rows.select(*names)

    @cached_property
    def lines(self) -> ir.Table | None:
        """Lines of these orders; None where the brand's lines do not name products."""
        if not (self.brand.has("transactions") and self.brand.has("products")):
            return None
        lines = self.brand.transactions
        if "product_id" not in lines.columns:
            return None
        return lines_of(lines, self.orders)

    @property
    def products(self) -> ir.Table | None:
        """Products with their category; None where the brand brings none."""
        if not self.brand.has("products"):
            return None
        products = self.brand.products
        return products.select("product_id", "category") if "category" in products.columns else None

    @cached_property
    def spend(self) -> pd.DataFrame:
        """One row a customer of the year: customer_id, orders, net_sales; by customer_id."""
        totals = collect(customer_totals(self.orders), sort_by=["customer_id"])
        return totals[["customer_id", "orders", "net_sales"]]

    @cached_property
    def median_order(self) -> float:
        """Median net sales of an order."""
        value = collect_one(median_order(self.orders))["median"]
        return float(value or 0.0)

    @property
    def tells_channel(self) -> bool:
        """Whether orders carry a channel."""
        return "channel" in self.orders.columns

    def words(self, *, empty: bool) -> frozenset[str]:
        """Return the words that conditions of rules may use.

        Parameters
        ----------
        empty
            Whether terms that stand for nothing are among them.
        """
        return self._own | {word for word, named in self.terms.items() if empty or named}

    @cached_property
    def terms(self) -> dict[str, tuple[str, ...]]:
        """The brand's own names by the term that rules use; none where it has nothing of it."""
        return {
            word: tuple(name for several in told.values() for name in several)
            for word, told in self.brand.terms.items()
        }

    @cached_property
    def _own(self) -> frozenset[str]:
        """The brand's own names of categories and channels."""
        own: set[str] = set()
        if self.products is not None:
            own |= _distinct(self.products, "category")
        if self.tells_channel:
            own |= _distinct(self.orders, "channel")
        return frozenset(own)


def open_shop(brand: Any, *, period: Any, trade: str | None = None) -> Shop | None:
    """Return a brand's last year; None where no order carries a customer.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`.
    period
        The brand's period or (first day, last day); its last twelve months are compared.
    trade
        In place of that of the brand file.
    """
    if not brand.has("orders") or "customer_id" not in brand.orders.columns:
        return None
    file = getattr(brand, "file", None)
    own = trade if trade is not None else (file.trade if file is not None else "")
    return Shop(brand, own, last_year(as_days(period)))


def last_year(days: Days) -> Days:
    """Return the last twelve months of a period, or all of a shorter one."""
    end = pd.Timestamp(days.end)
    start: dt.date = (end - pd.DateOffset(years=1) + pd.Timedelta(days=1)).date()
    return Days(max(start, days.start), days.end)


@reduction
def lines_of(lines: ir.Table, orders: ir.Table) -> ir.Table:
    """Return the lines of some orders, with customer, time and channel of their order."""
    own = lines.select(*(name for name in _LINES if name in lines.columns))
    told = orders.select(*(name for name in _OF_ORDER if name in orders.columns))
    return own.inner_join(told, "order_id")


@reduction
def median_order(orders: ir.Table) -> ir.Table:
    """Return one row: the median of net sales over orders above zero."""
    paid = orders.filter(orders.net_sales > 0)
    return paid.aggregate(median=paid.net_sales.cast("float64").quantile(0.5))


def _distinct(table: ir.Table, column: str) -> set[str]:
    names = table.select(column).distinct()
    return {str(name) for name in collect(names, sort_by=[column])[column] if name is not None}
