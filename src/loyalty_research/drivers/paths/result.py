"""How constructs hang together: the structural model as a result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.paths.views import path_charts, path_findings, path_tables
from loyalty_research.drivers.pls.design import Scheme
from loyalty_research.drivers.pls.effects import effect_sizes, inflation, total_effects
from loyalty_research.drivers.pls.fit import Fit, fit_design
from loyalty_research.drivers.pls.moments import Moments
from loyalty_research.drivers.pls.predict import Prediction, predict
from loyalty_research.drivers.pls.solution import Solution
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import CHAPTER, open_survey
from loyalty_research.profile.common import drawable
from loyalty_research.results import Result
from loyalty_research.stats.seeds import seed_from

_SECTION = "paths"
_REFERENCES = (
    "wold1982",
    "tenenhaus2005",
    "dijkstra2015",
    "efron1979",
    "shmueli2016",
    "liengaard2021",
    "cohen1988",
)


@dataclass(frozen=True, slots=True)
class PathsResult(Result):
    """A result with the fitted path model.

    Parameters
    ----------
    fit
        Estimates of the sample and of the draws; None where the survey cannot be used.
    prediction
        How items of the outcomes are predicted outside the sample; None as above.
    """

    fit: Fit | None = None
    prediction: Prediction | None = None

    @property
    def paths(self) -> pd.DataFrame:
        """One row an arrow: from, to, path with low and high, total effect, f2, VIF."""
        return self.frames["summary"]

    @property
    def r_squared(self) -> pd.DataFrame:
        """One row an outcome: R squared with its interval."""
        return self.frames["explained"]

    @property
    def reliability(self) -> pd.DataFrame:
        """One row a construct: the reliability rho_A of its score."""
        return self.frames["reliability"]

    @property
    def loadings(self) -> pd.DataFrame:
        """One row an item, one column a construct: loadings, cross-loadings off its own."""
        return self.frames["loadings"]


def fit_pls(
    survey: Any,
    model: SurveyModel | str | None = None,
    *,
    scheme: Scheme = "path",
    consistent: bool = False,
    period: Any = None,
    draws: int = 1000,
    seed: int | None = None,
) -> PathsResult:
    """Fit a path model to a survey: how constructs go together, how strongly and how surely.

    Parameters
    ----------
    survey
        A brand, or one row a respondent with the model's columns, optional weight. Ibis, pandas,
        polars or Arrow.
    model
        A survey model or its name; None for the one the brand file names.
    scheme
        Inner weights: ``path``, ``factorial`` or ``centroid``.
    consistent
        Whether constructs of mode A are common factors, whose paths are corrected for the
        unreliability of scores (PLSc). Wrong for composites, as plain mode A is for factors.
    period
        A brand's period or (first day, last day); printed only.
    draws, seed
        Draws of respondents; None for a seed that derives from the items.

    Returns
    -------
    PathsResult
        ``paths``, ``r_squared``, ``reliability``, ``loadings``; frames ``summary``, ``explained``,
        ``reliability``, ``loadings``, ``totals`` (total effects) and ``prediction``. Without a
        usable survey the one finding says why.

    Raises
    ------
    MissingTableError
        For columns the survey lacks.
    SurveyModelError
        For a model that is not as it must be.
    ParameterError
        For another scheme or too few draws.

    Notes
    -----
    Only respondents who answered every item enter. Intervals are percentiles over draws of
    respondents, signs turned construct by construct; draws without convergence and inadmissible
    ones are counted and kept. Paths are associations: the arrows are those of the model.

    References
    ----------
    Tenenhaus, Esposito Vinzi, Chatelin & Lauro 2005; Dijkstra & Henseler 2015; Shmueli et al. 2016.

    Examples
    --------
    ``fit_pls(b.survey, load_model("ecsi"), scheme="path").paths``
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.reason:
        return PathsResult(**opened.empty("fit_pls", _SECTION, "paths_strongest", "path"))
    told, answers = opened.usable
    design = told.design
    fit = fit_design(
        answers.matrix,
        design,
        weights=answers.weights,
        scheme=scheme,
        consistent=consistent,
        draws=draws,
        seed=seed,
        quantities=_quantities,
    )
    if not np.isfinite(fit.solution.paths).all():
        without = dataclasses.replace(opened, reason="no_solution")
        return PathsResult(**without.empty("fit_pls", _SECTION, "paths_strongest", "path"), fit=fit)
    rng = np.random.default_rng(seed_from("folds", *design.items))
    prediction = predict(answers.matrix, design, rng=rng, scheme=scheme)
    frames = _frames(fit, told, prediction)
    state, context = opened.state, opened.context
    return PathsResult(
        name="fit_pls",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=path_findings(state, frames, fit, prediction, told, consistent=consistent),
        charts=drawable(path_charts(frames, answers.count, opened.days), context),
        tables=path_tables(frames, answers.count, opened.days, fit.draws),
        references=_REFERENCES,
        context=context,
        fit=fit,
        prediction=prediction,
    )


