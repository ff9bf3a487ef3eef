"""The loyalty programme inside a world: points, rewards, tiers, and what members do about them.

A minimal rule of its own: points for whole currency units of an order, one free product for a fixed
number of points, tiers by the spend of a calendar year. Points earned in a calendar quarter expire
a year after its end, the oldest are spent first. Everything is counted in integers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from loyalty_research.worlds import random
from loyalty_research.worlds.clock import DAY, Clock
from loyalty_research.worlds.parameters import Programme
from loyalty_research.worlds.people import People
from loyalty_research.worlds.random import Flags, Floats, Integers

EARN, REDEEM, EXPIRE = 0, 1, 2
REASONS = ("earn", "redeem", "expire")
_NEVER = -(1 << 40)


@dataclass(frozen=True, slots=True)
class Rules:
    """The programme by day: version of the rule, quarter, year, and when a quarter's points expire.

    Parameters
    ----------
    version
        Of each day.
    quarter, year
        Of each day, counted from the first.
    expires
        Last day of the points of each quarter, counted from the world's first day.
    per_unit, cost, thresholds
        By version.
    """

    version: Integers
    quarter: Integers
    year: Integers
    expires: Integers
    per_unit: Integers
    cost: Integers
    thresholds: Integers


def rules_of(programme: Programme, clock: Clock) -> Rules:
    """Return the rules of each day; the later rule holds from its day, or the middle, on."""
    dates = clock.dates()
    rules = programme.rules
    changes = [change_day(programme, clock)] if len(rules) > 1 else []
    quarters = np.array([day.year * 4 + (day.month - 1) // 3 for day in dates])
    first = int(quarters[0])
    ends = [_quarter_end(first + number + 4) for number in range(int(quarters[-1]) - first + 1)]
    return Rules(
        version=np.searchsorted(changes, np.arange(clock.days), side="right"),
        quarter=quarters - first,
        year=np.array([day.year - clock.start.year for day in dates]),
        expires=np.array([(day - clock.start).days for day in ends]),
        per_unit=np.array([rule.points_per_unit for rule in rules]),
        cost=np.array([rule.reward_cost for rule in rules]),
        thresholds=np.array([rule.thresholds for rule in rules], dtype=np.int64),
    )


def change_day(programme: Programme, clock: Clock) -> int:
    """Return the first day of the later rule, counted from the world's first day."""
    return clock.days // 2 if programme.change_after is None else programme.change_after


def _quarter_end(number: int) -> dt.date:
    year, quarter = divmod(number + 1, 4)
    return dt.date(year, 3 * quarter + 1, 1) - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pressure:
    """What acts on the next gap of some customers.

    Parameters
    ----------
    member, points, tier, reward
        Covariates, before their coefficients.
    pressing, other
        Factors on the rate: of points and tier pressure, and of the rest.
    """

    member: Floats
    points: Floats
    tier: Floats
    reward: Floats
    pressing: Floats
    other: Floats


