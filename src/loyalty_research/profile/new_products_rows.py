"""Launches, who was there before them, and days to the trial and the repeat of each product."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.profile.board_second import history_edges
from loyalty_research.profile.common import Days, identified, present

MOST = 20
"""Launches looked at: those with the largest net sales."""
_HISTORY = dt.timedelta(days=91)
"""Sales before the period that tell a new product from one that was only not bought yet."""


@reduction
def sold_lines(lines: ir.Table, *, orders: ir.Table) -> ir.Table:
    """Return lines of valid, identified orders: product_id, customer_id, day, amount (above 0)."""
    known = identified(orders).select("order_id", "customer_id", "day")
    own = lines.select("order_id", "product_id", "amount")
    own = own.filter(own.amount > 0, own.product_id.notnull())
    return own.inner_join(known, "order_id").select("product_id", "customer_id", "day", "amount")


@reduction
def product_totals(sold: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return one row a product: first_day it was sold, net_sales of a period."""
    rows = sold.filter(sold.day <= ibis.date(end))
    return rows.group_by("product_id").aggregate(
        first_day=rows.day.min(), net_sales=rows.amount.sum(where=rows.day >= ibis.date(start))
    )


@reduction
def bought_days(sold: ir.Table, *, launches: ir.Table, end: str) -> ir.Table:
    """Return one row a launched product, customer and day from the launch on: amount."""
    rows = sold.filter(sold.day <= ibis.date(end)).inner_join(launches, "product_id")
    rows = rows.filter(rows.day >= rows.launched_on)
    return rows.group_by("product_id", "launched_on", "customer_id", "day").aggregate(
        amount=rows.amount.sum()
    )


@reduction
def active_before(orders: ir.Table, *, launches: ir.Table) -> ir.Table:
    """Return one row a launched product and customer who bought anything shortly before it.

    ``launches`` has product_id, launched_on and active_from, the first day that counts.
    """
    days = identified(orders).select("customer_id", "day").distinct()
    both = days.join(launches, [days.day >= launches.active_from, days.day < launches.launched_on])
    return both.select("product_id", "customer_id").distinct()


@reduction
def trial_counts(active: ir.Table, *, bought: ir.Table) -> ir.Table:
    """Count those active before a launch by days from it to their first purchase of the product.

    Columns: product_id, gap_days (missing where they never bought it), customers.
    """
    firsts = bought.group_by("product_id", "launched_on", "customer_id").aggregate(
        first_day=bought.day.min()
    )
    firsts = firsts.select(
        "product_id",
        "customer_id",
        gap_days=firsts.first_day.delta(firsts.launched_on, unit="day"),
    )
    both = active.left_join(firsts, ["product_id", "customer_id"])
    return both.group_by("product_id", "gap_days").aggregate(customers=both.count())


@reduction
def repeat_counts(bought: ir.Table, *, as_of: str) -> ir.Table:
    """Count buyers of each product by days from the first purchase to the second, or followed.

    Columns: product_id, gap_days, ended (bought it again), followed (not yet).
    """
    own = ibis.window(group_by=["product_id", "customer_id"], order_by="day")
    rows = bought.mutate(
        second_day=bought.day.lead(1).over(own),
        first_day=bought.day.min().over(ibis.window(group_by=["product_id", "customer_id"])),
    )
    rows = rows.filter(rows.day == rows.first_day)
    again = present(rows.second_day)
    rows = rows.select(
        "product_id",
        ended=again.cast("int64"),
        gap_days=again.ifelse(
            rows.second_day.delta(rows.first_day, unit="day"),
            ibis.date(as_of).delta(rows.first_day, unit="day"),
        ),
    )
    return rows.group_by("product_id", "gap_days").aggregate(
        ended=rows.ended.sum(), followed=(1 - rows.ended).sum()
    )


def launches_of(brand: Any, sold: ir.Table, days: Days, *, active_days: int) -> pd.DataFrame | None:
    """Return the launches of a period: product_id, product, launched_on, active_from, net_sales.

    Column ``known_before`` tells whether orders are known from ``active_from`` on.

    Products without a date of launch count from their first sale where sales before the period show
    which were there; one sold before its date of launch is left out. None where nothing tells.
    """
    span = {"start": days.start.isoformat(), "end": days.end.isoformat()}
    totals = collect(product_totals(sold, **span), sort_by=["product_id"])
    products = brand.products
    names = [name for name in ("name", "launched_on") if name in products.columns]
    known = collect(products.select("product_id", *names), sort_by=["product_id"])
    rows = totals.merge(known, on="product_id", how="inner")
    rows["first_day"] = pd.to_datetime(rows["first_day"])
    known_from = pd.to_datetime(totals["first_day"]).min()
    if "launched_on" in names and rows["launched_on"].notna().any():
        rows["launched_on"] = pd.to_datetime(rows["launched_on"])
        rows = rows[rows["first_day"] >= rows["launched_on"]]
    elif _has_history(brand.orders, days):
        rows["launched_on"] = rows["first_day"]
    else:
        return None
    rows = rows[rows["launched_on"].between(pd.Timestamp(days.start), pd.Timestamp(days.end))]
    rows = rows.sort_values(["net_sales", "product_id"], ascending=[False, True]).head(MOST)
    before = rows["launched_on"] - pd.Timedelta(days=active_days)
    return rows.assign(
        product=_labels(rows),
        launched_on=[stamp.date() for stamp in rows["launched_on"]],
        active_from=[stamp.date() for stamp in before],
        known_before=(before >= known_from).to_numpy(),
        net_sales=rows["net_sales"].astype(float),
    ).reset_index(drop=True)


def _has_history(orders: ir.Table, days: Days) -> bool:
    edges = collect_one(history_edges(orders, start=days.start.isoformat()))
    first = edges["first_day"]
    return not pd.isna(first) and pd.Timestamp(first).date() <= days.start - _HISTORY


def _labels(rows: pd.DataFrame) -> list[str]:
    """Return names of products; with the identifier where two share a name, or there is none."""
    numbers = [str(item) for item in rows["product_id"]]
    if "name" not in rows:
        return numbers
    names = rows["name"].fillna("").astype(str)
    twice = names.duplicated(keep=False)
    return [
        number if not name else f"{name} ({number})" if doubled else name
        for number, name, doubled in zip(numbers, names, twice, strict=True)
    ]
