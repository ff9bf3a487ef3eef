"""Where customers buy: the mix of channels, who uses several, and who moved between them."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.channels_alike import at_same_orders
from loyalty_research.profile.channels_moves import OTHER, moved_finding, moves_between
from loyalty_research.profile.channels_views import channel_charts, channel_tables
from loyalty_research.profile.common import (
    CHAPTER,
    Stater,
    as_days,
    drawable,
    identified,
    present,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.peers import peer_totals
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion, ratio

_SECTION = "channels"
_MOST = 6


def channels(orders: Any, *, period: Any) -> Result:
    """Report sales by channel, customers by the number of channels, and moves between them.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales, channel. Ibis, pandas, polars or
        Arrow.
    period
        A brand's period or (first day, last day); its halves are of equal length.

    Returns
    -------
    Result
        Frames ``summary`` (channel: orders, net sales, buyers, identified share, order value),
        ``several`` (customers by channels used: spend with interval, spend at the same number of
        orders) and ``moves`` (main channel of both halves: customers, net sales). Without a
        ``channel`` column the one finding says so.

    Notes
    -----
    The largest six channels by net sales stand for themselves. Main channel of a half: that of the
    customer's largest net sales; moves are those of customers who bought in both. Who buys more
    often has more chances to use several channels, so spend is also compared with customers of one
    channel who have as many orders, with an interval.
    """
    days = as_days(period)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    if "channel" not in table.columns:
        return _withheld(state, "no_channel", 0)
    inside = within(table, days)
    totals = peer_totals(inside, by="channel")
    found = collect(totals, sort_by=["channel"])
    if len(found) < 2:
        return _withheld(state, "one_channel" if len(found) else "not_computable", len(found))
    named = found.nlargest(_MOST, "net_sales")["channel"].tolist()
    first, last = days.halves()
    people = collect(
        channel_customers(
            inside,
            first_end=first.end.isoformat(),
            last_start=last.start.isoformat(),
        ),
        sort_by=["customer_id", "channel"],
    )
    customers = _customers(people)
    frames = {
        "summary": _mix(found, named),
        "several": _several(customers),
        "moves": moves_between(people, named),
    }
    met = {*frames["moves"]["from_channel"], *frames["moves"]["to_channel"]}
    names = [name for name in (*named, OTHER) if name in met]
    count = int(frames["summary"]["orders"].sum())
    base = {"orders": count, "people": len(customers)}
    findings = _findings(state, frames, customers, base)
    return Result(
        name="channels",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=findings,
        charts=drawable(channel_charts(frames, names, base, days), state.context),
        tables=channel_tables(frames, base, days),
        context=state.context,
        table=totals,
    )


def _withheld(state: Stater, reason: str, base: int) -> Result:
    finding = state.withheld("channel_mix", reason, definition="channel", base=base)
    return Result(
        name="channels",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"channel": []})},
        findings=(finding,),
        context=state.context,
    )


@reduction
def channel_customers(orders: ir.Table, *, first_end: str, last_start: str) -> ir.Table:
    """Return one row an identified customer and channel: orders, sales, and those of both halves.

    Columns: customer_id, channel, orders, net_sales, first_sales, last_sales.
    """
    known = identified(orders)
    rows = known.filter(present(known.channel))
    return rows.group_by("customer_id", "channel").aggregate(
        orders=rows.count(),
        net_sales=rows.net_sales.sum(),
        first_sales=rows.net_sales.sum(where=rows.day <= ibis.date(first_end)),
        last_sales=rows.net_sales.sum(where=rows.day >= ibis.date(last_start)),
    )


def _mix(found: pd.DataFrame, named: list[str]) -> pd.DataFrame:
    """Add up the channels; buyers of those beyond the largest are not added, who is in several."""
    small = ~found["channel"].isin(named)
    rows = found[~small].sort_values(["net_sales", "channel"], ascending=[False, True])
    rows = rows.assign(most_buyers=rows["buyers"])
    if small.any():
        rest = found[small][["orders", "identified_orders", "net_sales"]].sum()
        # Together they have at least as many buyers as the largest of them.
        rest["most_buyers"] = found.loc[small, "buyers"].max()
        rows = pd.concat([rows, pd.DataFrame([{"channel": OTHER, **rest.to_dict()}])])
    rows = rows.reset_index(drop=True)
    return rows.assign(
        most_buyers=rows["most_buyers"].fillna(0),
        share_orders=rows["orders"] / rows["orders"].sum(),
        share_sales=rows["net_sales"] / rows["net_sales"].sum(),
        identified_share=rows["identified_orders"] / rows["orders"],
        order_value=rows["net_sales"] / rows["orders"],
        rate=rows["repeaters"] / rows["buyers"],
    )


def _customers(people: pd.DataFrame) -> pd.DataFrame:
    """One row a customer: channels used, orders, net sales."""
    return people.groupby("customer_id", as_index=False).agg(
        channels=("channel", "size"), orders=("orders", "sum"), net_sales=("net_sales", "sum")
    )


def _several(customers: pd.DataFrame) -> pd.DataFrame:
    several = (customers["channels"] >= 2).to_numpy()
    total = float(customers["net_sales"].sum()) or 1.0
    rows = []
    for name, inside in (("one", ~several), ("several", several)):
        group = customers[inside]
        spend = ratio(group["net_sales"].to_numpy(dtype=float), np.ones(len(group)))
        rows.append(
            {
                "channels_used": name,
                "customers": len(group),
                "share_customers": len(group) / max(len(customers), 1),
                "net_sales": float(group["net_sales"].sum()),
                "share_sales": float(group["net_sales"].sum()) / total,
                "orders_per_customer": group["orders"].mean() if len(group) else np.nan,
                "spend": spend.value,
                "spend_low": spend.low,
                "spend_high": spend.high,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(["spend", "spend_low", "spend_high"], float))


def _findings(
    state: Stater, frames: dict[str, pd.DataFrame], customers: pd.DataFrame, base: dict[str, int]
) -> tuple[Finding, ...]:
    mix, rows = frames["summary"], frames["several"].to_dict("records")
    one, several = rows
    top = mix.iloc[0]
    return (
        state(
            "channel_mix",
            Estimate(float(top["share_sales"]), None, None, base["orders"]),
            unit="share",
            definition="channel",
            method="count",
            base_unit="orders",
            subject="channel_mix",
            values={
                "channel": Value(str(top["channel"]), "label:channel"),
                "channels": Value(len(mix), "count"),
                "share_orders": Value(float(top["share_orders"]), "share"),
            },
        ),
        _several_finding(state, one, several, customers),
        moved_finding(state, frames["moves"]),
    )


def _known(value: Any) -> float | None:
    return float(value) if pd.notna(value) else None


def _several_finding(
    state: Stater, one: dict[Any, Any], several: dict[Any, Any], customers: pd.DataFrame
) -> Finding:
    """State how many use several channels, beside customers of one with as many orders."""
    same = at_same_orders(customers)
    if same.value is None:
        return state.withheld(
            "channel_several", "not_computable", definition="channel", base=len(customers)
        )
    sales, users = float(several["net_sales"]), int(several["customers"])
    beyond = False
    if same.base >= state.context.base_limit and same.low is not None and same.high is not None:
        beyond = not same.low <= 0 <= same.high
    return state(
        "channel_several",
        proportion(users, len(customers)),
        unit="share",
        definition="channel",
        method="wilson",
        subject="channel_several",
        task="activate",
        group="several_channels",
        at_stake=sales,
        values={
            "people": Value(users, "customers"),
            "sales": Value(sales, "money"),
            "share_sales": Value(float(several["share_sales"]), "share"),
            "same": Value(same.value, "change"),
            "same_low": Value(same.low, "change"),
            "same_high": Value(same.high, "change"),
            "verdict": Value(str(beyond), "label:difference"),
            "spend_one": Value(_known(one["spend"]), "money"),
            "spend_several": Value(_known(several["spend"]), "money"),
        },
    )
