"""Several results as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pandas as pd

from loyalty_research.findings import Chart, TableView
from loyalty_research.results import Result
from loyalty_research.tiers.common import CHAPTER


def joined(name: str, parts: Mapping[str, Result]) -> Result:
    """Return results as one; frames and views of each are led by its key, where it has one."""
    frames: dict[str, pd.DataFrame] = {}
    charts: list[Chart] = []
    tables: list[TableView] = []
    for key, part in parts.items():
        lead = f"{key}_" if key else ""
        frames |= {f"{lead}{own}": frame for own, frame in part.frames.items()}
        charts += [
            dataclasses.replace(view, name=f"{lead}{view.name}", frame=f"{lead}{view.frame}")
            for view in part.charts
        ]
        tables += [
            dataclasses.replace(view, name=f"{lead}{view.name}", frame=f"{lead}{view.frame}")
            for view in part.tables
        ]
    listed = list(parts.values())
    return Result(
        name=name,
        chapter=CHAPTER,
        section=name,
        frames=frames,
        findings=tuple(item for part in listed for item in part.findings),
        charts=tuple(charts),
        tables=tuple(tables),
        references=tuple(dict.fromkeys(item for part in listed for item in part.references)),
        context=listed[0].context,
    )
