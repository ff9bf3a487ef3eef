"""The purchases of some customers, one round a purchase: every customer's first, second, ..."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.worlds import random
from loyalty_research.worlds.baskets import Lines, fill_baskets
from loyalty_research.worlds.campaigns import Reach, windows_of
from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.families import YEAR, Family, leaving
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.people import People
from loyalty_research.worlds.programme import Accounts, Pressure, rules_of
from loyalty_research.worlds.random import Flags, Floats, Integers
from loyalty_research.worlds.shop import Store
from loyalty_research.worlds.voiced import gone_after

MOST_ORDERS = 10_000
"""Orders kept apart in the numbers of one customer's orders."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of one round.

    Parameters
    ----------
    rows
        Customers, by position.
    number
        Of the order, the same for all.
    second
        Since the start.
    cents
        Paid.
    off, whose
        Cents taken off the first line by a coupon, and the campaign it is of, -1 for none.
    points
        Spent on a reward; 0 where none was taken.
    lines
        Their lines.
    """

    rows: Integers
    number: int
    second: Integers
    cents: Integers
    off: Integers
    whose: Integers
    points: Integers
    lines: Lines


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps after the purchases of one round.

    Parameters
    ----------
    rows, number
        Customers, and number of the purchase before the gap.
    begins, ends
        Operational time; ends at the next purchase, at departure, or with the period.
    closed
        Whether a purchase ended it.
    pause
        Operational days given back at its beginning: purchases moved forward before.
    rate
        Base rate of purchases per operational day outside windows, responses aside.
    pressure
        What the programme did to it; None without one.
    """

    rows: Integers
    number: int
    begins: Floats
    ends: Floats
    closed: Flags
    pause: Floats
    rate: Floats
    pressure: Pressure | None


@dataclass(frozen=True, slots=True)
class History:
    """All purchases of some customers and what was behind them."""

    people: People
    orders: list[Orders]
    gaps: list[Gaps]
    reach: Reach
    accounts: Accounts | None
    alive: Flags
    purchases: Integers


def live(
    parameters: Parameters, family: Family, clock: Clock, store: Store, people: People
) -> History:
    """Return the purchases of ``people`` within the period."""
    return _Life(parameters, family, clock, store, people).run()


class _Life:
    def __init__(
        self, parameters: Parameters, family: Family, clock: Clock, store: Store, people: People
    ) -> None:
        self.parameters, self.family = parameters, family
        self.clock, self.store, self.people = clock, store, people
        assert people.rhythm is not None
        self.rhythm = people.rhythm
        self.reach = Reach(
            windows_of(parameters, clock),
            people,
            len(parameters.campaigns),
            parameters.entry.established,
        )
        self.accounts: Accounts | None = None
        if parameters.programme is not None:
            rules = rules_of(parameters.programme, clock)
            self.accounts = Accounts(parameters.programme, rules, people)
        self.alive = np.ones(len(people), dtype=bool)
        self.purchases = np.zeros(len(people), dtype=np.int64)
        self.last = people.entry.copy()
        self.orders: list[Orders] = []
        self.gaps: list[Gaps] = []

    def run(self) -> History:
        rows = np.flatnonzero(self.people.entry < self.clock.end)
        now, gap = self.people.entry[rows], np.ones(len(rows))
        number = 0
        while len(rows) and number < MOST_ORDERS:
            back, second = self._order(rows, number, now, gap)
            self.purchases[rows] = number + 1
            self.last[rows] = now
            leaves = leaving(self.people.source, self.rhythm, rows, number)
            leaves |= gone_after(
                self.parameters, self.store, self.people, rows=rows, number=number, second=second
            )
            self.alive[rows[leaves]] = False
            stays = ~leaves
            rows, now, gap = self._next(rows[stays], number, now[stays], second[stays], back[stays])
            number += 1
        self.reach.close(self.purchases, self.last)
        if self.accounts is not None:
            everybody = np.arange(len(self.people))
            self.accounts.expire(everybody, np.full(len(everybody), self.clock.days - 1))
        return History(
            self.people,
            self.orders,
            self.gaps,
            self.reach,
            self.accounts,
            self.alive,
            self.purchases,
        )

    def _order(
        self, rows: Integers, number: int, now: Floats, gap: Floats
    ) -> tuple[Floats, Integers]:
        second = self.clock.seconds(now)
        points = np.zeros(len(rows), dtype=np.int64)
        if self.accounts is not None:
            points = self.accounts.open(rows, number, second)
        lines, cents = fill_baskets(
            self.parameters, self.store, self.people, rows, number, second, gap
        )
        off, whose = self.reach.coupons(rows, now, lines.paid[lines.number == 0])
        cents = cents - off
        self.orders.append(Orders(rows, number, second, cents, off, whose, points, lines))
        if self.accounts is None:
            return np.zeros(len(rows)), second
        return self.accounts.earn(rows, second, cents, points > 0), second

    def _next(
        self, rows: Integers, number: int, now: Floats, second: Integers, back: Floats
    ) -> tuple[Integers, Floats, Floats]:
        rate = self.rhythm.rate[rows]
        if self.rhythm.trend.any():
            rate = rate * random.exp(self.rhythm.trend[rows] * (now / YEAR))
        need = self.family.gap(self.people.source, rows, number) / rate
        pressure = None
        if self.accounts is not None:
            pressure = self.accounts.pressure(rows, second)
            need = need / pressure.other
            pressed = need / pressure.pressing
            shifted = self.accounts.programme.responses.shifted
            self.accounts.debt[rows] += shifted * (need - pressed)
            need = pressed
        after = self.reach.advance(rows, number, now, need + back)
        departure = self.people.entry[rows] + self.rhythm.lifetime[rows]
        ends = np.minimum(np.minimum(after, departure), self.clock.end)
        closed = after <= ends
        closed &= after < self.clock.end
        self.alive[rows[departure < np.minimum(after, self.clock.end)]] = False
        self.gaps.append(Gaps(rows, number, now, ends, closed, back, rate, pressure))
        return rows[closed], after[closed], ((after - now) * rate)[closed]
