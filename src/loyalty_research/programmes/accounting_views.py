"""Figures and tables of the contract liability of a programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.programmes.accounting_statements import Owed, Statements

_MONTHS = (Persons("members", names=("month",), rows="apart", key="programme_months"),)
_YEAR = 12


def charts(said: Statements, main: Owed, frames: Mapping[str, pd.DataFrame]) -> tuple[Chart, ...]:
    """Return the liability by month, what moved it, and how points run off."""
    if said.base < said.context.base_limit:
        return ()
    months, common = frames["summary"], _common(said)
    return (
        Chart(
            name="closing",
            key="liability.closing",
            kind="curve",
            frame="summary",
            encode={
                "x": "month",
                "x_unit": "month",
                "y": "closing",
                "unit": "money",
                "y_label": "liability_closing",
            },
            values=said.lead | _level(months),
            definitions=("points_liability",),
            persons=_MONTHS,
            **common,
        ),
        _flows(said, months, common),
        *_run_off(said, main, frames["ages"], common),
    )


def _flows(said: Statements, months: pd.DataFrame, common: dict[str, Any]) -> Chart:
    last = months.tail(_YEAR)
    return Chart(
        name="flows",
        key="liability.flows",
        kind="stacked",
        frame="flows",
        encode={
            "x": "month",
            "x_unit": "month",
            "parts": ["deferred", "revenue_change", "reestimate_change"],
            "unit": "money",
            "y_label": "liability_change",
        },
        values=said.lead
        | {
            "months": Value(len(last), "months"),
            **{name: Value(float(last[name].sum()), "money") for name in ("deferred", "revenue")},
            "reestimate": Value(-float(last["reestimate"].sum()), "money_change"),
        },
        definitions=("points_liability",),
        persons=_MONTHS,
        **common,
    )


def _level(months: pd.DataFrame) -> dict[str, Value]:
    peak = months.iloc[int(months["closing"].to_numpy().argmax())]
    return {
        "closing": Value(float(months["closing"].iloc[-1]), "money"),
        "month": Value(str(months["month"].iloc[-1]), "month"),
        "peak": Value(float(peak["closing"]), "money"),
        "peak_month": Value(str(peak["month"]), "month"),
    }


def _run_off(
    said: Statements, main: Owed, ages: pd.DataFrame, common: dict[str, Any]
) -> tuple[Chart, ...]:
    if len(ages) < 2:
        return ()
    return (
        Chart(
            name="run_off",
            key="liability.run_off",
            kind="curve",
            frame="ages",
            encode={
                "x": "age_months",
                "x_unit": "count",
                "y": "redeemed_by",
                "unit": "share",
                "x_label": "age_months",
                "y_label": "redeemed_by",
            },
            values=said.lead
            | {
                "wallet": Value(main.name, "bilingual"),
                "first": Value(float(ages["redeemed_by"].iloc[0]), "share"),
                "ages": Value(len(ages) - 1, "months"),
                "redeemed": Value(float(ages["redeemed_by"].iloc[-1]), "share"),
                "expired": Value(float(ages["expired_by"].iloc[-1]), "share"),
            },
            definitions=("expected_redemption",),
            persons=(),
            **common,
        ),
    )


def tables(said: Statements, owed: tuple[Owed, ...]) -> tuple[TableView, ...]:
    """Return the wallets, and the liability by month."""
    common = _common(said)
    is_open = any(one.is_open for one in owed)
    rate = [
        Column("rate", "share", low="rate_low", high="rate_high", heading="expected_redemption")
    ]
    if is_open:
        rate = [
            Column("least", "share", heading="expected_least"),
            Column("rate", "share", heading="expected_most"),
        ]
    return (
        TableView(
            name="wallets",
            key="liability.wallets",
            frame="wallets",
            columns=(
                Column("wallet_{language}", "text", heading="wallet"),
                Column("outstanding", "count", heading="points_outstanding"),
                Column("price_hundred", "money", heading="price_hundred"),
                Column("price_basis", "label:point_price", heading="price_basis"),
                *rate,
                Column("closing", "money", heading="closing"),
            ),
            definitions=("points_liability", "expected_redemption"),
            persons=(),
            **common,
        ),
        TableView(
            name="months",
            key="liability.months",
            frame="summary",
            columns=(
                Column("month", "month"),
                *(
                    Column(name, "money")
                    for name in ("opening", "deferred", "revenue", "reestimate", "closing")
                ),
            ),
            definitions=("points_liability",),
            persons=_MONTHS,
            **common,
        ),
    )


def _common(said: Statements) -> dict[str, Any]:
    return {
        "base": said.base,
        "base_unit": "customers",
        "period": said.period,
        "notes": said.notes,
    }
