"""Accounts of all customers as arrays: lots, levels, redemptions."""

from __future__ import annotations

from typing import Any

import numpy as np

from weekly.numbers import Floats, Integers
from weekly.rules import MONEY, NEVER, Rules

LONG_AGO = -NEVER


class Accounts:
    """State of ``n`` customers under ``rules``; methods take rows and a day for each."""

    def __init__(self, n: int, rules: Rules) -> None:
        self.under(rules)
        self.lots = np.zeros((len(rules.ends), n), dtype=np.int64)
        self.points, self.anchor, self.metric, self.orders, self.earned, self.expired, \
            self.redeemed = (np.zeros(n, dtype=np.int64) for _ in range(7))  # fmt: skip
        self.level, self.block = (np.zeros(n, dtype=np.int64) for _ in range(2))
        self.until = np.full(n, NEVER)
        self.began = np.zeros(n, dtype=bool)
        self.rewarded, self.fell = (np.full(n, LONG_AGO) for _ in range(2))
        self.gone = 0

    def under(self, rules: Rules) -> None:
        """Let ``rules`` hold from now on."""
        self.rules = rules
        self.unit = MONEY if rules.metric == "spend" else 1
        self.limits = np.round(rules.thresholds * self.unit).astype(np.int64)
        self.keeps = np.round(rules.requalify * self.unit).astype(np.int64)

    def begin(self, rows: Integers, day: Integers) -> None:
        """Join."""
        self.began[rows] = True
        self.block[rows] = self.rules.block[day - self.rules.first]
        if self.rules.welcome:
            self._post(rows, day, np.full(len(rows), self.rules.welcome))

    def bring(self, day: int) -> None:
        """Bring everybody to the start of a day."""
        for lot in range(self.gone, len(self.rules.ends)):
            if self.rules.ends[lot] >= day:
                break
            self._expire(lot, slice(None))
            self.gone = lot + 1
        self._turn(np.flatnonzero(self.began & (self.block < self._block(day))), day)

    def bring_rows(self, rows: Integers, day: Integers) -> None:
        """Bring some to the start of a day each."""
        lot, latest = self.gone, int(day.max(initial=0))
        while lot < len(self.rules.ends) and self.rules.ends[lot] < latest:
            self._expire(lot, rows[self.rules.ends[lot] < day])
            lot += 1
        behind = self.began[rows] & (self.block[rows] < self.rules.block[day - self.rules.first])
        if behind.any():
            self._turn(rows[behind], day[behind])

    def take(self, rows: Integers, day: Integers, amount: Integers, wants: Any) -> Integers:
        """Take in one order of each row; return the reward taken, -1 for none.

        ``wants`` gets which rows (by position) could pay the cheapest reward, and tells who will.
        """
        self.anchor[rows] = np.minimum(self.anchor[rows], self.points[rows])
        taken = self._redeem(rows, day, wants)
        rate = self.rules.rate[self.level[rows]]
        self._post(rows, day, amount * rate // self.rules.over)
        got = rows[taken >= 0]
        self.anchor[got] = self.points[got]
        self.orders[rows] += 1
        self.metric[rows] += amount if self.rules.metric == "spend" else 1
        reached = np.searchsorted(self.limits[1:], self.metric[rows], side="right")
        up = reached > self.level[rows]
        if up.any():
            self._give(rows[up], reached[up], self.rules.block[day[up] - self.rules.first])
        return taken

    def soonest(self, rows: Integers) -> Integers:
        """Return the first last day of the points of each row."""
        found = np.full(len(rows), NEVER)
        for lot in range(len(self.rules.ends) - 1, self.gone - 1, -1):
            found = np.where(self.lots[lot, rows] > 0, self.rules.ends[lot], found)
        return found

    def _block(self, day: int) -> int:
        return int(self.rules.block[day - self.rules.first])

    def _expire(self, lot: int, rows: Any) -> None:
        over = self.lots[lot, rows]
        self.points[rows] -= over
        self.expired[rows] += over
        self.lots[lot, rows] = 0

    def _post(self, rows: Integers, day: Integers, points: Integers) -> None:
        self.lots[self.rules.bucket[day - self.rules.first], rows] += points
        self.points[rows] += points
        self.earned[rows] += points

    def _turn(self, rows: Integers, day: Any) -> None:
        """Close blocks until each row stands in the block of its day; decide levels on the way."""
        days = np.broadcast_to(day, rows.shape)
        while len(rows):
            self.block[rows] += 1
            over = self.until[rows] < self.rules.opens[self.block[rows]]
            if over.any():
                self._decide(rows[over])
            self.metric[rows] = 0
            left = self.block[rows] < self.rules.block[days - self.rules.first]
            rows, days = rows[left], days[left]

    def _decide(self, rows: Integers) -> None:
        held, metric = self.level[rows], self.metric[rows]
        met = np.maximum(np.searchsorted(self.keeps[1:], metric, side="right"), 0)
        level = np.where(met >= held, held, met)
        if self.rules.soft:
            level = np.where(met >= held, held, np.maximum(held - 1, met))
        down = level < held
        self.fell[rows[down]] = self.rules.opens[self.block[rows[down]]]
        self._give(rows, level, self.block[rows])

    def _give(self, rows: Integers, level: Integers, block: Integers) -> None:
        self.level[rows] = level
        last = np.minimum(block + self.rules.windows, len(self.rules.closes) - 1)
        until = np.full(len(rows), NEVER) if self.rules.lasting else self.rules.closes[last]
        short = block + self.rules.windows >= len(self.rules.closes)
        self.until[rows] = np.where((level > 0) & ~short, until, NEVER)

    def _redeem(self, rows: Integers, day: Integers, wants: Any) -> Integers:
        taken = np.full(len(rows), -1)
        if not len(self.rules.prices):
            return taken
        able = np.flatnonzero(self.points[rows] >= self.rules.prices.min())
        if len(able):
            able = able[wants(able)]
        if not len(able):
            return taken
        who = rows[able]
        reward = self._choice(self.points[who])
        price = self.rules.prices[reward]
        self._spend(who, price)
        self.rewarded[who] = day[able]
        taken[able] = reward
        return taken

    def _choice(self, points: Integers) -> Integers:
        """Return the affordable reward with the highest value per point, then the lowest price."""
        worth, prices = self.rules.worth, self.rules.prices
        order = sorted(range(len(prices)), key=lambda k: (-worth[k], prices[k], k))
        found = np.full(len(points), -1)
        for k in reversed(order):
            found = np.where(points >= prices[k], k, found)
        return found

    def _spend(self, who: Integers, price: Integers) -> None:
        left = price.copy()
        for lot in range(self.gone, len(self.rules.ends)):
            some = np.minimum(self.lots[lot, who], left)
            self.lots[lot, who] -= some
            left -= some
            if not left.any():
                break
        self.points[who] -= price
        self.redeemed[who] += price


def decayed(day: int, since: Integers, weeks: float) -> Floats:
    """Return exp(-weeks since / weeks); 0 where it never was."""
    return np.asarray(np.where(since > LONG_AGO, np.exp(-(day - since) / 7 / weeks), 0.0))
