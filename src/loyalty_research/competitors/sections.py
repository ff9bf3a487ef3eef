"""What every section of chapter 4 is made with: findings and results."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from loyalty_research.engine import Context
from loyalty_research.findings import Chart, Finding, TableView
from loyalty_research.profile.common import Days, Stater
from loyalty_research.results import Result

CHAPTER = "competitors"


class Opened(Protocol):
    """What a section looks at: rows of a brand in a period."""

    @property
    def context(self) -> Context:
        """Of the rows."""
        ...

    @property
    def days(self) -> Days:
        """Of the rows."""
        ...


def stated(opened: Opened, section: str, template: str, *args: Any, **rest: Any) -> Finding:
    """State a finding of this chapter; see :class:`~loyalty_research.profile.common.Stater`.

    ``id`` is that of the template where not given.
    """
    name = rest.pop("id", template)
    finding = Stater(opened.context, section, opened.days.iso)(template, *args, **rest)
    return dataclasses.replace(finding, id=name, chapter=CHAPTER)


def withheld(opened: Opened, section: str, template: str, reason: str, **rest: Any) -> Finding:
    """Return a finding of this chapter that says why its number is not given."""
    return stated(
        opened,
        section,
        template,
        None,
        unit="number",
        method="none",
        status="withheld",
        reason=reason,
        **rest,
    )


def result(
    opened: Opened,
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
        context=opened.context,
    )
