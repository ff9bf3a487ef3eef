"""Section: strengths, weaknesses and gaps, where customers speak of several brands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from loyalty_research.competitors.position.comments import (
    Comments,
    Window,
    against_others,
    common_window,
)
from loyalty_research.competitors.position.gaps import DriverAnswers, driver_gaps
from loyalty_research.competitors.position.strength_views import (
    gap_chart,
    gap_table,
    strength_chart,
    strength_table,
)
from loyalty_research.competitors.sections import result, stated, withheld
from loyalty_research.engine import Context
from loyalty_research.errors import MissingTableError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Days, as_days
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "brand_strengths"


@dataclass(frozen=True, slots=True)
class _Told:
    context: Context
    days: Days


def brand_strengths(
    brand: Any,
    *,
    period: Any,
    comments: Comments | None = None,
    answers: DriverAnswers | None = None,
) -> Result:
    """Tell what customers complain of more, or less, than with competitors, and the gap per driver.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`.
    period
        A brand's period or (first day, last day).
    comments
        Comments on several brands, as ``drivers.feedback.read`` returns them; None where the brand
        has none.
    answers
        Survey of several brands, as ``drivers.survey.driver_answers`` returns it; None for none.

    Returns
    -------
    Result
        Frames ``strengths`` (see ``against_others``) and ``gaps`` (see ``driver_gaps``),
        as far as there is something to tell.

    Raises
    ------
    MissingTableError
        Where there are neither comments nor answers on several brands.
    """
    if comments is None and answers is None:
        raise MissingTableError(
            problem(
                "{name}: column {missing} is missing; it names the brand a comment is about, so "
                "that several can be compared; survey may have one as well",
                name="feedback",
                missing="brand",
            )
        )
    told = _Told(brand.context, as_days(period))
    least = told.context.base_limit
    frames: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    charts, tables = [], []
    if comments is not None:
        window = common_window(comments, least=least)
        frame = against_others(window, least=least) if len(window.brands) > 1 else pd.DataFrame()
        findings += _strengths(told, window, frame)
        if len(frame) and frame["p_value"].notna().any():
            frames["strengths"] = frame
            charts.append(strength_chart(told.days, window, frame))
            tables.append(strength_table(told.days, window))
    if answers is not None:
        gaps = _named(driver_gaps(answers, own=brand.called, least=least), answers)
        findings += _gaps(told, gaps)
        if len(gaps):
            frames["gaps"] = gaps
            charts.append(gap_chart(told.days, gaps))
            tables.append(gap_table(told.days, gaps))
    return result(told, _SECTION, frames, findings=findings, charts=charts, tables=tables)


def _named(gaps: pd.DataFrame, answers: DriverAnswers) -> pd.DataFrame:
    names = [answers.names[code] for code in gaps["driver"]]
    return gaps.assign(name_zh=[name.zh for name in names], name_en=[name.en for name in names])


def _strengths(told: _Told, window: Window, frame: pd.DataFrame) -> Iterator[Finding]:
    common: dict[str, Any] = {"definition": "complaint_share", "subject": "brand_strengths"}
    if len(window.brands) < 2 or frame["p_value"].isna().all():
        reason = "strengths_one_brand" if len(window.brands) < 2 else "strengths_few"
        yield withheld(
            told, _SECTION, "strengths_alike", reason,
            base=window.reviews, base_unit="reviews", **common,
        )  # fmt: skip
        return
    common |= {"method": "complaints_apart", "base_unit": "reviews"}
    days = {"first": Value(window.first, "date"), "last": Value(window.last, "date")}
    sure = frame[frame["told"]]
    if sure.empty:
        yield stated(
            told, _SECTION, "strengths_alike", float(len(window.brands)), unit="count",
            base=window.reviews, values=days, **common,
        )  # fmt: skip
        return
    for verdict in ("weakness", "strength"):
        own = sure[sure["verdict"] == verdict]
        if own.empty:
            continue
        row: dict[Any, Any] = own.iloc[int(own["apart"].abs().to_numpy().argmax())].to_dict()
        yield stated(
            told, _SECTION, f"strengths_{verdict}",
            Estimate(row["apart"], row["apart_low"], row["apart_high"], int(row["reviews"])),
            unit="point_change",
            values={
                **days,
                "brand": Value(row["brand"], "text"),
                "aspect": Value(row["aspect"], "label:feedback_aspect"),
                "rate": Value(row["rate"], "share"),
                "others": Value(row["others"], "share"),
                "found": Value(len(own), "count"),
            },
            **common,
        )  # fmt: skip


def _gaps(told: _Told, gaps: pd.DataFrame) -> Iterator[Finding]:
    common: dict[str, Any] = {"definition": "driver_gap", "subject": "driver_gap"}
    if gaps.empty:
        yield withheld(
            told, _SECTION, "driver_gap_alike", "gaps_few", base_unit="respondents", **common
        )
        return
    common |= {"method": "driver_gap", "base_unit": "respondents"}
    sure = gaps[gaps["verdict"] != "alike"]
    if sure.empty:
        yield stated(
            told, _SECTION, "driver_gap_alike", float(len(gaps)), unit="count",
            base=int(gaps["respondents"].min()), **common,
        )  # fmt: skip
        return
    for verdict in ("behind", "ahead"):
        own = sure[sure["verdict"] == verdict]
        if own.empty:
            continue
        row: dict[Any, Any] = own.iloc[int(own["gap"].abs().to_numpy().argmax())].to_dict()
        answers = int(min(row["respondents"], row["rival_respondents"]))
        yield stated(
            told, _SECTION, f"driver_gap_{verdict}",
            Estimate(row["gap"], row["gap_low"], row["gap_high"], answers),
            unit="number",
            values={
                "driver": Value({"zh": row["name_zh"], "en": row["name_en"]}, "bilingual"),
                "best": Value(row["best"], "text"),
                "own": Value(row["own"], "number"),
                "rival": Value(row["rival"], "number"),
                "found": Value(len(own), "count"),
                "drivers": Value(len(gaps), "count"),
            },
            **common,
        )  # fmt: skip
