"""What is said and shown of a path model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.pls.bootstrap import Draws
from loyalty_research.drivers.pls.fit import Fit
from loyalty_research.drivers.pls.predict import Prediction
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import SurveyStater
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate

_LOW_HIGH = {"low": "low", "high": "high"}


def bilingual(row: Mapping[Any, Any], column: str) -> Value:
    """Return the text of a row in both languages."""
    return Value({"zh": str(row[f"{column}_zh"]), "en": str(row[f"{column}_en"])}, "bilingual")


def estimate_of(row: Mapping[Any, Any], base: int) -> Estimate:
    """Return value, low and high of a row; what is no number becomes None."""
    value, low, high = (
        None if pd.isna(row[name]) else float(row[name]) for name in ("value", "low", "high")
    )
    if low is None or high is None:
        low = high = None
    return Estimate(value, low, high, base)


def path_findings(
    state: SurveyStater,
    frames: Mapping[str, pd.DataFrame],
    fit: Fit,
    prediction: Prediction,
    model: SurveyModel,
    *,
    consistent: bool,
) -> tuple[Finding, ...]:
    """State the strongest association with the outcome, R squared, what is unsure, prediction."""
    base = len(fit.answers)
    method = "plsc" if consistent else "pls"
    totals, explained, paths = frames["totals"], frames["explained"], frames["summary"]
    top = totals.iloc[0].to_dict()
    end = explained[explained["construct"] == model.outcome].iloc[0].to_dict()
    unsure = paths[~((paths["low"] > 0) | (paths["high"] < 0))]
    negative = paths[paths["high"] < 0]
    common: dict[str, Any] = {"unit": "number", "method": method}
    found = [
        state(
            "paths_strongest",
            estimate_of(top, base),
            definition="total_effect",
            subject="paths",
            task="retain",
            values={
                "construct": bilingual(top, "cause"),
                "outcome": bilingual(top, "outcome"),
            },
            **common,
        ),
        state(
            "paths_explained",
            estimate_of(end, base),
            definition="r_squared",
            values={"outcome": bilingual(end, "construct")},
            **(common | {"unit": "share"}),
        ),
        state(
            "paths_unsure",
            float(len(unsure)),
            base=base,
            definition="path",
            values={
                "paths": Value(len(paths), "count"),
                "unsure": Value(len(unsure), "count"),
                "negative": Value(len(negative), "count"),
            },
            **(common | {"unit": "count"}),
        ),
        _predicted(state, prediction),
    ]
    bad = fit.draws.inadmissible
    if bad or not fit.solution.admissible[0]:
        found.append(
            state(
                "paths_inadmissible",
                bad / fit.draws.draws,
                base=base,
                definition="path",
                values={
                    "draws": Value(fit.draws.draws, "count"),
                    "bad": Value(bad, "count"),
                    "stuck": Value(fit.draws.not_converged, "count"),
                },
                **(common | {"unit": "share"}),
            )
        )
    return tuple(found)


def _predicted(state: SurveyStater, prediction: Prediction) -> Finding:
    better = "better" if prediction.low > 0 else "worse" if prediction.high < 0 else "alike"
    return state(
        f"paths_predict_{better}",
        Estimate(prediction.gain, prediction.low, prediction.high, prediction.respondents),
        unit="number",
        definition="predictive_gain",
        method="pls_predict",
        values={
            "items": Value(len(prediction.items), "count"),
            "useful": Value(int((prediction.q_squared > 0).sum()), "count"),
        },
    )


def path_charts(frames: Mapping[str, pd.DataFrame], base: int, days: Days) -> tuple[Chart, ...]:
    """Return the figures: paths, and total effects on the outcome."""
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "persons": (),
        "kind": "forest",
    }
    paths, totals = frames["summary"], frames["totals"]
    strongest = paths.iloc[int(np.argmax(paths["value"]))].to_dict()
    top, last = totals.iloc[0].to_dict(), totals.iloc[-1].to_dict()
    unsure = int((~((paths["low"] > 0) | (paths["high"] < 0))).sum())
    return (
        Chart(
            name="paths",
            key="paths.paths",
            frame="summary",
            encode={
                "y": "arrow_{language}",
                "value": "value",
                **_LOW_HIGH,
                "unit": "number",
                "x_label": "path_coefficient",
                "height": max(0.9, 0.11 * len(paths)),
            },
            values={
                "arrow": bilingual(strongest, "arrow"),
                "value": Value(float(strongest["value"]), "number"),
                "paths": Value(len(paths), "count"),
                "unsure": Value(unsure, "count"),
            },
            definitions=("path",),
            **common,
        ),
        Chart(
            name="totals",
            key="paths.totals",
            frame="totals",
            encode={
                "y": "cause_{language}",
                "value": "value",
                **_LOW_HIGH,
                "unit": "number",
                "x_label": "total_effect",
                "height": max(0.7, 0.11 * len(totals)),
            },
            values={
                "outcome": bilingual(top, "outcome"),
                "first": bilingual(top, "cause"),
                "first_value": Value(float(top["value"]), "number"),
                "last": bilingual(last, "cause"),
                "last_value": Value(float(last["value"]), "number"),
            },
            definitions=("total_effect",),
            **common,
        ),
    )


def path_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days, draws: Draws
) -> tuple[TableView, ...]:
    """Return the tables: paths with effect sizes, R squared, prediction."""
    del frames
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "persons": (),
        "values": {
            "draws": Value(draws.draws, "count"),
            "stuck": Value(draws.not_converged, "count"),
            "bad": Value(draws.inadmissible, "count"),
        },
    }
    return (
        TableView(
            name="paths",
            key="paths.paths",
            frame="summary",
            columns=(
                Column("cause_{language}", heading="cause"),
                Column("outcome_{language}", heading="path_to"),
                Column("value", "number", heading="path_coefficient", **_LOW_HIGH),
                Column("f_squared", "number"),
                Column("vif", "number"),
            ),
            definitions=("path", "f_squared", "vif"),
            notes=("draws",),
            **common,
        ),
        TableView(
            name="explained",
            key="paths.explained",
            frame="explained",
            columns=(
                Column("construct_{language}", heading="construct"),
                Column("value", "share", heading="r_squared", **_LOW_HIGH),
            ),
            definitions=("r_squared",),
            **common,
        ),
        TableView(
            name="prediction",
            key="paths.prediction",
            frame="prediction",
            columns=(
                Column("item", heading="survey_item"),
                Column("q_squared", "number"),
                Column("rmse", "number", heading="rmse_model"),
                Column("rmse_linear", "number"),
            ),
            definitions=("q_squared",),
            **common,
        ),
    )
