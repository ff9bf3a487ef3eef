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
from loyalty_research.programmes.kernel_state import Plan


@compiled
def month_of(plan: Plan, day: int) -> int:
    """Return the month of a day, counted from January of the year 0."""
    return plan.month[day - plan.settings[0].first_day]


@compiled
def period_month(plan: Plan, day: int) -> int:
    """Return the month of a day, counted from the first of the period."""
    return month_of(plan, day) - plan.settings[0].first_period_month


@compiled
def month_start(plan: Plan, month: int) -> int:
    """Return the first day of a month; NEVER beyond the calendar."""
    place = month - plan.settings[0].first_month
    if place >= len(plan.month_starts):
        return NEVER
    return plan.month_starts[max(place, 0)]


@compiled
def add_months(plan: Plan, day: int, months: int) -> int:
    """Keep the day of the month, or take the last one where the month is shorter."""
    month = month_of(plan, day) + months
    after = month_start(plan, month + 1)
    if after == NEVER:
        return NEVER
    of_month = plan.day_of_month[day - plan.settings[0].first_day]
    return min(month_start(plan, month) + of_month - 1, after - 1)


@compiled
def end_of(plan: Plan, day: int, months: int) -> int:
    """Return the last day of the calendar's 1, 3 or 12 months that hold a day."""
    after = month_start(plan, (month_of(plan, day) // months + 1) * months)
    return after if after == NEVER else after - 1


@compiled
def spell_of(plan: Plan, day: int, per: int) -> int:
    """Return what is the same for all days of one day, week, month, quarter, year, or ever."""
    if per == DAY:
        return day
    if per == WEEK:  # day 0, 1 January 1970, was a Thursday
        return (day + 3 - plan.settings[0].week_start) // 7
    if per == MONTH:
        return month_of(plan, day)
    if per == QUARTER:
        return month_of(plan, day) // 3
    if per == EVER:
        return 0
    return month_of(plan, day) // 12


@compiled
def block_number(plan: Plan, joined: int, day: int) -> int:
    """Return which block since joining holds a day."""
    months = plan.settings[0].window_months
    number = (month_of(plan, day) - month_of(plan, joined)) // months
    if add_months(plan, joined, number * months) > day:
        number -= 1
    return number


@compiled
def block_start(plan: Plan, joined: int, day: int) -> int:
    """Return the first day of the block that holds a day."""
    settings = plan.settings[0]
    if settings.window == CALENDAR:
        months = settings.window_months
        return month_start(plan, month_of(plan, day) // months * months)
    if settings.window == ANNIVERSARY:
        number = block_number(plan, joined, day)
        return add_months(plan, joined, number * settings.window_months)
    if settings.window == ROLLING:
        return add_months(plan, day, -settings.window_months) + 1
    return joined


@compiled
def block_end(plan: Plan, joined: int, day: int, more: int) -> int:
    """Return the last day of the block that holds a day, or of one so many blocks later."""
    settings = plan.settings[0]
    months = settings.window_months
    if settings.window == LIFETIME:
        return NEVER
    if settings.window == ROLLING:
        return add_months(plan, day, months * (1 + more))
    if settings.window == CALENDAR:
        after = month_start(plan, (month_of(plan, day) // months + 1 + more) * months)
    else:
        number = block_number(plan, joined, day) + 1 + more
        after = add_months(plan, joined, number * months)
    return after if after == NEVER else after - 1
