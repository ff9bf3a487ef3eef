"""The figures and tables of complaints before and after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from loyalty_research.findings import Chart, Column, TableView, Value

if TYPE_CHECKING:
    from loyalty_research.drivers.feedback.heard import Heard


def fix_charts(heard: Heard, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the figure of the first series."""
    row = frames["summary"].iloc[0]
    return (
        Chart(
            name="weeks",
            key="before_after.weeks",
            kind="lines",
            frame="weeks",
            encode={
                "x": "week",
                "y": "share",
                "unit": "share",
                "group": "line",
                "group_unit": "label:fix_line",
                "x_unit": "count",
                "x_label": "weeks_from_fix",
                "y_label": "share_reviews_complaining",
            },
            values={
                "fix": Value({"zh": row["fix_zh"], "en": row["fix_en"]}, "bilingual"),
                "on": Value(str(row["on"]), "date"),
                "aspect": Value(str(row["aspect"]), "label:feedback_aspect"),
                "before": Value(float(row["before"]), "share"),
                "after": Value(float(row["after"]), "share"),
            },
            definitions=("level_change",),
            persons=(),  # over all comments of a week
            notes=heard.notes,
            **heard.common,
        ),
    )


def fix_tables(heard: Heard) -> tuple[TableView, ...]:
    """Describe the tables: each change, and the same weeks of the other aspects."""
    first = (
        Column("fix_{language}", "text", heading="fix"),
        Column("on", "date", heading="fix_on"),
        Column("aspect", "label:feedback_aspect"),
        Column("before", "share", heading="complaints_before"),
        Column("after", "share", heading="complaints_after"),
        Column("level", "point_change", low="level_low", high="level_high", heading="level_change"),
        Column("told", "label:yes_no", heading="beyond_chance"),
    )
    second = (
        Column("aspect", "label:feedback_aspect"),
        Column("on", "date", heading="fix_on"),
        Column("slope", "number", low="slope_low", high="slope_high", heading="slope_change"),
        Column(
            "others", "point_change", low="others_low", high="others_high", heading="others_level"
        ),
        Column("apart", "number", low="apart_low", high="apart_high", heading="level_apart"),
    )
    return tuple(
        TableView(
            name=name,
            key=f"before_after.{name}",
            frame="summary",
            columns=columns,
            definitions=("level_change",),
            persons=(),  # over all comments of the weeks
            notes=heard.notes,
            **heard.common,
        )
        for name, columns in (("fixes", first), ("compared", second))
    )
