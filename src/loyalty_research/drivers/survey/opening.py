"""What every section on the survey begins with: model, answers, and whether they can be used."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey.answers import Answers, read_answers
from loyalty_research.drivers.survey.load import load_model
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.rows import brands_asked, own_among, own_survey
from loyalty_research.engine import Context, context_of
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Days, Stater, as_days

CHAPTER = "drivers"
BAD_WEIGHTS = frozenset({"no_survey_weight", "negative_survey_weight"})
"""Reasons that leave no number of a survey to tell, whatever the section."""
LEAST_PER_ITEM = 2
"""Complete answers asked for every item: with fewer the correlations are mostly chance."""


class SurveyStater(Stater):
    """States findings of this chapter; see :class:`~loyalty_research.profile.common.Stater`."""

    __slots__ = ()

    def __call__(self, template: str, estimate: Any, **rest: Any) -> Finding:
        """Return a finding; its base are respondents where nothing else is said."""
        rest.setdefault("base_unit", "respondents")
        name = rest.pop("id", template)
        found = Stater.__call__(self, template, estimate, **rest)
        return dataclasses.replace(found, id=name, chapter=CHAPTER)

    def withheld(self, template: str, reason: str, **rest: Any) -> Finding:
        """Return a finding that says why its number is not given."""
        rest.setdefault("base_unit", "respondents")
        return Stater.withheld(self, template, reason, **rest)


@dataclass(frozen=True, slots=True)
class Opened:
    """A survey, opened for one section.

    Parameters
    ----------
    state
        States findings.
    days
        Period of the report.
    model, answers
        None where ``reason`` says why.
    reason, values
        Why nothing can be told, and what the sentence prints; empty where it can.
    """

    state: SurveyStater
    days: Days
    context: Context
    model: SurveyModel | None
    answers: Answers | None
    reason: str = ""
    values: dict[str, Value] = dataclasses.field(default_factory=dict)

    @property
    def usable(self) -> tuple[SurveyModel, Answers]:
        """The model, and the complete answers."""
        assert self.model is not None
        answers = self.answers
        assert answers is not None
        return self.model, answers.among(answers.complete)

    def empty(self, name: str, section: str, template: str, definition: str) -> dict[str, Any]:
        """Return the fields of a result that says why nothing can be told."""
        base = 0 if self.answers is None else self.answers.count
        gone = self.state.withheld(
            template, self.reason, definition=definition, base=base, values=self.values
        )
        return {
            "name": name,
            "chapter": CHAPTER,
            "section": section,
            "frames": {"summary": pd.DataFrame()},
            "findings": (gone,),
            "context": self.context,
        }


def open_survey(data: Any, model: Any, *, section: str, period: Any = None) -> Opened:
    """Return a survey as a model reads it, or why it cannot be used.

    Parameters
    ----------
    data
        A brand, or its table ``survey``.
    model
        A :class:`~loyalty_research.drivers.survey.SurveyModel` or its name; None for the one the
        brand file names.
    section
        Of the report.
    period
        A brand's period or (first day, last day); only printed.

    Raises
    ------
    MissingTableError
        Where the brand has no survey, or the survey not all columns of the model.
    """
    table = own_survey(data)
    context = context_of(table)
    days = _days(data, period)
    state = SurveyStater(context, section, days.iso)
    named = model or getattr(getattr(data, "file", None), "survey", None)
    if named is None:
        if getattr(data, "file", None) is None:
            raise ParameterError(
                problem("model: missing; allowed: a survey model or its name, such as ecsi")
            )
        return Opened(state, days, context, None, None, "no_survey_model")
    brands = brands_asked(data)
    if len(brands) > 1 and not own_among(brands, data):
        told = {"brands": Value(" / ".join(brands), "text")}
        return Opened(state, days, context, None, None, "several_survey_brands", told)
    loaded = named if isinstance(named, SurveyModel) else load_model(named)
    answers = read_answers(table, loaded)
    reason, values = _unusable(loaded, answers)
    return Opened(state, days, context, loaded, answers, reason, values)


def _days(data: Any, period: Any) -> Days:
    given = period if period is not None else getattr(data, "period", None)
    # A bare table has no period; nothing is counted by it.
    return as_days(given) if given is not None else Days(dt.date.min, dt.date.min)


def _unusable(model: SurveyModel, answers: Answers) -> tuple[str, dict[str, Value]]:
    """Return why the answers cannot be used; empty where they can."""
    if answers.weights is not None and (answers.weights < 0).any():
        below = int((answers.weights < 0).sum())
        return "negative_survey_weight", {"people": Value(below, "respondents")}
    if answers.weights is not None and not answers.weights.any():
        return "no_survey_weight", {}
    if answers.count == 0:
        return "few_answers", _few(0, model)
    known = np.isfinite(answers.matrix)
    gone = [item for item, any_ in zip(answers.items, known.any(axis=0), strict=True) if not any_]
    if gone:
        return "items_unanswered", {"items": Value(", ".join(gone), "text")}
    whole = answers.matrix[answers.complete]
    if len(whole) < LEAST_PER_ITEM * len(model.items):
        return "few_answers", _few(len(whole), model)
    flat = [item for item, spread in zip(answers.items, np.ptp(whole, axis=0), strict=True)
            if spread == 0]  # fmt: skip
    if flat:
        return "items_constant", {"items": Value(", ".join(flat), "text")}
    return "", {}


def _few(count: int, model: SurveyModel) -> dict[str, Value]:
    return {
        "complete": Value(count, "respondents"),
        "needed": Value(LEAST_PER_ITEM * len(model.items), "respondents"),
        "items": Value(len(model.items), "count"),
    }
