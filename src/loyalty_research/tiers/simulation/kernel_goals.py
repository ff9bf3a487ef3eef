"""What a member is short of for the next level, and for keeping the one held."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel_codes import (
    E4,
    LIFETIME,
    NEVER,
    NONE,
    ROLLING,
    SPEND,
    WALLET,
    WHILE,
)
from loyalty_research.programmes.kernel_days import add_months, block_end, block_start
from loyalty_research.programmes.kernel_levels import metric_from
from loyalty_research.programmes.kernel_state import Member, Records, Run
from loyalty_research.tiers.simulation.kernel_records import Person, Room

YEAR = 52.0
"""Weeks within which a level for a lifetime is looked at."""


@compiled
def set_goals(run: Run, member: Member, person: Person, room: Room, day: int) -> None:
    """Note gaps, ends and the own pace, in ten-thousandths of the metric."""
    follow = room.follow[0]
    follow.rise_gap = follow.keep_gap = 0.0
    if len(run.levels) == 1:
        return
    follow.pace = own_pace(run, member, person)
    _set_rise(run, member, room, day)
    _set_keep(run, member, room)


@compiled
def own_pace(run: Run, member: Member, person: Person) -> float:
    """Return the metric per week that the base rate brings."""
    metric = run.settings[0].metric
    if metric != WALLET:
        return pace_of_orders(metric, person)
    if member.orders == 0 or member.metric_days == 0:
        return 0.0
    return person.rate * run.metric[member.metric_days - 1].total / member.orders


@inlined
def pace_of_orders(metric: int, person: Person) -> float:
    """Return the own pace where the metric comes from orders alone."""
    return person.rate * person.mean * E4 if metric == SPEND else person.rate * E4


@compiled
def goals_are_old(run: Run, room: Room, day: int) -> bool:
    """Tell whether the gap may have changed although the ledger did not.

    A rolling metric falls without an entry; that changes the next level only where a level that is
    reached waits for the end of a month.
    """
    settings = run.settings[0]
    if len(run.levels) == 1:
        return False
    return (settings.window == ROLLING and settings.period_end) or day > room.follow[0].rise_end


@compiled
def _set_rise(run: Run, member: Member, room: Room, day: int) -> None:
    follow, settings = room.follow[0], run.settings[0]
    metric = metric_from(run, member, block_start(run, member.joined, day))
    follow.rise_end = NEVER
    follow.rise_weeks = 0.0
    if settings.window == ROLLING:
        follow.rise_weeks = room.setup[0].metric_weeks
    elif settings.window == LIFETIME:
        follow.rise_weeks = YEAR
    else:
        follow.rise_end = block_end(run, member.joined, day, 0)
    follow.rise_gap = rise_gap(run.levels, member.level, metric, settings.window == ROLLING)


@inlined
def rise_gap(levels: Records, held: int, metric: int, rolling: Any) -> float:
    """Return what lacks to the lowest level above that the metric does not reach; 0 for none."""
    for level in range(held + 1, len(levels)):
        threshold = levels[level].threshold
        if threshold != NONE and threshold > metric:
            return float(threshold) if rolling else float(threshold - metric)
    return 0.0


@compiled
def _set_keep(run: Run, member: Member, room: Room) -> None:
    follow, settings = room.follow[0], run.settings[0]
    requalify = run.levels[member.level].requalify
    if member.until == NEVER or settings.validity == WHILE or requalify == NONE:
        return
    follow.keep_end = member.until + settings.grace + 1
    if settings.window == ROLLING:
        follow.keep_from = add_months(run, follow.keep_end, -settings.window_months)
    else:
        follow.keep_from = block_start(run, member.joined, member.until)
    follow.keep_gap = requalify - metric_from(run, member, follow.keep_from)


@compiled
def is_able(run: Run, member: Member, room: Room) -> int:
    """Tell whether one and a half times the own pace reaches the next level within a window.

    2 where there is no higher level that the metric reaches.
    """
    weeks = YEAR if run.settings[0].window == LIFETIME else room.setup[0].metric_weeks
    return able(run.levels, member.level, room.follow[0].pace, weeks)


@inlined
def able(levels: Records, held: int, pace: float, weeks: float) -> int:
    """Tell whether a pace reaches the next level in so many weeks, as :func:`is_able` does."""
    for level in range(held + 1, len(levels)):
        threshold = levels[level].threshold
        if threshold != NONE:
            return 1 if 1.5 * pace * weeks >= threshold else 0
    return 2
