"""The slow, obvious ledger of docs/ledger.md: day by day, entry by entry, with fractions and lots.

Written from that page alone. It shares nothing with loyalty_research.programmes but the schema.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from loyalty_research.programmes.schema import Earn, Programme, Reward

DAY = dt.timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TEN_THOUSANDTHS = 10**4
OBSERVED = "observed"
Row = dict[str, Any]


# Days


def add_months(day: dt.date, months: int) -> dt.date:
    """Keep the day of the month, or take the last one where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def end_of(day: dt.date, months: int) -> dt.date:
    """Return the last day of the month (1), quarter (3) or year (12) that holds a day."""
    first = (day.month - 1) // months * months + 1
    return month_end(day.replace(day=1, month=first + months - 1))


def spell_of(day: dt.date, spell: str, week_start: int) -> object:
    """Return what is the same for all days of one day, week, month, quarter, year, or ever."""
    return {
        "day": day,
        "week": day - (day.weekday() - week_start) % 7 * DAY,
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
        "ever": "ever",
    }[spell]


def begins(day: dt.date, spell: str) -> bool:
    months = {"month": 1, "quarter": 3, "year": 12}[spell]
    return day.day == 1 and (day.month - 1) % months == 0


def month_of(day: dt.date) -> str:
    return f"{day:%Y-%m}"


# What goes in


@dataclass
class Line:
    amount: Fraction
    items: Fraction
    product: Any = None
    category: Any = None


@dataclass
class Entry:
    """An order, a return (an order below zero), or an event."""

    at: dt.datetime
    order: bool
    name: Any
    amount: Fraction
    partner: str | None = None
    channel: Any = None
    store: Any = None
    points_used: Fraction = Fraction(0)
    lines: list[Line] = field(default_factory=list)

    @property
    def day(self) -> dt.date:
        return self.at.date()


def exact(value: Any) -> Fraction:
    return Fraction(0) if value is None else Fraction(str(value))


def entries_of(rows: list[Row], events: list[Row], products: dict[Any, Any]) -> dict[Any, list]:
    """Sum lines to orders and put each customer's entries in order."""
    orders: dict[Any, Entry] = {}
    customer_of: dict[Any, Any] = {}
    for row in rows:
        by_line = "amount" in row
        amount = exact(row["amount" if by_line else "net_sales"])
        count = row.get("quantity" if by_line else "units")
        items = abs(exact(1 if count is None else count)) * (-1 if amount < 0 else 1)
        order = orders.setdefault(
            row["order_id"],
            Entry(
                row["ordered_at"].replace(microsecond=0),
                True,
                row["order_id"],
                Fraction(0),
                row.get("partner"),
                row.get("channel"),
                row.get("store_id"),
            ),
        )
        customer_of[row["order_id"]] = row.get("customer_id")
        product = row.get("product_id")
        order.lines.append(Line(amount, items, product, products.get(product)))
        order.amount += amount
        order.points_used += exact(row.get("points_used"))
    found = defaultdict(list)
    for name, order in orders.items():
        if order.amount != 0:
            found[customer_of[name]].append(order)
    for row in events:
        at = row["at"].replace(microsecond=0)
        amount = exact(row.get("amount"))
        event = Entry(at, False, row["kind"], amount, row.get("partner"))
        found[row.get("customer_id")].append(event)
    for own in found.values():
        own.sort(
            key=lambda e: (
                (e.at, 1, e.name, "", 0)
                if e.order
                else (e.at, 0, e.name, e.partner or "", e.amount)
            )
        )
    return found


# One member


@dataclass
class Lot:
    earned: dt.date
    last: dt.date | None
    usable_from: dt.date
    points: int


@dataclass
class Member:
    """All that the ledger knows of one customer."""

    customer: Any
    joined_on: dt.date
    birthday_month: int | None
    lots: dict[str, list[Lot]]
    debt: dict[str, int]
    active_on: dt.date
    level: int = 0
    floor: int = 0
    top: int = 0
    since: dt.date | None = None
    until: dt.date | None = None
    metric: list[tuple[dt.date, Fraction]] = field(default_factory=list)
    visited: dict[str, dt.date] = field(default_factory=dict)
    counted_visit: dt.date | None = None
    capped: dict[tuple[str, object], Fraction] = field(default_factory=dict)
    limited: Counter = field(default_factory=Counter)
    streaks: dict[str, tuple[dt.date, int]] = field(default_factory=dict)
    postings: list[Row] = field(default_factory=list)
    orders: int = 0
    net_sales: Fraction = Fraction(0)
    redemptions: int = 0
    value: Fraction = Fraction(0)
    cost: Fraction | None = Fraction(0)
    first_reward_on: dt.date | None = None
    first_reward_orders: int | None = None
    first_redeemed_on: dt.date | None = None


