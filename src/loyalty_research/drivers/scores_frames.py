"""The scores of a survey as frames: all respondents, kinds, segments and quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.score_estimates import (
    Score,
    compare_scores,
    mean_score,
    recommend_points,
    share_score,
)
from loyalty_research.drivers.scores_rows import answered_quarters, groups_of
from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.stats import holm

_ASKED = ("recommend", "satisfaction", "repurchase")
_TOP = 10
UNITS = {"nps": "rounded", "mean": "number", "top2": "share"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers to the items that ask outright: by what they ask, shape (n,) each."""

    answers: Mapping[str, np.ndarray]
    weights: np.ndarray | None
    least: float
    most: float

    def scores(self, chosen: np.ndarray | None = None) -> dict[str, Score]:
        """Return every score of some respondents, or of all."""
        rows = slice(None) if chosen is None else chosen
        weights = None if self.weights is None else self.weights[rows]
        found: dict[str, Score] = {}
        for name in _ASKED:
            if name not in self.answers:
                continue
            x = self.answers[name][rows]
            if name == "recommend":
                if self.most == _TOP:
                    found["nps"] = mean_score(
                        recommend_points(x), weights, least=-100.0, most=100.0
                    )
                continue
            found[f"{name}_mean"] = mean_score(x, weights, least=self.least, most=self.most)
            top = np.where(np.isfinite(x), x >= self.most - 1, np.nan)
            found[f"{name}_top2"] = share_score(top, weights)
        return found


def asked_of(model: SurveyModel, answers: Answers) -> Asked:
    """Return the answers to the items that ask outright."""
    place = {item: number for number, item in enumerate(answers.items)}
    values: dict[str, np.ndarray] = {
        str(name): answers.matrix[:, place[item]]
        for name, item in model.scores.items()
        if item in place
    }
    return Asked(values, answers.weights, float(model.scale.min), float(model.scale.max))


def summary_frame(scores: Mapping[str, Score]) -> pd.DataFrame:
    """Return one row a score, with interval and base."""
    frame = pd.DataFrame(
        [
            {
                "score": name,
                "value": item.value,
                "low": item.low,
                "high": item.high,
                "score_unit": UNITS[name.rpartition("_")[2]],
                "respondents": item.base,
                "effective": item.effective,
            }
            for name, item in scores.items()
        ]
    )
    columns = ["value", "low", "high"]
    exact = frame[columns].astype(float)
    frame[columns] = exact.where(frame["score"] != "nps", exact.round(1))
    return frame


def kinds_frame(asked: Asked) -> pd.DataFrame:
    """Return the shares of promoters, passives and detractors."""
    points = recommend_points(asked.answers["recommend"])
    rows = []
    for name, value in (("promoters", 100.0), ("passives", 0.0), ("detractors", -100.0)):
        chosen = np.where(np.isfinite(points), points == value, np.nan)
        share = share_score(chosen, asked.weights)
        rows.append(
            {
                "kind": name,
                "respondents": int((points == value).sum()),
                "share": share.value,
                "share_low": share.low,
                "share_high": share.high,
            }
        )
    return pd.DataFrame(rows)


def segment_frames(
    survey: Any, answers: Answers, asked: Asked, segments: Sequence[str], *, least: int
) -> dict[str, pd.DataFrame]:
    """Return the scores of each segment, and how far its score is from that of all others.

    Only segments with at least ``least`` respondents on either side are tested.
    """
    rows = []
    for attribute, level in groups_of(survey, answers, segments):
        inside = level.notna().to_numpy()
        for name in sorted(level[inside].unique()):
            own = (level == name).to_numpy()
            here, others = asked.scores(own), asked.scores(inside & ~own)
            if not here["nps"].base or not others["nps"].base:
                continue
            apart = compare_scores(others["nps"], here["nps"])
            mean = here.get("satisfaction_mean")
            rows.append(
                {
                    "attribute": attribute,
                    "level": name,
                    "respondents": here["nps"].base,
                    "tested": min(here["nps"].base, others["nps"].base) >= least,
                    "nps": here["nps"].value,
                    "nps_low": here["nps"].low,
                    "nps_high": here["nps"].high,
                    "satisfaction": mean.value if mean else np.nan,
                    "satisfaction_low": mean.low if mean else np.nan,
                    "satisfaction_high": mean.high if mean else np.nan,
                    "apart": apart.value,
                    "apart_low": apart.low,
                    "apart_high": apart.high,
                    "p_value": apart.p_value,
                }
            )
    if not rows:
        return {}
    names = [f"{name}{end}" for name in ("nps", "apart") for end in ("", "_low", "_high")]
    frame = _tenths(pd.DataFrame(rows), *names)
    tested, told = frame.pop("tested").to_numpy(dtype=bool), np.zeros(len(frame), dtype=bool)
    told[tested] = holm(frame["p_value"].to_numpy()[tested])
    return {"segments": frame.assign(told=told)}


def quarter_frames(survey: Any, asked: Asked) -> dict[str, pd.DataFrame]:
    """Return the net promoter score of each quarter, where the day of the interview is told."""
    quarter = answered_quarters(survey)
    if quarter is None:
        return {}
    rows = []
    for name in sorted(quarter.dropna().unique()):
        score = asked.scores((quarter == name).to_numpy())["nps"]
        rows.append(
            {
                "quarter": name,
                "respondents": score.base,
                "nps": score.value,
                "nps_low": score.low,
                "nps_high": score.high,
                "error": score.error,
            }
        )
    frame = _tenths(pd.DataFrame(rows), "nps", "nps_low", "nps_high")
    return {"quarters": frame[frame["respondents"] > 0].reset_index(drop=True)}


def _tenths(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame with net promoter scores as they are told: to a tenth of a point."""
    return frame.assign(**{name: frame[name].astype(float).round(1) for name in columns})
