"""What the simulator's loop reads and writes: arrays with named fields."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loyalty_research.programmes.kernel_state import Entries, Ints, Records

Floats = NDArray[np.float64]
Person = Any
"""A row of :data:`PERSON`."""
Follow = Any
"""A row of :data:`FOLLOW`."""

ALIVE, DROPOUT, ORDERS, TEMPLATE, REDEEM, JOIN, RESPONSE, PAST_REDEEM, SAMPLE, RATE = range(1, 11)
"""Purposes of random numbers."""
AS_IF, FRESH, CARRY = range(3)
"""Starts."""
BY_MODEL, ALWAYS, NEVER_REDEEM, RECORDED = range(4)
"""How points are redeemed."""
MOST_ORDERS = 100
"""Of a customer in a week."""
NO_DAY = -(10**9)
"""A day before all others: it has not happened."""
WEEK_COLUMNS = ("alive", "orders", "net", "reward", "redemptions")
"""Of the sums by week and level; money in ten-thousandths."""


def _record(**kinds: str) -> np.dtype[np.void]:
    return np.dtype(list(kinds.items()), align=True)


PERSON = _record(
    key="i8", rate="f8", z="f8", alive="f8", dropout="f8", mean="f8", member="i8", birthday="i8"
)
"""A customer: what the population says. ``dropout`` is a chance a week, ``mean`` net sales."""
CARRIED = _record(level="i8", points="i8")
"""What a member brings along from the present programme."""
RESPONSES = _record(
    kappa="f8", sigma_t="f8", tau_r="f8", tau_l="f8", theta_1="f8", sd="f8", psi="f8", window="i8",
    basket="f8", q0="f8", q1="f8", q2="f8", zeta="f8", j0="f8", j1="f8", d1="f8", d_v="f8",
    d_l="f8",
)  # fmt: skip
SETUP = _record(
    seed="i8", day="i8", weeks="i8", washout="i8", start="i8", redemption="i8", joined="i8",
    margin="f8", carry_wallet="i8", metric_weeks="f8", first_number="i8", emit="i8", emitted="i8",
)  # fmt: skip
"""``day``: first day; ``metric_weeks``: length of a rolling window."""
FOLLOW = _record(
    redeemed_on="i8", fell_on="i8", level="i8", rise_gap="f8", rise_end="i8", rise_weeks="f8",
    keep_gap="f8", keep_from="i8", keep_end="i8", pace="f8", carried="f8", rises="i8", joins="i8",
    due="i8", shift="f8", chance="f8", seq="i8", orders="i8", since="i8", until="i8",
)  # fmt: skip
"""What is kept of one customer beside the ledger; gaps and paces in ten-thousandths."""
PAID = _record(unit="f8", displaced="f8")
"""Cost and displaced margin of one redemption, in currency units; for ``percent`` and value-priced
ones the unit is NaN: the amount of the redemption counts."""
BY_LEVEL = _record(
    each_value="f8", week_value="f8", scarce="f8", each_cost="f8", week_cost="f8", rise_cost="f8",
    join_cost="f8",
)  # fmt: skip
OUT = _record(
    orders="i4", redemptions="i4", net="i8", margin="f8", reward="f8", displaced="f8",
    benefit="f8", left_week="i4", joined="i4", level_start="i4", level="i4", able="i4",
    washout_orders="i4",
)  # fmt: skip
"""A customer's totals; money discounted, in currency units, but ``net`` in ten-thousandths."""


class Crowd(NamedTuple):
    """Some customers: who they are and what their orders look like.

    ``past`` holds mean covariates under the present programme; ``starts`` marks the templates of
    each customer; ``moments`` are seconds since the week began; ``goods`` is the amount that a
    question's minimum looks at.
    """

    people: Records
    past: Floats
    carried: Records
    starts: Ints
    moments: Ints
    amounts: Ints
    answers: Ints
    goods: Ints


class Design(NamedTuple):
    """What a programme is worth and costs, beside its rules.

    ``asks`` has for each question its kind and minimum, ``on_day`` by day of the simulation whether
    its dates fit; ``open_price`` has the lowest price by level and wallet, ``worth`` what a point
    is worth there: a fixed amount, and a share of the own mean order.
    """

    by_level: Records
    prizes: Records
    asks: Ints
    on_day: Ints
    open_price: Ints
    worth: Floats


class Assumed(NamedTuple):
    """One set of responses: a row of :data:`RESPONSES`, and a coefficient for each term."""

    shape: Records
    theta: Floats
    pressing: Ints
    discount: Floats
    season: Floats


class Room(NamedTuple):
    """Room for one customer at a time."""

    setup: Records
    follow: Records
    x: Floats
    theta: Floats
    lifts: Floats
    anchor: Ints
    taken: Ints
    picked: Ints
    entry: Entries


class Totals(NamedTuple):
    """What comes out: a row a customer, points by wallet, sums by week and level, orders."""

    people: Records
    opening: Ints
    closing: Ints
    weeks: Ints
    orders: Ints


AMOUNT, ITEMS, HOLDS = range(3)
"""Kinds of questions: an amount of money, items, or whether something holds."""
