"""Section: how large each brand's custom is, and how loyal."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.competitors.market.common import (
    both,
    brand_persons,
    buyers_only,
    named,
    notes,
    require_markets,
    stated,
    with_labels,
    withheld,
)
from loyalty_research.competitors.market.measures import brand_measures
from loyalty_research.competitors.market.opened import Category, Markets
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Column, Finding, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "market_brands"


def brand_sizes(markets: Markets) -> Result:
    """Tell share, penetration, frequency and share of requirements of the brands of a category.

    Parameters
    ----------
    markets
        Of :func:`open_markets`.

    Returns
    -------
    Result
        Frame ``summary``: one row a category and brand: buyers, purchases, and with ``_low`` and
        ``_high``: share, penetration, purchase_frequency, category_rate, share_of_requirements,
        sole_buyers; one frame a category.

    Raises
    ------
    MissingTableError
        Where the brand has no market.

    Notes
    -----
    A purchase is a household, a day and a brand: several units are one; in a table ``market``, a
    row. Intervals are those of a bootstrap over households.
    """
    require_markets(markets)
    frames = {item.id: _frame(item) for item in markets.categories}
    whole = [
        frame.assign(category=item.id)
        for item, frame in zip(markets.categories, frames.values(), strict=True)
    ]
    return result(
        markets,
        _SECTION,
        {"summary": pd.concat(whole, ignore_index=True), **frames},
        findings=[_finding(markets, item, frames[item.id]) for item in markets.categories],
        tables=[_table(markets, item) for item in markets.categories if len(frames[item.id]) > 1],
        references=("ehrenberg1988",),
    )


def _frame(category: Category) -> pd.DataFrame:
    return with_labels(brand_measures(category.panel, seed=category.seed), category)


def _finding(markets: Markets, category: Category, frame: pd.DataFrame) -> Finding:
    if len(category.panel.brands) < 2 or frame.empty:
        return withheld(
            markets, _SECTION, "market_largest", category, "one_brand",
            definition="share_of_requirements", subject="market_share",
        )  # fmt: skip
    row = frame.iloc[0]
    base = int(row["buyers"])
    met = Estimate(
        row["share_of_requirements"],
        row["share_of_requirements_low"],
        row["share_of_requirements_high"],
        base,
    )
    return stated(
        markets,
        _SECTION,
        "market_largest",
        category,
        met,
        unit="share",
        definition="share_of_requirements",
        method="bootstrap_households",
        subject="market_share",
        task="retain",
        values={
            "brand": named(category, row["brand"]),
            "share": Value(row["share"], "share"),
            "penetration": Value(row["penetration"], "share"),
            "frequency": Value(row["purchase_frequency"], "number"),
            "sole": Value(row["sole_buyers"], "share"),
        },
    )


def _table(markets: Markets, category: Category) -> TableView:
    columns = [Column("brand_{language}", heading="competing_brand")]
    units = {
        "share": "share",
        "penetration": "share",
        "purchase_frequency": "number",
        "category_rate": "number",
        "share_of_requirements": "share",
        "sole_buyers": "share",
    }
    for name, unit in units.items():
        shown = {"low": f"{name}_low", "high": f"{name}_high"} if name != "category_rate" else {}
        columns.append(Column(name, unit, heading=f"market_{name}", **shown))
    shared: dict[str, Any] = {"base": category.panel.households, "base_unit": "customers"}
    return TableView(
        name=category.id,
        key="competitors.market_brands",
        frame=category.id,
        columns=tuple(columns),
        values={"category": both(category.name)},
        definitions=("brand_penetration", "brand_frequency", "share_of_requirements"),
        period=markets.days.iso,
        persons=brand_persons(),
        notes=_notes(category),
        **shared,
    )


def _notes(category: Category) -> tuple[str, ...]:
    own = ("market_elsewhere", "market_day") if category.place == "chain" else ("market_row",)
    return notes(category, *buyers_only(category), *own)
