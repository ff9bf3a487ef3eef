"""The ledger of one customer of a plain programme: days, entries, redemption."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel_codes import JOINING, MICROSECONDS, NEVER, NONE, ORDER
from loyalty_research.programmes.kernel_state import Entries, Ints, Member, Records
from loyalty_research.tiers.simulation.kernel_ledger import is_soon, note_move, redemption_chance
from loyalty_research.tiers.simulation.kernel_numbers import uniform
from loyalty_research.tiers.simulation.kernel_plain_levels import (
    count_order,
    count_return,
    decide,
    give_level,
    rise,
)
from loyalty_research.tiers.simulation.kernel_plain_points import (
    expire,
    first_last,
    points_for,
    receive,
    redeem,
    take,
)
from loyalty_research.tiers.simulation.kernel_plain_records import Plain, Purse
from loyalty_research.tiers.simulation.kernel_records import (
    ALWAYS,
    BY_MODEL,
    PAST_REDEEM,
    Follow,
)


@inlined
def next_due(member: Member, purse: Purse, plain: Plain) -> int:
    """Return the next day on which something happens without an entry."""
    rules = plain.rules[0]
    due = min(plain.days[member.today - rules.start].next_month, first_last(purse, plain.lots) + 1)
    if member.until != NEVER:
        due = min(due, member.until + rules.grace + 1)
    return max(due, member.today + 1)


@inlined
def move_to(member: Member, purse: Purse, plain: Plain, day: int) -> None:
    """Go through the days up to ``day`` on which something is due, and start that day."""
    while member.today < day:
        member.today = min(next_due(member, purse, plain), day)
        decide(member, plain)
        expire(member, purse, plain.lots)


@inlined
def note(member: Member, purse: Purse, follow: Follow, plain: Plain) -> None:
    """Note what an entry or a day changed: the level, and when something is due next."""
    note_move(member, follow)
    follow.due = next_due(member, purse, plain)


@inlined
def look(
    member: Member, purse: Purse, follow: Follow, anchor: Ints, plain: Plain, day: int
) -> None:
    """Bring a member's ledger to the start of a day; quickly where nothing is due before it."""
    if day < follow.due:
        member.today = max(member.today, day)
    else:
        _catch_up(member, purse, follow, anchor, plain, day)


@compiled
def _catch_up(
    member: Member, purse: Purse, follow: Follow, anchor: Ints, plain: Plain, day: int
) -> None:
    move_to(member, purse, plain, day)
    note(member, purse, follow, plain)
    anchor[0] = min(anchor[0], purse.usable)


@inlined
def join(member: Member, day: int) -> None:
    """Let a member begin on a day."""
    member.joined = member.today = member.since = day
    member.until = NEVER
    member.level = 0


@inlined
def carry_over(
    member: Member, purse: Purse, follow: Follow, plain: Plain, day: int, level: int, points: int
) -> None:
    """Let a member begin on the first day with the level and points that are brought along."""
    join(member, day)
    if level > 0:
        give_level(member, plain, level)
    if points > 0:
        receive(member, purse, plain, points)
    follow.level = member.level
    follow.due = next_due(member, purse, plain)


@inlined
def redeems(
    member: Member, purse: Purse, plain: Plain, how: int, shapes: Records, base: Any, week: int,
    purpose: int, number: int,
) -> bool:  # fmt: skip
    """Tell whether the order at hand redeems, if it can."""
    if how == ALWAYS:
        return True
    if how != BY_MODEL or member.joined == NONE:
        return False
    price = plain.levels[member.level].price
    if price == NONE or purse.usable < price:
        return False
    soon = is_soon(first_last(purse, plain.lots), member.today)
    chance = redemption_chance(shapes, purse.usable / price - 1.0, soon)
    return uniform(base, week, purpose, number) < chance


@compiled
def take_order(
    member: Member, purse: Purse, follow: Follow, anchor: Ints, plain: Plain, net: int, basis: int,
    own: bool, redeeming: bool,
) -> tuple[int, int]:  # fmt: skip
    """Take an order in; return the number of the reward taken, or NONE, and how many of it."""
    member.orders += 1
    prize, steps = NONE, 0
    if redeeming:
        prize, steps = redeem(member, purse, plain, net)
    points = points_for(member, plain, basis) if basis > 0 else 0
    if points > 0:
        receive(member, purse, plain, points)
    if own:
        count_order(member, plain, net)
    rise(member, plain)
    note(member, purse, follow, plain)
    if prize != NONE:
        anchor[0] = purse.usable
        follow.redeemed_on = member.today
    return prize, steps


@compiled
def _take_return(
    member: Member, purse: Purse, plain: Plain, net: int, basis: int, own: bool
) -> None:
    points = points_for(member, plain, basis) if basis > 0 else 0
    taken = min(points, purse.usable) if plain.rules[0].takes_back else 0
    if taken > 0:
        take(purse, plain.lots, taken)
        purse.earned -= taken
        member.seq += 1
    if own:
        count_return(member, plain, net)


@compiled
def live_past(
    member: Member, purse: Purse, follow: Follow, anchor: Ints, plain: Plain, past: Entries,
    number: int, shapes: Records, how: int, by_table: bool, base: Any,
) -> None:  # fmt: skip
    """Replay a customer's past under the design."""
    order = -1
    for row in range(past.starts[number], past.starts[number + 1]):
        entry = past.rows[row]
        day = entry.at // MICROSECONDS
        order += entry.rank == ORDER
        if member.joined != NONE:
            look(member, purse, follow, anchor, plain, day)
        elif entry.rank == JOINING:
            join(member, day)
            note(member, purse, follow, plain)
            continue
        elif by_table or (entry.rank == ORDER and entry.net < 0):
            continue
        own = entry.partner == 0
        if entry.rank == ORDER and entry.net > 0:
            redeeming = redeems(member, purse, plain, how, shapes, base, 0, PAST_REDEEM, order)
            if member.joined == NONE:
                join(member, day)
            take_order(
                member, purse, follow, anchor, plain, entry.net, past.asked[row, 0], own, redeeming
            )
            continue
        if member.joined == NONE:
            join(member, day)
        if entry.rank == ORDER:
            _take_return(member, purse, plain, entry.net, past.asked[row, 0], own)
        else:
            rise(member, plain)
        note(member, purse, follow, plain)
