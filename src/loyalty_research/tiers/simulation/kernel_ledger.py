"""One customer's ledger, moved on by the simulator, and what is kept beside it."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel import move_to, next_due, take_row
from loyalty_research.programmes.kernel_books import tally
from loyalty_research.programmes.kernel_codes import (
    AT_ONCE,
    CONVERT_IN,
    MICROSECONDS,
    NEVER,
    NOBODY,
    NONE,
    OBSERVED,
    ORDER,
)
from loyalty_research.programmes.kernel_levels import give_level
from loyalty_research.programmes.kernel_lots import first_last, receive, spares
from loyalty_research.programmes.kernel_state import Entries, Member, Records, Run
from loyalty_research.tiers.simulation.kernel_numbers import logistic, uniform
from loyalty_research.tiers.simulation.kernel_records import (
    ALWAYS,
    BY_MODEL,
    NO_DAY,
    PAST_REDEEM,
    RECORDED,
    Assumed,
    Design,
    Follow,
    Room,
)

_SOON = 28
_RICHEST = 5.0


@compiled
def forget(room: Room) -> None:
    """Begin with a customer of whom nothing is known."""
    follow = room.follow[0]
    follow.redeemed_on = follow.fell_on = NO_DAY
    follow.level = follow.due = 0
    follow.rise_gap = follow.keep_gap = follow.pace = follow.carried = 0.0
    follow.rise_end = follow.keep_from = follow.keep_end = 0
    follow.rise_weeks = 0.0
    follow.rises = follow.joins = 0
    follow.seq = follow.orders = follow.since = follow.until = NONE
    room.anchor[:] = 0
    room.lifts[:] = 0.0
    room.x[:] = 0.0


@compiled
def look(run: Run, member: Member, room: Room, day: int) -> None:
    """Bring a member's ledger to the start of a day; quickly where nothing is due before it."""
    if day < room.follow[0].due:
        if day > member.today:
            member.today = day
            member.now = day * MICROSECONDS
        return
    move_to(run, member, day)
    note(run, member, room)
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        room.anchor[wallet] = min(room.anchor[wallet], purse.usable + purse.pending)


@compiled
def note(run: Run, member: Member, room: Room) -> None:
    """Note what an entry or a day changed: the level, and when something is due next."""
    note_level(member, room)
    room.follow[0].due = next_due(run, member)


@inlined
def note_level(member: Member, room: Room) -> None:
    """Note rises, and since when a lower level is held."""
    note_move(member, room.follow[0])


@inlined
def note_move(member: Member, follow: Follow) -> None:
    """Note a level that is not the one at the look before."""
    if member.level < follow.level:
        follow.fell_on = member.since
    elif member.level > follow.level:
        follow.rises += 1
    follow.level = member.level


@inlined
def is_changed(member: Member, follow: Follow) -> bool:
    """Tell whether points, orders or the level changed since this was last asked."""
    same = follow.seq == member.seq and follow.orders == member.orders
    same = same and follow.since == member.since and follow.until == member.until
    follow.seq, follow.orders = member.seq, member.orders
    follow.since, follow.until = member.since, member.until
    return not same


@compiled
def choose_policy(
    run: Run, member: Member, design: Design, assumed: Assumed, room: Room, u: float, day: int
) -> None:
    """Set whether the order at hand redeems."""
    how = room.setup[0].redemption
    if how == ALWAYS:
        run.settings[0].policy = AT_ONCE
        return
    if how == RECORDED:
        run.settings[0].policy = OBSERVED
        return
    run.settings[0].policy = NOBODY
    if how != BY_MODEL or member.joined == NONE:
        return
    richest, soon = in_reach(run, member, design, day)
    if richest >= 0.0 and u < redemption_chance(assumed.shape, richest, soon):
        run.settings[0].policy = AT_ONCE