def _quantities(solution: Solution, moments: Moments) -> dict[str, np.ndarray]:
    del moments
    return {
        "paths": solution.paths,
        "r_squared": solution.r_squared,
        "rho_a": solution.rho_a,
        "totals": total_effects(solution.paths),
    }


def _frames(fit: Fit, model: SurveyModel, prediction: Prediction) -> dict[str, pd.DataFrame]:
    design, solution = fit.design, fit.solution
    names = list(design.constructs)
    explained = _estimates(fit, "r_squared", solution.r_squared[0])
    reliability = _estimates(fit, "rho_a", solution.rho_a[0])
    own = [names[int(place)] for place in design.blocks.argmax(axis=1)]
    loadings = np.where(design.blocks, solution.loadings[0], solution.cross_loadings[0])
    return {
        "summary": _path_frame(fit, model),
        "explained": _named(explained, names, model)
        .dropna(subset=["value"])
        .reset_index(drop=True),
        "reliability": _named(reliability, names, model),
        "loadings": pd.DataFrame(loadings, columns=names).assign(item=design.items, construct=own),
        "totals": _total_frame(fit, model),
        "prediction": pd.DataFrame(
            {
                "item": prediction.items,
                "q_squared": prediction.q_squared,
                "rmse": prediction.rmse,
                "rmse_linear": prediction.rmse_linear,
            }
        ),
    }


def _path_frame(fit: Fit, model: SurveyModel) -> pd.DataFrame:
    design, related = fit.design, fit.solution.related
    rows, columns = np.array(design.edges).T
    totals = total_effects(fit.solution.paths)[0]
    sizes, swollen = effect_sizes(related, design)[0], inflation(related, design)[0]
    low, high = fit.draws.interval("paths")
    frame = pd.DataFrame(
        {
            "cause": [design.constructs[i] for i in rows],
            "outcome": [design.constructs[j] for j in columns],
            "value": fit.solution.paths[0][rows, columns],
            "low": low[rows, columns],
            "high": high[rows, columns],
            "total": totals[rows, columns],
            "f_squared": sizes[rows, columns],
            "vif": swollen[rows, columns],
        }
    )
    return _arrows(frame, model)


def _total_frame(fit: Fit, model: SurveyModel) -> pd.DataFrame:
    """Return total effects on the outcome, most first."""
    design = fit.design
    end = design.constructs.index(model.outcome)
    totals = total_effects(fit.solution.paths)[0]
    low, high = fit.draws.interval("totals")
    frame = pd.DataFrame(
        {
            "cause": design.constructs,
            "outcome": model.outcome,
            "value": totals[:, end],
            "low": low[:, end],
            "high": high[:, end],
        }
    )
    led = frame[frame["value"].fillna(1.0) != 0]
    return _arrows(led.sort_values("value", ascending=False, ignore_index=True), model)


def _arrows(frame: pd.DataFrame, model: SurveyModel) -> pd.DataFrame:
    """Add the names of both ends, and of the arrow, in either language."""
    added = {}
    for language in ("zh", "en"):
        ends = [[model.label(str(name), language) for name in frame[side]]
                for side in ("cause", "outcome")]  # fmt: skip
        added[f"cause_{language}"], added[f"outcome_{language}"] = ends
        added[f"arrow_{language}"] = [f"{a} → {b}" for a, b in zip(*ends, strict=True)]
    return frame.assign(**added)


def _estimates(fit: Fit, name: str, values: np.ndarray) -> pd.DataFrame:
    low, high = fit.draws.interval(name)
    return pd.DataFrame({"value": values, "low": low, "high": high})


def _named(frame: pd.DataFrame, names: list[str], model: SurveyModel) -> pd.DataFrame:
    return frame.assign(
        construct=names,
        construct_zh=[model.label(name, "zh") for name in names],
        construct_en=[model.label(name, "en") for name in names],
    )
