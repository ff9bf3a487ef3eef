"""The simulator's loop: one customer after another, week by week."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled, compiled_once, inlined
from loyalty_research.programmes.kernel import clear, close_month, move_to
from loyalty_research.programmes.kernel_codes import ERROR, NONE
from loyalty_research.programmes.kernel_state import Entries, Ints, Member, Records, Run
from loyalty_research.tiers.simulation.kernel_goals import goals_are_old, is_able, set_goals
from loyalty_research.tiers.simulation.kernel_ledger import (
    carry_over,
    forget,
    is_changed,
    live_past,
    look,
)
from loyalty_research.tiers.simulation.kernel_numbers import base_of, poisson, uniform
from loyalty_research.tiers.simulation.kernel_orders import buy, pick_orders
from loyalty_research.tiers.simulation.kernel_person import (
    begins_alive,
    leaves,
    mean_orders,
    multiples,
    set_responses,
)
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
from loyalty_research.tiers.simulation.kernel_terms import each_week, on_change


@compiled_once
def simulate_customers(
    run: Run,
    past: Entries,
    members: Records,
    crowd: Crowd,
    design: Design,
    assumed: Assumed,
    room: Room,
    totals: Totals,
) -> None:
    """Simulate customers one after another; stop where ``run.counts[ERROR]`` is set.

    Parameters
    ----------
    run, past, members
        As of the ledger's loop; ``past`` are the entries before the first day.
    crowd, design, assumed, room, totals
        See :mod:`loyalty_research.tiers.simulation.kernel_records`.
    """
    for number in range(len(crowd.people)):
        member = members[number]
        clear(run)
        forget(room)
        member.number = number
        member.joined = NONE
        base = base_of(room.setup[0].seed, crowd.people[number].key)
        _begin(run, member, past, crowd, number, design, assumed, room, totals, base)
        _live(run, member, crowd, number, design, assumed, room, totals, base)
        _end(run, member, number, totals)
        if run.counts[ERROR]:
            return


@compiled
def _begin(
    run: Run,
    member: Member,
    past: Entries,
    crowd: Crowd,
    number: int,
    design: Design,
    assumed: Assumed,
    room: Room,
    totals: Totals,
    base: Any,
) -> None:
    """Bring the ledger to the start of the first day."""
    person, setup = crowd.people[number], room.setup[0]
    if not person.member:
        return
    if setup.start == AS_IF:
        live_past(run, member, past, number, design, assumed, room, base)
        if member.joined != NONE:
            look(run, member, room, setup.day)
    elif setup.start == CARRY:
        carried = crowd.carried[number]
        carry_over(run, member, room, carried.level, carried.points, person.birthday)
    room.follow[0].rises = 0
    _write_accounts(run, totals.opening[number])


@compiled
def _live(
    run: Run,
    member: Member,
    crowd: Crowd,
    number: int,
    design: Design,
    assumed: Assumed,
    room: Room,
    totals: Totals,
    base: Any,
) -> None:
    """Go through the weeks until the customer leaves."""
    person, setup, out = crowd.people[number], room.setup[0], totals.people[number]
    off = set_responses(person, crowd.past[number], assumed, room, base)
    out.level_start = member.level if member.joined != NONE else NONE
    out.able = NONE
    if not begins_alive(person, base):
        out.left_week = -2
        return
    out.left_week = NONE
    for week in range(setup.weeks + setup.washout):
        day = setup.day + 7 * week
        m, m0 = 1.0, 1.0
        if member.joined != NONE:
            _observe(run, member, crowd, number, design, assumed, room, day)
            if week == 0:
                out.able = is_able(run, member, room)
            m, m0 = multiples(assumed, room, off, week >= setup.weeks)
        if leaves(person, assumed, room, week, base):
            out.left_week = week
            return
        count_week(len(run.levels), member, design, assumed, room, totals, number, week)
        mean = mean_orders(person, assumed, room, week, m, m0)
        count = poisson(mean, uniform(base, week, ORDERS, 0))
        if count == 0:
            continue
        factor = basket(assumed, m, m0)
        pick_orders(crowd, number, room, week, count, base)
        for place in range(count):
            buy(
                run, member, crowd, number, design, assumed, room, totals, week, place, factor, base
            )
        out.benefit += rise_cost(member, design, assumed, room, week)


@compiled
def _observe(
    run: Run,
    member: Member,
    crowd: Crowd,
    number: int,
    design: Design,
    assumed: Assumed,
    room: Room,
    day: int,
) -> None:
    """Set the covariates at the start of a week."""
    person = crowd.people[number]
    look(run, member, room, day)
    if is_changed(member, room.follow[0]):
        on_change(run, member, person, design, assumed, room, day)
    elif goals_are_old(run, room, day):
        set_goals(run, member, person, room, day)
    each_week(assumed, room, day)


@inlined
def count_week(
    levels: int,
    member: Member,
    design: Design,
    assumed: Assumed,
    room: Room,
    totals: Totals,
    number: int,
    week: int,
) -> None:
    """Count a week of a customer who is there, and what the level's benefits cost."""
    if member.joined == NONE:
        totals.weeks[week, levels, 0] += 1
        return
    totals.weeks[week, member.level, 0] += 1
    level = design.by_level[member.level]
    out = totals.people[number]
    out.benefit += assumed.discount[week] * level.week_cost
    out.benefit += rise_cost(member, design, assumed, room, week)


@inlined
def rise_cost(member: Member, design: Design, assumed: Assumed, room: Room, week: int) -> float:
    """Return what rises since the last look cost, and count them as paid."""
    rises = room.follow[0].rises
    room.follow[0].rises = 0
    if rises == 0 or member.joined == NONE:
        return 0.0
    return assumed.discount[week] * rises * design.by_level[member.level].rise_cost


@inlined
def basket(assumed: Assumed, m: float, m0: float) -> float:
    """Return by how much amounts are larger than those of the templates."""
    shape = assumed.shape[0]
    own = m0 + (1.0 - shape.psi) * (m - m0)
    return own**shape.basket if own > 1.0 and shape.basket > 0.0 else 1.0


@compiled
def _end(run: Run, member: Member, number: int, totals: Totals) -> None:
    """Move the ledger to its last day, and write down what is left."""
    out = totals.people[number]
    out.joined = member.joined != NONE
    out.level = NONE
    if member.joined == NONE:
        return
    move_to(run, member, run.settings[0].end)
    close_month(run, member)
    out.level = member.level
    _write_accounts(run, totals.closing[number])


@compiled
def _write_accounts(run: Run, accounts: Ints) -> None:
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        accounts[wallet, 0] = purse.earned
        accounts[wallet, 1] = purse.redeemed
        accounts[wallet, 2] = purse.expired
        accounts[wallet, 3] = purse.usable + purse.pending - purse.debt
