"""The figures and tables of how long complaints stay open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value


def resolution_charts(
    frames: Mapping[str, pd.DataFrame], common: Mapping[str, Any]
) -> tuple[Chart, ...]:
    """Describe the figure."""
    by_day = frames["summary"].set_index("within")["share"]
    return (
        Chart(
            name="curve",
            key="resolution_times.curve",
            kind="curve",
            frame="curve",
            encode={
                "x": "day",
                "x_unit": "days",
                "y": "share",
                "unit": "share",
                "low": "share_low",
                "high": "share_high",
                "step": True,
                "x_label": "days_since_complaint",
                "y_label": "share_resolved",
                "height": 0.85,
            },
            values={
                "three": Value(float(by_day[3]), "share"),
                "seven": Value(float(by_day[7]), "share"),
            },
            definitions=("resolution_time",),
            persons=(),  # over all complaints
            **common,
        ),
    )


def resolution_tables(
    frames: Mapping[str, pd.DataFrame], common: Mapping[str, Any]
) -> tuple[TableView, ...]:
    """Describe the tables."""
    tables = [
        TableView(
            name="within",
            key="resolution_times.within",
            frame="summary",
            columns=(
                Column("within", "days", heading="days_since_complaint"),
                Column(
                    "share", "share", low="share_low", high="share_high", heading="resolved_share"
                ),
                Column("followed", "count", heading="complaints_followed"),
            ),
            definitions=("resolution_time",),
            persons=(),  # over all complaints
            **common,
        )
    ]
    if len(frames["aspects"]):
        tables.append(
            TableView(
                name="aspects",
                key="resolution_times.aspects",
                frame="aspects",
                columns=(
                    Column("aspect", "label:feedback_aspect"),
                    Column("complaints", "count"),
                    Column(
                        "share",
                        "share",
                        low="share_low",
                        high="share_high",
                        heading="resolved_in_week",
                    ),
                ),
                definitions=("resolution_time",),
                persons=(Persons("people", names=("aspect",), rows="apart", rates=("share",)),),
                **common,
            )
        )
    return tuple(tables)
