"""Tables of the yearly review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Column, Persons, TableView
from loyalty_research.tiers.common import named, notes, value_notes
from loyalty_research.tiers.replays import Replays, Run

_DRIFT = (
    Persons(
        "members",
        names=("quarter", "tier", "level_zh", "level_en"),
        by=("quarter",),
        hides=("members", "share", "outside"),
    ),
)
_SUMMARY = (
    Persons(
        "members",
        names=("kind", "measure", "measure_zh", "measure_en", "trigger"),
        by=("kind",),
        hides=("members", "before", "now", "low", "high", "state"),
    ),
)


def review_tables(
    made: Replays, main: Run, frames: Mapping[str, pd.DataFrame]
) -> tuple[TableView, ...]:
    """Describe the table to be filed, and the levels by quarter end."""
    base = len(main.ledger.customers)
    filed = TableView(
        name="measures",
        key="programme_review.measures",
        frame="summary",
        columns=(
            Column("measure_{language}", "text", heading="review_measure"),
            Column("before", "share", heading="year_before"),
            Column("now", "share", heading="review_now"),
            Column("low", "share", heading="expected_low"),
            Column("high", "share", heading="expected_high"),
            Column("trigger", "label:review_trigger", heading="review_trigger"),
            Column("limit", "share", heading="review_limit"),
            Column("state", "label:review_state", heading="review_state"),
        ),
        values={"programme": named(main)},
        definitions=("review_measure", "review_trigger"),
        persons=_SUMMARY,
        notes=notes(made, "review_expected", "review_from_zero", *value_notes((main,))),
        **_common(made, base),
    )
    if len(main.levels) < 2:
        return (filed,)
    drift = TableView(
        name="drift",
        key="programme_review.drift",
        frame="drift",
        columns=(
            Column("quarter", "date", heading="quarter_end"),
            Column("level_{language}", "text", heading="programme_level"),
            Column("members", "customers"),
            Column("share", "share", heading="share_members"),
            Column("expected", "share", low="low", high="high", heading="share_expected"),
            Column("outside", "label:review_outside", heading="review_outside"),
        ),
        values={"programme": named(main)},
        definitions=("review_drift",),
        persons=_DRIFT,
        notes=notes(made, "review_expected"),
        **_common(made, int(frames["drift"]["members_all"].max())),
    )
    return filed, drift


def _common(made: Replays, base: int) -> dict[str, Any]:
    return {"base": base, "base_unit": "customers", "period": made.days.iso}
