"""How much is bought on a price cut or with a coupon, and by whom."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import as_table, collect, reduction, require_columns
from loyalty_research.errors import DataError, problem
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    identified,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.rfm import CLASSES
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, difference, share_of

_SECTION = "prices"
_COUPONS = ("coupon_discount", "platform_discount")
_BEST, _LEAST = "11", "00"
"""Recency and frequency, 1 for high: the first two digits of an RFM class."""


def prices(orders: Any, *, period: Any, segments: Any = None) -> Result:
    """Describe price cuts and coupons in the spend of customers and of segments.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales, and any of discount,
        coupon_discount, platform_discount, list_amount, discounted_sales. Ibis, pandas, polars or
        Arrow.
    period
        A brand's period or (first day, last day).
    segments
        One row a customer: customer_id, segment, as ``profile.rfm(...).table``; None for none.

    Returns
    -------
    Result
        Frames ``summary`` (one row a segment, ``all`` first) and ``bands`` (customers by the share
        of spend on price cuts). Without a discount column the one finding says so.

    Notes
    -----
    Who buys much on offer need not be price sensitive: stores, categories and the week of shopping
    differ too. What is stated is an association; an experiment would be needed to say more. The
    difference stated is between customers of high and of low recency and frequency, without regard
    to money: a price cut lowers what is paid, so that those who bought on offer are in the classes
    of less money by construction.
    """
    days = as_days(period)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    base: dict[str, Any] = {"name": "prices", "chapter": CHAPTER, "section": _SECTION}
    if not {"discount", *_COUPONS} & set(table.columns):
        missing = state.withheld("price_discounted_share", "no_discount", definition="on_offer")
        empty = pd.DataFrame({"segment": [], "share_on_offer": []})
        return Result(**base, frames={"summary": empty}, findings=(missing,), context=state.context)
    people = collect(discount_totals(within(table, days)), sort_by=["customer_id"])
    people = _with_segment(people, segments)
    people = people[people["net_sales"] > 0]
    summary = _summary(people)
    bands = _bands(people)
    return Result(
        **base,
        frames={"summary": summary, "bands": bands},
        findings=_findings(state, people, summary),
        charts=drawable(_charts(summary, people, days), state.context),
        tables=_tables(len(people), days),
        references=(),
        context=state.context,
        table=discount_totals(within(table, days)),
    )


@reduction
def discount_totals(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: sales, sales on offer, reductions, coupon orders."""
    known = identified(orders)
    zero = known.net_sales * 0
    cuts = [
        known[name].coalesce(zero)
        for name in ("discount", "coupon_discount")
        if name in known.columns
    ]
    own = zero
    for cut in cuts:
        own = own + cut
    coupons = zero
    for name in _COUPONS:
        if name in known.columns:
            coupons = coupons + known[name].coalesce(zero)
    on_offer = (
        known.discounted_sales.coalesce(zero)
        if "discounted_sales" in known.columns
        else (own + coupons > 0).ifelse(known.net_sales, zero)
    )
    return known.group_by("customer_id").aggregate(
        orders=known.count(),
        net_sales=known.net_sales.sum(),
        on_offer=on_offer.sum(),
        reduction=own.sum(),
        coupon_orders=(coupons > 0).sum(),
        coupon_value=coupons.sum(),
    )


def _with_segment(people: pd.DataFrame, segments: Any) -> pd.DataFrame:
    if segments is None:
        return people.assign(segment="")
    table = as_table(segments, name="segments")
    require_columns(table, ["customer_id", "segment"], name="segments")
    codes = collect(table.select("customer_id", "segment"), sort_by=["customer_id"])
    if codes["customer_id"].duplicated().any():
        raise DataError(
            problem(
                "segments: customer_id {found!r} stands in several rows; allowed: one row each",
                found=codes.loc[codes["customer_id"].duplicated(), "customer_id"].iloc[0],
            )
        )
    try:
        joined = people.merge(codes, on="customer_id", how="left", validate="one_to_one")
    except ValueError as error:
        raise DataError(
            problem(
                "segments: column customer_id is of another type than in orders: {reason}",
                reason=error,
            )
        ) from error
    return joined.assign(segment=joined["segment"].fillna(""))


def _row(code: str, group: pd.DataFrame) -> dict[str, Any]:
    sales = group["net_sales"].to_numpy(dtype=float)
    cut = group["reduction"].to_numpy(dtype=float)
    share = share_of(group["on_offer"].to_numpy(dtype=float), sales)
    depth = share_of(cut, sales + cut)
    coupon = share_of(
        group["coupon_orders"].to_numpy(dtype=float), group["orders"].to_numpy(dtype=float)
    )
    return {
        "segment": code,
        "customers": len(group),
        "net_sales": float(sales.sum()),
        "share_on_offer": share.value,
        "share_on_offer_low": share.low,
        "share_on_offer_high": share.high,
        "discount_depth": depth.value,
        "discount_depth_low": depth.low,
        "discount_depth_high": depth.high,
        "coupon_orders": coupon.value,
        "coupon_orders_low": coupon.low,
        "coupon_orders_high": coupon.high,
    }


def _summary(people: pd.DataFrame) -> pd.DataFrame:
    rows = [_row("all", people)]
    for code in CLASSES:
        group = people[people["segment"] == code]
        if len(group):
            rows.append(_row(code, group))
    frame = pd.DataFrame(rows)
    numbers = [name for name in frame.columns if name not in {"segment", "customers"}]
    return frame.astype(dict.fromkeys(numbers, float))


