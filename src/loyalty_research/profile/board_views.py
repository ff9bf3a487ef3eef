"""The figures and tables of the board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.board_compare import Comparison
from loyalty_research.profile.board_months import FACTORS
from loyalty_research.profile.board_moves import comparison_table
from loyalty_research.profile.board_second import SecondPurchase, second_table
from loyalty_research.profile.common import Days

_MONTHS = (
    Persons("buyers", names=("month",), rows="apart", key="months", rates=("orders_per_customer",)),
    Persons(
        "kept",
        names=("month",),
        rows="share",
        of="buyers_before",
        rates=("repeat_retention",),
        hides=("repeat_retention",),
    ),
)
_STEPS = (
    Persons("buyers", names=("month",), by=("month", "month_before"), key="months"),
    # A step tells the month before as well, once its own month is known.
    Persons(
        "buyers_before",
        names=("month_before",),
        by=("month", "month_before"),
        key="months",
        known_as=("month",),
    ),
)


def board_charts(frames: dict[str, pd.DataFrame], base: int, days: Days) -> tuple[Chart, ...]:
    """Describe the figures."""
    months, steps = frames["months"], frames["decomposition"]
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    if len(months) < 2:
        return ()
    best = months.iloc[int(months["sales_per_day"].argmax())]
    worst = months.iloc[int(months["sales_per_day"].argmin())]
    charts = [
        Chart(
            name="months",
            key="board.months",
            kind="bars",
            frame="months",
            encode={
                "x": "month",
                "x_unit": "month",
                "y": "sales_per_day",
                "unit": "money",
                "y_label": "sales_per_day",
            },
            values={
                "best": Value(str(best["month"]), "month"),
                "best_sales": Value(float(best["sales_per_day"]), "money"),
                "worst": Value(str(worst["month"]), "month"),
                "worst_sales": Value(float(worst["sales_per_day"]), "money"),
            },
            definitions=("net_sales",),
            persons=_MONTHS,
            **common,
        )
    ]
    if len(steps) and steps["part_buyers"].notna().all():
        parts = [f"part_{name}" for name in FACTORS]
        if (steps["part_unidentified"] != 0).any():
            parts.append("part_unidentified")
        largest = steps.iloc[int(steps["change"].abs().argmax())]
        sums = {name: float(steps[name].abs().sum()) for name in parts}
        charts.append(
            Chart(
                name="decomposition",
                key="board.decomposition",
                kind="stacked",
                frame="decomposition",
                encode={
                    "x": "month",
                    "x_unit": "month",
                    "parts": parts,
                    "total": "change",
                    "unit": "money",
                    "y_label": "change_of_sales",
                    "height": 1.1,
                },
                values={
                    "month": Value(str(largest["month"]), "month"),
                    "change": Value(float(largest["change"]), "money_change"),
                    "main": Value(max(sums, key=lambda name: sums[name]), "label:part"),
                },
                definitions=("sales_decomposition",),
                persons=_STEPS,
                **common,
            )
        )
    return tuple(charts)


def board_tables(
    base: int,
    days: Days,
    comparisons: Sequence[Comparison],
    second: SecondPurchase | None,
    limit: int,
) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    whole = next((item.kind for item in comparisons if not item.month), None)
    changes = (
        Column("change", "@change_unit", low="change_low", high="change_high", heading=whole or ""),
    )
    more = [comparison_table(item, base) for item in comparisons if base >= limit]
    if second is not None and second.limit.base >= limit:
        more.insert(0, second_table(second, days))
    return (
        TableView(
            name="summary",
            key="board.summary",
            frame="summary",
            columns=(
                Column("indicator", "label:indicator"),
                Column("value", "@unit", low="low", high="high"),
                *(changes if whole else ()),
                Column("base", "@base_unit"),
                Column("reason", "label:short_reason"),
            ),
            definitions=(
                "identified_share",
                "member_share_of_sales",
                "active_member",
                "repurchase_rate",
                "repeat_retention",
                "purchase_frequency",
                "order_value",
                "spend_per_customer",
                "orders_per_customer",
                "units_per_order",
                "unit_price",
                "second_purchase_rate",
                "new_member",
                "net_member_growth",
                *((whole, "percentage_point") if whole else ()),
            ),
            persons=(),  # statements, each with a base of its own
            **common,
        ),
        *more,
        TableView(
            name="months",
            key="board.months",
            frame="months",
            columns=(
                Column("month", "month"),
                Column("buyers", "count"),
                Column("orders", "count"),
                Column("net_sales", "money"),
                Column("order_value", "money"),
                Column("orders_per_customer", "number"),
                Column("repeat_retention", "share", heading="kept_from_month_before"),
            ),
            persons=_MONTHS,
            **common,
        ),
    )
