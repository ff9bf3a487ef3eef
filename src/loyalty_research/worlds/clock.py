"""The clock customers live by: it runs fast on busy days and hours, and stands still at night.

Purchases happen in operational days; the clock turns them into seconds of the calendar. Counts of
purchases therefore keep their closed forms whatever the seasons: a period is as long as the clock
runs in it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from loyalty_research.stats.calendar import lunar_new_year
from loyalty_research.worlds.parameters import Festival, Seasons
from loyalty_research.worlds.random import Floats, Integers

HOUR = 3600
DAY = 24 * HOUR
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Clock:
    """Operational time of a world.

    Parameters
    ----------
    start
        First day.
    factors
        Length of each calendar day in operational days.
    edges
        Operational time at the start of each hour, and at the end of the last.
    """

    start: dt.date
    factors: Floats
    edges: Floats

    @property
    def days(self) -> int:
        """Calendar days."""
        return len(self.factors)

    @property
    def end(self) -> float:
        """Operational days of the whole period."""
        return float(self.edges[-1])

    def at_day(self, day: float) -> float:
        """Return the operational time at the beginning of a calendar day, counted from 0."""
        return float(self.edges[int(np.clip(round(day), 0, self.days)) * 24])

    def seconds(self, operational: Floats) -> Integers:
        """Return seconds since the start of the first day."""
        hour = np.searchsorted(self.edges, operational, side="right") - 1
        np.clip(hour, 0, len(self.edges) - 2, out=hour)
        begins = self.edges[hour]
        part = (operational - begins) / (self.edges[hour + 1] - begins)
        inside = np.clip((part * HOUR).astype(np.int64), 0, HOUR - 1)
        return hour * HOUR + inside

    def dates(self) -> list[dt.date]:
        """Return the days of the calendar."""
        return [self.start + dt.timedelta(days=number) for number in range(self.days)]


def make_clock(start: dt.date, end: dt.date, seasons: Seasons) -> Clock:
    """Return the clock of the days from ``start`` to ``end``.

    The length of a day is the product of the factors of its month, weekday and festivals and of the
    trend; it is spread over the hours as they are weighted.
    """
    days = [start + dt.timedelta(days=number) for number in range((end - start).days + 1)]
    factors = np.array([_factor(day, start, seasons) for day in days])
    weights = np.array(
        [seasons.weekend_hours if day.weekday() >= _SATURDAY else seasons.hours for day in days]
    )
    totals = np.cumsum(weights, axis=1)[:, -1:]
    lengths = (factors[:, None] * (weights / totals)).ravel()
    return Clock(start, factors, np.concatenate([[0.0], np.cumsum(lengths)]))


def _factor(day: dt.date, start: dt.date, seasons: Seasons) -> float:
    factor = seasons.months[day.month - 1] * seasons.weekdays[day.weekday()]
    factor *= 1 + seasons.trend_per_year * (day - start).days / 365
    for festival in seasons.festivals:
        if _falls_on(festival, day):
            factor *= festival.factor
    return factor


def _falls_on(festival: Festival, day: dt.date) -> bool:
    if festival.lunar_new_year:
        opening = lunar_new_year(day.year)
    else:
        opening = dt.date(day.year, festival.month, festival.day)
    return opening is not None and festival.first <= (day - opening).days <= festival.last
