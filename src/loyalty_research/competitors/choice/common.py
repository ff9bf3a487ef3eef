"""What the sections about choices share."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.findings import Chart, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Stater
from loyalty_research.results import Result

CHAPTER = "competitors"
PERSONS = (Persons("buyers", names=("brand",), rows="apart"),)
"""Households that bought a brand before another purchase, of whom a row of a brand tells."""


def stated(choices: Choices, section: str, template: str, *args: Any, **rest: Any) -> Finding:
    """State a finding; see :class:`~loyalty_research.profile.common.Stater`."""
    name = rest.pop("id", template)
    finding = Stater(choices.context, section, choices.days.iso)(template, *args, **rest)
    return dataclasses.replace(finding, id=name, chapter=CHAPTER)


def withheld(choices: Choices, section: str, template: str, reason: str) -> Finding:
    """Return a finding that says why its number is not given."""
    return stated(
        choices, section, template, None, unit="number", definition="repeat_purchase",
        method="none", base=0, status="withheld", reason=reason,
    )  # fmt: skip


def result(
    choices: Choices,
    section: str,
    frames: Mapping[str, pd.DataFrame],
    *,
    findings: Iterable[Finding] = (),
    charts: Iterable[Chart] = (),
    tables: Iterable[TableView] = (),
    references: tuple[str, ...] = (),
) -> Result:
    """Return a section's result."""
    return Result(
        name=section,
        chapter=CHAPTER,
        section=section,
        frames={"summary": pd.DataFrame(), **frames},
        findings=tuple(findings),
        charts=tuple(charts),
        tables=tuple(tables),
        references=references,
        context=choices.context,
    )


def view(choices: Choices, base: int) -> dict[str, Any]:
    """Return what all figures and tables have in common."""
    return {
        "base": base,
        "base_unit": "customers",
        "period": choices.days.iso,
        "persons": PERSONS,
    }


def text(name: object) -> Value:
    """Return a brand's name as a value that sentences print."""
    return Value(str(name), "text")
