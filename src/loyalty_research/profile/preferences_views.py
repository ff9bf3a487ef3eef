"""How preferences are shown: categories by group of customers, categories, baskets."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

GROUPS = ("11", "10", "01", "00")
"""Recency and frequency, 1 for high: the first two digits of an RFM class."""
_SHOWN = ("11", "01", "00")


def furthest(affinity: pd.DataFrame) -> pd.Series | None:
    """Return the cell furthest from the base among those beyond chance; the large groups first."""
    if affinity.empty or not affinity["beyond_chance"].any():
        return None
    stated = affinity[affinity["beyond_chance"].astype(bool)]
    large = stated[stated["segment"].isin(_SHOWN)]
    chosen = large if len(large) else stated
    return chosen.iloc[int((chosen["index"] - 1).abs().to_numpy().argmax())]


def affinity_charts(affinity: pd.DataFrame, customers: int, days: Days) -> tuple[Chart, ...]:
    """Return the matrix of categories by group; nothing where there is none."""
    if affinity.empty:
        return ()
    order = affinity["category"].drop_duplicates().tolist()
    codes = [code for code in GROUPS if code in set(affinity["segment"])]
    top = furthest(affinity)
    # A title claims only what differs beyond chance.
    if top is None:
        key, values = "preferences.affinity_none", {"cells": Value(len(affinity), "count")}
    else:
        key = "preferences.affinity"
        values = {
            "class": Value(str(top["segment"]), "label:rf4"),
            "category": Value(str(top["category"]), "label:category"),
            "index": Value(float(top["index"]), "number"),
        }
    return (
        Chart(
            name="affinity",
            key=key,
            kind="matrix",
            frame="affinity",
            encode={
                "x": "segment",
                "x_unit": "label:rf4",
                "y": "category",
                "y_unit": "label:category",
                "value": "index",
                "unit": "number",
                "x_order": codes,
                "y_order": order,
                "height": 1.35,
                "centre": 1.0,
                "star": "beyond_chance",
                "star_unit": "label:yes_no",
            },
            values=values,
            definitions=("affinity",),
            persons=(Persons(names=("category", "segment"), rows="apart", rates=("index",)),),
            base=customers,
            base_unit="customers",
            period=days.iso,
        ),
    )


def preference_tables(customers: int, days: Days) -> tuple[TableView, ...]:
    """Return the tables of categories and of baskets by class."""
    common: dict[str, Any] = {"base": customers, "base_unit": "customers", "period": days.iso}
    return (
        TableView(
            name="categories",
            key="preferences.categories",
            frame="largest",
            columns=(
                Column("category", "label:category"),
                Column("net_sales", "money"),
                Column("share_sales", "share"),
                Column("penetration", "share", heading="category_penetration"),
            ),
            persons=(Persons(names=("category",), rows="share", of="base"),),
            definitions=("category_penetration",),
            **common,
        ),
        TableView(
            name="baskets",
            key="preferences.baskets",
            frame="baskets",
            columns=(
                Column("segment", "label:rfm8"),
                Column("customers", "customers"),
                Column("lines_per_order", "number", low="lines_low", high="lines_high"),
                Column("order_value", "money", low="order_value_low", high="order_value_high"),
            ),
            persons=(
                Persons(
                    names=("segment",),
                    total="all",
                    key="rfm8",
                    rates=("lines_per_order", "order_value"),
                ),
            ),
            definitions=("order_value",),
            **common,
        ),
    )
