"""How moves between bands are shown: flows beside those expected, moves, fifths."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days


def flow_charts(flows: pd.DataFrame, base: int, days: Days) -> tuple[Chart, ...]:
    """Return the flows between bands beside those expected without change."""
    names = flows.drop_duplicates("target").sort_values("target")["to_band"].tolist()
    stayed = flows["origin"] == flows["target"]
    return (
        Chart(
            name="flows",
            key="migration.flows",
            kind="flows",
            frame="summary",
            encode={
                "origin": "origin",
                "target": "target",
                "values": ["observed", "expected"],
                "names": names,
                "unit": "customers",
                "origin_unit": "count",
                "target_unit": "count",
                "height": 1.15,
            },
            values={
                "stayed": Value(float(flows.loc[stayed, "observed"].sum()) / base, "share"),
                "expected": Value(float(flows.loc[stayed, "expected"].sum()) / base, "share"),
                "beyond": Value(int((flows["beyond_chance"] & ~stayed).sum()), "count"),
                "moves": Value(int((~stayed).sum()), "count"),
            },
            definitions=("migration",),
            base=base,
            base_unit="customers",
            period=days.iso,
        ),
    )


def migration_tables(base: int, days: Days) -> tuple[TableView, ...]:
    """Return the tables of moves and of fifths."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    return (
        TableView(
            name="flows",
            key="migration.flows",
            frame="summary",
            columns=(
                Column("from_band", "text"),
                Column("to_band", "text"),
                Column("observed", "count"),
                Column("expected", "count"),
                Column("excess", "count"),
                Column("beyond_chance", "label:yes_no"),
                Column("change", "money_change", heading="sales_change"),
            ),
            persons=(
                Persons(
                    "observed",
                    names=("origin", "target", "from_band", "to_band"),
                    margins=("from_band", "to_band"),
                ),
            ),
            definitions=("migration",),
            **common,
        ),
        TableView(
            name="fifths",
            key="migration.fifths",
            frame="fifths",
            columns=(
                Column("chosen_by", "label:half"),
                Column("fifth", "label:fifth"),
                Column("customers", "customers"),
                Column("chosen_sales", "money"),
                Column("other_sales", "money"),
                Column("factor", "times"),
            ),
            persons=(Persons(names=("fifth",), by=("chosen_by",), rates=("factor",)),),
            **common,
        ),
    )
