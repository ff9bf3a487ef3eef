"""Days as whole numbers since 1970, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_codes import (
    ANNIVERSARY,
    CALENDAR,
    DAY,
    EVER,
    LIFETIME,
    MONTH,
    NEVER,
    QUARTER,
    ROLLING,
    WEEK,
)
from loyalty_research.programmes.kernel_state import Run


@compiled
def month_of(run: Run, day: int) -> int:
    """Return the month of a day, counted from January of the year 0."""
    return run.days[day - run.settings[0].first_day].month


@compiled
def day_of_month(run: Run, day: int) -> int:
    """Return the day of the month, from 1."""
    return run.days[day - run.settings[0].first_day].of_month


@compiled
def period_month(run: Run, day: int) -> int:
    """Return the month of a day, counted from the first of the period."""
    return month_of(run, day) - run.settings[0].first_period_month


@compiled
def month_start(run: Run, month: int) -> int:
    """Return the first day of a month; NEVER beyond the calendar."""
    place = month - run.settings[0].first_month
    if place >= len(run.month_starts):
        return NEVER
    return run.month_starts[max(place, 0)]


@compiled
def add_months(run: Run, day: int, months: int) -> int:
    """Keep the day of the month, or take the last one where the month is shorter."""
    month = month_of(run, day) + months
    after = month_start(run, month + 1)
    if after == NEVER:
        return NEVER
    of_month = day_of_month(run, day)
    return min(month_start(run, month) + of_month - 1, after - 1)


@compiled
def end_of(run: Run, day: int, months: int) -> int:
    """Return the last day of the calendar's 1, 3 or 12 months that hold a day."""
    after = month_start(run, (month_of(run, day) // months + 1) * months)
    return after if after == NEVER else after - 1


@compiled
def spell_of(run: Run, day: int, per: int) -> int:
    """Return what is the same for all days of one day, week, month, quarter, year, or ever."""
    if per == DAY:
        return day
    if per == WEEK:  # day 0, 1 January 1970, was a Thursday
        return (day + 3 - run.settings[0].week_start) // 7
    if per == MONTH:
        return month_of(run, day)
    if per == QUARTER:
        return month_of(run, day) // 3
    if per == EVER:
        return 0
    return month_of(run, day) // 12


@compiled
def block_number(run: Run, joined: int, day: int) -> int:
    """Return which block since joining holds a day."""
    months = run.settings[0].window_months
    number = (month_of(run, day) - month_of(run, joined)) // months
    if add_months(run, joined, number * months) > day:
        number -= 1
    return number


@compiled
def block_start(run: Run, joined: int, day: int) -> int:
    """Return the first day of the block that holds a day."""
    settings = run.settings[0]
    if settings.window == CALENDAR:
        months = settings.window_months
        return month_start(run, month_of(run, day) // months * months)
    if settings.window == ANNIVERSARY:
        number = block_number(run, joined, day)
        return add_months(run, joined, number * settings.window_months)
    if settings.window == ROLLING:
        return add_months(run, day, -settings.window_months) + 1
    return joined


@compiled
def block_end(run: Run, joined: int, day: int, more: int) -> int:
    """Return the last day of the block that holds a day, or of one so many blocks later."""
    settings = run.settings[0]
    months = settings.window_months
    if settings.window == LIFETIME:
        return NEVER
    if settings.window == ROLLING:
        return add_months(run, day, months * (1 + more))
    if settings.window == CALENDAR:
        after = month_start(run, (month_of(run, day) // months + 1 + more) * months)
    else:
        number = block_number(run, joined, day) + 1 + more
        after = add_months(run, joined, number * months)
    return after if after == NEVER else after - 1


@compiled
def is_birthday_month(run: Run, birthday: int, day: int) -> bool:
    """Tell whether a day lies in the month of a birthday; 0 is an unknown one."""
    return birthday != 0 and month_of(run, day) % 12 + 1 == birthday
