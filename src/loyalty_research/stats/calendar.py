"""Days of the calendar: public holidays of mainland China, the lunar new year, fiscal weeks."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from chinese_calendar.constants import (
    holidays,
    workdays,
)
from lunardate import LunarDate

DayKind = Literal["working_day", "adjusted_working_day", "weekend", "public_holiday", "unknown"]
KNOWN_YEARS = (min(holidays).year, max(holidays).year)
"""First and last year whose public holidays are known."""
_SATURDAY = 5


def day_kind(day: dt.date) -> DayKind:
    """Tell what kind of day a day was in mainland China, by the State Council's notices.

    Parameters
    ----------
    day
        Any day.

    Returns
    -------
    str
        ``public_holiday`` (with the days off moved to it), ``adjusted_working_day`` (a Saturday
        or Sunday worked in exchange), ``weekend``, ``working_day``; ``unknown`` outside
        :data:`KNOWN_YEARS`, since holidays are set anew each year.

    Examples
    --------
    >>> day_kind(dt.date(2024, 2, 4)), day_kind(dt.date(2024, 2, 12))
    ('adjusted_working_day', 'public_holiday')
    """
    if not KNOWN_YEARS[0] <= day.year <= KNOWN_YEARS[1]:
        return "unknown"
    if day in holidays:
        return "public_holiday"
    if day in workdays:
        return "adjusted_working_day" if day.weekday() >= _SATURDAY else "working_day"
    return "weekend" if day.weekday() >= _SATURDAY else "working_day"


def lunar_new_year(year: int) -> dt.date | None:
    """Return the first day of the first lunar month in ``year``; None where not tabulated.

    Examples
    --------
    >>> lunar_new_year(2025)
    datetime.date(2025, 1, 29)
    """
    try:
        day: dt.date = LunarDate(year, 1, 1).to_solar_date()
    except ValueError:
        return None
    return day


def fiscal_week(
    day: dt.date, *, week_start: int = 0, fiscal_year_start: int = 1
) -> tuple[int, int]:
    """Return the fiscal year of a day and its week in it.

    Parameters
    ----------
    day
        Any day.
    week_start
        0 for Monday, 6 for Sunday.
    fiscal_year_start
        Month the fiscal year begins with, 1 to 12.

    Returns
    -------
    tuple
        The calendar year in which the fiscal year begins, and the week: week 1 holds the first day
        of the fiscal year, and may begin before it.

    Examples
    --------
    >>> fiscal_week(dt.date(2024, 4, 8), fiscal_year_start=4)
    (2024, 2)
    """
    last = day + dt.timedelta(days=6 - (day.weekday() - week_start) % 7)
    year = last.year if last.month >= fiscal_year_start else last.year - 1
    first = dt.date(year, fiscal_year_start, 1)
    opening = first - dt.timedelta(days=(first.weekday() - week_start) % 7)
    return year, (day - opening).days // 7 + 1
