"""What a member is short of for the next level, and for keeping the one held."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
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
from loyalty_research.programmes.kernel_state import Member, Run
from loyalty_research.tiers.simulation.kernel_records import Person, Room

_YEAR = 52.0


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
    if metric == SPEND:
        return person.rate * person.mean * E4
    if metric != WALLET:
        return person.rate * E4
    if member.orders == 0 or member.metric_days == 0:
        return 0.0
    return person.rate * run.metric[member.metric_days - 1].total / member.orders


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
        follow.rise_weeks = _YEAR
    else:
        follow.rise_end = block_end(run, member.joined, day, 0)
    for level in range(member.level + 1, len(run.levels)):
        threshold = run.levels[level].threshold
        if threshold != NONE and threshold > metric:
            base = 0 if settings.window == ROLLING else metric
            follow.rise_gap = threshold - base
            return


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
    settings = run.settings[0]
    for level in range(member.level + 1, len(run.levels)):
        threshold = run.levels[level].threshold
        if threshold == NONE:
            continue
        weeks = _YEAR if settings.window == LIFETIME else room.setup[0].metric_weeks
        return 1 if 1.5 * room.follow[0].pace * weeks >= threshold else 0
    return 2
