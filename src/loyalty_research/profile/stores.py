"""Which stores differ from the chain beyond chance."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.engine import collect, collect_one
from loyalty_research.findings import Column, Persons, TableView, Value
from loyalty_research.profile.board_months import buyer_count
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    as_days,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.peers import (
    peer_chart,
    peer_totals,
    peer_values,
    shrink_peers,
    summarise_peers,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "stores"


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
    totals = peer_totals(inside, by="store_id")
    frame = collect(totals, sort_by=["store_id"])
    enough = frame[frame["buyers"] >= state.context.base_limit].reset_index(drop=True)
    if len(enough) < 3:
        few = state.withheld(
            "store_spread", "few_stores", definition="store_repurchase", base=len(enough)
        )
        return Result(**base, frames={"summary": pd.DataFrame({"group": []})}, findings=(few,))
    shown = shrink_peers(enough)
    there = inside.filter(inside.store_id.isin(enough["store_id"].tolist()))
    # Persons, not buyers summed over stores: who buys at three stores is one customer.
    people = int(collect_one(buyer_count(there))["buyers"])
    chain = float(shown["mean"].iloc[0])
    values = peer_values(shown, frame, count="stores")
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
        frames={"summary": summarise_peers(shown, frame, count="stores"), "stores": shown},
        findings=(finding,),
        charts=(
            peer_chart(
                "stores.shrunk",
                frame="stores",
                definition="store_repurchase",
                unit="label:store_group",
                values=values | {"chain": Value(chain, "share")},
                base=people,
                days=days,
            ),
        ),
        tables=_tables(people, days),
        references=("morris1983", "dersimonian1986"),
        table=totals,
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
            persons=(Persons("most_buyers", names=("group",), rows="apart"),),
        ),
    )
