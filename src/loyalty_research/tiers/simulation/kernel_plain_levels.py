"""The metric and the levels of one customer of a plain programme, and what is short of them."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel_codes import (
    E4,
    LIFETIME,
    NEVER,
    NONE,
    ORDERS,
    ROLLING,
    SPEND,
    VISITS,
)
from loyalty_research.programmes.kernel_state import Member, Records
from loyalty_research.tiers.simulation.kernel_goals import YEAR, pace_of_orders, rise_gap
from loyalty_research.tiers.simulation.kernel_plain_records import Plain
from loyalty_research.tiers.simulation.kernel_records import Follow, Person, Room


@inlined
def add_metric(member: Member, metric: Records, amount: int) -> None:
    """Add to the metric of today; what stands is the sum since joining, a row a day."""
    days = member.metric_days
    before = metric[days - 1].total if days else 0
    if days == 0 or metric[days - 1].day != member.today:
        metric[days].day = member.today
        days += 1
        member.metric_days = days
    metric[days - 1].total = before + amount


@inlined
def metric_from(member: Member, metric: Records, first: int) -> int:
    """Return the metric from a day up to now."""
    low, high = 0, member.metric_days
    if high == 0:
        return 0
    total = metric[high - 1].total
    while low < high:
        middle = (low + high) // 2
        if metric[middle].day < first:
            low = middle + 1
        else:
            high = middle
    return total - metric[low - 1].total if low else total


@inlined
def count_order(member: Member, plain: Plain, net: int) -> None:
    """Add an order to the metric."""
    kind = plain.rules[0].metric
    if kind == SPEND:
        add_metric(member, plain.metric, net)
    elif kind == ORDERS or (kind == VISITS and member.visit != member.today):
        add_metric(member, plain.metric, E4)
    member.visit = member.today


@inlined
def count_return(member: Member, plain: Plain, net: int) -> None:
    """Take a return off the metric."""
    kind = plain.rules[0].metric
    if kind == SPEND:
        add_metric(member, plain.metric, net)
    elif kind == ORDERS:
        add_metric(member, plain.metric, -E4)


@inlined
def give_level(member: Member, plain: Plain, level: int) -> None:
    """Let a level run from today; it may be the one that is held."""
    if level != member.level:
        member.level = level
        member.since = member.today
    member.until = NEVER
    if level > 0:
        member.until = plain.days[member.today - plain.rules[0].start].until


@inlined
def rise(member: Member, plain: Plain) -> None:
    """Give the highest level that is reached, if it is above the one held."""
    levels = plain.levels
    if member.level == len(levels) - 1:
        return
    first = plain.days[member.today - plain.rules[0].start].first
    metric = metric_from(member, plain.metric, first)
    for level in range(len(levels) - 1, member.level, -1):
        if levels[level].threshold != NONE and metric >= levels[level].threshold:
            give_level(member, plain, level)
            return


@inlined
def decide(member: Member, plain: Plain) -> None:
    """Decide at the start of a day on a level that has ended."""
    rules = plain.rules[0]
    if member.until == NEVER or member.until + rules.grace >= member.today:
        return
    if rules.window == ROLLING:
        first = plain.days[member.today - rules.start].back
    else:
        first = plain.days[member.until - rules.start].first
    metric = metric_from(member, plain.metric, first)
    level, requalify = member.level, plain.levels[member.level].requalify
    if requalify == NONE or metric < requalify:
        level = _landing(plain, level, metric)
    give_level(member, plain, level)


@inlined
def _landing(plain: Plain, held: int, metric: int) -> int:
    """Return the level below to which a member falls."""
    for level in range(held - 1, 0, -1):
        step = plain.levels[level]
        if step.landing and (plain.rules[0].soft_landing or metric >= step.requalify):
            return level
    return 0


@compiled
def set_goals(
    member: Member, follow: Follow, person: Person, plain: Plain, room: Room, day: int
) -> None:
    """Note gaps, ends and the own pace, in ten-thousandths of the metric."""
    follow.rise_gap = follow.keep_gap = 0.0
    if len(plain.levels) == 1:
        return
    rules = plain.rules[0]
    follow.pace = pace_of_orders(rules.metric, person)
    today = plain.days[day - rules.start]
    follow.rise_end = NEVER
    follow.rise_weeks = 0.0
    if rules.window == ROLLING:
        follow.rise_weeks = room.setup[0].metric_weeks
    elif rules.window == LIFETIME:
        follow.rise_weeks = YEAR
    else:
        follow.rise_end = today.end
    metric = metric_from(member, plain.metric, today.first)
    follow.rise_gap = rise_gap(plain.levels, member.level, metric, rules.window == ROLLING)
    requalify = plain.levels[member.level].requalify
    if member.until == NEVER or requalify == NONE:
        return
    follow.keep_end = member.until + rules.grace + 1
    if rules.window == ROLLING:
        follow.keep_from = plain.days[follow.keep_end - rules.start].back
    else:
        follow.keep_from = plain.days[member.until - rules.start].first
    follow.keep_gap = requalify - metric_from(member, plain.metric, follow.keep_from)
