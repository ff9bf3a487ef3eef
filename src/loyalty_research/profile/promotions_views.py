"""The figures and tables of promotions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.board_second import MAIN
from loyalty_research.profile.common import Days

_SAID = ("orders", "net_sales", "share_orders", "share_sales", "sales_per_day")
_DAYS = Persons("persons", names=("day_type",), rows="apart", hides=("persons", *_SAID))
_WINDOWS = Persons(
    "buyers", names=("name_zh", "name_en", "start"), rows="apart", hides=("buyers", *_SAID)
)
_SECOND = Persons(names=("acquired_in",), rates=("share_second",))


def promotion_charts(
    frames: Mapping[str, pd.DataFrame], orders: int, people: int, days: Days
) -> tuple[Chart, ...]:
    """Describe the figures; ``people`` is the smaller group of new customers."""
    kinds = frames["summary"]
    top = kinds.iloc[0]
    charts = [
        Chart(
            name="days",
            key="promotions.days",
            kind="bars",
            frame="summary",
            encode={
                "x": "day_type",
                "x_unit": "label:day_type",
                "y": ["share_days", "share_sales"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_of_total",
            },
            values={
                "kind": Value(str(top["day_type"]), "label:day_type"),
                "share_days": Value(float(top["share_days"]), "share"),
                "share_sales": Value(float(top["share_sales"]), "share"),
            },
            definitions=("promotion_window",),
            base=orders,
            base_unit="orders",
            period=days.iso,
            persons=(_DAYS,),
        )
    ]
    if people and frames["second"]["share_second"].notna().all():
        charts.append(_second_chart(frames["second"], people, days))
    return tuple(charts)


def _second_chart(second: pd.DataFrame, people: int, days: Days) -> Chart:
    inside, outside = second["share_second"].tolist()
    return Chart(
        name="second",
        key="promotions.second",
        kind="bars",
        frame="second",
        encode={
            "x": "acquired_in",
            "x_unit": "label:acquired_in",
            "y": "share_second",
            "low": "low",
            "high": "high",
            "unit": "share",
            "horizontal": True,
            "y_label": "share_second_purchase",
            "height": 0.6,
        },
        values={
            "days": Value(MAIN, "days"),
            "inside": Value(inside, "share"),
            "outside": Value(outside, "share"),
        },
        definitions=("second_purchase_rate",),
        base=people,
        base_unit="customers",
        period=days.iso,
        persons=(_SECOND,),
    )


def promotion_tables(
    frames: Mapping[str, pd.DataFrame], orders: int, days: Days
) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {"base": orders, "base_unit": "orders", "period": days.iso}
    shares = (
        Column("days", "days"),
        Column("share_days", "share"),
        Column("share_orders", "share"),
        Column("net_sales", "money"),
        Column("share_sales", "share"),
        Column("sales_per_day", "money"),
    )
    tables = [
        TableView(
            name="days",
            key="promotions.days",
            frame="summary",
            columns=(Column("day_type", "label:day_type"), *shares),
            definitions=("promotion_window",),
            persons=(_DAYS,),
            **common,
        )
    ]
    if "windows" in frames:
        tables.append(
            TableView(
                name="windows",
                key="promotions.windows",
                frame="windows",
                columns=(
                    Column("name_{language}", "text", heading="promotion"),
                    Column("start", "date", heading="first_day"),
                    *(column for column in shares if column.name != "share_orders"),
                    Column("buyers", "customers"),
                ),
                definitions=("promotion_window",),
                persons=(_WINDOWS,),
                **common,
            )
        )
    if "second" in frames:
        tables.append(
            TableView(
                name="second",
                key="promotions.second",
                frame="second",
                columns=(
                    Column("acquired_in", "label:acquired_in"),
                    Column("customers", "customers"),
                    Column("share_second", "share", low="low", high="high"),
                ),
                definitions=("second_purchase_rate",),
                base=int(frames["second"]["customers"].sum()),
                base_unit="customers",
                period=days.iso,
                persons=(_SECOND,),
            )
        )
    return tuple(tables)
