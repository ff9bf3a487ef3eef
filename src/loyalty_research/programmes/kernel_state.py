"""What the ledger's loop reads and writes: arrays of whole numbers with named fields."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loyalty_research.programmes.kernel_codes import COUNTS, PARTS

Ints = NDArray[np.int64]
Records = NDArray[np.void]


def _record(*names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names], align=True)


SETTINGS = _record(
    "first_day", "first_month", "start", "end", "first_period_month", "week_start", "joined",
    "metric", "metric_wallet", "window", "window_months", "period_end", "validity", "windows",
    "validity_months", "soft_landing", "grace", "paid", "policy", "target", "observed_wallet",
    "emit",
)  # fmt: skip
RULE = _record(
    "on", "visit", "whole", "rounding", "every", "column", "cap_per_order", "cap", "cap_per",
    "streak", "pending_days", "birthday", "pays_from", "pays_to",
)  # fmt: skip
PAY = _record("wallet", "denominator", "e4")
POCKET = _record("expiry", "months", "days", "returns", "cheapest", "e4")
STEP = _record("threshold", "requalify", "landing", "for_life")
SWAP = _record("source", "target", "take", "give", "at")
PRIZE = _record(
    "wallet", "price", "points", "kind", "value", "percent", "cost", "most", "limit", "per",
    "column", "birthday",
)  # fmt: skip
PURSE = _record(
    "usable", "pending", "debt", "head", "tail", "ripe", "next_use", "oldest",
    "earned", "redeemed", "expired",
)  # fmt: skip
LOT = _record("last", "use", "points", "earned")
RULE_USE = _record("spell", "used", "visit", "streak_day", "streak")
PRIZE_USE = _record("spell", "used")
MEMBER = _record(
    "number", "part", "birthday", "joined", "today", "now", "seq", "touched",
    "level", "floor", "top", "since", "until", "orders", "net", "active_on", "visit",
    "metric_days", "first_reward", "first_orders", "first_redeemed", "redemptions", "value",
    "cost", "cost_unknown",
)  # fmt: skip


class Plan(NamedTuple):
    """A programme as numbers: a row each of rules, payments, wallets, levels and so on.

    ``fits`` and ``reward_fits`` say by level whether a rule applies, ``numerators`` what a payment
    gives (points × 10^decimals, over its denominator), ``spared`` whether points do not expire.
    ``grants`` is the level an event gives, by the event's number.
    """

    settings: Records
    rules: Records
    fits: Ints
    pays: Records
    numerators: Ints
    wallets: Records
    spared: Ints
    levels: Records
    grants: Ints
    swaps: Records
    prizes: Records
    prize_fits: Ints
    month: Ints
    day_of_month: Ints
    month_starts: Ints


class Entries(NamedTuple):
    """Entries of whole customers: ``starts`` marks where each customer begins, and the end.

    ``asked`` has a column for every distinct question a rule puts to an entry.
    """

    starts: Ints
    parts: Ints
    at: Ints
    rank: Ints
    event: Ints
    net: Ints
    partner: Ints
    used: Ints
    birthday: Ints
    asked: Ints


class Book(NamedTuple):
    """Totals over customers, by month; ``postings`` is filled where they are asked for."""

    counts: Ints
    wallet_months: Ints
    pay_months: Ints
    moves: Ints
    activity: Ints
    taken: Ints
    reminded: Ints
    entered: Ints
    left_by_age: Ints
    postings: Ints


class Work(NamedTuple):
    """State of the one customer at hand, made anew for each."""

    purses: Records
    lots: Records
    rule_use: Records
    prize_use: Records
    metric_day: Ints
    metric_sum: Ints
    standing: Ints


def months_of(plan: Plan) -> int:
    """Return the number of months of the period."""
    settings = plan.settings[0]
    last = plan.month[settings["end"] - settings["first_day"]]
    return int(last - settings["first_period_month"] + 1)


def new_book(plan: Plan, postings: int = 0) -> Book:
    """Return empty totals, with room for so many postings."""
    months, wallets, levels = months_of(plan), len(plan.wallets), len(plan.levels)

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    return Book(
        counts=zeros(COUNTS),
        wallet_months=zeros(months, wallets, 3),
        pay_months=zeros(months, len(plan.pays), 2),
        moves=zeros(months, levels + 1, levels),
        activity=zeros(months, levels, 4),
        taken=zeros(months, len(plan.prizes) + 1, 5),
        reminded=zeros(months, 4),
        entered=zeros(wallets, PARTS, months),
        left_by_age=zeros(2, wallets, PARTS, months, months),
        postings=zeros(postings, 8),
    )


def new_work(plan: Plan) -> Work:
    """Return room for one customer: a lot for every day of the period and waiting time."""
    settings = plan.settings[0]
    days = int(settings["end"] - settings["start"]) + 2
    waits = len(set(plan.rules["pending_days"].tolist()) | {0})
    wallets = len(plan.wallets)
    return Work(
        purses=np.zeros(wallets, dtype=PURSE),
        lots=np.zeros((wallets, days * (waits + 1) + 1), dtype=LOT),
        rule_use=np.zeros(len(plan.rules), dtype=RULE_USE),
        prize_use=np.zeros(len(plan.prizes), dtype=PRIZE_USE),
        metric_day=np.zeros(days, dtype=np.int64),
        metric_sum=np.zeros(days, dtype=np.int64),
        standing=np.zeros((wallets, months_of(plan)), dtype=np.int64),
    )
