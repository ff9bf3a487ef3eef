"""How far prices of other households reach in the categories of a retailer: finding and table."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.competitors.choice.tills import LEAST_KEPT, Till
from loyalty_research.competitors.market.common import both
from loyalty_research.competitors.sections import stated
from loyalty_research.findings import Column, Finding, TableView, Value


def coverage_findings(choices: Choices, section: str) -> Iterator[Finding]:
    """State how many occasions have prices in the category that is modelled."""
    if choices.till is None or choices.till.coverage is None:
        return
    found = choices.till.coverage
    yield stated(
        choices,
        section,
        "store_week_prices",
        found.kept,
        unit="share",
        definition="store_week_price",
        method="store_week_prices",
        base=found.occasions,
        base_unit="occasions",
        values={
            "category": both(choices.till.category.name),
            "brands": Value(len(found.brands), "count"),
            "covered": Value(found.share, "share"),
            "filled": Value(found.filled, "share"),
            "categories": Value(len(choices.tills), "count"),
        },
    )


def coverage_frames(choices: Choices) -> dict[str, pd.DataFrame]:
    """Return ``store_weeks``: one row a category with prices of other households; none else."""
    rows = [_row(choices, till) for till in choices.tills if till.coverage is not None]
    return {"store_weeks": pd.DataFrame(rows)} if rows else {}


def coverage_tables(choices: Choices) -> tuple[TableView, ...]:
    """Return the table of coverage; none for tables of choice sets."""
    if not any(till.coverage is not None for till in choices.tills):
        return ()
    return (
        TableView(
            name="store_weeks",
            key="competitors.store_weeks",
            frame="store_weeks",
            columns=(
                Column("category_{language}", heading="market_category"),
                Column("brands", "count", heading="brands_looked_at"),
                Column("covered", "share", heading="share_of_purchases"),
                Column("days", "count", heading="household_days"),
                Column("occasions", "count", heading="single_brand_days"),
                Column("kept", "share", heading="bought_with_price"),
                Column("filled", "share", heading="cells_with_price"),
                Column("used", "label:yes_no", heading="modelled"),
            ),
            values={"least": Value(LEAST_KEPT, "share")},
            notes=(
                "market_chain",
                "choice_store_week_basis",
                "choice_till_left_out",
                "choice_coverage",
            ),
            base=int(coverage_frames(choices)["store_weeks"]["days"].sum()),
            base_unit="occasions",
            period=choices.days.iso,
        ),
    )


def _row(choices: Choices, till: Till) -> dict[str, object]:
    found = till.coverage
    assert found is not None
    return {
        "category_zh": till.category.name.zh,
        "category_en": till.category.name.en,
        "brands": len(found.brands),
        "covered": found.share,
        "days": found.days,
        "occasions": found.occasions,
        "kept": found.kept,
        "filled": found.filled,
        "used": till is choices.till,
    }
