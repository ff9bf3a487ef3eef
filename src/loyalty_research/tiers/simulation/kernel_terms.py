"""The terms of the response: what a member's state at the start of a week is worth, as numbers.

A term is a function here, a line in :func:`on_change` (what changes with the ledger only) or
:func:`each_week`, and a row of ``terms.TERMS``. docs/simulator.md has the formulas.
"""

from __future__ import annotations

import math

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel_codes import NONE
from loyalty_research.programmes.kernel_state import Member, Run
from loyalty_research.tiers.simulation.kernel_goals import set_goals
from loyalty_research.tiers.simulation.kernel_records import (
    NO_DAY,
    Assumed,
    Design,
    Follow,
    Person,
    Room,
)

_MOST = 0.25
_ORDERS = 5


@compiled
def on_change(
    run: Run, member: Member, person: Person, design: Design, assumed: Assumed, room: Room, day: int
) -> None:
    """Set the terms that stay as they are until the ledger moves, and the goals."""
    room.x[0] = value(run, member, person, design)
    room.x[1] = points(run, member, room, assumed)
    room.x[5] = benefit(member, person, design)
    set_goals(run, member, person, room, day)


@compiled
def each_week(assumed: Assumed, room: Room, day: int) -> None:
    """Set the terms that change with time alone."""
    follow = room.follow[0]
    room.x[2] = tier(follow, assumed.shape[0].sigma_t, day)
    room.x[3] = fading(follow.redeemed_on, assumed.shape[0].tau_r, day)
    room.x[4] = -fading(follow.fell_on, assumed.shape[0].tau_l, day)


@compiled
def value(run: Run, member: Member, person: Person, design: Design) -> float:
    """Return the worth of points kept so far, per unit of spend."""
    worth = 0.0
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        fixed, share = design.worth[member.level, wallet, 0], design.worth[member.level, wallet, 1]
        worth += worth_of(fixed, share, person.mean, purse.earned - purse.expired)
    return value_of(worth, person.mean, member.orders)


@inlined
def worth_of(fixed: float, share: float, mean: float, kept: int) -> float:
    """Return what points of a wallet are worth."""
    return max(fixed, share * mean) * kept


@inlined
def value_of(worth: float, mean: float, orders: int) -> float:
    """Return a worth per unit of spend."""
    return min(max(worth / (mean * max(orders, _ORDERS)), 0.0), _MOST)


@compiled
def points(run: Run, member: Member, room: Room, assumed: Assumed) -> float:
    """Return the covered share of the original distance to the next reward, to the power kappa."""
    most = 0.0
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        held = purse.usable + purse.pending
        anchor = room.anchor[wallet]
        if held <= anchor:
            continue
        price = _next_price(run, member, wallet, anchor)
        if price != NONE:
            most = max(most, covered(held, anchor, price))
    return pressing(most, assumed.shape[0].kappa)


@inlined
def covered(held: int, anchor: int, price: int) -> float:
    """Return the covered share of the distance from the anchor to a price."""
    return min((held - anchor) / (price - anchor), 1.0)


@inlined
def pressing(share: float, kappa: float) -> float:
    """Return how much a covered share presses."""
    return share**kappa if share > 0.0 else 0.0


@compiled
def _next_price(run: Run, member: Member, wallet: int, above: int) -> int:
    """Return the lowest price above a number of points among rewards open to the level."""
    lowest = NONE
    for number in range(len(run.prizes)):
        prize = run.prizes[number]
        if prize.wallet != wallet or prize.price <= above:
            continue
        if not run.by_level[run.settings[0].row_prizes + number, member.level]:
            continue
        if lowest == NONE or prize.price < lowest:
            lowest = prize.price
    return lowest


@inlined
def tier(follow: Follow, sigma: float, day: int) -> float:
    """Return how close the pace needed for a level is to one's own."""
    if follow.pace <= 0.0:
        return 0.0
    least = math.inf
    if follow.rise_gap > 0.0:
        weeks = follow.rise_weeks
        if weeks == 0.0:
            weeks = (follow.rise_end - day + 1) / 7.0
        least = abs(math.log(follow.rise_gap / weeks / follow.pace))
    if follow.keep_gap > 0.0 and follow.keep_from <= day < follow.keep_end:
        needed = follow.keep_gap / ((follow.keep_end - day) / 7.0)
        least = min(least, abs(math.log(needed / follow.pace)))
    return math.exp(-0.5 * (least / sigma) ** 2) if least < math.inf else 0.0


@inlined
def fading(since: int, weeks: float, day: int) -> float:
    """Return what is left of something that happened once; 0 where it never did."""
    if since == NO_DAY:
        return 0.0
    return math.exp(-(day - since) / 7.0 / weeks)


@inlined
def benefit(member: Member, person: Person, design: Design) -> float:
    """Return the perceived value of the level's benefits, per unit of spend."""
    level = design.by_level[member.level]
    if level.each_value == 0.0 and level.week_value == 0.0:
        return 0.0
    worth = (level.each_value + level.week_value / person.rate) / person.mean
    return min(worth * level.scarce, _MOST)
