"""Purchases of complainers around their complaint: one row a customer."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.profile.common import Days, customer_totals, valid_orders, within

_SHORTEST, _LONGEST = 14, 91


def usual_gap(orders: Any, days: Days) -> int:
    """Return twice the median gap between customers' purchase days, in whole weeks of days.

    Each customer who bought on several days counts once, with the mean of the own gaps; from 2 to
    13 weeks.
    """
    totals = collect(
        customer_totals(within(valid_orders(orders, "customer_id"), days)),
        sort_by=["customer_id"],
    )
    again = totals[totals["occasions"] > 1]
    if again.empty:
        return _LONGEST
    length = pd.to_datetime(again["last_day"]) - pd.to_datetime(again["first_day"])
    gap = float((length.dt.days / (again["occasions"] - 1)).median())
    return int(min(max(7 * round(2 * gap / 7), _SHORTEST), _LONGEST))


def purchases_around(
    orders: Any, complaints: pd.DataFrame, *, landmark: int, window: int, history: int
) -> pd.DataFrame:
    """Return the complaints with the purchase days before, and whether a purchase came after.

    Parameters
    ----------
    orders
        Valid orders.
    complaints
        One row a customer: customer_id, day, answered.
    landmark, window, history
        Days: after the complaint until purchases count, for which they count, and before it.

    Returns
    -------
    pandas.DataFrame
        With ``before`` (purchase days, the day of the complaint included) and ``stayed``.
    """
    table = valid_orders(orders, "customer_id")
    keys = complaints[["customer_id", "day"]].rename(columns={"day": "complained_on"})
    keys["customer_id"] = keys["customer_id"].astype(
        "int64" if table.customer_id.type().is_integer() else object
    )
    found = collect(
        around_complaints(
            table, ibis.memtable(keys), landmark=landmark, window=window, history=history
        ),
        sort_by=["customer_id"],
    ).set_index("customer_id")
    place = found.reindex(keys["customer_id"].to_numpy())
    return complaints.assign(
        before=place["before"].fillna(0).to_numpy(dtype=int),
        stayed=place["after"].fillna(0).to_numpy(dtype=int) > 0,
    )


@reduction
def around_complaints(
    orders: ir.Table, complaints: ir.Table, *, landmark: int, window: int, history: int
) -> ir.Table:
    """Count each complainer's purchase days before the complaint and after the landmark.

    Columns: customer_id, before, after.
    """
    joined = orders.select("customer_id", "day").distinct().join(complaints, "customer_id")
    apart = joined.day.delta(joined.complained_on, unit="day")
    return joined.group_by("customer_id").aggregate(
        before=((apart <= 0) & (apart > -history)).sum(),
        after=((apart > landmark) & (apart <= landmark + window)).sum(),
    )
