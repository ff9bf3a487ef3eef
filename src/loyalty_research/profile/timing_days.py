"""Sales by kind of day, by fiscal week, and by month beside a year earlier."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.profile.common import Days
from loyalty_research.stats.calendar import DayKind, day_kind, fiscal_week, lunar_new_year

DAY_KINDS: tuple[DayKind, ...] = (
    "working_day",
    "adjusted_working_day",
    "weekend",
    "public_holiday",
    "unknown",
)
AROUND = 28
"""Days before and after the lunar new year in which months count as near it."""
_WEEKS = (4, 3, 2)
"""Weeks before and after the lunar new year that are compared: the most that are known."""
_WEEK = 7


@dataclass(frozen=True, slots=True)
class NewYear:
    """Sales of some weeks before and after a lunar new year, against a year earlier.

    Parameters
    ----------
    day, before
        The first day of the first lunar month in both years.
    weeks
        Weeks before, and as many after.
    span
        Their days around ``day``.
    orders
        Orders in them.
    aligned, by_date
        Change of net sales against the weeks around ``before``, and against the same dates.
    """

    day: dt.date
    before: dt.date
    weeks: int
    span: Days
    orders: int
    aligned: float
    by_date: float


def kinds_of(daily: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind of day: days, orders, net_sales, and both a day.

    ``daily`` has one row a day: day, orders, net_sales.
    """
    kinds = [day_kind(day) for day in daily["day"]]
    rows = (
        daily.assign(day_kind=kinds)
        .groupby("day_kind")
        .agg(days=("day", "size"), orders=("orders", "sum"), net_sales=("net_sales", "sum"))
    )
    rows = rows.loc[[kind for kind in DAY_KINDS if kind in rows.index]].reset_index()
    return rows.assign(
        orders_per_day=rows["orders"] / rows["days"],
        sales_per_day=rows["net_sales"] / rows["days"],
    )


def weeks_of(daily: pd.DataFrame, *, week_start: int, fiscal_year_start: int) -> pd.DataFrame:
    """Return one row a fiscal week of seven days in the period: first_day, orders, net_sales."""
    weeks = [
        fiscal_week(day, week_start=week_start, fiscal_year_start=fiscal_year_start)
        for day in daily["day"]
    ]
    years, numbers = zip(*weeks, strict=True)
    rows = (
        daily.assign(fiscal_year=years, week=numbers)
        .groupby(["fiscal_year", "week"], as_index=False)
        .agg(
            days=("day", "size"),
            first_day=("day", "min"),
            orders=("orders", "sum"),
            net_sales=("net_sales", "sum"),
        )
    )
    whole = rows[rows["days"] == _WEEK].drop(columns="days").reset_index(drop=True)
    names = [f"{row.fiscal_year} W{row.week:02d}" for row in whole.itertuples()]
    return whole.assign(
        first_day=[day.isoformat() for day in whole["first_day"]], fiscal_week=names
    )


def days_of_weeks(weeks: pd.DataFrame) -> dict[dt.date, str]:
    """Return the fiscal week of every day of the weeks of :func:`weeks_of`."""
    return {
        dt.date.fromisoformat(first) + dt.timedelta(days=number): name
        for first, name in zip(weeks["first_day"], weeks["fiscal_week"], strict=True)
        for number in range(_WEEK)
    }


def years_of(sales: pd.Series[float], days: Days, *, lunar: bool) -> pd.DataFrame:
    """Return one row a whole month of the period with a year before it: both sums, the change.

    Parameters
    ----------
    sales
        Net sales by day, without gaps, from the first day known to the last of the period.
    days
        The period.
    lunar
        Whether months within four weeks of the lunar new year are also set beside the days that
        lie as far from it a year earlier (column ``yoy_lunar``).
    """
    rows = []
    for month in pd.period_range(days.start, days.end, freq="M"):
        now = Days(month.start_time.date(), month.end_time.date())
        last_year = (month - 12).start_time.date(), (month - 12).end_time.date()
        sums = _sum(sales, now), _sum(sales, Days(*last_year))
        if now.start < days.start or now.end > days.end or not sums[0] or not sums[1]:
            continue
        shift = _shift(now) if lunar else None
        aligned = _sum(sales, _moved(now, shift)) if shift else None
        rows.append(
            {
                "month": str(month),
                "month_before": str(month - 12),
                "net_sales": sums[0],
                "sales_year_before": sums[1],
                "yoy": sums[0] / sums[1] - 1,
                "yoy_lunar": sums[0] / aligned - 1 if aligned else np.nan,
            }
        )
    columns = ["month", "month_before", "net_sales", "sales_year_before", "yoy", "yoy_lunar"]
    return pd.DataFrame(rows, columns=columns)


def new_year_of(sales: pd.Series[float], orders: pd.Series[float], days: Days) -> NewYear | None:
    """Compare the weeks around the last lunar new year of the period; None where not covered."""
    for year in range(days.end.year, days.start.year - 1, -1):
        for weeks in _WEEKS:
            found = _around(sales, orders, days, year, weeks)
            if found:
                return found
    return None


def _around(
    sales: pd.Series[float], orders: pd.Series[float], days: Days, year: int, weeks: int
) -> NewYear | None:
    day, before = lunar_new_year(year), lunar_new_year(year - 1)
    if day is None or before is None:
        return None
    half = dt.timedelta(days=_WEEK * weeks)
    span = Days(day - half, day + half - dt.timedelta(days=1))
    if span.start < days.start or span.end > days.end:
        return None
    now = _sum(sales, span)
    aligned = _sum(sales, _moved(span, (day - before).days))
    by_date = _sum(sales, _moved(span, (day - day.replace(year=year - 1)).days))
    if not (now and aligned and by_date):
        return None
    count = int(orders[(orders.index >= span.start) & (orders.index <= span.end)].sum())
    return NewYear(day, before, weeks, span, count, now / aligned - 1, now / by_date - 1)


def _shift(month: Days) -> int | None:
    """Return the days from last lunar new year to this one, for months near it."""
    day, before = lunar_new_year(month.start.year), lunar_new_year(month.start.year - 1)
    if day is None or before is None:
        return None
    first, last = day - dt.timedelta(days=AROUND), day + dt.timedelta(days=AROUND - 1)
    return (day - before).days if month.start <= last and month.end >= first else None


def _moved(days: Days, back: int) -> Days:
    step = dt.timedelta(days=back)
    return Days(days.start - step, days.end - step)


def _sum(sales: pd.Series[float], days: Days) -> float | None:
    """Return the sum of some days; None where not all of them are known."""
    if sales.empty or days.start < sales.index[0] or days.end > sales.index[-1]:
        return None
    return float(sales[(sales.index >= days.start) & (sales.index <= days.end)].sum())
