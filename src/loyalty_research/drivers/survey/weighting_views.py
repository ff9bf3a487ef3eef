"""What is said and shown of weights to the customer base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.drivers.survey.opening import Opened
from loyalty_research.drivers.survey.raking import MOST, Raked
from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate

_NOTABLE = 0.01
"""Share of customers in levels without a respondent from which on it is said."""


def weighting_findings(
    opened: Opened,
    frames: Mapping[str, pd.DataFrame],
    raked: Raked,
    shift: tuple[float, str, str] | None,
) -> tuple[Finding, ...]:
    """State what weights cost, what they change of the first score, of the paths, and miss."""
    state, model = opened.state, opened.model
    assert model is not None
    base = len(raked.weights)
    common: dict[str, Any] = {"base": base, "definition": "survey_weight", "method": "raking"}
    found = [
        state(
            "weights_made",
            round(raked.effective),
            unit="respondents",
            values={
                "people": Value(base, "respondents"),
                "design_effect": Value(raked.design_effect, "number"),
                "trimmed": Value(raked.trimmed, "respondents"),
                "most": Value(MOST, "count"),
                "gap": Value(raked.gap, "percentage_point"),
                "margins": Value(frames["margins"]["attribute"].nunique(), "count"),
            },
            **common,
        ),
        _score(state, frames["summary"].iloc[0].to_dict(), common),
    ]
    if shift is not None:
        change, cause, outcome = shift
        found.append(
            state(
                "weights_paths",
                abs(change),
                unit="number",
                values={
                    "cause": Value(model.constructs[cause].name.model_dump(), "bilingual"),
                    "outcome": Value(model.constructs[outcome].name.model_dump(), "bilingual"),
                },
                **common,
            )
        )
    name, missed = max(raked.uncovered.items(), key=lambda item: item[1])
    if missed >= _NOTABLE:
        found.append(
            state(
                "weights_uncovered",
                missed,
                unit="share",
                values={"attribute": Value(name, "label:survey_attribute")},
                **common,
            )
        )
    return tuple(found)


def _score(state: Any, row: Mapping[Any, Any], common: dict[str, Any]) -> Finding:
    unit = str(row["score_unit"])
    known = all(pd.notna(row[name]) for name in ("weighted", "weighted_low", "weighted_high"))
    estimate = (
        Estimate(row["weighted"], row["weighted_low"], row["weighted_high"], common["base"])
        if known
        else Estimate(None, None, None, common["base"])
    )
    plain = None if pd.isna(row["plain"]) else float(row["plain"])
    finding: Finding = state(
        "weights_score",
        estimate,
        unit=unit,
        values={
            "score": Value(str(row["score"]), "label:survey_score"),
            "plain": Value(plain, unit),
        },
        **common,
    )
    return finding


def weighting_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days
) -> tuple[TableView, ...]:
    """Return the tables: scores with and without weights, and the margins."""
    del frames
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "definitions": ("survey_weight",),
    }
    return (
        TableView(
            name="scores",
            key="survey_weights.scores",
            frame="summary",
            columns=(
                Column("score", "label:survey_score"),
                Column("plain", "@score_unit", low="plain_low", high="plain_high",
                       heading="without_weights"),
                Column("weighted", "@score_unit", low="weighted_low", high="weighted_high",
                       heading="with_weights"),
            ),
            persons=(),
            **common,
        ),
        TableView(
            name="margins",
            key="survey_weights.margins",
            frame="margins",
            columns=(
                Column("attribute", "label:survey_attribute"),
                Column("level", "@level_unit"),
                Column("share", "share", heading="share_of_base"),
                Column("respondents", "count"),
                Column("answered", "share", heading="share_of_respondents"),
                Column("weighted", "share", heading="share_weighted"),
            ),
            persons=(
                Persons("respondents", names=("attribute", "level"), by=("attribute",),
                        rates=("answered", "weighted")),
            ),
            **common,
        ),
    )  # fmt: skip
