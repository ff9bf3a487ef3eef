"""Section: what moved between the two halves, and how well the model foretells a half."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from loyalty_research.competitors.market.change import HoldOut, hold_out, split_between
from loyalty_research.competitors.market.common import (
    both,
    brand_persons,
    named,
    notes,
    stated,
    with_labels,
)
from loyalty_research.competitors.market.opened import Category, Markets, fitted
from loyalty_research.competitors.market.panel import common_brands
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Column, Finding, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "market_change"
_TOLD = 3
"""Brands from which on a mean error is told in a sentence."""
_PARTS = ("penetration", "category_rate", "share_of_requirements")


def movement(markets: Markets) -> Result:
    """Split what moved between two halves, and judge the model by the half it has not seen.

    Parameters
    ----------
    markets
        Of :func:`open_markets`.

    Returns
    -------
    Result
        Per category a frame with one row a brand: change of its purchases, and the parts of log
        change that penetration, category_rate and share_of_requirements make up, each with its
        interval and ``_expected`` by the model; ``errors``: one row a category and measure with the
        errors of three forecasts of the second half.

    Notes
    -----
    Halves of the calendar; without dates, of each household's own purchases. Brands with fewer
    buyers than the base limit in a half are among all others.
    """
    known = {}
    for item in markets.categories:
        found = _found(markets, item)
        if found is not None:
            known[item.id] = found
    several = [item for item in markets.categories if item.id in known]
    frames = {name: split for name, (split, _) in known.items()}
    errors = [_errors(item, known[item.id][1]) for item in several]
    if errors:
        frames["errors"] = pd.concat(errors, ignore_index=True)
    return result(
        markets,
        _SECTION,
        frames,
        findings=_findings(markets, several, known),
        tables=[
            *(_table(markets, item) for item in several),
            *([_error_table(markets, several)] if several else []),
        ],
        references=("ehrenberg1988",),
    )


def _found(markets: Markets, category: Category) -> tuple[pd.DataFrame, HoldOut] | None:
    if len(category.halves) < 2:
        return None
    least = markets.context.base_limit
    first, second = common_brands(category.halves, least=least)
    fit = fitted(first) if len(first.named) > 1 else None
    if fit is None:
        return None
    split = split_between(first, second, fit, seed=category.seed)
    return with_labels(split, category), hold_out(first, second, fit, least=least)


def _errors(category: Category, held: HoldOut) -> pd.DataFrame:
    frame = held.errors.copy()
    frame["category"] = category.id
    frame["category_zh"], frame["category_en"] = category.name.zh, category.name.en
    # That all brands have the same penetration is no forecast anybody would make.
    frame.loc[frame["measure"] == "penetration", "alike"] = np.nan
    frame["brands"] = held.brands["brand"].nunique()
    return frame


def _findings(
    markets: Markets, several: list[Category], known: dict[str, tuple[pd.DataFrame, HoldOut]]
) -> Iterator[Finding]:
    for item in several:
        split, held = known[item.id]
        if held.brands["brand"].nunique() >= _TOLD:
            yield _forecast(markets, item, held)
        moved = split[(split["change_low"] > 0) | (split["change_high"] < 0)]
        if len(moved) and item.dated:
            edge = moved[["change_low", "change_high"]].abs().min(axis=1)  # farthest from no change
            yield _moved(markets, item, moved.iloc[int(edge.to_numpy().argmax())])


def _moved(markets: Markets, category: Category, row: pd.Series[float]) -> Finding:
    values = {name: Value(float(np.expm1(row[name])), "change") for name in _PARTS}
    return stated(
        markets,
        _SECTION,
        "market_moved",
        category,
        Estimate(row["change"], row["change_low"], row["change_high"], int(row["buyers"])),
        unit="change",
        definition="share_of_requirements",
        method="bootstrap_households",
        subject="market_change",
        values={
            "brand": named(category, str(row["brand"])),
            **values,
            "expected": Value(float(np.expm1(row["penetration_expected"])), "change"),
        },
    )


def _forecast(markets: Markets, category: Category, held: HoldOut) -> Finding:
    row = held.errors[held.errors["measure"] == "share_of_requirements"].iloc[0]
    better = "market_forecast" if row["model"] < row["alike"] else "market_forecast_poor"
    return stated(
        markets,
        _SECTION,
        better,
        category,
        float(row["model"]),
        unit="share",
        definition="share_of_requirements",
        method="hold_out_half",
        base=int(category.panel.counts.any(axis=1).sum()),
        subject="market_fit",
        values={
            "alike": Value(float(row["alike"]), "share"),
            "before": Value(float(row["before"]), "share"),
            "brands": Value(held.brands["brand"].nunique(), "count"),
        },
    )


def _table(markets: Markets, category: Category) -> TableView:
    columns = [
        Column("brand_{language}", heading="competing_brand"),
        Column(
            "change", "change", low="change_low", high="change_high", heading="purchases_change"
        ),
    ]
    for name in _PARTS:
        columns.append(
            Column(name, "number", low=f"{name}_low", high=f"{name}_high", heading=f"part_{name}")
        )
        columns.append(Column(f"{name}_expected", "number", heading="expected_for_size"))
    return TableView(
        name=category.id,
        key="competitors.market_change",
        frame=category.id,
        columns=tuple(columns),
        values={"category": both(category.name)},
        base=category.panel.households,
        base_unit="customers",
        period=markets.days.iso,
        persons=brand_persons(),
        notes=notes(category, "market_parts" if category.dated else "market_parts_undated"),
    )


def _error_table(markets: Markets, several: list[Category]) -> TableView:
    return TableView(
        name="errors",
        key="competitors.market_errors",
        frame="errors",
        columns=(
            Column("category_{language}", heading="market_category"),
            Column("measure", "label:market_measure", heading="market_measure"),
            Column("brands", "count", heading="brands_judged"),
            Column("model", "share", heading="error_model"),
            Column("alike", "share", heading="error_alike"),
            Column("before", "share", heading="error_before"),
        ),
        base=max(item.panel.households for item in several),
        base_unit="customers",
        period=markets.days.iso,
        persons=(),
        notes=("market_errors",),
    )
