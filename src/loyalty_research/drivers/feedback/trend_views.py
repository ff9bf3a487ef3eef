"""The figures and tables of how complaints move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value

if TYPE_CHECKING:
    from loyalty_research.drivers.feedback.heard import Heard


def trend_charts(heard: Heard, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the figures."""
    leading = frames["leading"]
    first, last = leading.iloc[0], leading.iloc[-1]
    charts = [
        Chart(
            name="leading",
            key="complaint_trend.leading",
            kind="curve",
            frame="leading",
            encode={
                "x": "month",
                "x_unit": "month",
                "y": "share",
                "unit": "share",
                "low": "share_low",
                "high": "share_high",
                "y_label": "share_reviews_complaining",
                "height": 0.85,
            },
            values={
                "aspect": Value(str(first["aspect"]), "label:feedback_aspect"),
                "first": Value(str(first["month"]), "month"),
                "first_share": Value(float(first["share"]), "share"),
                "last": Value(str(last["month"]), "month"),
                "last_share": Value(float(last["share"]), "share"),
            },
            definitions=("complaint_share",),
            persons=(Persons("people", names=("month",), rows="apart", rates=("share",)),),
            notes=heard.notes,
            **heard.common,
        )
    ]
    if len(frames["summary"]) > 1:
        charts.append(_changes(heard, frames["summary"]))
    return tuple(charts)


def _changes(heard: Heard, frame: pd.DataFrame) -> Chart:
    up, down = frame.iloc[0], frame.iloc[-1]
    return Chart(
        name="changes",
        key="complaint_trend.changes",
        kind="forest",
        frame="summary",
        encode={
            "y": "aspect",
            "y_unit": "label:feedback_aspect",
            "value": "points",
            "low": "points_low",
            "high": "points_high",
            "unit": "rounded",
            "x_label": "change_complaint_share",
            "height": 0.85,
        },
        values={
            "up": Value(str(up["aspect"]), "label:feedback_aspect"),
            "up_change": Value(float(up["change"]), "point_change"),
            "down": Value(str(down["aspect"]), "label:feedback_aspect"),
            "down_change": Value(float(down["change"]), "point_change"),
        },
        definitions=("complaint_share",),
        persons=(),  # over all comments
        notes=heard.notes,
        **heard.common,
    )


def trend_tables(heard: Heard, frames: Mapping[str, pd.DataFrame]) -> tuple[TableView, ...]:
    """Describe the tables."""
    if frames["summary"].empty:
        return ()
    return (
        TableView(
            name="changes",
            key="complaint_trend.changes",
            frame="summary",
            columns=(
                Column("aspect", "label:feedback_aspect"),
                Column("complaints", "count"),
                Column("first", "share", heading="share_first_month"),
                Column("last", "share", heading="share_last_month"),
                Column(
                    "change",
                    "point_change",
                    low="change_low",
                    high="change_high",
                    heading="complaint_change",
                ),
                Column("told", "label:yes_no", heading="beyond_chance"),
            ),
            definitions=("complaint_share",),
            persons=(),  # over all comments
            notes=heard.notes,
            **heard.common,
        ),
    )
