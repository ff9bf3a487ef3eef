"""Figure and table of who reaches what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import named, notes
from loyalty_research.tiers.replays import Replays

_TOLD = 182
"""Days of membership up to which the title of the curve tells."""
_REACHED = (
    Persons(
        "reached",
        names=("programme", "target", "programme_zh", "programme_en", "target_zh", "target_en"),
        rows="share",
        of="members",
    ),
)
_CURVE = (
    Persons(
        "added",
        names=("programme", "days", "programme_zh", "programme_en"),
        by=("programme",),
        hides=("share",),
    ),
)


def attain_charts(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the curve of the first reward, one line a programme."""
    curve, summary = frames["curve"], frames["summary"]
    if curve.empty or curve["days"].max() == 0:
        return ()
    run = next(run for run in made.runs if run.programme.id == curve["programme"].iloc[0])
    own = summary[summary["programme"] == run.programme.id].iloc[0]
    line = curve[curve["programme"] == run.programme.id]
    told = line[line["days"] <= _TOLD].iloc[-1]
    chart = Chart(
        name="curve",
        key="programme_reach.curve",
        kind="lines",
        frame="curve",
        encode={
            "x": "days",
            "y": "share",
            "group": "programme_{language}",
            "unit": "share",
            "x_unit": "days",
            "x_label": "days_of_membership",
            "y_label": "share_first_reward",
        },
        values={
            "programme": named(run),
            "share": Value(float(told["share"]), "share"),
            "days": Value(int(told["days"]), "days"),
        },
        definitions=("programme_reach",),
        persons=_CURVE,
        notes=notes(made),
        **_common(made, int(own["members"])),
    )
    return (chart,) if chart.base >= made.context.base_limit else ()


def attain_tables(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[TableView, ...]:
    """Describe the table of targets."""
    summary = frames["summary"]
    if summary.empty:
        return ()
    return (
        TableView(
            name="targets",
            key="programme_reach.targets",
            frame="summary",
            columns=(
                Column("programme_{language}", "text", heading="programme"),
                Column("target_{language}", "text", heading="target"),
                Column("reached", "customers", heading="reached"),
                Column("share", "share", low="low", high="high", heading="share_reached"),
                Column("days", "days", heading="median_days"),
                Column("orders", "orders_rate", heading="median_orders"),
            ),
            definitions=("programme_reach",),
            persons=_REACHED,
            notes=notes(made),
            **_common(made, int(summary["members"].max())),
        ),
    )


def _common(made: Replays, base: int) -> dict[str, Any]:
    return {"base": base, "base_unit": "customers", "period": made.days.iso}
