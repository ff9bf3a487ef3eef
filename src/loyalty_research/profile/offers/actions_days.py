"""Days an offer can be tied to: the next festival, the birthday month, the week of contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lunardate import LunarDate

from loyalty_research.brand import Bilingual, Calendar

LATER = "later"
WEEKS = 8
_LEAD_DAYS = 14
_SHORTEST_LEAD_DAYS = 7
_FIXED = {"new_year": (1, 1), "labour_day": (5, 1), "national_day": (10, 1)}
_LUNAR = {"spring_festival": (1, 1), "dragon_boat": (5, 5), "mid_autumn": (8, 15)}


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival or promotion window ahead: its code, first day, and a name of its own if any."""

    code: str
    day: dt.date
    name: Bilingual | None = None


def next_festival(calendar: Calendar, *, after: dt.date) -> Festival | None:
    """Return what is celebrated next in a brand's calendar; None where nothing is known.

    Parameters
    ----------
    calendar
        Of the brand: with ``cn`` the festivals of mainland China, and its promotion windows.
    after
        The last day known; the festival begins a week later at the earliest, so that there is time
        for an offer.
    """
    soonest = after + dt.timedelta(days=_SHORTEST_LEAD_DAYS)
    found = [
        Festival(window.name.en, window.start, window.name)
        for window in calendar.windows
        if window.start >= soonest
    ]
    if calendar.kind == "cn":
        found += [item for item in _festivals(after.year) if item.day >= soonest]
    return min(found, key=lambda item: (item.day, item.code), default=None)


def _festivals(year: int) -> Iterator[Festival]:
    for own in (year, year + 1):
        for code, (month, day) in _FIXED.items():
            yield Festival(code, dt.date(own, month, day))
        for code, (month, day) in _LUNAR.items():
            try:
                yield Festival(code, LunarDate(own, month, day).to_solar_date())
            except ValueError:  # years that are not tabulated
                continue


def contact_days(
    timing: pd.Series[str],
    facts: pd.DataFrame,
    *,
    as_of: dt.date,
    festival: Festival | None,
) -> pd.Series[pd.Timestamp]:
    """Return the day each customer's offer is for.

    Parameters
    ----------
    timing
        Timing of the rule that was chosen, by row.
    facts
        Rows of the same index with ``days_to_expected`` and, for birthdays, ``months_to_birthday``.
    as_of
        Last day known; no offer is for an earlier day than the next.
    festival
        The next one; offers for it go out two weeks before.
    """
    tomorrow = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    day = pd.Series(tomorrow, index=facts.index)
    own = timing == "own_rhythm"
    ahead = facts["days_to_expected"].clip(lower=1, upper=3650)
    day[own] = pd.Timestamp(as_of) + pd.to_timedelta(ahead[own].round(), unit="D")
    birthday = timing == "birthday"
    if birthday.any():
        month = pd.Period(tomorrow, freq="M")
        starts = {n: max((month + n).start_time, tomorrow) for n in range(12)}
        day[birthday] = facts.loc[birthday, "months_to_birthday"].map(starts)
    if festival is not None:
        start = pd.Timestamp(festival.day) - pd.Timedelta(days=_LEAD_DAYS)
        day[timing == "festival"] = max(start, tomorrow)
    return day


def contact_weeks(days: pd.Series[pd.Timestamp], *, as_of: dt.date, week_start: int) -> np.ndarray:
    """Return the first day of each day's week, ISO; ``later`` beyond eight weeks.

    The first week is the one that holds the day after ``as_of``, and begins with that day at the
    earliest.
    """
    tomorrow = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    opening = tomorrow - pd.Timedelta(days=(tomorrow.weekday() - week_start) % 7)
    number = ((days - opening).dt.days // 7).to_numpy()
    names = [
        max(opening + pd.Timedelta(weeks=n), tomorrow).date().isoformat() for n in range(WEEKS)
    ]
    return np.array([*names, LATER], dtype=object)[np.minimum(number, WEEKS)]
