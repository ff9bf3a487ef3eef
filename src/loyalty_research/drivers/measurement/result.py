"""How well constructs are measured, with a verdict on each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.measurement.measures import all_measures
from loyalty_research.drivers.measurement.views import measurement_findings, measurement_views
from loyalty_research.drivers.pls.bootstrap import percentile_interval
from loyalty_research.drivers.pls.design import Scheme
from loyalty_research.drivers.pls.fit import Fit, fit_design
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import CHAPTER, open_survey
from loyalty_research.profile.common import drawable
from loyalty_research.results import Result

_SECTION = "measurement"
LIMITS = {"alpha": 0.70, "rho_a": 0.70, "rho_c": 0.70, "ave": 0.50}
"""Least values asked of a construct: Hair, Risher, Sarstedt & Ringle 2019, European Business Review
31(1), 2-24, table 1 (reliability from .70; AVE from .50)."""
DISTINCT = 0.85
"""HTMT from which two constructs are not told apart: Henseler, Ringle & Sarstedt 2015."""
_REFERENCES = (
    "cronbach1951",
    "dijkstra2015",
    "fornell1981",
    "henseler2015htmt",
    "ringle2023htmt",
    "hair2019",
    "efron1979",
)


def measurement_model(
    survey: Any,
    model: SurveyModel | str | None = None,
    *,
    period: Any = None,
    scheme: Scheme = "path",
    draws: int = 1000,
    seed: int | None = None,
) -> Result:
    """Tell how well each construct is measured, and which constructs cannot be told apart.

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
        Frames ``summary`` (a construct: alpha standardised and raw, rho_A, rho_C, AVE, each with
        ``_low`` and ``_high``, verdict), ``items`` (loading and weight with intervals, the highest
        loading on another construct), ``pairs`` (HTMT with interval, highest first).

    Notes
    -----
    Verdicts: ``holds`` where alpha, rho_A and rho_C reach .70 and AVE .50; ``fails`` where the
    whole interval of one of them lies below; ``short`` where one is below but its interval is not;
    ``not_judged`` for single items and mode B, whose items need not agree.

    References
    ----------
    Cronbach 1951; Fornell & Larcker 1981; Henseler, Ringle & Sarstedt 2015; Hair et al. 2019.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.reason:
        return Result(
            **opened.empty("measurement_model", _SECTION, "measurement_holds", "reliability")
        )
    told, answers = opened.usable
    design = told.design
    fit = fit_design(
        answers.matrix,
        design,
        weights=answers.weights,
        scheme=scheme,
        draws=draws,
        seed=seed,
        quantities=lambda solution, moments: all_measures(solution, moments, design),
    )
    frames = _frames(fit, told)
    charts, tables = measurement_views(frames, answers.count, opened.days)
    return Result(
        name="measurement_model",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=measurement_findings(opened.state, frames, told, answers.count, DISTINCT),
        charts=drawable(charts, opened.context),
        tables=tables,
        references=_REFERENCES,
        context=opened.context,
    )


def _frames(fit: Fit, model: SurveyModel) -> dict[str, pd.DataFrame]:
    design = fit.design
    found = {
        name: value[0] for name, value in all_measures(fit.solution, fit.moments, design).items()
    }
    ends = {name: percentile_interval(values) for name, values in fit.draws.estimates.items()}
    constructs = pd.DataFrame(
        {
            "construct": design.constructs,
            "construct_zh": [model.label(name, "zh") for name in design.constructs],
            "construct_en": [model.label(name, "en") for name in design.constructs],
            "items": design.blocks.sum(axis=0),
        }
    )
    for name in ("alpha", "alpha_raw", "rho_a", "rho_c", "ave"):
        known = np.isfinite(found[name])
        constructs[name] = found[name]
        constructs[f"{name}_low"] = np.where(known, ends[name][0], np.nan)
        constructs[f"{name}_high"] = np.where(known, ends[name][1], np.nan)
    constructs["verdict"] = [_verdict(row) for row in constructs.to_dict("records")]
    return {
        "summary": constructs,
        "items": _items(fit, model, found, ends),
        "pairs": _pairs(fit, model, found["htmt"], ends["htmt"]),
    }


def _verdict(row: dict[Any, Any]) -> str:
    if not np.isfinite(row["ave"]):
        return "not_judged"
    below = [name for name, limit in LIMITS.items() if not row[name] >= limit]
    if not below:
        return "holds"
    sure = any(row[f"{name}_high"] < LIMITS[name] for name in below)
    return "fails" if sure else "short"


def _items(
    fit: Fit,
    model: SurveyModel,
    found: dict[str, np.ndarray],
    ends: dict[str, tuple[np.ndarray, np.ndarray]],
) -> pd.DataFrame:
    design = fit.design
    other = np.where(design.blocks, -np.inf, np.abs(fit.solution.cross_loadings[0]))
    nearest = other.argmax(axis=1)
    rows = []
    for place, item in enumerate(design.items):
        name = design.constructs[int(design.blocks[place].argmax())]
        wording, elsewhere = (
            model.constructs[name].indicators[item],
            design.constructs[nearest[place]],
        )
        rows.append(
            {
                "item": item,
                "wording_zh": wording.zh,
                "wording_en": wording.en,
                "construct": name,
                "construct_zh": model.label(name, "zh"),
                "construct_en": model.label(name, "en"),
                "loading": found["loadings"][place],
                "loading_low": ends["loadings"][0][place],
                "loading_high": ends["loadings"][1][place],
                "weight": found["weights"][place],
                "weight_low": ends["weights"][0][place],
                "weight_high": ends["weights"][1][place],
                "other_zh": model.label(elsewhere, "zh"),
                "other_en": model.label(elsewhere, "en"),
                "other_loading": other[place, nearest[place]],
            }
        )
    return pd.DataFrame(rows)


def _pairs(
    fit: Fit, model: SurveyModel, found: np.ndarray, ends: tuple[np.ndarray, np.ndarray]
) -> pd.DataFrame:
    names = fit.design.constructs
    rows = []
    for i, j in zip(*np.triu_indices(len(names), 1), strict=True):
        row: dict[str, Any] = {"construct": names[i], "other": names[j]}
        for language in ("zh", "en"):
            pair = [model.label(names[k], language) for k in (i, j)]
            row |= {f"construct_{language}": pair[0], f"other_{language}": pair[1],
                    f"pair_{language}": " – ".join(pair)}  # fmt: skip
        rows.append(row | {"value": found[i, j], "low": ends[0][i, j], "high": ends[1][i, j]})
    frame = pd.DataFrame(rows)
    return frame.sort_values(
        ["value", "construct", "other"], ascending=[False, True, True], ignore_index=True
    )
