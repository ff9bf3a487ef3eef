"""How many of the points issued will be redeemed in the end: a run-off by month of earning."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import t as student

from loyalty_research.programmes.run_off_triangle import Triangle, triangle_of
from loyalty_research.stats import Estimate

__all__ = ["ExpectedRedemption", "expected_redemption"]

LEVEL = 0.95
MIN_MONTHS = 6
"""Fewest months of earning behind a statement."""
MIN_COHORTS = 3
"""Fewest months of earning seen at an age, for its shares to be used."""
WINDOW = 12
"""Months before the valuation that shares are taken from: a whole year, so that no season weighs
more, and no start of a programme, when all began with nothing."""
MIN_PARTS = 20
"""Fewest parts of the customers that hold points, for an interval."""


@dataclass(frozen=True, slots=True)
class ExpectedRedemption:
    """What share of the points issued will be redeemed in the end.

    Parameters
    ----------
    rate
        Points redeemed so far and expected to be, by points issued, with every point that outlives
        the ages observed counted as redeemed; bounds None where the data cannot give them.
    least
        The same with none of those points redeemed. The two are one where points expire within
        the ages observed.
    earned, redeemed, expired, outstanding
        Points so far, in the wallet's smallest unit.
    expected
        Points still to be redeemed, as in ``rate``.
    cohorts
        One row a month of earning: earned_month, earned, redeemed, expired, outstanding, expected
        (redeemed in the end), rate.
    ages
        One row an age in months that is used: age_months, cohorts (months of earning seen there),
        outstanding (before it), redeemed, expired, redeem_share and expire_share (of the
        outstanding), to_come (share of a point outstanding before it redeemed in the end).
    """

    rate: Estimate
    least: Estimate
    earned: int
    redeemed: int
    expired: int
    outstanding: int
    expected: float
    cohorts: pd.DataFrame
    ages: pd.DataFrame

    @property
    def unknown(self) -> float:
        """Share of the points issued whose end lies beyond the ages observed."""
        return (self.rate.value or 0.0) - (self.least.value or 0.0)


def expected_redemption(
    run_off: pd.DataFrame, *, until: str | None = None, complete: bool = True, level: float = LEVEL
) -> ExpectedRedemption:
    """Estimate the share of issued points that is redeemed in the end (ultimate redemption rate).

    Parameters
    ----------
    run_off
        One row a month of earning, age and part of the customers, of one wallet: ``part``,
        ``earned_month`` (``YYYY-MM``), ``age_months`` (0 in the month of earning), ``earned`` (in
        the row of age 0), ``redeemed``, ``expired``, as ``ledger.run_off`` holds them. Points used
        are the first earned that are still there.
    until
        Month of the valuation; None for the last that the rows reach.
    complete
        Whether that month is a whole one; if not, its shares are not used.
    level
        Coverage aimed at.

    Returns
    -------
    ExpectedRedemption

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where the rows are of several wallets, or more points leave than were earned.

    Notes
    -----
    A development method on what is outstanding: at each age j the share q_j of the points
    outstanding before it that is redeemed, and e_j that expires, in the last twelve months. A point
    outstanding before age j is redeemed in the end with s_j = q_j + (1 - q_j - e_j) s_{j+1}. Ages
    that fewer than three months of earning have reached are not used: what is outstanding there is
    counted as all redeemed (``rate``) and as not (``least``).

    Customers are the sampled units, and months differ for all of them at once. Each cell of part p
    and calendar month t at age j has the innovation
    V = (R - q_j O)(1 - s_{j+1}) - (X - e_j O) s_{j+1} (O points outstanding, R redeemed, X
    expired): by so much it moved the prediction. With k_j the outstanding still to come at the age
    by that observed, the mean squared error is that of the sums of k_j V, for the shares, and of
    sqrt(k_j) V, for the chance of what is to come: the two terms of Mack's formula. Both are
    clustered two ways, by part and by month (Cameron, Gelbach & Miller), so that points of one
    customer, and those of one month, may behave alike. The interval is symmetric in the logit of
    the redeemed share of the outstanding, with Student's quantile for the number of months or of
    parts, whichever is smaller, and needs six months of earning and twenty parts. It holds if
    redemption goes on as in the last twelve months.

    References
    ----------
    Mack 1993, ASTIN Bulletin 23(2), 213-225; Cameron, Gelbach & Miller 2011, Journal of Business &
    Economic Statistics 29(2), 238-249.
    """
    triangle = triangle_of(run_off, until=until, complete=complete)
    most = development(triangle, tail=1.0)
    return ExpectedRedemption(
        rate=_estimate(triangle, most, level),
        least=_estimate(triangle, development(triangle, tail=0.0), level),
        earned=int(triangle.earned.sum()),
        redeemed=int(triangle.redeemed.sum()),
        expired=int(triangle.expired.sum()),
        outstanding=int(triangle.latest.sum()),
        expected=float(most.expected.sum()),
        cohorts=_cohorts(triangle, most),
        ages=_ages(triangle, most),
    )


@dataclass(frozen=True, slots=True)
class Development:
    """Shares by age, and what they say of the outstanding.

    Parameters
    ----------
    redeem, expire
        Shape (ages,): shares of the outstanding at the ages used.
    to_come
        Shape (ages + 1,): share redeemed in the end of a point outstanding before an age; the
        last is that of points older than all ages used.
    expected
        Shape (months,): points still to be redeemed, by month of earning.
    """

    redeem: np.ndarray
    expire: np.ndarray
    to_come: np.ndarray
    expected: np.ndarray


def development(triangle: Triangle, *, tail: float) -> Development:
    """Return the shares by age, with a share ``tail`` of what outlives them redeemed."""
    used = _ages_used(triangle)
    seen, before = triangle.seen(WINDOW)[:, :used], triangle.before.sum(axis=0)[:, :used]
    at_risk = (before * seen).sum(axis=0)
    redeem, expire = (
        np.divide(
            (cells.sum(axis=0)[:, :used] * seen).sum(axis=0),
            at_risk,
            out=np.zeros(used),
            where=at_risk > 0,
        )
        for cells in (triangle.redeemed, triangle.expired)
    )
    to_come = np.full(used + 1, tail)
    for age in range(used - 1, -1, -1):
        to_come[age] = redeem[age] + (1 - redeem[age] - expire[age]) * to_come[age + 1]
    months = len(triangle.months)
    following = np.minimum(np.arange(months, 0, -1), used)
    return Development(redeem, expire, to_come, triangle.latest * to_come[following])


def _ages_used(triangle: Triangle) -> int:
    """Return how many ages, from 0 on, enough months of earning have reached."""
    reached = triangle.seen(WINDOW)[triangle.earned.sum(axis=0) > 0].sum(axis=0)
    few = np.flatnonzero(reached < MIN_COHORTS)
    return int(few[0]) if len(few) else len(reached)


def _estimate(triangle: Triangle, found: Development, level: float) -> Estimate:
    parts = int((triangle.earned.sum(axis=1) > 0).sum())
    earned, redeemed = int(triangle.earned.sum()), int(triangle.redeemed.sum())
    if not earned:
        return Estimate(None, None, None, parts, level)
    outstanding = float(triangle.latest.sum())
    value = (redeemed + float(found.expected.sum())) / earned
    if not outstanding:
        return Estimate(value, value, value, parts, level)
    share = found.expected.sum() / outstanding
    whole = len(triangle.months) - (0 if triangle.complete else 1)
    months = int((triangle.earned.sum(axis=0) > 0)[:whole].sum())
    if months < MIN_MONTHS or parts < MIN_PARTS or not 0 < share < 1:
        return Estimate(value, None, None, parts, level)
    error = math.sqrt(_squared_error(triangle, found)) / outstanding
    quantile = student.ppf(0.5 + level / 2, min(parts, whole, WINDOW) - 1)
    margin = quantile * error / (share * (1 - share))
    low, high = (expit(logit(share) + side * margin) for side in (-1, 1))
    at_low, at_high = ((redeemed + float(bound) * outstanding) / earned for bound in (low, high))
    return Estimate(float(value), at_low, at_high, parts, level)


def _squared_error(triangle: Triangle, found: Development) -> float:
    """Return the mean squared error of the points still to be redeemed."""
    used = len(found.redeem)
    seen = triangle.seen(WINDOW)[:, :used]
    before = triangle.before[:, :, :used] * seen
    redeemed = triangle.redeemed[:, :, :used] * seen - found.redeem * before
    expired = triangle.expired[:, :, :used] * seen - found.expire * before
    innovation = redeemed * (1 - found.to_come[1:]) - expired * found.to_come[1:]
    past = before.sum(axis=(0, 1))
    ahead = _outstanding_ahead(triangle, found)
    scale = np.divide(ahead, past, out=np.zeros(used), where=past > 0)
    months = triangle.calendar[:, :used]
    return sum(_two_way(innovation * weight, months) for weight in (scale, np.sqrt(scale)))


def _two_way(moved: np.ndarray, months: np.ndarray) -> float:
    """Return the variance of a sum over parts, months of earning and ages, clustered two ways.

    ``moved`` has shape (parts, months of earning, ages), ``months`` names the calendar month.
    """
    cells = np.stack([moved[:, months == month].sum(axis=1) for month in np.unique(months)], axis=1)
    by_part, by_month, by_cell = (
        _corrected(sums) for sums in (cells.sum(axis=1), cells.sum(axis=0), cells.ravel())
    )
    return by_part + max(by_month - by_cell, 0.0)


def _corrected(sums: np.ndarray) -> float:
    """Return the sum of squares of clusters that add up to zero, corrected for their number."""
    clusters = int((sums != 0).sum())
    return float(sums @ sums) * clusters / (clusters - 1) if clusters > 1 else 0.0


def _outstanding_ahead(triangle: Triangle, found: Development) -> np.ndarray:
    """Return the points expected to be outstanding before each age used, after the valuation."""
    used, months = len(found.redeem), len(triangle.months)
    stays = 1 - found.redeem - found.expire
    ahead, left = np.zeros(used), 0.0
    for age in range(used):
        entering = triangle.latest[months - age] if 0 < age <= months else 0
        left = left * (stays[age - 1] if age else 0) + entering
        ahead[age] = left
    return ahead


def _cohorts(triangle: Triangle, found: Development) -> pd.DataFrame:
    earned = triangle.earned.sum(axis=0)
    redeemed = triangle.redeemed.sum(axis=(0, 2))
    in_all = redeemed + found.expected
    return pd.DataFrame(
        {
            "earned_month": triangle.months,
            "earned": earned,
            "redeemed": redeemed,
            "expired": triangle.expired.sum(axis=(0, 2)),
            "outstanding": triangle.latest,
            "expected": in_all,
            "rate": np.divide(in_all, earned, out=np.full(len(earned), np.nan), where=earned > 0),
        }
    )


def _ages(triangle: Triangle, found: Development) -> pd.DataFrame:
    used = len(found.redeem)
    seen = triangle.seen(WINDOW)[:, :used]
    totals = {
        "outstanding": triangle.before,
        "redeemed": triangle.redeemed,
        "expired": triangle.expired,
    }
    return pd.DataFrame(
        {
            "age_months": np.arange(used),
            "cohorts": seen[triangle.earned.sum(axis=0) > 0].sum(axis=0),
            **{
                name: (cells.sum(axis=0)[:, :used] * seen).sum(axis=0)
                for name, cells in totals.items()
            },
            "redeem_share": found.redeem,
            "expire_share": found.expire,
            "to_come": found.to_come[:-1],
        }
    )
