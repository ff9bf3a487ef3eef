"""What the ledger's loop reads and writes: arrays of whole numbers with named fields."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loyalty_research.programmes.kernel_codes import COUNTS, PARTS, REMINDERS

Ints = NDArray[np.int64]
Records = NDArray[np.void]
Member = Any
"""A row of :data:`MEMBER`."""


def _record(*names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names], align=True)


SETTINGS = _record(
    "first_day", "first_month", "start", "end", "first_period_month", "week_start", "joined",
    "metric", "metric_wallet", "window", "window_months", "period_end", "validity", "windows",
    "validity_months", "soft_landing", "grace", "paid", "policy", "target", "observed_wallet",
    "row_pays", "row_wallets", "row_prizes",
    "at_pays", "at_moves", "at_activity", "at_taken", "at_reminded", "emit",
)  # fmt: skip
RULE = _record(
    "on", "visit", "whole", "rounding", "every", "column", "cap_per_order", "cap", "cap_per",
    "streak", "pending_days", "birthday", "pays_from", "pays_to",
    "spell", "used", "visited", "streak_day", "streak_count",
)  # fmt: skip
"""A rule that earns; the last line is the state of the customer at hand."""
PAY = _record("wallet", "denominator", "e4")
"""A wallet that a rule pays into."""
WALLET = _record(
    "expiry", "months", "days", "returns", "cheapest", "e4",
    "usable", "pending", "debt", "head", "tail", "ripe", "next_use", "oldest",
    "earned", "redeemed", "expired",
)  # fmt: skip
"""A wallet; from ``usable`` on the state of the customer at hand."""
LEVEL = _record("threshold", "requalify", "landing", "for_life")
SWAP = _record("source", "target", "take", "give", "at")
PRIZE = _record(
    "wallet", "price", "points", "kind", "value", "percent", "cost", "most", "limit", "per",
    "column", "birthday", "spell", "used",
)  # fmt: skip
"""A reward; the last two are the state of the customer at hand."""
CALENDAR_DAY = _record("month", "of_month")
LOT = _record("last", "use", "points", "earned")
METRIC_DAY = _record("day", "total")
ENTRY = _record("at", "rank", "event", "net", "partner", "used", "birthday")
MEMBER = _record(
    "number", "part", "birthday", "joined", "today", "now", "seq", "touched",
    "level", "floor", "top", "since", "until", "orders", "net", "active_on", "visit",
    "metric_days", "first_reward", "first_orders", "first_redeemed", "redemptions", "value",
    "cost", "cost_unknown",
)  # fmt: skip


class Plan(NamedTuple):
    """A programme as numbers: a row each of rules, payments, wallets, levels and so on.

    ``by_level`` has a column for every level and four kinds of rows: whether a rule applies; what a
    payment gives (points × 10^decimals, over its denominator); whether a wallet's points are spared
    from expiring; whether a reward can be had. ``grants`` is the level an event gives, by the
    event's number.
    """

    settings: Records
    rules: Records
    pays: Records
    wallets: Records
    levels: Records
    grants: Ints
    swaps: Records
    prizes: Records
    by_level: Ints
    days: Records
    month_starts: Ints


class Entries(NamedTuple):
    """Entries of whole customers: ``starts`` marks where each customer begins, and the end.

    ``parts`` is a random part of the customers for each; ``rows`` are of :data:`ENTRY`; ``asked``
    has a column for every distinct question a rule puts to an entry.
    """

    starts: Ints
    parts: Ints
    rows: Records
    asked: Ints


class Run(NamedTuple):
    """A plan, room for the state of one customer, and totals over all.

    ``lots`` by wallet, ``metric`` by day, ``standing`` (points by wallet and month of earning)
    belong to the customer at hand. ``months`` has a row a month, and columns for flows of wallets
    (3 each), then at ``settings.at_...`` payments (2), moves, activity (4 a level), rewards (5) and
    reminders. ``run_off`` has a row for every wallet, part of the customers and month of earning:
    points earned, then redeemed and expired by age.
    """

    settings: Records
    rules: Records
    pays: Records
    wallets: Records
    levels: Records
    grants: Ints
    swaps: Records
    prizes: Records
    by_level: Ints
    days: Records
    month_starts: Ints
    lots: Records
    metric: Records
    standing: Ints
    counts: Ints
    months: Ints
    run_off: Ints
    postings: Ints


class Book(NamedTuple):
    """Totals over customers by month, each with the shape of what it counts."""

    counts: Ints
    wallet_months: Ints
    pay_months: Ints
    moves: Ints
    activity: Ints
    taken: Ints
    reminded: Ints
    entered: Ints
    left_by_age: Ints


def months_of(plan: Plan | Run) -> int:
    """Return the number of months of the period."""
    settings = plan.settings[0]
    last = plan.days[settings["end"] - settings["first_day"]]["month"]
    return int(last - settings["first_period_month"] + 1)


def new_run(plan: Plan, *, postings: int = 0) -> Run:
    """Return a plan with empty totals, and room for so many postings where they are wanted."""
    days = int(plan.settings[0]["end"] - plan.settings[0]["start"]) + 2
    waits = len(set(plan.rules["pending_days"].tolist()) | {0})
    months, wallets, levels = months_of(plan), len(plan.wallets), len(plan.levels)
    own = plan._asdict() | {
        name: getattr(plan, name).copy() for name in ("settings", "rules", "wallets", "prizes")
    }
    widths = {
        "pays": 2 * len(plan.pays),
        "moves": (levels + 1) * levels,
        "activity": 4 * levels,
        "taken": 5 * (len(plan.prizes) + 1),
        "reminded": len(REMINDERS),
    }
    width = 3 * wallets
    for name, more in widths.items():
        own["settings"][f"at_{name}"] = width
        width += more
    own["settings"]["emit"] = postings > 0
    return Run(
        **own,
        lots=np.zeros((wallets, days * (waits + 1) + 1), dtype=LOT),
        metric=np.zeros(days, dtype=METRIC_DAY),
        standing=np.zeros((wallets, months), dtype=np.int64),
        counts=np.zeros(COUNTS, dtype=np.int64),
        months=np.zeros((months, width), dtype=np.int64),
        run_off=np.zeros((wallets * PARTS * months, 1 + 2 * months), dtype=np.int64),
        postings=np.zeros((postings, 8), dtype=np.int64),
    )


def book_of(run: Run) -> Book:
    """Return the totals of a run in the shape of what they count."""
    settings = run.settings[0]
    months, wallets, levels = len(run.months), len(run.wallets), len(run.levels)

    def part(name: str, *shape: int) -> Ints:
        first = int(settings[f"at_{name}"])
        return run.months[:, first : first + int(np.prod(shape))].reshape(months, *shape)

    run_off = run.run_off.reshape(wallets, PARTS, months, 1 + 2 * months)
    return Book(
        counts=run.counts,
        wallet_months=run.months[:, : 3 * wallets].reshape(months, wallets, 3),
        pay_months=part("pays", len(run.pays), 2),
        moves=part("moves", levels + 1, levels),
        activity=part("activity", levels, 4),
        taken=part("taken", len(run.prizes) + 1, 5),
        reminded=part("reminded", len(REMINDERS)),
        entered=run_off[..., 0],
        left_by_age=np.stack([run_off[..., 1::2], run_off[..., 2::2]]),
    )
