"""What the sections of market structure share: findings, results, names of brands."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.brand import Bilingual
from loyalty_research.competitors import sections
from loyalty_research.competitors.market.opened import Category, Markets
from loyalty_research.errors import MissingTableError, problem
from loyalty_research.findings import Finding, Persons, Value

NAMES = ("brand", "brand_zh", "brand_en")
"""Columns that name a brand; see :func:`with_labels`."""


def require_markets(markets: Markets) -> None:
    """Raise where a brand has no market to look at.

    Raises
    ------
    MissingTableError
        Naming the table that would answer.
    """
    if not markets.categories:
        raise MissingTableError(
            problem(
                "brand {brand!r} has no table {table!r}; it holds purchases across competing "
                "brands; a retailer names categories under market in its brand file instead",
                brand=markets.context.brand,
                table="market",
            )
        )


def stated(
    markets: Markets, section: str, template: str, category: Category, *args: Any, **rest: Any
) -> Finding:
    """State a finding about a category; see :func:`sections.stated`."""
    values = {"category": both(category.name), "place": place(category), **rest.pop("values", {})}
    name = f"{template}_{category.id}"
    return sections.stated(markets, section, template, *args, id=name, values=values, **rest)


def withheld(
    markets: Markets, section: str, template: str, category: Category, reason: str, **rest: Any
) -> Finding:
    """Return a finding about a category that says why its number is not given."""
    return stated(
        markets,
        section,
        template,
        category,
        None,
        unit="number",
        method="none",
        base=len(category.panel.counts),
        status="withheld",
        reason=reason,
        **rest,
    )


def with_labels(frame: pd.DataFrame, category: Category, *columns: str) -> pd.DataFrame:
    """Return a frame with what its brands are called in both languages, in ``<column>_zh``, ..."""
    found = frame.copy()
    for column in columns or ("brand",):
        labels = [category.label(name) for name in frame[column]]
        found[f"{column}_zh"] = [label.zh for label in labels]
        found[f"{column}_en"] = [label.en for label in labels]
    return found


def named(category: Category, brand: str) -> Value:
    """Return a brand as a value that sentences print."""
    return both(category.label(brand))


def both(text: Bilingual) -> Value:
    """Return a text in both languages as a value that sentences print."""
    return Value({"zh": text.zh, "en": text.en}, "bilingual")


def place(category: Category) -> Value:
    """Return of what shares are: this chain, or the category as the panel has it."""
    return Value(category.place, "label:market_place")


def brand_persons(*hides: str) -> tuple[Persons, ...]:
    """Tell that the buyers of a brand are a group of persons, who may be in several."""
    return (Persons("buyers", names=NAMES, rows="apart", hides=hides),)


def notes(category: Category, *more: str) -> tuple[str, ...]:
    """Return what must be said under every figure and table of a category."""
    return ("market_chain" if category.place == "chain" else "market_panel", *more)


def buyers_only(category: Category) -> tuple[str, ...]:
    """Return what must be said where those without a purchase are unknown."""
    return ("market_buyers_only",) if category.panel.truncated else ()
