"""The weekly loop in NumPy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from weekly import numbers as of
from weekly.accounts import Accounts
from weekly.covariates import covariates
from weekly.numbers import Floats, Integers, Numbers
from weekly.people import TERMS, People, strengths
from weekly.rules import MONEY, Rules, day_of, rules_of

YEAR = 52.1786
PRESSING = [TERMS.index("points"), TERMS.index("tier")]
FULL = 20_000


@dataclass(frozen=True)
class Setting:
    """What a simulation is given beside people and programme."""

    start: dt.date
    periods: int
    seed: int = 1
    margin: float = 0.5
    discount: float = 0.10
    fixed: float = 0.0
    begins: str = "fresh"
    season: Floats = field(default_factory=lambda: np.ones(1))
    keep_orders: bool = False
    keep_past: bool = False
    change: tuple[int, Any] | None = None
    """Week from which another programme holds, with the same lots, levels and blocks."""


@dataclass
class Outcome:
    """Discounted money by customer, accounts at the end, and orders where they are kept."""

    margin: Floats
    reward: Floats
    displaced: Floats
    benefit: Floats
    liability: Floats
    fixed: float
    accounts: Accounts
    alive: Any
    member: Any
    orders: dict[str, Integers]
    covered: Floats
    weekly: dict[str, Floats]

    @property
    def gain(self) -> Floats:
        """Return gain by customer, fixed cost aside."""
        return self.margin - self.reward - self.displaced - self.benefit - self.liability


def simulate(
    people: People, programme: Any, responses: dict[str, Any], setting: Setting
) -> Outcome:
    """Simulate customers week by week; see docs/simulator.md."""
    first = day_of(setting.start)
    weeks = setting.periods + int(responses["H"])
    earliest = first
    if people.past_day is not None and len(people.past_day):
        earliest = min(first, int(people.past_day.min()))
    rules = rules_of(programme, earliest, first + 7 * weeks + 7)
    shares = np.full(len(rules.thresholds), 0.1)
    if (rules.each.any() or rules.weekly.any()) and responses["beta_B"] + responses["d_V"] > 0:
        shares = _shares(people, rules, responses, setting)
    return _Run(people, rules, responses, setting, shares).go()


def _shares(people: People, rules: Rules, responses: dict[str, Any], setting: Setting) -> Floats:
    """Return the share of members by level after the last day, with all responses off."""
    still = dict.fromkeys(
        ("beta_V", "theta_P", "theta_T", "theta_R", "theta_L", "beta_B", "theta_1", "sd", "psi",
         "c", "d_1", "d_V", "d_L", "zeta"), 0.0
    )  # fmt: skip
    run = _Run(people, rules, {**responses, **still}, setting, np.full(len(rules.thresholds), 0.1))
    held = run.go().accounts
    counts = np.bincount(held.level[held.began], minlength=len(rules.thresholds))
    return np.asarray(counts / max(int(held.began.sum()), 1))


class _Run:
    """One simulation."""

    def __init__(
        self, people: People, rules: Rules, responses: dict[str, Any], setting: Setting,
        shares: Floats,
    ) -> None:  # fmt: skip
        self.people, self.rules, self.responses, self.setting = people, rules, responses, setting
        self.shares = shares
        self.u = Numbers(setting.seed, people.keys)
        n = len(people)
        self.base = {"rate": people.rate, "amount": people.mean_amount}
        self.z = people.z
        self.theta = strengths(people, self.u, responses)
        self.H = int(responses["H"])
        self.lifts = np.zeros((self.H, n))
        self.carried = np.zeros(n)
        self.alive = self.u(0, of.ALIVE) < people.alive
        self.member = people.member.copy()
        self.accounts = Accounts(n, rules)
        self.money = {name: np.zeros(n) for name in ("margin", "reward", "displaced", "benefit")}
        self.kept: list[tuple[Any, ...]] = []
        self.seen = np.zeros((6, n))
        self.weekly: dict[str, list[float]] = {"sales": [], "redeemed": [], "orders": []}
        past = np.zeros((n, 6)) if people.past is None else people.past
        weight = np.ones(6)
        weight[PRESSING] = 1 - responses["psi"]
        self.usual = weight[:, None] * past.T

    def go(self) -> Outcome:
        """Simulate all weeks."""
        first = day_of(self.setting.start)
        if self.setting.begins == "as_if":
            self._replay_past()
            self.accounts.bring(first)
        opening = self.accounts.points.copy()
        self.before = (self.accounts.redeemed.sum(), self.accounts.expired.sum())
        weeks = self.setting.periods + self.H
        for t in range(weeks):
            self._week(t, first + 7 * t, t >= self.setting.periods)
        self.accounts.bring(first + 7 * weeks - 1)
        return self._outcome(opening, weeks)

    def _outcome(self, opening: Integers, weeks: int) -> Outcome:
        change = self._owed(self.accounts.points - opening) * self._discount(weeks - 1)
        columns = ("row", "week", "number", "day", "second", "amount", "reward")
        parts = list(zip(*self.kept, strict=True)) if self.kept else [[] for _ in columns]
        orders = {
            name: np.concatenate(part) if len(part) else np.zeros(0, dtype=np.int64)
            for name, part in zip(columns, parts, strict=True)
        }
        return Outcome(
            **self.money, liability=change, fixed=self.setting.fixed, accounts=self.accounts,
            alive=self.alive, member=self.member, orders=orders,
            covered=self.seen.T / weeks,
            weekly={name: np.array(values) for name, values in self.weekly.items()},
        )  # fmt: skip

    def _discount(self, t: int) -> float:
        return float((1 + self.setting.discount) ** (-t / YEAR))

    def _week(self, t: int, day: int, washout: bool) -> None:
        people, responses, accounts = self.people, self.responses, self.accounts
        accounts.bring(day)
        if self.setting.change is not None and self.setting.change[0] == t:
            self._change(self.setting.change[1])
        x = covariates(accounts, day, self.base, responses, washout=washout, shares=self.shares)
        if self.setting.keep_past:
            self.seen += x
        terms = self.theta * (x - self.usual)
        log_m = np.clip(terms.sum(axis=0), -1.5, 1.5) * accounts.began
        terms[PRESSING] += self.theta[PRESSING] * -x[PRESSING]
        log_m0 = np.clip(terms.sum(axis=0), -1.5, 1.5) * accounts.began
        self._leave(t, x)
        m, m0 = np.exp(log_m), np.exp(log_m0)
        season = float(self.setting.season[t % len(self.setting.season)])
        lift = np.zeros(len(m)) if washout else season * np.maximum(m - m0, 0)
        owed = responses["psi"] * self.lifts.sum(axis=0) / self.H + self.carried
        paid = np.minimum(owed, np.maximum(season * m - 0.05 * season, 0))
        self.carried = owed - paid
        self.lifts[t % self.H] = lift
        n = poisson(people.rate * (season * m - paid), self.u(t, of.ORDERS)) * self.alive
        living = self.alive & accounts.began
        weekly = self.rules.weekly_cost[accounts.level] * living
        self.money["benefit"] += self._discount(t) * weekly
        m_basket = m0 + (1 - responses["psi"]) * (m - m0)
        factor = np.exp(responses["c"] * np.maximum(np.log(m_basket), 0))
        self._orders(t, day, n, factor)

    def _change(self, programme: Any) -> None:
        first = self.rules.first
        self.rules = rules_of(programme, first, first + len(self.rules.block) - 1)
        self.accounts.under(self.rules)

    def _leave(self, t: int, x: Floats) -> None:
        p, r = self.people.dropout, self.responses
        with np.errstate(divide="ignore"):
            logit = np.log(p) - np.log1p(-p)
        logit = logit + r["d_1"] * self.z - r["d_V"] * x[5] - r["d_L"] * x[4]
        self.alive &= ~((p > 0) & (self.u(t, of.DROPOUT) < 1 / (1 + np.exp(-logit))))

    def _orders(self, t: int, day: int, n: Integers, factor: Floats) -> None:
        people = self.people
        rows = np.repeat(np.arange(len(n)), n)
        ends = np.cumsum(n)
        number = np.arange(len(rows)) - np.repeat(ends - n, n)
        count = np.diff(people.starts)[rows]
        pick = np.floor(self.u(t, of.TEMPLATE, number, rows) * count).astype(np.int64)
        template = people.starts[rows] + pick
        offset = (people.day[template] - (day + 3) % 7) % 7  # day 0 of 1970 was a Thursday
        second = people.second[template]
        amount = scaled(people.amount[template], factor[rows])
        order = np.lexsort((number, second, offset, rows))
        rows, number, offset, second, amount = (
            part[order] for part in (rows, number, offset, second, amount)
        )
        place = np.arange(len(rows)) - np.repeat(ends - n, n)
        disc = self._discount(t)
        self.money["margin"] += np.bincount(
            rows, disc * self.setting.margin * amount / MONEY, minlength=len(n)
        )
        reward = np.full(len(rows), -1)
        for k in range(int(place.max(initial=-1)) + 1):
            now = np.flatnonzero(place == k)
            reward[now] = self._one(t, rows[now], day + offset[now], amount[now], number[now])
        self._pay(disc, rows, reward)
        self.weekly["sales"].append(float(amount.sum() / MONEY))
        self.weekly["redeemed"].append(float((reward >= 0).sum()))
        self.weekly["orders"].append(float(len(rows)))
        if self.setting.keep_orders:
            week = np.full(len(rows), t)
            self.kept.append((rows, week, number, day + offset, second, amount, reward))

    def _one(
        self, t: int, rows: Integers, day: Integers, amount: Integers, number: Integers
    ) -> Integers:
        """Take in at most one order a customer; return the rewards taken."""
        r, accounts = self.responses, self.accounts
        accounts.bring_rows(rows, day)
        outside = np.flatnonzero(~self.member[rows])
        if len(outside):
            chance = 1 / (1 + np.exp(-(r["j_0"] + r["j_1"] * self.z[rows[outside]])))
            joins = self.u(t, of.JOIN, number[outside], rows[outside]) < chance
            self.member[rows[outside[joins]]] = True
        fresh = self.member[rows] & ~accounts.began[rows]
        if fresh.any():
            accounts.begin(rows[fresh], day[fresh])
        inside = np.flatnonzero(self.member[rows])
        who, when = rows[inside], day[inside]
        if self.rules.each_cost.any():
            each = self._discount(t) * self.rules.each_cost[accounts.level[who]]
            self.money["benefit"][who] += each

        def wants(able: Integers) -> Any:
            uniform = self.u(t, of.REDEEM, number[inside[able]], who[able])
            return uniform < self._chance(who[able], when[able])

        found = np.full(len(rows), -1)
        found[inside] = accounts.take(who, when, amount[inside], wants)
        return found

    def _chance(self, who: Integers, when: Integers) -> Floats:
        r = self.responses
        ratio = np.minimum(self.accounts.points[who] / self.rules.prices.min() - 1, 5)
        soon = self.accounts.soonest(who) <= when + 28
        return np.asarray(1 / (1 + np.exp(-(r["q_0"] + r["q_1"] * ratio + r["q_2"] * soon))))

    def _unit(self) -> tuple[Floats, Floats]:
        """Return what one of each reward costs, and the margin it displaces at zeta 1."""
        rate, values, costs = self.setting.margin, self.rules.faces, self.rules.costs
        unit = np.where(np.isnan(costs), values * (1 - rate), costs)
        implied = unit / (1 - rate) if rate < 1 else np.zeros(len(unit))
        worth = np.where(np.isnan(values), implied, values)
        return np.nan_to_num(unit), np.nan_to_num(worth * rate)

    def _pay(self, disc: float, rows: Integers, reward: Integers) -> None:
        got = reward >= 0
        if not got.any():
            return
        unit, lost = self._unit()
        size = len(self.z)
        self.money["reward"] += np.bincount(rows[got], disc * unit[reward[got]], minlength=size)
        lost = disc * self.responses["zeta"] * lost
        self.money["displaced"] += np.bincount(rows[got], lost[reward[got]], minlength=size)

    def _owed(self, points: Integers) -> Floats:
        if not len(self.rules.prices):
            return np.zeros(len(points))
        worth, unit = self.rules.worth, self._unit()[0]
        best = worth >= worth.max() * (1 - 1e-12)
        each = float((unit / self.rules.prices)[best].min())
        redeemed = self.accounts.redeemed.sum() - self.before[0]
        gone = redeemed + self.accounts.expired.sum() - self.before[1]
        return np.asarray(points * each * (redeemed / gone if gone else 1.0))

    def _replay_past(self) -> None:
        """Replay past orders of members under the programme, one of each customer at a time."""
        people = self.people
        count = np.diff(people.past_starts) * people.member
        for k in range(int(count.max(initial=0))):
            rows = np.flatnonzero(count > k)
            at = people.past_starts[rows] + k
            day, amount = people.past_day[at], people.past_amount[at]
            self.accounts.bring_rows(rows, day)
            fresh = ~self.accounts.began[rows]
            if fresh.any():
                self.accounts.begin(rows[fresh], day[fresh])

            def wants(
                able: Integers, rows: Integers = rows, day: Integers = day, k: int = k
            ) -> Any:
                uniform = self.u(0, of.PAST_REDEEM, k, rows[able])
                return uniform < self._chance(rows[able], day[able])

            self.accounts.take(rows, day, amount, wants)


def poisson(mean: Floats, uniform: Floats) -> Integers:
    """Return the smallest n whose distribution function is at least ``uniform``, at most 100."""
    p = np.exp(-mean)
    total = p.copy()
    n = np.zeros(len(mean), dtype=np.int64)
    rows = np.flatnonzero(uniform > total)
    p, total, mean, uniform = p[rows], total[rows], mean[rows], uniform[rows]
    for k in range(1, 101):
        if not len(rows):
            break
        n[rows] = k
        p = p * mean / k
        total = total + p
        left = uniform > total
        rows, p, total, mean, uniform = rows[left], p[left], total[left], mean[left], uniform[left]
    return n


def scaled(amount: Integers, factor: Floats) -> Integers:
    """Return amounts times a factor, to hundredths of a currency unit, halves up."""
    changed = np.floor(amount / MONEY * factor * 100 + 0.5).astype(np.int64) * (MONEY // 100)
    return np.where(factor == 1, amount, changed)
