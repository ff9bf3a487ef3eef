"""How much of the differences in one construct goes to each of its causes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.drivers.importance.kano import kano_table, kano_view
from loyalty_research.drivers.importance.shapley import MOST, Shapley, shapley_r2
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import CHAPTER, SurveyStater, open_survey
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.profile.common import Days, drawable
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "importance"


def driver_importance(
    survey: Any,
    model: SurveyModel | str | None = None,
    *,
    period: Any = None,
    draws: int = 1000,
    seed: int | None = None,
) -> Result:
    """Deal out the differences in one construct to its direct causes.

    Parameters
    ----------
    survey
        A brand, or one row a respondent with the model's columns.
    model
        A survey model or its name; the construct is its ``explained``, drivers its direct causes.
    period
        A brand's period or (first day, last day); printed only.
    draws, seed
        Draws of respondents for intervals.

    Returns
    -------
    Result
        Frame ``summary``: driver, value (part of R squared), share, single, with intervals. With a
        Kano block in the model also ``kano``, see
        :func:`~loyalty_research.drivers.importance.kano_table`.

    Notes
    -----
    Constructs are plain means of their items, so that the result does not hang on the weights of
    the path model; the method is :func:`~loyalty_research.drivers.importance.shapley_r2`.
    Respondents count alike; weights of a survey are left aside here.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    reason = opened.reason
    if reason:
        return Result(**opened.empty("driver_importance", _SECTION, "importance_first", "shapley"))
    told, answers = opened.usable
    outcome = told.explained or told.outcome
    drivers = told.paths[outcome][:MOST]
    means = answers.construct_means(told)
    found = shapley_r2(means, outcome=outcome, drivers=drivers, draws=draws, seed=seed)
    table = found.table.assign(
        driver_zh=[told.label(name, "zh") for name in found.table["driver"]],
        driver_en=[told.label(name, "en") for name in found.table["driver"]],
    )
    kano = kano_table(survey, told)
    shown = () if kano.empty else (kano_view(kano, opened.days),)
    label = Value(told.constructs[outcome].name.model_dump(), "bilingual")
    return Result(
        name="driver_importance",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": table} | ({} if kano.empty else {"kano": kano}),
        findings=_findings(opened.state, found, table, label),
        charts=drawable(_charts(found, table, label, opened.days), opened.context),
        tables=(*_tables(found, opened.days), *shown),
        references=("lindeman1980", "groemping2006", "efron1979", "berger1993kano"),
        context=opened.context,
    )


def _findings(
    state: SurveyStater, found: Shapley, table: pd.DataFrame, outcome: Value
) -> tuple[Finding, ...]:
    top = table.iloc[0]
    second = table.iloc[1] if len(table) > 1 else None
    clear = second is None or float(top["share_low"]) > float(second["share_high"])
    return (
        state(
            "importance_first" if clear else "importance_close",
            Estimate(
                float(top["share"]),
                float(top["share_low"]),
                float(top["share_high"]),
                found.respondents,
            ),
            unit="share",
            definition="shapley",
            method="shapley",
            subject="importance",
            task="retain",
            values={
                "driver": _name(top),
                "second": outcome if second is None else _name(second),
                "second_share": Value(None if second is None else float(second["share"]), "share"),
                "drivers": Value(len(table), "count"),
                "outcome": outcome,
                "explained": Value(found.r_squared, "share"),
            },
        ),
    )


def _name(row: Any) -> Value:
    return Value({"zh": str(row["driver_zh"]), "en": str(row["driver_en"])}, "bilingual")


def _charts(found: Shapley, table: pd.DataFrame, outcome: Value, days: Days) -> tuple[Chart, ...]:
    first, last = table.iloc[0], table.iloc[-1]
    return (
        Chart(
            name="shares",
            key="importance.shares",
            kind="forest",
            frame="summary",
            encode={
                "y": "driver_{language}",
                "value": "share",
                "low": "share_low",
                "high": "share_high",
                "unit": "share",
                "x_label": "shapley_share",
                "reference": None,
                "height": max(0.6, 0.12 * len(table)),
            },
            values={
                "outcome": outcome,
                "first": _name(first),
                "first_share": Value(float(first["share"]), "share"),
                "last": _name(last),
                "last_share": Value(float(last["share"]), "share"),
                "explained": Value(found.r_squared, "share"),
            },
            definitions=("shapley",),
            base=found.respondents,
            base_unit="respondents",
            period=days.iso,
            persons=(),
        ),
    )


def _tables(found: Shapley, days: Days) -> tuple[TableView, ...]:
    return (
        TableView(
            name="drivers",
            key="importance.drivers",
            frame="summary",
            columns=(
                Column("driver_{language}", heading="driver"),
                Column("value", "number", low="low", high="high", heading="shapley_value"),
                Column("share", "share", low="share_low", high="share_high",
                       heading="shapley_share"),
                Column("single", "number", heading="r_squared_alone"),
            ),
            definitions=("shapley",),
            base=found.respondents,
            base_unit="respondents",
            period=days.iso,
            persons=(),
        ),
    )  # fmt: skip
