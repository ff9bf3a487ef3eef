"""The segments and the quarters of respondents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.drivers.survey.rows import own_survey, survey_rows
from loyalty_research.engine import collect

_DAY = "answered_on"
_MOST_LEVELS = 12


def groups_of(
    survey: Any, answers: Answers, segments: Sequence[str]
) -> Iterator[tuple[str, pd.Series[Any]]]:
    """Yield each segment's name and the level of every respondent, missing where unknown.

    Parameters
    ----------
    survey
        A brand, or its table survey.
    answers
        Of its respondents, in order of respondent_id.
    segments
        Columns of the survey, or of the brand's customers; others are passed over.
    """
    own = _columns(survey, segments)
    linked = _of_customers(survey, answers, [name for name in segments if name not in own])
    for name in segments:
        level = own.get(name, linked.get(name))
        if level is not None and 2 <= level.nunique() <= _MOST_LEVELS:
            yield name, level.astype(object).where(level.notna() & (level.astype(str) != ""))


def answered_quarters(survey: Any) -> pd.Series[Any] | None:
    """Return the quarter (2024Q1) each respondent answered in; None where the survey has no day."""
    days = answered_days(survey)
    return None if days is None else days.dt.to_period("Q").astype(str).where(days.notna())


def answered_days(survey: Any) -> pd.Series[Any] | None:
    """Return the day each respondent answered on; None where the survey has no such column."""
    found = _columns(survey, [_DAY]).get(_DAY)
    return None if found is None else pd.to_datetime(found, errors="coerce")


def _columns(survey: Any, names: Sequence[str]) -> dict[str, pd.Series[Any]]:
    table = own_survey(survey)
    there = [name for name in names if name in table.columns]
    if not there:
        return {}
    frame = survey_rows(table, there)
    return {name: frame[name] for name in there}


def _of_customers(survey: Any, answers: Answers, names: Sequence[str]) -> dict[str, pd.Series[Any]]:
    """Return attributes of the customers that respondents are."""
    has = getattr(survey, "has", None)
    if answers.customer is None or has is None or not has("customers"):
        return {}
    table = survey.customers
    there = [name for name in names if name in table.columns]
    if not there:
        return {}
    frame = collect(table.select("customer_id", *there), sort_by=["customer_id"])
    frame = frame.drop_duplicates("customer_id").set_index("customer_id")
    found = frame.reindex(pd.Index(answers.customer)).reset_index(drop=True)
    return {name: found[name] for name in there}
