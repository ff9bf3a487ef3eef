"""The figures and tables of the life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
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
            persons=(
                Persons(
                    names=("stage",),
                    key="stage",
                    told=(("dormant", "lost"),),
                    rates=("silence",),
                    adds=("customers", "share_customers", "net_sales", "share_sales"),
                ),
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
            persons=(Persons(names=("stage",), rows="nested", key="stage"),),
            **common,
        ),
    ]
    if "rule" in frames:
        tables += _rule_tables(common)
    return tuple(tables)


def _rule_tables(common: Mapping[str, Any]) -> list[TableView]:
    return [
        TableView(
            name="rule",
            key="lifecycle.rule",
            frame="rule",
            columns=(
                Column("stage", "label:rule_stage"),
                Column("customers", "customers", heading="by_rule"),
                Column("net_sales", "money", heading="sales_by_rule"),
                Column("own_rhythm", "customers"),
                Column("own_sales", "money", heading="sales_own_rhythm"),
            ),
            definitions=("lifecycle_rule",),
            persons=(
                Persons(names=("stage",)),
                Persons("own_rhythm", names=("stage",), key="stage", rest="active"),
            ),
            **common,
        ),
        TableView(
            name="rules",
            key="lifecycle.rules",
            frame="rules",
            columns=(
                Column("by_rule", "label:rule_stage", heading="stage_by_rule"),
                Column("by_rhythm", "label:rule_stage", heading="stage_by_rhythm"),
                Column("customers", "customers"),
                Column("net_sales", "money"),
            ),
            definitions=("lifecycle_rule",),
            persons=(
                Persons(
                    names=("by_rule", "by_rhythm"),
                    margins=("by_rule", "by_rhythm"),
                ),
            ),
            **common,
        ),
    ]
