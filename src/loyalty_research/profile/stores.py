"""Which stores differ from the chain beyond chance."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.profile.board_months import buyer_count
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    as_days,
    present,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, shrink

_SECTION = "stores"
_GROUPS = ("above", "alike", "below")


def stores(orders: Any, *, period: Any) -> Result:
    """Compare the stores' repurchase rates after shrinking them towards the chain's mean.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales, store_id. Ibis, pandas, polars or
        Arrow.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (stores above, like and below the chain: how many, net sales) and
        ``stores`` (one row a store with enough buyers: net sales, buyers, identified share,
        repurchase rate, shrunk rate with interval, group). Without a ``store_id`` column the one
        finding says so.

    Notes
    -----
    Repurchase at a store: buyers of the store with at least two purchase days there / buyers of
    the store. Shrunk by the normal-normal model, errors from the binomial at the chain's rate, so
    that a store with few buyers leans on the chain. A store whose interval holds the chain's mean
    is not told apart, and no order is given among such stores.

    References
    ----------
    Morris 1983; DerSimonian & Laird 1986.
    """
    days = as_days(period)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    base: dict[str, Any] = {
        "name": "store_board",
        "chapter": CHAPTER,
        "section": _SECTION,
        "context": state.context,
    }
    if "store_id" not in table.columns:
        missing = state.withheld("store_spread", "no_store", definition="store_repurchase")
        return Result(**base, frames={"summary": pd.DataFrame({"group": []})}, findings=(missing,))
    inside = within(table, days)
    totals = store_totals(inside)
    frame = collect(totals, sort_by=["store_id"])
    enough = frame[frame["buyers"] >= state.context.base_limit].reset_index(drop=True)
    if len(enough) < 3:
        few = state.withheld(
            "store_spread", "few_stores", definition="store_repurchase", base=len(enough)
        )
        return Result(**base, frames={"summary": pd.DataFrame({"group": []})}, findings=(few,))
    shown = _shrunk(enough)
    there = inside.filter(inside.store_id.isin(enough["store_id"].tolist()))
    # Persons, not buyers summed over stores: who buys at three stores is one customer.
    people = int(collect_one(buyer_count(there))["buyers"])
    summary = _summary(shown, frame)
    told = int((shown["group"] != "alike").sum())
    chain = float(shown["mean"].iloc[0])
    spread = float(shown["spread"].iloc[0])
    values = {
        "stores": Value(len(enough), "count"),
        "all": Value(len(frame), "count"),
        "told": Value(told, "count"),
        "spread": Value(spread, "percentage_point"),
        "above": Value(int((shown["group"] == "above").sum()), "count"),
        "below": Value(int((shown["group"] == "below").sum()), "count"),
    }
    finding = state(
        "store_spread",
        Estimate(chain, None, None, people),
        unit="share",
        definition="store_repurchase",
        method="shrinkage",
        subject="store_spread",
        values=values,
    )
    return Result(
        **base,
        frames={"summary": summary, "stores": shown},
        findings=(finding,),
        charts=_charts(values | {"chain": Value(chain, "share")}, people, days),
        tables=_tables(people, days),
        references=("morris1983", "dersimonian1986"),
        table=totals,
    )


@reduction
def store_totals(orders: ir.Table) -> ir.Table:
    """Return one row a store: orders, identified_orders, net_sales, buyers, repeaters."""
    rows = orders.filter(present(orders.store_id))
    known = present(rows.customer_id)
    sums = rows.group_by("store_id").aggregate(
        orders=rows.count(), identified_orders=known.sum(), net_sales=rows.net_sales.sum()
    )
    people = (
        rows.filter(known)
        .group_by("store_id", "customer_id")
        .aggregate(occasions=rows.day.nunique())
    )
    buyers = people.group_by("store_id").aggregate(
        buyers=people.count(), repeaters=(people.occasions >= 2).sum()
    )
    return sums.left_join(buyers, "store_id").select(
        "store_id", "orders", "identified_orders", "net_sales", "buyers", "repeaters"
    )


def _shrunk(enough: pd.DataFrame) -> pd.DataFrame:
    buyers = enough["buyers"].to_numpy(dtype=float)
    rate = enough["repeaters"].to_numpy(dtype=float) / buyers
    pooled = float(enough["repeaters"].sum() / buyers.sum())
    found = shrink(rate, np.sqrt(max(pooled * (1 - pooled), 1e-6) / buyers))
    group = np.where(
        found.low > found.mean, "above", np.where(found.high < found.mean, "below", "alike")
    )
    return enough.assign(
        identified_share=enough["identified_orders"] / enough["orders"],
        rate=rate,
        shrunk=found.value,
        low=found.low,
        high=found.high,
        mean=found.mean,
        spread=found.spread,
        group=group,
    )


def _summary(shown: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    total = float(frame["net_sales"].sum()) or 1.0
    rows = []
    for name in _GROUPS:
        group = shown[shown["group"] == name]
        orders = float(group["orders"].sum())
        rows.append(
            {
                "group": name,
                "stores": len(group),
                "net_sales": float(group["net_sales"].sum()),
                "share_sales": float(group["net_sales"].sum()) / total,
                "identified_share": float(group["identified_orders"].sum()) / orders
                if orders
                else np.nan,
                "shrunk_lowest": float(group["shrunk"].min()) if len(group) else np.nan,
                "shrunk_highest": float(group["shrunk"].max()) if len(group) else np.nan,
            }
        )
    small = frame[~frame["store_id"].isin(shown["store_id"])]
    rows.append(
        {
            "group": "small",
            "stores": len(small),
            "net_sales": float(small["net_sales"].sum()),
            "share_sales": float(small["net_sales"].sum()) / total,
            "identified_share": float(small["identified_orders"].sum() / small["orders"].sum())
            if len(small)
            else np.nan,
            "shrunk_lowest": np.nan,
            "shrunk_highest": np.nan,
        }
    )
    return pd.DataFrame(rows)


def _charts(values: dict[str, Value], people: int, days: Days) -> tuple[Chart, ...]:
    return (
        Chart(
            name="stores",
            key="stores.shrunk",
            kind="intervals",
            frame="stores",
            encode={
                "value": "shrunk",
                "low": "low",
                "high": "high",
                "reference": "mean",
                "group": "group",
                "unit": "share",
                "x_label": "store_repurchase",
                "groups": list(_GROUPS),
                "group_unit": "label:store_group",
            },
            values=values,
            definitions=("store_repurchase",),
            base=people,
            base_unit="customers",
            period=days.iso,
        ),
    )


def _tables(base: int, days: Days) -> tuple[TableView, ...]:
    return (
        TableView(
            name="groups",
            key="stores.groups",
            frame="summary",
            columns=(
                Column("group", "label:store_group"),
                Column("stores", "count"),
                Column("net_sales", "money"),
                Column("share_sales", "share"),
                Column("identified_share", "share"),
                Column("shrunk_lowest", "share"),
                Column("shrunk_highest", "share"),
            ),
            definitions=("store_repurchase",),
            base=base,
            base_unit="customers",
            period=days.iso,
        ),
    )
