"""Totals of simulated rows, month by month, as published figures name them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.profile.common import Days, month_index, valid_orders, within

if TYPE_CHECKING:
    from loyalty_research.study import Brand

_YEAR = 12
Months = Sequence[int]
"""Months since year 0, in a row."""


@reduction
def month_totals(orders: ir.Table) -> ir.Table:
    """Return one row a month: buyers, their net sales, pieces, list amount."""
    rows = orders.mutate(month_index=month_index(orders.day))
    known = rows.customer_id.notnull()
    return rows.group_by("month_index").aggregate(
        buyers=rows.customer_id.nunique(),
        known_sales=rows.net_sales.sum(where=known),
        pieces=rows.units.sum(),
        listed=rows.list_amount.sum(),
    )


@reduction
def month_parts(orders: ir.Table) -> ir.Table:
    """Return one row a month, store and channel: orders and net sales."""
    rows = orders.mutate(month_index=month_index(orders.day))
    return rows.group_by("month_index", "store_id", "channel").aggregate(
        orders=rows.count(), net_sales=rows.net_sales.sum()
    )


@dataclass(frozen=True)
class Totals:
    """What the simulated rows of a brand add up to.

    Parameters
    ----------
    months
        As :func:`month_totals`, by month.
    parts
        As :func:`month_parts`.
    opened
        First month of each store, by store.
    """

    months: pd.DataFrame
    parts: pd.DataFrame
    opened: pd.Series

    def of(self, measure: str, months: Months, *, channel: str | None = None) -> float | None:
        """Return a total over some months; None where the rows do not cover them."""
        needed = [*months]
        if measure == "same_store_growth":
            needed += [month - _YEAR for month in months]
        if not set(needed) <= set(self.months.index):
            return None
        if measure == "channel_share":
            return self._channel_share(months, str(channel))
        return float(getattr(self, f"_{measure}")(months))

    def _monthly_customers(self, months: Months) -> float:
        return self.months.loc[list(months), "buyers"].mean()

    def _spend_per_monthly_customer(self, months: Months) -> float:
        some = self.months.loc[list(months)]
        return some["known_sales"].astype(float).sum() / some["buyers"].sum()

    def _stores(self, months: Months) -> float:
        return (self.opened <= months[-1]).sum()

    def _channel_share(self, months: Months, channel: str) -> float:
        some = self.parts[self.parts["month_index"].isin(list(months))]
        return float(some.loc[some["channel"] == channel, "orders"].sum() / some["orders"].sum())

    def _same_store_growth(self, months: Months) -> float:
        """Return sales over those of a year before, in stores open since before that."""
        before = [month - _YEAR for month in months]
        old = set(self.opened.index[self.opened < before[0]])
        here = self.parts[self.parts["store_id"].isin(old)]
        now, then = (
            here.loc[here["month_index"].isin(list(some)), "net_sales"].astype(float).sum()
            for some in (months, before)
        )
        return now / then

    def _item_price(self, months: Months) -> float:
        some = self.months.loc[list(months)]
        return some["listed"].astype(float).sum() / some["pieces"].sum()

    def _pieces(self, months: Months) -> float:
        return self.months.loc[list(months), "pieces"].sum()

    def _pieces_per_store_day(self, months: Months) -> float:
        days = sum(days_of(month) * (self.opened <= month).sum() for month in months)
        return self._pieces(months) / days


def days_of(month: int) -> int:
    """Return the days of a month since year 0."""
    first, after = (dt.date(index // _YEAR, index % _YEAR + 1, 1) for index in (month, month + 1))
    return (after - first).days


def totals_of(brand: Brand, days: Days) -> Totals:
    """Return the totals of a brand's orders within a period."""
    orders = within(valid_orders(brand.orders, "customer_id", "store_id", "channel"), days)
    months = collect(month_totals(orders), sort_by=["month_index"])
    stores = collect(brand.stores.select("store_id", "opened_on"), sort_by=["store_id"]).set_index(
        "store_id"
    )
    opened = pd.to_datetime(stores["opened_on"])
    return Totals(
        months=months.set_index("month_index"),
        parts=collect(month_parts(orders), sort_by=["month_index", "store_id", "channel"]),
        opened=opened.dt.year * _YEAR + opened.dt.month - 1,
    )
