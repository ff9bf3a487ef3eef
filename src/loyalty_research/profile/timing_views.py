"""The figures and tables of when customers buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days

_FEWEST_WEEKS = 8
_WEEKDAYS = Persons("orders", names=("weekday",), rows="apart", key="clock")
_HOURS = Persons(
    "orders",
    names=("weekday", "hour"),
    rows="apart",
    margins=("weekday", "hour", "daypart"),
    key="clock",
)
_WEEKS = Persons("persons", names=("first_day",), rows="apart")
_KINDS = Persons("persons", names=("day_kind",), rows="apart")
_YEARS = (
    Persons("persons", names=("month",), rows="apart", key="months"),
    Persons(
        "persons_before",
        names=("month_before",),
        rows="apart",
        key="months",
        known_as=("month",),
        hides=("net_sales", "sales_year_before", "yoy", "yoy_lunar"),
    ),
)


def timing_charts(
    frames: Mapping[str, pd.DataFrame],
    findings: Sequence[Finding],
    orders: int,
    days: Days,
    week_start: int,
) -> tuple[Chart, ...]:
    """Describe the figures of what is stated."""
    common: dict[str, Any] = {"base": orders, "base_unit": "orders", "period": days.iso}
    stated = {item.id: item for item in findings if item.status == "stated"}
    charts = []
    if "timing_peak" in stated:
        charts.append(_hours(frames["hours"], stated["timing_peak"], week_start, common))
    if len(frames.get("weeks", ())) >= _FEWEST_WEEKS:
        charts.append(_weeks(frames["weeks"], common))
    if "timing_holidays" in stated:
        charts.append(_kinds(frames["kinds"], stated["timing_holidays"], common))
    if "years" in frames and frames["years"]["yoy_lunar"].notna().any():
        charts.append(_years(frames["years"], common))
    return tuple(charts)


def _hours(hours: pd.DataFrame, peak: Finding, week_start: int, common: Mapping[str, Any]) -> Chart:
    fullest = hours.iloc[int(hours["orders"].argmax())]
    said = dict(peak.values)
    return Chart(
        name="hours",
        key="timing.hours",
        kind="matrix",
        frame="hours",
        encode={
            "x": "hour",
            "x_unit": "count",
            "y": "weekday",
            "y_unit": "label:weekday",
            "value": "share",
            "unit": "share",
            "annotate": False,
            "scale_label": "share_orders",
            "x_label": "hour",
            "x_order": list(range(24)),
            "y_order": [(week_start + place) % 7 for place in range(7)],
        },
        values={
            "weekday": Value(int(fullest["weekday"]), "label:weekday"),
            "hour": Value(int(fullest["hour"]), "hour"),
            "peak_hour": said["hour"],
            "peak_share": Value(peak.estimate, "share"),
            "weekend": said["weekend"],
        },
        definitions=("orders",),
        persons=(_HOURS,),
        **common,
    )


def _weeks(weeks: pd.DataFrame, common: Mapping[str, Any]) -> Chart:
    best = weeks.iloc[int(weeks["net_sales"].to_numpy().argmax())]
    least = weeks.iloc[int(weeks["net_sales"].to_numpy().argmin())]
    return Chart(
        name="weeks",
        key="timing.weeks",
        kind="curve",
        frame="weeks",
        encode={
            "x": "first_day",
            "x_unit": "date",
            "y": "net_sales",
            "unit": "money",
            "y_label": "sales_per_week",
        },
        values={
            "best": Value(str(best["first_day"]), "date"),
            "best_sales": Value(float(best["net_sales"]), "money"),
            "worst": Value(str(least["first_day"]), "date"),
            "worst_sales": Value(float(least["net_sales"]), "money"),
        },
        definitions=("fiscal_week",),
        persons=(_WEEKS,),
        **common,
    )


def _kinds(kinds: pd.DataFrame, found: Finding, common: Mapping[str, Any]) -> Chart:
    plain = float(kinds.loc[kinds["day_kind"] == "working_day", "sales_per_day"].iloc[0])
    said = dict(found.values)
    return Chart(
        name="kinds",
        key="timing.kinds",
        kind="bars",
        frame="kinds",
        encode={
            "x": "day_kind",
            "x_unit": "label:day_kind",
            "y": "sales_per_day",
            "unit": "money",
            "horizontal": True,
            "y_label": "sales_per_day",
            "annotate": True,
            "height": 0.8,
        },
        values={
            "times": Value(found.estimate, "number"),
            "holiday": said["sales_per_day"],
            "working": Value(plain, "money"),
        },
        definitions=("day_kind",),
        persons=(_KINDS,),
        **common,
    )


def _years(years: pd.DataFrame, common: Mapping[str, Any]) -> Chart:
    near = years[years["yoy_lunar"].notna()]
    apart = (near["yoy"] - near["yoy_lunar"]).abs()
    widest = near.iloc[int(apart.to_numpy().argmax())]
    return Chart(
        name="years",
        key="timing.years",
        kind="bars",
        frame="years",
        encode={
            "x": "month",
            "x_unit": "month",
            "y": ["yoy", "yoy_lunar"],
            "unit": "share",
            "y_label": "yoy",
        },
        values={
            "month": Value(str(widest["month"]), "month"),
            "yoy": Value(float(widest["yoy"]), "change"),
            "yoy_lunar": Value(float(widest["yoy_lunar"]), "change"),
        },
        definitions=("yoy",),
        persons=_YEARS,
        **common,
    )


def timing_tables(
    frames: Mapping[str, pd.DataFrame], orders: int, days: Days
) -> tuple[TableView, ...]:
    """Describe the tables."""
    columns = {
        "summary": (
            "weekdays",
            "order_value",
            (
                Column("weekday", "label:weekday"),
                Column("orders", "count"),
                Column("share", "share", heading="share_orders"),
                Column("order_value", "money"),
            ),
            (_WEEKDAYS,),
        ),
        "kinds": (
            "kinds",
            "day_kind",
            (
                Column("day_kind", "label:day_kind"),
                Column("days", "days"),
                Column("orders_per_day", "number"),
                Column("sales_per_day", "money"),
            ),
            (_KINDS,),
        ),
        "years": ("years", "yoy", _year_columns(frames), _YEARS),
    }
    return tuple(
        TableView(
            name=name,
            key=f"timing.{name}",
            frame=frame,
            columns=shown,
            definitions=(definition,),
            base=orders,
            base_unit="orders",
            period=days.iso,
            persons=said,
        )
        for frame, (name, definition, shown, said) in columns.items()
        if frame in frames
    )


def _year_columns(frames: Mapping[str, pd.DataFrame]) -> tuple[Column, ...]:
    columns = (
        Column("month", "month"),
        Column("net_sales", "money"),
        Column("sales_year_before", "money"),
        Column("yoy", "change"),
    )
    lunar = "years" in frames and frames["years"]["yoy_lunar"].notna().any()
    return (*columns, Column("yoy_lunar", "change")) if lunar else columns
