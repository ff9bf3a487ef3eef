"""Views of strengths, weaknesses and gaps."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.competitors.position.comments import Window
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

_SAID = (Persons("people", names=("brand", "aspect"), rows="apart"),)
_ASKED = (
    Persons("respondents", names=("driver", "name_zh", "name_en"), rows="apart"),
    Persons("rival_respondents", names=("driver", "name_zh", "name_en"), rows="apart"),
)


def strength_chart(days: Days, window: Window, frame: pd.DataFrame) -> Chart:
    """Return the figure of complaints by brand and aspect."""
    sure = frame["told"].sum()
    return Chart(
        name="strengths",
        key="competitors.brand_strengths",
        kind="matrix",
        frame="strengths",
        encode={
            "x": "brand",
            "y": "aspect",
            "value": "rate",
            "unit": "share",
            "x_unit": "text",
            "y_unit": "label:feedback_aspect",
            "x_order": list(window.brands),
            "star": "told",
            "scale_label": "complaint_rate",
            "height": max(0.8, 0.1 * frame["aspect"].nunique() + 0.3),
        },
        values={
            "brands": Value(len(window.brands), "count"),
            "found": Value(int(sure), "count"),
            **_days(window),
        },
        notes=("strengths_window", "strengths_star"),
        persons=_SAID,
        **_shared(days, window),
    )


def strength_table(days: Days, window: Window) -> TableView:
    """Return the table of complaints by brand and aspect, beside those of all others."""
    return TableView(
        name="strengths",
        key="competitors.brand_strengths",
        frame="strengths",
        columns=(
            Column("brand", heading="competing_brand"),
            Column("aspect", "label:feedback_aspect", heading="strength_aspect"),
            Column("reviews", "count", heading="strength_reviews"),
            Column("rate", "share", heading="strength_rate"),
            Column("others", "share", heading="strength_others"),
            Column("apart", "point_change", low="apart_low", high="apart_high",
                   heading="strength_apart"),
            Column("verdict", "label:strength", heading="strength_verdict"),
        ),
        values=_days(window),
        notes=("strengths_window", "strengths_star"),
        persons=_SAID,
        **_shared(days, window),
    )  # fmt: skip


def gap_chart(days: Days, gaps: pd.DataFrame) -> Chart:
    """Return the figure of gaps, driver by driver."""
    return Chart(
        name="gaps",
        key="competitors.driver_gaps",
        kind="forest",
        frame="gaps",
        encode={
            "y": "name_{language}",
            "value": "gap",
            "low": "gap_low",
            "high": "gap_high",
            "unit": "number",
            "x_label": "gap_to_best",
            "height": max(0.6, 0.1 * len(gaps) + 0.3),
        },
        values=_counts(gaps),
        notes=("driver_gap",),
        persons=_ASKED,
        **_asked(days, gaps),
    )


def gap_table(days: Days, gaps: pd.DataFrame) -> TableView:
    """Return the table of gaps, driver by driver."""
    return TableView(
        name="gaps",
        key="competitors.driver_gaps",
        frame="gaps",
        columns=(
            Column("name_{language}", heading="driver"),
            Column("own", "number", heading="gap_own"),
            Column("best", heading="gap_best"),
            Column("rival", "number", heading="gap_rival"),
            Column("gap", "number", low="gap_low", high="gap_high", heading="gap"),
            Column("verdict", "label:driver_gap", heading="gap_verdict"),
        ),
        notes=("driver_gap",),
        persons=_ASKED,
        **_asked(days, gaps),
    )


def _counts(gaps: pd.DataFrame) -> dict[str, Value]:
    return {
        "drivers": Value(len(gaps), "count"),
        "behind": Value(int((gaps["verdict"] == "behind").sum()), "count"),
        "ahead": Value(int((gaps["verdict"] == "ahead").sum()), "count"),
    }


def _days(window: Window) -> dict[str, Value]:
    return {
        "first": Value(window.first, "date"),
        "last": Value(window.last, "date"),
        "few": Value(len(window.few), "count"),
    }


def _shared(days: Days, window: Window) -> dict[str, Any]:
    return {
        "definitions": ("complaint_share",),
        "base": window.reviews,
        "base_unit": "reviews",
        "period": days.iso,
    }


def _asked(days: Days, gaps: pd.DataFrame) -> dict[str, Any]:
    return {
        "definitions": ("driver_gap",),
        "base": int(gaps["respondents"].max()),
        "base_unit": "respondents",
        "period": days.iso,
    }
