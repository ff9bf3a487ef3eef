"""Rows of the section on weights: scores and margins with and without them, shifted paths."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.pls.moments import sample_moments
from loyalty_research.drivers.pls.solution import solve
from loyalty_research.drivers.score_estimates import Score, mean_score, recommend_points
from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.raking import Raked

BEHAVIOUR = ("occasions", "recency_days")
"""Margins in quarters of all customers; the others have names of their own."""
_TOP = 10


@dataclass(frozen=True, slots=True)
class Linked:
    """Respondents who bought in the period.

    Parameters
    ----------
    answers
        Of n respondents.
    levels
        One row a respondent, one column a margin.
    everybody
        The same of all customers of the period.
    """

    answers: Answers
    levels: pd.DataFrame
    everybody: pd.DataFrame


def quarters(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the quarter of all customers each falls into, named by its whole numbers: 2–4."""
    whole = values.astype(int)
    ends = sorted({int(whole.quantile(part, interpolation="lower")) for part in (0.25, 0.5, 0.75)})
    edges = [int(whole.min()) - 1, *(end for end in ends if end < whole.max()), int(whole.max())]
    names = [
        str(end) if end == start + 1 else f"{start + 1}–{end}" for start, end in pairwise(edges)
    ]
    return pd.Series(pd.cut(whole, edges, labels=names).astype(str), index=values.index)


def weighted_scores(model: SurveyModel, answers: Answers, weights: np.ndarray) -> pd.DataFrame:
    """Return every score by the survey's own weights, and by those of the customer base."""
    low, high = float(model.scale.min), float(model.scale.max)
    place = {item: number for number, item in enumerate(answers.items)}
    asked: dict[str, tuple[np.ndarray, float, float]] = {}
    for question, item in model.scores.items():
        x = answers.matrix[:, place[item]]
        if question != "recommend":
            asked[f"{question}_mean"] = (x, low, high)
        elif high == _TOP:
            asked["nps"] = (recommend_points(x), -100.0, 100.0)
    outcome = answers.construct_means(model)[model.outcome].to_numpy(dtype=float)
    asked["outcome_mean"] = (outcome, low, high)
    rows = []
    for name, (x, least, most) in asked.items():
        plain = mean_score(x, answers.weights, least=least, most=most)
        weighted = mean_score(x, weights, least=least, most=most)
        unit = "rounded" if name == "nps" else "number"
        digits = 1 if name == "nps" else 12
        rows.append(
            {"score": name, "score_unit": unit, **_ends("plain", plain, digits),
             **_ends("weighted", weighted, digits)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _ends(kind: str, score: Score, digits: int) -> dict[str, float | None]:
    told = {kind: score.value, f"{kind}_low": score.low, f"{kind}_high": score.high}
    return {name: None if value is None else round(value, digits) for name, value in told.items()}


def weighted_margins(linked: Linked, raked: Raked) -> pd.DataFrame:
    """Return the shares of every level among customers and among respondents, in order."""
    start = linked.answers.weights
    own = np.ones(linked.answers.count) if start is None else start
    rows = []
    for name in map(str, linked.everybody.columns):
        everybody = linked.everybody[name].value_counts(normalize=True, sort=False)
        counts = linked.everybody[name].value_counts(sort=False)
        for level in sorted(everybody.index, key=_order):
            here = (linked.levels[name] == level).to_numpy()
            rows.append(
                {
                    "attribute": name,
                    "level": level,
                    "level_unit": "text" if name in BEHAVIOUR else "label:level",
                    "customers": int(counts[level]),
                    "share": float(everybody[level]),
                    "respondents": int(here.sum()),
                    "answered": float(own[here].sum() / own.sum()),
                    "weighted": float(raked.weights[here].sum() / raked.weights.sum()),
                }
            )
    return pd.DataFrame(rows)


def _order(level: str) -> tuple[int, str]:
    first = level.split("–")[0]
    return (int(first) if first.isdigit() else 10**9, level)


def path_shift(
    model: SurveyModel, answers: Answers, weights: np.ndarray
) -> tuple[float, str, str] | None:
    """Return by how much a path changes at most with these weights, and which."""
    whole = answers.complete
    values, design = answers.matrix[whole], model.design
    own = None if answers.weights is None else answers.weights[whole]
    if not whole.any() or np.ptp(values, axis=0).min() == 0:
        return None
    plain, moved = (
        solve(sample_moments(values, part), design).paths[0] for part in (own, weights[whole])
    )
    rows, columns = np.array(design.edges).T
    change = moved[rows, columns] - plain[rows, columns]
    most = int(np.abs(change).argmax())
    ends = design.constructs[rows[most]], design.constructs[columns[most]]
    return float(change[most]), ends[0], ends[1]
