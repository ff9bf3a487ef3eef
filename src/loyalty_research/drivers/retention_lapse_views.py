"""The figures and tables of falling silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.drivers.retention_lapse_rows import Followed
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days


def lapse_charts(
    frames: Mapping[str, pd.DataFrame], followed: Followed, days: Days
) -> tuple[Chart, ...]:
    """Describe the figure."""
    row = frames["summary"].iloc[0]
    return (
        Chart(
            name="curves",
            key="lapse_times.curves",
            kind="lines",
            frame="curves",
            encode={
                "x": "day",
                "x_unit": "days",
                "y": "staying",
                "unit": "share",
                "group": "series",
                "group_unit": "label:lapse_band",
                "x_label": "days_followed",
                "y_label": "share_staying",
            },
            values={
                "days": Value(followed.days, "days"),
                "lapsed": Value(float(row["lapsed"]), "share"),
                "by_chance": Value(float(row["by_chance"]), "share"),
            },
            definitions=("lapse",),
            persons=(),  # estimates over the whole base and its thirds
            base=len(followed.rows),
            base_unit="customers",
            period=days.iso,
        ),
    )


def lapse_tables(
    frames: Mapping[str, pd.DataFrame], followed: Followed, days: Days
) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {
        "base": len(followed.rows),
        "base_unit": "customers",
        "period": days.iso,
        "values": {"days": Value(followed.days, "days")},
    }
    bands = TableView(
        name="bands",
        key="lapse_times.bands",
        frame="summary",
        columns=(
            Column("band", "label:lapse_band", heading="lapse_band"),
            Column("customers", "customers"),
            Column("net_sales", "money"),
            Column("lapsed", "share", low="lapsed_low", high="lapsed_high"),
            Column("by_chance", "share"),
            Column(
                "beyond",
                "point_change",
                low="beyond_low",
                high="beyond_high",
                heading="beyond_chance_lapse",
            ),
        ),
        definitions=("lapse",),
        persons=(Persons(names=("band",), total="all", rates=("lapsed", "by_chance", "beyond")),),
        **common,
    )
    if "hazards" not in frames:
        return (bands,)
    hazards = TableView(
        name="hazards",
        key="lapse_times.hazards",
        frame="hazards",
        columns=(
            Column("feature", "label:feature"),
            Column("ratio", "number", low="ratio_low", high="ratio_high", heading="hazard_ratio"),
            Column("drift_p", "p_value", heading="drift_p"),
            Column("verdict", "label:hazard_verdict"),
        ),
        definitions=("hazard_ratio",),
        persons=(),  # over the whole base
        **common,
    )
    return bands, hazards
