"""Rows of a survey: those about the brand itself, in one order wherever they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import as_table, collect

BRAND = "brand"
"""Column of a survey of several brands that names the brand an answer is about."""
_RESPONDENT = "respondent_id"


def own_survey(survey: Any) -> ir.Table:
    """Return the table ``survey`` of a brand, of several brands the answers about itself only.

    Parameters
    ----------
    survey
        A brand, or a table, which is taken as it is.
    """
    table = as_table(getattr(survey, "survey", survey), name="survey")
    brands = brands_asked(survey)
    if len(brands) < 2:
        return table
    about = table[BRAND].cast("string")
    return table.filter(about.isin(own_among(brands, survey)) | about.isnull())


def brands_asked(survey: Any) -> tuple[str, ...]:
    """Return the brands that a survey asks about; empty for a table, or without such a column."""
    if not isinstance(getattr(survey, "called", None), frozenset):  # a table, of any columns
        return ()
    table = as_table(survey.survey, name="survey")
    if BRAND not in table.columns:
        return ()
    found = collect(table.select(BRAND).distinct(), sort_by=[BRAND])[BRAND]
    return tuple(found.dropna().astype(str))


def own_among(brands: Sequence[str], brand: Any) -> list[str]:
    """Return those of ``brands`` that are names of ``brand``."""
    mine = {name.casefold() for name in brand.called}
    return [name for name in brands if name.casefold() in mine]


def survey_rows(table: ir.Table, names: Sequence[str]) -> pd.DataFrame:
    """Return columns of a survey, respondents in an order that does not hang on the engine.

    Parameters
    ----------
    table
        One row a respondent, with or without respondent_id.
    names
        Columns wanted.

    Returns
    -------
    pandas.DataFrame
        In order of respondent_id; without it in order of all columns from the first on, so that
        rows that change places are alike in everything.
    """
    if _RESPONDENT in table.columns:
        wanted = dict.fromkeys([_RESPONDENT, *names])
        return collect(table.select(*wanted), sort_by=[_RESPONDENT])[list(names)]
    return collect(table, sort_by=table.columns)[list(names)]