def _bands(people: pd.DataFrame) -> pd.DataFrame:
    share = (people["on_offer"] / people["net_sales"]).to_numpy(dtype=float)
    band = np.clip((share * 10).astype(int), 0, 9)
    counts = np.bincount(band, minlength=10)
    return pd.DataFrame(
        {
            "band": np.arange(10),
            "customers": counts,
            "share_customers": counts / max(len(people), 1),
        }
    )


def _findings(state: Stater, people: pd.DataFrame, summary: pd.DataFrame) -> tuple[Finding, ...]:
    sales = people["net_sales"].to_numpy(dtype=float)
    share = people["on_offer"].to_numpy(dtype=float) / sales
    heavy = share >= 0.75
    total = summary.iloc[0]
    coupon_users = people["coupon_orders"].to_numpy() > 0
    found = [
        state(
            "price_discounted_share",
            share_of(people["on_offer"].to_numpy(dtype=float), sales),
            unit="share",
            definition="on_offer",
            method="linearised_ratio",
            subject="prices",
            task="retain",
            at_stake=float(sales[share > 0].sum()),
            values={
                "depth": Value(float(total["discount_depth"]), "share"),
                "sales": Value(float(people["on_offer"].sum()), "money"),
                "heavy": Value(int(heavy.sum()), "customers"),
                "heavy_share": Value(float(heavy.mean()) if len(people) else None, "share"),
            },
        ),
        state(
            "price_coupon_orders",
            share_of(
                people["coupon_orders"].to_numpy(dtype=float),
                people["orders"].to_numpy(dtype=float),
            ),
            unit="share",
            definition="coupon_orders",
            method="linearised_ratio",
            subject="coupons",
            at_stake=float(sales[coupon_users].sum()),
            values={
                "people": Value(int(coupon_users.sum()), "customers"),
                "people_share": Value(float(coupon_users.mean()) if len(people) else None, "share"),
                "sales": Value(float(sales[coupon_users].sum()), "money"),
            },
        ),
    ]
    best, least = (_share_on_offer(people, group) for group in (_BEST, _LEAST))
    if best.base and least.base:
        gap = difference(best, least)
        apart = gap.low is not None and gap.high is not None and gap.low * gap.high > 0
        found.append(
            state(
                "price_gap" if apart else "price_no_gap",
                gap,
                unit="percentage_point",
                definition="on_offer",
                method="linearised_ratio",
                subject="price_gap",
                values={
                    "best": Value(_BEST, "label:rf4"),
                    "least": Value(_LEAST, "label:rf4"),
                    "best_share": Value(best.value, "share"),
                    "least_share": Value(least.value, "share"),
                },
            )
        )
    return tuple(found)


def _share_on_offer(people: pd.DataFrame, group: str) -> Estimate:
    """Estimate the share of the classes of this recency and frequency, whatever their money."""
    inside = people[people["segment"].str[:2] == group]
    return share_of(
        inside["on_offer"].to_numpy(dtype=float), inside["net_sales"].to_numpy(dtype=float)
    )


def _charts(summary: pd.DataFrame, people: pd.DataFrame, days: Days) -> tuple[Chart, ...]:
    if people.empty:
        return ()
    common: dict[str, Any] = {"base": len(people), "base_unit": "customers", "period": days.iso}
    total = summary.iloc[0]
    middle = float((people["on_offer"] / people["net_sales"]).median())
    charts = [
        Chart(
            name="bands",
            key="prices.bands",
            kind="bars",
            frame="bands",
            encode={
                "x": "band",
                "x_unit": "label:tenth",
                "y": "share_customers",
                "unit": "share",
                "x_label": "share_on_offer",
                "y_label": "share_customers",
            },
            values={
                "share": Value(float(total["share_on_offer"]), "share"),
                "median": Value(middle, "share"),
            },
            definitions=("on_offer",),
            persons=(Persons(names=("band",)),),
            **common,
        )
    ]
    if len(summary) > 1:
        groups = summary.iloc[1:]
        charts.append(
            Chart(
                name="segments",
                key="prices.segments",
                kind="bars",
                frame="summary",
                encode={
                    "x": "segment",
                    "x_unit": "label:rfm8",
                    "y": "share_on_offer",
                    "low": "share_on_offer_low",
                    "high": "share_on_offer_high",
                    "unit": "share",
                    "horizontal": True,
                    "y_label": "share_on_offer",
                    "annotate": True,
                    "height": 1.15,
                },
                values={
                    "lowest": Value(float(groups["share_on_offer"].min()), "share"),
                    "highest": Value(float(groups["share_on_offer"].max()), "share"),
                },
                definitions=("on_offer", "rfm8"),
                **common,
            )
        )
    return tuple(charts)


def _tables(base: int, days: Days) -> tuple[TableView, ...]:
    return (
        TableView(
            name="segments",
            key="prices.segments",
            frame="summary",
            columns=(
                Column("segment", "label:rfm8"),
                Column("customers", "customers"),
                Column(
                    "share_on_offer", "share", low="share_on_offer_low", high="share_on_offer_high"
                ),
                Column(
                    "discount_depth", "share", low="discount_depth_low", high="discount_depth_high"
                ),
                Column(
                    "coupon_orders", "share", low="coupon_orders_low", high="coupon_orders_high"
                ),
            ),
            persons=(
                Persons(
                    names=("segment",),
                    total="all",
                    key="rfm8",
                    rates=("share_on_offer", "discount_depth", "coupon_orders"),
                ),
            ),
            definitions=("on_offer", "discount_depth", "coupon_orders"),
            base=base,
            base_unit="customers",
            period=days.iso,
        ),
    )