@dataclass
class Replay:
    """What comes out, as plain rows."""

    postings: list[Row]
    balances: list[Row]
    tiers: list[Row]
    customers: list[Row]
    months: list[Row]
    members: list[Row]
    moves: list[Row]
    activity: list[Row]
    rewards: list[Row]
    earned: list[Row]
    reminders: list[Row]
    notes: dict[str, int]


def replay(
    rows: list[Row],
    programme: Programme,
    *,
    period: tuple[dt.date, dt.date],
    events: list[Row] | None = None,
    joined: dict[Any, dt.date | None] | None = None,
    customers: dict[Any, int | None] | None = None,
    redemption: str = "none",
    paid: str | None = None,
    terms: dict[str, list[str]] | None = None,
    products: dict[Any, Any] | None = None,
    week_start: int = 0,
) -> Replay:
    """Replay one programme over the purchases of all customers, one after another.

    ``joined``: day by customer; ``customers``: month of birth by customer known; ``products``:
    category by product.
    """
    found = entries_of(rows, events or [], products or {})
    whose = set(found) - {None} if joined is None else set(joined)
    if customers is not None:
        whose &= set(customers)
    ledger = Reference(programme, period, redemption, paid, terms or {}, week_start)
    for customer in sorted(whose):
        ledger.run(
            customer,
            [e for e in found.get(customer, []) if period[0] <= e.day <= period[1]],
            joins=(joined or {}).get(customer),
            by_entry=joined is None,
            birthday_month=(customers or {}).get(customer),
        )
    return ledger.result()


