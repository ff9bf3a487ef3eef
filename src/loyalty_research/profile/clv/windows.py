"""Which weeks a forecast is made from, and which it is judged on."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from loyalty_research.profile.common import Days

SHORTEST = 8
"""Weeks that calibration and holdout each need."""
_WARM_UP = 7
"""Where first purchases are not observed, one week in so many only tells who is a customer."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Windows:
    """Weeks of warm-up, calibration and holdout, one after the other.

    Parameters
    ----------
    first
        First day of the warm-up; None where first purchases are observed, and every customer is
        counted from the first purchase on.
    start
        First day of the calibration.
    split
        Last day of the calibration.
    end
        Last day of the holdout.
    """

    first: dt.date | None
    start: dt.date
    split: dt.date
    end: dt.date

    @property
    def warm_up(self) -> int:
        """Weeks of warm-up."""
        return 0 if self.first is None else (self.start - self.first).days // 7

    @property
    def calibration(self) -> int:
        """Weeks of calibration."""
        return ((self.split - self.start).days + 1) // 7

    @property
    def holdout(self) -> int:
        """Weeks of holdout."""
        return (self.end - self.split).days // 7

    @property
    def observed(self) -> bool:
        """Whether customers are counted from their first purchase."""
        return self.first is None

    def at_end(self) -> Windows:
        """Return the windows of a forecast from the last day on: no holdout, all before it used.

        The calibration stays as long as it was judged; what lies before it is warm-up.
        """
        if self.first is None:
            return Windows(None, self.start, self.end, self.end)
        start = self.end - dt.timedelta(weeks=self.calibration) + _DAY
        return Windows(self.first, start, self.end, self.end)


def split_weeks(days: Days, *, first_purchase_observed: bool) -> Windows | None:
    """Return the windows of a period; None where it is too short.

    Parameters
    ----------
    days
        The period.
    first_purchase_observed
        Whether the first purchase in the data is the first ever.

    Notes
    -----
    Whole weeks of seven days are counted back from the last day. Where first purchases are
    observed, the second half of them is the holdout; an odd week goes to the calibration. Else a
    seventh of the weeks, rounded up, is warm-up: who buys in it is the base, from then on counted
    whether buying or not. The rest is halved; an odd week goes to the warm-up.
    """
    weeks = days.count // 7
    warm_up = 0 if first_purchase_observed else math.ceil(weeks / _WARM_UP)
    holdout = (weeks - warm_up) // 2
    if holdout < SHORTEST:
        return None
    split = days.end - dt.timedelta(weeks=holdout)
    if first_purchase_observed:
        return Windows(None, days.end - dt.timedelta(weeks=weeks) + _DAY, split, days.end)
    start = split - dt.timedelta(weeks=holdout) + _DAY
    return Windows(days.start, start, split, days.end)
