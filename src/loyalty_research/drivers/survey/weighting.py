"""Respondents weighted to the customer base, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import BAD_WEIGHTS, CHAPTER, Opened, open_survey
from loyalty_research.drivers.survey.raking import rake
from loyalty_research.drivers.survey.respondents import buyers, has_orders
from loyalty_research.drivers.survey.weighting_rows import (
    BEHAVIOUR,
    Linked,
    path_shift,
    quarters,
    weighted_margins,
    weighted_scores,
)
from loyalty_research.drivers.survey.weighting_views import (
    weighting_findings,
    weighting_tables,
)
from loyalty_research.engine import collect
from loyalty_research.findings import Value
from loyalty_research.results import Result

_SECTION = "survey_weights"
TRAITS = ("gender", "age_band", "tier")
_MOST_LEVELS = 12
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class WeightsResult(Result):
    """A result with the weights themselves.

    Parameters
    ----------
    weights
        customer_id, weight (mean 1): a row a respondent. Never shown or stored.
    """

    weights: pd.DataFrame | None = None


def weigh_respondents(
    survey: Any, model: SurveyModel | str | None = None, *, period: Any = None
) -> WeightsResult:
    """Weight respondents to the customers of a period, and tell what that changes.

    Parameters
    ----------
    survey
        A brand whose survey is linked to customers by customer_id, with orders.
    model
        A survey model or its name; None for the one the brand file names.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    WeightsResult
        ``weights``; frames ``summary`` (a score without and with these weights, with intervals)
        and ``margins`` (a level: share of customers, of respondents, weighted). Without a link to
        customers the one finding says why.

    Raises
    ------
    MissingTableError
        For columns the survey lacks.

    Notes
    -----
    Margins: purchase days and days since the last purchase in quarters of all customers, and
    gender, age band and tier where known; weights by :func:`rake`, beginning with the survey's own.
    Customers are those who bought in the period; respondents who did not are left out. Intervals
    take the weights as given, on the effective base. No other section uses these weights: what the
    scores and the paths would be with them is told here.

    References
    ----------
    Deming & Stephan 1940; Kish 1965.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.model is None or opened.answers is None or not opened.answers.count:
        return _without(opened, opened.reason or "few_answers")
    if opened.reason in BAD_WEIGHTS:
        return _without(opened, opened.reason)
    linked = _link(survey, opened)
    if linked is None:
        return _without(opened, "survey_not_linked")
    if linked.answers.count < opened.context.base_limit:
        return _without(opened, "few_linked", linked.answers.count)
    targets = {
        name: {
            str(level): float(share)
            for level, share in linked.everybody[name].value_counts(normalize=True).items()
        }
        for name in map(str, linked.everybody.columns)
    }
    raked = rake(linked.levels, targets, start=linked.answers.weights)
    frames = {
        "summary": weighted_scores(opened.model, linked.answers, raked.weights),
        "margins": weighted_margins(linked, raked),
    }
    shift = None if opened.reason else path_shift(opened.model, linked.answers, raked.weights)
    return WeightsResult(
        name="weigh_respondents",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=weighting_findings(opened, frames, raked, shift),
        tables=weighting_tables(frames, linked.answers.count, opened.days),
        references=("deming1940", "kish1965"),
        context=opened.context,
        weights=pd.DataFrame({"customer_id": linked.answers.customer, "weight": raked.weights}),
    )


def _without(opened: Opened, reason: str, base: int = 0) -> WeightsResult:
    values = dict(opened.values) | {"linked": Value(base, "respondents")}
    gone = opened.state.withheld(
        "weights_made", reason, definition="survey_weight", base=base, values=values
    )
    return WeightsResult(
        name="weigh_respondents",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame()},
        findings=(gone,),
        context=opened.context,
    )


def _link(survey: Any, opened: Opened) -> Linked | None:
    answers = opened.answers
    assert answers is not None
    if answers.customer is None or not has_orders(survey):
        return None
    people = buyers(survey, opened.days)
    found = pd.Series(answers.customer).isin(people.index).to_numpy()
    if answers.weights is not None:
        found &= answers.weights > 0
    if not found.any():
        return None
    everybody = pd.DataFrame({name: quarters(people[name]) for name in BEHAVIOUR})
    everybody = everybody.join(_traits(survey, people.index))
    kept = answers.among(found)
    customer = pd.Series(kept.customer)
    levels = everybody.reindex(customer).reset_index(drop=True)
    several = [str(name) for name in everybody.columns if everybody[name].nunique() >= 2]
    return Linked(kept, levels[several], everybody[several]) if several else None


def _traits(survey: Any, index: pd.Index[Any]) -> pd.DataFrame:
    """Return what the customers table tells of customers, where it has few levels."""
    if not survey.has("customers"):
        return pd.DataFrame(index=index)
    table = survey.customers
    there = [name for name in TRAITS if name in table.columns]
    if not there:
        return pd.DataFrame(index=index)
    frame = collect(table.select("customer_id", *there), sort_by=["customer_id"])
    frame = frame.drop_duplicates("customer_id").set_index("customer_id").reindex(index)
    told = frame.astype(object).where(frame.notna() & (frame.astype(str) != ""), UNKNOWN)
    return told.astype(str)[[name for name in there if told[name].nunique() <= _MOST_LEVELS]]
