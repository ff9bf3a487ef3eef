"""How customers rate the brand: net promoter score, satisfaction, intention to come again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, empty
from loyalty_research.drivers.score_estimates import (
    Score,
    ScoreChange,
    compare_scores,
    mean_score,
    net_score,
    recommend_points,
    share_score,
)
from loyalty_research.drivers.scores_rows import answered_quarters, groups_of
from loyalty_research.drivers.scores_views import score_charts, score_tables
from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import Opened, SurveyStater, open_survey
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, holm

__all__ = [
    "Score",
    "ScoreChange",
    "compare_scores",
    "mean_score",
    "net_score",
    "share_score",
    "survey_scores",
]
_SECTION = "survey_scores"
_ASKED = ("recommend", "satisfaction", "repurchase")
_TOP = 10
_BLOCKING = {"no_survey_model", "no_survey_weight"}
SEGMENTS = ("tier", "gender", "age_band")
"""Attributes of customers that scores are told by, where the survey is linked to them."""


@dataclass(frozen=True, slots=True)
class _Asked:
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


UNITS = {"nps": "rounded", "mean": "number", "top2": "share"}


def survey_scores(
    survey: Any, *, model: Any = None, segments: Sequence[str] = SEGMENTS, period: Any = None
) -> Result:
    """Tell the scores of a survey with their intervals, by segment and by quarter.

    Parameters
    ----------
    survey
        A brand, or its table survey.
    model
        A survey model or its name; None for the one the brand file names. Its ``scores`` say which
        item asks what.
    segments
        Columns of the survey, or of the brand's customers where respondents are linked to them.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (score: value with interval, base, effective base), ``kinds`` (promoters,
        passives, detractors), ``segments`` (net promoter score of each, against all others) and
        ``quarters`` where the survey tells the day of the interview (``answered_on``).

    Raises
    ------
    MissingTableError
        Where the brand has no survey, or the survey not all columns of the model.

    Notes
    -----
    Promoters answer 9 or 10, detractors 6 or less, on a scale that ends at 10; on another scale no
    score is made up. Intervals take respondents as independent, with their weights; segments are
    tested against all others, Holm over all segments, and the last quarter against the first.
    What the survey does not ask is named.

    References
    ----------
    Reichheld 2003, Harvard Business Review 81(12); Holm 1979.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.model is None or opened.answers is None or opened.reason in _BLOCKING:
        return _withheld(opened, opened.reason)
    asked = _asked(opened.model, opened.answers)
    if not asked.answers:
        return _withheld(opened, "not_asked")
    scores = asked.scores()
    if not any(item.base for item in scores.values()):
        return _withheld(opened, "items_unanswered")
    frames = {"summary": _summary(scores)}
    if "nps" in scores:
        frames["kinds"] = _kinds(asked)
        frames |= _segments(survey, opened.answers, asked, segments)
        frames |= _quarters(survey, asked)
    base = max(item.base for item in scores.values())
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(opened, asked, scores, frames),
        charts=score_charts(frames, base, opened.days),
        tables=score_tables(frames, base, opened.days),
        references=("reichheld2003", "holm1979"),
        context=opened.context,
    )


def _withheld(opened: Opened, reason: str) -> Result:
    gone = opened.state.withheld("score_nps", reason, definition="nps", values=dict(opened.values))
    return empty(_SECTION, opened.context, gone)


def _asked(model: SurveyModel, answers: Answers) -> _Asked:
    place = {item: number for number, item in enumerate(answers.items)}
    values: dict[str, np.ndarray] = {
        str(name): answers.matrix[:, place[item]]
        for name, item in model.scores.items()
        if item in place
    }
    return _Asked(values, answers.weights, float(model.scale.min), float(model.scale.max))


def _summary(scores: Mapping[str, Score]) -> pd.DataFrame:
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


def _kinds(asked: _Asked) -> pd.DataFrame:
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


