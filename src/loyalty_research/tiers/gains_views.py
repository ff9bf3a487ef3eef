"""Figures and table of who gains and who loses between two programmes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.tiers.common import named, notes, value_notes
from loyalty_research.tiers.replays import Replays, Run

_NAMES = ("programme", "programme_zh", "programme_en", "decile")
_SHARES = ("share_better", "share_worse", "minus_worse")
_RATES = (*_SHARES, "each_first", "each_other", "each_difference")
_OTHER = Column("programme_{language}", "text", heading="other_programme")
_PERSONS = (
    Persons("members", names=_NAMES, by=("programme",), rates=_RATES),
    Persons("better", names=_NAMES, rows="share", of="members", hides=("share_better", "better")),
    Persons("worse", names=_NAMES, rows="share", of="members", hides=_SHARES[1:]),
    Persons("alike", names=_NAMES, rows="share", of="members", hides=_SHARES),
)


def gain_charts(made: Replays, pairs: Sequence[Run], summary: pd.DataFrame) -> tuple[Chart, ...]:
    """Describe one figure a candidate: shares better off upwards, worse off downwards."""
    main = made.main
    charts = [_chart(made, main, other, summary) for other in pairs if main is not None]
    return tuple(chart for chart in charts if chart.base >= made.context.base_limit)


def _chart(made: Replays, main: Run, other: Run, summary: pd.DataFrame) -> Chart:
    own = summary[summary["programme"] == other.programme.id]
    members = int(own["members"].sum())
    top = own.iloc[-1]
    return Chart(
        name=f"deciles_{other.programme.id}",
        key="programme_gains.deciles",
        kind="stacked",
        frame="summary",
        encode={
            "x": "decile",
            "x_unit": "count",
            "parts": ["share_better", "minus_worse"],
            "unit": "share",
            "x_label": "tenth_of_members",
            "y_label": "better_and_worse",
            "where": {"programme": other.programme.id},
        },
        values={
            "programme": named(main),
            "other": named(other),
            "better": Value(float(own["better"].sum()) / members, "share"),
            "worse": Value(float(own["worse"].sum()) / members, "share"),
            "top_better": Value(float(top["share_better"]), "share"),
            "top_worse": Value(float(top["share_worse"]), "share"),
        },
        definitions=("gain", "tenth_of_members"),
        base=members,
        base_unit="customers",
        period=made.days.iso,
        persons=_PERSONS,
        notes=notes(made, *value_notes((main, other))),
    )


def gain_tables(made: Replays, summary: pd.DataFrame) -> tuple[TableView, ...]:
    """Describe the table by tenth of members."""
    main = made.main
    base = int(summary.groupby("programme")["members"].sum().max())
    values: dict[str, Any] = {} if main is None else {"programme": named(main)}
    return (
        TableView(
            name="deciles",
            key="programme_gains.deciles",
            frame="summary",
            columns=(
                *([_OTHER] if len(set(summary["programme"])) > 1 else []),
                Column("decile", "count", heading="tenth_of_members"),
                Column("members", "customers"),
                Column("each_first", "money", heading="value_each_first"),
                Column("each_other", "money", heading="value_each_other"),
                Column("each_difference", "money_change", heading="value_difference"),
                Column("share_better", "share"),
                Column("share_worse", "share"),
            ),
            values=values,
            definitions=("gain", "tenth_of_members"),
            base=base,
            base_unit="customers",
            period=made.days.iso,
            persons=_PERSONS,
            notes=notes(made, *value_notes(made.runs)),
        ),
    )
