"""The figure and tables of the way from a visit to an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

_STEPS = Persons(names=("step",), rows="nested", rates=("share", "share_visits", "rate"))
_PATHS = Persons(names=("path",), rows="apart")
_ACTS = Persons(names=("act",), rows="apart", rates=("spend", "times_each"))


def funnel_charts(frames: Mapping[str, pd.DataFrame], days: Days) -> tuple[Chart, ...]:
    """Describe the figure: shares of visits that get to each step."""
    rows = {str(row["step"]): row for row in frames["summary"].to_dict("records")}
    viewers = int(rows["view"]["customers"])
    if not viewers or "cart" not in rows:
        return ()
    return (
        Chart(
            name="steps",
            key="funnel.steps",
            kind="bars",
            frame="summary",
            encode={
                "x": "step",
                "x_unit": "label:funnel_step",
                "y": "share_visits",
                "unit": "share",
                "low": "visits_low",
                "high": "visits_high",
                "horizontal": True,
                "annotate": True,
                "y_label": "share_visits",
                "height": 0.7,
            },
            values={
                "to_cart": Value(float(rows["cart"]["rate"]), "share"),
                "cart": Value(float(rows["cart"]["share_visits"]), "share"),
                "order": Value(float(rows["purchase"]["share_visits"]), "share"),
            },
            definitions=("funnel",),
            base=viewers,
            base_unit="customers",
            period=days.iso,
            persons=(_STEPS,),
        ),
    )


def funnel_tables(
    frames: Mapping[str, pd.DataFrame], customers: int, days: Days
) -> tuple[TableView, ...]:
    """Describe the tables that have rows."""
    common: dict[str, Any] = {"base_unit": "customers", "period": days.iso}
    viewers = int(frames["summary"]["customers"].iloc[0])
    steps = TableView(
        name="steps",
        key="funnel.steps",
        frame="summary",
        columns=(
            Column("step", "label:funnel_step"),
            Column("visits", "count"),
            Column("rate", "share", low="rate_low", high="rate_high", heading="of_step_before"),
            Column("customers", "customers"),
            Column("share", "share", low="share_low", high="share_high", heading="of_viewers"),
        ),
        definitions=("funnel",),
        persons=(_STEPS,),
        base=viewers,
        **common,
    )
    paths = TableView(
        name="paths",
        key="funnel.paths",
        frame="paths",
        columns=(
            Column("path", "label:funnel_path"),
            Column("customers", "customers"),
            Column("share", "share", low="low", high="high", heading="share_customers"),
            Column("share_days", "share", heading="share_customer_days"),
        ),
        definitions=("funnel_path",),
        persons=(_PATHS,),
        base=customers,
        **common,
    )
    acts = TableView(
        name="acts",
        key="funnel.acts",
        frame="acts",
        columns=(
            Column("act", "label:act"),
            Column("customers", "customers"),
            Column("share", "share", low="low", high="high", heading="share_customers"),
            Column("times_each", "occasions_rate"),
            Column("spend", "money", low="spend_low", high="spend_high"),
        ),
        definitions=("referral", "spend_per_customer"),
        persons=(_ACTS,),
        base=customers,
        **common,
    )
    shown = (steps if viewers else None, paths, acts if len(frames["acts"]) else None)
    return tuple(view for view in shown if view is not None)
