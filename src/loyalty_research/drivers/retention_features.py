"""What is known of each customer on a day, from the rows up to that day and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis.expr.operations import PhysicalTable

from loyalty_research.engine import as_table, collect, reduction
from loyalty_research.errors import DataError, MissingTableError, problem
from loyalty_research.profile.common import identified

Maker = Callable[..., ir.Table]
"""``make(orders, *, start, cut, recent)``: one row a customer, from the orders it is given."""
_SATURDAY = 5
_DISCOUNTS = ("discount", "coupon_discount", "platform_discount")


@reduction
def customer_features(orders: ir.Table, *, start: str, cut: str, recent: int) -> ir.Table:
    """Return one row a customer with a purchase from ``start`` to ``cut``.

    Columns: customer_id, first_day, last_day, occasions (days), recent, earlier (days with a
    purchase in the last ``recent`` days up to the cut, and in as many before), orders, net_sales,
    weekend (orders); where orders tell it, discounted (orders with a discount or a coupon), stores
    and channels (different ones).
    """
    day = dt.date.fromisoformat(cut)
    turn, before = (day - dt.timedelta(days=recent * step) for step in (1, 2))
    known = identified(orders)
    rows = known.filter(known.day >= ibis.date(start), known.day <= ibis.date(cut))
    late = rows.day > ibis.date(turn.isoformat())
    early = (rows.day > ibis.date(before.isoformat())) & ~late
    columns: dict[str, Any] = {
        "first_day": rows.day.min(),
        "last_day": rows.day.max(),
        "occasions": rows.day.nunique(),
        "recent": rows.day.nunique(where=late),
        "earlier": rows.day.nunique(where=early),
        "orders": rows.count(),
        "net_sales": rows.net_sales.sum(),
        "weekend": rows.count(where=rows.day.day_of_week.index() >= _SATURDAY),
    }
    cuts = [rows[name].fill_null(0) > 0 for name in _DISCOUNTS if name in rows.columns]
    if cuts:
        any_cut = cuts[0]
        for item in cuts[1:]:
            any_cut = any_cut | item
        columns["discounted"] = rows.count(where=any_cut)
    if "store_id" in rows.columns:
        columns["stores"] = rows.store_id.nunique()
    if "channel" in rows.columns:
        columns["channels"] = rows.channel.nunique()
    return rows.group_by("customer_id").aggregate(**columns)


@reduction
def purchases_after(orders: ir.Table, *, cut: str, end: str) -> ir.Table:
    """Return one row a customer with a purchase after ``cut`` and up to ``end``.

    Columns: customer_id, bought (days), last_bought.
    """
    known = identified(orders)
    rows = known.filter(known.day > ibis.date(cut), known.day <= ibis.date(end))
    return rows.group_by("customer_id").aggregate(
        bought=rows.day.nunique(), last_bought=rows.day.max()
    )


def features_at(
    orders: ir.Table, *, start: dt.date, cut: dt.date, recent: int, make: Maker = customer_features
) -> pd.DataFrame:
    """Return the features of each customer on the evening of ``cut``.

    Parameters
    ----------
    orders
        One row an order, with a ``day``.
    start
        First day looked back to.
    cut
        Last day that is known.
    recent
        Days that count as recent.
    make
        What makes the features; it is given the orders up to the cut, and may read no others.

    Returns
    -------
    pandas.DataFrame
        One row a customer, by customer_id.

    Raises
    ------
    DataError
        Where a feature reads rows that were not given, or tells a day after the cut.

    Notes
    -----
    The features may be built on nothing but the orders up to the cut: in what ``make`` returns,
    these orders are taken out, and if any table is still read, it is one that holds later rows.
    """
    before = orders.filter(orders.day <= ibis.literal(cut))
    found = as_table(
        make(before, start=start.isoformat(), cut=cut.isoformat(), recent=recent), name="features"
    )
    if _reads_more(found, before):
        raise DataError(
            problem(
                "features: they read rows other than the orders up to {cut} that were given; "
                "a feature may rest on these alone, or it knows what is to be predicted",
                cut=cut,
            )
        )
    if "customer_id" not in found.columns:
        raise MissingTableError(
            problem(
                "{name}: missing column(s) {missing}; the table has {found}",
                name="features",
                missing="customer_id",
                found=", ".join(found.columns),
            )
        )
    frame = collect(found, sort_by=["customer_id"])
    _refuse_later_days(frame, cut)
    return frame


def _reads_more(found: ir.Table, given: ir.Table) -> bool:
    """Tell whether an expression reads a table by another way than through ``given``."""
    stand_in = ibis.table(given.schema(), name="orders_up_to_the_cut").op()
    rest = found.op().replace({given.op(): stand_in})
    return any(node != stand_in for node in rest.find(PhysicalTable))


def _refuse_later_days(frame: pd.DataFrame, cut: dt.date) -> None:
    late = []
    for name in frame.columns:
        values = frame[name]
        is_day = values.dtype == object and isinstance(next(iter(values.dropna()), None), dt.date)
        if is_day or pd.api.types.is_datetime64_any_dtype(values):
            last = pd.to_datetime(values).max()
            if pd.notna(last) and last.date() > cut:
                late.append(
                    problem(
                        "features: column {name} holds {day}, after the cut on {cut}",
                        name=name,
                        day=last.date(),
                        cut=cut,
                    )
                )
    if late:
        raise DataError(*late)


STANDARD = (
    "recency",
    "frequency",
    "span",
    "trend",
    "spend",
    "discounted",
    "stores",
    "channels",
    "weekend",
)
"""Names of the features models see; ``rhythm``, from the customer-base model, comes beside them."""
RHYTHM = ("recency", "frequency", "span", "rhythm")
"""Those that only say when a customer bought and how often."""


def design(frame: pd.DataFrame, *, cut: dt.date) -> pd.DataFrame:
    """Return the features as models see them, one row a customer.

    Parameters
    ----------
    frame
        Of :func:`features_at`, by the standard maker or with its columns and more.
    cut
        The day the features are of.

    Returns
    -------
    pandas.DataFrame
        Of :data:`STANDARD` those that can be told, all finite, and every further number: recency
        (log of days since the last purchase), frequency (log of purchase days), span (log of days
        since the first), trend (log of recent over earlier purchase days), spend (log of net sales
        a purchase day), discounted and weekend (share of orders), stores and channels (log of
        their number).
    """
    end = pd.Timestamp(cut)
    own: dict[str, Any] = {
        "recency": np.log1p((end - pd.to_datetime(frame["last_day"])).dt.days),
        "frequency": np.log(frame["occasions"].astype(float)),
        "span": np.log1p((end - pd.to_datetime(frame["first_day"])).dt.days),
        "trend": np.log((frame["recent"] + 0.5) / (frame["earlier"] + 0.5)),
        "spend": np.log1p(frame["net_sales"].clip(lower=0.0) / frame["occasions"]),
        "weekend": frame["weekend"] / frame["orders"],
    }
    if "discounted" in frame:
        own["discounted"] = frame["discounted"] / frame["orders"]
    for name in ("stores", "channels"):
        if name in frame:
            own[name] = np.log(frame[name].clip(lower=1).astype(float))
    made = {"customer_id", "first_day", "last_day", "occasions", "recent", "earlier", "orders"}
    made |= {"net_sales", "weekend", "discounted", "stores", "channels"}
    for name in frame.columns:
        if name not in made and pd.api.types.is_numeric_dtype(frame[name]):
            own[name] = frame[name].astype(float)
    order = [name for name in STANDARD if name in own]
    rest = [name for name in own if name not in STANDARD]
    return pd.DataFrame({name: np.asarray(own[name], dtype=float) for name in (*order, *rest)})
