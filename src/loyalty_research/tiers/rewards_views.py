"""Figure and tables of what comes back and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import has_values, named, notes, value_notes
from loyalty_research.tiers.replays import Replays

_PROGRAMME = Column("programme_{language}", "text", heading="programme")
_NAMES = ("programme", "programme_zh", "programme_en", "decile")
_DECILES = (
    Persons("members", names=_NAMES, by=("programme",), rates=("rate",)),
)  # fmt: skip


def reward_charts(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the rate by tenth of members, one line a programme."""
    frame, main = frames["summary"], made.main
    if main is None or not float(frame["value"].sum()) or frame["decile"].nunique() < 2:
        return ()
    rated = [run for run in made.runs if has_values(run)]
    main = rated[0]
    own = frame[frame["programme"] == main.programme.id]
    low, top = own.iloc[0], own.iloc[-1]
    base = int(own["members"].sum())
    chart = Chart(
        name="deciles",
        key="programme_rewards.deciles",
        kind="lines",
        frame="summary",
        encode={
            "x": "decile",
            "y": "rate",
            "group": "programme_{language}",
            "unit": "share",
            "x_unit": "count",
            "x_label": "tenth_of_members",
            "y_label": "reward_rate",
        },
        values={
            "programme": named(main),
            "low": Value(float(low["rate"]), "share"),
            "top": Value(float(top["rate"]), "share"),
        },
        definitions=("reward_rate", "tenth_of_members"),
        persons=_DECILES,
        notes=notes(made, *value_notes(made.runs)),
        **_common(made, base),
    )
    return (chart,) if base >= made.context.base_limit else ()


def reward_tables(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[TableView, ...]:
    """Describe the tables: tenths of members, points, cost."""
    base = int(frames["summary"].groupby("programme")["members"].sum().max())
    common = _common(made, base)
    small = notes(made, *value_notes(made.runs))
    tables = [_deciles(common, small), _points(common, small)]
    if len(frames["cost"]):
        tables.append(_cost(common, notes(made)))
    return tuple(tables)


def _deciles(common: dict[str, Any], small: tuple[str, ...]) -> TableView:
    return TableView(
        name="deciles",
        key="programme_rewards.deciles",
        frame="summary",
        columns=(
            _PROGRAMME,
            Column("decile", "count", heading="tenth_of_members"),
            Column("members", "customers"),
            Column("net_sales", "money"),
            Column("value", "money", heading="face_value"),
            Column("rate", "share", heading="reward_rate"),
        ),
        definitions=("reward_rate", "tenth_of_members"),
        persons=_DECILES,
        notes=small,
        **common,
    )


def _points(common: dict[str, Any], small: tuple[str, ...]) -> TableView:
    return TableView(
        name="points",
        key="programme_rewards.points",
        frame="points",
        columns=(
            _PROGRAMME,
            Column("wallet_{language}", "text", heading="wallet"),
            Column("earned", "count", heading="points_earned"),
            Column("redeemed", "count", heading="points_redeemed"),
            Column("expired", "count", heading="points_expired"),
            Column("closing", "count", heading="points_left"),
            Column("expired_share", "share"),
            Column("face_value", "money", heading="left_at_face_value"),
        ),
        definitions=("expired_share", "left_at_face_value"),
        persons=(),
        notes=small,
        **common,
    )


def _cost(common: dict[str, Any], small: tuple[str, ...]) -> TableView:
    return TableView(
        name="cost",
        key="programme_rewards.cost",
        frame="cost",
        columns=(
            _PROGRAMME,
            Column("item_{language}", "text", heading="cost_item"),
            Column("kind", "label:cost_kind", heading="cost_kind"),
            Column("uses", "count", heading="uses"),
            Column("value", "money", heading="face_value"),
            Column("amount", "money", heading="cost"),
        ),
        definitions=(),
        persons=(),
        notes=small,
        **common,
    )


def _common(made: Replays, base: int) -> dict[str, Any]:
    return {"base": base, "base_unit": "customers", "period": made.days.iso}
