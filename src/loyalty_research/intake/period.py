"""The days a report covers: whole months where the data fills them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from loyalty_research.engine import collect
from loyalty_research.intake.draft import TableDraft

_MOST_LOST = 0.10
_SLACK = 2
"""Days without a sale at the edge of a month that still count as covered."""
_STRAY = 0.001
"""Share of lines that stray dates may have: 1970, 2099."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """First and last day of the report, and of the data; lines that lie outside the report."""

    start: dt.date
    end: dt.date
    first: dt.date
    last: dt.date
    lines: int
    outside: int


def coverage(draft: TableDraft) -> Coverage | None:
    """Return the days to report on; None where no sale has a date.

    Notes
    -----
    Whole months where they hold more than 90 % of the lines, else all days with a sale.
    """
    days = _days(draft)
    if not days:
        return None
    total = sum(days.values())
    first, last = _main_block(days, total)
    start, end = _whole_months(first, last)
    inside = _between(days, start, end)
    if start > end or total - inside >= _MOST_LOST * total:
        start, end = first, last
        inside = _between(days, start, end)
    return Coverage(start, end, min(days), max(days), total, total - inside)


def _days(draft: TableDraft) -> dict[dt.date, int]:
    """Count the sales of every day."""
    home = draft.home_of("ordered_at")
    if home is None:
        return {}
    table = home.lines.mutate(_day=home.lines.ordered_at.date())
    table = table.filter(table._day.notnull())
    if "status" in home.guesses and draft.rows is not None and draft.rows.sale_status:
        table = table.filter(table.status.isin(list(draft.rows.sale_status)))
    counts = collect(table.group_by("_day").aggregate(lines=table.count()), sort_by=["_day"])
    return {
        _date(day): int(lines) for day, lines in zip(counts["_day"], counts["lines"], strict=True)
    }


def _date(value: object) -> dt.date:
    return dt.date.fromisoformat(str(value)[:10])


def _main_block(days: Mapping[dt.date, int], total: int) -> tuple[dt.date, dt.date]:
    """Return the first and last day, a few stray dates far away left out."""
    ordered = sorted(days)
    ends = []
    for way in (ordered, ordered[::-1]):
        seen, edge = 0, way[0]
        for day, after in pairwise(way):
            seen += days[day]
            if seen > _STRAY * total:
                break
            if abs((after - day).days) > 60:
                edge = after
        ends.append(edge)
    return ends[0], ends[1]


def _whole_months(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    start = first.replace(day=1)
    if (first - start).days > _SLACK:
        start = (start + dt.timedelta(days=31)).replace(day=1)
    end = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    if (end - last).days > _SLACK:
        end = last.replace(day=1) - dt.timedelta(days=1)
    return start, end


def _between(days: Mapping[dt.date, int], start: dt.date, end: dt.date) -> int:
    return sum(count for day, count in days.items() if start <= day <= end)
