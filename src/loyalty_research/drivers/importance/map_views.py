"""What is said and shown of importance and performance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.opening import SurveyStater
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate


def map_findings(
    state: SurveyStater, causes: pd.DataFrame, outcome: Mapping[Any, Any], base: int
) -> tuple[Finding, ...]:
    """State which construct matters much and scores low, or that there is none."""
    first = causes[causes["place"] == "first"]
    shown = (first if len(first) else causes).iloc[0].to_dict()
    return (
        state(
            "map_first" if len(first) else "map_none",
            Estimate(
                shown["performance"], shown["performance_low"], shown["performance_high"], base
            ),
            unit="number",
            definition="importance_performance",
            method="ipma",
            subject="performance_map",
            task="retain",
            values={
                "construct": _name(shown),
                "outcome": _name(outcome),
                "importance": Value(float(shown["importance"]), "number"),
                "mean": Value(float(causes["performance"].mean()), "number"),
                "mean_importance": Value(float(causes["importance"].mean()), "number"),
            },
        ),
    )


def _name(row: Mapping[Any, Any]) -> Value:
    return Value({"zh": str(row["construct_zh"]), "en": str(row["construct_en"])}, "bilingual")


def map_charts(
    causes: pd.DataFrame, outcome: Mapping[Any, Any], base: int, days: Days
) -> tuple[Chart, ...]:
    """Return the map."""
    most = causes.iloc[0].to_dict()
    lowest = causes.iloc[int(np.argmin(causes["performance"]))].to_dict()
    return (
        Chart(
            name="map",
            key="performance_map.map",
            kind="plane",
            frame="summary",
            encode={
                "x": "importance",
                "x_low": "importance_low",
                "x_high": "importance_high",
                "y": "performance",
                "y_low": "performance_low",
                "y_high": "performance_high",
                "name": "construct_{language}",
                "name_unit": "text",
                "unit": "number",
                "y_unit": "number",
                "x_label": "importance_points",
                "y_label": "performance_points",
                "height": 1.2,
            },
            values={
                "outcome": _name(outcome),
                "most": _name(most),
                "most_importance": Value(float(most["importance"]), "number"),
                "lowest": _name(lowest),
                "lowest_score": Value(float(lowest["performance"]), "number"),
            },
            definitions=("importance_performance",),
            base=base,
            base_unit="respondents",
            period=days.iso,
            persons=(),
        ),
    )


def map_tables(base: int, days: Days) -> tuple[TableView, ...]:
    """Return the table behind the map."""
    ends: dict[str, Any] = {
        name: {"low": f"{name}_low", "high": f"{name}_high"}
        for name in ("importance", "performance")
    }
    return (
        TableView(
            name="map",
            key="performance_map.map",
            frame="summary",
            columns=(
                Column("construct_{language}", heading="construct"),
                Column("importance", "number", heading="importance_points", **ends["importance"]),
                Column(
                    "performance", "number", heading="performance_points", **ends["performance"]
                ),
                Column("place", "label:map_place", heading="map_place"),
                Column("negative", "label:yes_no", heading="negative_weight"),
            ),
            definitions=("importance_performance",),
            base=base,
            base_unit="respondents",
            period=days.iso,
            persons=(),
        ),
    )
