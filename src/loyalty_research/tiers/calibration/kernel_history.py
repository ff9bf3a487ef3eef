"""The ledger's state at the start of every week of purchases that really happened."""

from __future__ import annotations

from math import log
from typing import Any

from loyalty_research.engine.compiled import compiled, compiled_once
from loyalty_research.programmes.kernel import clear, next_due, take_row
from loyalty_research.programmes.kernel_codes import ERROR, MICROSECONDS, NONE, ORDER
from loyalty_research.programmes.kernel_state import Entries, Ints, Member, Records, Run
from loyalty_research.tiers.calibration.kernel_likelihood import (
    EACH,
    FALL,
    FAR,
    KEEP,
    LOG_SHARE,
    REWARD,
    RISE,
    VALUE,
    WEEKLY,
)
from loyalty_research.tiers.calibration.redemption import BINS, RICHEST
from loyalty_research.tiers.simulation.kernel_goals import goals_are_old, set_goals
from loyalty_research.tiers.simulation.kernel_ledger import (
    choose_policy,
    forget,
    in_reach,
    look,
    note_level,
    take_order,
)
from loyalty_research.tiers.simulation.kernel_records import NO_DAY, Assumed, Crowd, Design, Room
from loyalty_research.tiers.simulation.kernel_terms import on_change

_LEAST = 1e-6


@compiled_once
def observe_states(
    run: Run,
    past: Entries,
    members: Records,
    crowd: Crowd,
    design: Design,
    assumed: Assumed,
    room: Room,
    states: Any,
    orders: Ints,
    rewards: Ints,
    levels: Ints,
    able: Any,
) -> None:
    """Write what the covariates of each customer and week are made of.

    Parameters
    ----------
    run, past, members, crowd, design, assumed, room
        As of the simulator's loop; rates of 1, kappa of 1, nu of 0.
    states
        ``[customers, weeks, 9]``, columns as in :mod:`kernel_likelihood`; the last is not written.
    orders, rewards
        ``[customers, weeks]``: orders and redemptions of the week.
    levels
        ``[customers, weeks]``: level at the start of the week, NONE before joining.
    able
        ``[weeks, BINS, 2, COUNTS]``: orders that could redeem, see :mod:`redemption`.
    """
    for number in range(len(crowd.people)):
        member = members[number]
        clear(run)
        forget(room)
        member.number = number
        member.joined = NONE
        row = past.starts[number]
        while row < past.starts[number + 1]:  # what lies before the first week
            if past.rows[row].at // MICROSECONDS >= room.setup[0].day:
                break
            _take(run, member, past, row, design, assumed, room)
            row += 1
        due = 0
        for week in range(levels.shape[1]):
            day = room.setup[0].day + 7 * week
            levels[number, week] = NONE
            if member.joined != NONE:
                if due <= day:
                    look(run, member, room, day)
                    due = next_due(run, member)
                    on_change(run, member, crowd.people[number], design, assumed, room, day)
                elif goals_are_old(run, room, day):
                    set_goals(run, member, crowd.people[number], room, day)
                levels[number, week] = member.level
                _write(room, design, crowd, number, member, day, states[number, week])
            while row < past.starts[number + 1]:
                if past.rows[row].at // MICROSECONDS >= day + 7:
                    break
                before = member.redemptions
                richest, soon = _reach(run, member, past, row, design, room)
                _take(run, member, past, row, design, assumed, room)
                if richest >= 0.0:
                    took = member.redemptions > before
                    _count_able(able[week], min(richest, RICHEST), soon, took)
                orders[number, week] += past.rows[row].rank == ORDER and past.rows[row].net > 0
                rewards[number, week] += member.redemptions - before
                due = 0
                row += 1
        if run.counts[ERROR]:
            return


@compiled
def _reach(
    run: Run, member: Member, past: Entries, row: int, design: Design, room: Room
) -> tuple[float, bool]:
    """Return what a member could pay for with an order; below 0 for none, or where it is none."""
    if member.joined == NONE or past.rows[row].rank != ORDER or past.rows[row].net <= 0:
        return -1.0, False
    day = past.rows[row].at // MICROSECONDS
    look(run, member, room, day)
    return in_reach(run, member, design, day)


@compiled
def _count_able(able: Any, richest: float, soon: bool, took: bool) -> None:
    place = int(richest / RICHEST * (BINS - 1))
    able[place, int(soon), 0] += 1.0
    able[place, int(soon), 1] += took
    able[place, int(soon), 2] += richest


@compiled
def _take(
    run: Run, member: Member, past: Entries, row: int, design: Design, assumed: Assumed, room: Room
) -> None:
    day = past.rows[row].at // MICROSECONDS
    run.settings[0].joined = room.setup[0].joined
    if member.joined != NONE:
        look(run, member, room, day)
    if past.rows[row].rank == ORDER:
        choose_policy(run, member, design, assumed, room, 1.0, day)
        take_order(run, member, room, past, row)
    else:
        take_row(run, member, past, row)
        note_level(member, room)


@compiled
def _write(
    room: Room, design: Design, crowd: Crowd, number: int, member: Member, day: int, x: Any
) -> None:
    follow = room.follow[0]
    x[VALUE] = room.x[0]
    x[LOG_SHARE] = log(room.x[1]) if room.x[1] > _LEAST else -FAR
    x[RISE] = x[KEEP] = FAR
    if follow.pace > 0.0 and follow.rise_gap > 0.0:
        weeks = follow.rise_weeks
        if weeks == 0.0:
            weeks = (follow.rise_end - day + 1) / 7.0
        x[RISE] = log(follow.rise_gap / weeks / follow.pace)
    if follow.pace > 0.0 and follow.keep_gap > 0.0 and follow.keep_from <= day < follow.keep_end:
        x[KEEP] = log(follow.keep_gap / ((follow.keep_end - day) / 7.0) / follow.pace)
    x[REWARD] = FAR if follow.redeemed_on == NO_DAY else (day - follow.redeemed_on) / 7.0
    x[FALL] = FAR if follow.fell_on == NO_DAY else (day - follow.fell_on) / 7.0
    level = design.by_level[member.level]
    x[EACH] = level.each_value / crowd.people[number].mean
    x[WEEKLY] = level.week_value / crowd.people[number].mean
