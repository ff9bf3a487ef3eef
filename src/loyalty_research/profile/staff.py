"""Whose customers come back: sales and repurchase by member of staff."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
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

_SECTION = "staff"
_SHOWN = 30
_FEWEST = 3


def staff(orders: Any, *, period: Any) -> Result:
    """Compare sales and repurchase by member of staff, after shrinking towards the mean of all.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales, staff_id. Ibis, pandas, polars or
        Arrow.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (staff above, like and below the mean: how many, net sales) and
        ``staff`` (at most 30 with enough buyers, by net sales: orders, net sales, buyers,
        identified share, repurchase rate, shrunk rate with interval, group); ``peers`` (all of
        them) where identifiers are public. Without a ``staff_id`` column the one finding says so.

    Notes
    -----
    As :func:`stores`. Staff are persons: unless the brand's identifiers are public they are
    numbered in the order of net sales, no figure carries a mark for each, and the last is left out
    where all others together would tell the sales of a few buyers.

    References
    ----------
    Morris 1983; DerSimonian & Laird 1986.
    """
    days = as_days(period)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    base: dict[str, Any] = {
        "name": "staff",
        "chapter": CHAPTER,
        "section": _SECTION,
        "context": state.context,
    }
    empty = {"summary": pd.DataFrame({"group": []})}
    if "staff_id" not in table.columns:
        missing = state.withheld("staff_spread", "no_staff", definition="staff_repurchase")
        return Result(**base, frames=empty, findings=(missing,))
    inside = within(table, days)
    totals = peer_totals(inside, by="staff_id")
    frame = collect(totals, sort_by=["staff_id"])
    enough = frame[frame["buyers"] >= state.context.base_limit].reset_index(drop=True)
    if len(enough) < _FEWEST:
        few = state.withheld(
            "staff_spread", "few_staff", definition="staff_repurchase", base=len(enough)
        )
        return Result(**base, frames=empty, findings=(few,))
    shown = shrink_peers(enough)
    served = inside.filter(inside.staff_id.isin(enough["staff_id"].tolist()))
    people = int(collect_one(buyer_count(served))["buyers"])
    mean = float(shown["mean"].iloc[0])
    everything = float(collect_one(inside.aggregate(sales=inside.net_sales.sum()))["sales"])
    values = peer_values(shown, frame, count="staff") | {
        "covered": Value(float(frame["net_sales"].sum()) / everything, "share")
    }
    finding = state(
        "staff_spread",
        Estimate(mean, None, None, people),
        unit="share",
        definition="staff_repurchase",
        method="shrinkage",
        subject="staff_spread",
        task="retain",
        values=values,
    )
    public = state.context.public
    listed = _listed(shown, frame, fewest=0 if public else state.context.disclosure_limit)
    frames = {
        "summary": summarise_peers(shown, frame, count="staff"),
        "staff": _named(listed, public=public),
    }
    if public:
        frames["peers"] = shown
    return Result(
        **base,
        frames=frames,
        findings=(finding,),
        charts=_charts(values | {"mean": Value(mean, "share")}, people, days) if public else (),
        tables=_tables(len(listed), len(enough), people, days),
        references=("morris1983", "dersimonian1986"),
        table=totals,
    )


def _listed(shown: pd.DataFrame, frame: pd.DataFrame, *, fewest: int) -> pd.DataFrame:
    """Return staff by net sales; the last stays out where the rest has few buyers.

    What a list leaves of all sales would tell what those few spent.
    """
    rows = shown.sort_values(
        ["net_sales", "staff_id"], ascending=[False, True], ignore_index=True
    ).head(_SHOWN)
    rest = frame.loc[~frame["staff_id"].isin(rows["staff_id"]), "buyers"].fillna(0)
    return rows.iloc[:-1] if len(rest) and 0 < rest.max() < fewest else rows


def _named(rows: pd.DataFrame, *, public: bool) -> pd.DataFrame:
    """Return staff numbered in their order where their identifiers are not public."""
    names = rows["staff_id"].astype(str) if public else (np.arange(len(rows)) + 1).astype(str)
    return rows.drop(columns="staff_id").assign(staff=names)


def _charts(values: dict[str, Value], people: int, days: Days) -> tuple[Chart, ...]:
    return (
        peer_chart(
            "staff.shrunk",
            frame="peers",
            definition="staff_repurchase",
            unit="label:staff_group",
            values=values,
            base=people,
            days=days,
        ),
    )


def _tables(listed: int, enough: int, people: int, days: Days) -> tuple[TableView, ...]:
    common: dict[str, Any] = {
        "definitions": ("staff_repurchase",),
        "base": people,
        "base_unit": "customers",
        "period": days.iso,
    }
    return (
        TableView(
            name="groups",
            key="staff.groups",
            frame="summary",
            columns=(
                Column("group", "label:staff_group"),
                Column("staff", "count", heading="staff_count"),
                Column("net_sales", "money"),
                Column("share_sales", "share"),
                Column("identified_share", "share"),
                Column("shrunk_lowest", "share"),
                Column("shrunk_highest", "share"),
            ),
            persons=(Persons("most_buyers", names=("group",), rows="apart"),),
            **common,
        ),
        TableView(
            name="staff",
            key="staff.staff",
            frame="staff",
            columns=(
                Column("staff", "text"),
                Column("net_sales", "money"),
                Column("orders", "count"),
                Column("identified_share", "share"),
                Column("buyers", "customers"),
                Column("shrunk", "share", low="low", high="high", heading="shrunk_rate"),
                Column("group", "label:staff_group"),
            ),
            values={
                "shown": Value(listed, "count"),
                "staff": Value(enough, "count"),
            },
            persons=(Persons("buyers", names=("staff",), rows="apart"),),
            **common,
        ),
    )
