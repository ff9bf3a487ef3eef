"""What stores and staff share: repurchase at each, shrunk towards the mean of all."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import reduction
from loyalty_research.findings import Chart, Persons, Value
from loyalty_research.profile.common import Days, present
from loyalty_research.stats import shrink

GROUPS = ("above", "alike", "below")


@reduction
def peer_totals(orders: ir.Table, *, by: str) -> ir.Table:
    """Return one row a value of column ``by``: orders, identified_orders, net_sales, buyers.

    Columns: ``by``, orders, identified_orders, net_sales, buyers, repeaters (buyers with at least
    two purchase days there).
    """
    rows = orders.filter(present(orders[by]))
    known = present(rows.customer_id)
    sums = rows.group_by(by).aggregate(
        orders=rows.count(), identified_orders=known.sum(), net_sales=rows.net_sales.sum()
    )
    people = rows.filter(known).group_by(by, "customer_id").aggregate(occasions=rows.day.nunique())
    buyers = people.group_by(by).aggregate(
        buyers=people.count(), repeaters=(people.occasions >= 2).sum()
    )
    return sums.left_join(buyers, by).select(
        by, "orders", "identified_orders", "net_sales", "buyers", "repeaters"
    )


def shrink_peers(enough: pd.DataFrame) -> pd.DataFrame:
    """Add each peer's repurchase rate, the shrunk one with its interval, and its group.

    Errors are binomial at the rate of all, so that a peer with few buyers leans on the mean; whose
    interval holds the mean is ``alike``.
    """
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


def summarise_peers(shown: pd.DataFrame, frame: pd.DataFrame, *, count: str) -> pd.DataFrame:
    """Sum up peers above, like and below the mean, and those with too few buyers.

    Parameters
    ----------
    shown, frame
        Peers with enough buyers, with their group; all of them. The first column names them.
    count
        Name of the column that counts the peers.
    """
    by = frame.columns[0]
    total = float(frame["net_sales"].sum()) or 1.0
    parts = {name: shown[shown["group"] == name] for name in GROUPS}
    parts["small"] = frame[~frame[by].isin(shown[by])]
    rows = []
    for name, group in parts.items():
        shrunk = group["shrunk"] if "shrunk" in group and len(group) else None
        rows.append(
            {
                "group": name,
                count: len(group),
                # The buyers of a group are at least as many as those of its largest member.
                "most_buyers": int(group["buyers"].fillna(0).max()) if len(group) else 0,
                "net_sales": float(group["net_sales"].sum()),
                "share_sales": float(group["net_sales"].sum()) / total,
                "identified_share": float(group["identified_orders"].sum() / group["orders"].sum())
                if len(group)
                else np.nan,
                "shrunk_lowest": np.nan if shrunk is None else float(shrunk.min()),
                "shrunk_highest": np.nan if shrunk is None else float(shrunk.max()),
            }
        )
    return pd.DataFrame(rows)


def peer_values(shown: pd.DataFrame, frame: pd.DataFrame, *, count: str) -> dict[str, Value]:
    """Return what sentences on peers print."""
    sizes = {name: int((shown["group"] == name).sum()) for name in GROUPS}
    return {
        count: Value(len(shown), "count"),
        "all": Value(len(frame), "count"),
        "told": Value(sizes["above"] + sizes["below"], "count"),
        "spread": Value(float(shown["spread"].iloc[0]), "percentage_point"),
        "above": Value(sizes["above"], "count"),
        "below": Value(sizes["below"], "count"),
    }


def peer_chart(
    key: str, *, frame: str, definition: str, unit: str, values: Any, base: int, days: Days
) -> Chart:
    """Describe the figure of all peers with their intervals against the mean.

    ``definition`` also names the axis; ``unit`` is the label domain of the groups.
    """
    return Chart(
        name=frame,
        key=key,
        kind="intervals",
        frame=frame,
        encode={
            "value": "shrunk",
            "low": "low",
            "high": "high",
            "reference": "mean",
            "group": "group",
            "unit": "share",
            "x_label": definition,
            "groups": list(GROUPS),
            "group_unit": unit,
        },
        values=values,
        definitions=(definition,),
        base=base,
        base_unit="customers",
        period=days.iso,
        persons=(Persons("buyers", rows="apart"),),
    )
