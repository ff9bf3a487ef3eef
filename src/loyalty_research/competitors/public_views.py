"""Figures and tables of what is published of the brands of a trade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from loyalty_research.brand import FactSeries
from loyalty_research.competitors.common import both
from loyalty_research.competitors.public_frames import by_family
from loyalty_research.competitors.public_peers import Peers
from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.profile.performance_frames import drawn_points, span_of

_NUMBER = Column("number", "count", heading="fact_source")
_BRAND = Column("name_{language}", heading="public_brand")
_MEASURE = Column("measure_{language}", heading="measure")
_GRADE = Column("grade", heading="fact_grade")
_STATUS = Column("status", "label:fact_status", heading="fact_status")
_PERIOD = Column("period", heading="fact_period")
_NOTE = Column("note_{language}", heading="note")
_TABLES = {
    "summary": (
        Column("figure_{language}", heading="public_item"),
        Column("value", "@unit"),
        Column("currency", heading="public_currency"),
        _PERIOD,
        _STATUS,
        _GRADE,
        _NUMBER,
    ),
    "definitions": (_MEASURE, Column("definition_{language}", heading="fact_definition")),
    "split": (
        Column("figure_{language}", heading="public_item"),
        Column("when", heading="fact_period"),
        Column("total_part", "number"),
        Column("stores_part", "number"),
        Column("per_store_part", "number"),
        Column("stores_part_mean", "number"),
        Column("per_store_part_mean", "number"),
        Column("before_when", heading="public_before"),
        _GRADE,
    ),
    "reasons": (
        Column("reason", "label:public_not_split", heading="public_why"),
        Column("brands_{language}", heading="public_brands"),
    ),
    "indices": (
        Column("name_{language}", heading="public_index"),
        Column("publisher_{language}", heading="public_publisher"),
        Column("sector_{language}", heading="public_sector"),
        Column("country_{language}", heading="public_country"),
        Column("years", heading="public_years"),
        Column("withheld_{language}", heading="public_withheld"),
        _NUMBER,
    ),
    "history": (
        _BRAND,
        Column("scores", heading="public_scores"),
        Column("grade", heading="public_lowest_grade"),
        Column("numbers", heading="fact_source"),
        _NOTE,
    ),
    "unknown": (_BRAND, Column("what_{language}", heading="fact_unknown")),
    "sources": (
        _NUMBER,
        Column("title", heading="source"),
        _GRADE,
        Column("date", heading="fact_date"),
        Column("url", heading="fact_url"),
    ),
}
_SAID = {
    "summary": ("public_unchecked", "fact_periods", "fact_grades"),
    "split": ("public_split", "public_stores"),
    "indices": ("public_index_sector",),
    "history": ("public_index_sector",),
    "sources": ("fact_grades",),
}


def public_charts(
    peers: Peers, frames: Mapping[str, pd.DataFrame], *, notes: tuple[str, ...]
) -> Iterator[Chart]:
    """Yield the figures: panels by family, the split by brand, newest scores by index."""
    for family, several in by_family(peers.brands).items():
        yield _panels(family, [series for _, series in several], frames, notes)
    for facts in peers.brands:
        if f"split_{facts.brand}" in frames:
            yield _split(facts.brand, frames[f"split_{facts.brand}"], peers, notes)
    for name, item in peers.indices.items():
        if f"newest_{name}" in frames:
            rows = frames[f"newest_{name}"]
            yield Chart(
                name=f"newest_{name}",
                key="public_performance.index",
                kind="bars",
                frame=f"newest_{name}",
                encode={
                    "x": "name_{language}",
                    "y": "value",
                    "unit": "rounded",
                    "horizontal": True,
                    "annotate": True,
                    "height": max(1.0, len(rows) / 9),
                },
                values={
                    "index": both(item.name),
                    "sector": both(item.sector),
                    "country": both(item.country),
                    "year": Value(str(rows["period"].iloc[0]), "text"),
                    "count": Value(int((~rows["is_average"]).sum()), "count"),
                    "high": Value(float(rows["value"].iloc[0]), "rounded"),
                    "low": Value(float(rows["value"].iloc[-1]), "rounded"),
                },
                base=len(rows),
                base_unit="figures",
                period=span_of(peers.scores(item)),
                persons=(),
                notes=("public_index_sector", *notes),
            )


def _panels(
    family: str,
    several: list[FactSeries],
    frames: Mapping[str, pd.DataFrame],
    notes: tuple[str, ...],
) -> Chart:
    frame = frames[f"panels_{family}"]
    points = [point for series in several for point in drawn_points(series)]
    derived = ("public_derived",) if any(point.derived for point in points) else ()
    gaps = ("facts_gap",) if frame["value"].isna().any() else ()
    return Chart(
        name=f"panels_{family}",
        key="public_performance.panels",
        kind="panels",
        frame=f"panels_{family}",
        encode={"x": "period", "y": "value", "group": "panel_{language}", "unit": "unit"},
        values={
            "family": Value(family, "label:fact_family"),
            "panels": Value(len(several), "count"),
            "figures": Value(len(points), "count"),
        },
        base=len(points),
        base_unit="figures",
        period=span_of(several),
        persons=(),
        notes=("public_panels", *derived, *gaps, *notes),
    )


def _split(brand: str, frame: pd.DataFrame, peers: Peers, notes: tuple[str, ...]) -> Chart:
    last = frame.iloc[-1]
    series = [s for facts in peers.brands if facts.brand == brand for s in facts.series]
    return Chart(
        name=f"split_{brand}",
        key=f"public_performance.split_{last['basis']}",
        kind="stacked",
        frame=f"split_{brand}",
        encode={
            "x": "when",
            "parts": ["stores_part", "per_store_part"],
            "total": "total_part",
            "unit": "number",
            "y_label": "log_change",
        },
        values={
            "name": Value({"zh": last["name_zh"], "en": last["name_en"]}, "bilingual"),
            "measure": Value({"zh": last["measure_zh"], "en": last["measure_en"]}, "bilingual"),
            "when": Value(str(last["when"]), "text"),
            "before_when": Value(str(last["before_when"]), "text"),
            "stores": Value(float(last["stores_part"]), "number"),
            "per_store": Value(float(last["per_store_part"]), "number"),
            "total": Value(float(last["total_part"]), "number"),
        },
        base=len(frame),
        base_unit="figures",
        period=span_of(series),
        persons=(),
        notes=("public_split", "public_stores", *notes),
    )


def public_tables(
    peers: Peers, frames: Mapping[str, pd.DataFrame], *, notes: tuple[str, ...]
) -> Iterator[TableView]:
    """Yield the tables that have rows."""
    shown = [series for facts in peers.brands for series in facts.series]
    shown += [series for item in peers.indices.values() for series in peers.scores(item)]
    for name, columns in _TABLES.items():
        if not len(frames[name]):
            continue
        yield TableView(
            name=name,
            key=f"public_performance.{name}",
            frame=name,
            columns=_used(columns, frames[name]),
            values={"trade": Value(peers.trade, "label:trade")},
            base=len(frames["summary"]) + len(frames["scores"]),
            base_unit="figures",
            period=span_of(shown),
            persons=(),
            notes=(*_SAID.get(name, ()), *notes),
        )


def _used(columns: tuple[Column, ...], frame: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns that hold something."""
    return tuple(
        column for column in columns if frame[column.name.replace("{language}", "en")].notna().any()
    )