@dataclass(slots=True)
class Accounts:
    """Accounts of some customers, stepped from order to order.

    Every method takes ``rows``, customers by position, and ``second`` since the world's start.
    """

    programme: Programme
    rules: Rules
    people: People
    lots: Integers = field(init=False)
    joined: Integers = field(init=False)
    debt: Floats = field(init=False)
    ledger: list[tuple[Integers, ...]] = field(default_factory=list)
    _year: Integers = field(init=False)
    _spent: Integers = field(init=False)
    _kept: Integers = field(init=False)
    _rewarded: Integers = field(init=False)
    _last: Integers = field(init=False)
    _strength: Floats = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.people)
        self.lots = np.zeros((count, len(self.rules.expires)), dtype=np.int64)
        self.joined = np.full(count, -1)
        self.debt = np.zeros(count)
        self._year, self._spent, self._kept = (np.zeros(count, dtype=np.int64) for _ in range(3))
        self._rewarded, self._last = (np.full(count, _NEVER) for _ in range(2))
        rhythm = self.people.rhythm
        z = np.zeros(count) if rhythm is None else rhythm.z
        self._strength = np.clip(1 + self.programme.responses.slope * z, 0.0, 2.0)

    def open(self, rows: Integers, number: int, second: Integers) -> Integers:
        """Join, let points expire, begin a new year; return the points spent on a reward."""
        day = second // DAY
        self._join(rows, number, second)
        self.expire(rows, day)
        self._new_year(rows, self.rules.year[day], self.rules.version[day])
        cost = self.rules.cost[self.rules.version[day]]
        able = self.lots[rows].sum(axis=1) >= cost
        takes = able & (self.people.source.uniform("redeem", rows, number) < self.programme.redeem)
        if takes.any():
            self._redeem(rows[takes], second[takes], cost[takes])
        return np.where(takes, cost, 0)

    def _join(self, rows: Integers, number: int, second: Integers) -> None:
        """Let join whose purchase it is, or the first one after it on another day.

        So a date of joining says which orders count: all from that day on.
        """
        wanted = self.people.joins_at[rows]
        ready = (wanted >= 0) & (wanted <= number) & (self.joined[rows] < 0)
        ready &= self._last[rows] != second // DAY
        self.joined[rows[ready]] = second[ready]
        self._last[rows] = second // DAY

    def expire(self, rows: Integers, day: Integers) -> None:
        """Take away points whose last day lies before ``day``."""
        for quarter, last in enumerate(self.rules.expires):
            over = (day > last) & (self.lots[rows, quarter] > 0)
            if over.any():
                who = rows[over]
                gone = self.lots[who, quarter]
                self.lots[who, quarter] = 0
                self._post(who, np.full(len(who), (last + 1) * DAY), -gone, EXPIRE, -1)

    def _redeem(self, who: Integers, second: Integers, cost: Integers) -> None:
        left = cost.copy()
        for quarter in range(self.lots.shape[1]):
            taken = np.minimum(self.lots[who, quarter], left)
            self.lots[who, quarter] -= taken
            left -= taken
        self._rewarded[who] = second // DAY
        self._post(who, second, -cost, REDEEM, -1)

    def _new_year(self, rows: Integers, year: Integers, version: Integers) -> None:
        turned = year > self._year[rows]
        if turned.any():
            who = rows[turned]
            next_ = year[turned] == self._year[who] + 1
            reached = self._tier(self._spent[who], version[turned])
            self._kept[who] = np.where(next_, reached, 0)
            self._spent[who] = 0
            self._year[who] = year[turned]

    def _tier(self, spent: Integers, version: Integers) -> Integers:
        return np.asarray((spent[:, None] >= self.rules.thresholds[version]).sum(axis=1))

    def earn(self, rows: Integers, second: Integers, cents: Integers, repaid: Flags) -> Floats:
        """Post the points of an order; return the operational days that are now given back."""
        member = self.joined[rows] >= 0
        day = second // DAY
        version = self.rules.version[day]
        before = self._tier(self._spent[rows], version)
        self._spent[rows] += np.where(member, cents, 0)
        upgraded = self._tier(self._spent[rows], version) > np.maximum(before, self._kept[rows])
        points = np.where(member, cents // 100 * self.rules.per_unit[version], 0)
        some = points > 0
        quarter = self.rules.quarter[day]
        self.lots[rows, quarter] += points
        self._post(rows[some], second[some], points[some], EARN, self.rules.expires[quarter[some]])
        back = np.where(repaid | upgraded, self.debt[rows], 0.0)
        self.debt[rows] -= back
        return back

    def pressure(self, rows: Integers, second: Integers) -> Pressure:
        """Return what acts on the next gap, as things stand after the order."""
        responses = self.programme.responses
        day = second // DAY
        version = self.rules.version[day]
        member = (self.joined[rows] >= 0).astype(np.float64)
        covered = np.minimum(self.lots[rows].sum(axis=1) / self.rules.cost[version], 1.0)
        points = covered.copy()
        for _ in range(responses.points_power - 1):
            points *= covered
        tier = member * self._near(rows, version)
        recent = day - self._rewarded[rows] <= responses.reward_days
        reward = member * recent
        strength = self._strength[rows]
        pressing = random.exp(strength * (responses.points * points + responses.tier * tier))
        other = random.exp(strength * (responses.member * member + responses.reward * reward))
        return Pressure(member, points, tier, reward, pressing, other)

    def _near(self, rows: Integers, version: Integers) -> Flags:
        """Return who lacks no more than the set share of the next threshold."""
        limits = self.rules.thresholds[version]
        spent = self._spent[rows][:, None]
        share = self.programme.responses.tier_near
        near = (spent < limits) & (limits - spent <= share * limits)
        return np.asarray(near.any(axis=1))

    def tiers(self, day: int) -> Integers:
        """Return the tier of every customer at the end of a day, 0 the lowest."""
        rows = np.arange(len(self.people))
        version = np.full(len(rows), self.rules.version[day])
        self._new_year(rows, np.full(len(rows), self.rules.year[day]), version)
        return np.maximum(self._kept, self._tier(self._spent, version))

    def _post(
        self, who: Integers, second: Integers, delta: Integers, reason: int, expires: int | Integers
    ) -> None:
        kind = np.full(len(who), reason)
        until = np.zeros(len(who), dtype=np.int64) + expires
        self.ledger.append((who, second, delta, kind, until))
