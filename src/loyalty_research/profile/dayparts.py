"""Parts of the day: which hours each holds, and orders by them."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days, Stater
from loyalty_research.stats import Estimate

DAYPARTS = {"breakfast": (5, 10), "lunch": (10, 14), "afternoon": (14, 17), "evening": (17, 21)}
"""First hour, and the hour after the last."""
NIGHT = "night"
"""The hours in none of :data:`DAYPARTS`: from 21 to 5."""


def daypart_of(hour: ir.Value) -> ir.Value:
    """Return the part of the day of an hour from 0 to 23."""
    found: ir.Value = ibis.literal(NIGHT)
    for name, (first, after) in DAYPARTS.items():
        found = ((hour >= first) & (hour < after)).ifelse(ibis.literal(name), found)
    return found


def named_hours() -> dict[int, str]:
    """Return the part of the day of each hour."""
    parts = {hour: name for name, span in DAYPARTS.items() for hour in range(*span)}
    return {hour: parts.get(hour, NIGHT) for hour in range(24)}


def dayparts_of(hours: pd.DataFrame) -> pd.DataFrame:
    """Add up orders and sales by weekday and hour to parts of the day, in the order of the day."""
    sums = hours.groupby("daypart", as_index=False)[["orders", "net_sales"]].sum()
    order = [*DAYPARTS, NIGHT]
    frame = sums.sort_values("daypart", key=lambda names: names.map(order.index), ignore_index=True)
    return frame.assign(
        share=frame["orders"] / max(int(frame["orders"].sum()), 1),
        share_sales=frame["net_sales"] / (float(frame["net_sales"].sum()) or 1.0),
        order_value=frame["net_sales"] / frame["orders"],
    )


def daypart_finding(state: Stater, dayparts: pd.DataFrame, total: int) -> Finding:
    """State the part of the day with the most orders."""
    top = dayparts.iloc[int(dayparts["orders"].to_numpy().argmax())]
    return state(
        "timing_daypart",
        Estimate(float(top["share"]), None, None, total),
        unit="share",
        definition="daypart",
        method="count",
        base_unit="orders",
        subject="timing_daypart",
        values={
            "daypart": Value(str(top["daypart"]), "label:daypart"),
            "share_sales": Value(float(top["share_sales"]), "share"),
            "order_value": Value(float(top["order_value"]), "money"),
        },
    )


def daypart_table(orders: int, days: Days) -> TableView:
    """Describe the table."""
    shown: dict[str, Any] = {"base": orders, "base_unit": "orders", "period": days.iso}
    return TableView(
        name="dayparts",
        key="timing.dayparts",
        frame="dayparts",
        columns=(
            Column("daypart", "label:daypart"),
            Column("orders", "count"),
            Column("share", "share", heading="share_orders"),
            Column("share_sales", "share"),
            Column("order_value", "money"),
        ),
        definitions=("daypart", "order_value"),
        persons=(Persons("orders", names=("daypart",), rows="apart", key="clock"),),
        **shown,
    )
