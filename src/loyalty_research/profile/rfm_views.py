"""The figures and tables of RFM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days


def rfm_charts(
    frames: Mapping[str, pd.DataFrame], base: int, bins: int, days: Days
) -> tuple[Chart, ...]:
    """Describe the figures."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    summary, grid = frames["summary"], frames["grid"]
    if not len(summary):
        return ()
    first = summary.sort_values("net_sales", ascending=False).iloc[0]
    corner = grid[(grid["r_score"] == bins) & (grid["f_score"] == bins)]
    return (
        Chart(
            name="segments",
            key="rfm.segments",
            kind="bars",
            frame="summary",
            encode={
                "x": "segment",
                "x_unit": "label:rfm8",
                "y": ["share_customers", "share_sales"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_of_total",
                "height": 1.25,
            },
            values={
                "class": Value(str(first["segment"]), "label:rfm8"),
                "share_customers": Value(float(first["share_customers"]), "share"),
                "share_sales": Value(float(first["share_sales"]), "share"),
            },
            definitions=("rfm8",),
            **common,
        ),
        Chart(
            name="grid",
            key="rfm.grid",
            kind="matrix",
            frame="grid",
            encode={
                "x": "f_score",
                "y": "r_score",
                "value": "share_customers",
                "unit": "share",
                "x_label": "f_score",
                "y_label": "r_score",
                "x_order": list(range(1, bins + 1)),
                "y_order": list(range(bins, 0, -1)),
            },
            values={
                "bins": Value(bins, "count"),
                "corner": Value(
                    float(corner["share_customers"].iloc[0]) if len(corner) else 0.0, "share"
                ),
            },
            definitions=("rfm",),
            persons=(Persons(names=("r_score", "f_score")),),
            **common,
        ),
    )


def rfm_tables(base: int, days: Days) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    return (
        TableView(
            name="segments",
            key="rfm.segments",
            frame="summary",
            columns=(
                Column("segment", "label:rfm8"),
                Column("segment", "label:rfm_code", heading="rfm_code"),
                Column("customers", "customers"),
                Column("share_customers", "share"),
                Column("net_sales", "money"),
                Column("share_sales", "share", low="share_sales_low", high="share_sales_high"),
                Column("order_value", "money", low="order_value_low", high="order_value_high"),
            ),
            definitions=("rfm8", "order_value"),
            persons=(
                Persons(
                    names=("segment",),
                    key="rfm8",
                    told=(("111",), ("011",), ("101",)),
                    rates=("order_value",),
                    adds=("customers", "share_customers", "net_sales", "share_sales"),
                ),
            ),
            **common,
        ),
        TableView(
            name="cuts",
            key="rfm.cuts",
            frame="cuts",
            columns=(
                Column("metric", "label:metric"),
                Column("cut", "@unit"),
                Column("median", "@unit"),
                Column("mean", "@unit"),
                Column("share_high", "share"),
            ),
            persons=(Persons("", names=("metric",), rows="apart"),),
            **common,
        ),
        TableView(
            name="sensitivity",
            key="rfm.sensitivity",
            frame="sensitivity",
            columns=(
                Column("bins", "count"),
                Column("customers", "customers"),
                Column("share_customers", "share"),
                Column("share_sales", "share"),
            ),
            persons=(Persons(names=("bins",), rows="nested"),),
            **common,
        ),
    )
