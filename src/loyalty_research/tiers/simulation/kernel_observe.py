"""Covariates of purchases that really happened, week by week."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled, compiled_once
from loyalty_research.programmes.kernel import clear, take_row
from loyalty_research.programmes.kernel_codes import ERROR, MICROSECONDS, NONE, ORDER
from loyalty_research.programmes.kernel_state import Entries, Ints, Member, Records, Run
from loyalty_research.tiers.simulation.kernel_goals import goals_are_old, set_goals
from loyalty_research.tiers.simulation.kernel_ledger import (
    choose_policy,
    forget,
    is_changed,
    look,
    note,
    take_order,
)
from loyalty_research.tiers.simulation.kernel_numbers import base_of, uniform
from loyalty_research.tiers.simulation.kernel_records import (
    PAST_REDEEM,
    Assumed,
    Crowd,
    Design,
    Room,
)
from loyalty_research.tiers.simulation.kernel_terms import each_week, on_change


@compiled_once
def observe_customers(
    run: Run,
    past: Entries,
    members: Records,
    crowd: Crowd,
    design: Design,
    assumed: Assumed,
    room: Room,
    covariates: Any,
    orders: Ints,
    levels: Ints,
) -> None:
    """Write the covariates of each customer and week, and the orders that followed.

    Parameters
    ----------
    run, past, members, crowd, design, assumed, room
        As of :func:`simulate_customers`.
    covariates
        ``[customers, weeks, terms]``.
    orders, levels
        ``[customers, weeks]``: orders of the week; level at its start, NONE before joining.
    """
    for number in range(len(crowd.people)):
        member = members[number]
        clear(run)
        forget(room)
        member.number = number
        member.joined = NONE
        base = base_of(room.setup[0].seed, crowd.people[number].key)
        row, order = past.starts[number], 0
        for week in range(levels.shape[1]):
            day = room.setup[0].day + 7 * week
            row, order, moved = _take_until(
                run, member, past, number, row, order, day, design, assumed, room, base
            )
            if moved and week > 0:
                orders[number, week - 1] = moved - 1
            levels[number, week] = NONE
            if member.joined == NONE:
                continue
            look(run, member, room, day)
            if is_changed(member, room.follow[0]):
                on_change(run, member, crowd.people[number], design, assumed, room, day)
            elif goals_are_old(run, room, day):
                set_goals(run, member, crowd.people[number], room, day)
            each_week(assumed, room, day)
            levels[number, week] = member.level
            for k in range(covariates.shape[2]):
                covariates[number, week, k] = room.x[k]
        end = room.setup[0].day + 7 * levels.shape[1]
        row, order, moved = _take_until(
            run, member, past, number, row, order, end, design, assumed, room, base
        )
        if moved:
            orders[number, levels.shape[1] - 1] = moved - 1
        if run.counts[ERROR]:
            return


@compiled
def _take_until(
    run: Run,
    member: Member,
    past: Entries,
    number: int,
    row: int,
    order: int,
    end: int,
    design: Design,
    assumed: Assumed,
    room: Room,
    base: Any,
) -> tuple[int, int, int]:
    """Take entries before a day in; return the next, the orders so far, and 1 + those just taken.

    The last is 0 where there was no entry.
    """
    moved = 0
    run.settings[0].joined = room.setup[0].joined
    while row < past.starts[number + 1]:
        day = past.rows[row].at // MICROSECONDS
        if day >= end:
            break
        moved = max(moved, 1)
        if member.joined != NONE:
            look(run, member, room, day)
        if past.rows[row].rank == ORDER:
            u = uniform(base, 0, PAST_REDEEM, order)
            choose_policy(run, member, design, assumed, room, u, day)
            take_order(run, member, room, past, row)
            order += 1
            moved += past.rows[row].net > 0
        else:
            take_row(run, member, past, row)
            if member.joined != NONE:
                note(run, member, room)
        row += 1
    return row, order, moved