def _segments(
    survey: Any, answers: Answers, asked: _Asked, segments: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Return the scores of each segment, and how far its score is from that of all others."""
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
    return {"segments": frame.assign(told=holm(frame["p_value"].to_numpy()))}


def _quarters(survey: Any, asked: _Asked) -> dict[str, pd.DataFrame]:
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


def _findings(
    opened: Opened,
    asked: _Asked,
    scores: Mapping[str, Score],
    frames: Mapping[str, pd.DataFrame],
) -> tuple[Finding, ...]:
    state = opened.state
    return (
        _nps(state, asked, scores, frames),
        _answered(state, asked, scores, "satisfaction"),
        _answered(state, asked, scores, "repurchase"),
        _by_segment(state, scores, frames),
        _by_quarter(state, scores, frames),
    )


def _estimate(score: Score) -> Estimate:
    return Estimate(score.value, score.low, score.high, score.base)


def _tenths(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame with net promoter scores as they are told: to a tenth of a point."""
    return frame.assign(**{name: frame[name].astype(float).round(1) for name in columns})


def _told(value: float, low: float, high: float, base: int) -> Estimate:
    return Estimate(round(value, 1), round(low, 1), round(high, 1), base)


def _nps(
    state: SurveyStater,
    asked: _Asked,
    scores: Mapping[str, Score],
    frames: Mapping[str, pd.DataFrame],
) -> Finding:
    if "nps" not in scores:
        reason = "scale_not_ten" if "recommend" in asked.answers else "not_asked"
        return state.withheld("score_nps", reason, definition="nps")
    share = frames["kinds"].set_index("kind")["share"]
    score = scores["nps"]
    return state(
        "score_nps",
        _told(score.value or 0.0, score.low or 0.0, score.high or 0.0, score.base),
        unit="rounded",
        definition="nps",
        method="nps",
        subject="score_nps",
        task="retain",
        values={name: Value(float(share[name]), "share") for name in share.index}
        | {
            "least": Value(int(asked.least), "count"),
            "effective": Value(round(score.effective), "count"),
        },
    )


def _answered(
    state: SurveyStater, asked: _Asked, scores: Mapping[str, Score], name: str
) -> Finding:
    if f"{name}_mean" not in scores:
        return state.withheld(f"score_{name}", "not_asked", definition="csat")
    mean, top = scores[f"{name}_mean"], scores[f"{name}_top2"]
    return state(
        f"score_{name}",
        _estimate(mean),
        unit="number",
        definition="csat",
        method="mean",
        subject=f"score_{name}",
        values={
            "top": Value(top.value, "share"),
            "top_low": Value(top.low, "share"),
            "top_high": Value(top.high, "share"),
            "least": Value(int(asked.least), "count"),
            "most": Value(int(asked.most), "count"),
        },
    )


def _by_segment(
    state: SurveyStater, scores: Mapping[str, Score], frames: Mapping[str, pd.DataFrame]
) -> Finding:
    base = scores["nps"].base if "nps" in scores else 0
    if "segments" not in frames:
        return state.withheld("score_segment", "no_segments_linked", definition="nps", base=base)
    frame = frames["segments"]
    told = frame[frame["told"]]
    values = {"segments": Value(len(frame), "count")}
    if told.empty:
        return state.withheld(
            "score_segment", "no_difference", definition="nps", base=base, values=values
        )
    row = told.sort_values("p_value", kind="stable").iloc[0]
    return state(
        "score_segment",
        _told(row["apart"], row["apart_low"], row["apart_high"], int(row["respondents"])),
        unit="rounded",
        definition="nps",
        method="holm",
        subject="score_segment",
        values=values
        | {
            "attribute": Value(str(row["attribute"]), "label:attribute"),
            "level": Value(str(row["level"]), "text"),
            "nps": Value(float(row["nps"]), "rounded"),
        },
    )


def _by_quarter(
    state: SurveyStater, scores: Mapping[str, Score], frames: Mapping[str, pd.DataFrame]
) -> Finding:
    base = scores["nps"].base if "nps" in scores else 0
    frame = frames.get("quarters")
    if frame is None:
        return state.withheld("score_change", "no_interview_day", definition="nps", base=base)
    if len(frame) < 2:
        return state.withheld("score_change", "one_quarter", definition="nps", base=base)
    ends = [
        Score(row["nps"], row["nps_low"], row["nps_high"], row["error"], row["respondents"], 0.0)
        for _, row in frame.iloc[[0, -1]].iterrows()
    ]
    change = compare_scores(*ends)
    values = {
        "first": Value(str(frame["quarter"].iloc[0]), "text"),
        "last": Value(str(frame["quarter"].iloc[-1]), "text"),
    }
    least = int(frame["respondents"].iloc[[0, -1]].min())
    if change.low <= 0 <= change.high:
        return state.withheld(
            "score_change", "no_difference", definition="nps", base=least, values=values
        )
    return state(
        "score_change",
        _told(change.value, change.low, change.high, least),
        unit="rounded",
        definition="nps",
        method="two_scores",
        subject="score_change",
        values=values,
    )
