"""The figures and tables of published figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from loyalty_research.brand import BrandFacts, FactPoint, FactSeries
from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.profile.performance_frames import (
    both,
    days_of,
    drawn_points,
    shown_unit,
    span_of,
    told_unit,
)

_MOST_ANNOTATED = 4
"""Bars that may carry their value without touching each other on a phone."""
_MEASURE = Column("name_{language}", heading="measure")
_POINT = (
    Column("period", heading="fact_period"),
    Column("status", "label:fact_status", heading="fact_status"),
    Column("value", "@unit"),
    Column("number", "count", heading="fact_source"),
    Column("grade", heading="fact_grade"),
    Column("date", heading="fact_date"),
    Column("note_{language}", heading="note"),
)
_TABLES = {
    "others": (_MEASURE, *_POINT),
    "measures": (
        _MEASURE,
        Column("definition_{language}", heading="fact_definition"),
        Column("note_{language}", heading="note"),
    ),
    "sources": (
        Column("number", "count", heading="fact_source"),
        Column("title", heading="source"),
        Column("grade", heading="fact_grade"),
        Column("date", heading="fact_date"),
        Column("url", heading="fact_url"),
    ),
    "unknown": (Column("what_{language}", heading="fact_unknown"),),
}
_SAID = {"others": ("fact_periods",), "sources": ("fact_grades",)}


def performance_charts(
    facts: BrandFacts, frames: Mapping[str, pd.DataFrame], *, notes: tuple[str, ...]
) -> tuple[Chart, ...]:
    """Describe a figure for every measure with enough plain figures: one measure on an axis."""
    return tuple(
        _chart(series, frames[f"series_{series.measure_id}"], notes)
        for series in facts.series
        if f"series_{series.measure_id}" in frames
    )


def _chart(series: FactSeries, frame: pd.DataFrame, notes: tuple[str, ...]) -> Chart:
    unit, told = shown_unit(series.measure), told_unit(series.measure)
    points = drawn_points(series)
    first, last = points[0], points[-1]
    return Chart(
        name=series.measure_id,
        key="performance.series",
        kind="bars",
        frame=f"series_{series.measure_id}",
        encode={
            "x": "period",
            "y": "value",
            "unit": "share" if unit == "change" else unit,
            "annotate": len(frame) <= _MOST_ANNOTATED,
        },
        values={
            "name": Value(both(series.measure.name), "bilingual"),
            "first": Value(first.period.code, "text"),
            "last": Value(last.period.code, "text"),
            "start": Value(first.amount, told),
            "end": Value(last.amount, told),
            "count": Value(len(points), "count"),
            "definition": Value(both(series.measure.definition), "bilingual"),
            "derived": Value(", ".join(p.period.code for p in points if p.derived), "text"),
        },
        base=len(points),
        base_unit="figures",
        period=days_of(first.period.first, last.period.last),
        persons=(),
        notes=("fact_definition", *_chart_notes(series, points, frame), *notes),
    )


def _chart_notes(
    series: FactSeries, points: Sequence[FactPoint], frame: pd.DataFrame
) -> Iterator[str]:
    """Yield what must be said of figures not drawn, worked out or missing."""
    if len(points) < len(series.points):
        yield "facts_left_out"
    if any(point.derived for point in points):
        yield "facts_derived"
    if frame["value"].isna().any():
        yield "facts_gap"


def performance_tables(
    facts: BrandFacts, frames: Mapping[str, pd.DataFrame], *, notes: tuple[str, ...]
) -> tuple[TableView, ...]:
    """Describe the tables: every published figure, definitions, sources, what is not known."""
    drawn = [item for item in facts.series if f"points_{item.measure_id}" in frames]
    spans = {"others": [item for item in facts.series if item not in drawn]}
    return (
        *(_points(series, frames[f"points_{series.measure_id}"], notes) for series in drawn),
        *(
            _table(
                name,
                f"performance.{name}",
                columns,
                frames[name],
                span_of(spans.get(name, facts.series)),
                notes,
                figures=len(frames["summary"]),
            )
            for name, columns in _TABLES.items()
            if len(frames[name])
        ),
    )


def _points(series: FactSeries, frame: pd.DataFrame, notes: tuple[str, ...]) -> TableView:
    return _table(
        f"points_{series.measure_id}",
        "performance.points",
        _POINT,
        frame,
        span_of([series]),
        ("fact_periods", *notes),
        values={"name": Value(both(series.measure.name), "bilingual")},
    )


def _table(
    name: str,
    key: str,
    columns: tuple[Column, ...],
    frame: pd.DataFrame,
    period: tuple[str, str],
    notes: tuple[str, ...],
    *,
    figures: int = 0,
    values: Mapping[str, Value] | None = None,
) -> TableView:
    return TableView(
        name=name,
        key=key,
        frame=name,
        columns=_used(columns, frame),
        values=values or {},
        base=len(frame) if "period" in frame else figures,
        base_unit="figures",
        period=period,
        persons=(),
        notes=(*_SAID.get(name, ()), *notes),
    )


def _used(columns: tuple[Column, ...], frame: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns, without that of notes where there is none."""
    noted = "note_zh" in frame and bool(frame["note_zh"].notna().any())
    return tuple(column for column in columns if noted or column.name != "note_{language}")