class Reference:
    """The ledger of all members; ``run`` plays one customer's days."""

    def __init__(
        self,
        programme: Programme,
        period: tuple[dt.date, dt.date],
        redemption: str,
        paid: str | None,
        terms: dict[str, list[str]],
        week_start: int,
    ) -> None:
        self.programme = programme
        self.period = period
        self.redemption = redemption
        self.terms = terms
        self.week_start = week_start
        self.tiers = programme.tiers
        self.levels = programme.tiers.levels if programme.tiers else ()
        self.paid = next((i for i, level in enumerate(self.levels) if level.id == paid), 0)
        self.unit = {name: 10**wallet.decimals for name, wallet in programme.wallets.items()}
        self.done: list[Member] = []
        self.short = 0
        self.closing: Counter = Counter()
        self.at_month_end: Counter = Counter()
        self.moved: Counter = Counter()
        self.activity: defaultdict = defaultdict(
            lambda: {"orders": 0, "net_sales": Fraction(0), "joined": 0, "birthdays": 0}
        )
        self.taken: defaultdict = defaultdict(
            lambda: {"redemptions": 0, "points": 0, "value": Fraction(0), "cost": Fraction(0)}
        )
        self.reminded: Counter = Counter()

    # One customer

    def run(
        self,
        customer: Any,
        entries: list[Entry],
        *,
        joins: dt.date | None,
        by_entry: bool,
        birthday_month: int | None,
    ) -> None:
        start, end = self.period
        of_day = defaultdict(list)
        for entry in entries:
            of_day[entry.day].append(entry)
        member = None
        joins = max(joins, start) if joins else None
        day = start
        while day <= end:
            midnight = dt.datetime.combine(day, dt.time())
            if day == joins:
                member = self.join(customer, midnight, birthday_month)
            if member:
                self.start_of_day(member, midnight)
                self.note_reach(member, day)
            for entry in of_day[day]:
                if member is None and by_entry and (not entry.order or entry.amount > 0):
                    member = self.join(customer, entry.at, birthday_month)
                    self.note_reach(member, day)
                if member:
                    self.take_entry(member, entry)
                    self.note_reach(member, day)
            if member:
                self.end_of_day(member, day)
            day += DAY
        if member:
            self.done.append(member)

    def join(self, customer: Any, at: dt.datetime, birthday_month: int | None) -> Member:
        day = at.date()
        wallets = self.programme.wallets
        lots = {name: [] for name in wallets}
        member = Member(customer, day, birthday_month, lots, dict.fromkeys(wallets, 0), day)
        member.level = member.floor = member.top = self.paid
        member.since = day
        self.moved[month_of(day), "", self.level_id(member)] += 1
        self.activity[month_of(day), self.level_id(member)]["joined"] += 1
        for rule in self.programme.earn:
            if rule.on == "join":
                self.earn(member, at, rule, Fraction(1))
        self.rise(member, day)
        return member

    def start_of_day(self, member: Member, at: dt.datetime) -> None:
        day = at.date()
        if self.tiers:
            self.decide_level(member, day)
            self.end_of_block(member, day)
        self.expire(member, at)
        if day.month == member.birthday_month and day.day == 1:
            self.activity[month_of(day), self.level_id(member)]["birthdays"] += 1
            for rule in self.programme.earn:
                if rule.on == "birthday":
                    self.earn(member, at, rule, Fraction(1))
            self.rise(member, day)
        self.convert(member, at, lambda when: when != "once" and begins(day, when))

    def take_entry(self, member: Member, entry: Entry) -> None:
        if not entry.order:
            self.take_event(member, entry)
        elif entry.amount > 0:
            self.take_order(member, entry)
        else:
            self.take_return(member, entry)

    def take_order(self, member: Member, order: Entry) -> None:
        day = order.day
        member.active_on = day
        member.orders += 1
        member.net_sales += order.amount
        spent = self.activity[month_of(day), self.level_id(member)]
        spent["orders"] += 1
        spent["net_sales"] += order.amount
        self.redeem(member, order)
        for rule in self.programme.earn:
            if rule.on == "order":
                basis = self.basis(member, rule, order)
                if basis:
                    self.earn(member, order.at, rule, basis)
        if order.partner is None:
            self.add_metric(member, day, "spend", order.amount)
            self.add_metric(member, day, "orders", Fraction(1))
            if member.counted_visit != day:
                self.add_metric(member, day, "visits", Fraction(1))
                member.counted_visit = day
        self.rise(member, day)
        self.convert(member, order.at, lambda when: when == "once")

    def take_event(self, member: Member, event: Entry) -> None:
        for rule in self.programme.earn:
            if rule.on == "event" and rule.event == event.name:
                basis = self.event_basis(member, rule, event)
                if basis:
                    self.earn(member, event.at, rule, basis)
        self.rise(member, event.day)
        granted = [i for i, level in enumerate(self.levels) if event.name in level.granted_by]
        if granted and max(granted) > member.level:
            self.give_level(member, event.day, max(granted))
        self.convert(member, event.at, lambda when: when == "once")

    def take_return(self, member: Member, order: Entry) -> None:
        day = order.day
        member.net_sales += order.amount
        self.activity[month_of(day), self.level_id(member)]["net_sales"] += order.amount
        for rule in self.programme.earn:
            if rule.on == "order" and rule.per != "visit":
                basis = self.basis(member, rule, order, taken_back=True)
                if basis:
                    self.take_back(member, order.at, rule, basis)
        if order.partner is None:
            self.add_metric(member, day, "spend", order.amount)
            self.add_metric(member, day, "orders", Fraction(-1))

    def note_reach(self, member: Member, day: dt.date) -> None:
        """Note the first moment at which some reward could be paid."""
        if member.first_reward_on is None and any(
            self.usable(member, reward.wallet, day) >= reward.points * self.unit[reward.wallet]
            for reward in self.programme.rewards
        ):
            member.first_reward_on = day
            member.first_reward_orders = member.orders

    def end_of_day(self, member: Member, day: dt.date) -> None:
        if day == month_end(day) or day == self.period[1]:
            self.end_of_month(member, day)

    def end_of_month(self, member: Member, day: dt.date) -> None:
        month = month_of(day)
        self.at_month_end[month, self.level_id(member)] += 1
        for wallet in self.programme.wallets:
            self.closing[month, wallet] += self.balance(member, wallet)
        soon = month_end(month_end(day) + DAY)
        lasts = [
            last
            for wallet, lots in member.lots.items()
            for lot in lots
            if (last := self.last_day_of(member, wallet, lot)) is not None
            and not self.spared(member, wallet)
        ]
        self.reminded[month, "points_expiring"] += any(last <= soon for last in lasts)
        if member.until is not None:
            self.reminded[month, "level_ending"] += day < member.until <= soon

    # Where a rule applies

    def names(self, given: tuple[str, ...]) -> set[str]:
        return {own for name in given for own in self.terms.get(name, [name])}

    def holds(self, member: Member, where: Any, entry: Entry) -> bool:
        """All conditions but those on products."""
        clock = f"{entry.at:%H:%M}"
        return (
            (not where.channels or entry.channel in self.names(where.channels))
            and not (where.not_channels and entry.channel in self.names(where.not_channels))
            and (not where.stores or entry.store in self.names(where.stores))
            and (not where.weekdays or WEEKDAYS[entry.day.weekday()] in where.weekdays)
            and (not where.days_of_month or entry.day.day in where.days_of_month)
            and (not where.dates or any(spell.holds(entry.day) for spell in where.dates))
            and (where.hours is None or where.hours[0] <= clock < where.hours[1])
            and (not where.tiers or self.level_id(member) in where.tiers)
            and (not where.birthday_month or entry.day.month == member.birthday_month)
        )

    def fitting(self, where: Any, order: Entry) -> list[Line]:
        return [
            line
            for line in order.lines
            if (not where.categories or line.category in self.names(where.categories))
            and (not where.products or line.product in self.names(where.products))
            and not (where.not_categories and line.category in self.names(where.not_categories))
        ]

    # Earning

    def basis(
        self, member: Member, rule: Earn, order: Entry, *, taken_back: bool = False
    ) -> Fraction | None:
        sign = -1 if taken_back else 1
        if rule.partner != order.partner or not self.holds(member, rule.where, order):
            return None
        lines = self.fitting(rule.where, order)
        amount = sign * sum((line.amount for line in lines), Fraction(0))
        if not taken_back and amount < Fraction(rule.minimum):
            return None
        some = any(sign * line.amount > 0 for line in lines)
        if rule.per in ("order", "visit") and rule.where.needs_lines and not some:
            return None
        if rule.per == "visit":
            if member.visited.get(rule.id) == order.day:
                return None
            member.visited[rule.id] = order.day
        items = Fraction(floor(sign * sum((line.items for line in lines), Fraction(0))))
        basis = amount if rule.per == "amount" else items if rule.per == "item" else Fraction(1)
        return basis if basis > 0 else None

    def event_basis(self, member: Member, rule: Earn, event: Entry) -> Fraction | None:
        if rule.partner != event.partner or not self.holds(member, rule.where, event):
            return None
        if rule.where.channels or rule.where.stores or event.amount < Fraction(rule.minimum):
            return None
        if rule.streak and not self.completes(member, rule, event.day):
            return None
        basis = event.amount if rule.per == "amount" else Fraction(1)
        return basis if basis > 0 else None

    def completes(self, member: Member, rule: Earn, day: dt.date) -> bool:
        """Count a day of a streak; tell whether it completes one."""
        last, count = member.streaks.get(rule.id, (None, 0))
        if last == day:
            return False
        count = count + 1 if last == day - DAY else 1
        member.streaks[rule.id] = (day, count % rule.streak)
        return count == rule.streak

    def points(self, member: Member, rule: Earn, basis: Fraction) -> Fraction:
        """Points before rounding."""
        times = basis / Fraction(rule.every)
        if rule.whole:
            times = Fraction(floor(times))
        return times * Fraction(rule.by_tier.get(self.level_id(member), rule.points))

    def rounded(self, rule: Earn, wallet: str, points: Fraction) -> int:
        exact_units = points * self.unit[wallet]
        return {
            "down": floor(exact_units),
            "nearest": floor(exact_units + Fraction(1, 2)),
            "up": -floor(-exact_units),
        }[rule.rounding]

    def earn(self, member: Member, at: dt.datetime, rule: Earn, basis: Fraction) -> None:
        points = self.points(member, rule, basis)
        left = None
        if rule.cap_per_order is not None:
            left = Fraction(rule.cap_per_order)
        if rule.cap is not None:
            key = (rule.id, spell_of(at.date(), rule.cap.per, self.week_start))
            rest = Fraction(rule.cap.points) - member.capped.get(key, Fraction(0))
            left = rest if left is None else min(left, rest)
        for number, wallet in enumerate(rule.wallets):
            units = self.rounded(rule, wallet, points)
            if left is not None:
                units = min(units, floor(left * self.unit[wallet]))
            if rule.cap is not None and number == 0:
                used = member.capped.get(key, Fraction(0))
                member.capped[key] = used + Fraction(units, self.unit[wallet])
            if units > 0:
                self.receive(member, at, wallet, units, "earn", rule.id, rule.pending_days)
                self.add_wallet_metric(member, at.date(), wallet, units)

    def receive(
        self,
        member: Member,
        at: dt.datetime,
        wallet: str,
        units: int,
        kind: str,
        rule: str,
        pending_days: int = 0,
    ) -> None:
        """Pay a debt first, and make a lot of the rest."""
        day = at.date()
        pays = min(member.debt[wallet], units)
        member.debt[wallet] -= pays
        if units > pays:
            lot = Lot(day, self.last_day(wallet, day), day + pending_days * DAY, units - pays)
            for old in member.lots[wallet]:
                if (old.last, old.usable_from) == (lot.last, lot.usable_from):
                    old.points += lot.points
                    old.earned = day
                    break
            else:
                member.lots[wallet].append(lot)
        self.post(member, at, wallet, kind, rule, units)

    def take_back(self, member: Member, at: dt.datetime, rule: Earn, basis: Fraction) -> None:
        points = self.points(member, rule, basis)
        for wallet in rule.wallets:
            units = self.rounded(rule, wallet, points)
            how = self.programme.wallets[wallet].returns
            if how == "kept":
                continue
            if how == "pending_only":
                taken = self.draw_pending(member, wallet, at.date(), units)
            else:
                taken = self.draw(member, wallet, at.date(), units)
            if how == "negative_balance":
                member.debt[wallet] += units - taken
                taken = units
            if taken:
                self.post(member, at, wallet, "return", rule.id, -taken)
                self.add_wallet_metric(member, at.date(), wallet, -taken)

    # Lots

    def last_day(self, wallet: str, day: dt.date) -> dt.date | None:
        """Last day of a lot; that of inactivity is the wallet's, not the lot's."""
        expiry = self.programme.wallets[wallet].expiry
        if expiry.rule in ("never", "inactivity"):
            return None
        if expiry.days is not None:
            return day + expiry.days * DAY
        later = add_months(day, expiry.months or 0)
        if expiry.rule == "fixed":
            return later
        months = {"end_of_month": 1, "end_of_quarter": 3, "end_of_year": 12}[expiry.rule]
        return end_of(later, months)

    def last_day_of(self, member: Member, wallet: str, lot: Lot) -> dt.date | None:
        expiry = self.programme.wallets[wallet].expiry
        if expiry.rule != "inactivity":
            return lot.last
        if expiry.days is not None:
            return member.active_on + expiry.days * DAY
        return add_months(member.active_on, expiry.months)

    def spared(self, member: Member, wallet: str) -> bool:
        never_for = self.programme.wallets[wallet].expiry.never_for
        return bool(never_for) and self.level_id(member) in never_for

    def expire(self, member: Member, at: dt.datetime) -> None:
        for wallet in self.programme.wallets:
            if self.spared(member, wallet):
                continue
            gone = 0
            for lot in list(member.lots[wallet]):
                last = self.last_day_of(member, wallet, lot)
                if last is not None and last < at.date():
                    gone += lot.points
                    member.lots[wallet].remove(lot)
            if gone:
                self.post(member, at, wallet, "expire", "", -gone)

    def balance(self, member: Member, wallet: str) -> int:
        return sum(lot.points for lot in member.lots[wallet]) - member.debt[wallet]

    def usable(self, member: Member, wallet: str, day: dt.date) -> int:
        return sum(lot.points for lot in member.lots[wallet] if lot.usable_from <= day)

    def draw(self, member: Member, wallet: str, day: dt.date, units: int) -> int:
        """Take units from lots that can be used, earliest last day first; return how many."""
        lots = [lot for lot in member.lots[wallet] if lot.usable_from <= day]
        lots.sort(key=lambda lot: self.last_day_of(member, wallet, lot) or dt.date.max)
        return self.draw_from(member, wallet, lots, units)

    def draw_pending(self, member: Member, wallet: str, day: dt.date, units: int) -> int:
        lots = [lot for lot in member.lots[wallet] if lot.usable_from > day]
        lots.sort(key=lambda lot: (lot.earned, lot.usable_from), reverse=True)
        return self.draw_from(member, wallet, lots, units)

    def draw_from(self, member: Member, wallet: str, lots: list[Lot], units: int) -> int:
        wanted = units
        for lot in lots:
            taken = min(lot.points, wanted)
            lot.points -= taken
            wanted -= taken
        member.lots[wallet] = [lot for lot in member.lots[wallet] if lot.points]
        return units - wanted

    def post(
        self, member: Member, at: dt.datetime, wallet: str, kind: str, rule: str, points: int
    ) -> None:
        member.postings.append(
            {
                "customer_id": member.customer,
                "at": at,
                "seq": len(member.postings),
                "wallet": wallet,
                "kind": kind,
                "rule": rule,
                "points": points,
                "balance": self.balance(member, wallet),
            }
        )

    # Redemption and conversion

    def redeem(self, member: Member, order: Entry) -> None:
        if self.redemption == "none":
            return
        if self.redemption == OBSERVED:
            self.redeem_observed(member, order)
            return
        rewards = [
            reward
            for reward in self.programme.rewards
            if self.redemption in ("at_once", reward.id) and self.steps(member, reward, order)
        ]
        if not rewards:
            return
        # max keeps the first of equals: file order
        best = max(
            rewards,
            key=lambda r: (self.worth(r, order) / Fraction(r.points), -Fraction(r.points)),
        )
        self.take_reward(member, best, order, self.steps(member, best, order))

    def steps(self, member: Member, reward: Reward, order: Entry) -> int:
        """Return how many of a reward can be taken with an order; 0 where it is not open."""
        day, price = order.day, int(reward.points * self.unit[reward.wallet])
        if not self.holds(member, reward.where, order) or order.amount < Fraction(reward.minimum):
            return 0
        lines = self.fitting(reward.where, order)
        if reward.where.needs_lines and not any(line.amount > 0 for line in lines):
            return 0
        most = self.usable(member, reward.wallet, day) // price
        if reward.kind == "cash":
            share = 1 if reward.most_of_order is None else Fraction(reward.most_of_order)
            most = min(most, floor(share * order.amount / Fraction(reward.value)))
        else:
            most = min(most, 1)
        if reward.limit is not None and reward.limit.per == "order":
            most = min(most, reward.limit.count)
        elif reward.limit is not None:
            spell = spell_of(day, reward.limit.per, self.week_start)
            most = min(most, reward.limit.count - member.limited[reward.id, spell])
        return max(most, 0)

    def worth(self, reward: Reward, order: Entry) -> Fraction:
        """Face value of one: a percentage of the order, or what the reward says."""
        if reward.percent is None:
            return Fraction(reward.value or 0)
        units = Fraction(reward.percent) * order.amount * TEN_THOUSANDTHS
        return Fraction(floor(units + Fraction(1, 2)), TEN_THOUSANDTHS)

    def take_reward(self, member: Member, reward: Reward, order: Entry, steps: int) -> None:
        day = order.day
        units = steps * int(reward.points * self.unit[reward.wallet])
        assert self.draw(member, reward.wallet, day, units) == units
        self.post(member, order.at, reward.wallet, "redeem", reward.id, -units)
        if reward.limit is not None and reward.limit.per != "order":
            spell = spell_of(day, reward.limit.per, self.week_start)
            member.limited[reward.id, spell] += steps
        worth = self.worth(reward, order)
        cost = None if reward.cost is None else Fraction(reward.cost)
        if cost is None and reward.percent is not None:
            cost = worth
        self.note_redemption(
            member,
            day,
            reward.id,
            steps,
            units,
            worth * steps,
            None if cost is None else cost * steps,
        )

    def redeem_observed(self, member: Member, order: Entry) -> None:
        wallet = next(
            (w for w, own in self.programme.wallets.items() if own.kind != "qualifying"), None
        )
        if wallet is None:
            return
        wanted = floor(order.points_used * self.unit[wallet])
        taken = self.draw(member, wallet, order.day, wanted) if wanted > 0 else 0
        self.short += wanted > taken
        if taken:
            self.post(member, order.at, wallet, "redeem", OBSERVED, -taken)
            self.note_redemption(member, order.day, OBSERVED, 1, taken, Fraction(0), None)

    def note_redemption(
        self,
        member: Member,
        day: dt.date,
        reward: str,
        steps: int,
        units: int,
        value: Fraction,
        cost: Fraction | None,
    ) -> None:
        member.redemptions += steps
        member.value += value
        if member.first_redeemed_on is None:
            member.first_redeemed_on = day
        member.cost = None if member.cost is None or cost is None else member.cost + cost
        month = self.taken[month_of(day), reward]
        month["redemptions"] += steps
        month["points"] += units
        month["value"] += value
        known = month["cost"] is not None and cost is not None
        month["cost"] = month["cost"] + cost if known else None

    def convert(self, member: Member, at: dt.datetime, due: Any) -> None:
        for rule in self.programme.conversions:
            if not due(rule.at):
                continue
            take = int(rule.take * self.unit[rule.source_wallet])
            give = int(rule.give * self.unit[rule.target_wallet])
            times = self.usable(member, rule.source_wallet, at.date()) // take
            if times:
                self.draw(member, rule.source_wallet, at.date(), times * take)
                self.post(member, at, rule.source_wallet, "convert_out", rule.id, -times * take)
                self.receive(member, at, rule.target_wallet, times * give, "convert_in", rule.id)

    # Levels

    def level_id(self, member: Member) -> str:
        return self.levels[member.level].id if self.levels else ""

    def add_metric(self, member: Member, day: dt.date, kind: str, amount: Fraction) -> None:
        if self.tiers and self.tiers.metric == kind:
            member.metric.append((day, amount))

    def add_wallet_metric(self, member: Member, day: dt.date, wallet: str, units: int) -> None:
        if self.tiers and self.tiers.metric == "wallet" and self.tiers.wallet == wallet:
            member.metric.append((day, Fraction(units, self.unit[wallet])))

    def metric(self, member: Member, first: dt.date, last: dt.date) -> Fraction:
        return sum((n for day, n in member.metric if first <= day <= last), Fraction(0))

    def block(self, member: Member, day: dt.date) -> tuple[dt.date, dt.date | None]:
        """Return first and last day of the block that holds a day; windows come on top."""
        months = self.tiers.window.months
        kind = self.tiers.window.kind
        if kind == "rolling":
            return add_months(day, -months) + DAY, day
        if kind == "lifetime":
            return member.joined_on, None
        if kind == "calendar":
            number = (day.year * 12 + day.month - 1) // months
            return first_of(number * months), first_of((number + 1) * months) - DAY
        number = 0
        while add_months(member.joined_on, (number + 1) * months) <= day:
            number += 1
        first, following = (add_months(member.joined_on, n * months) for n in (number, number + 1))
        return first, following - DAY

    def before(self, member: Member, day: dt.date) -> tuple[dt.date, dt.date]:
        """Return the days of the block that ended with the day before ``day``."""
        if self.tiers.window.kind == "rolling":
            return add_months(day, -self.tiers.window.months), day - DAY
        return self.block(member, day - DAY)[0], day - DAY

    def last_of_level(self, member: Member, day: dt.date, level: int) -> dt.date | None:
        """Return the last day of a level that runs from ``day``."""
        validity, window = self.tiers.validity, self.tiers.window
        if level <= member.floor or validity.kind in ("forever", "while"):
            return None
        if validity.kind == "months":
            return add_months(day, validity.months)
        if window.kind == "lifetime":
            return None
        if window.kind == "rolling":
            return add_months(day, window.months * (1 + validity.windows))
        last = self.block(member, day)[1]
        for _ in range(validity.windows):
            last = self.block(member, last + DAY)[1]
        return last

    def give_level(self, member: Member, day: dt.date, level: int) -> None:
        if level != member.level:
            self.moved[month_of(day), self.levels[member.level].id, self.levels[level].id] += 1
            if level > member.level:
                self.reminded[month_of(day), "level_reached"] += 1
            member.level = level
            member.since = day
        member.top = max(member.top, level)
        member.until = self.last_of_level(member, day, level)

    def highest(self, metric: Fraction) -> int:
        reached = [
            i
            for i, level in enumerate(self.levels)
            if level.threshold is not None and metric >= Fraction(level.threshold)
        ]
        return max(reached, default=0)

    def rise(self, member: Member, day: dt.date) -> None:
        """After an order, an event, joining or a birthday: levels for life, levels reached."""
        if not self.tiers:
            return
        ever = self.metric(member, member.joined_on, day)
        for number, level in enumerate(self.levels):
            if level.for_life_at is not None and ever >= Fraction(level.for_life_at):
                member.floor = max(member.floor, number)
        reached = member.floor
        if self.tiers.upgrade == "at_once" or self.tiers.validity.kind == "while":
            first = self.block(member, day)[0]
            reached = max(reached, self.highest(self.metric(member, first, day)))
        if reached > member.level:
            self.give_level(member, day, reached)
        elif member.level <= member.floor:
            member.until = None

    def decide_level(self, member: Member, day: dt.date) -> None:
        if self.tiers.validity.kind == "while":
            level = max(self.highest(self.metric(member, *self.block(member, day))), member.floor)
            if level != member.level:
                self.give_level(member, day, level)
            return
        grace = self.tiers.grace_days * DAY
        if member.until is None or member.until + grace >= day:
            return
        if self.tiers.window.kind == "rolling":
            first = self.before(member, day)[0]
        else:
            first = self.block(member, member.until)[0]
        metric = self.metric(member, first, day - DAY)
        self.give_level(member, day, self.kept_or_fallen(member, metric))

    def kept_or_fallen(self, member: Member, metric: Fraction) -> int:
        def met(number: int) -> bool:
            level = self.levels[number]
            needed = level.threshold if level.requalify is None else level.requalify
            return needed is not None and metric >= Fraction(needed)

        if met(member.level):
            return member.level
        below = [
            number
            for number in range(1, member.level)
            if self.levels[number].threshold is not None and self.levels[number].fee is None
        ]
        fallen = max((number for number in below if met(number)), default=0)
        if self.tiers.soft_landing:
            fallen = max([fallen, *below])
        return max(fallen, member.floor)

    def end_of_block(self, member: Member, day: dt.date) -> None:
        if self.tiers.upgrade != "period_end" or day == member.joined_on:
            return
        if self.tiers.window.kind in ("rolling", "lifetime"):
            due = day.day == 1
        else:
            due = self.block(member, day)[0] == day
        if due:
            level = self.highest(self.metric(member, *self.before(member, day)))
            if level > member.level:
                self.give_level(member, day, level)

    # What comes out

    def result(self) -> Replay:
        members = sorted(self.done, key=lambda member: member.customer)
        postings = [posting for member in members for posting in member.postings]
        return Replay(
            postings=postings,
            balances=[
                self.account(member, wallet)
                for member in members
                for wallet in self.programme.wallets
            ],
            tiers=[
                {
                    "customer_id": member.customer,
                    "tier": self.level_id(member),
                    "since": member.since,
                    "until": member.until,
                }
                for member in members
                if self.levels
            ],
            customers=[self.customer(member) for member in members],
            months=self.months(postings),
            members=counted(self.at_month_end, ("month", "tier"), "members"),
            moves=counted(self.moved, ("month", "from_tier", "to_tier"), "members"),
            activity=summed(self.activity, ("month", "tier")),
            rewards=summed(self.taken, ("month", "reward")),
            earned=self.earned(postings),
            reminders=counted(self.reminded, ("month", "kind"), "count"),
            notes={"observed_short": self.short},
        )

    def account(self, member: Member, wallet: str) -> Row:
        own = [posting for posting in member.postings if posting["wallet"] == wallet]
        return {
            "customer_id": member.customer,
            "wallet": wallet,
            "opening": 0,
            **flows(own),
            "closing": self.balance(member, wallet),
        }

    def customer(self, member: Member) -> Row:
        return {
            "customer_id": member.customer,
            "joined_on": member.joined_on,
            "orders": member.orders,
            "net_sales": member.net_sales,
            "tier": self.level_id(member),
            "top_tier": self.levels[member.top].id if self.levels else "",
            "first_reward_on": member.first_reward_on,
            "first_reward_orders": member.first_reward_orders,
            "first_redeemed_on": member.first_redeemed_on,
            "redemptions": member.redemptions,
            "value": member.value,
            "cost": member.cost,
        }

    def months(self, postings: list[Row]) -> list[Row]:
        found = []
        for month in months_of(self.period):
            for wallet in sorted(self.programme.wallets):
                own = [
                    posting
                    for posting in postings
                    if posting["wallet"] == wallet and month_of(posting["at"]) == month
                ]
                closing = self.closing[month, wallet]
                found.append({"month": month, "wallet": wallet, **flows(own), "closing": closing})
        return found

    def earned(self, postings: list[Row]) -> list[Row]:
        found: defaultdict = defaultdict(lambda: {"postings": 0, "points": 0})
        for posting in postings:
            if posting["kind"] == "earn":
                month = found[month_of(posting["at"]), posting["rule"], posting["wallet"]]
                month["postings"] += 1
                month["points"] += posting["points"]
                self.reminded[month_of(posting["at"]), "points_posted"] += 1
        return summed(found, ("month", "rule", "wallet"))


def first_of(months: int) -> dt.date:
    """Return the first day of a month counted from January of the year 0."""
    return dt.date(months // 12, months % 12 + 1, 1)


def months_of(period: tuple[dt.date, dt.date]) -> list[str]:
    day, found = period[0].replace(day=1), []
    while day <= period[1]:
        found.append(month_of(day))
        day = month_end(day) + DAY
    return found


def flows(postings: list[Row]) -> Row:
    """Return what was earned (net of returns), redeemed and expired; conversions move both."""

    def points(*kinds: str) -> int:
        return sum(posting["points"] for posting in postings if posting["kind"] in kinds)

    return {
        "earned": points("earn", "return", "convert_in"),
        "redeemed": -points("redeem", "convert_out"),
        "expired": -points("expire"),
    }


def counted(counts: Counter, keys: tuple[str, ...], name: str) -> list[Row]:
    rows = ({**dict(zip(keys, key, strict=True)), name: n} for key, n in counts.items() if n)
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def summed(sums: dict[tuple[str, ...], Row], keys: tuple[str, ...]) -> list[Row]:
    rows = ({**dict(zip(keys, key, strict=True)), **row} for key, row in sums.items())
    return sorted(rows, key=lambda row: [row[key] for key in keys])
