"""What benefits are worth to customers, as a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.maxdiff.individual import (
    Individuals,
    Judged,
    can_judge,
    fit_individuals,
    judge,
)
from loyalty_research.drivers.maxdiff.kernel import BenefitFit, fit_benefits
from loyalty_research.drivers.maxdiff.tasks import Tasks, read_tasks
from loyalty_research.drivers.maxdiff.views import benefit_charts, benefit_findings, benefit_tables
from loyalty_research.drivers.survey.blocks import MaxDiffBlock
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import BAD_WEIGHTS, CHAPTER, Opened, open_survey
from loyalty_research.drivers.survey.rows import own_survey
from loyalty_research.findings import Value
from loyalty_research.profile.common import drawable
from loyalty_research.results import Result
from loyalty_research.stats.seeds import seed_from

_SECTION = "benefits"
_REFERENCES = ("finn1992", "marley2005", "train2009")


@dataclass(frozen=True, slots=True)
class BenefitsResult(Result):
    """A result with the fitted values of benefits.

    Parameters
    ----------
    fit
        Values of all respondents; None where there are none to give.
    judged
        How well choices held out are foretold; None as above.
    """

    fit: BenefitFit | None = None
    judged: Judged | None = None

    @property
    def benefits(self) -> pd.DataFrame:
        """One row a benefit: benefit (its code), value, low, high; empty where none are given.

        The values sum to 0; a difference of 1 means that of these two the one is chosen as best
        about e times as often. The frame a design of tiers reads.
        """
        columns = ["benefit", "value", "low", "high"]
        if self.fit is None:
            return pd.DataFrame(columns=columns)
        return self.frames["summary"][columns]


def benefit_values(
    survey: Any, model: SurveyModel | str | None = None, *, period: Any = None
) -> BenefitsResult:
    """Tell what benefits are worth to customers, from best-worst tasks.

    Parameters
    ----------
    survey
        A brand, or one row a respondent with the model's columns.
    model
        A survey model with a block ``maxdiff``, or its name; None for the one the brand file names.
    period
        A brand's period or (first day, last day); printed only.

    Returns
    -------
    BenefitsResult
        ``benefits``, a plain frame (benefit, value, low, high) for the design of tiers. Frames
        ``summary`` (a benefit: value and share with their intervals, times shown, best and worst,
        score) and ``fit`` (tasks held out that are foretold, against chance); where respondents are
        told apart, ``summary`` also has spread (standard deviation of the value over respondents)
        and first (share of respondents for whom it is worth most). Without a usable block the one
        finding says why, and ``benefits`` is empty.

    Raises
    ------
    MissingTableError
        For columns the survey lacks.

    Notes
    -----
    value: the maxdiff model, see :func:`fit_benefits`, summing to 0; share: exp(value) over the
    sum, which is the chance to be chosen first of all benefits; score: (best - worst) / shown.
    Respondents are the sampled units of all intervals. Before values are given, one task of each
    respondent is held out: they must foretell its best more often than guessing does. The spread is
    given only where values of each respondent foretell those tasks better than the values of all.

    References
    ----------
    Finn & Louviere 1992; Marley & Louviere 2005; Train 2009.

    Examples
    --------
    ``benefit_values(b, period=b.period).benefits``
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    told = opened.model
    if told is None or opened.reason in BAD_WEIGHTS:
        return _without(opened, opened.reason)
    if told.maxdiff is None:
        return _without(opened, "no_maxdiff")
    tasks = read_tasks(own_survey(survey), told.maxdiff)
    reason, values = _unusable(tasks)
    if reason:
        return _without(opened, reason, values, base=tasks.respondents)
    fit, judged = fit_benefits(tasks), judge(tasks)
    if (judged.best.low or 0.0) <= judged.chance:
        told_values = {"hits": Value(judged.best.value, "share"),
                       "chance": Value(judged.chance, "share")}  # fmt: skip
        return _without(opened, "maxdiff_chance", told_values, base=tasks.respondents)
    apart = (judged.gain.low or 0.0) > 0
    people = fit_individuals(tasks, fit) if apart else None
    frames = {"summary": _summary(tasks, told.maxdiff, fit, people), "fit": _held_out(judged)}
    base = tasks.respondents
    return BenefitsResult(
        name="benefit_values",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=benefit_findings(opened.state, frames["summary"], tasks, fit, judged),
        charts=drawable(benefit_charts(frames["summary"], base, opened.days), opened.context),
        tables=benefit_tables(frames, base, opened.days),
        references=_REFERENCES,
        context=opened.context,
        fit=fit,
        judged=judged,
    )


def _without(
    opened: Opened, reason: str, values: dict[str, Value] | None = None, *, base: int = 0
) -> BenefitsResult:
    gone = opened.state.withheld(
        "maxdiff_first",
        reason,
        definition="benefit_value",
        base=base,
        values=dict(opened.values) if values is None else values,
    )
    return BenefitsResult(
        name="benefit_values",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame()},
        findings=(gone,),
        context=opened.context,
    )


def _unusable(tasks: Tasks) -> tuple[str, dict[str, Value]]:
    """Return why the tasks cannot be used; empty where they can."""
    if tasks.unknown:
        listed = Value(", ".join(tasks.unknown), "text")
        return "maxdiff_unknown", {"found": listed,
                                   "allowed": Value(", ".join(tasks.benefits), "text")}  # fmt: skip
    if not tasks.respondents:
        return "maxdiff_unanswered", {"refused": Value(tasks.refused, "count")}
    if tasks.apart:
        return "maxdiff_apart", {"benefits": Value(", ".join(tasks.apart), "text")}
    if not can_judge(tasks):
        return "maxdiff_few", {"people": Value(tasks.respondents, "respondents")}
    return "", {}


def _summary(
    tasks: Tasks, block: MaxDiffBlock, fit: BenefitFit, people: Individuals | None
) -> pd.DataFrame:
    """Return one row a benefit, most valued first."""
    low, high = fit.interval()
    share_low, share_high = fit.share_interval()
    weight = tasks.weight[:, None, None]
    chosen = tasks.choices
    shown = tasks.shown.sum(axis=(0, 1))
    total = (weight * tasks.shown).sum(axis=(0, 1))
    frame = pd.DataFrame(
        {
            "benefit": tasks.benefits,
            "benefit_zh": [text.zh for text in block.benefits.values()],
            "benefit_en": [text.en for text in block.benefits.values()],
            "value": fit.worth,
            "low": low,
            "high": high,
            "share": fit.shares,
            "share_low": share_low,
            "share_high": share_high,
            "shown": shown,
            "best": (chosen > 0).sum(axis=(0, 1)),
            "worst": (chosen < 0).sum(axis=(0, 1)),
            "score": (weight * chosen).sum(axis=(0, 1)) / np.maximum(total, 1e-12),
        }
    )
    if people is not None:
        seed = seed_from("benefits", *tasks.benefits)
        frame = frame.assign(spread=people.spread, first=people.first(seed=seed))
    return frame.sort_values(["value", "benefit"], ascending=[False, True], ignore_index=True)


def _held_out(judged: Judged) -> pd.DataFrame:
    pairs = (("all", judged.best, judged.worst), ("own", judged.own_best, judged.own_worst))
    rows = [
        {
            "values_of": name,
            "best": best.value,
            "best_low": best.low,
            "best_high": best.high,
            "worst": worst.value,
            "worst_low": worst.low,
            "worst_high": worst.high,
            "chance": judged.chance,
        }
        for name, best, worst in pairs
    ]
    return pd.DataFrame(rows)
