"""The second family: customers who live by days, with other gaps and other responses.

Nothing of the model is true here but the programme: gaps are gamma and not exponential, a clock of
one's own runs faster near a goal by a step and not by a power, whoever was hurried gives part of it
back after the reward, and lifetimes go with rates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import gamma

from weekly import numbers as of
from weekly.loop import MONEY, Outcome, Setting, _Run
from weekly.numbers import Floats, Integers
from weekly.people import OFF, People
from weekly.rules import NEVER, day_of, rules_of

GAP = 12
"""Purpose of the hashed numbers of gaps."""


class Renewal(_Run):
    """Day by day; ``own`` are the responses of this family, redemption as in the model."""

    def __init__(
        self, people: People, programme: Any, own: dict[str, float], setting: Setting
    ) -> None:
        first = day_of(setting.start)
        earliest = first
        if people.past_day is not None and len(people.past_day):
            earliest = min(first, int(people.past_day.min()))
        rules = rules_of(programme, earliest, first + 7 * setting.periods + 7)
        responses = {**OFF, "H": 1, "j_0": -50.0, "zeta": own["zeta"], "q_0": own["q_0"]}
        super().__init__(people, rules, responses, setting, np.full(1, 0.1))
        self.own = own
        z = self.z
        strength = np.clip(1 + own["slope"] * z, 0.0, 2.0)
        self.press = own["points"] * strength
        self.climb = own["tier"] * strength
        self.pace = people.rate / 7
        self.clock = np.zeros(len(people))
        self.debt = np.zeros(len(people))
        self.count = np.zeros(len(people), dtype=np.int64)
        self.table = gamma.ppf((np.arange(4096) + 0.5) / 4096, own["shape"]) / own["shape"]
        everybody = np.arange(len(people))
        self.next = self._gaps(everybody) * self.u(1, GAP, 0, everybody)

    def go(self) -> Outcome:
        """Live through the days; weeks only count."""
        first = day_of(self.setting.start)
        if self.setting.begins == "as_if":
            self._replay_past()
            self.accounts.bring(first)
        self.weekly = {name: [0.0] * self.setting.periods for name in self.weekly}
        opening = self.accounts.points.copy()
        self.before = (self.accounts.redeemed.sum(), self.accounts.expired.sum())
        for day in range(first, first + 7 * self.setting.periods):
            self._day(day, (day - first) // 7, (day - first) % 7 == 0)
        self.accounts.bring(first + 7 * self.setting.periods - 1)
        return self._outcome(opening, self.setting.periods)

    def _gaps(self, rows: Integers) -> Floats:
        """Return the next gap of each row, in mean gaps: the same under every design."""
        uniform = self.u(0, GAP, self.count[rows], rows)
        return np.asarray(self.table[(uniform * len(self.table)).astype(np.int64)])

    def _day(self, day: int, t: int, new_week: bool) -> None:
        accounts = self.accounts
        accounts.bring(day)
        if new_week:
            if self.setting.change is not None and self.setting.change[0] == t:
                self._change(self.setting.change[1])
            self.alive &= self.u(t, of.DROPOUT) >= self.people.dropout
        hurry = np.exp(self.press * self._near_reward() + self.climb * self._near_level())
        recent = day - accounts.rewarded <= self.own["reward_days"]
        glad = np.exp(self.own["reward"] * recent)
        season = float(self.setting.season[t % len(self.setting.season)])
        back = np.minimum(self.debt, 0.5) * (self.debt > 0)
        gone = np.maximum(hurry * glad - back, 0.1)
        self.debt += np.where(recent, -back, 0) + self.own["shift"] * self.pace * (hurry - 1)
        self.debt = np.maximum(self.debt, 0)
        self.clock += self.pace * season * np.where(recent, gone, hurry * glad) * self.alive
        rows = np.flatnonzero(self.clock >= self.next)
        if len(rows):
            self._buy(rows, day, t)

    def _count(self, t: int, amount: Integers) -> None:
        for name, more in (("orders", len(amount)), ("sales", amount.sum() / MONEY)):
            self.weekly[name][t] += float(more)

    def _near_reward(self) -> Any:
        accounts = self.accounts
        price = np.full(len(accounts.points), NEVER)
        for one in accounts.rules.prices:
            price = np.where((one > accounts.points) & (one < price), one, price)
        return (accounts.points >= (1 - self.own["near"]) * price) & accounts.began

    def _near_level(self) -> Any:
        accounts = self.accounts
        lacks = accounts.limits[None, 1:] - accounts.metric[:, None]
        close = (lacks > 0) & (lacks <= self.own["near"] * accounts.limits[None, 1:])
        return close.any(axis=1) & accounts.began

    def _buy(self, rows: Integers, day: int, t: int) -> None:
        people = self.people
        self.clock[rows] -= self.next[rows]
        self.count[rows] += 1
        self.next[rows] = self._gaps(rows)
        count = np.diff(people.starts)[rows]
        pick = self.u(0, of.TEMPLATE, self.count[rows], rows) * count
        template = people.starts[rows] + pick.astype(np.int64)
        amount, second = people.amount[template], people.second[template]
        disc = self._discount(t)
        self._count(t, amount)
        self.money["margin"][rows] += disc * self.setting.margin * amount / MONEY
        days = np.full(len(rows), day)
        number = np.full(len(rows), day % 7)  # at most one order a day
        reward = self._one(t, rows, days, amount, number)
        self.weekly["redeemed"][t] += float((reward >= 0).sum())
        self._pay(disc, rows, reward)
        if self.setting.keep_orders:
            week = np.full(len(rows), t)
            self.kept.append((rows, week, number, days, second, amount, reward))
