"""What the short way reads: a plain programme as a row of rules, and tables by level and by day."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from loyalty_research.engine.compiled import compiled_once
from loyalty_research.programmes.kernel_codes import LIFETIME
from loyalty_research.programmes.kernel_days import (
    add_months,
    block_end,
    block_start,
    month_of,
    month_start,
)
from loyalty_research.programmes.kernel_levels import level_end
from loyalty_research.programmes.kernel_lots import last_day
from loyalty_research.programmes.kernel_state import Ints, Records, Run

Purse = Any
"""A row of the wallets: of the one wallet there is."""
Rules = Any
"""A row of :data:`RULES`."""


def _record(**kinds: str) -> np.dtype[np.void]:
    return np.dtype(list(kinds.items()), align=True)


RULES = _record(
    start="i8", end="i8", metric="i8", window="i8", grace="i8", soft_landing="i8", every="i8",
    whole="i8", rounding="i8", denominator="i8", takes_back="i8",
)  # fmt: skip
"""``start``: the day that the table of days begins with."""
LEVEL = _record(
    threshold="i8", requalify="i8", landing="i8", numerator="i8", price="i8", first="i8",
    after="i8", fixed="f8", share="f8",
)  # fmt: skip
"""``price``: of the cheapest reward open to the level; ``first`` and ``after``: its rows among the
rewards; ``fixed`` and ``share``: worth of a point."""
PRIZE = _record(number="i8", price="i8", kind="i8", value="i8", cost="i8", most="i8")
"""Rewards open to a level, those taken rather first."""
DAY = _record(last="i8", first="i8", end="i8", until="i8", back="i8", next_month="i8")
"""Of a day: last day of points earned on it, first and last day of its block, last day of a level
reached on it, the day a window before, first day of the next month."""


class Plain(NamedTuple):
    """A plain programme, and room for the lots and the metric of one customer.

    ``prize_prices`` are the prices in the order of the file; ``purse`` is the one wallet;
    ``counts`` holds errors as in the ledger's loop.
    """

    rules: Records
    levels: Records
    prizes: Records
    prize_prices: Ints
    days: Records
    purse: Records
    lots: Records
    metric: Records
    counts: Ints


@compiled_once
def fill_days(run: Run, members: Records, days: Records) -> None:
    """Let the ledger's own functions say what belongs to each day, from the first of the period."""
    member, settings = members[0], run.settings[0]
    for place in range(len(days)):
        day = settings.start + place
        member.today = day
        row = days[place]
        row.last = last_day(run, 0, day)
        row.end = block_end(run, 0, day, 0)
        row.first = 0 if settings.window == LIFETIME else block_start(run, 0, day)
        row.until = level_end(run, member, 1)
        row.back = add_months(run, day, -settings.window_months)
        row.next_month = month_start(run, month_of(run, day) + 1)
