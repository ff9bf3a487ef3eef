"""Whether a survey can be trusted: gaps, careless answers, who answered, one method for all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.pls.moments import sample_moments
from loyalty_research.drivers.survey.answers import Answers
from loyalty_research.drivers.survey.check_views import check_findings, check_tables
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.drivers.survey.opening import CHAPTER, open_survey
from loyalty_research.drivers.survey.respondents import compare_respondents
from loyalty_research.results import Result

_SECTION = "survey"
LEAST_LINE = 5
"""Items from which on one score for all of them is called straight-lining."""
FAST = 1 / 3
"""Share of the median time below which a respondent is called too fast."""
_REFERENCES = ("greszki2015", "podsakoff2003", "lindell2001")


def check_survey(
    survey: Any, model: SurveyModel | str | None = None, *, period: Any = None
) -> Result:
    """Check a survey: range, gaps, straight-lining, speed, respondents, common method.

    Parameters
    ----------
    survey
        A brand, or one row a respondent. With a brand whose survey is linked to customers,
        respondents are compared with all customers of the period.
    model
        A survey model or its name; None for the one the brand file names.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (check, respondents or answers concerned, share), ``items`` (mean, sd,
        missing, share of top answers), ``patterns`` (which items are missing together), and where
        linked ``respondents`` (attribute, respondents, all customers, standardised difference).

    Raises
    ------
    MissingTableError
        For columns the survey lacks.

    Notes
    -----
    Nothing is deleted here. Answers beyond the scale count as missing; straight-liners and the
    fast are marked, and the outcome is shown with and without them.

    References
    ----------
    Greszki, Meyer & Schoen 2015, Public Opinion Quarterly 79(2), 471-503; Podsakoff et al. 2003;
    Lindell & Whitney 2001, Journal of Applied Psychology 86(1), 114-121.
    """
    opened = open_survey(survey, model, section=_SECTION, period=period)
    if opened.answers is None or opened.model is None or not opened.answers.count:
        return Result(**opened.empty("check_survey", _SECTION, "survey_answers", "survey_answers"))
    told, answers = opened.model, opened.answers
    marked = careless(answers)
    frames = {
        "summary": _summary(answers, marked),
        "items": _items(answers, told),
        "patterns": missing_patterns(answers),
    }
    linked = compare_respondents(survey, answers, opened.days)
    if linked is not None:
        frames["respondents"] = linked
    method = common_method(answers) if not opened.reason else None
    return Result(
        name="check_survey",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=check_findings(opened, frames, marked, method),
        tables=check_tables(frames, answers.count, opened.days),
        references=_REFERENCES,
        context=opened.context,
    )


def careless(answers: Answers) -> dict[str, np.ndarray]:
    """Return who answered without care by what they left, each of shape (n,), bool.

    Returns
    -------
    dict
        ``straight``: one score for every answered item, five at least, where the items are asked
        on one scale; ``fast``: less than a third of the median time, only where recorded.
    """
    known = np.isfinite(answers.matrix)
    high = np.where(known, answers.matrix, -np.inf).max(axis=1)
    low = np.where(known, answers.matrix, np.inf).min(axis=1)
    found = {"straight": (known.sum(axis=1) >= LEAST_LINE) & (high == low)}
    if answers.seconds is not None and np.isfinite(answers.seconds).any():
        found["fast"] = answers.seconds < FAST * np.nanmedian(answers.seconds)
    return found


def missing_patterns(answers: Answers, *, most: int = 5) -> pd.DataFrame:
    """Return which items are missing together, the most frequent first: items, respondents."""
    gaps = ~np.isfinite(answers.matrix)
    rows = pd.Series(
        [", ".join(np.array(answers.items)[gap]) for gap in gaps[gaps.any(axis=1)]], dtype=object
    )
    counts = rows.value_counts().rename_axis("items").reset_index(name="respondents")
    counts = counts.sort_values(["respondents", "items"], ascending=[False, True])
    return counts.head(most).reset_index(drop=True)


def common_method(answers: Answers) -> tuple[float, float]:
    """Return the share of the first component, and the smallest positive correlation of items.

    Notes
    -----
    Above one half, the first component may stand for the way of asking (Harman's look, Podsakoff
    et al. 2003). The smallest positive correlation bounds what is common to all items (Lindell &
    Whitney 2001). Neither proves that there is no common method.
    """
    whole = answers.among(answers.complete)
    correlations = sample_moments(whole.matrix, whole.weights).correlations[0]
    first = float(np.linalg.eigvalsh(correlations)[-1] / len(correlations))
    off = correlations[np.triu_indices(len(correlations), 1)]
    positive = off[off > 0]
    return first, float(positive.min()) if len(positive) else 0.0


def _summary(answers: Answers, marked: dict[str, np.ndarray]) -> pd.DataFrame:
    gaps = ~np.isfinite(answers.matrix)
    counts = {
        "incomplete": int(gaps.any(axis=1).sum()),
        "half_missing": int((gaps.mean(axis=1) > 0.5).sum()),
        **{name: int(flags.sum()) for name, flags in marked.items()},
    }
    rows = [
        {"check": name, "respondents": count, "share": count / answers.count}
        for name, count in counts.items()
    ]
    cells = answers.matrix.size
    rows += [
        {"check": name, "respondents": count, "share": count / cells}
        for name, count in (
            ("out_of_range", answers.out_of_range),
            ("not_numbers", answers.not_numbers),
        )
    ]
    return pd.DataFrame(rows)


def _items(answers: Answers, model: SurveyModel) -> pd.DataFrame:
    known = np.isfinite(answers.matrix)
    counts = known.sum(axis=0)
    filled = np.where(known, answers.matrix, 0.0)
    mean = filled.sum(axis=0) / np.maximum(counts, 1)
    away = np.where(known, answers.matrix - mean, 0.0)
    rows = []
    for name, part in model.constructs.items():
        rows += [
            {"item": item, "wording_zh": told.zh, "wording_en": told.en,
             "construct_zh": model.label(name, "zh"), "construct_en": model.label(name, "en")}
            for item, told in part.indicators.items()
        ]  # fmt: skip
    gone = counts == 0
    return pd.DataFrame(rows).assign(
        mean=np.where(gone, np.nan, mean),
        sd=np.where(gone, np.nan, np.sqrt((away**2).sum(axis=0) / np.maximum(counts - 1, 1))),
        missing=1 - counts / answers.count,
        top=(answers.matrix >= model.scale.max - 0.5).sum(axis=0) / np.maximum(counts, 1),
    )
