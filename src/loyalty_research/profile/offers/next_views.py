"""The tables and figures of what to offer next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.profile.offers.next_judge import KINDS, Kind, highest
from loyalty_research.profile.offers.recommend import Recommender

SHOWN = 12
_RANKED = Persons(names=("kind", "method"), rows="apart", rates=("hit", "ndcg", "difference"))


def offered_frame(fitted: Recommender) -> pd.DataFrame:
    """Return one row an item: customers whose first new item it is, and their share."""
    counts = fitted.first_choices()
    frame = pd.DataFrame({"item": list(fitted.names), "customers": counts})
    frame = frame[frame["customers"] > 0]
    frame = frame.sort_values(["customers", "item"], ascending=[False, True], ignore_index=True)
    return frame.assign(share=frame["customers"] / max(int(counts.sum()), 1))


def next_charts(summary: pd.DataFrame, days: Days, k: int) -> tuple[Chart, ...]:
    """Describe the hit rates of each way of ranking, a figure a kind."""
    present = [kind for kind in KINDS if (summary["kind"] == kind).any()]
    return tuple(_chart(summary[summary["kind"] == kind], kind, days, k) for kind in present)


def _chart(rows: pd.DataFrame, kind: Kind, days: Days, k: int) -> Chart:
    used = rows[rows["used"]].iloc[0]
    other = highest(rows[~rows["used"]], "hit")
    return Chart(
        name=f"hits_{kind}",
        key=f"next_products.hits_{kind}",
        kind="bars",
        frame="summary",
        encode={
            "x": "method",
            "x_unit": "label:ranking",
            "y": "hit",
            "low": "hit_low",
            "high": "hit_high",
            "unit": "share",
            "horizontal": True,
            "y_label": "hit_rate",
            "annotate": True,
            "height": 0.75,
            "where": {"kind": kind},
        },
        values={
            "k": Value(k, "count"),
            "other": Value(str(other["method"]), "label:ranking"),
            "other_hit": Value(float(other["hit"]), "share"),
            "used": Value(str(used["method"]), "label:ranking"),
            "used_hit": Value(float(used["hit"]), "share"),
        },
        definitions=("hit_rate",),
        base=int(rows["customers"].max()),
        base_unit="customers",
        period=days.iso,
        persons=(_RANKED,),
    )


def next_tables(
    summary: pd.DataFrame,
    offered: pd.DataFrame,
    unit: str,
    customers: int,
    days: Days,
    split: dt.date,
    k: int,
) -> tuple[TableView, ...]:
    """Describe the comparison, and the items most often offered first."""
    common: dict[str, Any] = {"base_unit": "customers"}
    compared = TableView(
        name="comparison",
        key="next_products.comparison",
        frame="summary",
        columns=(
            Column("kind", "label:next_kind", heading="next_kind"),
            Column("method", "label:ranking", heading="ranking"),
            Column("customers", "customers"),
            Column("hit", "share", low="hit_low", high="hit_high", heading="hit_rate"),
            Column("ndcg", "share", low="ndcg_low", high="ndcg_high", heading="ndcg"),
            Column(
                "difference",
                "point_change",
                low="difference_low",
                high="difference_high",
                heading="ndcg_difference",
            ),
            Column("used", "label:yes_no", heading="used"),
        ),
        values={"k": Value(k, "count"), "split": Value(split.isoformat(), "date")},
        definitions=("hit_rate", "ndcg"),
        base=int(summary["customers"].max()),
        period=(split.isoformat(), days.iso[1]),
        persons=(_RANKED,),
        **common,
    )
    if offered.empty:
        return (compared,)
    return compared, TableView(
        name="offered",
        key="next_products.offered",
        frame="offered_first",
        columns=(
            Column("item", unit, heading="item"),
            Column("customers", "customers", heading="offered_to"),
            Column("share", "share", heading="share_customers"),
        ),
        values={
            "shown": Value(min(SHOWN, len(offered)), "count"),
            "of": Value(len(offered), "count"),
        },
        base=customers,
        period=days.iso,
        persons=(Persons(names=("item",), rates=("share",)),),
        **common,
    )
