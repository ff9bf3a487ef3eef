"""What is said and shown of the quality of a survey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.opening import BAD_WEIGHTS, Opened
from loyalty_research.drivers.survey.raking import effective_base
from loyalty_research.drivers.survey.respondents import NOTABLE
from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate, proportion

HARMAN = 0.5


def check_findings(
    opened: Opened,
    frames: Mapping[str, pd.DataFrame],
    marked: Mapping[str, np.ndarray],
    method: tuple[float, float] | None,
) -> tuple[Finding, ...]:
    """State how complete and careful the answers are, who gave them, and one method for all."""
    state, answers, model = opened.state, opened.answers, opened.model
    assert answers is not None
    assert model is not None
    complete = int(answers.complete.sum())
    found = [
        state(
            "survey_answers",
            proportion(complete, answers.count),
            unit="share",
            definition="survey_answers",
            method="wilson",
            values={
                "complete": Value(complete, "respondents"),
                "items": Value(len(model.items), "count"),
                "constructs": Value(len(model.constructs), "count"),
                "model": Value(model.name.model_dump(), "bilingual"),
                "outside": Value(answers.out_of_range + answers.not_numbers, "count"),
            },
        )
    ]
    found += _weights(opened)
    if opened.reason:
        gone = state.withheld(
            "survey_usable",
            opened.reason,
            definition="survey_answers",
            base=answers.count,
            values=opened.values,
        )
        return (*found, gone)
    straight = marked["straight"]
    score = answers.construct_means(model)[model.outcome].to_numpy()
    found.append(
        state(
            "survey_straight",
            proportion(int(straight.sum()), answers.count),
            unit="share",
            definition="straight_lining",
            method="wilson",
            values={
                "people": Value(int(straight.sum()), "respondents"),
                "construct": Value(model.constructs[model.outcome].name.model_dump(), "bilingual"),
                "all": Value(_mean(score), "number"),
                "without": Value(_mean(score[~straight]), "number"),
            },
        )
    )
    if "fast" in marked:
        found.append(
            state(
                "survey_fast",
                proportion(int(marked["fast"].sum()), answers.count),
                unit="share",
                definition="speeding",
                method="wilson",
            )
        )
    found.append(_who(opened, frames.get("respondents")))
    if method is not None:
        first, marker = method
        found.append(
            state(
                f"survey_method_{'warns' if first > HARMAN else 'passes'}",
                Estimate(first, None, None, complete),
                unit="share",
                definition="common_method",
                method="component",
                values={"marker": Value(marker, "number"), "limit": Value(HARMAN, "share")},
            )
        )
    return tuple(found)


def _weights(opened: Opened) -> list[Finding]:
    """State what the survey's own weights cost; that nobody has one, where it has the column."""
    answers = opened.answers
    assert answers is not None
    common: dict[str, Any] = {"definition": "survey_weight", "method": "count"}
    if answers.weights is None:
        if not answers.unweighted:
            return []
        count = float(answers.count)
        return [opened.state("survey_weights_empty", count, base=answers.count,
                             unit="respondents", **common)]  # fmt: skip
    if opened.reason in BAD_WEIGHTS:
        return []
    effective = effective_base(answers.weights)
    return [
        opened.state(
            "survey_weighted",
            round(effective),
            base=answers.count,
            unit="respondents",
            values={
                "people": Value(answers.count, "respondents"),
                "design_effect": Value(answers.count / effective, "number"),
                "out": Value(int((answers.weights == 0).sum()), "respondents"),
            },
            **common,
        )
    ]


def _who(opened: Opened, linked: pd.DataFrame | None) -> Finding:
    """State how respondents differ from all customers; withheld where nothing links them."""
    if linked is None:
        answers = opened.answers
        base = 0 if answers is None else answers.count
        return opened.state.withheld(
            "survey_respondents", "survey_not_linked", definition="survey_base", base=base
        )
    row = linked.iloc[int(np.argmax(np.abs(linked["difference"])))]
    apart = abs(float(row["difference"])) >= NOTABLE
    return opened.state(
        "survey_respondents_differ" if apart else "survey_respondents_alike",
        float(row["difference"]),
        base=int(row["linked"]),
        unit="number",
        definition="survey_base",
        method="count",
        values={
            "attribute": Value(str(row["attribute"]), "label:survey_attribute"),
            "mine": Value(float(row["respondents"]), str(row["unit"])),
            "all": Value(float(row["everybody"]), str(row["unit"])),
            "limit": Value(NOTABLE, "number"),
        },
    )


def check_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days
) -> tuple[TableView, ...]:
    """Return the tables: checks, patterns of gaps, respondents, items."""
    common: dict[str, Any] = {"base": base, "base_unit": "respondents", "period": days.iso}
    found = [
        TableView(
            name="checks",
            key="survey.checks",
            frame="summary",
            columns=(
                Column("check", "label:survey_check"),
                Column("respondents", "count", heading="survey_concerned"),
                Column("share", "share"),
            ),
            persons=(Persons("respondents", names=("check",), rows="apart"),),
            definitions=("survey_answers", "straight_lining"),
            **common,
        )
    ]
    if len(frames["patterns"]):
        found.append(
            TableView(
                name="patterns",
                key="survey.patterns",
                frame="patterns",
                columns=(
                    Column("items", heading="items_missing"),
                    Column("respondents", "respondents"),
                ),
                persons=(Persons("respondents", names=("items",)),),
                **common,
            )
        )
    if "respondents" in frames:
        found.append(
            TableView(
                name="respondents",
                key="survey.respondents",
                frame="respondents",
                columns=(
                    Column("attribute", "label:survey_attribute"),
                    Column("respondents", "@unit", heading="respondents_mean"),
                    Column("everybody", "@unit", heading="everybody_mean"),
                    Column("difference", "number", heading="standardised_difference"),
                ),
                persons=(),
                definitions=("survey_base",),
                **common,
            )
        )
    found.append(
        TableView(
            name="items",
            key="survey.items",
            frame="items",
            columns=(
                Column("item", heading="survey_item"),
                Column("wording_{language}", heading="wording"),
                Column("construct_{language}", heading="construct"),
                Column("mean", "number", heading="item_mean"),
                Column("sd", "number", heading="item_sd"),
                Column("top", "share", heading="top_answers"),
                Column("missing", "share", heading="share_missing"),
            ),
            persons=(),
            **common,
        )
    )
    return tuple(found)


def _mean(scores: np.ndarray) -> float | None:
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else None
