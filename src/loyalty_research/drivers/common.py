"""What the sections on drivers share: findings that carry this chapter."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import Context, context_of
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Days, Stater
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

CHAPTER = "drivers"


@dataclass(frozen=True, slots=True)
class DriverStater(Stater):
    """States findings of a section of this chapter."""

    def __call__(
        self,
        template: str,
        estimate: Estimate | float | None,
        *,
        unit: str,
        definition: str,
        method: str,
        base: int | None = None,
        base_unit: str = "customers",
        subject: str = "",
        values: Mapping[str, Value] | None = None,
        **rest: Any,
    ) -> Finding:
        """Return a finding; see :class:`~loyalty_research.profile.common.Stater`."""
        finding = Stater.__call__(
            self,
            template,
            estimate,
            unit=unit,
            definition=definition,
            method=method,
            base=base,
            base_unit=base_unit,
            subject=subject,
            values=values,
            **rest,
        )
        return dataclasses.replace(finding, chapter=CHAPTER)


def stater(table: ir.Table, section: str, days: Days) -> DriverStater:
    """Return the stater of a section, in the context of ``table``."""
    return DriverStater(context_of(table), section, days.iso)


def empty(name: str, context: Context, *findings: Finding) -> Result:
    """Return a result without figures, whose findings say why."""
    return Result(
        name=name,
        chapter=CHAPTER,
        section=name,
        frames={"summary": pd.DataFrame({"name": []})},
        findings=findings,
        context=context,
    )
