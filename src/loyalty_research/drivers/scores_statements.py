"""What is stated of the scores of a survey."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from loyalty_research.drivers.score_estimates import Score, compare_scores
from loyalty_research.drivers.scores_frames import Asked
from loyalty_research.drivers.survey.opening import Opened, SurveyStater
from loyalty_research.findings import Finding, Value
from loyalty_research.stats import Estimate


def score_findings(
    opened: Opened,
    asked: Asked,
    scores: Mapping[str, Score],
    frames: Mapping[str, pd.DataFrame],
) -> tuple[Finding, ...]:
    """State each score, the segment that is furthest apart, and the change over quarters."""
    state = opened.state
    return (
        _nps(state, asked, scores, frames),
        _answered(state, asked, scores, "satisfaction"),
        _answered(state, asked, scores, "repurchase"),
        _by_segment(state, scores, frames),
        _by_quarter(state, scores, frames),
    )


def _told(value: float, low: float, high: float, base: int) -> Estimate:
    return Estimate(round(value, 1), round(low, 1), round(high, 1), base)


def _nps(
    state: SurveyStater,
    asked: Asked,
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


def _answered(state: SurveyStater, asked: Asked, scores: Mapping[str, Score], name: str) -> Finding:
    if f"{name}_mean" not in scores:
        return state.withheld(f"score_{name}", "not_asked", definition="csat")
    mean, top = scores[f"{name}_mean"], scores[f"{name}_top2"]
    return state(
        f"score_{name}",
        Estimate(mean.value, mean.low, mean.high, mean.base),
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
            "level": Value(str(row["level"]), "label:level"),
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
