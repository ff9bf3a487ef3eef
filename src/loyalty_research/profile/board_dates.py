"""Which periods may be compared, and what the comparison is called."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import Literal

from loyalty_research.profile.common import Days

Kind = Literal["yoy", "mom", "compared"]


def kind_of(now: Days, then: Days) -> Kind | None:
    """Tell what comparing two periods is called; None where their lengths do not allow it."""
    if then.start == _year_before(now.start) and _same_end(now.end, then.end):
        return "yoy"
    months = _months(now), _months(then)
    if now.count != then.count and (not months[0] or months[0] != months[1]):
        return None
    return "mom" if then.end + dt.timedelta(days=1) == now.start else "compared"


def last_months(days: Days) -> Iterator[tuple[Kind, Days, Days]]:
    """Yield the last whole month of a period with the months it is compared with inside it."""
    after = days.end + dt.timedelta(days=1)
    last = _month_before(after.replace(day=1))
    pairs: tuple[tuple[Kind, dt.date], ...] = (
        ("yoy", _year_before(last.start)),
        ("mom", _month_before(last.start).start),
    )
    for kind, start in pairs:
        if start >= days.start:
            yield kind, last, _month_of(start)


def _months(days: Days) -> int:
    """Return how many whole calendar months a period is; 0 where it is cut."""
    after = days.end + dt.timedelta(days=1)
    if days.start.day != 1 or after.day != 1:
        return 0
    return (after.year - days.start.year) * 12 + after.month - days.start.month


def _month_of(day: dt.date) -> Days:
    last = calendar.monthrange(day.year, day.month)[1]
    return Days(day.replace(day=1), day.replace(day=last))


def _month_before(first: dt.date) -> Days:
    return _month_of(first - dt.timedelta(days=1))


def _year_before(day: dt.date) -> dt.date:
    """Return the same date a year earlier; 28 February for a leap day."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _same_end(now: dt.date, then: dt.date) -> bool:
    """Tell whether two last days are the same date a year apart, the end of February included."""
    if then == _year_before(now):
        return True
    ends = all(day == _month_of(day).end for day in (now, then))
    return ends and (now.year - 1, now.month) == (then.year, then.month)
