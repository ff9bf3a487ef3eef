"""A survey that asks about several brands: one answer a respondent and brand, driver by driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.brand import Bilingual
from loyalty_research.drivers.survey.answers import read_answers
from loyalty_research.drivers.survey.load import load_model
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.rows import BRAND, survey_rows
from loyalty_research.engine import as_table

RATER = "rater_id"
"""Column that names who answers, where one person rates several brands."""


@dataclass(frozen=True, slots=True)
class DriverAnswers:
    """Answers on several brands.

    Parameters
    ----------
    frame
        One row a row of the survey: brand, respondent, weight, and the mean of the items of each
        construct, high for much of it.
    names
        What each construct is called.
    """

    frame: pd.DataFrame
    names: dict[str, Bilingual]


def driver_answers(survey: Any, *, model: Any = None) -> DriverAnswers | None:
    """Return the answers of a survey by brand; None where it is about one brand only.

    Parameters
    ----------
    survey
        A brand, or its table ``survey``: with a column ``brand``, and ``rater_id`` where a person
        rates several.
    model
        A survey model or its name; None for the one the brand file names.

    Raises
    ------
    MissingTableError
        Listing every column of the model that the survey lacks.
    """
    has = getattr(survey, "has", None)
    named = model or getattr(getattr(survey, "file", None), "survey", None)
    if named is None or (has is not None and not has("survey")):
        return None
    table = as_table(getattr(survey, "survey", survey), name="survey")
    if BRAND not in table.columns:
        return None
    loaded = named if isinstance(named, SurveyModel) else load_model(named)
    answers = read_answers(table, loaded)
    rows = survey_rows(table, [name for name in (RATER, BRAND) if name in table.columns])
    means = answers.construct_means(loaded)
    weight = np.ones(len(rows)) if answers.weights is None else answers.weights
    rater = rows[RATER] if RATER in rows else pd.Series(np.arange(len(rows)))
    frame = means.assign(brand=rows[BRAND], respondent=rater.astype(str), weight=weight)
    return DriverAnswers(
        frame, {code: Bilingual(zh=part.name.zh, en=part.name.en)
                for code, part in loaded.constructs.items()}
    )  # fmt: skip
