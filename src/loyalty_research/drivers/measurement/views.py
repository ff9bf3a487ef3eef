"""What is said and shown of the measurement model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import SurveyStater
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate

_SHOWN_PAIRS = 10


def measurement_findings(
    state: SurveyStater,
    frames: Mapping[str, pd.DataFrame],
    model: SurveyModel,
    base: int,
    limit: float,
) -> tuple[Finding, ...]:
    """State how many constructs hold, which fail and what follows, and which are not distinct."""
    summary, items, pairs = frames["summary"], frames["items"], frames["pairs"]
    judged = summary[summary["verdict"] != "not_judged"]
    weak = summary[summary["verdict"].isin(["fails", "short"])]
    found = [
        state(
            "measurement_holds",
            float(len(judged) - len(weak)),
            base=base,
            unit="count",
            definition="reliability",
            method="reliability",
            values={
                "judged": Value(len(judged), "count"),
                "weak": _names(weak),
                "weak_count": Value(len(weak), "count"),
            },
        )
        if len(weak)
        else state(
            "measurement_all_hold",
            float(len(judged)),
            base=base,
            unit="count",
            definition="reliability",
            method="reliability",
        )
    ]
    outcome = summary[summary["construct"] == model.outcome].iloc[0].to_dict()
    own = items[items["construct"] == model.outcome]
    if outcome["verdict"] in {"fails", "short"}:
        worst = own.iloc[int(np.argmin(own["loading"]))].to_dict()
        found.append(
            state(
                f"measurement_outcome_{outcome['verdict']}",
                Estimate(outcome["alpha"], outcome["alpha_low"], outcome["alpha_high"], base),
                unit="number",
                definition="alpha",
                method="reliability",
                subject="measurement_outcome",
                values={
                    "outcome": _both(outcome, "construct"),
                    "raw": Value(float(outcome["alpha_raw"]), "number"),
                    "ave": Value(float(outcome["ave"]), "number"),
                    "item": Value(str(worst["item"]), "text"),
                    "wording": _both(worst, "wording"),
                    "loading": Value(float(worst["loading"]), "number"),
                    "items": Value(len(own), "count"),
                },
            )
        )
    close = pairs[pairs["value"] >= limit]
    top = pairs.iloc[0].to_dict()
    found.append(
        state(
            "measurement_alike" if len(close) else "measurement_distinct",
            Estimate(top["value"], top["low"], top["high"], base),
            unit="number",
            definition="htmt",
            method="reliability",
            values={
                "pairs": Value(len(close), "count"),
                "first": _both(top, "construct"),
                "second": _both(top, "other"),
                "limit": Value(limit, "number"),
            },
        )
    )
    return tuple(found)


def _both(row: Mapping[Any, Any], column: str) -> Value:
    return Value({"zh": str(row[f"{column}_zh"]), "en": str(row[f"{column}_en"])}, "bilingual")


def _names(rows: pd.DataFrame) -> Value:
    return Value(
        {
            "zh": "、".join(rows["construct_zh"]),
            "en": ", ".join(name.lower() for name in rows["construct_en"]),
        },
        "bilingual",
    )


def measurement_views(
    frames: dict[str, pd.DataFrame], base: int, days: Days
) -> tuple[tuple[Chart, ...], tuple[TableView, ...]]:
    """Return the figure of loadings and the tables; adds the frame ``closest`` of shown pairs."""
    items, pairs, summary = frames["items"], frames["pairs"], frames["summary"]
    frames["closest"] = pairs.head(_SHOWN_PAIRS)
    several = summary.loc[summary["items"] > 1, "construct"]
    drawn = items[items["construct"].isin(several)].reset_index(drop=True)
    # English wordings have no room beside a figure: their codes stand in the table below.
    frames["drawn"] = drawn.assign(label_zh=drawn["wording_zh"], label_en=drawn["item"])
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "persons": (),
    }
    worst, best = (
        drawn.iloc[place].to_dict()
        for place in (int(np.argmin(drawn["loading"])), int(np.argmax(drawn["loading"])))
    )
    chart = Chart(
        name="loadings",
        key="measurement.loadings",
        kind="forest",
        frame="drawn",
        encode={
            "y": "label_{language}",
            "value": "loading",
            "low": "loading_low",
            "high": "loading_high",
            "unit": "number",
            "x_label": "loading",
            "reference": 0.7,
            "annotate": False,
            "height": max(1.0, 0.075 * len(drawn)),
        },
        values={
            "best": _both(best, "wording"),
            "best_loading": Value(float(best["loading"]), "number"),
            "worst": _both(worst, "wording"),
            "worst_loading": Value(float(worst["loading"]), "number"),
        },
        definitions=("loading",),
        **common,
    )
    measured = ("alpha", "alpha_raw", "rho_a", "rho_c", "ave")
    return (chart,), (
        TableView(
            name="constructs",
            key="measurement.constructs",
            frame="summary",
            columns=(
                Column("construct_{language}", heading="construct"),
                Column("items", "count", heading="items_count"),
                *(
                    Column(name, "number", low=f"{name}_low", high=f"{name}_high")
                    for name in measured
                ),
                Column("verdict", "label:measurement_verdict"),
            ),
            definitions=("reliability", "alpha", "ave"),
            notes=("measurement_limits",),
            **common,
        ),
        TableView(
            name="items",
            key="measurement.items",
            frame="items",
            columns=(
                Column("item", heading="survey_item"),
                Column("wording_{language}", heading="wording"),
                Column("construct_{language}", heading="construct"),
                Column("loading", "number", low="loading_low", high="loading_high"),
                Column("weight", "number", low="weight_low", high="weight_high",
                       heading="item_weight"),
                Column("other_{language}", heading="other_construct"),
                Column("other_loading", "number"),
            ),
            definitions=("loading",),
            **common,
        ),
        TableView(
            name="closest",
            key="measurement.closest",
            frame="closest",
            columns=(
                Column("construct_{language}", heading="construct"),
                Column("other_{language}", heading="paired_construct"),
                Column("value", "number", low="low", high="high", heading="htmt"),
            ),
            definitions=("htmt",),
            **common,
        ),
    )  # fmt: skip
