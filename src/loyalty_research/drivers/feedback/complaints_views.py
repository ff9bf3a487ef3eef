"""The figures and tables of what customers write about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value

if TYPE_CHECKING:
    from loyalty_research.drivers.feedback.heard import Heard


def complaint_charts(heard: Heard, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Describe the figures."""
    frame = frames["summary"]
    first, second = frame.iloc[0], frame.iloc[1]
    worst = frames["ranked"].iloc[0]
    persons = (Persons("people", names=("aspect",), rows="apart", rates=("rate",)),)
    return (
        Chart(
            name="aspects",
            key="complaint_shares.aspects",
            kind="bars",
            frame="summary",
            encode={
                "x": "aspect",
                "x_unit": "label:feedback_aspect",
                "y": "share",
                "unit": "share",
                "low": "share_low",
                "high": "share_high",
                "horizontal": True,
                "annotate": True,
                "y_label": "share_reviews",
                "height": 0.95,
            },
            values={
                "first": Value(str(first["aspect"]), "label:feedback_aspect"),
                "first_share": Value(float(first["share"]), "share"),
                "second": Value(str(second["aspect"]), "label:feedback_aspect"),
                "second_share": Value(float(second["share"]), "share"),
            },
            definitions=("feedback_aspect",),
            persons=persons,
            notes=heard.notes,
            **heard.common,
        ),
        Chart(
            name="complaints",
            key="complaint_shares.complaints",
            kind="bars",
            frame="ranked",
            encode={
                "x": "aspect",
                "x_unit": "label:feedback_aspect",
                "y": "of_all",
                "unit": "share",
                "low": "of_all_low",
                "high": "of_all_high",
                "horizontal": True,
                "annotate": True,
                "y_label": "share_reviews",
                "height": 0.95,
            },
            values={
                "aspect": Value(str(worst["aspect"]), "label:feedback_aspect"),
                "share": Value(float(worst["of_all"]), "share"),
                "rate": Value(float(worst["rate"]), "share"),
            },
            definitions=("complaint_share",),
            persons=persons,
            notes=heard.notes,
            **heard.common,
        ),
    )


def complaint_tables(heard: Heard, frames: Mapping[str, pd.DataFrame]) -> tuple[TableView, ...]:
    """Describe the tables."""
    tables = [
        TableView(
            name="aspects",
            key="complaint_shares.aspects",
            frame="summary",
            columns=(
                Column("aspect", "label:feedback_aspect"),
                Column("reviews", "count", heading="reviews_naming"),
                Column("share", "share", low="share_low", high="share_high", heading="named_share"),
                Column("complaints", "count"),
                Column("rate", "share", low="rate_low", high="rate_high", heading="complaint_rate"),
                Column(
                    "of_all",
                    "share",
                    low="of_all_low",
                    high="of_all_high",
                    heading="complaint_share",
                ),
            ),
            definitions=("complaint_share", "complaint_rate"),
            persons=(Persons("people", names=("aspect",), rows="apart", rates=("rate",)),),
            notes=heard.notes,
            **heard.common,
        )
    ]
    tables += [_grouped(heard, name) for name in ("sources", "brands") if name in frames]
    if "quality" in frames:
        own = (frames["quality"]["level"] == "review").any()
        tables.append(_quality(heard, heard.notes if own else ()))
    return tuple(tables)


def _grouped(heard: Heard, frame: str) -> TableView:
    name = frame.removesuffix("s")
    columns = [
        Column(name, "text", heading=f"feedback_{name}"),
        Column("reviews", "count"),
        Column("share", "share", low="share_low", high="share_high", heading="unhappy_share"),
    ]
    rates: tuple[str, ...] = ("share",)
    if frame == "sources":
        rates = ("share", "apart")
        columns += [
            Column(
                "apart", "point_change", low="apart_low", high="apart_high", heading="share_apart"
            ),
            Column("told", "label:yes_no", heading="beyond_chance"),
        ]
    return TableView(
        name=frame,
        key=f"complaint_shares.{frame}",
        frame=frame,
        columns=tuple(columns),
        definitions=("complaint_share",),
        persons=(Persons("people", names=(name,), rows="apart", rates=rates),),
        notes=heard.notes,
        **heard.common,
    )


def _quality(heard: Heard, notes: tuple[str, ...]) -> TableView:
    return TableView(
        name="quality",
        key="complaint_shares.quality",
        frame="quality",
        columns=(
            Column("level", "label:reading_level", heading="reading_level"),
            Column("name", "label:reading_name", heading="reading_name"),
            Column("method", "label:reading_method", heading="reading_method"),
            Column("precision", "share", low="precision_low", high="precision_high"),
            Column("recall", "share", low="recall_low", high="recall_high"),
            Column("base", "count", heading="reading_base"),
            Column("used", "label:yes_no", heading="reading_used"),
        ),
        definitions=("reading_quality",),
        persons=(),  # how well sentences are read, not who wrote them
        notes=notes,
        **heard.common,
    )
