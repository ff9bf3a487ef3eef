"""Rows of a survey in one order, so that columns read apart belong to the same respondents."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect

_RESPONDENT = "respondent_id"


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
