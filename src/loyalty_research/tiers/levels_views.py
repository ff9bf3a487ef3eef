"""Figures and tables of levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import named, notes
from loyalty_research.tiers.replays import Replays, Run

_PROGRAMME = Column("programme_{language}", "text", heading="programme")
_STANDING = (
    Persons(
        "members",
        names=("programme", "tier", "programme_zh", "programme_en", "level_zh", "level_en",
               "label_zh", "label_en"),
        by=("programme",),
    ),
)  # fmt: skip
_MONTHS = (Persons("members", names=("month", "tier", "level_zh", "level_en"), rows="apart"),)
_LANDING = (
    Persons(
        "members",
        names=("programme", "tier", "other_tier", "programme_zh", "programme_en", "level_zh",
               "level_en", "other_zh", "other_en"),
        by=("programme",),
        margins=("tier", "other_tier"),
    ),
    Persons(
        "level_members",
        names=("programme", "tier", "other_tier"),
        rows="apart",
        rates=("share",),
        hides=("share",),
    ),
)  # fmt: skip


def level_charts(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the pyramid, the months of the first with levels, and who lands where."""
    main, first = made.main, next((run for run in made.runs if len(run.levels) > 1), None)
    if main is None or first is None:
        return ()
    charts = [_pyramid(made, first, frames["summary"])]
    if len(frames["months"]) > len(first.levels):
        charts.append(_by_month(made, first, frames["months"]))
    if len(frames["landing"]):
        large = frames["landing"]["level_members"] >= made.context.base_limit
        told = set(frames["landing"].loc[large, "programme"])
        others = [other for other in made.others if other.programme.id in told]
        charts += [_landing(made, main, other, frames["landing"]) for other in others]
    return tuple(chart for chart in charts if chart.base >= made.context.base_limit)


def level_tables(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[TableView, ...]:
    """Describe the table of levels, and of who lands where."""
    base = int(frames["summary"]["all"].max())
    levels = TableView(
        name="levels",
        key="programme_levels.levels",
        frame="summary",
        columns=(
            _PROGRAMME,
            Column("level_{language}", "text", heading="programme_level"),
            Column("members", "customers"),
            Column("share", "share", heading="share_members"),
            Column("ups", "count", heading="moves_up"),
            Column("downs", "count", heading="moves_down"),
        ),
        definitions=("programme_level", "programme_move"),
        persons=_STANDING,
        notes=notes(made),
        **_common(made, base),
    )
    if frames["landing"].empty:
        return (levels,)
    landing = TableView(
        name="landing",
        key="programme_levels.landing",
        frame="landing",
        columns=(
            Column("level_{language}", "text", heading="level_now"),
            Column("programme_{language}", "text", heading="other_programme"),
            Column("other_{language}", "text", heading="level_there"),
            Column("members", "customers"),
            Column("share", "share", heading="share_of_level"),
        ),
        definitions=("programme_level",),
        persons=_LANDING,
        notes=notes(made),
        **_common(made, base),
    )
    return levels, landing


def _common(made: Replays, base: int) -> dict[str, Any]:
    return {"base": base, "base_unit": "customers", "period": made.days.iso}


def _level(row: pd.Series[Any]) -> Value:
    return Value({"zh": str(row["level_zh"]), "en": str(row["level_en"])}, "bilingual")


def _pyramid(made: Replays, run: Run, summary: pd.DataFrame) -> Chart:
    own = summary[summary["programme"] == run.programme.id]
    base, top = own.iloc[0], own.iloc[-1]
    return Chart(
        name="pyramid",
        key="programme_levels.pyramid",
        kind="bars",
        frame="summary",
        encode={
            "x": "label_{language}",
            "y": "share",
            "unit": "share",
            "horizontal": True,
            "annotate": True,
            "y_label": "share_members",
            "where": {"levelled": "yes"},
            "height": max(0.8, len(summary) / 8),
        },
        values={
            "programme": named(run),
            "base_level": _level(base),
            "base_share": Value(float(base["share"]), "share"),
            "top": _level(top),
            "top_share": Value(float(top["share"]), "share"),
        },
        definitions=("programme_level",),
        persons=_STANDING,
        notes=notes(made),
        **_common(made, int(own["all"].iloc[0])),
    )


def _by_month(made: Replays, main: Run, months: pd.DataFrame) -> Chart:
    last = months[months["month"] == months["month"].iloc[-1]]
    first = months[months["month"] == months["month"].iloc[0]]
    return Chart(
        name="months",
        key="programme_levels.months",
        kind="layers",
        frame="months",
        encode={
            "x": "month",
            "x_unit": "month",
            "y": "members",
            "group": "level_{language}",
            "unit": "customers",
            "ranked": True,
            "y_label": "members",
        },
        values={
            "programme": named(main),
            "first": Value(str(first["month"].iloc[0]), "month"),
            "last": Value(str(last["month"].iloc[0]), "month"),
            "first_members": Value(int(first["members"].sum()), "customers"),
            "last_members": Value(int(last["members"].sum()), "customers"),
        },
        definitions=("programme_level",),
        persons=_MONTHS,
        notes=notes(made),
        **_common(made, int(last["members"].sum())),
    )


def _landing(made: Replays, main: Run, other: Run, landing: pd.DataFrame) -> Chart:
    own = landing[landing["programme"] == other.programme.id]
    large = own[own["level_members"] >= made.context.base_limit]
    top = large[large["tier"] == large["tier"].iloc[-1]]
    best = top[top["other_tier"] == other.levels[-1][0]]
    return Chart(
        name=f"landing_{other.programme.id}",
        key="programme_levels.landing",
        kind="layers",
        frame="landing",
        encode={
            "x": "level_{language}",
            "y": "share",
            "group": "other_{language}",
            "unit": "share",
            "ranked": True,
            "horizontal": True,
            "annotate": True,
            "where": {"programme": other.programme.id},
            "y_label": "share_of_level",
        },
        values={
            "programme": named(main),
            "other": named(other),
            "level": _level(top.iloc[0]),
            "other_level": Value(
                {"zh": other.levels[-1][1], "en": other.levels[-1][2]}, "bilingual"
            ),
            "share": Value(float(best["share"].iloc[0]), "share"),
        },
        definitions=("programme_level",),
        persons=_LANDING,
        notes=notes(made),
        **_common(made, int(own["members"].sum())),
    )
