"""The figures and tables of scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days


def score_charts(frames: Mapping[str, pd.DataFrame], base: int, days: Days) -> tuple[Chart, ...]:
    """Describe the figures."""
    common: dict[str, Any] = {"base": base, "base_unit": "respondents", "period": days.iso}
    charts = []
    if "kinds" in frames:
        share = frames["kinds"].set_index("kind")["share"]
        nps = float(frames["summary"].set_index("score")["value"]["nps"])
        charts.append(
            Chart(
                name="kinds",
                key="survey_scores.kinds",
                kind="bars",
                frame="kinds",
                encode={
                    "x": "kind",
                    "x_unit": "label:recommender",
                    "y": "share",
                    "unit": "share",
                    "low": "share_low",
                    "high": "share_high",
                    "horizontal": True,
                    "annotate": True,
                    "y_label": "share_respondents",
                    "height": 0.7,
                },
                values={name: Value(float(share[name]), "share") for name in share.index}
                | {"nps": Value(nps, "rounded")},
                definitions=("nps",),
                persons=(Persons("respondents", names=("kind",)),),
                **common,
            )
        )
    if "quarters" in frames and len(frames["quarters"]) > 1:
        charts.append(_quarters(frames["quarters"], common))
    return tuple(charts)


def _quarters(frame: pd.DataFrame, common: Mapping[str, Any]) -> Chart:
    first, last = frame.iloc[0], frame.iloc[-1]
    return Chart(
        name="quarters",
        key="survey_scores.quarters",
        kind="bars",
        frame="quarters",
        encode={
            "x": "quarter",
            "y": "nps",
            "unit": "rounded",
            "low": "nps_low",
            "high": "nps_high",
            "y_label": "nps",
        },
        values={
            "first": Value(str(first["quarter"]), "text"),
            "first_nps": Value(float(first["nps"]), "rounded"),
            "last": Value(str(last["quarter"]), "text"),
            "last_nps": Value(float(last["nps"]), "rounded"),
        },
        definitions=("nps",),
        persons=(Persons("respondents", names=("quarter",), rates=("nps",)),),
        **common,
    )


def score_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days
) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {"base": base, "base_unit": "respondents", "period": days.iso}
    tables = [
        TableView(
            name="scores",
            key="survey_scores.scores",
            frame="summary",
            columns=(
                Column("score", "label:survey_score"),
                Column("value", "@score_unit", low="low", high="high", heading="score_value"),
                Column("respondents", "count"),
                Column("effective", "count", heading="effective_base"),
            ),
            definitions=("nps", "csat"),
            persons=(Persons("respondents", names=("score",), rows="apart"),),
            **common,
        )
    ]
    if "segments" in frames:
        tables.append(
            TableView(
                name="segments",
                key="survey_scores.segments",
                frame="segments",
                columns=(
                    Column("attribute", "label:attribute"),
                    Column("level", "label:level"),
                    Column("respondents", "count"),
                    Column("nps", "rounded", low="nps_low", high="nps_high"),
                    Column(
                        "satisfaction",
                        "number",
                        low="satisfaction_low",
                        high="satisfaction_high",
                        heading="satisfaction_mean",
                    ),
                    Column(
                        "apart", "rounded", low="apart_low", high="apart_high", heading="nps_apart"
                    ),
                    Column("told", "label:yes_no", heading="beyond_chance"),
                ),
                definitions=("nps",),
                persons=(
                    Persons(
                        "respondents",
                        names=("attribute", "level"),
                        by=("attribute",),
                        rates=("nps", "satisfaction", "apart"),
                    ),
                ),
                **common,
            )
        )
    return tuple(tables)
