"""What the sections about choices share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd

from loyalty_research.competitors import sections
from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.competitors.choice.tills import LEAST_KEPT
from loyalty_research.competitors.market.common import both
from loyalty_research.findings import Chart, Finding, Persons, TableView, Value

V = TypeVar("V", bound=Chart | TableView)
NAMES = ("brand", "brand_zh", "brand_en")
"""Columns that name a brand; see :func:`with_labels`."""
PERSONS = (Persons("buyers", names=NAMES, rows="apart"),)
"""Households that bought a brand before another purchase, of whom a row of a brand tells."""


def withheld(choices: Choices, section: str, template: str, reason: str) -> Finding:
    """Return a finding that says why its number is not given."""
    reached = [till.coverage.kept for till in choices.tills if till.coverage is not None]
    values = {
        "kept": Value(max(reached, default=0.0), "share"),
        "least": Value(LEAST_KEPT, "share"),
    }
    return sections.withheld(
        choices, section, template, reason, definition="repeat_purchase", base=0,
        values=values if choices.tills else {},
    )  # fmt: skip


def with_labels(frame: pd.DataFrame, choices: Choices, *columns: str) -> pd.DataFrame:
    """Return a frame with what its brands are called in both languages, in ``<column>_zh``, ..."""
    found = frame.copy()
    for column in columns or ("brand",):
        labels = [choices.label(str(name)) for name in frame[column]]
        found[f"{column}_zh"] = [label.zh for label in labels]
        found[f"{column}_en"] = [label.en for label in labels]
    return found


def order(frame: pd.DataFrame, column: str = "brand") -> dict[str, list[str]]:
    """Return the names of a frame with labels by language, in its order."""
    return {language: frame[f"{column}_{language}"].tolist() for language in ("zh", "en")}


def view(choices: Choices, base: int) -> dict[str, Any]:
    """Return what all figures and tables have in common."""
    return {
        "base": base,
        "base_unit": "customers",
        "period": choices.days.iso,
        "persons": PERSONS,
    }


def named(choices: Choices, brand: object) -> Value:
    """Return a brand as a value that sentences print."""
    return both(choices.label(str(brand)))


def marked(choices: Choices, views: Iterable[V]) -> tuple[V, ...]:
    """Return figures or tables with what must be said under all of the model."""
    told = {} if choices.till is None else {"category": both(choices.till.category.name)}
    return tuple(
        replace(item, notes=(*item.notes, *choices.notes), values=dict(item.values) | told)
        for item in views
    )
