"""The figures and tables of attitude and behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.drivers.retention_cuts import Plan
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days


def index_charts(
    frames: Mapping[str, pd.DataFrame],
    plan: Plan,
    base: int,
    days: Days,
    *,
    both: bool,
    dated: bool,
) -> tuple[Chart, ...]:
    """Describe the figure."""
    summary = frames["summary"]
    first, last = summary.iloc[0], summary.iloc[-1]
    name = "kinds" if both else "halves"
    return (
        Chart(
            name=name,
            key=f"loyalty_index.{name}",
            kind="bars",
            frame="summary",
            encode={
                "x": "kind",
                "x_unit": "label:loyalty_kind",
                "y": "next_days",
                "unit": "number",
                "low": "next_low",
                "high": "next_high",
                "horizontal": True,
                "annotate": True,
                "y_label": "next_purchase_days",
                "height": 0.75,
            },
            values={
                "weeks": Value(plan.weeks, "count"),
                "first": Value(str(first["kind"]), "label:loyalty_kind"),
                "first_days": Value(float(first["next_days"]), "number"),
                "last": Value(str(last["kind"]), "label:loyalty_kind"),
                "last_days": Value(float(last["next_days"]), "number"),
            },
            definitions=("attitude_behaviour",),
            base=base,
            base_unit="respondents",
            period=days.iso,
            persons=(_GROUPS,),
            notes=() if dated else ("survey_undated",),
        ),
    )


_GROUPS = Persons("respondents", names=("kind",), rates=("next_days", "again"))


def index_tables(
    plan: Plan,
    base: int,
    days: Days,
    *,
    both: bool,
    dated: bool,
) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "values": {"weeks": Value(plan.weeks, "count")},
        "definitions": ("attitude_behaviour",),
        "notes": () if dated else ("survey_undated",),
    }
    name = "kinds" if both else "halves"
    return (
        TableView(
            name=name,
            key=f"loyalty_index.{name}",
            frame="summary",
            columns=(
                Column("kind", "label:loyalty_kind", heading="loyalty_kind"),
                Column("respondents", "count"),
                Column("share", "share", low="share_low", high="share_high"),
                Column(
                    "next_days", "number", low="next_low", high="next_high", heading="next_days"
                ),
                Column("again", "share", low="again_low", high="again_high", heading="again"),
            ),
            persons=(_GROUPS,),
            **common,
        ),
        TableView(
            name="parts",
            key="loyalty_index.parts",
            frame="parts",
            columns=(
                Column("part", "label:loyalty_part", heading="loyalty_part"),
                Column("explained", "share"),
                Column("gain", "number", low="gain_low", high="gain_high", heading="squared_gain"),
            ),
            persons=(),  # over all respondents
            **common,
        ),
    )
