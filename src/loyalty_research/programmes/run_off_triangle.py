"""Points by month of earning and age, as arrays: what the run-off reckons with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import require_columns
from loyalty_research.errors import ParameterError, problem

COLUMNS = ("part", "earned_month", "age_months", "earned", "redeemed", "expired")


@dataclass(frozen=True, slots=True)
class Triangle:
    """Points of one wallet by part of the customers, month of earning and age in months.

    Parameters
    ----------
    months
        Months of earning, ``YYYY-MM``, without a gap; the last is that of the valuation.
    earned
        Shape (parts, months).
    redeemed, expired
        Shape (parts, months, ages); zero where month + age lies beyond the valuation.
    complete
        Whether the last month is a whole one.
    """

    months: tuple[str, ...]
    earned: np.ndarray
    redeemed: np.ndarray
    expired: np.ndarray
    complete: bool = True

    @property
    def before(self) -> np.ndarray:
        """Points outstanding before each age; shape (parts, months, ages)."""
        left = (self.redeemed + self.expired).cumsum(axis=2)
        gone = np.concatenate([np.zeros_like(left[:, :, :1]), left[:, :, :-1]], axis=2)
        return self.earned[:, :, None] - gone

    @property
    def latest(self) -> np.ndarray:
        """Points outstanding at the valuation, by month of earning; shape (months,)."""
        left: np.ndarray = (self.earned - self.redeemed.sum(axis=2) - self.expired.sum(axis=2)).sum(
            axis=0
        )
        return left

    @property
    def calendar(self) -> np.ndarray:
        """Place of the month in which a month of earning has an age; shape (months, ages)."""
        place = np.arange(len(self.months))
        months: np.ndarray = place[:, None] + place
        return months

    def seen(self, window: int) -> np.ndarray:
        """Whether a month of earning had an age in the last ``window`` whole months."""
        last = len(self.months) - (1 if self.complete else 2)
        seen: np.ndarray = (self.calendar <= last) & (self.calendar > last - window)
        return seen

    def at(self, count: int) -> Triangle:
        """Return the triangle as it stood at the end of its first ``count`` months."""
        known = self.calendar[:count, :count] < count
        return Triangle(
            self.months[:count],
            self.earned[:, :count],
            np.where(known, self.redeemed[:, :count, :count], 0),
            np.where(known, self.expired[:, :count, :count], 0),
            self.complete if count == len(self.months) else True,
        )


def triangle_of(
    run_off: Any, *, since: str | None = None, until: str | None = None, complete: bool = True
) -> Triangle:
    """Return the rows of ``ledger.run_off`` of one wallet as a :class:`Triangle`.

    Parameters
    ----------
    run_off
        pandas frame; columns part, earned_month, age_months, earned, redeemed, expired.
    since, until
        First month of earning, and that of the valuation; None for those of the rows.
    complete
        Whether the last month is a whole one.

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where the rows are of several wallets, or more points leave than were earned.
    """
    require_columns(run_off, COLUMNS, name="run_off")
    if "wallet" in run_off.columns and len(run_off["wallet"].unique()) > 1:
        found = ", ".join(sorted(run_off["wallet"].unique()))
        raise ParameterError(
            problem(
                "run_off: rows of several wallets ({found}); allowed: those of one", found=found
            )
        )
    start = pd.PeriodIndex(run_off["earned_month"], freq="M").asi8
    age = run_off["age_months"].to_numpy(dtype=np.int64)
    last = pd.Period(until, freq="M").ordinal if until else int((start + age).max())
    first = min(int(start.min()), pd.Period(since, freq="M").ordinal if since else last)
    parts, part = np.unique(run_off["part"].to_numpy(), return_inverse=True)
    size = last - first + 1
    cells = np.zeros((3, len(parts), size, size), dtype=np.int64)
    for place, name in enumerate(("earned", "redeemed", "expired")):
        np.add.at(cells[place], (part, start - first, age), run_off[name].to_numpy(dtype=np.int64))
    months = tuple(str(pd.Period(ordinal=first + place, freq="M")) for place in range(size))
    triangle = Triangle(months, cells[0].sum(axis=2), cells[1], cells[2], complete)
    if (triangle.before < 0).any() or (triangle.latest < 0).any():
        raise ParameterError(problem("run_off: more points leave than were earned"))
    return triangle
