"""Figures and tables of the choice of a brand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.choice.common import named, order
from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.findings import Chart, Column, TableView, Value

WEIGHTS = ("price", "promoted", "carry_over")
"""Terms of a model that all brands share."""


def response_charts(
    choices: Choices, frames: dict[str, pd.DataFrame], shared: dict[str, Any]
) -> Iterator[Chart]:
    """Return figures: the weight of the purchase before by model, and elasticities of pairs."""
    models = by_model(frames)
    weights = {
        name: Value(models[row]["carry_over"], "number")
        for name, row in (("alike", "logit_last"), ("free", "classes"), ("taken", "taken"))
    }
    frames["carry"] = frames["models"][
        frames["models"]["model"].isin(["logit_last", "classes", "shuffled", "taken"])
    ].reset_index(drop=True)
    whole = shared | {"persons": ()}
    yield Chart(
        name="carry_over",
        key="competitors.choice_carry_over",
        kind="forest",
        frame="carry",
        encode={
            "y": "model",
            "y_unit": "label:choice_model",
            "value": "carry_over",
            "low": "carry_over_low",
            "high": "carry_over_high",
            "unit": "number",
            "x_label": "carry_over_weight",
            "height": 0.75,
        },
        values=weights,
        notes=("choice_models", "choice_taken"),
        **whole,
    )
    if "cross" not in frames:
        return
    names = order(frames["summary"])
    cross = frames["cross"]
    other = cross[cross["brand"] != cross["price_of"]]
    top = other.iloc[int(np.argmax(other["elasticity"]))]
    own = frames["summary"]
    yield Chart(
        name="elasticities",
        key="competitors.choice_elasticities",
        kind="matrix",
        frame="cross",
        encode={
            "x": "price_of_{language}",
            "y": "brand_{language}",
            "value": "elasticity",
            "unit": "number",
            "x_unit": "text",
            "y_unit": "text",
            "x_order": names,
            "y_order": names,
            "x_label": "price_of_brand",
            "y_label": "purchases_of_brand",
            "centre": 0.0,
            "height": max(0.7, 0.1 * len(frames["summary"]) + 0.3),
        },
        values={
            "low": Value(float(own["elasticity"].min()), "number"),
            "high": Value(float(own["elasticity"].max()), "number"),
            "brand": named(choices, top["brand"]),
            "other": named(choices, top["price_of"]),
            "cross": Value(top["elasticity"], "number"),
        },
        notes=("elasticity_definition", "choice_association"),
        **shared,
    )


def response_tables(frames: dict[str, pd.DataFrame], shared: dict[str, Any]) -> Iterator[TableView]:
    """Return tables: models, and what goes with a price by brand."""
    yield TableView(
        name="models",
        key="competitors.choice_models",
        frame="models",
        columns=(
            Column("model", "label:choice_model", heading="choice_model"),
            Column("classes", "count", heading="household_classes"),
            *(
                Column(name, "number", low=f"{name}_low", high=f"{name}_high",
                       heading=f"weight_{name}")
                for name in WEIGHTS
            ),
            Column("log_likelihood", "number", heading="log_likelihood"),
            Column("bic", "number", heading="bic"),
        ),
        notes=("choice_models", "choice_taken"),
        **(shared | {"persons": ()}),
    )  # fmt: skip
    if "cross" not in frames:
        return

    def column(name: str, unit: str, heading: str) -> Column:
        return Column(name, unit, low=f"{name}_low", high=f"{name}_high", heading=heading)

    yield TableView(
        name="prices",
        key="competitors.choice_prices",
        frame="summary",
        columns=(
            Column("brand_{language}", heading="competing_brand"),
            column("elasticity", "number", "own_elasticity"),
            column("loyal", "point_change", "rise_loyal"),
            column("others", "point_change", "rise_others"),
            column("apart", "point_change", "rise_apart"),
        ),
        notes=("elasticity_definition", "price_rise_definition", "choice_association"),
        **shared,
    )


def by_model(frames: dict[str, pd.DataFrame]) -> dict[str, dict[Any, Any]]:
    """Return the rows of ``models``, by model."""
    return {row["model"]: row for row in frames["models"].to_dict("records")}
