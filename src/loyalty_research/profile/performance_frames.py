"""Published figures as tidy frames."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pandas as pd

from loyalty_research.brand import BrandFacts, FactPoint, FactSeries
from loyalty_research.brand.fact_file import Measure
from loyalty_research.brand.fields import Bilingual

LEAST_DRAWN = 3
"""Figures of one measure below which there is no drawing: the table tells as much."""
_YEAR = 12
_COLUMNS = (
    "measure",
    "name_zh",
    "name_en",
    "period",
    "last_month",
    "value",
    "unit",
    "status",
    "caution",
    "formula",
    "number",
    "grade",
    "date",
    "note_zh",
    "note_en",
)


def fact_frames(facts: BrandFacts | None) -> dict[str, pd.DataFrame]:
    """Return the frames of a brand's published figures; only an empty summary without them."""
    if facts is None:
        return {"summary": pd.DataFrame(columns=list(_COLUMNS))}
    numbers = _numbered(facts)
    rows = [
        _row(series, point, numbers[point.source])
        for series in facts.series
        for point in series.points
    ]
    frames = {
        "summary": pd.DataFrame(rows, columns=list(_COLUMNS)),
        "measures": pd.DataFrame([_measure(item) for item in facts.series]),
        "sources": _sources(facts, numbers),
        "unknown": pd.DataFrame(
            [{"what_zh": item.zh, "what_en": item.en} for item in facts.unknown],
            columns=["what_zh", "what_en"],
        ),
    }
    rest = frames["summary"]
    for series in facts.series:
        drawn = drawn_points(series)
        if len(drawn) >= LEAST_DRAWN:
            own = rest["measure"] == series.measure_id
            frames[f"series_{series.measure_id}"] = series_frame(series, drawn)
            frames[f"points_{series.measure_id}"] = rest[own].reset_index(drop=True)
            rest = rest[~own]
    return {**frames, "others": rest.reset_index(drop=True)}


def drawn_points(series: FactSeries) -> list[FactPoint]:
    """Return the plain figures of the kind of period the series has most of."""
    plain = [point for point in series.points if point.is_plain]
    return of_usual_kind(plain)


def of_usual_kind(points: list[FactPoint]) -> list[FactPoint]:
    """Return those of the kind of period there are most of; of the latest kind among equals."""
    kinds = [point.period.kind for point in reversed(points)]
    usual = max(dict.fromkeys(kinds), key=kinds.count, default="")
    return [point for point in points if point.period.kind == usual]


def series_frame(series: FactSeries, points: list[FactPoint]) -> pd.DataFrame:
    """Return figures at equal steps of time; a step without a figure stays empty.

    Parameters
    ----------
    series
        One measure of one brand.
    points
        Plain figures of one kind of period, at least two.
    """
    step = math.gcd(*(later.period.last - first.period.last for first, later in pairwise(points)))
    known = {point.period.last: point.amount for point in points}
    first, last = points[0].period, points[-1].period
    slots = [first.later(months) for months in range(0, last.last - first.last + 1, step)]
    return pd.DataFrame(
        {
            "measure": series.measure_id,
            "period": [slot.code for slot in slots],
            "last_month": [month_text(slot.last) for slot in slots],
            "value": [known.get(slot.last, math.nan) for slot in slots],
        }
    )


def shown_unit(measure: Measure) -> str:
    """Return the unit in which tables and figures show values of a measure."""
    if measure.unit in {"persons", "score"} or (measure.unit == "count" and measure.times != 1):
        return "rounded"
    return measure.unit


def told_unit(measure: Measure) -> str:
    """Return the unit in which sentences tell a value: with no more digits than were published."""
    if measure.unit == "number":
        return "rounded"
    if measure.unit in {"share", "money"}:
        return f"rounded_{measure.unit}"
    return shown_unit(measure)


def change_unit(measure: Measure) -> str:
    """Return the unit of a change on the year before: points for a share, else per cent."""
    return "point_change" if measure.unit == "share" else "change"


def both(text: Bilingual) -> dict[str, str]:
    """Return a text by language."""
    return {"zh": text.zh, "en": text.en}


def month_text(month: int) -> str:
    """Return ``YYYY-MM`` of months since year 0."""
    return f"{month // _YEAR:04d}-{month % _YEAR + 1:02d}"


def days_of(first: int, last: int) -> tuple[str, str]:
    """Return first and last day of months since year 0, ISO."""
    end = calendar.monthrange(last // _YEAR, last % _YEAR + 1)[1]
    return f"{month_text(first)}-01", f"{month_text(last)}-{end:02d}"


def span_of(several: Iterable[FactSeries]) -> tuple[str, str]:
    """Return first and last day that any figure of some series is about."""
    periods = [point.period for series in several for point in series.points]
    return days_of(min(item.first for item in periods), max(item.last for item in periods))


def _row(series: FactSeries, point: FactPoint, number: int) -> dict[str, Any]:
    note = _note(point)
    return {
        "measure": series.measure_id,
        "name_zh": series.measure.name.zh,
        "name_en": series.measure.name.en,
        "period": point.period.code,
        "last_month": month_text(point.period.last),
        "value": point.amount,
        "unit": shown_unit(series.measure),
        "status": point.bound or point.caution or ("derived" if point.derived else "published"),
        "caution": point.caution,
        "formula": point.derived or None,
        "number": number,
        "grade": point.grade,
        "date": point.date or None,
        "note_zh": note["zh"],
        "note_en": note["en"],
    }


def _note(point: FactPoint) -> dict[str, str | None]:
    """Return what must be known of a figure, and the formula where it was worked out."""
    note = {"zh": "", "en": ""} if point.note is None else both(point.note)
    if point.derived:
        note = {"zh": f"{note['zh']}（{point.derived}）", "en": f"{note['en']} ({point.derived})"}
    return {language: text.strip() or None for language, text in note.items()}


def _measure(series: FactSeries) -> dict[str, Any]:
    note = {"zh": None, "en": None} if series.note is None else both(series.note)
    return {
        "measure": series.measure_id,
        "family": series.measure.family,
        "name_zh": series.measure.name.zh,
        "name_en": series.measure.name.en,
        "definition_zh": series.measure.definition.zh,
        "definition_en": series.measure.definition.en,
        "note_zh": note["zh"],
        "note_en": note["en"],
    }


def _numbered(facts: BrandFacts) -> dict[str, int]:
    """Return the number of each source, in the order of use."""
    used = [point.source for series in facts.series for point in series.points]
    return {name: number for number, name in enumerate(dict.fromkeys(used), start=1)}


def _sources(facts: BrandFacts, numbers: dict[str, int]) -> pd.DataFrame:
    points = {point.source: point for series in facts.series for point in series.points}
    return pd.DataFrame(
        [
            {
                "number": number,
                "title": points[name].title,
                "grade": points[name].grade,
                "date": points[name].date or None,
                "url": points[name].url,
            }
            for name, number in numbers.items()
        ]
    )
