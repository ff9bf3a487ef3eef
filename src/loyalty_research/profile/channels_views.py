"""The figures and tables of channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

_MIX = Persons("most_buyers", names=("channel",), rows="apart", rates=("rate",))
_MOVES = Persons("observed", names=("from_channel", "to_channel"))
_SEVERAL = Persons(names=("channels_used",), rates=("spend", "orders_per_customer"))


def channel_charts(
    frames: Mapping[str, pd.DataFrame], names: Sequence[str], base: Mapping[str, int], days: Days
) -> tuple[Chart, ...]:
    """Describe the figures."""
    mix, moves = frames["summary"], frames["moves"]
    top = mix.iloc[0]
    charts = [
        Chart(
            name="mix",
            key="channels.mix",
            kind="bars",
            frame="summary",
            encode={
                "x": "channel",
                "x_unit": "label:channel",
                "y": ["share_orders", "share_sales"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_of_total",
            },
            values={
                "channel": Value(str(top["channel"]), "label:channel"),
                "share_sales": Value(float(top["share_sales"]), "share"),
                "share_orders": Value(float(top["share_orders"]), "share"),
            },
            definitions=("channel",),
            base=base["orders"],
            base_unit="orders",
            period=days.iso,
            persons=(_MIX,),
        )
    ]
    total = int(moves["observed"].sum())
    stayed = int(moves.loc[moves["from_channel"] == moves["to_channel"], "observed"].sum())
    if total and stayed < total:
        charts.append(_flows(names, stayed, total, days))
    return tuple(charts)


def _flows(names: Sequence[str], stayed: int, total: int, days: Days) -> Chart:
    return Chart(
        name="moves",
        key="channels.moves",
        kind="flows",
        frame="moves",
        encode={
            "origin": "from_channel",
            "target": "to_channel",
            "values": ["observed"],
            "names": list(names),
            "unit": "customers",
            "origin_unit": "label:channel",
            "target_unit": "label:channel",
        },
        values={
            "stayed": Value(stayed / total, "share"),
            "moved": Value(1 - stayed / total, "share"),
        },
        definitions=("main_channel",),
        base=total,
        base_unit="customers",
        period=days.iso,
        persons=(_MOVES,),
    )


def channel_tables(
    frames: Mapping[str, pd.DataFrame], base: Mapping[str, int], days: Days
) -> tuple[TableView, ...]:
    """Describe the tables."""
    people: dict[str, Any] = {"base_unit": "customers", "period": days.iso}
    tables = [
        TableView(
            name="mix",
            key="channels.mix",
            frame="summary",
            columns=(
                Column("channel", "label:channel"),
                Column("orders", "count"),
                Column("net_sales", "money"),
                Column("share_sales", "share"),
                Column("order_value", "money"),
                Column("identified_share", "share"),
                Column("buyers", "customers"),
                Column("rate", "share", heading="repurchase_here"),
            ),
            definitions=("channel", "order_value"),
            base=base["orders"],
            base_unit="orders",
            period=days.iso,
            persons=(_MIX,),
        ),
        TableView(
            name="several",
            key="channels.several",
            frame="several",
            columns=(
                Column("channels_used", "label:channels_used"),
                Column("customers", "customers"),
                Column("share_customers", "share"),
                Column("share_sales", "share"),
                Column("orders_per_customer", "orders_rate"),
                Column("spend", "money", low="spend_low", high="spend_high"),
            ),
            definitions=("channel", "spend_per_customer"),
            base=base["people"],
            persons=(_SEVERAL,),
            **people,
        ),
    ]
    if len(frames["moves"]):
        tables.append(
            TableView(
                name="moves",
                key="channels.moves",
                frame="moves",
                columns=(
                    Column("from_channel", "label:channel"),
                    Column("to_channel", "label:channel"),
                    Column("observed", "customers", heading="customers"),
                    Column("change", "money_change", heading="sales_change"),
                ),
                definitions=("main_channel",),
                base=int(frames["moves"]["observed"].sum()),
                persons=(_MOVES,),
                **people,
            )
        )
    return tuple(tables)
