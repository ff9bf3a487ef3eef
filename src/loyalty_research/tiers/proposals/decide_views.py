"""Tables a client decides from, and the figure of the gains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.tiers.proposals.options import Proposals
from loyalty_research.tiers.proposals.shared import OPTION, common, option_column


def decide_charts(proposals: Proposals, gains: pd.DataFrame) -> tuple[Chart, ...]:
    """Describe the gain of every option over the present, with its range over the responses."""
    if proposals.customers < proposals.replays.context.base_limit or gains.empty:
        return ()
    best = gains.iloc[int(gains["gain"].to_numpy().argmax())].to_dict()
    rest = common(proposals)
    chart = Chart(
        name="gains",
        key="programme_choice.gains",
        kind="forest",
        frame="gains",
        encode={
            "y": "option_{language}",
            "value": "gain",
            "low": "low",
            "high": "high",
            "unit": "money_change",
            "x_label": "gain_forecast",
            "height": max(0.7, 0.16 * (len(gains) + 1)),
        },
        definitions=("forecast_gain",),
        **rest
        | {
            "values": rest["values"]
            | {
                "best": Value({"zh": best["option_zh"], "en": best["option_en"]}, "bilingual"),
                "pays": Value(float(best["pays"]), "share"),
            }
        },
    )
    return (chart,)


def decide_tables(
    proposals: Proposals, frames: Mapping[str, pd.DataFrame]
) -> tuple[TableView, ...]:
    """Describe the tables: who is who with the verdict, side by side, what proposals change."""
    rest = common(proposals)
    options = TableView(
        name="options",
        key="programme_choice.options",
        frame="options",
        columns=(
            OPTION,
            Column("name_{language}", "text", heading="programme"),
            Column("verdict", "label:programme_verdict", heading="programme_verdict"),
            *(
                [Column("broken_{language}", "text", heading="programme_limit")]
                if (proposals.judged["broken"] != "").any()
                else []
            ),
        ),
        **rest,
    )
    side = TableView(
        name="side",
        key="programme_choice.side",
        frame="side",
        columns=(
            Column("measure", "label:programme_measure", heading="measure_simulated"),
            *(option_column(item) for item in proposals.options),
        ),
        definitions=(
            "forecast_gain", "choice_cost", "forecast_people", "forecast_regret", "choice_lift",
        ),
        **rest,
    )  # fmt: skip
    if frames["changes"].empty:
        return options, side
    return options, side, _changes(proposals, rest)


def _changes(proposals: Proposals, rest: dict[str, Any]) -> TableView:
    return TableView(
        name="changes",
        key="programme_choice.changes",
        frame="changes",
        columns=(
            Column("rule_{language}", "text", heading="rule"),
            Column("base", "@unit", heading="rule_now"),
            *(option_column(item) for item in proposals.designs),
        ),
        **rest,
    )
