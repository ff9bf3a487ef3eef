"""A period: first and last day, both included."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of a report, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    @property
    def iso(self) -> tuple[str, str]:
        """Both days as ``YYYY-MM-DD``."""
        return self.start.isoformat(), self.end.isoformat()
