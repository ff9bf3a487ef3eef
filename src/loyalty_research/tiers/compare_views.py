"""Tables of programmes side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Column, Persons, TableView
from loyalty_research.tiers.common import notes, value_notes
from loyalty_research.tiers.replays import Replays

_NAMES = ("programme", "programme_zh", "programme_en", "status_zh", "status_en", "levels", "rules")
_PERSONS = (
    Persons("members", names=_NAMES, rows="apart", rates=("rate", "first_reward")),
    Persons("above", names=_NAMES, rows="share", of="members", hides=("above_base",)),
    Persons("reached", names=_NAMES, rows="share", of="buyers", hides=("first_reward", "days")),
)


def comparison_tables(made: Replays, summary: pd.DataFrame) -> tuple[TableView, TableView]:
    """Describe two tables, so that each can be read without scrolling."""
    first = Column("programme_{language}", "text", heading="programme")
    reach = (
        first,
        Column("status_{language}", "text", heading="programme_status"),
        Column("members", "customers"),
        Column("levels", "count", heading="number_of_levels"),
        Column("above_base", "share", heading="share_above_base"),
        Column("first_reward", "share", heading="share_first_reward"),
        Column("days", "days", heading="median_days"),
        Column("rules", "count", heading="rules_to_know"),
    )
    money = (
        first,
        Column("rate", "share", heading="reward_rate"),
        Column("value", "money", heading="face_value"),
        Column("cost", "money", heading="known_cost"),
        Column("unknown_costs", "count", heading="unknown_costs"),
        *([Column("fees", "money")] if summary["fees"].notna().any() else []),
        Column("left", "money", heading="left_at_face_value"),
        Column("expired_share", "share"),
    )
    common: dict[str, Any] = {
        "frame": "summary",
        "base": int(summary["members"].max()),
        "base_unit": "customers",
        "period": made.days.iso,
        "persons": _PERSONS,
    }
    return (
        TableView(
            name="reach",
            key="programme_comparison.reach",
            columns=reach,
            definitions=("programme_reach", "rules_to_know"),
            notes=notes(made),
            **common,
        ),
        TableView(
            name="money",
            key="programme_comparison.money",
            columns=money,
            definitions=("reward_rate", "known_cost", "left_at_face_value", "expired_share"),
            notes=notes(made, *value_notes(made.runs)),
            **common,
        ),
    )