@compiled
def in_reach(run: Run, member: Member, design: Design, day: int) -> tuple[float, bool]:
    """Return points over the lowest price, less 1, and whether they expire soon.

    Of the wallet with the most; below 0 where no reward can be paid for.
    """
    richest, soon = -1.0, False
    for wallet in range(len(run.wallets)):
        price = design.open_price[member.level, wallet]
        usable = run.wallets[wallet].usable
        if price == NONE or usable < price:
            continue
        richest = max(richest, usable / price - 1.0)
        if not spares(run, member, wallet) and is_soon(first_last(run, member, wallet), day):
            soon = True
    return richest, soon


@inlined
def is_soon(last: int, day: int) -> bool:
    """Tell whether points expire soon after a day."""
    return last <= day + _SOON


@inlined
def redemption_chance(shapes: Records, richest: float, soon: bool) -> float:
    """Return how likely an order redeems that can."""
    shape = shapes[0]
    return logistic(shape.q0 + shape.q1 * min(richest, _RICHEST) + (shape.q2 if soon else 0.0))


@compiled
def take_order(run: Run, member: Member, room: Room, entries: Entries, row: int) -> int:
    """Let the ledger take an order; return the number of the reward taken, or NONE.

    ``room.taken`` holds, at that number, the redemptions of the month before the order.
    """
    redeems = run.settings[0].policy != NOBODY and member.joined != NONE
    before = member.redemptions
    if redeems:
        _count_taken(run, member, room)
    take_row(run, member, entries, row)
    if member.joined != NONE:
        note(run, member, room)
    if member.redemptions == before:
        return NONE
    number = _prize_taken(run, member, room)
    wallet = run.settings[0].observed_wallet
    if number < len(run.prizes):
        wallet = run.prizes[number].wallet
    room.anchor[wallet] = run.wallets[wallet].usable + run.wallets[wallet].pending
    room.follow[0].redeemed_on = member.today
    return number


@compiled
def _taken(run: Run, member: Member, number: int) -> int:
    settings = run.settings[0]
    month = run.days[member.today - settings.first_day].month - settings.first_period_month
    return run.months[month, settings.at_taken + 5 * number]


@compiled
def _count_taken(run: Run, member: Member, room: Room) -> None:
    for number in range(len(run.prizes) + 1):
        room.taken[number] = _taken(run, member, number)


@compiled
def _prize_taken(run: Run, member: Member, room: Room) -> int:
    for number in range(len(run.prizes)):
        if _taken(run, member, number) != room.taken[number]:
            return number
    return len(run.prizes)


@compiled
def live_past(
    run: Run,
    member: Member,
    past: Entries,
    number: int,
    design: Design,
    assumed: Assumed,
    room: Room,
    base: Any,
) -> None:
    """Replay a customer's past under the design."""
    run.settings[0].joined = room.setup[0].joined
    order = 0
    for row in range(past.starts[number], past.starts[number + 1]):
        day = past.rows[row].at // MICROSECONDS
        if member.joined != NONE:
            look(run, member, room, day)
        if past.rows[row].rank == ORDER:
            u = uniform(base, 0, PAST_REDEEM, order)
            choose_policy(run, member, design, assumed, room, u, day)
            take_order(run, member, room, past, row)
            order += 1
        else:
            take_row(run, member, past, row)
            if member.joined != NONE:
                note(run, member, room)
    run.settings[0].joined = 0


@compiled
def carry_over(
    run: Run, member: Member, room: Room, level: int, points: int, birthday: int
) -> None:
    """Let a member begin on the first day with the level and points that are brought along."""
    setup = room.setup[0]
    member.joined = member.today = member.active_on = member.since = member.touched = setup.day
    member.now = setup.day * MICROSECONDS
    member.until = NEVER
    member.birthday = birthday
    member.level = member.floor = member.top = run.settings[0].paid
    tally(run, member, run.settings[0].at_moves + member.level, 1)
    if level > member.level:
        give_level(run, member, level)
    if points > 0 and setup.carry_wallet != NONE:
        receive(run, member, setup.carry_wallet, CONVERT_IN, 0, points, 0)
    room.follow[0].level = member.level
    room.follow[0].due = next_due(run, member)
