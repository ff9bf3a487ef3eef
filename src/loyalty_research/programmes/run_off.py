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
    outstanding before it that is redeemed, and e_j that expires, over all months of earning that
    have reached the age. A point outstanding before age j is redeemed in the end with
    s_j = q_j + (1 - q_j - e_j) s_{j+1}. Ages that fewer than three months of earning have reached
    are not used: what is outstanding there is counted as all redeemed (``rate``) and as not
    (``least``).

    Customers are the sampled units. With the innovations of part p at age j,
    V_pj = (R - q_j O)(1 - s_{j+1}) - (X - e_j O) s_{j+1}, summed over months of earning (O points
    outstanding, R redeemed, X expired), and k_j the outstanding still to come at the age by that
    observed, the mean squared error of the prediction is the sum over parts of
    (sum_j k_j V_pj)^2, the error of the shares, and (sum_j sqrt(k_j) V_pj)^2, the chance of what
    is to come: the two terms of Mack's formula, with sums that let points of one customer behave
    alike. The interval is symmetric in the logit of the redeemed share of the outstanding, with
    Student's quantile for the number of parts, and needs six months of earning and twenty parts.
    It holds if redemption goes on as it was.

    References
    ----------
    Mack 1993, ASTIN Bulletin 23(2), 213-225.
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
    seen, before = triangle.seen[:, :used], triangle.before.sum(axis=0)[:, :used]
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
    reached = triangle.seen[triangle.earned.sum(axis=0) > 0].sum(axis=0)
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
    months = int((triangle.earned.sum(axis=0) > 0)[triangle.seen[:, 0]].sum())
    if months < MIN_MONTHS or parts < MIN_PARTS or not 0 < share < 1:
        return Estimate(value, None, None, parts, level)
    error = math.sqrt(_squared_error(triangle, found)) / outstanding
    margin = student.ppf(0.5 + level / 2, parts - 1) * error / (share * (1 - share))
    low, high = (expit(logit(share) + side * margin) for side in (-1, 1))
    at_low, at_high = ((redeemed + float(bound) * outstanding) / earned for bound in (low, high))
    return Estimate(float(value), at_low, at_high, parts, level)


def _squared_error(triangle: Triangle, found: Development) -> float:
    """Return the mean squared error of the points still to be redeemed."""
    used = len(found.redeem)
    seen = triangle.seen[:, :used]
    before = (triangle.before[:, :, :used] * seen).sum(axis=1)
    redeemed = (triangle.redeemed[:, :, :used] * seen).sum(axis=1) - found.redeem * before
    expired = (triangle.expired[:, :, :used] * seen).sum(axis=1) - found.expire * before
    innovation = redeemed * (1 - found.to_come[1:]) - expired * found.to_come[1:]
    past = before.sum(axis=0)
    ahead = _outstanding_ahead(triangle, found)
    scale = np.divide(ahead, past, out=np.zeros(used), where=past > 0)
    parts = len(innovation)
    shares, chance = innovation @ scale, innovation @ np.sqrt(scale)
    return float(parts / (parts - 1) * (shares @ shares + chance @ chance))


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
    seen = triangle.seen[:, :used]
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
