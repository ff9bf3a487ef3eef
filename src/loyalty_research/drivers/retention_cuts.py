"""The cuts: days up to which a forecast may look, and the windows it is judged on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.drivers.retention_features import (
    Maker,
    design,
    features_at,
    purchases_after,
)
from loyalty_research.drivers.retention_rhythm import Rhythm, fit_rhythm
from loyalty_research.engine import collect
from loyalty_research.errors import ParameterError, problem
from loyalty_research.profile.common import Days
from loyalty_research.stats import seed_from

JUDGED = 3
"""Cuts that forecasts are judged at; each is made from the cuts before it."""
_LONGEST, _SHORTEST = 13, 4
SAMPLE = 10_000
"""Customers at a cut that models are fitted to and judged on, at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Days of the cuts.

    Parameters
    ----------
    cuts
        The first is only learnt from, the others are judged as well.
    weeks
        Length of what is forecast.
    history
        Days that features look back.
    end
        Last day of the period, from which the next weeks are forecast.
    """

    cuts: tuple[dt.date, ...]
    weeks: int
    history: int
    end: dt.date

    def after(self, cut: dt.date) -> dt.date:
        """Return the last day of what is forecast at a cut."""
        return cut + dt.timedelta(weeks=self.weeks)

    def start(self, cut: dt.date) -> dt.date:
        """Return the first day that features of a cut look at."""
        return cut - dt.timedelta(days=self.history - 1)


def plan_cuts(days: Days, *, weeks: int | None = None) -> Plan | None:
    """Return the cuts of a period; None where it is too short.

    Parameters
    ----------
    days
        The period.
    weeks
        Length of what is forecast; None for a quarter (13 weeks), or a sixth of a shorter period.

    Notes
    -----
    The windows forecast follow one another up to the last day: one to learn from, three to be
    judged on. All features look back equally far, so that they mean the same at each cut.
    """
    length = weeks or min(_LONGEST, days.count // 7 // (JUDGED + 3))
    if length < (1 if weeks else _SHORTEST):
        return None
    cuts = tuple(days.end - dt.timedelta(weeks=length * step) for step in range(JUDGED + 1, 0, -1))
    history = (cuts[0] - days.start).days + 1
    if history < length * 7:
        return None
    return Plan(cuts, length, history, days.end)


@dataclass(frozen=True, slots=True)
class Cut:
    """The customers at a cut.

    Parameters
    ----------
    day
        The cut.
    customers
        One row a customer: customer_id, first_day, last_day, occasions, net_sales, ...
    features
        As models see them, in the same order, with ``rhythm``.
    rhythm
        The customer-base model of the cut, or None where none could be fitted.
    active
        Shape (n,): whether the customer bought in the weeks after; empty at the end of the period.
    last_bought
        The last purchase in those weeks; missing where there was none.
    total
        Number of customers before sampling.
    """

    day: dt.date
    customers: pd.DataFrame
    features: pd.DataFrame
    rhythm: Rhythm | None
    active: np.ndarray
    last_bought: pd.Series
    total: int


def read_cut(orders: ir.Table, plan: Plan, cut: dt.date, *, make: Maker, sample: int | None) -> Cut:
    """Return the customers at a cut, and whether they bought after it."""
    frame = features_at(orders, start=plan.start(cut), cut=cut, recent=plan.weeks * 7, make=make)
    total = len(frame)
    if sample is not None and total > sample:
        rng = np.random.default_rng(seed_from("retention", cut.isoformat()))
        kept = np.sort(rng.choice(total, sample, replace=False))
        frame = frame.iloc[kept].reset_index(drop=True)
    rhythm = fit_rhythm(frame, cut)
    features = design(frame, cut=cut)
    if rhythm is not None:
        features["rhythm"] = rhythm.log_odds(frame, cut, weeks=plan.weeks)
    if cut >= plan.end:
        none = pd.Series(pd.NaT, index=frame.index)
        return Cut(cut, frame, features, rhythm, np.array([], dtype=bool), none, total)
    after = collect(
        purchases_after(orders, cut=cut.isoformat(), end=plan.after(cut).isoformat()),
        sort_by=["customer_id"],
    ).set_index("customer_id")
    last = pd.to_datetime(after["last_bought"]).reindex(frame["customer_id"])
    last = last.reset_index(drop=True)
    return Cut(cut, frame, features, rhythm, last.notna().to_numpy(), last, total)


def check_plan(weeks: Any, sample: Any) -> None:
    """Refuse lengths and samples that cannot be."""
    for name, value, low, high in (("weeks", weeks, 1, 104), ("sample", sample, 500, 1_000_000)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and low <= value <= high):
            raise ParameterError(
                problem(
                    "{name}: found {found!r}; allowed: a whole number from {low} to {high}",
                    name=name,
                    found=value,
                    low=low,
                    high=high,
                )
            )
