"""What is said and shown of the values of benefits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.drivers.maxdiff.individual import Judged
from loyalty_research.drivers.maxdiff.kernel import BenefitFit
from loyalty_research.drivers.maxdiff.tasks import Tasks
from loyalty_research.drivers.survey.opening import SurveyStater
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate


def benefit_findings(
    state: SurveyStater, summary: pd.DataFrame, tasks: Tasks, fit: BenefitFit, judged: Judged
) -> tuple[Finding, ...]:
    """State the benefit valued most, how well choices are foretold, how far respondents differ."""
    top, second = summary.iloc[0].to_dict(), summary.iloc[1].to_dict()
    base = tasks.respondents
    place = tasks.benefits.index(str(top["benefit"]))
    leads = fit.leads(place)
    clear = bool(leads[[i for i in range(len(leads)) if i != place]].all())
    found = [
        state(
            "maxdiff_first" if clear else "maxdiff_close",
            Estimate(top["share"], top["share_low"], top["share_high"], base),
            unit="share",
            definition="benefit_share",
            method="maxdiff",
            subject="benefits",
            task="retain",
            values={
                "benefit": _name(top),
                "second": _name(second),
                "second_share": Value(float(second["share"]), "share"),
                "last": _name(summary.iloc[-1].to_dict()),
                "last_share": Value(float(summary["share"].iloc[-1]), "share"),
                "benefits": Value(len(summary), "count"),
                "people": Value(base, "respondents"),
            },
        ),
        state(
            "maxdiff_foretold",
            judged.best,
            unit="share",
            definition="held_out_task",
            method="wilson",
            values={
                "chance": Value(judged.chance, "share"),
                "worst": Value(judged.worst.value, "share"),
            },
        ),
        _differ(state, summary, judged),
    ]
    if tasks.refused or tasks.unanswered:
        found.append(
            state(
                "maxdiff_left_out",
                float(tasks.refused + tasks.unanswered),
                base=base,
                unit="count",
                definition="benefit_value",
                method="count",
                values={
                    "refused": Value(tasks.refused, "count"),
                    "unanswered": Value(tasks.unanswered, "count"),
                    "used": Value(int(tasks.answered.sum()), "count"),
                },
            )
        )
    return tuple(found)


def _differ(state: SurveyStater, summary: pd.DataFrame, judged: Judged) -> Finding:
    common: dict[str, Any] = {
        "unit": "share",
        "definition": "held_out_task",
        "method": "maxdiff_individual",
    }
    hits = {"all": Value(judged.best.value, "share")}
    if "first" not in summary:
        return state("maxdiff_alike", judged.own_best, values=hits, **common)
    row = summary.sort_values(["first", "benefit"], ascending=[False, True]).iloc[0].to_dict()
    told = {"benefit": _name(row), "first": Value(float(row["first"]), "share")}
    return state("maxdiff_differ", judged.own_best, values=hits | told, **common)


def _name(row: Mapping[Any, Any]) -> Value:
    return Value({"zh": str(row["benefit_zh"]), "en": str(row["benefit_en"])}, "bilingual")


def benefit_charts(summary: pd.DataFrame, base: int, days: Days) -> tuple[Chart, ...]:
    """Return the figure: shares of the benefits."""
    first, last = summary.iloc[0].to_dict(), summary.iloc[-1].to_dict()
    return (
        Chart(
            name="values",
            key="maxdiff.values",
            kind="forest",
            frame="summary",
            encode={
                "y": "benefit_{language}",
                "value": "share",
                "low": "share_low",
                "high": "share_high",
                "unit": "share",
                "x_label": "benefit_share",
                "reference": None,
                "height": max(0.7, 0.11 * len(summary)),
            },
            values={
                "first": _name(first),
                "first_share": Value(float(first["share"]), "share"),
                "last": _name(last),
                "last_share": Value(float(last["share"]), "share"),
                "benefits": Value(len(summary), "count"),
            },
            definitions=("benefit_share",),
            base=base,
            base_unit="respondents",
            period=days.iso,
            persons=(),
        ),
    )


def benefit_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days
) -> tuple[TableView, ...]:
    """Return the tables: values, counts, and tasks held out."""
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "persons": (),
    }
    columns = [
        Column("benefit_{language}", heading="benefit"),
        Column("value", "number", low="low", high="high", heading="benefit_value"),
        Column("share", "share", low="share_low", high="share_high", heading="benefit_share"),
    ]
    if "spread" in frames["summary"]:
        columns += [
            Column("spread", "number", heading="benefit_spread"),
            Column("first", "share", heading="benefit_first"),
        ]
    return (
        TableView(
            name="benefits",
            key="maxdiff.benefits",
            frame="summary",
            columns=tuple(columns),
            definitions=("benefit_value", "benefit_share"),
            **common,
        ),
        TableView(
            name="counts",
            key="maxdiff.counts",
            frame="summary",
            columns=(
                Column("benefit_{language}", heading="benefit"),
                Column("shown", "count", heading="times_shown"),
                Column("best", "count", heading="times_best"),
                Column("worst", "count", heading="times_worst"),
                Column("score", "number", heading="best_worst_score"),
            ),
            definitions=("best_worst_score",),
            **common,
        ),
        TableView(
            name="held_out",
            key="maxdiff.held_out",
            frame="fit",
            columns=(
                Column("values_of", "label:maxdiff_values"),
                Column("best", "share", low="best_low", high="best_high", heading="best_foretold"),
                Column(
                    "worst", "share", low="worst_low", high="worst_high", heading="worst_foretold"
                ),
                Column("chance", "share", heading="by_guessing"),
            ),
            definitions=("held_out_task",),
            **common,
        ),
    )
