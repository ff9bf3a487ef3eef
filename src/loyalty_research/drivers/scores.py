"""How customers rate the brand: net promoter score, satisfaction, intention to come again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loyalty_research.drivers.common import CHAPTER, empty
from loyalty_research.drivers.score_estimates import (
    Score,
    ScoreChange,
    compare_scores,
    mean_score,
    net_score,
    share_score,
)
from loyalty_research.drivers.scores_frames import (
    asked_of,
    kinds_frame,
    quarter_frames,
    segment_frames,
    summary_frame,
)
from loyalty_research.drivers.scores_statements import score_findings
from loyalty_research.drivers.scores_views import score_charts, score_tables
from loyalty_research.drivers.survey.opening import BAD_WEIGHTS, Opened, open_survey
from loyalty_research.results import Result

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
_BLOCKING = BAD_WEIGHTS | {"no_survey_model"}
SEGMENTS = ("tier", "gender", "age_band")
"""Attributes of customers that scores are told by, where the survey is linked to them."""


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
    asked = asked_of(opened.model, opened.answers)
    if not asked.answers:
        return _withheld(opened, "not_asked")
    scores = asked.scores()
    if not any(item.base for item in scores.values()):
        return _withheld(opened, "items_unanswered")
    frames = {"summary": summary_frame(scores)}
    if "nps" in scores:
        frames["kinds"] = kinds_frame(asked)
        least = opened.context.base_limit
        frames |= segment_frames(survey, opened.answers, asked, segments, least=least)
        frames |= quarter_frames(survey, asked)
    base = max(item.base for item in scores.values())
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=score_findings(opened, asked, scores, frames),
        charts=score_charts(frames, base, opened.days),
        tables=score_tables(frames, base, opened.days),
        references=("reichheld2003", "holm1979"),
        context=opened.context,
    )


def _withheld(opened: Opened, reason: str) -> Result:
    gone = opened.state.withheld("score_nps", reason, definition="nps", values=dict(opened.values))
    return empty(_SECTION, opened.context, gone)
