"""What customers prefer: categories by class against the base, basket size, private label."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.engine import as_table, collect, reduction, require_columns
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    identified,
    present,
    stater,
    within,
)
from loyalty_research.profile.preferences_times import (
    dayparts_frame,
    season_finding,
    seasons_frame,
    time_charts,
)
from loyalty_research.profile.preferences_views import (
    GROUPS,
    affinity_charts,
    furthest,
    preference_tables,
)
from loyalty_research.profile.rfm import CLASSES
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, ratio, share_of

_SECTION = "preferences"
_LARGEST = 12


def preferences(brand: Any, *, period: Any, segments: Any = None) -> Result:
    """Compare what groups of customers buy with what the whole base buys.

    Parameters
    ----------
    brand
        A brand with transactions and products.
    period
        The brand's period or (first day, last day).
    segments
        One row a customer: customer_id, segment, as ``profile.rfm(...).table``; None for none.

    Returns
    -------
    Result
        Frames ``summary`` (category: net sales, share, penetration, private label share),
        ``affinity`` (category x recency and frequency: index with interval), ``seasons`` (category
        x whole month: net sales a day against the category's own mean) and ``dayparts`` (category x
        part of the day: share of the category's net sales). Without a table of products the
        one finding says so.

    Notes
    -----
    Index = category's share of the group's net sales / its share of the base's net sales; 1 means
    as everybody. Groups join the classes of the same recency and frequency: money is made of the
    very sales that are compared, so that whoever happened to buy dear categories is in a class of
    much money. Interval by customer: linearised ratio within the group, the base's share taken
    as fixed; only categories of at least 1 % of net sales. An index beyond chance at 95 % over all
    cells together (Bonferroni) is stated; the others are shown and not stated. The same holds for
    the index of months, by a jackknife over groups of customers; one year cannot tell a season from
    a trend.
    """
    days = as_days(period)
    state = stater(brand.orders, _SECTION, days)
    base: dict[str, Any] = {
        "name": "preferences",
        "chapter": CHAPTER,
        "section": _SECTION,
        "context": state.context,
    }
    if not brand.has("products") or "category" not in brand.products.columns:
        missing = state.withheld("preference_affinity", "no_products", definition="affinity")
        empty = pd.DataFrame({"category": [], "net_sales": []})
        return Result(**base, frames={"summary": empty}, findings=(missing,))
    lines = within(_lines(brand), days)
    people = collect(category_sales(lines), sort_by=["customer_id", "category"])
    people = people[people["category"].notna()]
    private = _private(lines)
    summary = _summary(people)
    affinity = _affinity(people, summary, segments)
    baskets = _baskets(brand, days, segments)
    frames = {
        "summary": summary,
        "largest": _largest(summary),
        "affinity": affinity,
        "baskets": baskets,
    }
    customers = int(people["customer_id"].nunique())
    large = summary.head(_LARGEST)["category"].tolist()
    seasons, dayparts = seasons_frame(lines, days, large), dayparts_frame(lines, large)
    season = season_finding(state, seasons, customers)
    times = time_charts(seasons, dayparts, season, customers, days)
    frames |= {"seasons": seasons, "dayparts": dayparts}
    return Result(
        **base,
        frames=frames,
        findings=(*_findings(state, affinity, private, customers), season),
        charts=(*affinity_charts(affinity, customers, days), *drawable(times, state.context)),
        tables=preference_tables(customers, days),
        table=category_sales(lines),
    )


def _lines(brand: Any) -> ir.Table:
    """Lines of valid orders with category and private label, by product."""
    products = brand.products
    names = ["product_id", "category"]
    if "private_label" in products.columns:
        names.append("private_label")
    lines = brand.transactions
    return valid_lines(lines, brand.orders, products.select(*names))


@reduction
def valid_lines(lines: ir.Table, orders: ir.Table, products: ir.Table) -> ir.Table:
    """Return lines of valid, identified orders with their product's category."""
    known = identified(orders).select("order_id", "customer_id", "day", "ordered_at")
    own = lines.select("order_id", "product_id", "amount")
    return (
        own.inner_join(known, "order_id").left_join(products, "product_id").drop("product_id_right")
    )


@reduction
def category_sales(lines: ir.Table) -> ir.Table:
    """Return one row an identified customer and category: net_sales, orders."""
    return lines.group_by("customer_id", "category").aggregate(
        net_sales=lines.amount.sum(), orders=lines.order_id.nunique()
    )


@reduction
def private_sales(lines: ir.Table) -> ir.Table:
    """Return one row a customer: net sales, and those of the brand's own label."""
    return lines.group_by("customer_id").aggregate(
        net_sales=lines.amount.sum(where=present(lines.private_label)),
        private=lines.amount.sum(where=lines.private_label),
    )


def _private(lines: ir.Table) -> Estimate | None:
    if "private_label" not in lines.columns:
        return None
    frame = collect(private_sales(lines), sort_by=["customer_id"]).fillna(0.0)
    return share_of(frame["private"].to_numpy(), frame["net_sales"].to_numpy())


def _summary(people: pd.DataFrame) -> pd.DataFrame:
    customers = people["customer_id"].nunique()
    total = float(people["net_sales"].sum())
    groups = people[people["net_sales"] > 0].groupby("category", as_index=False)
    frame = groups.agg(customers=("customer_id", "size"), net_sales=("net_sales", "sum"))
    frame["share_sales"] = frame["net_sales"] / total
    frame["penetration"] = frame["customers"] / customers
    frame = frame.sort_values(["net_sales", "category"], ascending=[False, True])
    return frame.reset_index(drop=True)


def _largest(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the largest categories, and the rest as one row without a penetration."""
    head, rest = summary.head(_LARGEST), summary.iloc[_LARGEST:]
    if rest.empty:
        return head
    other = pd.DataFrame(
        {
            "category": ["other"],
            "customers": [0],
            "net_sales": [rest["net_sales"].sum()],
            "share_sales": [rest["share_sales"].sum()],
            "penetration": [np.nan],
        }
    )
    return pd.concat([head, other], ignore_index=True)


def _affinity(people: pd.DataFrame, summary: pd.DataFrame, segments: Any) -> pd.DataFrame:
    columns = ["category", "segment", "customers", "index", "low", "high", "beyond_chance"]
    if segments is None:
        return pd.DataFrame(columns=columns)
    table = as_table(segments, name="segments")
    require_columns(table, ["customer_id", "segment"], name="segments")
    codes = collect(table.select("customer_id", "segment"), sort_by=["customer_id"])
    by_customer = codes.set_index("customer_id")["segment"]
    wide = people.pivot(index="customer_id", columns="category", values="net_sales").fillna(0.0)
    classes = by_customer.reindex(wide.index).fillna("")
    segment = classes.where(classes.isin(CLASSES), "").str[:2].to_numpy()
    totals = wide.sum(axis=1).to_numpy()
    large = summary[summary["share_sales"] >= 0.01].head(_LARGEST)
    found = [code for code in GROUPS if (segment == code).sum() >= 30]
    cells = max(1, len(large) * len(found))
    critical = float(norm.ppf(1 - 0.025 / cells) / norm.ppf(0.975))
    rows = []
    for category, share in zip(large["category"], large["share_sales"], strict=True):
        spend = wide[category].to_numpy()
        for code in found:
            inside = segment == code
            part = ratio(spend[inside], totals[inside])
            rows.append(_cell(category, code, part, float(share), critical))
    return pd.DataFrame(rows, columns=columns)


def _cell(
    category: str, code: str, part: Estimate, share: float, critical: float
) -> dict[str, Any]:
    value, low, high = (
        np.nan if number is None else number / share for number in (part.value, part.low, part.high)
    )
    margin = (high - low) / 2
    return {
        "category": category,
        "segment": code,
        "customers": part.base,
        "index": value,
        "low": low,
        "high": high,
        "beyond_chance": bool(abs(value - 1) > critical * margin),
    }


def _baskets(brand: Any, days: Days, segments: Any) -> pd.DataFrame:
    """Lines and net sales an order, by class."""
    orders = within(brand.orders, days)
    people = collect(basket_sizes(orders), sort_by=["customer_id"])
    if segments is None:
        people["segment"] = ""
    else:
        codes = collect(
            as_table(segments, name="segments").select("customer_id", "segment"),
            sort_by=["customer_id"],
        )
        people = people.merge(codes, on="customer_id", how="left")
    rows = []
    for code in ("all", *CLASSES):
        group = people if code == "all" else people[people["segment"] == code]
        if len(group) < 30 and code != "all":
            continue
        counts = group["orders"].to_numpy(dtype=float)
        lines = ratio(group["lines"].to_numpy(dtype=float), counts)
        value = ratio(group["net_sales"].to_numpy(dtype=float), counts)
        rows.append(
            {
                "segment": code,
                "customers": len(group),
                "lines_per_order": lines.value,
                "lines_low": lines.low,
                "lines_high": lines.high,
                "order_value": value.value,
                "order_value_low": value.low,
                "order_value_high": value.high,
            }
        )
    return pd.DataFrame(rows)


@reduction
def basket_sizes(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: orders, lines, net sales."""
    known = identified(orders)
    return known.group_by("customer_id").aggregate(
        orders=known.count(), lines=known.lines.sum(), net_sales=known.net_sales.sum()
    )


def _findings(
    state: Stater, affinity: pd.DataFrame, private: Estimate | None, customers: int
) -> tuple[Finding, ...]:
    found = []
    if private is not None:
        found.append(
            state(
                "preference_private_label",
                private,
                unit="share",
                definition="private_label",
                method="linearised_ratio",
                subject="private_label",
            )
        )
    row = furthest(affinity)
    if row is not None:
        found.append(
            state(
                "preference_affinity",
                Estimate(
                    float(row["index"]),
                    float(row["low"]),
                    float(row["high"]),
                    int(row["customers"]),
                ),
                unit="number",
                definition="affinity",
                method="linearised_ratio",
                subject="preference_affinity",
                group=str(row["segment"]),
                values={
                    "class": Value(str(row["segment"]), "label:rf4"),
                    "category": Value(str(row["category"]), "label:category"),
                    "cells": Value(len(affinity), "count"),
                    "beyond": Value(int(affinity["beyond_chance"].sum()), "count"),
                },
            )
        )
    else:
        few = customers < state.context.base_limit
        compared = "base_too_small" if few else "not_computable"
        reason = compared if affinity.empty else "no_difference"
        found.append(
            state.withheld("preference_affinity", reason, definition="affinity", base=customers)
        )
    return tuple(found)
