"""A period: first and last day, both included; and the period it is compared with."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from loyalty_research.errors import ParameterError, problem

_RANGE = re.compile(r"\s*(\d{4}(?:-\d{1,2}(?:-\d{1,2})?)?)\s*(?:\.\.\s*(\S+)\s*)?$")
_WORDS = ("none", "previous", "last_year")


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

    @property
    def months(self) -> int:
        """Number of whole calendar months; 0 where it is not made of such."""
        if self.start.day != 1 or (self.end + dt.timedelta(days=1)).day != 1:
            return 0
        return _index(self.end) - _index(self.start) + 1

    def previous(self) -> Period:
        """Return the period before: as many whole months, else as many days."""
        end = self.start - dt.timedelta(days=1)
        if self.months:
            return Period(_first(_index(self.start) - self.months), end)
        return Period(end - dt.timedelta(days=self.days - 1), end)

    def last_year(self) -> Period:
        """Return the same months, else the same dates, a year earlier.

        The last of February stands for 29 February.
        """
        if self.months:
            start = _first(_index(self.start) - 12)
            return Period(start, _first(_index(self.end) - 11) - dt.timedelta(days=1))
        return Period(_year_before(self.start), _year_before(self.end))


def as_period(value: Any, *, name: str = "period") -> Period:
    """Return a period from ``"2024"``, ``"2024-01..2024-06"``, a pair of days, or a period.

    Parameters
    ----------
    value
        A year, a month, a day, two of them joined by ``..``, or a pair (first day, last day).
    name
        What messages call it.

    Raises
    ------
    ParameterError
        Where it is none of these, or ends before it starts.
    """
    found = _period(value)
    if found is None:
        raise ParameterError(
            problem(
                "{name}: found {found!r}; allowed: 2024, 2024-03, 2024-01..2024-06, "
                "2024-01-15..2024-02-14, or (first day, last day)",
                name=name,
                found=value,
            )
        )
    if found.end < found.start:
        raise ParameterError(
            problem(
                "{name}: it ends ({end}) before it starts ({start})",
                name=name,
                start=found.start,
                end=found.end,
            )
        )
    return found


def as_compare(value: Any) -> str | tuple[str, str]:
    """Return ``none``, ``previous``, ``last_year``, or the first and last day of a period.

    Raises
    ------
    ParameterError
        Where it is none of these.
    """
    if isinstance(value, str) and value in _WORDS:
        return value
    try:
        return as_period(value, name="compare").iso
    except ParameterError as error:
        if "{start}" in error.problems[0].template:
            raise
        raise ParameterError(
            problem(
                "compare: found {found!r}; allowed: {words}, or a period such as 2023-01..2023-06",
                found=value,
                words=", ".join(_WORDS),
            )
        ) from None


def compared(period: Period, compare: str | tuple[str, str]) -> Period | None:
    """Return the period that ``period`` is compared with; None for none."""
    if isinstance(compare, tuple):
        return as_period(compare, name="compare")
    if compare == "none":
        return None
    return period.previous() if compare == "previous" else period.last_year()


def _period(value: Any) -> Period | None:
    if isinstance(value, Period):
        return value
    if isinstance(value, (list, tuple)):
        days = [_ends(item) for item in value]
        if len(days) != 2 or None in days:
            return None
        return Period(days[0][0], days[1][1])  # type: ignore[index]
    match = _RANGE.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    first = _ends(match[1])
    last = _ends(match[2]) if match[2] else first
    return Period(first[0], last[1]) if first and last else None


def _ends(value: Any) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of a year, a month or a day."""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value, value
    parts = str(value).strip().split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        return None
    year, month, day = (*(int(part) for part in parts), *([0] * (3 - len(parts))))
    try:
        if not month and len(parts) == 1:
            return dt.date(year, 1, 1), dt.date(year, 12, 31)
        if len(parts) == 2:
            return dt.date(year, month, 1), _last_day(year, month)
        return dt.date(year, month, day), dt.date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        return None


def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _index(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _first(index: int) -> dt.date:
    return dt.date(index // 12, index % 12 + 1, 1)


def _year_before(day: dt.date) -> dt.date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    whole = day.day == calendar.monthrange(day.year, day.month)[1] and day.month == 2
    return day.replace(year=day.year - 1, day=last if whole else min(day.day, last))
