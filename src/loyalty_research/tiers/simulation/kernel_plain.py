"""The simulator's loop for plain programmes: the same weeks, with a ledger of its own."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled_once, inlined
from loyalty_research.programmes.kernel_codes import ERROR, NONE
from loyalty_research.programmes.kernel_state import Entries, Ints, Member, Records
from loyalty_research.tiers.simulation.kernel_ledger import forget
from loyalty_research.tiers.simulation.kernel_numbers import base_of, poisson, uniform
from loyalty_research.tiers.simulation.kernel_orders import pick_orders
from loyalty_research.tiers.simulation.kernel_person import (
    begins_alive,
    leaves,
    mean_orders,
    multiples,
    set_responses,
)
from loyalty_research.tiers.simulation.kernel_plain_ledger import (
    carry_over,
    live_past,
    look,
    move_to,
)
from loyalty_research.tiers.simulation.kernel_plain_orders import buy
from loyalty_research.tiers.simulation.kernel_plain_records import Plain, Purse
from loyalty_research.tiers.simulation.kernel_plain_terms import is_able, observe
from loyalty_research.tiers.simulation.kernel_records import (
    AS_IF,
    CARRY,
    ORDERS,
    Assumed,
    Crowd,
    Design,
    Room,
    Totals,
)
from loyalty_research.tiers.simulation.kernel_simulate import basket, count_week, rise_cost


@compiled_once
def simulate_plain(
    plain: Plain,
    past: Entries,
    members: Records,
    crowd: Crowd,
    design: Design,
    assumed: Assumed,
    room: Room,
    totals: Totals,
) -> None:
    """Simulate customers one after another; stop where ``plain.counts[ERROR]`` is set.

    Parameters
    ----------
    plain
        See :mod:`loyalty_research.tiers.simulation.kernel_plain_records`.
    past, members, crowd, design, assumed, room, totals
        As of :func:`simulate_customers`.
    """
    for number in range(len(crowd.people)):
        member, purse = members[number], plain.purse[0]
        forget(room)
        purse.usable = purse.head = purse.tail = 0
        purse.earned = purse.redeemed = purse.expired = 0
        member.joined = NONE
        base = base_of(room.setup[0].seed, crowd.people[number].key)
        _begin(member, purse, plain, past, crowd, number, assumed, room, base)
        if crowd.people[number].member:
            _write_account(purse, totals.opening, number)
        _live(member, purse, plain, crowd, number, design, assumed, room, totals, base)
        _end(member, purse, plain, number, totals)
        if plain.counts[ERROR]:
            return


@inlined
def _begin(
    member: Member, purse: Purse, plain: Plain, past: Entries, crowd: Crowd, number: int,
    assumed: Assumed, room: Room, base: Any,
) -> None:  # fmt: skip
    """Bring the ledger to the start of the first day."""
    setup, follow = room.setup[0], room.follow[0]
    if not crowd.people[number].member:
        return
    if setup.start == AS_IF:
        live_past(
            member, purse, follow, room.anchor, plain, past, number, assumed.shape,
            setup.redemption, setup.joined != 0, base,
        )  # fmt: skip
        if member.joined != NONE:
            look(member, purse, follow, room.anchor, plain, setup.day)
    elif setup.start == CARRY:
        carried = crowd.carried[number]
        points = carried.points if setup.carry_wallet != NONE else 0
        carry_over(member, purse, follow, plain, setup.day, carried.level, points)
    follow.rises = 0


@inlined
def _live(
    member: Member, purse: Purse, plain: Plain, crowd: Crowd, number: int, design: Design,
    assumed: Assumed, room: Room, totals: Totals, base: Any,
) -> None:  # fmt: skip
    """Go through the weeks until the customer leaves."""
    person, setup, out = crowd.people[number], room.setup[0], totals.people[number]
    levels = len(plain.levels)
    off = set_responses(person, crowd.past[number], assumed, room, base)
    out.level_start = member.level if member.joined != NONE else NONE
    out.able = NONE
    if not begins_alive(person, base):
        out.left_week = -2
        return
    out.left_week = NONE
    for week in range(setup.weeks + setup.washout):
        m, m0 = 1.0, 1.0
        if member.joined != NONE:
            observe(member, purse, plain, person, design, assumed, room, week)
            if week == 0:
                out.able = is_able(member, plain, room)
            m, m0 = multiples(assumed, room, off, week >= setup.weeks)
        if leaves(person, assumed, room, week, base):
            out.left_week = week
            return
        count_week(levels, member, design, assumed, room, totals, number, week)
        mean = mean_orders(person, assumed, room, week, m, m0)
        count = poisson(mean, uniform(base, week, ORDERS, 0))
        if count == 0:
            continue
        factor = basket(assumed, m, m0)
        pick_orders(crowd, number, room, week, count, base)
        for place in range(count):
            buy(
                member, purse, plain, crowd, number, design, assumed, room, totals, week, place,
                factor, base,
            )  # fmt: skip
        out.benefit += rise_cost(member, design, assumed, room, week)


@inlined
def _end(member: Member, purse: Purse, plain: Plain, number: int, totals: Totals) -> None:
    """Move the ledger to its last day, and write down what is left."""
    out = totals.people[number]
    out.joined = member.joined != NONE
    out.level = NONE
    if member.joined == NONE:
        return
    move_to(member, purse, plain, plain.rules[0].end)
    out.level = member.level
    _write_account(purse, totals.closing, number)


@inlined
def _write_account(purse: Purse, accounts: Ints, number: int) -> None:
    accounts[number, 0, 0] = purse.earned
    accounts[number, 0, 1] = purse.redeemed
    accounts[number, 0, 2] = purse.expired
    accounts[number, 0, 3] = purse.usable
