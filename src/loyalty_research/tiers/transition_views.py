"""Figure and tables of what members bring over to a design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import named, notes, value_notes
from loyalty_research.tiers.replays import Replays, Run
from loyalty_research.tiers.transition_rows import OUTCOMES

_DESIGN = Column("programme_{language}", "text", heading="other_programme")
_OPTION = Column("option", "label:transition_option", heading="transition_option")
_NAMES = ("programme", "programme_zh", "programme_en")
_WORTH = ("worth_before", "worth_after", "liability_before", "liability_after", "cost")
_OPTIONS = (
    Persons("members", names=(*_NAMES, "option", "unknown_benefits"), rows="apart"),
    Persons("falling", names=(*_NAMES, "option"), rows="share", of="members",
            hides=("falling", "losing", "protection", "cost")),
    Persons("worth_less", names=(*_NAMES, "option"), rows="share", of="members",
            hides=("worth_less", "losing", *_WORTH)),
    Persons("losing", names=(*_NAMES, "option"), rows="share", of="members", hides=("losing",)),
)  # fmt: skip
_LEVELS = (
    Persons(
        "members",
        names=(*_NAMES, "tier", "outcome", "level_zh", "level_en"),
        by=("programme",),
        margins=("tier", "outcome"),
    ),
    Persons(
        "level_members",
        names=(*_NAMES, "tier", "outcome"),
        rows="apart",
        rates=("share",),
        hides=("share", "protection"),
    ),
)
_POINTS = (
    Persons(
        "members",
        names=(*_NAMES, "wallet", "wallet_zh", "wallet_en", "value_before", "value_after"),
        rows="apart",
    ),
)


def transition_charts(made: Replays, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe who stays, rises and falls by present level, one figure a design."""
    main, levels = made.main, frames["levels"]
    if main is None:
        return ()
    charts = [
        _chart(made, main, other, levels[levels["programme"] == other.programme.id])
        for other in made.others
        if len(main.levels) > 1 or len(other.levels) > 1
    ]
    return tuple(chart for chart in charts if chart.base >= made.context.base_limit)


def _chart(made: Replays, main: Run, other: Run, own: pd.DataFrame) -> Chart:
    sums = own.groupby("outcome")["members"].sum()
    members = int(own["members"].sum())
    shares = {name: Value(int(sums.get(name, 0)) / max(members, 1), "share") for name in OUTCOMES}
    return Chart(
        name=f"levels_{other.programme.id}",
        key="programme_transition.levels",
        kind="layers",
        frame="levels",
        encode={
            "x": "level_{language}",
            "y": "share",
            "group": "outcome",
            "group_unit": "label:transition_outcome",
            "unit": "share",
            "ranked": True,
            "horizontal": True,
            "annotate": True,
            "where": {"programme": other.programme.id},
            "y_label": "share_of_level",
        },
        values={"programme": named(main), "other": named(other), **shares},
        definitions=("transition_level",),
        persons=_LEVELS,
        notes=notes(made),
        **_common(made, members),
    )


def transition_tables(
    made: Replays, frames: Mapping[str, pd.DataFrame], months: int
) -> tuple[TableView, ...]:
    """Describe the ways side by side, who stays, rises and falls, and the points."""
    base = int(frames["summary"]["members"].max())
    common = _common(made, base)
    said = value_notes(made.runs)
    several = (_DESIGN,) if len(made.others) > 1 else ()
    options = TableView(
        name="options",
        key="programme_transition.options",
        frame="summary",
        columns=(
            *several,
            _OPTION,
            Column("falling", "customers", heading="members_falling"),
            Column("worth_less", "customers", heading="points_worth_less"),
            Column("losing", "customers", heading="members_losing"),
        ),
        values={"months": Value(months, "count")},
        definitions=("transition_level", "transition_worth"),
        persons=_OPTIONS,
        notes=notes(made, *said),
        **common,
    )
    money = TableView(
        name="money",
        key="programme_transition.money",
        frame="summary",
        columns=(
            *several,
            _OPTION,
            Column("worth_after", "money"),
            Column("liability_before", "money"),
            Column("liability_after", "money"),
            Column("protection", "money", heading="protection_cost"),
            Column("cost", "money_change", heading="transition_cost"),
        ),
        values={"months": Value(months, "count")},
        definitions=("transition_worth", "transition_liability", "transition_protection"),
        persons=_OPTIONS,
        notes=notes(made, *said, *_unknown(frames["summary"])),
        **common,
    )
    levels = TableView(
        name="levels",
        key="programme_transition.levels",
        frame="levels",
        columns=(
            *several,
            Column("level_{language}", "text", heading="level_now"),
            Column("outcome", "label:transition_outcome", heading="transition_outcome"),
            Column("members", "customers"),
            Column("share", "share", heading="share_of_level"),
            Column("protection", "money", heading="protection_cost"),
        ),
        values={"months": Value(months, "count")},
        definitions=("transition_level", "transition_protection"),
        persons=_LEVELS,
        notes=notes(made),
        **common,
    )
    if frames["points"].empty:
        return options, money, levels
    return options, money, levels, _points(made, several, said, common)


def _points(
    made: Replays, several: tuple[Column, ...], said: tuple[str, ...], common: dict[str, Any]
) -> TableView:
    return TableView(
        name="points",
        key="programme_transition.points",
        frame="points",
        columns=(
            *several,
            Column("wallet_{language}", "text", heading="wallet"),
            Column("members", "customers", heading="members_with_points"),
            Column("points", "count", heading="points_over"),
            Column("worth", "money", heading="worth_before"),
            Column("one_worth", "money", heading="worth_one_to_one"),
            Column("equal", "count", heading="points_equal_worth"),
            Column("equal_worth", "money", heading="worth_equal"),
        ),
        definitions=("transition_worth",),
        persons=_POINTS,
        notes=notes(made, *said),
        **common,
    )


def _unknown(options: pd.DataFrame) -> tuple[str, ...]:
    return ("benefit_cost_unknown",) if options["unknown_benefits"].any() else ()


def _common(made: Replays, base: int) -> dict[str, Any]:
    return {"base": base, "base_unit": "customers", "period": made.days.iso}
