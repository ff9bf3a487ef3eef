"""The features that segments are looked for in: what each is, by customer."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect
from loyalty_research.profile.common import Days, as_days, valid_orders, within
from loyalty_research.profile.segments.counts import (
    category_counts,
    hours_and_channels,
    offer_sums,
    purchase_counts,
)

FEATURES = (
    "frequency",
    "silence",
    "order_value",
    "breadth",
    "on_offer",
    "weekend",
    "early",
    "main_channel",
)
"""Every feature there may be, in the order they are told."""
SHARES = ("on_offer", "weekend", "early", "main_channel")
LEAST_OCCASIONS = 5
_YEAR = 365.0
_HOURS = (10, 14, 17)
_DISCOUNTS = {"discount", "coupon_discount", "platform_discount"}


def customer_features(
    brand: Any, *, period: Any, early_before: int | None = None, channel: str | None = None
) -> pd.DataFrame:
    """Return the features of every identified customer, as a model of segments takes them.

    Parameters
    ----------
    brand
        A brand, or orders: customer_id, ordered_at, net_sales, and any of discount,
        discounted_sales, channel.
    period
        The brand's period or (first day, last day).
    early_before
        Hour before which an order is early; None for the one of 10, 14 and 17 that comes nearest
        to halving the orders, 0 for none.
    channel
        Channel whose share is a feature; None for the one with the most orders, empty for none.

    Returns
    -------
    pandas.DataFrame
        One row a customer, sorted: customer_id, occasions, orders, net_sales, and those of
        :data:`FEATURES` the columns allow. ``frequency`` purchase days a year of 365 days,
        ``silence`` days since the last purchase, and half a day, in mean gaps of the customer
        (period / purchase days), ``order_value`` net sales an order, ``breadth`` categories bought,
        ``on_offer`` share of net sales on offer; ``weekend``, ``early``, ``main_channel`` shares of
        orders.
    """
    days = as_days(period)
    orders = within(valid_orders(getattr(brand, "orders", brand), "customer_id"), days)
    hour, through = splits(orders)
    return features_of(
        brand,
        orders,
        days,
        early_before=hour if early_before is None else early_before,
        channel=through if channel is None else channel,
    )


def features_of(
    brand: Any, orders: ir.Table, days: Days, *, early_before: int, channel: str
) -> pd.DataFrame:
    """Return what :func:`customer_features` does, of orders of ``days`` that are already chosen."""
    counts = purchase_counts(orders, early_before=early_before, channel=channel)
    frame = collect(counts, sort_by=["customer_id"])
    if _DISCOUNTS & set(orders.columns):
        frame = _joined(frame, offer_sums(orders))
    if _has_categories(brand):
        frame = _joined(frame, category_counts(brand.transactions, orders, brand.products))
    return _computed(frame, days, early=early_before > 0, channel=bool(channel))


def splits(orders: ir.Table) -> tuple[int, str]:
    """Return the hour that halves the orders best, and the largest channel; 0 and empty if none."""
    found = collect(hours_and_channels(orders), sort_by=["hour", "through"])
    hours = found.groupby("hour")["orders"].sum().reindex(range(24), fill_value=0)
    timed = int(hours.iloc[1:].sum())
    before = hours.cumsum() / max(int(hours.sum()), 1)
    hour = min(_HOURS, key=lambda each: abs(float(before.loc[each - 1]) - 0.5))
    channels = found[found["through"] != ""].groupby("through")["orders"].sum()
    return hour if timed else 0, str(channels.idxmax()) if len(channels) > 1 else ""


def _has_categories(brand: Any) -> bool:
    has = getattr(brand, "has", None)
    return has is not None and has("products") and "category" in brand.products.columns


def _joined(frame: pd.DataFrame, table: ir.Table) -> pd.DataFrame:
    other = collect(table, sort_by=["customer_id"])
    return frame.merge(other, on="customer_id", how="left")


def _computed(frame: pd.DataFrame, days: Days, *, early: bool, channel: bool) -> pd.DataFrame:
    number = frame["orders"].to_numpy(dtype=float)
    occasions = frame["occasions"].to_numpy(dtype=float)
    since = (pd.Timestamp(days.end) - pd.to_datetime(frame["last_day"])).dt.days.to_numpy()
    sales = frame["net_sales"].to_numpy(dtype=float)
    made = {
        "frequency": occasions * _YEAR / days.count,
        "silence": (since + 0.5) * occasions / days.count,
        "order_value": sales / number,
        "weekend": frame["weekend"].to_numpy() / number,
    }
    if "categories" in frame:
        made["breadth"] = frame["categories"].fillna(0).to_numpy(dtype=float)
    if "on_offer" in frame:
        made["on_offer"] = np.clip(frame["on_offer"].fillna(0).to_numpy(dtype=float) / sales, 0, 1)
    if early:
        made["early"] = frame["early"].to_numpy() / number
    if channel:
        made["main_channel"] = frame["main_channel"].to_numpy() / number
    told = {name: made[name] for name in FEATURES if name in made}
    return frame[["customer_id", "occasions", "orders", "net_sales"]].assign(**told)
