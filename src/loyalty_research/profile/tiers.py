"""How members and sales stand by tier, as far as one snapshot of the tiers can tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import collect
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    customer_totals,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import difference, proportion, ratio

_SECTION = "tiers"
NO_TIER = "none"
"""Stands for buyers whose tier is not known."""


def tiers(brand: Any, *, period: Any) -> Result:
    """Compare members, sales, spend and repurchase by tier.

    Parameters
    ----------
    brand
        A brand with transactions, and customers that carry a ``tier``.
    period
        The brand's period or (first day, last day).

    Returns
    -------
    Result
        Frame ``summary``: one row a tier, by spend a buyer: members, buyers, net sales, shares,
        spend and repurchase with intervals; last the buyers without a tier (``none``). Without a
        table of customers, or a tier in it, the one finding says so.

    Notes
    -----
    The tier is that of the day of the export, not of the day of each purchase; members of a tier
    are all customers who carry it, buyers those with a purchase in the period. A tier is given for
    spending, so that higher tiers spend more by construction: nothing is said of what a tier does.
    Moves between tiers need a second snapshot.
    """
    days = as_days(period)
    table = valid_orders(brand.orders, "customer_id")
    state = stater(table, _SECTION, days)
    if not brand.has("customers"):
        return _withheld(state, "no_customers_table")
    if "tier" not in brand.customers.columns:
        return _withheld(state, "no_tier")
    totals = collect(customer_totals(within(table, days)), sort_by=["customer_id"])
    members = collect(brand.customers.select("customer_id", "tier"), sort_by=["customer_id"])
    members = members[members["tier"].notna()]
    if members["tier"].nunique() < 2 or totals.empty:
        return _withheld(state, "one_tier" if len(totals) else "not_computable")
    buyers = totals.merge(members, on="customer_id", how="left", validate="one_to_one")
    summary = _summary(buyers.fillna({"tier": NO_TIER}), members)
    people = len(members)
    return Result(
        name="tiers",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": summary},
        findings=_findings(state, summary, people),
        charts=_charts(_large(summary, state), people, days),
        tables=_tables(people, days),
        context=state.context,
        table=None,
    )


def _withheld(state: Stater, reason: str) -> Result:
    return Result(
        name="tiers",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"tier": []})},
        findings=(state.withheld("tier_share", reason, definition="tier"),),
        context=state.context,
    )


def _summary(buyers: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    enrolled = members["tier"].value_counts()
    sales = float(buyers["net_sales"].sum()) or 1.0
    rows = []
    for name in [*sorted(enrolled.index), NO_TIER]:
        group = buyers[buyers["tier"] == name]
        size = int(enrolled.get(name, 0))
        if not size and group.empty:
            continue
        spend = ratio(group["net_sales"].to_numpy(dtype=float), np.ones(len(group)))
        back = proportion(int((group["occasions"] >= 2).sum()), len(group))
        rows.append(
            {
                "tier": str(name),
                "members": size,
                "share_members": size / len(members) if size else np.nan,
                "buyers": len(group),
                "others": max(size - len(group), 0),  # members without a purchase
                "active": len(group) / size if size else np.nan,
                "net_sales": float(group["net_sales"].sum()),
                "share_sales": float(group["net_sales"].sum()) / sales,
                "spend": spend.value,
                "spend_low": spend.low,
                "spend_high": spend.high,
                "repurchase": back.value,
                "repurchase_low": back.low,
                "repurchase_high": back.high,
            }
        )
    frame = pd.DataFrame(rows)
    measured = [name for name in frame.columns if name.startswith(("spend", "repurchase"))]
    frame = frame.astype(dict.fromkeys(measured, float)).assign(known=frame["members"] > 0)
    order = frame.sort_values(["known", "spend", "tier"], ascending=[False, False, True])
    return order.drop(columns="known").reset_index(drop=True)


def _large(summary: pd.DataFrame, state: Stater) -> pd.DataFrame:
    """Return the tiers with enough buyers, by spend."""
    return summary[(summary["members"] > 0) & (summary["buyers"] >= state.context.base_limit)]


def _findings(state: Stater, summary: pd.DataFrame, people: int) -> tuple[Finding, ...]:
    enough = _large(summary, state)
    moves = state.withheld("tier_moves", "one_snapshot", definition="tier", base=people)
    if len(enough) < 2:
        few = state.withheld("tier_share", "few_tiers", definition="tier", base=people)
        return few, moves
    top, base = enough.iloc[0], enough.iloc[int(enough["members"].to_numpy().argmax())]
    if base["tier"] == top["tier"]:
        base = enough.iloc[-1]
    share = state(
        "tier_share",
        float(top["share_sales"]),
        unit="share",
        definition="tier",
        method="count",
        base=int(top["buyers"]),
        subject="tier",
        task="retain",
        group="tier",
        at_stake=float(top["net_sales"]),
        values={
            "tier": Value(str(top["tier"]), "label:tier"),
            "members": Value(int(top["members"]), "customers"),
            "share_members": Value(float(top["share_members"]), "share"),
            "active": Value(float(top["active"]), "share"),
            "sales": Value(float(top["net_sales"]), "money"),
        },
    )
    return share, _gap(state, top, base), moves


def _gap(state: Stater, top: pd.Series[Any], base: pd.Series[Any]) -> Finding:
    """State how far the repurchase rates of two tiers lie apart, where beyond chance."""
    rates = [
        proportion(round(row["repurchase"] * row["buyers"]), int(row["buyers"]))
        for row in (top, base)
    ]
    gap = difference(*rates)
    values = {
        "top": Value(str(top["tier"]), "label:tier"),
        "base_tier": Value(str(base["tier"]), "label:tier"),
        "top_rate": Value(rates[0].value, "share"),
        "base_rate": Value(rates[1].value, "share"),
    }
    if gap.low is not None and gap.high is not None and gap.low <= 0 <= gap.high:
        return state.withheld(
            "tier_repurchase", "no_difference", definition="repurchase_rate", base=gap.base
        )
    return state(
        "tier_repurchase",
        gap,
        unit="percentage_point",
        definition="repurchase_rate",
        method="difference",
        subject="tier_repurchase",
        task="activate",
        values=values,
    )


def _charts(enough: pd.DataFrame, people: int, days: Days) -> tuple[Chart, ...]:
    if len(enough) < 2:
        return ()
    top = enough.iloc[0]
    shown = Value(str(top["tier"]), "label:tier")
    return (
        Chart(
            name="tiers",
            key="tiers.tiers",
            kind="bars",
            frame="summary",
            encode={
                "x": "tier",
                "x_unit": "label:tier",
                "y": ["share_members", "share_sales"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_of_total",
            },
            values={
                "tier": shown,
                "share_members": Value(float(top["share_members"]), "share"),
                "share_sales": Value(float(top["share_sales"]), "share"),
            },
            definitions=("tier",),
            base=people,
            base_unit="customers",
            period=days.iso,
        ),
    )


def _tables(people: int, days: Days) -> tuple[TableView, ...]:
    return (
        TableView(
            name="tiers",
            key="tiers.tiers",
            frame="summary",
            columns=(
                Column("tier", "label:tier"),
                Column("members", "customers"),
                Column("share_members", "share"),
                Column("buyers", "customers"),
                Column("share_sales", "share"),
                Column("spend", "money", low="spend_low", high="spend_high"),
                Column(
                    "repurchase",
                    "share",
                    low="repurchase_low",
                    high="repurchase_high",
                    heading="repurchase_rate",
                ),
            ),
            definitions=("tier", "spend_per_customer", "repurchase_rate"),
            base=people,
            base_unit="customers",
            period=days.iso,
            persons=(
                Persons("members", names=("tier",)),
                Persons("buyers", names=("tier",), rates=("spend", "repurchase")),
                # Sales over spend are the buyers.
                Persons(
                    "others",
                    names=("tier",),
                    rows="apart",
                    hides=("buyers", "spend", "spend_low", "spend_high"),
                ),
            ),
        ),
    )
