"""Views of the section on loyalty: the line of double jeopardy, and the tables."""

from __future__ import annotations

import pandas as pd

from loyalty_research.competitors.market.common import (
    both,
    brand_persons,
    buyers_only,
    named,
    notes,
)
from loyalty_research.competitors.market.compare import LOYALTY
from loyalty_research.competitors.market.opened import Category, Markets
from loyalty_research.findings import Chart, Column, Persons, TableView, Value


def jeopardy_chart(markets: Markets, category: Category, frame: pd.DataFrame) -> Chart:
    """Return the figure of double jeopardy of a category."""
    large, small = frame.iloc[0], frame.iloc[-1]
    return Chart(
        name=category.id,
        key="competitors.market_jeopardy",
        kind="jeopardy",
        frame=category.id,
        encode={
            "x": "penetration",
            "y": "purchase_frequency",
            "x_expected": "penetration_expected",
            "y_expected": "purchase_frequency_expected",
            "name": "brand_{language}",
            "group": "verdict",
            "group_unit": "label:market_verdict",
            "unit": "share",
            "y_unit": "number",
            "x_label": "brand_penetration",
            "y_label": "brand_frequency",
        },
        values={
            "category": both(category.name),
            "brand": named(category, large["brand"]),
            "small": named(category, small["brand"]),
            "penetration": Value(large["penetration"], "share"),
            "frequency": Value(large["purchase_frequency"], "number"),
            "small_penetration": Value(small["penetration"], "share"),
            "small_frequency": Value(small["purchase_frequency"], "number"),
            "above": Value(int((frame["verdict"] == "above").sum()), "count"),
            "below": Value(int((frame["verdict"] == "below").sum()), "count"),
        },
        definitions=("brand_penetration", "brand_frequency"),
        base=category.panel.households,
        base_unit="customers",
        period=markets.days.iso,
        persons=brand_persons(),
        notes=notes(category, *buyers_only(category), "market_line"),
    )


def beside_table(markets: Markets, category: Category) -> TableView:
    """Return the table of what is observed beside what is expected."""
    return TableView(
        name=category.id,
        key="competitors.market_loyalty",
        frame=category.id,
        columns=(
            Column("brand_{language}", heading="competing_brand"),
            Column("penetration", "share", heading="market_penetration"),
            Column("penetration_expected", "share", heading="expected_for_size"),
            Column("purchase_frequency", "number", heading="market_purchase_frequency"),
            Column("purchase_frequency_expected", "number", heading="expected_for_size"),
            Column(LOYALTY, "share", heading="market_share_of_requirements"),
            Column(f"{LOYALTY}_expected", "share", heading="expected_for_size"),
            Column("excess", "change", low="low", high="high", heading="requirements_excess"),
            Column("verdict", "label:market_side", heading="market_verdict"),
        ),
        values={"category": both(category.name)},
        definitions=("share_of_requirements",),
        base=category.panel.households,
        base_unit="customers",
        period=markets.days.iso,
        persons=brand_persons(),
        notes=notes(category, "market_verdict"),
    )


def model_table(markets: Markets, fitted: list[Category]) -> TableView:
    """Return the table of M, K and S of every category."""
    return TableView(
        name="models",
        key="competitors.market_models",
        frame="models",
        columns=(
            Column("category_{language}", heading="market_category"),
            Column("households", "count", heading="panel_households"),
            Column("buyers", "count", heading="category_buyers"),
            *(
                Column(
                    name,
                    "number",
                    low=f"{name}_low",
                    high=f"{name}_high",
                    heading=f"dirichlet_{name.lower()}",
                )
                for name in "MKS"
            ),
        ),
        base=max(item.panel.households for item in fitted),
        base_unit="customers",
        period=markets.days.iso,
        persons=(Persons("buyers", names=("category_zh", "category_en"), rows="apart"),),
        notes=("market_models",),
    )
