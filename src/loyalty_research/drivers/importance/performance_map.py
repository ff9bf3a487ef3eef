"""Importance and performance: total effects on loyalty beside mean scores, intervals both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.importance.map_views import map_charts, map_findings, map_tables
from loyalty_research.drivers.pls.bootstrap import percentile_interval
from loyalty_research.drivers.pls.design import Design, Scheme
from loyalty_research.drivers.pls.effects import total_effects
from loyalty_research.drivers.pls.fit import Fit, fit_design
from loyalty_research.drivers.pls.moments import Moments
from loyalty_research.drivers.pls.solution import Solution
from loyalty_research.drivers.survey.model import Scale, SurveyModel
from loyalty_research.drivers.survey.opening import CHAPTER, open_survey
from loyalty_research.profile.common import drawable
from loyalty_research.results import Result

_SECTION = "performance_map"
_PLACES = {(1, -1): "first", (1, 1): "keep", (-1, -1): "watch", (-1, 1): "fine"}
"""Importance and performance, above or below the mean of all causes for sure."""


def performance_map(
    survey: Any,
    model: SurveyModel | str | None = None,
    *,
    period: Any = None,
    scheme: Scheme = "path",
    draws: int = 1000,
    seed: int | None = None,
) -> Result:
    """Set the association of each construct with the outcome beside its mean score.

    Parameters
    ----------
    survey
        A brand, or one row a respondent with the model's columns.
    model
        A survey model or its name; None for the one the brand file names.
    period
        A brand's period or (first day, last day); printed only.
    scheme, draws, seed
        As in :func:`~loyalty_research.drivers.paths.fit_pls`.

    Returns
    -------
    Result
        Frame ``summary``: construct, importance (points of the outcome that go with one point of
        the construct, both from 0 to 100) and performance (mean score from 0 to 100), each with
        ``_low`` and ``_high``, place (``first`` where importance is above and performance below
        the mean of all causes; ``keep`` above both, ``watch`` below both, ``fine`` the other way
        round; ``unsure`` where the interval of either difference holds zero).

    Notes
    -----
    Scores use unstandardised weights scaled to sum 1 over items carried to 0 to 100. Where a weight
    is negative such a score is no mean of its items; the table says so.

    References
    ----------
    Ringle & Sarstedt 2016, Industrial Management & Data Systems 116(9), 1865-1886; Martilla &
    James 1977, Journal of Marketing 41(1), 77-79.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.reason:
        return Result(
            **opened.empty("performance_map", _SECTION, "map_first", "importance_performance")
        )
    told, answers = opened.usable
    design = told.design
    end = design.constructs.index(told.outcome)

    def quantities(solution: Solution, moments: Moments) -> dict[str, np.ndarray]:
        return importance_performance(solution, moments, design, scale=told.scale, outcome=end)

    fit = fit_design(
        answers.matrix,
        design,
        weights=answers.weights,
        scheme=scheme,
        draws=draws,
        seed=seed,
        quantities=quantities,
    )
    here = quantities(fit.solution, fit.moments)
    frame = _frame(fit, told, here)
    outcome = frame[frame["construct"] == told.outcome].iloc[0].to_dict()
    causes = frame[frame["construct"] != told.outcome].reset_index(drop=True)
    return Result(
        name="performance_map",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": causes, "outcome": frame[frame["construct"] == told.outcome]},
        findings=map_findings(opened.state, causes, outcome, answers.count),
        charts=drawable(map_charts(causes, outcome, answers.count, opened.days), opened.context),
        tables=map_tables(answers.count, opened.days),
        references=("ringle2016ipma", "martilla1977", "efron1979"),
        context=opened.context,
    )


def importance_performance(
    solution: Solution, moments: Moments, design: Design, *, scale: Scale, outcome: int
) -> dict[str, np.ndarray]:
    """Return importance and performance of every construct, each of shape (B, q).

    Parameters
    ----------
    solution, moments
        Of B samples.
    scale
        Of all items.
    outcome
        Place of the outcome.
    """
    spread = np.sqrt(np.diagonal(moments.covariances, axis1=1, axis2=2))
    plain = solution.weights / np.where(spread > 0, spread, 1.0)[:, :, None]
    plain = plain / plain.sum(axis=1, keepdims=True)
    points = 100 * (moments.means - scale.min) / (scale.max - scale.min)
    performance = (points[:, :, None] * plain).sum(axis=1)
    variance = (plain * (moments.covariances @ plain)).sum(axis=1)
    deviation = np.sqrt(variance)  # the step to 0-100 divides out of the ratio
    totals = total_effects(solution.paths)[:, :, outcome]
    importance = totals * deviation[:, outcome, None] / deviation
    causes = _causes(design, outcome)
    return {
        "importance": importance,
        "performance": performance,
        "importance_gap": importance - importance[:, causes].mean(axis=1, keepdims=True),
        "performance_gap": performance - performance[:, causes].mean(axis=1, keepdims=True),
        "least": np.where(design.blocks, plain, np.inf).min(axis=1),
    }


def _causes(design: Design, outcome: int) -> np.ndarray:
    """Return the places of all constructs from which arrows lead to the outcome."""
    return np.flatnonzero(total_effects(design.arrows.astype(float))[:, outcome])


def _frame(fit: Fit, model: SurveyModel, here: dict[str, np.ndarray]) -> pd.DataFrame:
    names = fit.design.constructs
    ends = {name: percentile_interval(fit.draws.estimates[name]) for name in here}
    frame = pd.DataFrame(
        {
            "construct": names,
            "construct_zh": [model.label(name, "zh") for name in names],
            "construct_en": [model.label(name, "en") for name in names],
            **{
                f"{name}{suffix}": values
                for name in ("importance", "performance")
                for suffix, values in (
                    ("", here[name][0]),
                    ("_low", ends[name][0]),
                    ("_high", ends[name][1]),
                )
            },
            "negative": (here["least"][0] < 0).astype(int),
        }
    )
    sides = {
        name: np.select([ends[name][0] > 0, ends[name][1] < 0], [1, -1], 0)
        for name in ("importance_gap", "performance_gap")
    }
    frame["place"] = [
        _PLACES.get(pair, "unsure")
        for pair in zip(sides["importance_gap"], sides["performance_gap"], strict=True)
    ]
    end = names.index(model.outcome)
    kept = frame.loc[[*_causes(fit.design, end), end]]
    return kept.sort_values(["importance", "construct"], ascending=[False, True], ignore_index=True)
