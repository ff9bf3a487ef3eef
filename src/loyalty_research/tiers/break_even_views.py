"""Figures and tables of the lift that pays for a programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import notes
from loyalty_research.tiers.replays import Replays

PROGRAMME = Column("programme_{language}", "text", heading="programme")
_NAMES = ("programme", "programme_zh", "programme_en")
_COSTS = ("net_sales", "own_cost", "lift")
_ALL = (
    Persons(
        "members",
        names=_NAMES,
        rows="apart",
        rates=(*_COSTS, "present_cost", "extra_cost"),
    ),
)
_LEVELS = (
    Persons(
        "members",
        names=(*_NAMES, "tier", "level_zh", "level_en"),
        by=("programme",),
        rates=_COSTS,
    ),
)


def name_of(row: Mapping[Any, Any]) -> Value:
    """Return the name of a row's programme for a sentence."""
    names = {"zh": str(row["programme_zh"]), "en": str(row["programme_en"])}
    return Value(names, "bilingual")


def lift_chart(made: Replays, paying: pd.DataFrame, margin: float) -> tuple[Chart, ...]:
    """Describe the lift that pays by programme; nothing where one is out of reach."""
    base = int(paying["members"].max())
    if base < made.context.base_limit or not np.isfinite(paying["lift"]).all():
        return ()
    most = paying.iloc[int(paying["lift"].to_numpy().argmax())].to_dict()
    chart = Chart(
        name="break_even",
        key="programme_forecast.break_even",
        kind="bars",
        frame="break_even",
        encode={
            "x": "programme_{language}",
            "y": "lift",
            "unit": "share",
            "horizontal": True,
            "annotate": True,
            "y_label": "break_even_lift",
            "height": max(0.5, 0.16 * len(paying)),
        },
        values={
            "most": name_of(most),
            "lift": Value(most["lift"], "change"),
            "margin": Value(margin, "share"),
        },
        definitions=("break_even",),
        base=base,
        base_unit="customers",
        period=made.days.iso,
        persons=_ALL,
        notes=notes(made),
    )
    return (chart,)


def paying_tables(
    made: Replays, frames: Mapping[str, pd.DataFrame], margin: float, *more: str
) -> tuple[TableView, ...]:
    """Describe the tables of the whole and by level; ``more`` are further notes."""
    common: dict[str, Any] = {
        "base": int(frames["break_even"]["members"].max()),
        "base_unit": "customers",
        "period": made.days.iso,
        "values": {"margin": Value(margin, "share")},
        "notes": notes(made, *more),
    }
    whole = _paying(common, frames)
    return (whole, _levels(common)) if len(frames["levels"]) else (whole,)


def _paying(common: dict[str, Any], frames: Mapping[str, pd.DataFrame]) -> TableView:
    unknown = Column("unknown", "count", heading="unknown_costs")
    return TableView(
        name="break_even",
        key="programme_forecast.break_even",
        frame="break_even",
        columns=(
            PROGRAMME,
            Column("net_sales", "money", heading="member_sales"),
            Column("own_cost", "money", heading="known_cost"),
            Column("present_cost", "money"),
            Column("extra_cost", "money_change"),
            Column("lift", "change", heading="break_even_lift"),
            *([unknown] if frames["break_even"]["unknown"].any() else []),
        ),
        definitions=("break_even",),
        persons=_ALL,
        **common,
    )


def _levels(common: dict[str, Any]) -> TableView:
    return TableView(
        name="levels",
        key="programme_forecast.levels",
        frame="levels",
        columns=(
            PROGRAMME,
            Column("level_{language}", "text", heading="programme_level"),
            Column("members", "customers"),
            Column("net_sales", "money", heading="member_sales"),
            Column("own_cost", "money", heading="known_cost"),
            Column("lift", "change", heading="break_even_lift"),
            Column("plausible", "label:lift_plausible", heading="lift_plausible"),
        ),
        definitions=("break_even_level",),
        persons=_LEVELS,
        **common,
    )
