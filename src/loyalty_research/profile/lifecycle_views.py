"""The figures and tables of the life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.profile.common import Days


def lifecycle_charts(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days
) -> tuple[Chart, ...]:
    """Describe the figures."""
    summary = frames["summary"]
    largest = summary.iloc[int(summary["customers"].to_numpy().argmax())]
    silent = summary[summary["stage"].isin(["dormant", "lost"])]
    return (
        Chart(
            name="stages",
            key="lifecycle.stages",
            kind="bars",
            frame="summary",
            encode={
                "x": "stage",
                "x_unit": "label:stage",
                "y": ["share_customers", "share_sales"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_of_total",
            },
            values={
                "stage": Value(str(largest["stage"]), "label:stage"),
                "share_customers": Value(float(largest["share_customers"]), "share"),
                "silent": Value(float(silent["share_customers"].sum()), "share"),
                "silent_sales": Value(float(silent["share_sales"].sum()), "share"),
            },
            definitions=("lifecycle_stage",),
            base=base,
            base_unit="customers",
            period=days.iso,
        ),
    )


def lifecycle_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days
) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    tables = [
        TableView(
            name="stages",
            key="lifecycle.stages",
            frame="summary",
            columns=(
                Column("stage", "label:stage"),
                Column("customers", "customers"),
                Column("share_customers", "share"),
                Column("net_sales", "money"),
                Column("share_sales", "share", low="share_sales_low", high="share_sales_high"),
                Column("silence", "days"),
            ),
            definitions=("lifecycle_stage",),
            **common,
        ),
        TableView(
            name="chance",
            key="lifecycle.chance",
            frame="chance",
            columns=(
                Column("stage", "label:stage_or_beyond", heading="stage"),
                Column("limit", "days"),
                Column("customers", "customers"),
                Column("share_customers", "share"),
                Column("by_chance", "share"),
                Column("net_sales", "money"),
            ),
            **common,
        ),
    ]
    if "rule" in frames:
        tables.append(
            TableView(
                name="rule",
                key="lifecycle.rule",
                frame="rule",
                columns=(
                    Column("stage", "label:rule_stage"),
                    Column("customers", "customers", heading="by_rule"),
                    Column("net_sales", "money"),
                    Column("own_rhythm", "customers"),
                ),
                **common,
            )
        )
    return tuple(tables)
